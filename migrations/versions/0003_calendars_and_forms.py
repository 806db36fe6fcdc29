"""Calendars and forms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences
from tenants.ids import HUB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "calendars",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_calendars_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_calendars")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_calendars_tenant_id_code")),
    )
    op.create_table(
        "forms",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_forms_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_forms")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_forms_tenant_id_code")),
    )
    op.create_table(
        "calendar_versions",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("calendar_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opening_hours", sa.String(), nullable=False),
        sa.Column("holidays", postgresql.JSONB(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("saved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "calendar_id"],
            ["calendars.tenant_id", "calendars.id"],
            name=op.f("fk_calendar_versions_tenant_id_calendar_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_calendar_versions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "calendar_id", "version", name=op.f("pk_calendar_versions")),
    )
    op.create_table(
        "form_versions",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("form_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "form_id"],
            ["forms.tenant_id", "forms.id"],
            name=op.f("fk_form_versions_tenant_id_form_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_form_versions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "form_id", "version", name=op.f("pk_form_versions")),
    )
    op.execute(fences.fence_shared_table("calendars", str(HUB)))
    op.execute(fences.fence_shared_table("calendar_versions", str(HUB), grants="SELECT, INSERT"))
    op.execute(fences.append_only("calendar_versions"))
    op.execute(fences.fence_tenant_table("forms"))
    op.execute(fences.fence_tenant_table("form_versions", grants="SELECT, INSERT"))
    op.execute(fences.append_only("form_versions"))
