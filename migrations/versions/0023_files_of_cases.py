"""Files know what they were sent with, and go along with a case; keys know of their tenant's suspension; clocks that
cannot be reckoned say why.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0024"
branch_labels = None
depends_on = None

# As before, and what was written with the files, and whether the citizen gave them.
CLAIM_ATTACHMENTS = """
DROP FUNCTION claim_attachments(uuid, uuid[], text, uuid, uuid, uuid, boolean, timestamptz);
CREATE FUNCTION claim_attachments(
    owner uuid, wanted uuid[], by_kind text, by_id uuid, for_case uuid, for_ticket uuid, for_entry uuid,
    for_staff boolean, of_citizen boolean, moment timestamptz
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
            SET case_id = for_case, ticket_id = for_ticket, entry_id = for_entry, claimed_at = moment,
                internal = for_staff, from_citizen = of_citizen
            WHERE a.tenant_id = owner AND a.id = ANY (known) AND a.ticket_id IS NULL;
    END IF;
    PERFORM set_config('hub.case', before, true);
END $$;
"""

# Tenants are shown to whoever works for one: the key's own is, for the length of this look. An unknown key takes the
# same steps and gets the same one row.
KEY_PRESENTED = """
DROP FUNCTION key_presented(uuid);
CREATE FUNCTION key_presented(wanted uuid) RETURNS TABLE (
    tenant_id uuid, tenant_state text, digest bytea, scopes jsonb, addresses jsonb,
    expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz, moment timestamptz
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    before text := coalesce(current_setting('hub.tenants', true), '');
    owner uuid;
BEGIN
    PERFORM set_config('hub.key', wanted::text, true);
    SELECT k.tenant_id INTO owner FROM api_keys k WHERE k.id = wanted;
    PERFORM set_config('hub.tenants', coalesce('{' || owner || '}', '{}'), true);
    RETURN QUERY
        SELECT k.tenant_id, t.state::text, k.digest, k.scopes, k.addresses, k.expires_at, k.revoked_at,
               k.last_used_at, clock_timestamp()
        FROM (VALUES (true)) AS always
            LEFT JOIN api_keys k ON k.id = wanted LEFT JOIN tenants t ON t.id = k.tenant_id;
    PERFORM set_config('hub.tenants', before, true);
    PERFORM set_config('hub.key', '', true);
END $$;
"""


def upgrade() -> None:
    """Expand."""
    for name in ("entry_id", "copied_from_tenant", "copied_from", "origin"):
        op.add_column("attachments", sa.Column(name, sa.UUID(), nullable=True))
    op.add_column(
        "attachments",
        sa.Column("from_citizen", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("attachments", "from_citizen", server_default=None)
    op.drop_constraint("ck_attachments_state", "attachments")
    for name, condition in (
        ("state", "state IN ('uploading', 'copying', 'scanning', 'ready', 'refused', 'erased')"),
        ("entry_of_its_ticket", "entry_id IS NULL OR ticket_id IS NOT NULL"),
        ("copied", "num_nulls(copied_from_tenant, copied_from, origin) IN (0, 3)"),
        ("copying", "state <> 'copying' OR copied_from IS NOT NULL"),
    ):
        op.create_check_constraint(op.f(f"ck_attachments_{name}"), "attachments", condition)
    op.create_foreign_key(
        op.f("fk_attachments_tenant_id_entry_id"),
        "attachments",
        "ticket_entries",
        ["tenant_id", "entry_id"],
        ["tenant_id", "id"],
    )
    for table in ("ticket_clocks", "case_clocks"):
        op.add_column(table, sa.Column("trouble", sa.String(), nullable=True))
    op.execute(CLAIM_ATTACHMENTS)
    op.execute(KEY_PRESENTED)
