"""The catalogue: teams, classes, services, stages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "service_classes",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_service_classes_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_service_classes")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_service_classes_tenant_id_code")),
    )
    op.create_table(
        "stages",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_stages_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "code", name=op.f("pk_stages")),
    )
    op.create_table(
        "teams",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.CheckConstraint("line IN ('agent', 'follow_up', 'field')", name=op.f("ck_teams_line")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_teams_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_teams")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_teams_tenant_id_code")),
    )
    op.create_table(
        "services",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("class_id", sa.UUID(), nullable=True),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("description", postgresql.JSONB(), nullable=False),
        sa.Column("form_id", sa.UUID(), nullable=True),
        sa.Column("team_id", sa.UUID(), nullable=True),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("screened", sa.Boolean(), nullable=False),
        sa.Column("confidential_allowed", sa.Boolean(), nullable=False),
        sa.Column("life_events", postgresql.JSONB(), nullable=False),
        sa.Column("outside_codes", postgresql.JSONB(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.Column("saved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('complaint', 'inquiry', 'request', 'suggestion', 'compliment')",
            name=op.f("ck_services_kind"),
        ),
        sa.CheckConstraint(
            "priority IN ('low', 'normal', 'high', 'urgent')", name=op.f("ck_services_priority")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "class_id"],
            ["service_classes.tenant_id", "service_classes.id"],
            name=op.f("fk_services_tenant_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "form_id"],
            ["forms.tenant_id", "forms.id"],
            name=op.f("fk_services_tenant_id_form_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"],
            ["teams.tenant_id", "teams.id"],
            name=op.f("fk_services_tenant_id_team_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_services_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_services")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_services_tenant_id_code")),
    )
    op.create_table(
        "team_members",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("team_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"],
            ["teams.tenant_id", "teams.id"],
            name=op.f("fk_team_members_tenant_id_team_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["memberships.tenant_id", "memberships.user_id"],
            name=op.f("fk_team_members_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "team_id", "user_id", name=op.f("pk_team_members")),
    )
    for table in ("teams", "service_classes", "services", "stages"):
        op.execute(fences.fence_tenant_table(table))
    op.execute(fences.fence_tenant_table("team_members", grants="SELECT, INSERT, DELETE"))
