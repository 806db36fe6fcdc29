"""The life of one planned case, act by act, through the same actions that pages and the API will call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from hub.forms.shape import Form
from hub.onboarding.pack_parts import ServicePart
from hub.people.actions import Reporter
from hub.ratings.actions import rate
from hub.sla.levels import ClockKind
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.lifecycle import AT_WORK, MOVES, MoveName, Status
from hub.tickets.models import Ticket
from hub.vocabulary import Channel, Priority
from infra.demo.agenda import Agenda
from infra.demo.bodies import MANNERS
from infra.demo.files import with_files
from infra.demo.plan import Course, Fate, PlannedCase, Verdict, plan_course
from infra.demo.stage import Body, Stage
from infra.demo.words import words
from tenants.context import Context
from tenants.languages import Text
from tenants.permissions import Permission

# Ways by which citizens reach the hub themselves; by all others somebody writes down what they say.
_BY_THEMSELVES = {Channel.WEB, Channel.MOBILE, Channel.CHAT}
_PATIENCE = timedelta(days=5)
_SOON = timedelta(minutes=12)
# The share of questions that citizens answer.
_ANSWERED = 0.85
# The share of those who confirm that rate as well, and how they weigh one star to five.
_RATED = 0.6
_STARS_OF_THE_PLEASED = (1, 2, 8, 35, 54)
_STARS_OF_OTHERS = (16, 24, 32, 20, 8)


@dataclass(slots=True)
class Tally:
    """How often each thing was done, and the first ticket of each event that many report."""

    acts: Counter[str] = field(default_factory=Counter)
    main_tickets: dict[int, UUID] = field(default_factory=dict)


class TicketLife:
    """One ticket on its way; every act looks at how things stand and does nothing where it came too late."""

    def __init__(self, stage: Stage, agenda: Agenda, tally: Tally, told: PlannedCase, chance: Random) -> None:
        self.stage = stage
        self.agenda = agenda
        self.tally = tally
        self.told = told
        self.chance = chance
        self.body: Body = stage.bodies[told.body]
        self.concerned = [self.body]
        self.service = told.service
        self.course: Course = told.course
        self.priority: Priority | None = told.priority
        self.opened_at: datetime = told.at
        self.attempts = 1
        self.waiting = False
        self.team: UUID | None = None
        self.case_id: UUID
        self.ticket_id: UUID

    def open(self) -> None:
        """The citizen tells it, by themselves or to an agent."""
        told = self.told
        by_themselves = told.channel in _BY_THEMSELVES
        if by_themselves:
            door = self.stage.as_citizen([self.body], None, told.language)
        else:
            door = self.stage.as_member(self.body, self.body.who(Permission.TICKETS_OPEN))
        with door as context:
            opened = actions.open_case(
                context,
                service=told.service,
                description=told.description.in_language(told.language),
                channel=told.channel,
                reporter=Reporter(
                    name=told.name.in_language(told.language),
                    phone=told.phone,
                    phone_verified=told.verified,
                    language=told.language,
                ),
                answers=with_files(context, self._form, told.answers),
                place=actions.Place(**told.place),
                confidential=told.confidential,
                priority=told.priority,
                language=told.language,
            )
        self.case_id, self.ticket_id = opened.case_id, opened.ticket_id
        self.tally.acts["open"] += 1
        if told.burst is not None and told.burst in self.tally.main_tickets:
            self.agenda.at(self.opened_at + _SOON, self.join)
            return
        if told.burst is not None:
            self.tally.main_tickets[told.burst] = self.ticket_id
        self.take_in()

    def take_in(self) -> None:
        """Plan what the body does with a fresh ticket."""
        first = self._by(ClockKind.FIRST_RESPONSE, self.course.first_word)
        match self.course.fate:
            case Fate.PUT_ASIDE:
                self.agenda.at(first, self.put_aside)
            case Fate.DECLINED:
                self.agenda.at(first, self.screen)
                self.agenda.at(self._by(ClockKind.RESOLUTION, self.course.pace), self.decline)
            case Fate.HANDED_ON:
                self.agenda.at(first, self.screen)
                self.agenda.at(self._by(ClockKind.FIRST_RESPONSE, self.course.first_word * 1.4), self.hand_on)
            case Fate.WITHDRAWN:
                self.agenda.at(first, self.screen)
                self.agenda.at(self._by(ClockKind.RESOLUTION, self.course.pace * 0.7), self.withdraw)
            case Fate.WORKED:
                self.agenda.at(first, self.screen)
                self._plan_work()

    def screen(self) -> None:
        """An agent looks at it, passes it to its team and says so to the citizen."""
        self._staff_moves(MoveName.FORWARD, actions.forward)
        if self.course.greets:
            self._staff_writes(
                lambda context, ticket: actions.reply(
                    context, ticket.id, ticket.version, text=self._say(words().first_words)
                )
            )

    def join(self) -> None:
        """An agent sees that others told of the same thing, and lets this ticket follow the first."""
        main = self.tally.main_tickets[self.told.burst or 0]
        with self.stage.watching([self.body]) as context:
            still_open = Status(ticket_for(context, main).status) in AT_WORK
        if still_open and self._staff_moves(MoveName.JOIN, actions.join, main_ticket=main):
            if self.course.verdict is Verdict.CONFIRMS:
                # The job that settles duplicates resolves it with the first; its own citizen looks some days later.
                self.agenda.at(self._now + timedelta(days=3, hours=self.course.verdict_after), self.confirm)
            return
        self.take_in()

    def begin(self) -> None:
        """The team begins, and perhaps finds that it must wait for somebody outside."""
        if not self._staff_moves(MoveName.START, actions.start) or self.course.waits is None:
            return
        self._staff_moves(MoveName.WAIT, actions.wait, reason=self._say(words().outside))
        self.agenda.at(self._now + timedelta(hours=self.course.waits), self.go_on)

    def go_on(self) -> None:
        """Those outside were heard from."""
        if self._staff_moves(MoveName.GO_ON, actions.go_on):
            self.agenda.at(self._by(ClockKind.RESOLUTION, self.course.pace * 0.5, self._now), self.resolve)

    def hurry(self) -> None:
        """A lead finds that it cannot wait."""
        with self._staff(Permission.TICKETS_PRIORITISE) as (context, ticket):
            if Status(ticket.status) in AT_WORK and ticket.priority != Priority.URGENT:
                actions.prioritise(context, ticket.id, ticket.version, priority=Priority.URGENT)
                self.tally.acts["prioritise"] += 1

    def ask(self) -> None:
        """Something is missing that only the citizen knows."""
        if not self._staff_moves(MoveName.ASK, actions.ask, text=self._say(words().questions)):
            return
        if self.chance.random() < _ANSWERED:
            self.agenda.at(self._now + timedelta(hours=self.course.asks or 0), self.answer)
        else:
            self.agenda.at(self._now + _PATIENCE, self.give_up)

    def answer(self) -> None:
        """The citizen answers."""
        if self._citizen_moves(MoveName.ANSWER, actions.answer, text=self._say(words().answers)):
            self.agenda.at(self._by(ClockKind.RESOLUTION, self.course.pace * 0.5, self._now), self.resolve)

    def give_up(self) -> None:
        """Nobody can be reached: whoever leads may close it."""
        self._staff_moves(
            MoveName.CLOSE_UNREACHABLE, actions.close_unreachable, reason=self._say(words().unreachable)
        )

    def hand_on(self) -> None:
        """It is another body's job: the case goes on there, under the same number."""
        handing = self.course.handed_on
        if handing is None:
            return
        code, service = handing.target
        reason = handing.reason.in_language(self.told.language)
        handed: list[UUID] = []
        if not self._staff_moves(
            MoveName.TRANSFER,
            lambda *place, **words: handed.append(actions.transfer(*place, **words)),
            tenant=code,
            service=service,
            reason=reason,
        ):
            return
        self.body, self.service, self.ticket_id, self.team = self.stage.bodies[code], service, handed[0], None
        self.concerned.append(self.body)
        self.opened_at, self.priority = self._now, None
        course = plan_course(MANNERS[code], self._offered, self.chance, ())
        self.course = replace(course, fate=Fate.WORKED)
        self.take_in()

    def put_aside(self) -> None:
        """Screening finds nothing to do."""
        self._staff_moves(MoveName.ARCHIVE, actions.archive, reason=self._say(words().put_aside))

    def decline(self) -> None:
        """The body will not take it up, and says why."""
        self._staff_moves(MoveName.REJECT, actions.reject, reason=self._say(words().declined))

    def withdraw(self) -> None:
        """The citizen takes it back."""
        self._citizen_moves(MoveName.WITHDRAW, actions.withdraw, reason=self._say(words().withdrawn))

    def resolve(self) -> None:
        """The body says that it is solved; the citizen looks."""
        if self.waiting:
            return
        done = self._say(words().done[self.body.pack.tenant.code])
        if not self._staff_moves(MoveName.RESOLVE, actions.resolve, resolution=done):
            return
        after = self._now + timedelta(hours=self.course.verdict_after)
        verdict = self.course.verdict
        if verdict is Verdict.REOPENS and self.attempts == 1:
            self.agenda.at(after, self.reopen)
        elif verdict in (Verdict.CONFIRMS, Verdict.REOPENS):
            self.agenda.at(after, self.confirm)
        elif verdict is Verdict.OUT_OF_REACH:
            self.agenda.at(self._now + _PATIENCE, self.give_up)

    def confirm(self) -> None:
        """The citizen says that it is solved, and perhaps how it was dealt with."""
        # Of its own chance, so that what else is drawn stays what it was.
        chance = Random(f"{self.told.phone} {self.told.at}")  # noqa: S311 - a demonstration
        if not self._citizen_moves(MoveName.CONFIRM, actions.confirm) or chance.random() >= _RATED:
            return
        is_pleased = self.course.pace <= 1 and self.attempts == 1
        stars = chance.choices(range(1, 6), _STARS_OF_THE_PLEASED if is_pleased else _STARS_OF_OTHERS)[0]
        with self.stage.as_citizen(self.concerned, self.case_id, self.told.language) as context:
            rate(context, self.ticket_id, stars=stars)
        self.tally.acts["rate"] += 1

    def reopen(self) -> None:
        """The citizen says that it is not solved: the second attempt begins."""
        if self._citizen_moves(MoveName.REOPEN, actions.reopen, reason=self._say(words().not_solved)):
            self.attempts += 1
            self.agenda.at(self._by(ClockKind.RESOLUTION, self.course.again, self._now), self.resolve)

    def _plan_work(self) -> None:
        begin = self._by(ClockKind.RESOLUTION, self.course.pace * 0.3)
        done = self._by(ClockKind.RESOLUTION, self.course.pace)
        first = self._by(ClockKind.FIRST_RESPONSE, self.course.first_word)
        begin, done = max(begin, first + _SOON), max(done, first + 2 * _SOON)
        if self.course.hurried:
            self.agenda.at(begin - _SOON / 2, self.hurry)
        self.agenda.at(begin, self.begin)
        if self.course.asks is not None and self.course.waits is None:
            self.agenda.at(begin + (done - begin) / 3, self.ask)
        self.agenda.at(done, self.resolve)

    def _by(self, kind: ClockKind, share: float, since: datetime | None = None) -> datetime:
        """The moment when a share of a target has gone by on the body's own calendar."""
        counting = self.stage.counting(self.body, self.service, self.priority or self._offered.priority)[kind]
        return counting.calendar.working.due(since or self.opened_at, counting.choice.target * share)

    def _staff_moves(self, move: MoveName, act: Callable[..., object], **words: object) -> bool:
        """Let whoever of the staff may do it make a move, unless things have gone another way; gives whether."""
        permission = MOVES[move].staff
        if permission is None:
            raise ValueError(f"{move} is not for staff")
        with self._staff(permission) as (context, ticket):
            return self._moved(context, ticket, move, act, words)

    def _citizen_moves(self, move: MoveName, act: Callable[..., object], **words: object) -> bool:
        """Let the citizen make a move, unless things have gone another way; gives whether."""
        with self.stage.as_citizen(self.concerned, self.case_id, self.told.language) as context:
            return self._moved(context, ticket_for(context, self.ticket_id), move, act, words)

    def _moved(
        self,
        context: Context,
        ticket: Ticket,
        move: MoveName,
        act: Callable[..., object],
        words: Mapping[str, object],
    ) -> bool:
        if Status(ticket.status) not in MOVES[move].origins:
            return False
        act(context, ticket.id, ticket.version, **words)
        self.tally.acts[move.value] += 1
        self.waiting = MOVES[move].to is Status.WAITING
        return True

    def _staff_writes(self, act: Callable[[Context, Ticket], object]) -> None:
        """Let somebody write the first word to the citizen, unless somebody has."""
        with self._staff(Permission.TICKETS_REPLY) as (context, ticket):
            if Status(ticket.status) in AT_WORK and ticket.first_response_at is None:
                act(context, ticket)
                self.tally.acts["reply"] += 1

    @contextmanager
    def _staff(self, permission: Permission) -> Iterator[tuple[Context, Ticket]]:
        with self.stage.as_member(self.body, self.body.who(permission, self.team)) as context:
            ticket = ticket_for(context, self.ticket_id)
            self.team = ticket.team_id
            yield context, ticket

    def _say(self, texts: Sequence[Text]) -> str:
        return self.chance.choice(texts).in_language(self.told.language)

    @property
    def _offered(self) -> ServicePart:
        return next(one for one in self.body.pack.services if one.code == self.service)

    @property
    def _form(self) -> Form | None:
        return self.body.pack.forms.get(self._offered.form or "")

    @property
    def _now(self) -> datetime:
        return self.stage.clock.moment
