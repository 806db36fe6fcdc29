"""The table of unsent reports."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base


class DraftRow(Base):
    """One unsent report under a digest of its citizen's secret; `sealed` can be opened with that secret alone.

    A report that was sent or discarded stays as a row without content until `kept_until`, so that what a slow line
    delivers late is not taken for a new one.
    """

    __tablename__ = "drafts"

    name: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    version: Mapped[int]
    kept_until: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("octet_length(name) = 32", name="name"),
        Index(None, "kept_until"),
    )
