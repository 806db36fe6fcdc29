"""The broker of messages: the hub's own database unless another is named, and what can be asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from kombu.transport import pgmq
from pgmq import PGMQueue
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool
from pydantic import SecretStr

from infra.errors import BrokerLibraryMissing
from infra.settings import SCHEMES, BrokerKind, BrokerSettings

# The one queue; the migration of the broker makes it, because the processes' login makes nothing.
QUEUE: Final = "hub_jobs"

_POLL_MILLISECONDS: Final = 200
# How long a worker rests whose hands are full. Kombu's own second would allow it so many jobs a second as it has
# threads, and not one more.
_BUSY_SECONDS: Final = 0.02
# One connection takes messages while another acknowledges or sends.
_POOL_SIZE: Final = 2
_CONNECT_SECONDS: Final = 5
_LONGEST_WAIT_SECONDS: Final = 1.0
_LIBRARIES: Final = {BrokerKind.RABBITMQ: "amqp", BrokerKind.REDIS: "redis"}


class Channel(pgmq.Channel):
    """A channel that finds its queue made and makes none: the maker of a table would own it."""

    def _new_queue(self, queue: str, **_options: Any) -> None:
        """Nothing: the queue came with the migrations."""

    def basic_ack(self, delivery_tag: Any, multiple: bool = False) -> None:
        """Take a finished message from the queue.

        Where the database does not answer, the message is let go all the same: it comes again, and its job's row
        tells that it is done. Kept in hand, it would hold a place for ever, and a worker whose places are all held
        takes no message any more.
        """
        try:
            super().basic_ack(delivery_tag, multiple)  # type: ignore[no-untyped-call]
        except psycopg.Error:
            self.qos.ack(delivery_tag)

    def basic_reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        """Give a message back, or drop it; as with `basic_ack`, a database that is away keeps no place held."""
        try:
            super().basic_reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]
        except psycopg.Error:
            self.qos.reject(delivery_tag, requeue=False)


class Transport(pgmq.Transport):
    """Kombu's transport over PostgreSQL, by the very address the hub itself uses, with all its options."""

    Channel = Channel

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)  # type: ignore[no-untyped-call]
        self._options: dict[str, Any] = client.transport_options
        self._pool: ConnectionPool[Any] | None = None
        self._closed = False

    def _create_pgmq_client(self) -> PGMQueue:
        if self._closed:
            # A job that began before a reconnection acknowledges on the connection of then.
            raise psycopg.OperationalError("this connection to the broker has been closed")
        conninfo = self._options["conninfo"]
        # Every connection is tried before it is used: those of before a restart of the server are dead.
        self._pool = ConnectionPool(
            conninfo,
            kwargs={"application_name": "hub19 broker", "connect_timeout": _CONNECT_SECONDS},
            min_size=1,
            max_size=_POOL_SIZE,
            timeout=_CONNECT_SECONDS,
            check=ConnectionPool.check_connection,
            open=True,
        )
        return PGMQueue(
            conn_string=conninfo,
            pool=self._pool,
            init_extension=False,
            vt=int(self._options["visibility_timeout"]),
        )

    def drain_events(self, connection: Any, timeout: Any = None, **_options: Any) -> None:
        """Wait for messages, never long: a worker that is told to end looks up only between two waits."""
        wait = min(timeout or _LONGEST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS)
        super().drain_events(connection, timeout=wait)  # type: ignore[no-untyped-call]

    def close_connection(self, connection: Any) -> None:
        """Close the channels and the pool behind them."""
        self._closed = True
        try:
            super().close_connection(connection)
        finally:
            if self._pool is not None:
                self._pool.close()
                self._pool = None


@dataclass(frozen=True, slots=True)
class Broker:
    """Where messages go: `address` never holds a password, `secret_url` does."""

    kind: BrokerKind
    address: str
    secret_url: SecretStr
    options: dict[str, Any] = field(repr=False)

    def celery_settings(self) -> dict[str, Any]:
        """What Celery has to know of it."""
        if self.kind is BrokerKind.POSTGRESQL:
            return {
                "broker_url": self.address,
                "broker_transport": "infra.broker:Transport",
                "broker_transport_options": self.options,
            }
        return {"broker_url": self.secret_url.get_secret_value(), "broker_transport_options": self.options}


def find_broker(settings: BrokerSettings, database_url: SecretStr) -> Broker:
    """The broker that the environment names, else the hub's own database.

    Raises `BrokerLibraryMissing`.
    """
    if settings.url is None:
        conninfo = database_url.get_secret_value()
        parts = conninfo_to_dict(conninfo)
        address = (
            f"pgmq://{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
        )
        options = {
            "conninfo": conninfo,
            "visibility_timeout": settings.visibility_seconds,
            "poll_interval_ms": _POLL_MILLISECONDS,
            "polling_interval": _BUSY_SECONDS,
        }
        return Broker(BrokerKind.POSTGRESQL, address, database_url, options)
    url = settings.url.get_secret_value()
    kind = SCHEMES[url.partition("://")[0].lower()]
    if find_spec(_LIBRARIES[kind]) is None:
        raise BrokerLibraryMissing(field="HUB_BROKER_URL", package=_LIBRARIES[kind])
    # RabbitMQ itself knows when a worker is gone; Redis has to be told how long to wait.
    options = {"visibility_timeout": settings.visibility_seconds} if kind is BrokerKind.REDIS else {}
    named = urlsplit(url)
    return Broker(kind, f"{named.scheme}://{named.hostname or 'localhost'}", settings.url, options)


@dataclass(frozen=True, slots=True)
class QueueState:
    """How many messages wait, and since when the oldest of them does, in seconds, where the broker tells."""

    waiting: int
    oldest_seconds: int | None


def queue_state(connection: Any) -> QueueState:
    """What waits in the queue that a connection of kombu's leads to.

    Raises kombu's `OperationalError` when the broker does not answer.
    """
    connection.ensure_connection(max_retries=1, timeout=_CONNECT_SECONDS)
    channel = connection.default_channel
    if isinstance(channel, Channel):
        measured = channel.pgmq.metrics(QUEUE)
        return QueueState(measured.queue_length, measured.oldest_msg_age_sec)
    try:
        return QueueState(channel.queue_declare(QUEUE, passive=True).message_count, None)
    except connection.channel_errors:
        # Nobody has sent or taken anything yet.
        return QueueState(0, None)
