"""What bodies have set up, remembered by each process until they change it.

Services, teams, forms, calendars, promises and routing rules are read for every new ticket and seldom changed. The
database keeps one stamp for all that a body has set up, a new one after each change, so that one short statement tells
whether what a process has read still holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any, Final, TypeVar
from uuid import UUID

from cachetools import LRUCache
from sqlalchemy import text

from tenants.context import Context

_STAMPS: Final = text("SELECT whose, stamp FROM set_up_of(CAST(:wanted AS uuid[]), :held)")
_CHANGE: Final = text("SELECT pg_advisory_xact_lock(lock_of_set_up(:whose))")

T = TypeVar("T")


def holding_set_up(context: Context, *tenant_ids: UUID) -> Context:
    """The same unit of work, in which what these bodies have set up stays as it is looked at now.

    Whoever changes what running things are counted by waits until this transaction ends, and this one for them: so
    whatever goes by the old set-up is in the database before the new one is.
    """
    held = context.set_up if context.set_up_held else {}
    wanted = set(tenant_ids) - held.keys()
    if not wanted:
        return context
    return replace(context, set_up={**held, **_stamps(context, wanted, held=True)}, set_up_held=True)


def seeing_set_up(context: Context, *tenant_ids: UUID) -> Context:
    """The same unit of work, for reading several things that are made of what these bodies have set up."""
    wanted = set(tenant_ids) - context.set_up.keys()
    if not wanted:
        return context
    return replace(context, set_up={**context.set_up, **_stamps(context, wanted, held=False)})


def wait_to_change_set_up(context: Context, tenant_id: UUID) -> None:
    """Wait for all who hold what a body has set up, and keep them from it until this transaction ends.

    Asked before anything of it is written: all changes of one body then come one after the other, and none of two waits
    for a row of the other's.
    """
    context.session.execute(_CHANGE, {"whose": tenant_id})


def remembered(
    context: Context, tenant_ids: tuple[UUID, ...], what: tuple[Any, ...], read: Callable[[], T]
) -> T:
    """Something that is made of what these bodies have set up; `read` only after a change of theirs.

    `what` tells it from everything else that is made of it, the name of its module first. Whether the context may see
    it is for the caller to look at before: what is remembered was read by another.
    """
    stamps = {tenant: context.set_up[tenant] for tenant in tenant_ids if tenant in context.set_up}
    missing = set(tenant_ids) - stamps.keys()
    if missing:
        stamps |= _stamps(context, missing, held=False)
    if stamps.keys() != set(tenant_ids):
        # A body that this unit of work does not see has nothing that could be remembered.
        return read()
    key = (*what, *((tenant, stamps[tenant]) for tenant in tenant_ids))
    with _lock:
        if key in _known:
            found: T = _known[key]
            return found
    made = read()
    with _lock:
        _known[key] = made
    return made


def _stamps(context: Context, tenant_ids: set[UUID], *, held: bool) -> Mapping[UUID, str]:
    wanted = "{" + ",".join(sorted(map(str, tenant_ids))) + "}"
    return {
        row.whose: row.stamp for row in context.session.execute(_STAMPS, {"wanted": wanted, "held": held})
    }


_lock = Lock()
_known: LRUCache[tuple[Any, ...], Any] = LRUCache(maxsize=10_000)
