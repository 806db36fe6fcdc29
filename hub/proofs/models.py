"""The table of proofs under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Base


class ProofRow(Base):
    """One code that was sent, under a digest of the secret that only the asking browser holds.

    `sealed` is the address, which that secret alone opens. `expires_at` is the code's end, and once it was entered the
    end of what it shows.
    """

    __tablename__ = "proofs"

    name: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int]
    expires_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("octet_length(name) = 32", name="name"),
        CheckConstraint("octet_length(code_digest) = 32", name="code_digest"),
        Index(None, "expires_at"),
    )
