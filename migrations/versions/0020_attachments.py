"""Attached files, and how much of them a tenant took in today."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences

revision = "0020"
down_revision = "0021"
branch_labels = None
depends_on = None

# Files are uploaded before there is a case, and claimed by a unit of work that is bound to the case by then and so
# sees none that is without one. Whoever uploaded them knows their random ids: those rows are opened to them here, and
# nothing can be listed. All are claimed, or none. Gives what became of those that are the caller's to claim.
CLAIM_ATTACHMENTS = """
CREATE FUNCTION claim_attachments(
    owner uuid, wanted uuid[], by_kind text, by_id uuid, for_case uuid, for_ticket uuid, for_staff boolean,
    moment timestamptz
) RETURNS TABLE (id uuid, state text, refused_because text, fresh boolean) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    before text := coalesce(current_setting('hub.case', true), '');
    each attachments;
    known uuid[] := '{}';
    fit boolean := true;
BEGIN
    PERFORM set_config('hub.case', '', true);
    FOR each IN
        SELECT * FROM attachments a
        WHERE a.tenant_id = owner AND a.id = ANY (wanted) AND a.state <> 'erased'
            AND (by_kind = 'system' OR (a.uploaded_by_kind = by_kind AND a.uploaded_by IS NOT DISTINCT FROM by_id))
            AND (a.case_id IS NULL OR a.case_id = for_case)
            AND (a.ticket_id IS NULL OR a.ticket_id = for_ticket)
        ORDER BY a.id FOR UPDATE
    LOOP
        known := known || each.id;
        fit := fit AND (each.state IN ('scanning', 'ready') OR each.ticket_id IS NOT NULL);
        RETURN QUERY SELECT each.id, each.state::text, each.refused_because::text, each.ticket_id IS NULL;
    END LOOP;
    IF fit AND cardinality(known) = cardinality(wanted) THEN
        UPDATE attachments a
            SET case_id = for_case, ticket_id = for_ticket, claimed_at = moment, internal = for_staff
            WHERE a.tenant_id = owner AND a.id = ANY (known) AND a.ticket_id IS NULL;
    END IF;
    PERFORM set_config('hub.case', before, true);
END $$;
"""


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "attachments",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=True),
        sa.Column("ticket_id", sa.UUID(), nullable=True),
        sa.Column("claimed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("pieces", postgresql.JSONB(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("stored_size", sa.BigInteger(), nullable=True),
        sa.Column("stored_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("refused_because", sa.String(), nullable=True),
        sa.Column("uploaded_by_kind", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.UUID(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('uploading', 'scanning', 'ready', 'refused', 'erased')",
            name=op.f("ck_attachments_state"),
        ),
        sa.CheckConstraint(
            "refused_because IN ('unknown_kind', 'heic', 'active', 'two_kinds', 'broken', 'too_many_pixels', 'macros', 'packed', 'virus')",
            name=op.f("ck_attachments_refused_because"),
        ),
        sa.CheckConstraint("received BETWEEN 0 AND size AND size > 0", name=op.f("ck_attachments_received")),
        sa.CheckConstraint("(ticket_id IS NULL) = (claimed_at IS NULL)", name=op.f("ck_attachments_claimed")),
        sa.CheckConstraint(
            "ticket_id IS NULL OR case_id IS NOT NULL", name=op.f("ck_attachments_claimed_with_its_case")
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refused_because IS NOT NULL)", name=op.f("ck_attachments_refused")
        ),
        sa.CheckConstraint(
            "(state = 'ready') = (stored_sha256 IS NOT NULL AND stored_size IS NOT NULL)",
            name=op.f("ck_attachments_ready"),
        ),
        sa.CheckConstraint(
            "state = 'ready' OR stored_size IS NULL AND stored_sha256 IS NULL",
            name=op.f("ck_attachments_stored"),
        ),
        sa.CheckConstraint(
            "state <> 'erased' OR name IS NULL AND sha256 IS NULL", name=op.f("ck_attachments_erased")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_attachments_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_attachments_tenant_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_attachments")),
    )
    op.create_index(
        op.f("ix_attachments_tenant_id_ticket_id_id"),
        "attachments",
        ["tenant_id", "ticket_id", "id"],
        unique=False,
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.create_index(
        "ix_attachments_unclaimed",
        "attachments",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("ticket_id IS NULL AND state <> 'erased'"),
    )
    op.create_table(
        "attachment_allowances",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_attachment_allowances_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_attachment_allowances")),
    )
    op.execute(fences.fence_tenant_table("attachments", case_column="case_id"))
    op.execute(fences.fence_tenant_table("attachment_allowances"))
    op.execute(CLAIM_ATTACHMENTS)
