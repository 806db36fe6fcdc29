"""Which services people nearby may be shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.add_column("services", sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false()))
