"""The ground: tenants, users, memberships, looks across."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences
from tenants.ids import HUB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.execute(fences.FUNCTIONS)
    op.execute(fences.REFUSE_CHANGE)
    op.create_table(
        "across_uses",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("tenants", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_across_uses")),
    )
    op.create_table(
        "tenants",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("short_name", postgresql.JSONB(), nullable=False),
        sa.Column("about", postgresql.JSONB(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("silence_days", sa.Integer(), nullable=False),
        sa.Column("reopen_days", sa.Integer(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('preparing', 'live', 'suspended')", name=op.f("ck_tenants_state")),
        sa.CheckConstraint("reopen_days BETWEEN 0 AND 365", name=op.f("ck_tenants_reopen_days")),
        sa.CheckConstraint("silence_days BETWEEN 1 AND 365", name=op.f("ck_tenants_silence_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("code", name=op.f("uq_tenants_code")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("disabled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("user_name", name=op.f("uq_users_user_name")),
    )
    op.create_table(
        "memberships",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("roles", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_memberships_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_user_id"), "memberships", ["user_id"], unique=False)
    # Before the fence, which binds the owner too.
    op.execute(
        sa.text(
            "INSERT INTO tenants (id, code, name, short_name, about, zone, state, silence_days, reopen_days, created_at)"
            " VALUES (:id, 'hub', :name, :short, :about, 'Africa/Cairo', 'live', 14, 30, now())"
        ).bindparams(
            sa.bindparam("id", HUB, sa.UUID()),
            sa.bindparam("name", {"ar": "المنظومة الموحدة", "en": "The hub"}, postgresql.JSONB()),
            sa.bindparam("short", {"ar": "المنظومة", "en": "Hub"}, postgresql.JSONB()),
            sa.bindparam(
                "about",
                {
                    "ar": "تستقبل ما لا يُعرف صاحبه، وتتابع مواعيد جميع الجهات.",
                    "en": "Takes what is nobody's yet and watches every body's deadlines.",
                },
                postgresql.JSONB(),
            ),
        )
    )
    op.execute("GRANT USAGE ON SCHEMA public TO hub_app, hub_kpi, hub_maint")
    hub = f"'{HUB}' = ANY ((SELECT current_tenants())::uuid[])"
    op.execute(
        fences.fence_hub_table(
            "tenants",
            read=fences.ANY_CONTEXT,
            insert=hub,
            update=f"{hub} OR id = ANY ((SELECT current_tenants())::uuid[])",
        )
    )
    mine = "EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id)"
    op.execute(
        fences.fence_hub_table(
            "users", read=f"{hub} OR id = (SELECT current_actor()) OR {mine}", insert=hub, update=hub
        )
    )
    own = "user_id = (SELECT current_actor())"
    op.execute(
        fences.fence_hub_table(
            "memberships", read=f"{fences.MINE} OR {own}", insert=fences.MINE, update=fences.MINE
        )
    )
    op.execute(fences.fence_hub_table("across_uses", read=hub, insert=hub, grants="SELECT, INSERT"))
    op.execute(fences.append_only("across_uses"))
