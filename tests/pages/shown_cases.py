"""Two cases to look at, on whatever bodies there are: one that waits for its citizen, one that is solved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from playwright.sync_api import Page

from hub.people.actions import Reporter
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened, Place
from hub.tickets.lifecycle import Status
from hub.vocabulary import Channel
from tenants.clock import VirtualClock
from tenants.context import CITIZEN, Actor, Context
from tenants.database import Database
from tenants.languages import Language

# The address that both cases were reported with.
EMAIL: Final = "mona@example.com"
# A service page: which service there is depends on the bodies.
SERVICE: Final = "service"
# By the name of the picture: the address below the case's own, `{ticket}` being its first; of which case.
ASKED: Final = {"case-question": "", "case-answer": "/tickets/{ticket}/answer"}
SOLVED: Final = {
    "case-solved": "",
    "case-reopen": "/tickets/{ticket}/reopen",
    "case-withdraw": "/tickets/{ticket}/withdraw",
}


@dataclass(frozen=True)
class Shown:
    """The two cases and the service they are about, and how a browser gets to their pages."""

    asked: Opened
    solved: Opened
    service: str

    def go_to(self, page: Page, language: Language, name: str) -> None:
        """Open the page that a picture's name stands for, by its case's link."""
        if name == SERVICE:
            page.goto(f"/{language.value}{self.service}")
            return
        opened, below = (self.asked, ASKED[name]) if name in ASKED else (self.solved, SOLVED[name])
        page.goto(f"/{language.value}/cases/{opened.number}/{opened.secret}")
        if below:
            page.goto(f"/{language.value}/cases/{opened.number}{below.format(ticket=opened.ticket_id)}")


def show_cases(database: Database, tenant: Any, staff: Actor, service: str, answers: Any, now: Any) -> Shown:
    """Let a citizen report twice a day before a moment, and a member of staff work on both."""
    clock = VirtualClock(now - timedelta(days=1))
    played = Database(database.bind, clock=clock)
    asked, solved = (_opened(played, tenant, service, answers, words) for words in _WORDS)
    clock.advance(timedelta(hours=3))
    for each in (asked, solved):
        _act(played, tenant, staff, each, _begin)
        clock.advance(timedelta(minutes=25))
    _act(played, tenant, staff, asked, _ask)
    _act(played, tenant, staff, solved, _reply)
    with played.unit_of_work(actor=CITIZEN, tenants=(tenant,), case_id=solved.case_id) as context:
        version = ticket_for(context, solved.ticket_id).version
        actions.add_information(context, solved.ticket_id, version, text="وصلت الفرقة وبدأت الحفر.")
    clock.advance(timedelta(hours=2))
    _act(played, tenant, staff, solved, _resolve)
    return Shown(asked, solved, f"/agencies/water/services/{service}")


_WORDS: Final = (
    ("انقطاع المياه منذ الصباح", "المياه مقطوعة عن العقار كله منذ السادسة صباحًا، ومعنا مريض يحتاج إليها."),
    ("ماسورة مكسورة أمام المدرسة", "المياه تملأ الشارع أمام باب المدرسة، والأطفال لا يستطيعون الدخول."),
)


def supply_answers(today: date) -> dict[str, Any]:
    """Answers to the water company's form about missing water."""
    return {
        "place": {"governorate": "C", "district": "", "address": "١٢ شارع النيل، أمام الصيدلية"},
        "extent": "building",
        "floor": "3",
        "since": today.isoformat(),
        "dialysis_at_home": True,
    }


def _opened(database: Database, tenant: Any, service: str, answers: Any, words: tuple[str, str]) -> Opened:
    with database.unit_of_work(actor=CITIZEN, tenants=(tenant,), language=Language.ARABIC) as context:
        return actions.open_case(
            context,
            service=service,
            subject=words[0],
            description=words[1],
            channel=Channel.WEB,
            answers=answers,
            place=Place(address="١٢ شارع النيل، أمام الصيدلية"),
            reporter=Reporter(name="منى", phone="01001234567", email=EMAIL),
        )


def _act(database: Database, tenant: Any, staff: Actor, opened: Opened, act: Any) -> None:
    with database.unit_of_work(actor=staff, tenants=(tenant,)) as context:
        act(context, opened)


def _version(context: Context, opened: Opened) -> int:
    return ticket_for(context, opened.ticket_id).version


def _begin(context: Context, opened: Opened) -> None:
    ticket = ticket_for(context, opened.ticket_id)
    version = ticket.version
    if ticket.status == Status.RECEIVED:
        version = actions.forward(context, opened.ticket_id, version)
    actions.start(context, opened.ticket_id, version)


def _ask(context: Context, opened: Opened) -> None:
    text = "في أي طابق يسكن المريض؟ وهل يوجد خزان فوق العقار؟"
    actions.ask(context, opened.ticket_id, _version(context, opened), text=text)


def _reply(context: Context, opened: Opened) -> None:
    text = "وصلنا بلاغك، والفرقة في الطريق إليك."
    actions.reply(context, opened.ticket_id, _version(context, opened), text=text)


def _resolve(context: Context, opened: Opened) -> None:
    text = "استبدلنا الجزء المكسور من الماسورة وأُعيدت المياه."
    actions.resolve(context, opened.ticket_id, _version(context, opened), resolution=text)


NAMES: Final = (SERVICE, *ASKED, *SOLVED)
