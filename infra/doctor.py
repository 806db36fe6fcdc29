"""The doctor: looks at everything the hub stands on and says of each thing whether it is well and what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from typing import Any, Final
from uuid import uuid4

import psycopg
from kombu.exceptions import OperationalError as BrokerDown
from psycopg import Connection

from hub.attachments.errors import StoreUnavailable
from hub.attachments.scanner import Scanner, ScannerUnreachable
from hub.attachments.settings import FileSettings
from hub.attachments.store import BytesMissing, FileStore
from hub.tickets.settings import key_settings
from infra import doctor_texts as texts
from infra.broken_clocks import BrokenClock, broken_clocks
from infra.broker import find_broker, queue_state
from infra.celery_app import celery_app
from infra.fence_gaps import fence_gaps
from infra.process import PEPPER, check_version, missing_migrations, provide_pepper
from infra.settings import BrokerSettings
from infra.work_state import WorkState, work_state
from tenants.across import Across
from tenants.data_folder import data_home
from tenants.database import Database
from tenants.errors import Refusal
from tenants.ids import HUB
from tenants.languages import Language, Text
from tenants.roles import ROLES, check_login
from tenants.servers import DatabaseUrls, ExternalServer, OwnServer, find_server
from tenants.settings import DatabaseSettings

_MEGABYTE: Final = 1024 * 1024
_DISK_WARNING: Final = 2048 * _MEGABYTE
_DISK_PROBLEM: Final = 256 * _MEGABYTE
_CLOCKS_APART_SECONDS: Final = 5
# Rounds come every second; a minute behind means that nobody makes them.
_LATE_SECONDS: Final = 60
_UNSEALED_SECONDS: Final = 600
_GAPS_TOLD: Final = 5
_DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")
_LIMITS: Final = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


class Level(StrEnum):
    """How bad it is: a warning can wait until tomorrow, a problem cannot."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: what was looked at, how it is, and in words what to do."""

    check: str
    level: Level
    text: Text


def examine() -> Iterator[Finding]:
    """Everything in order of dependence, each finding as it is made.

    What cannot be looked at, because something before it is broken, is left out.
    """
    try:
        server = find_server(DatabaseSettings())
        server.start()
    except Refusal as refused:
        yield _refused("server", refused)
        return
    try:
        yield Finding("server", Level.OK, server.describe())
        yield from _of_server(server, server.urls())
    finally:
        server.stop()


def _of_server(server: ExternalServer | OwnServer, urls: DatabaseUrls) -> Iterator[Finding]:
    with psycopg.connect(urls.app.get_secret_value(), autocommit=True, connect_timeout=10) as connection:
        yield from _version(connection)
        yield from _settings(connection)
        yield from _machine_clock(connection)
        yield from _roles(connection)
        login = _unless_refused("login", texts.LOGIN, lambda: check_login(connection))
        yield login
        migrations = _migrations(urls)
        yield migrations
        if migrations.level is Level.OK:
            yield from _fences(connection)
    pepper = _pepper(server)
    yield pepper
    yield from _disk(server)
    # Links to files are signed with the pepper, so without it there is no way to the store.
    if pepper.level is Level.OK:
        yield from _files()
    yield from _broker(urls)
    if login.level is migrations.level is Level.OK:
        database = Database.at(urls.app.get_secret_value(), pool_size=1)
        try:
            yield from _work(work_state(Across(database)))
            yield from _clocks(broken_clocks(Across(database), most=_GAPS_TOLD))
        finally:
            database.dispose()


def _version(connection: Connection[Any]) -> Iterator[Finding]:
    version = connection.info.parameter_status("server_version")
    yield _unless_refused("version", _with(texts.VERSION, version=version), lambda: check_version(connection))


def _settings(connection: Connection[Any]) -> Iterator[Finding]:
    wrong = [name for name in _DURABLE if _setting(connection, name) == "off"]
    missing = [name for name in _LIMITS if _setting(connection, name) == "0"]
    if _setting(connection, "server_encoding") != "UTF8":
        yield Finding("settings", Level.PROBLEM, texts.ENCODING)
    if wrong:
        yield Finding("settings", Level.PROBLEM, _with(texts.NOT_DURABLE, names=", ".join(wrong)))
    if missing:
        yield Finding("settings", Level.WARNING, _with(texts.NO_LIMITS, names=", ".join(missing)))
    if not wrong and not missing:
        yield Finding("settings", Level.OK, texts.SETTINGS)


def _setting(connection: Connection[Any], name: str) -> str:
    return str(_value(connection, "SELECT current_setting(%s)", name))


def _machine_clock(connection: Connection[Any]) -> Iterator[Finding]:
    before = datetime.now(UTC)
    theirs = _value(connection, "SELECT clock_timestamp()")
    ours = before + (datetime.now(UTC) - before) / 2
    apart = abs((theirs - ours).total_seconds())
    if apart > _CLOCKS_APART_SECONDS:
        yield Finding("clock", Level.WARNING, _with(texts.CLOCKS_APART, seconds=f"{apart:.0f}"))
    else:
        yield Finding("clock", Level.OK, texts.CLOCK)


def _roles(connection: Connection[Any]) -> Iterator[Finding]:
    rows = connection.execute(
        "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper FROM pg_roles WHERE rolname = ANY (%s)",
        ([role.name for role in ROLES],),
    )
    found = {name: (logs_in, bypasses, superuser) for name, logs_in, bypasses, superuser in rows}
    wrong = [
        role.name for role in ROLES if found.get(role.name) != (role.logs_in, role.bypasses_fences, False)
    ]
    if wrong:
        yield Finding("roles", Level.PROBLEM, _with(texts.ROLES_WRONG, names=", ".join(wrong)))
    else:
        yield Finding("roles", Level.OK, texts.ROLES)


def _migrations(urls: DatabaseUrls) -> Finding:
    try:
        lacking = missing_migrations(urls.app)
    except Refusal as refused:
        return _refused("migrations", refused)
    if lacking:
        text = _with(texts.MIGRATIONS_MISSING, count=len(lacking), first=lacking[0])
        return Finding("migrations", Level.PROBLEM, text)
    return Finding("migrations", Level.OK, texts.MIGRATIONS)


def _fences(connection: Connection[Any]) -> Iterator[Finding]:
    gaps = fence_gaps(connection)
    for gap in gaps[:_GAPS_TOLD]:
        yield Finding("fences", Level.PROBLEM, _with(texts.FENCE_GAP, gap=gap))
    if len(gaps) > _GAPS_TOLD:
        yield Finding("fences", Level.PROBLEM, _with(texts.MORE_GAPS, count=len(gaps) - _GAPS_TOLD))
    if not gaps:
        yield Finding("fences", Level.OK, texts.FENCES)


def _pepper(server: ExternalServer | OwnServer) -> Finding:
    try:
        provide_pepper(server, needed=True)
        key_settings()
    except Refusal as refused:
        return _refused("pepper", refused)
    except ValueError:
        return Finding("pepper", Level.PROBLEM, _with(texts.PEPPER_SHORT, name=PEPPER))
    return Finding("pepper", Level.OK, texts.PEPPER)


def _disk(server: ExternalServer | OwnServer) -> Iterator[Finding]:
    if isinstance(server, ExternalServer):
        return
    free = shutil.disk_usage(server.folder.path).free
    level = Level.PROBLEM if free < _DISK_PROBLEM else Level.WARNING if free < _DISK_WARNING else Level.OK
    text = texts.DISK if level is Level.OK else texts.DISK_FULL
    yield Finding("disk", level, _with(text, folder=server.folder.path, megabytes=free // _MEGABYTE))


def _files() -> Iterator[Finding]:
    """The store takes a small file, gives it back and lets it go; the scanner, where there is one, gives a verdict."""
    try:
        settings = FileSettings.model_validate({})
    except Refusal as refused:
        yield _refused("files", refused)
        return
    place = settings.s3_url or str(settings.folder or data_home(DatabaseSettings()) / "files")
    # Under the hub's own prefix, where the sweep of orphans removes what a crash of the doctor leaves.
    key, content = f"{HUB}/{uuid4()}/doctor", b"hub19"
    try:
        store = FileStore.of(settings)
        store.write(key, content)
        same = b"".join(store.read(key)) == content
        store.remove([key])
    except (StoreUnavailable, BytesMissing) as problem:
        reason = type(problem.__cause__ or problem).__name__
        yield Finding("files", Level.PROBLEM, _with(texts.FILES_DOWN, place=place, reason=reason))
    else:
        text = texts.FILES if same else texts.FILES_DIFFER
        yield Finding("files", Level.OK if same else Level.PROBLEM, _with(text, place=place))
    if settings.scanner is not None:
        yield _scanner(Scanner(settings.scanner, settings.scanner_seconds))


def _scanner(scanner: Scanner) -> Finding:
    try:
        scanner.scan(BytesIO(b"hub19"))
    except ScannerUnreachable as problem:
        text = _with(texts.SCANNER_DOWN, address=scanner.address, reason=problem)
        return Finding("scanner", Level.PROBLEM, text)
    return Finding("scanner", Level.OK, _with(texts.SCANNER, address=scanner.address))


def _broker(urls: DatabaseUrls) -> Iterator[Finding]:
    try:
        settings = BrokerSettings()
        broker = find_broker(settings, urls.app)
        with celery_app(broker).connection_for_read() as connection:
            state = queue_state(connection)
    except Refusal as refused:
        yield _refused("broker", refused)
    except (BrokerDown, psycopg.Error, OSError) as problem:
        yield Finding(
            "broker",
            Level.PROBLEM,
            _with(texts.BROKER_DOWN, address=broker.address, reason=type(problem).__name__),
        )
    else:
        late = state.oldest_seconds is not None and state.oldest_seconds > 2 * settings.visibility_seconds
        yield Finding(
            "broker",
            Level.WARNING if late else Level.OK,
            _with(
                texts.QUEUE_OLD if late else texts.BROKER,
                address=broker.address,
                waiting=state.waiting,
                seconds=state.oldest_seconds,
            ),
        )


def _work(state: WorkState) -> Iterator[Finding]:
    if state.failed_jobs:
        yield Finding("jobs", Level.WARNING, _with(texts.JOBS_FAILED, count=state.failed_jobs))
    if state.jobs_late_seconds > _LATE_SECONDS:
        yield Finding(
            "jobs",
            Level.WARNING,
            _with(texts.JOBS_LATE, count=state.waiting_jobs, seconds=round(state.jobs_late_seconds)),
        )
    if not state.failed_jobs and state.jobs_late_seconds <= _LATE_SECONDS:
        yield Finding("jobs", Level.OK, _with(texts.JOBS, count=state.waiting_jobs))
    late = state.clocks_late_seconds > _LATE_SECONDS
    yield Finding(
        "sweep",
        Level.WARNING if late else Level.OK,
        _with(texts.SWEEP_LATE if late else texts.SWEEP, seconds=round(state.clocks_late_seconds)),
    )
    old = state.unsealed_seconds > _UNSEALED_SECONDS
    yield Finding(
        "seals",
        Level.WARNING if old else Level.OK,
        _with(texts.SEALS_OLD if old else texts.SEALS, minutes=round(state.unsealed_seconds / 60)),
    )


def _clocks(broken: Sequence[BrokenClock]) -> Iterator[Finding]:
    for clock in broken:
        text = _with(texts.CLOCK_BROKEN, table=clock.table, id=clock.id, trouble=clock.trouble)
        yield Finding("clocks", Level.PROBLEM, text)
    if not broken:
        yield Finding("clocks", Level.OK, texts.CLOCKS)


def _unless_refused(check: str, well: Text, look: Callable[[], None]) -> Finding:
    try:
        look()
    except Refusal as refused:
        return _refused(check, refused)
    return Finding(check, Level.OK, well)


def _refused(check: str, refused: Refusal) -> Finding:
    return Finding(
        check,
        Level.PROBLEM,
        Text(ar=refused.sentence(Language.ARABIC), en=refused.sentence(Language.ENGLISH)),
    )


def _with(text: Text, **facts: object) -> Text:
    return Text(ar=text.ar.format(**facts), en=text.en.format(**facts))


def _value(connection: Connection[Any], query: str, *parameters: object) -> Any:
    row = connection.execute(query.encode(), parameters).fetchone()
    if row is None:
        raise LookupError("a look at one value gave none")
    return row[0]
