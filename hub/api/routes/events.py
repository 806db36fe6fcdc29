"""Live events: what happens to a body's tickets, as it happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from hub.api.calls import Call
from hub.api.errors import PositionNotUnderstood
from hub.api.guards import Machine
from hub.api.routing import StrictRoute
from hub.journal.following import (
    Followed,
    FollowedFact,
    Position,
    facts_after,
    position_now,
    read_position,
    write_position,
)
from tenants.errors import Refusal
from tenants.permissions import Permission

router = APIRouter(route_class=StrictRoute, tags=["Live events"])

_AT_ONCE: Final = 500
# News are a hint, which may get lost: the journal is looked at anyway.
_LOOK_ANYWAY_SECONDS: Final = 5.0
# However much happens, a stream asks the database no more often.
_REST_SECONDS: Final = 0.2
# A key that was revoked hears nothing from then on.
_ADMITTED_ANEW_SECONDS: Final = 15.0
_LONGEST_SECONDS: Final = 3600.0
_EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Server-sent events, each with the kind of its fact as `event`, and as `data` the fact's id, its"
        " moment, the ticket and its version after it.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("/events", response_class=Response, responses=_EVENTS)
async def follow(
    call: Annotated[Call, Depends(Machine(Permission.TICKETS_READ))],
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    """Hear of every change to a ticket of the body, from now on or from where the last stream broke off.

    None is missed; around a new connection one may come twice, told apart by the `fact` in its data.
    """
    await run_in_threadpool(call.admitted)
    (tenant_id,) = call.caller.tenants
    position = None
    if last_event_id is not None:
        position = read_position(last_event_id)
        if position is None:
            raise PositionNotUnderstood(field="Last-Event-ID")
    call.state.streams.demand_room(tenant_id)
    response = StreamingResponse(_told(call, tenant_id, position), media_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    # Proxies that gather answers before they pass them on are asked not to.
    response.headers["X-Accel-Buffering"] = "no"
    response.headers.update(call.headers)
    return response


async def _told(call: Call, tenant_id: UUID, position: Position | None) -> AsyncIterator[bytes]:
    """The events, until the reader leaves, the key ends, or the database does: they come back and go on from there.

    Nothing is gathered for a reader: a slow one makes only itself wait, and reads the journal later.
    """
    begun = admitted = time.monotonic()
    with call.state.streams.waiting(tenant_id) as awake:
        yield b"retry: 2000\n\n"
        while time.monotonic() - begun < _LONGEST_SECONDS:
            awake.clear()
            try:
                if time.monotonic() - admitted > _ADMITTED_ANEW_SECONDS:
                    await run_in_threadpool(call.admit_anew)
                    admitted = time.monotonic()
                followed = await run_in_threadpool(_look, call, tenant_id, position)
            except (Refusal, OperationalError):
                return
            position = followed.position
            for fact in followed.facts:
                yield _event(fact, position)
            if len(followed.facts) == _AT_ONCE:
                continue
            try:
                await asyncio.wait_for(awake.wait(), _LOOK_ANYWAY_SECONDS)
            except TimeoutError:
                yield b": nothing new\n\n"
            await asyncio.sleep(_REST_SECONDS)


def _look(call: Call, tenant_id: UUID, position: Position | None) -> Followed:
    with call.work() as context:
        if position is None:
            return Followed((), position_now(context, tenant_id))
        return facts_after(context, tenant_id, position, limit=_AT_ONCE)


def _event(fact: FollowedFact, position: Position) -> bytes:
    data = {"fact": fact.id, "at": fact.at, "ticket_id": fact.ticket_id, "version": fact.version}
    stands_at = write_position(min(position.low, fact.written_by), fact.id)
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (
        stands_at.encode(),
        fact.kind.encode(),
        orjson.dumps(data),
    )
