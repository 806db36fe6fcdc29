"""The tables of how promises were kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base


class KeptPromises(Base):
    """What became of the tickets that were reported to a body on one day (UTC), as of `reckoned_at`.

    `within` counts the tickets whose promised solution has come due, by the step of `hub.promises.figures.STEPS` that
    their solution took; those that are not solved stand under the step after the last. `next_due_at` is when the next
    promise of the day comes due, and with it the row out of date.
    """

    __tablename__ = "kept_promises"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    answers_due: Mapped[int]
    answers_kept: Mapped[int]
    solutions_due: Mapped[int]
    solutions_kept: Mapped[int]
    within: Mapped[dict[str, Any]]
    solved: Mapped[int]
    reopened: Mapped[int]
    voices: Mapped[int]
    stars: Mapped[int]
    next_due_at: Mapped[datetime | None]
    reckoned_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("answers_kept BETWEEN 0 AND answers_due", name="answers"),
        CheckConstraint("solutions_kept BETWEEN 0 AND solutions_due", name="solutions"),
        CheckConstraint("reopened BETWEEN 0 AND solved", name="reopened"),
        CheckConstraint("stars BETWEEN voices AND 5 * voices", name="stars"),
    )


class PromiseReading(Base):
    """How far a body's journal has been read for its figures: transactions below `read_until` are in them."""

    __tablename__ = "promise_readings"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    read_until: Mapped[int] = mapped_column(BigInteger)
