"""Telling the workers of jobs: one connection to the broker for a relay, made anew after any trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from infra.broker import queue_state

if TYPE_CHECKING:
    from celery import Celery


class Messages:
    """The relay's way to the broker, for one thread."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._connection: Any = None
        self._producer: Any = None

    def waiting(self) -> int:
        """How many messages no worker has taken yet.

        Raises whatever the broker's library does when it does not answer.
        """
        self._connect()
        try:
            return queue_state(self._connection).waiting
        except Exception:
            self.close()
            raise

    def send(self, task: str, tenant_id: UUID, job_id: UUID) -> None:
        """Tell the workers of a job that is due; an unreachable broker raises at once, since the job comes again."""
        self._connect()
        try:
            self._app.send_task(
                task, args=(str(tenant_id), str(job_id)), producer=self._producer, retry=False
            )
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Let the connection go; the next message makes a new one."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.release()

    def _connect(self) -> None:
        if self._connection is None:
            self._connection = self._app.connection_for_write()
            self._producer = self._app.amqp.Producer(self._connection, auto_declare=False)
