"""People, cases and tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "cases",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("open_tickets", sa.Integer(), nullable=False),
        sa.Column("at_work", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('phone', 'web', 'mobile', 'email', 'sms', 'chat', 'social', 'counter', 'letter', 'staff', 'integration', 'unknown')",
            name=op.f("ck_cases_channel"),
        ),
        sa.CheckConstraint(
            "open_tickets >= 0 AND at_work BETWEEN 0 AND open_tickets", name=op.f("ck_cases_counts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("phone_verified_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("email_verified_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("joined_to", sa.UUID(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["joined_to"], ["people.id"], name=op.f("fk_people_joined_to")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_index(op.f("ix_people_joined_to"), "people", ["joined_to"], unique=False)
    op.create_index(
        "ix_people_verified_email",
        "people",
        ["email"],
        unique=False,
        postgresql_where=sa.text("email_verified_at IS NOT NULL AND joined_to IS NULL"),
    )
    op.create_index(
        "ix_people_verified_phone",
        "people",
        ["phone"],
        unique=False,
        postgresql_where=sa.text("phone_verified_at IS NOT NULL AND joined_to IS NULL"),
    )
    op.create_table(
        "case_keys",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=True),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("pin_digest", sa.LargeBinary(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_keys_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_case_keys_person_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_keys")),
    )
    op.create_index(op.f("ix_case_keys_person_id"), "case_keys", ["person_id"], unique=False)
    op.create_table(
        "case_tenants",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_tenants_case_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_tenants_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "case_id", name=op.f("pk_case_tenants")),
    )
    op.create_index(op.f("ix_case_tenants_case_id"), "case_tenants", ["case_id"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("case_number", sa.String(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=True),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("service_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("channel_label", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("waiting_on", sa.String(), nullable=True),
        sa.Column("closure", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("team_id", sa.UUID(), nullable=True),
        sa.Column("assignee_id", sa.UUID(), nullable=True),
        sa.Column("routed_by", postgresql.JSONB(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("form_id", sa.UUID(), nullable=True),
        sa.Column("form_version", sa.Integer(), nullable=True),
        sa.Column("answers", postgresql.JSONB(), nullable=True),
        sa.Column("carried_answers", postgresql.JSONB(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("governorate", sa.String(), nullable=True),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("first_response_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("resolved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("silent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("main_ticket_id", sa.UUID(), nullable=True),
        sa.Column("handed_on_by", sa.UUID(), nullable=True),
        sa.Column("handed_on_to", sa.UUID(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'waiting') = (waiting_on IS NOT NULL)", name=op.f("ck_tickets_waiting")
        ),
        sa.CheckConstraint(
            "channel IN ('phone', 'web', 'mobile', 'email', 'sms', 'chat', 'social', 'counter', 'letter', 'staff', 'integration', 'unknown')",
            name=op.f("ck_tickets_channel"),
        ),
        sa.CheckConstraint(
            "closure IN ('confirmed', 'silent', 'unreachable')", name=op.f("ck_tickets_closure")
        ),
        sa.CheckConstraint(
            "kind IN ('complaint', 'inquiry', 'request', 'suggestion', 'compliment')",
            name=op.f("ck_tickets_kind"),
        ),
        sa.CheckConstraint(
            "priority IN ('low', 'normal', 'high', 'urgent')", name=op.f("ck_tickets_priority")
        ),
        sa.CheckConstraint(
            "status IN ('received', 'assigned', 'in_progress', 'waiting', 'resolved', 'closed', 'rejected', 'archived', 'duplicate', 'transferred', 'withdrawn', 'reopened')",
            name=op.f("ck_tickets_status"),
        ),
        sa.CheckConstraint("waiting_on IN ('citizen', 'external')", name=op.f("ck_tickets_waiting_on")),
        sa.CheckConstraint(
            "NOT confidential OR person_id IS NULL", name=op.f("ck_tickets_confidential_hides_person")
        ),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_tickets_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_tickets_longitude")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tickets_person_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assignee_id"],
            ["memberships.tenant_id", "memberships.user_id"],
            name=op.f("fk_tickets_tenant_id_assignee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["case_tenants.tenant_id", "case_tenants.case_id"],
            name=op.f("fk_tickets_tenant_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "form_id", "form_version"],
            ["form_versions.tenant_id", "form_versions.form_id", "form_versions.version"],
            name=op.f("fk_tickets_tenant_id_form_id_form_version"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "main_ticket_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_tickets_tenant_id_main_ticket_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_id"],
            ["services.tenant_id", "services.id"],
            name=op.f("fk_tickets_tenant_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "stage"],
            ["stages.tenant_id", "stages.code"],
            name=op.f("fk_tickets_tenant_id_stage"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"],
            ["teams.tenant_id", "teams.id"],
            name=op.f("fk_tickets_tenant_id_team_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tickets")),
        sa.UniqueConstraint(
            "tenant_id", "source", "external_id", name=op.f("uq_tickets_tenant_id_source_external_id")
        ),
    )
    op.create_index(
        "ix_tickets_duplicates",
        "tickets",
        ["tenant_id", "main_ticket_id"],
        unique=False,
        postgresql_where=sa.text("main_ticket_id IS NOT NULL"),
    )
    op.create_index("ix_tickets_person", "tickets", ["person_id", "tenant_id"], unique=False)
    op.create_index(
        "ix_tickets_silent",
        "tickets",
        ["silent_at"],
        unique=False,
        postgresql_where=sa.text("silent_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_tickets_tenant_id_case_id"), "tickets", ["tenant_id", "case_id"], unique=False)
    op.create_index(
        op.f("ix_tickets_tenant_id_opened_at"), "tickets", ["tenant_id", "opened_at"], unique=False
    )
    op.create_table(
        "ticket_entries",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("ticket_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author_kind", sa.String(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("question_id", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('note', 'reply', 'question', 'answer', 'information')",
            name=op.f("ck_ticket_entries_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "question_id"],
            ["ticket_entries.tenant_id", "ticket_entries.id"],
            name=op.f("fk_ticket_entries_tenant_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_ticket_entries_tenant_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ticket_entries")),
    )
    op.create_index(
        op.f("ix_ticket_entries_tenant_id_ticket_id_id"),
        "ticket_entries",
        ["tenant_id", "ticket_id", "id"],
        unique=False,
    )
    op.execute(fences.fence_tenant_table("tickets", case_column="case_id"))
    op.execute(fences.fence_tenant_table("ticket_entries", case_column="case_id", grants="SELECT, INSERT"))
    op.execute(fences.append_only("ticket_entries"))
    op.execute(fences.CASE_FUNCTIONS)
    bound = "case_id = (SELECT current_case())"
    op.execute(
        fences.fence_hub_table(
            "case_tenants",
            read=f"{fences.MINE} OR {bound}",
            insert=f"{fences.MINE} AND {bound}",
            grants="SELECT, INSERT",
        )
    )
    op.execute(fences.one_case("case_tenants", "case_id"))
    asked_for = "number = (SELECT current_number())"
    concerned = f"id = (SELECT current_case()) OR EXISTS (SELECT 1 FROM case_tenants c WHERE c.case_id = cases.id AND c.{fences.MINE})"
    op.execute(
        fences.fence_hub_table(
            "cases",
            read=f"{concerned} OR {asked_for}",
            insert=fences.ANY_CONTEXT,
            update=concerned,
        )
    )
    op.execute(fences.one_case("cases", "id", or_shown=asked_for))
    # Staff are bound to a case while they open it or hand it on; its keys stay the citizen's all the same.
    not_staff = f"{bound} AND (SELECT current_actor()) IS NULL"
    op.execute(fences.fence_hub_table("case_keys", read=not_staff, insert=bound, update=not_staff))
    shown = f"EXISTS (SELECT 1 FROM tickets t WHERE t.person_id = people.id AND t.{fences.MINE})"
    reporter = f"EXISTS (SELECT 1 FROM case_keys k WHERE k.person_id = people.id AND k.{bound})"
    known = "(SELECT current_contact()) IN (phone, email)"
    op.execute(
        fences.fence_hub_table(
            "people",
            read=f"{shown} OR {reporter} OR {known}",
            insert=fences.ANY_CONTEXT,
            update=f"{shown} OR {reporter}",
        )
    )
