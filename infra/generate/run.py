"""Generating a large hub: its bodies by the acts that bring every body, then its cases stretch by stretch."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from random import Random
from typing import Final

from sqlalchemy import func, select

from hub.tickets.models import Case
from hub.vocabulary import Channel
from infra.generate.bodies import Body, Offer, code_of, other_bodies, read_bodies, set_up
from infra.generate.cases import CaseLife
from infra.generate.errors import OthersWorkHere
from infra.generate.fates import Fates
from infra.generate.lives import open_case
from infra.generate.shape import SPARE_NUMBERS, Numbers, OpenShare, Ranked, Window
from infra.generate.telling import Teller
from infra.generate.writing import write_cases
from tenants.across import Across, Purpose
from tenants.context import CITIZEN, SYSTEM, Context
from tenants.database import Database
from tenants.ids import HUB
from tenants.permissions import Permission

# So many numbers of a stretch tell whether it is there: nobody else has all of them.
_TELLING_NUMBERS: Final = 10
_NAMES_TOLD: Final = 5
_BY_THEMSELVES: Final = {Channel.WEB, Channel.MOBILE, Channel.CHAT, Channel.EMAIL, Channel.SMS}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for: how many tickets of how many bodies over how many days, and how many of them open.

    A `stretch` of tickets is one transaction: it is there whole or not at all, so that the same wishes again go on
    behind it.
    """

    tickets: int
    tenants: int
    open_share: float = 0.1
    days: int = 365
    seed: int = 19
    force: bool = False
    stretch: int = 5_000


@dataclass(frozen=True, slots=True)
class Generated:
    """What became of it: tickets written now, and tickets that were there from an earlier run."""

    tickets: int
    known: int


def generate(
    database: Database,
    wishes: Wishes,
    *,
    url: str | None = None,
    processes: int = 1,
    on_progress: Callable[[int], None] = lambda tickets: None,
) -> Generated:
    """Fill a database with bodies and their cases up to the present moment.

    The same wishes give the same hub, but for the moment they are counted from. May be stopped at any time and
    started again: what is there is not written twice. With `url`, several processes work at once. `on_progress`
    hears of every stretch's tickets. Raises `OthersWorkHere`.
    """
    with database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        others = other_bodies(context, {code_of(number) for number in range(1, wishes.tenants + 1)})
        until = context.now
    if others and not wishes.force:
        raise OthersWorkHere(field="force", names=_listed(others))
    since = until - timedelta(days=wishes.days)
    set_up(database, wishes.tenants, since)
    done = known = 0
    for wanted, written in _stretches_written(database, wishes, until, url, processes):
        done, known = done + written, known + wanted - written
        on_progress(wanted)
    return Generated(done, known)


def _stretches_written(
    database: Database, wishes: Wishes, until: datetime, url: str | None, processes: int
) -> Iterator[tuple[int, int]]:
    starts = range(0, wishes.tickets, wishes.stretch)
    sizes = [min(wishes.stretch, wishes.tickets - start) for start in starts]
    if url is None or processes == 1 or len(sizes) == 1:
        generator = Generator(database, wishes, until)
        for number, size in enumerate(sizes):
            yield size, generator.write(number, size)
        return
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(url, wishes, until)
    ) as pool:
        yield from zip(sizes, pool.map(_write, range(len(sizes)), sizes), strict=True)


class Generator:
    """Makes stretches of cases, each from a source of chance of its own, in whichever order and process."""

    def __init__(self, database: Database, wishes: Wishes, until: datetime) -> None:
        self.across = Across(database)
        self.wishes = wishes
        self.until = until
        self.numbers = Numbers(wishes.seed)
        with self.across.unit_of_work(Purpose.GENERATING, actor=SYSTEM) as context:
            self.bodies = Ranked(read_bodies(context, wishes.tenants))
        zone = self.bodies.things[0].zone
        length = timedelta(days=wishes.days)
        self.window = Window(until - length, until, zone)
        self.open_share = OpenShare(wishes.open_share, length)
        self.stretches = -(-wishes.tickets // wishes.stretch)

    def write(self, number: int, size: int) -> int:
        """Make the stretch with a number and write it in one transaction; gives its tickets, or 0 if it is there."""
        with self.across.unit_of_work(Purpose.GENERATING, actor=SYSTEM) as context:
            if self._is_there(context, number, size):
                return 0
            with _no_collection():
                teller, cases = self.cases(number, size)
                self._stand_in(context, number, cases)
                write_cases(context, teller.people, cases, self.until)
        return size

    def cases(self, number: int, size: int) -> tuple[Teller, list[CaseLife]]:
        """The cases of a stretch, with so many tickets in all, and who told them."""
        chance = Random(f"{self.wishes.seed} {number}")  # noqa: S311 - nothing secret is drawn
        moments = self.window.moments(chance, size, number, self.stretches)
        teller = Teller(chance, self.numbers, moments[0].date(), number * self.wishes.stretch)
        fates = Fates(chance, self.until)
        cases: list[CaseLife] = []
        left = size
        for index, at in enumerate(moments):
            if not left:
                break
            body, offer = self._asked(chance)
            case = CaseLife(
                self.numbers.case_number(number * self.wishes.stretch + index),
                teller.tell(body, offer, at),
                at,
                chance,
            )
            by_themselves = case.told.channel in _BY_THEMSELVES
            ticket = open_case(
                case, body, offer, CITIZEN if by_themselves else body.who(Permission.TICKETS_OPEN, chance)
            )
            stays_open = chance.random() < self.open_share.of_age(self.until - at)
            fates.live(ticket, stays_open, partial(self._other, chance, body) if left > 1 else None)
            left -= len(case.tickets)
            cases.append(case)
        return teller, cases

    def _asked(self, chance: Random) -> tuple[Body, Offer]:
        body = self.bodies.draw(chance)
        return body, body.offers[body.asked_for.draw(chance)]

    def _other(self, chance: Random, body: Body) -> tuple[Body, Offer]:
        other, offer = body, None
        while offer is None or other is body:
            other, offer = self._asked(chance)
        return other, offer

    def _is_there(self, context: Context, number: int, size: int) -> bool:
        first = [
            self.numbers.case_number(number * self.wishes.stretch + index)
            for index in range(min(_TELLING_NUMBERS, size))
        ]
        there = context.session.scalar(select(func.count()).select_from(Case).where(Case.number.in_(first)))
        return there == len(first)

    def _stand_in(self, context: Context, number: int, cases: list[CaseLife]) -> None:
        """Give other numbers to cases whose number somebody else's case has."""
        wanted = [case.number for case in cases]
        taken = set(context.session.scalars(select(Case.number).where(Case.number.in_(wanted))))
        for index, case in enumerate(cases):
            if case.number in taken:
                case.number = self.numbers.case_number(SPARE_NUMBERS + number * self.wishes.stretch + index)


@contextmanager
def _no_collection() -> Iterator[None]:
    """No collecting of garbage while a stretch is made: all of it is needed, and looking took a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


_generator: Generator | None = None


def _begin(url: str, wishes: Wishes, until: datetime) -> None:
    global _generator  # noqa: PLW0603 - a process of the pool has one for all its stretches
    # An interrupt at the terminal reaches the whole group: the parent stops, and stretches under way are finished.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _generator = Generator(Database.at(url, pool_size=1), wishes, until)


def _write(number: int, size: int) -> int:
    if _generator is None:
        raise RuntimeError("this process was not begun")
    return _generator.write(number, size)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_NAMES_TOLD]) + (" …" if len(names) > _NAMES_TOLD else "")
