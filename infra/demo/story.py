"""One case walked through its whole life: opened, screened, handed on, asked about, resolved, reopened, confirmed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hub.people.actions import Reporter
from hub.reference import cities
from hub.sla.levels import ClockKind
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.keys import case_by_pin
from hub.tickets.models import Ticket
from hub.tickets.numbers import grouped
from hub.vocabulary import Channel
from infra.demo.case_printing import CaseTelling
from infra.demo.printing import Telling, to_arabic_digits
from infra.demo.stage import Body, Member, Stage
from tenants.context import Context
from tenants.languages import Language, Text
from tenants.permissions import Permission

STORY_BODIES = _FIRST_BODY, _SECOND_BODY = "governorate", "water"
_FIRST_SERVICE, _SECOND_SERVICE = "pothole", "water_leak"
_ZONE = ZoneInfo("Africa/Cairo")
_THURSDAY = 3
# The story takes a week and some hours.
_LONGEST = timedelta(days=9)
_CITIZEN = Text(ar="منى عبد الرحمن، مواطنة", en="Mona Abdel Rahman, a citizen")
_PHONE = "01001234567"

_TOLD = Text(
    ar="هبط الأسفلت أمام مدرستنا في شارع التحرير بالدقي والمياه تخرج من تحته بقوة منذ الظهر."
    " أخاف أن تقع سيارة في الحفرة.",
    en="The road in front of our school on Tahrir Street in Dokki has sunk, and water has been gushing from under it"
    " since noon. I am afraid a car will fall in.",
)
_WELCOME = Text(
    ar="وصل بلاغك إلى فريق الطرق، وسيعاين المكان اليوم.",
    en="The roads team has your report and will look at the place today.",
)
_NOTE = Text(
    ar="عاينت الموقع: المياه تخرج من تحت الطريق. وضعنا حواجز حول الحفرة.",
    en="Inspected: water comes from under the road. We have put barriers around the hole.",
)
_HANDED_ON = Text(
    ar="الهبوط سببه ماسورة مياه رئيسية مكسورة تحت الأسفلت، وإصلاحها من اختصاص شركة المياه.",
    en="A burst main under the road is the cause, and repairing it is the water company's.",
)
_QUESTION = Text(
    ar="هل المياه قريبة من كشك الكهرباء أو من مدخل المدرسة؟ نحتاج ذلك قبل أن تنزل فرقة الحفر.",
    en="Is the water near the electricity kiosk or the school's entrance? The crew needs to know before it digs.",
)
_ANSWER = Text(
    ar="بعيدة عن الكشك، لكنها على بعد مترين من باب المدرسة، والمدرسة مغلقة الآن.",
    en="Far from the kiosk, but two metres from the school's door. The school is closed now.",
)
_DONE = Text(
    ar="استُبدل جزء الماسورة المكسور وأُعيد ردم الحفرة ورصفها.",
    en="The broken part of the main has been replaced, the hole filled and the road repaired.",
)
_NOT_SOLVED = Text(
    ar="عادت المياه صباح اليوم من المكان نفسه، والأسفلت بدأ يهبط من جديد.",
    en="The water came back this morning in the same place, and the road is sinking again.",
)
_DONE_AGAIN = Text(
    ar="وُجد شرخ ثانٍ على بعد ثلاثة أمتار. استُبدلت الوصلة كلها واختُبرت تحت الضغط، وأُعيد الرصف.",
    en="There was a second crack three metres away. The whole joint was replaced and tested under pressure.",
)


def story_begins(now: datetime) -> datetime:
    """The last Thursday afternoon from which the story is over before now: a weekend lies in its first deadline."""
    day = (now - _LONGEST).astimezone(_ZONE).date()
    day -= timedelta(days=(day.weekday() - _THURSDAY) % 7)
    return datetime.combine(day, time(13, 40), _ZONE).astimezone(UTC)


class Story:
    """The case and those who deal with it; `tell` plays it from its beginning, calling `between` before each scene."""

    def __init__(self, stage: Stage, telling: Telling, *, between: Callable[[], None] = lambda: None) -> None:
        self.stage = stage
        self.telling = telling
        self.between = between
        self.begins = stage.clock.moment
        self.bodies = {code: stage.bodies[code] for code in STORY_BODIES}
        self.scenes = 0
        self.case: CaseTelling
        self.ticket_id: UUID
        self.number: str
        self.pin: str

    def tell(self) -> str:
        """Play and print all of it; gives the case's number."""
        self._open()
        self._screen()
        self._hand_on()
        self._ask()
        self._answer()
        self._resolve()
        self._reopen()
        self._resolve_again()
        self._confirm()
        return self.number

    def _open(self) -> None:
        body = self.bodies[_FIRST_BODY]
        agent = body.who(Permission.TICKETS_OPEN)
        self._scene(0, (13, 40), self._of(agent, body))
        self.telling.say(
            Text(
                ar="اتصلت منى بالرقم الموحد. موظفة المحافظة تكتب ما تقوله وتفتح الحالة:",
                en="Mona calls the one number. An agent of the governorate writes down what she says and opens a case:",
            )
        )
        self.telling.quote(_TOLD)
        dokki = cities(body.pack.tenant.country)["giza-dokki"]
        with self.stage.as_member(body, agent) as context:
            opened = actions.open_case(
                context,
                service=_FIRST_SERVICE,
                description=_TOLD.ar,
                channel=Channel.PHONE,
                reporter=Reporter(name="منى عبد الرحمن", phone=_PHONE, phone_verified=True),
                answers={
                    "place": {
                        "governorate": dokki.governorate,
                        "district": dokki.code,
                        "address": "شارع التحرير",
                    },
                    "size": "sunken",
                    "water_below": True,
                    "accident": False,
                },
                place=actions.Place(30.0385, 31.2118, dokki.governorate, dokki.code, "شارع التحرير"),
                language=Language.ARABIC,
            )
        self.ticket_id, self.number, self.pin = opened.ticket_id, opened.number, opened.pin
        self.case = CaseTelling(self.telling, self.stage, opened.case_id)
        self.telling.say(
            Text(
                ar=to_arabic_digits(
                    f"رقم الحالة {grouped(opened.number)}، والرقم السري {opened.pin} يُسلَّم للمواطنة مرة واحدة."
                ),
                en=f"Case {grouped(opened.number)}; the PIN {opened.pin} is told to the citizen once.",
            ),
            "bold green",
        )
        self._tell_reason(body)
        self._show()
        self.case.why(ClockKind.FIRST_RESPONSE, _FIRST_BODY)

    def _screen(self) -> None:
        body = self.bodies[_FIRST_BODY]
        agent = body.who(Permission.TICKETS_SCREEN)
        self._scene(3, (9, 20), self._of(agent, body))
        self.telling.say(
            Text(
                ar="الفرز: البلاغ جاد وله مكان محدد، فيُحال إلى فريق الطرق، ويُبلَّغ المواطن بذلك.",
                en="Screening: it is serious and has a place, so it goes to the roads team, and the citizen is told.",
            )
        )
        self.telling.quote(_WELCOME)
        with self.stage.as_member(body, agent) as context:
            version = actions.forward(context, self.ticket_id, self._now(context).version)
            actions.reply(context, self.ticket_id, version, text=_WELCOME.ar)
        self._show()

    def _hand_on(self) -> None:
        body, other = self.bodies[_FIRST_BODY], self.bodies[_SECOND_BODY]
        lead = self._who(body, Permission.TICKETS_WORK)
        self._scene(3, (11, 5), self._of(lead, body))
        self.telling.say(
            Text(
                ar="فريق الطرق يعاين المكان فيجد ماسورة مياه مكسورة. تُحوَّل الحالة إلى شركة المياه بالرقم نفسه:",
                en="The roads team finds a burst main. The case goes on at the water company, under the same number:",
            )
        )
        self.telling.quote(_HANDED_ON)
        with self.stage.as_member(body, lead) as context:
            version = actions.start(context, self.ticket_id, self._now(context).version)
            version = actions.add_note(context, self.ticket_id, version, text=_NOTE.ar)
            self.ticket_id = actions.transfer(
                context,
                self.ticket_id,
                version,
                tenant=_SECOND_BODY,
                service=_SECOND_SERVICE,
                reason=_HANDED_ON.ar,
            )
        self._tell_reason(other)
        self._show()
        self.telling.say(
            Text(
                ar="توقفت مواعيد المحافظة وبدأت مواعيد شركة المياه من الصفر، أما موعد المواطنة فمستمر كما هو.",
                en="The governorate's clocks stopped and the water company's began; the citizen's own runs on.",
            ),
            "italic",
        )

    def _ask(self) -> None:
        body = self.bodies[_SECOND_BODY]
        agent = body.who(Permission.TICKETS_REPLY)
        self._scene(3, (12, 10), self._of(agent, body))
        self.telling.say(
            Text(
                ar="شركة المياه تسأل المواطنة، فيتوقف موعد الحل حتى تجيب:",
                en="The water company asks the citizen; until she answers the resolution clock rests:",
            )
        )
        self.telling.quote(_QUESTION)
        with self.stage.as_member(body, agent) as context:
            actions.ask(context, self.ticket_id, self._now(context).version, text=_QUESTION.ar)
        self._show()

    def _answer(self) -> None:
        self._scene(3, (16, 45), _CITIZEN)
        self.telling.quote(_ANSWER)
        self._citizen(actions.answer, text=_ANSWER.ar)
        self._show()
        self.case.why(ClockKind.RESOLUTION, _SECOND_BODY)

    def _resolve(self) -> None:
        body = self.bodies[_SECOND_BODY]
        worker = self._who(body, Permission.TICKETS_RESOLVE)
        self._scene(4, (8, 15), self._of(worker, body))
        self.telling.quote(_DONE)
        with self.stage.as_member(body, worker) as context:
            actions.resolve(context, self.ticket_id, self._now(context).version, resolution=_DONE.ar)
        self.telling.say(
            Text(
                ar="حُلّت التذكرة لكنها لا تُغلق: تُسأل المواطنة أولًا، وصمتها أربعة عشر يومًا يُسجَّل صمتًا لا موافقة.",
                en="Resolved is not closed: the citizen is asked first, and fourteen days of silence would be recorded"
                " as silence, not as consent.",
            ),
            "italic",
        )
        self._show()

    def _reopen(self) -> None:
        self._scene(5, (7, 30), _CITIZEN)
        self.telling.say(
            Text(
                ar="تدخل منى برقم حالتها ورقمها السري وتعيد فتحها:",
                en="Mona comes back with her case number and PIN and reopens it:",
            )
        )
        self.telling.quote(_NOT_SOLVED)
        self._citizen(actions.reopen, reason=_NOT_SOLVED.ar)
        self._show()

    def _resolve_again(self) -> None:
        body = self.bodies[_SECOND_BODY]
        worker = self._who(body, Permission.TICKETS_RESOLVE)
        self._scene(5, (13, 20), self._of(worker, body))
        self.telling.quote(_DONE_AGAIN)
        with self.stage.as_member(body, worker) as context:
            version = actions.start(context, self.ticket_id, self._now(context).version)
            actions.resolve(context, self.ticket_id, version, resolution=_DONE_AGAIN.ar)
        self._show()

    def _confirm(self) -> None:
        self._scene(7, (19, 0), _CITIZEN)
        self.telling.say(
            Text(
                ar="جفّ الشارع. تؤكد منى أن المشكلة حُلّت:",
                en="The street is dry. Mona confirms that it is solved:",
            )
        )
        self._citizen(actions.confirm)
        self._show()
        self.case.why(ClockKind.CASE)

    def _scene(self, days: int, hour: tuple[int, int], who: Text) -> None:
        self.between()
        day = self.begins.astimezone(_ZONE).date() + timedelta(days=days)
        self.stage.run_until(datetime.combine(day, time(*hour), _ZONE).astimezone(UTC))
        self.scenes += 1
        self.telling.scene(self.scenes, self.stage.clock.moment, _ZONE, who)

    def _show(self) -> None:
        self.stage.make_rounds()
        self.case.tickets()
        self.case.clocks()
        self.case.journal()

    def _tell_reason(self, body: Body) -> None:
        with self.stage.watching([body]) as context:
            routed = ticket_for(context, self.ticket_id).routed_by
        if routed is not None:
            reason = Text(ar=routed["reason"]["ar"], en=routed["reason"]["en"])
            self.telling.say(
                Text(ar=f"لماذا هذا الفريق؟ {reason.ar}", en=f"Why this team? {reason.en}"), "italic"
            )

    def _citizen(self, act: Callable[..., object], **words: str) -> None:
        """The citizen acts with what she holds: the number, read out in Arabic digits, and the PIN."""
        held = case_by_pin(self.stage.database, to_arabic_digits(self.number), self.pin)
        bodies = [body for body in self.stage.bodies.values() if body.id in held.tenants]
        with self.stage.as_citizen(bodies, held.case_id) as context:
            act(context, self.ticket_id, self._now(context).version, **words)

    def _now(self, context: Context) -> Ticket:
        return ticket_for(context, self.ticket_id)

    def _who(self, body: Body, permission: Permission) -> Member:
        with self.stage.watching([body]) as context:
            return body.who(permission, self._now(context).team_id)

    def _of(self, member: Member, body: Body) -> Text:
        tenant = body.pack.tenant.short_name
        return Text(ar=f"{member.name.ar}، {tenant.ar}", en=f"{member.name.en}, {tenant.en}")
