"""Where the tickets are looked for that people nearby may be shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_AT_HAND = "status NOT IN ('archived', 'closed', 'rejected', 'transferred', 'withdrawn')"


def upgrade() -> None:
    """Expand; beside the work, which writes tickets meanwhile, and so outside a transaction."""
    with op.get_context().autocommit_block():
        _build("ix_tickets_near", ["tenant_id", "service_id", "governorate", "opened_at"], "NOT confidential")
        _build(
            "ix_tickets_open_points",
            ["tenant_id", "service_id", "latitude"],
            f"latitude IS NOT NULL AND NOT confidential AND {_AT_HAND}",
        )


def _build(name: str, columns: list[str], where: str) -> None:
    # What was interrupted leaves an index behind that nobody may use.
    op.drop_index(name, "tickets", if_exists=True, postgresql_concurrently=True)
    op.create_index(name, "tickets", columns, postgresql_where=sa.text(where), postgresql_concurrently=True)
