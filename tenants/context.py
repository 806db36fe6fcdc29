"""Who acts, for which tenants, in which language and at which moment: the one thing every call below the web takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.errors import NotAllowed
from tenants.languages import Language
from tenants.permissions import Permission


class ActorKind(StrEnum):
    """The kinds of somebody who can act."""

    CITIZEN = "citizen"
    STAFF = "staff"
    API_KEY = "api_key"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts; `grants` says what staff and keys may do in which tenant."""

    kind: ActorKind
    id: UUID | None = None
    grants: Mapping[UUID, frozenset[Permission]] = field(default_factory=dict)

    def may(self, permission: Permission, tenant_id: UUID) -> bool:
        """Whether this actor holds a permission in a tenant; the system holds all, citizens hold none."""
        if self.kind is ActorKind.SYSTEM:
            return True
        return permission in self.grants.get(tenant_id, frozenset())


SYSTEM = Actor(ActorKind.SYSTEM)
CITIZEN = Actor(ActorKind.CITIZEN)


@dataclass(frozen=True, slots=True)
class Context:
    """One unit of work: its actor, the tenants it may touch, its session, language and moment (UTC)."""

    actor: Actor
    tenants: frozenset[UUID]
    session: Session
    language: Language
    now: datetime
    case_id: UUID | None = None
    # Whether that case is one that this unit of work is there to open.
    new_case: bool = False
    # Whose journal this unit of work has written to; narrowed and widened contexts share it.
    written: set[UUID] = field(default_factory=set, compare=False)
    # The stamps of what bodies have set up as this unit of work has seen it, and whether it stays so meanwhile; see
    # tenants/set_up.py.
    set_up: Mapping[UUID, str] = field(default_factory=dict, compare=False)
    set_up_held: bool = False

    @property
    def tenant_id(self) -> UUID:
        """The one tenant of this context.

        Raises `RuntimeError` when it holds several: narrow it first, by opening one record.
        """
        if len(self.tenants) != 1:
            raise RuntimeError("this act needs a context of exactly one tenant")
        return next(iter(self.tenants))

    def demand(self, permission: Permission, tenant_id: UUID) -> None:
        """Go on only if the actor holds the permission in the tenant.

        Raises `NotAllowed` otherwise.
        """
        if not self.actor.may(permission, tenant_id):
            raise NotAllowed()

    def narrowed(self, tenant_id: UUID) -> Context:
        """The same unit of work, seeing one of its tenants only; the database's fence narrows with it.

        Raises `RuntimeError` for a tenant outside the context: narrowing never widens.
        """
        if tenant_id not in self.tenants:
            raise RuntimeError("a context cannot be narrowed to a tenant it does not hold")
        if len(self.tenants) == 1:
            return self
        return set_fence(replace(self, tenants=frozenset({tenant_id})))

    def reaching(self, case_id: UUID, *more_tenants: UUID) -> Context:
        """The same unit of work bound to one case, joined by the tenants that this case now concerns.

        For acts that hand a case on: the caller has proved its right to the case before. Within it the
        database shows no other case's tickets, so that the widened view holds nothing but this case.
        """
        return set_fence(replace(self, case_id=case_id, tenants=self.tenants | frozenset(more_tenants)))


_FENCE = text(
    "SELECT set_config('hub.tenants', :tenants, true), set_config('hub.case', :case, true),"
    " set_config('hub.actor', :actor, true), clock_timestamp()"
)


def set_fence(context: Context) -> Context:
    """Tell the database, for this transaction only, what the context may see; gives the context back."""
    read_fence_clock(context.session, context.actor, context.tenants, context.case_id)
    return context


def read_fence_clock(
    session: Session, actor: Actor, tenants: frozenset[UUID], case_id: UUID | None
) -> datetime:
    """Set the fence and read the database's clock in the same round trip."""
    row = session.execute(
        _FENCE,
        {
            "tenants": "{" + ",".join(sorted(str(tenant) for tenant in tenants)) + "}",
            "case": str(case_id or ""),
            "actor": str(actor.id or ""),
        },
    ).one()
    moment: datetime = row[3]
    return moment
