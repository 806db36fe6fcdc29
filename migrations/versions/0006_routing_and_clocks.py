"""Routing rules, service levels and clocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences
from tenants.ids import HUB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "case_clocks",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level_tenant", sa.UUID(), nullable=True),
        sa.Column("level_id", sa.UUID(), nullable=True),
        sa.Column("calendar_version", sa.Integer(), nullable=True),
        sa.Column("target", sa.Interval(), nullable=True),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("paused_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("pauses", postgresql.JSONB(), nullable=False),
        sa.Column("spent", sa.Interval(), nullable=False),
        sa.Column("reckoned_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("met_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("stopped_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("breached_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("rungs_done", postgresql.JSONB(), nullable=False),
        sa.Column("next_action_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("kind = 'case'", name=op.f("ck_case_clocks_kind")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_clocks_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_clocks")),
    )
    op.create_index(
        "ix_case_clocks_next",
        "case_clocks",
        ["next_action_at"],
        unique=False,
        postgresql_where=sa.text("next_action_at IS NOT NULL"),
    )
    op.create_table(
        "routing_rules",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("saved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "jsonb_typeof(rules) = 'array'"
            """ AND jsonb_path_exists(rules, '$[last].catch_all ? (@.type() == "string")')""",
            name=op.f("ck_routing_rules_ends_with_catch_all"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_routing_rules_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "version", name=op.f("pk_routing_rules")),
    )
    op.create_table(
        "service_levels",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.UUID(), nullable=True),
        sa.Column("priority", sa.String(), nullable=True),
        sa.Column("first_response", sa.Interval(), nullable=True),
        sa.Column("resolution", sa.Interval(), nullable=True),
        sa.Column("case_target", sa.Interval(), nullable=True),
        sa.Column("calendar_id", sa.UUID(), nullable=False),
        sa.Column("ladder", postgresql.JSONB(), nullable=False),
        sa.Column("saved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "priority IN ('low', 'normal', 'high', 'urgent')", name=op.f("ck_service_levels_priority")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "calendar_id"],
            ["calendars.tenant_id", "calendars.id"],
            name=op.f("fk_service_levels_tenant_id_calendar_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_id"],
            ["services.tenant_id", "services.id"],
            name=op.f("fk_service_levels_tenant_id_service_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_service_levels_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_service_levels")),
    )
    op.create_index(
        "ix_service_levels_in_force",
        "service_levels",
        ["tenant_id"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "ticket_clocks",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("ticket_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level_tenant", sa.UUID(), nullable=True),
        sa.Column("level_id", sa.UUID(), nullable=True),
        sa.Column("calendar_version", sa.Integer(), nullable=True),
        sa.Column("target", sa.Interval(), nullable=True),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("paused_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("pauses", postgresql.JSONB(), nullable=False),
        sa.Column("spent", sa.Interval(), nullable=False),
        sa.Column("reckoned_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("met_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("stopped_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("breached_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("rungs_done", postgresql.JSONB(), nullable=False),
        sa.Column("next_action_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('first_response', 'resolution')", name=op.f("ck_ticket_clocks_kind")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_ticket_clocks_tenant_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ticket_clocks")),
    )
    op.create_index(
        "ix_ticket_clocks_next",
        "ticket_clocks",
        ["next_action_at"],
        unique=False,
        postgresql_where=sa.text("next_action_at IS NOT NULL"),
    )
    op.create_index(
        "ix_ticket_clocks_open",
        "ticket_clocks",
        ["tenant_id"],
        unique=False,
        postgresql_where=sa.text("met_at IS NULL AND stopped_at IS NULL"),
    )
    op.create_index("uq_ticket_clocks_kind", "ticket_clocks", ["tenant_id", "ticket_id", "kind"], unique=True)
    op.execute(fences.fence_tenant_table("routing_rules", grants="SELECT, INSERT"))
    op.execute(fences.append_only("routing_rules"))
    op.execute(fences.fence_shared_table("service_levels", str(HUB)))
    op.execute(fences.fence_tenant_table("ticket_clocks", case_column="case_id"))
    concerned = (
        "case_id = (SELECT current_case())"
        f" OR EXISTS (SELECT 1 FROM case_tenants c WHERE c.case_id = case_clocks.case_id AND c.{fences.MINE})"
    )
    op.execute(fences.fence_hub_table("case_clocks", read=concerned, insert=concerned, update=concerned))
    op.execute(fences.one_case("case_clocks", "case_id"))
