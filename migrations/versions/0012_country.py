"""The country whose places a body's routing may name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.add_column("tenants", sa.Column("country", sa.String(), nullable=True))
