"""What figures may be made of: columns without personal data."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Nothing here names or describes a person: no text, no address, no exact place, no keys to people.
FIGURES = {
    "tickets": (
        "tenant_id",
        "id",
        "case_id",
        "service_id",
        "team_id",
        "kind",
        "priority",
        "channel",
        "channel_label",
        "status",
        "closure",
        "governorate",
        "district",
        "opened_at",
        "first_response_at",
        "resolved_at",
        "closed_at",
        "reopened",
    ),
    "ticket_clocks": (
        "tenant_id",
        "id",
        "ticket_id",
        "kind",
        "target",
        "started_at",
        "due_at",
        "paused_at",
        "spent",
        "met_at",
        "stopped_at",
        "breached_at",
    ),
    "services": ("tenant_id", "id", "code", "name", "kind"),
    "teams": ("tenant_id", "id", "code", "name"),
}


def upgrade() -> None:
    """Expand."""

    for table, columns in FIGURES.items():
        op.execute(f"GRANT SELECT ({', '.join(columns)}) ON {table} TO hub_kpi")
    op.execute("GRANT SELECT ON tenants TO hub_kpi")
    op.execute("GRANT SELECT, INSERT ON across_uses TO hub_kpi")
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO hub_maint")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO hub_maint")
