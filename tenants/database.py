"""The engine, the tables' base, and the unit of work: one transaction, fenced, committed here and nowhere else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    MetaData,
    Row,
    TextClause,
    TypeDecorator,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

from tenants.clock import Clock, DatabaseClock
from tenants.context import Actor, Context, read_fence_clock
from tenants.ids import new_id
from tenants.languages import Language, Text


class Bilingual(TypeDecorator[Text]):
    """A column holding a text in both languages, as `{"ar": ..., "en": ...}`."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Text | None, dialect: Dialect) -> dict[str, str] | None:
        """From the text to what is stored."""
        return None if value is None else {"ar": value.ar, "en": value.en}

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Text | None:
        """From what is stored to the text."""
        return None if value is None else Text(ar=value["ar"], en=value["en"])


class Base(DeclarativeBase):
    """Every table of the hub; the names of constraints follow one pattern."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own protocol
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[Any]: JSONB(none_as_null=True),
        list[str]: JSONB(none_as_null=True),
        UUID: UUID_TYPE(as_uuid=True),
        Text: Bilingual,
    }


class TenantOwned:
    """A row of one tenant: its key, and every key that points to it, starts with the tenant."""

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)


def _try_rested_connections(engine: Engine) -> None:
    """Have a connection that rested tried before it is used; the server may have been restarted meanwhile.

    One that was used a moment ago is not: that would be a round trip more for each unit of work.
    """

    def rest(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    def wake(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        now = time.monotonic()
        if now - record.info.get("rests_since", now) <= _TRIED_AFTER_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except psycopg.Error:
            raise InvalidatePoolError("this connection is dead, and so are the others that rest") from None

    event.listen(engine, "checkin", rest)
    event.listen(engine, "checkout", wake)


_TRIED_AFTER_SECONDS: Final = 1.0


class NoTenant(RuntimeError):  # noqa: N818 - says what is missing
    """A unit of work was asked for without a tenant or a case: there is no session for that."""


class CountingPool(QueuePool):
    """A pool that knows how many threads are in line for a connection at this moment."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._in_line = 0
        self._counting = Lock()

    @property
    def most_overflow(self) -> int:
        """How many connections it opens beyond those it keeps."""
        return self._max_overflow

    @property
    def in_line(self) -> int:
        """How many ask for a connection and have none yet."""
        return self._in_line

    def connect(self) -> PoolProxiedConnection:
        """A connection, as soon as there is one."""
        with self._counting:
            self._in_line += 1
        try:
            return super().connect()
        finally:
            with self._counting:
                self._in_line -= 1


class Database:
    """Where units of work come from: a process's pool of connections, or one connection of a test."""

    def __init__(self, bind: Engine | Connection, *, clock: Clock | None = None) -> None:
        self.bind = bind
        self.clock: Clock = clock or DatabaseClock()
        # Told after each commit whose journal it has written to; a hint to look, which may get lost.
        self.after_commit: Callable[[Iterable[UUID]], None] | None = None

    @classmethod
    def at(cls, url: str, *, pool_size: int = 5, clock: Clock | None = None) -> Database:
        """The database at an address, with a pool that grows to twice `pool_size` connections."""
        engine = create_engine(
            for_psycopg(url),
            poolclass=CountingPool,
            pool_size=pool_size,
            max_overflow=pool_size,
            # The words of an exception reach logs and the list of failed jobs; what people said must not.
            hide_parameters=True,
            connect_args={"application_name": "hub19", "connect_timeout": 10},
        )
        _try_rested_connections(engine)
        return cls(engine, clock=clock)

    @contextmanager
    def unit_of_work(
        self,
        *,
        actor: Actor,
        tenants: Collection[UUID] = (),
        case_id: UUID | None = None,
        new_case: bool = False,
        language: Language = Language.ARABIC,
        clock: Clock | None = None,
    ) -> Iterator[Context]:
        """One transaction for one actor: all of it is kept at the end, or nothing after any exception.

        It sees the rows of `tenants` and, for a citizen, of `case_id`; nothing else exists in it. One that is there
        to open a `new_case` is bound to that case from the beginning, which spares it two round trips.
        Raises `NoTenant` when neither is given.
        """
        if not tenants and case_id is None:
            raise NoTenant("a unit of work needs its tenants")
        held = frozenset(tenants)
        bound = new_id() if new_case else case_id
        with (
            Session(self.bind, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
            session.begin(),
        ):
            moment = read_fence_clock(session, actor, held, bound)
            context = Context(
                actor=actor,
                tenants=held,
                session=session,
                language=language,
                now=(clock or self.clock).read(moment),
                case_id=bound,
                new_case=new_case,
            )
            yield context
        if self.after_commit is not None and context.written:
            self.after_commit(context.written)

    def call(self, statement: str, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """Run one statement of the driver (`%(name)s`) as a transaction of its own, in one round trip, without context.

        For the database's own functions that open exactly what their caller names: without a context the fences show
        nothing else.
        """
        if isinstance(self.bind, Connection):
            with self.bind.begin_nested():
                return self.bind.exec_driver_sql(statement, dict(values)).all()
        with self.bind.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            return alone.exec_driver_sql(statement, dict(values)).all()

    def dispose(self) -> None:
        """Close the pool's connections."""
        if isinstance(self.bind, Engine):
            self.bind.dispose()


# What is to be written to one table; all of its rows name the same columns.
Rows = tuple[type[Base], Sequence[Mapping[str, Any]]]


def insert_many(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many rows of one table in one statement; all of them name the same columns.

    For bulk work that COPY would be for, if PostgreSQL did not refuse it on fenced tables: the fence, constraints
    and triggers see every row.
    """
    insert_together(session, [(table, rows)])


def insert_together(
    session: Session,
    rows: Sequence[Rows],
    *,
    if_free: str | None = None,
) -> bool:
    """Write rows of several tables, each at most once, in one statement and one round trip; gives whether it did.

    Keys between them are checked when all are there. With `if_free`, a column of the first table, nothing at all is
    written when another row has its value already; otherwise it always does.
    """
    given = [(table, each) for table, each in rows if each]
    if not given:
        return True
    shapes = tuple((table.__tablename__, tuple(each[0])) for table, each in given)
    values = {f"rows{place}": as_json(each) for place, (_, each) in enumerate(given)}
    return bool(session.execute(_insertion(shapes, if_free), values).scalar_one())


@lru_cache(maxsize=500)
def _insertion(shapes: tuple[tuple[str, tuple[str, ...]], ...], if_free: str | None) -> TextClause:
    parts = []
    for place, (name, columns) in enumerate(shapes):
        listed = ", ".join(columns)
        part = (
            f"INSERT INTO {name} ({listed})"  # noqa: S608 - names of the models, never of input
            f" SELECT {listed} FROM json_populate_recordset(NULL::{name}, CAST(:rows{place} AS json))"
        )
        if if_free is not None:
            part += (
                f" ON CONFLICT ({if_free}) DO NOTHING"
                if place == 0
                else " WHERE EXISTS (SELECT FROM written0)"
            )
        parts.append(f"written{place} AS ({part} RETURNING 1)")
    return text(f"WITH {', '.join(parts)} SELECT count(*) FROM written0")  # noqa: S608


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as one JSON document that PostgreSQL reads back into their columns."""
    return json.dumps(rows, default=_as_postgresql_reads_it, ensure_ascii=False)


def _as_postgresql_reads_it(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds()} seconds"
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"{type(value).__name__} cannot be written in bulk")


def for_psycopg(url: str) -> str:
    """An address as operators write it, naming the driver that the hub uses."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else url


_process: Database | None = None


def use_database(database: Database) -> None:
    """Make a database the one that this process's tasks work on."""
    global _process  # noqa: PLW0603 - Celery tasks get ids and nothing else
    _process = database


def process_database() -> Database:
    """The database of this process.

    Raises `RuntimeError` before `use_database`.
    """
    if _process is None:
        raise RuntimeError("this process has not been given its database")
    return _process


def is_lost_connection(problem: BaseException) -> bool:
    """Whether an exception says that the database went away, so that the work may be tried again."""
    return isinstance(problem, OperationalError) and bool(problem.connection_invalidated)
