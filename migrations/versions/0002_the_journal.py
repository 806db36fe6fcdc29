"""The journal: facts, jobs, seals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "journal",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("case_id", sa.UUID(), nullable=True),
        sa.Column("ticket_id", sa.UUID(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column(
            "written_by",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_journal")),
    )
    op.create_index(
        op.f("ix_journal_tenant_id_case_id_id"), "journal", ["tenant_id", "case_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_journal_tenant_id_ticket_id_id"), "journal", ["tenant_id", "ticket_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_journal_tenant_id_written_by"), "journal", ["tenant_id", "written_by"], unique=False
    )
    op.create_table(
        "journal_seals",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("from_writer", sa.BigInteger(), nullable=False),
        sa.Column("to_writer", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Integer(), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_journal_seals")),
    )
    op.create_table(
        "jobs",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("fact_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("next_attempt_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'failed')", name=op.f("ck_jobs_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "fact_id"],
            ["journal.tenant_id", "journal.id"],
            name=op.f("fk_jobs_tenant_id_fact_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_waiting",
        "jobs",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.execute(fences.fence_tenant_table("journal", case_column="case_id", grants="SELECT, INSERT"))
    op.execute(fences.append_only("journal"))
    op.execute(fences.fence_tenant_table("jobs", grants="SELECT, INSERT, UPDATE, DELETE"))
    op.execute(fences.fence_tenant_table("journal_seals", grants="SELECT, INSERT"))
    op.execute(fences.append_only("journal_seals"))
