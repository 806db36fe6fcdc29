"""Clients who open cases and work them while everything dies around them, and remember what they were told."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from hub.people.actions import Reporter
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened
from hub.tickets.models import Ticket
from hub.vocabulary import Channel
from tenants.context import Context
from tests.kill.ledger import Ledger, Told
from tests.world import Agency, World

_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.05
_DUPLICATES = 2

Act = Callable[[Context, Ticket], object]
Where = Callable[[], AbstractContextManager[Context]]


class Client(threading.Thread):
    """Tells some stories, each a few cases from their opening to their end; an outcome it does not know it looks up."""

    def __init__(self, world: World, ledger: Ledger, seed: int, stories: int) -> None:
        super().__init__(name=f"client {seed}")
        self.failed: BaseException | None = None
        self._world = world
        self._ledger = ledger
        self._random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self._stories = stories

    def run(self) -> None:
        """Tell the stories; a failure that is no broken connection is kept for the test to raise."""
        try:
            for _ in range(self._stories):
                self._tell()
        except BaseException as problem:
            self.failed = problem

    def _tell(self) -> None:
        agency = self._random.choice((self._world.water, self._world.tax))
        main = self._open(agency)
        duplicates = [self._open(agency) for _ in range(self._random.randint(0, _DUPLICATES))]
        self._staff(
            main, "ticket.forwarded", "assigned", lambda at, it: actions.forward(at, it.id, it.version)
        )
        self._staff(
            main, "ticket.started", "in_progress", lambda at, it: actions.start(at, it.id, it.version)
        )
        for duplicate in duplicates:
            self._join(duplicate, main)
        self._staff(
            main,
            "ticket.resolved",
            "resolved",
            lambda at, it: actions.resolve(at, it.id, it.version, resolution="أُصلحت الماسورة"),
        )
        for duplicate in duplicates:
            # The job that the main ticket's resolution promised does this.
            duplicate.facts["ticket.resolved"] += 1
            duplicate.status = "resolved"
        if self._random.random() < 1 / 2:
            where = partial(self._world.as_citizen, main.case_id, agency)
            self._act(
                main, where, "ticket.closed", "closed", lambda at, it: actions.confirm(at, it.id, it.version)
            )

    def _open(self, agency: Agency) -> Told:
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while True:
            self._breathe()
            opened: Opened | None = None
            try:
                with self._world.as_staff(agency, "agent") as context:
                    opened = actions.open_case(
                        context,
                        service="leak",
                        description="ماسورة مكسورة أمام المدرسة",
                        channel=Channel.PHONE,
                        reporter=Reporter(name="منى", phone=f"0100{self._random.randrange(10**7):07}"),
                        answers={"hazard": False},
                    )
            except DBAPIError as problem:
                self._bear(problem, give_up)
                if opened is None or not self._is_there(agency, opened.ticket_id):
                    continue
            facts = dict.fromkeys(("ticket.opened", "ticket.routed"), 1)
            told = Told(agency, opened.case_id, opened.ticket_id)
            told.facts.update(facts)
            return self._ledger.opened(told)

    def _is_there(self, agency: Agency, ticket_id: UUID) -> bool:
        self._ledger.uncertain()
        return self._status(agency, ticket_id) is not None

    def _join(self, duplicate: Told, main: Told) -> None:
        self._staff(
            duplicate,
            "ticket.joined",
            "duplicate",
            lambda at, it: actions.join(at, it.id, it.version, main_ticket=main.ticket_id),
        )
        duplicate.main = main.ticket_id

    def _staff(self, told: Told, fact: str, status: str, act: Act) -> None:
        self._act(told, partial(self._world.as_staff, told.agency), fact, status, act)

    def _act(self, told: Told, where: Where, fact: str, status: str, act: Act) -> None:
        """Do one act until it is acknowledged, or seen to have been kept although nobody said so."""
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while True:
            self._breathe()
            acted = False
            try:
                with where() as context:
                    act(context, ticket_for(context, told.ticket_id))
                    acted = True
            except DBAPIError as problem:
                self._bear(problem, give_up)
                if not acted:
                    continue
                self._ledger.uncertain()
                if self._status(told.agency, told.ticket_id) != status:
                    continue
            told.facts[fact] += 1
            told.status = status
            return

    def _status(self, agency: Agency, ticket_id: UUID) -> str | None:
        """A ticket's status as it now is, asked until there is an answer."""
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                with self._world.as_system(agency) as context:
                    return context.session.scalar(
                        select(Ticket.status).where(Ticket.tenant_id == agency.id, Ticket.id == ticket_id)
                    )
            except DBAPIError as problem:
                self._bear(problem, give_up)

    def _bear(self, problem: DBAPIError, give_up: float) -> None:
        """Wait for the database to come back; anything else that went wrong is raised."""
        if not isinstance(problem, (OperationalError, InterfaceError)) or time.monotonic() > give_up:
            raise problem
        self._ledger.tried_again(type(problem.orig).__name__)
        time.sleep(_PAUSE_SECONDS)

    def _breathe(self) -> None:
        time.sleep(self._random.uniform(0, _PAUSE_SECONDS))
