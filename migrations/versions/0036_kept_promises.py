"""Daily figures of how bodies kept their promises, and how far the journal was read for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_COUNTS = (
    "answers_due",
    "answers_kept",
    "solutions_due",
    "solutions_kept",
    "solved",
    "reopened",
    "voices",
    "stars",
)


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "kept_promises",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("within", postgresql.JSONB(), nullable=False),
        sa.Column("next_due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reckoned_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("answers_kept BETWEEN 0 AND answers_due", name=op.f("ck_kept_promises_answers")),
        sa.CheckConstraint(
            "solutions_kept BETWEEN 0 AND solutions_due", name=op.f("ck_kept_promises_solutions")
        ),
        sa.CheckConstraint("reopened BETWEEN 0 AND solved", name=op.f("ck_kept_promises_reopened")),
        sa.CheckConstraint("stars BETWEEN voices AND 5 * voices", name=op.f("ck_kept_promises_stars")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_kept_promises_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "day", name=op.f("pk_kept_promises")),
    )
    op.execute(fences.fence_tenant_table("kept_promises", grants="SELECT, INSERT, UPDATE, DELETE"))
    op.create_table(
        "promise_readings",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("read_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_promise_readings_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_promise_readings")),
    )
    op.execute(fences.fence_tenant_table("promise_readings"))
