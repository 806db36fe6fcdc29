"""Bodies' own colours and logos."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "looks",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("colour", sa.String(), nullable=False),
        sa.Column("logo_kind", sa.String(), nullable=True),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("saved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name=op.f("ck_looks_colour")),
        sa.CheckConstraint("logo_kind IN ('svg', 'png')", name=op.f("ck_looks_logo_kind")),
        sa.CheckConstraint("(logo IS NULL) = (logo_kind IS NULL)", name=op.f("ck_looks_logo_has_a_kind")),
        sa.CheckConstraint("octet_length(logo) <= 40000", name=op.f("ck_looks_logo")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_looks_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_looks")),
    )
    op.execute(fences.fence_tenant_table("looks"))
