"""The ground's tables: tenants, staff, who works where, and the record of looks across tenants."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base, TenantOwned
from tenants.languages import Text


class TenantState(StrEnum):
    """Where a body stands on its way onto the hub."""

    PREPARING = "preparing"
    LIVE = "live"
    SUSPENDED = "suspended"


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A check that a text column holds one of an enumeration's values.

    Text with a check and not a native enumeration: comparing native ones is not leakproof, so the planner could
    not use an index under row-level security.
    """
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Tenant(Base):
    """One government body on the hub; the list of bodies is public."""

    __tablename__ = "tenants"
    __table_args__ = (
        one_of("state", TenantState),
        CheckConstraint("silence_days BETWEEN 1 AND 365", name="silence_days"),
        CheckConstraint("reopen_days BETWEEN 0 AND 365", name="reopen_days"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Text]
    short_name: Mapped[Text]
    about: Mapped[Text]
    # Whose places it names them by: a folder of tenants/reference; without one, places are not checked.
    country: Mapped[str | None]
    zone: Mapped[str]
    state: Mapped[str]
    # Days a citizen asked "is it solved?" may stay silent before the ticket closes as silent.
    silence_days: Mapped[int]
    # Days after closing within which the citizen may have the ticket reopened; counted from the closing alone.
    reopen_days: Mapped[int]
    created_at: Mapped[datetime]


class User(Base):
    """One member of staff, known hub-wide; what they may do stands in their memberships."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_name: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Text]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Membership(Base):
    """What one user is in one tenant."""

    __tablename__ = "memberships"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    roles: Mapped[list[str]]
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "user_id"),)


class AcrossUse(Base):
    """One look across tenants: who, what for, how many tenants; append-only."""

    __tablename__ = "across_uses"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    purpose: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    tenants: Mapped[int]


class ApiKey(TenantOwned, Base):
    """One key by which a tenant's machines sign in; its secret is known to its holder alone.

    The id is random and stands in the key itself. `addresses` are the ranges it may be used from; none means any.
    """

    __tablename__ = "api_keys"

    name: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]]
    addresses: Mapped[list[str]]
    # Nobody: the system made it, for an operator on the command line.
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    # To the minute.
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    # The key that this one follows; a key has one successor at most.
    replaces: Mapped[UUID | None]

    __table_args__ = (
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(["tenant_id", "replaces"], ["api_keys.tenant_id", "api_keys.id"]),
        UniqueConstraint("id"),
        UniqueConstraint("tenant_id", "replaces"),
    )


class SetUpStamp(Base):
    """A new one after each change of what a tenant has set up, written by the database; see `tenants.set_up`."""

    __tablename__ = "set_up_stamps"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    stamp: Mapped[UUID]


class RateCount(Base):
    """How much of one quota was taken, under a digest of whom it is counted for; see `tenants.quotas`.

    `number` counts the windows of the quota's span since 1970, `before` belongs to the window before it.
    """

    __tablename__ = "rate_counts"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy's own protocol

    subject: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    before: Mapped[int] = mapped_column(BigInteger)
    taken: Mapped[int] = mapped_column(BigInteger)
    # From then on no quota is affected by it.
    over_at: Mapped[datetime]


__all__ = [
    "AcrossUse",
    "ApiKey",
    "Membership",
    "RateCount",
    "Tenant",
    "TenantOwned",
    "TenantState",
    "User",
    "one_of",
]
