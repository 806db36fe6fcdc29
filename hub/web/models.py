"""The table of answers kept for callers who ask again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base


class KeptAnswerRow(Base):
    """One answer under the digest of its caller's key; `sealed` can be opened with that key alone."""

    __tablename__ = "kept_answers"

    name: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    asked: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    kept_until: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("octet_length(name) = 32", name="name"),
        Index(None, "kept_until"),
    )
