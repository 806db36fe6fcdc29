"""Clients who open cases and work them while everything dies around them, and remember what they were told."""

from __future__ import annotations

import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
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
from tests.kill.ledger import Ledger, Told, opened_now
from tests.world import Agency, World

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.05
DESCRIPTION = "ماسورة مكسورة أمام المدرسة"
_DUPLICATES = 2


@dataclass(frozen=True)
class Step:
    """One act of a story: its name among the actions, the fact and the status that it leads to."""

    act: str
    fact: str
    status: str
    words: Mapping[str, object] = field(default_factory=dict)
    by_citizen: bool = False


_FORWARD = Step("forward", "ticket.forwarded", "assigned")
_START = Step("start", "ticket.started", "in_progress")
_RESOLVE = Step("resolve", "ticket.resolved", "resolved", {"resolution": "أُصلحت الماسورة"})
_CONFIRM = Step("confirm", "ticket.closed", "closed", by_citizen=True)


class Client(threading.Thread, ABC):
    """Tells some stories, each a few cases from their opening to their end."""

    def __init__(self, world: World, ledger: Ledger, seed: int, stories: int) -> None:
        super().__init__(name=f"client {seed}")
        self.failed: BaseException | None = None
        self.world = world
        self.ledger = ledger
        self.random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self._stories = stories

    def run(self) -> None:
        """Tell the stories; a failure that is no broken connection is kept for the test to raise."""
        try:
            for _ in range(self._stories):
                self._tell()
        except BaseException as problem:
            self.failed = problem

    @abstractmethod
    def open(self, agency: Agency) -> Told:
        """Open a case, until it is known to be there; once."""

    @abstractmethod
    def do(self, told: Told, step: Step) -> None:
        """Do one act, until it is known to be done; once."""

    def breathe(self) -> None:
        """Let others go first now and then."""
        time.sleep(self.random.uniform(0, PAUSE_SECONDS))

    def _tell(self) -> None:
        agency = self.random.choice((self.world.water, self.world.tax))
        main = self.open(agency)
        duplicates = [self.open(agency) for _ in range(self.random.randint(0, _DUPLICATES))]
        self._done(main, _FORWARD)
        self._done(main, _START)
        for duplicate in duplicates:
            self._done(duplicate, Step("join", "ticket.joined", "duplicate", {"main_ticket": main.ticket_id}))
            duplicate.main = main.ticket_id
        self._done(main, _RESOLVE)
        for duplicate in duplicates:
            # The job that the main ticket's resolution promised does this.
            duplicate.facts["ticket.resolved"] += 1
            duplicate.status = "resolved"
        if self.random.random() < 1 / 2:
            self._done(main, _CONFIRM)

    def _done(self, told: Told, step: Step) -> None:
        self.do(told, step)
        told.facts[step.fact] += 1
        told.status = step.status


class DirectClient(Client):
    """Calls the actions themselves; an outcome it does not know it looks up."""

    def open(self, agency: Agency) -> Told:
        """Open a case, until it is known to be there; once."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.breathe()
            opened: Opened | None = None
            try:
                with self.world.as_staff(agency, "agent") as context:
                    opened = actions.open_case(
                        context,
                        service="leak",
                        description=DESCRIPTION,
                        channel=Channel.PHONE,
                        reporter=Reporter(name="منى", phone=f"0100{self.random.randrange(10**7):07}"),
                        answers={"hazard": False},
                    )
            except DBAPIError as problem:
                self._bear(problem, give_up)
                if opened is None or not self._is_there(agency, opened.ticket_id):
                    continue
            told = opened_now(agency, opened.number, opened.ticket_id, case_id=opened.case_id)
            return self.ledger.opened(told)

    def do(self, told: Told, step: Step) -> None:
        """Do one act until it is acknowledged, or seen to have been kept although nobody said so."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.breathe()
            acted = False
            try:
                with self._whose(told, step) as context:
                    version = ticket_for(context, told.ticket_id).version
                    getattr(actions, step.act)(context, told.ticket_id, version, **step.words)
                    acted = True
            except DBAPIError as problem:
                self._bear(problem, give_up)
                if not acted:
                    continue
                self.ledger.uncertain()
                if self._status(told.agency, told.ticket_id) != step.status:
                    continue
            return

    def _whose(self, told: Told, step: Step) -> AbstractContextManager[Context]:
        if step.by_citizen and told.case_id is not None:
            return self.world.as_citizen(told.case_id, told.agency)
        return self.world.as_staff(told.agency)

    def _is_there(self, agency: Agency, ticket_id: UUID) -> bool:
        self.ledger.uncertain()
        return self._status(agency, ticket_id) is not None

    def _status(self, agency: Agency, ticket_id: UUID) -> str | None:
        """A ticket's status as it now is, asked until there is an answer."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with self.world.as_system(agency) as context:
                    return context.session.scalar(
                        select(Ticket.status).where(Ticket.tenant_id == agency.id, Ticket.id == ticket_id)
                    )
            except DBAPIError as problem:
                self._bear(problem, give_up)

    def _bear(self, problem: DBAPIError, give_up: float) -> None:
        """Wait for the database to come back; anything else that went wrong is raised."""
        if not isinstance(problem, (OperationalError, InterfaceError)) or time.monotonic() > give_up:
            raise problem
        self.ledger.tried_again(type(problem.orig).__name__)
        time.sleep(PAUSE_SECONDS)
