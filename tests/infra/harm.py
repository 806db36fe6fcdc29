"""Things that go wrong with a hub, done on purpose by a superuser."""

from __future__ import annotations

import socket
from typing import Any
from uuid import UUID

from hub.tickets import actions
from hub.tickets.access import ticket_for
from tests.factories.tickets import open_leak, resolve, work_on
from tests.infra.processes import Live

# As old as a fact can be by its id: the time in a version 7 UUID is that of 2020.
_OLD_ID = "016f5e66-e800-7000-8000-000000000001"


def promise_a_job(live: Live, **reported: Any) -> UUID:
    """Resolve a ticket, so that a job is promised to settle its duplicate; gives the duplicate's id."""
    main, duplicate = (open_leak(live.world, **reported) for _ in range(2))
    work_on(live.world, main)
    with live.world.as_staff(live.world.water) as context:
        version = ticket_for(context, duplicate.ticket_id).version
        actions.join(context, duplicate.ticket_id, version, main_ticket=main.ticket_id)
    resolve(live.world, main)
    return duplicate.ticket_id


def harm(live: Live, *statements: str) -> None:
    """Do to the database what no login of the hub may."""
    with live.administrator() as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


def old_fact(live: Live) -> None:
    """Leave a fact of long ago unsealed."""
    harm(
        live,
        "INSERT INTO journal (tenant_id, id, at, kind, actor_kind, data, written_by)"
        f" VALUES ('{live.world.tax.id}', '{_OLD_ID}', now(), 'service.saved', 'system', '{{}}', 1)",
    )


def closed_port() -> int:
    """A port where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
