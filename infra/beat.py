"""The beat: what happens by the clock is made in rounds of its own process, so that no broker can delay it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self

import structlog
from sqlalchemy.exc import OperationalError

from hub.attachments.actions import sweep_orphans
from hub.drafts.actions import forget_drafts
from hub.journal.relay import hand_out
from hub.journal.sealing import seal_tenant
from hub.journal.settings import JobSettings
from hub.messages.actions import give_up_late_messages
from hub.promises.actions import reckon_promises
from hub.proofs.actions import forget_proofs
from hub.sla.actions import sweep_clocks
from hub.tickets.actions import close_after_silence
from hub.web.kept_answers import forget_answers
from infra.broker import find_broker
from infra.celery_app import celery_app
from infra.messages import Messages
from infra.process import Hub
from infra.settings import BrokerSettings, RoundSettings
from tenants.across import Purpose, all_tenants
from tenants.context import SYSTEM, Context
from tenants.ids import HUB
from tenants.rate_limits import sweep_counts

if TYPE_CHECKING:
    from uuid import UUID

    from celery import Celery

_JOBS_AT_ONCE: Final = 500
_ENOUGH_MESSAGES: Final = 100
_CLOCKS_AT_ONCE: Final = 500
_SILENT_AT_ONCE: Final = 200
_FORGOTTEN_AT_ONCE: Final = 10_000
_FIRST_EXTRA_WAIT: Final = 0.5

_log = structlog.get_logger()


class Forget(Protocol):
    """Removes some of what is over, for the hub itself; gives its number."""

    def __call__(self, context: Context, *, limit: int) -> int:
        """At most so many."""


@dataclass(frozen=True, slots=True)
class Round:
    """Something that is looked after at intervals; `batch` says whether more of it waits."""

    name: str
    seconds: float
    batch: Callable[[], bool]


def rounds_of(hub: Hub, app: Celery) -> list[Round]:
    """The rounds of a hub: jobs handed out, deadlines fired, silence ended, the journal sealed, how promises were kept
    reckoned, files swept, and what is kept for a while only forgotten.
    """
    every, jobs = RoundSettings(), JobSettings()
    return [
        Round("relay", every.relay_seconds, partial(hand_out_jobs, hub, Messages(app), jobs)),
        Round("sweep", every.sweep_seconds, partial(_swept, hub, _sweep)),
        Round("silence", every.silence_seconds, partial(_swept, hub, _close_silent)),
        Round("sealing", every.sealing_seconds, partial(_sealed, hub)),
        Round("promises", every.promises_seconds, partial(_reckoned, hub)),
        Round("files", every.files_seconds, partial(_files_swept, hub)),
        Round("counts", every.counts_seconds, partial(_forgotten, hub, sweep_counts)),
        Round("answers", every.counts_seconds, partial(_forgotten, hub, forget_answers)),
        Round("drafts", every.counts_seconds, partial(_forgotten, hub, forget_drafts)),
        Round("proofs", every.counts_seconds, partial(_forgotten, hub, forget_proofs)),
        Round("messages", every.counts_seconds, partial(_forgotten, hub, give_up_late_messages)),
    ]


def run_beat(hub: Hub) -> None:
    """Make the rounds until TERM or an interrupt; each batch that was begun is finished.

    Any number of beats may run at once: whatever is due is claimed by one of them.
    """
    app = celery_app(find_broker(BrokerSettings(), hub.urls.app))
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with Rounds(rounds_of(hub, app), revive=hub.server.start):
        ended.wait()


class Rounds:
    """The rounds, each in a thread of its own: one that fails or waits keeps no other from its time."""

    def __init__(self, rounds: Sequence[Round], *, revive: Callable[[], None] | None = None) -> None:
        """`revive` is tried when a round finds no database: it brings back a server of our own, or tells why not."""
        self._ended = threading.Event()
        self._revive = revive
        self._longest_wait = RoundSettings().longest_wait_seconds
        self._threads = [
            threading.Thread(target=self._keep_up, args=(each,), name=f"round {each.name}") for each in rounds
        ]

    def __enter__(self) -> Self:
        """Begins."""
        for thread in self._threads:
            thread.start()
        _log.info("rounds_begun", rounds=[thread.name for thread in self._threads])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends after what each round is at."""
        self._ended.set()
        for thread in self._threads:
            thread.join()
        _log.info("rounds_ended")

    def _keep_up(self, each: Round) -> None:
        failures = 0
        while not self._ended.is_set():
            if self._make(each, failures):
                failures = 0
            else:
                failures += 1
            self._ended.wait(each.seconds + self._extra_wait(failures))

    def _make(self, each: Round, failures: int) -> bool:
        """One round; whether it went well. Whatever goes wrong in it is told, and ends with it."""
        try:
            while each.batch() and not self._ended.is_set():
                pass
        except Exception as problem:
            _log.exception("round_failed", round=each.name, failures=failures + 1, exc_info=problem)
            if isinstance(problem, OperationalError):
                self._try_to_revive(each)
            return False
        if failures:
            _log.info("round_recovered", round=each.name, after_failures=failures)
        return True

    def _try_to_revive(self, each: Round) -> None:
        if self._revive is None or self._ended.is_set():
            return
        try:
            self._revive()
        except Exception as problem:
            _log.warning("server_not_there", round=each.name, exc_info=problem)

    def _extra_wait(self, failures: int) -> float:
        if not failures:
            return 0
        wait: float = min(_FIRST_EXTRA_WAIT * 2 ** (failures - 1), self._longest_wait)
        return wait


def hand_out_jobs(hub: Hub, messages: Messages, settings: JobSettings) -> bool:
    """Hand out the promised jobs that are due; gives whether more may be.

    A broker that is down leaves them to come again. So does a queue that the workers are not through with: every
    lease that runs out would add another message for a job that is waiting in it already, until workers, once they
    are back, had only messages of the past to read.
    """
    if messages.waiting() >= _ENOUGH_MESSAGES:
        return False
    return hand_out(hub.across, messages.send, settings, limit=_JOBS_AT_ONCE) >= _JOBS_AT_ONCE


def _swept(hub: Hub, work: Callable[[Context], bool]) -> bool:
    with hub.across.unit_of_work(Purpose.ROUNDS, actor=SYSTEM) as context:
        return work(context)


def _sweep(context: Context) -> bool:
    return sweep_clocks(context, limit=_CLOCKS_AT_ONCE) >= _CLOCKS_AT_ONCE


def _close_silent(context: Context) -> bool:
    return close_after_silence(context, limit=_SILENT_AT_ONCE) >= _SILENT_AT_ONCE


def _forgotten(hub: Hub, forget: Forget) -> bool:
    with hub.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        return forget(context, limit=_FORGOTTEN_AT_ONCE) >= _FORGOTTEN_AT_ONCE


def _files_swept(hub: Hub) -> bool:
    swept = sweep_orphans(hub.across)
    if swept.given_up or swept.orphans:
        _log.info("files_swept", given_up=swept.given_up, orphans=swept.orphans)
    return False


def _sealed(hub: Hub) -> bool:
    seal_all(hub)
    return False


def _reckoned(hub: Hub) -> bool:
    reckon_all(hub)
    return False


def seal_all(hub: Hub) -> int:
    """Seal what every tenant's settled transactions wrote, each tenant in a transaction of its own; gives the
    number of facts sealed.

    A tenant that cannot be sealed keeps no other from it: the first failure is raised in the end.
    """
    return _for_each(
        hub, Purpose.SEALING, lambda context: seal_tenant(context, context.tenant_id), "sealing_failed"
    )


def reckon_all(hub: Hub, *, anew: bool = False, only: UUID | None = None) -> int:
    """Bring the figures of how promises were kept up to date, each body's in a transaction of its own; gives the
    number of days reckoned.

    `anew` reckons every day shown, whether anything happened or not, and `only` one body. A body that fails keeps no
    other from it: the first failure is raised in the end.
    """
    return _for_each(
        hub,
        Purpose.ROUNDS,
        lambda context: reckon_promises(context, anew=anew),
        "reckoning_failed",
        only=only,
    )


def _for_each(
    hub: Hub,
    purpose: Purpose,
    work: Callable[[Context], int],
    failure: str,
    *,
    only: UUID | None = None,
) -> int:
    """Do something for every tenant by itself; gives the sum of what was done."""
    with hub.across.unit_of_work(purpose, actor=SYSTEM) as context:
        tenants = [each for each in all_tenants(context) if only in (None, each)]
    done = 0
    failed: Exception | None = None
    for tenant_id in tenants:
        try:
            with hub.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
                done += work(context)
        except Exception as problem:
            failed = failed or problem
            _log.warning(failure, tenant=str(tenant_id), exc_info=problem)
    if failed is not None:
        raise failed
    return done
