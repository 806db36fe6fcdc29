"""API keys of tenants, and the counts that rate limits are kept by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences
from tenants.ids import HUB

revision = "0021"
down_revision = "0012"
branch_labels = None
depends_on = None

# Whoever presents a key holds its random id: that one row is opened to them, and nothing can be listed by it. There
# is one answer in every case, so that an unknown id costs what a known one does.
KEY_FUNCTIONS = """
CREATE FUNCTION current_key() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('hub.key', true), '')::uuid $$;
CREATE FUNCTION key_presented(wanted uuid) RETURNS TABLE (
    tenant_id uuid, digest bytea, scopes jsonb, addresses jsonb,
    expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz, moment timestamptz
) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('hub.key', wanted::text, true);
    RETURN QUERY
        SELECT k.tenant_id, k.digest, k.scopes, k.addresses, k.expires_at, k.revoked_at, k.last_used_at,
               clock_timestamp()
        FROM (VALUES (true)) AS always LEFT JOIN api_keys k ON k.id = wanted;
    PERFORM set_config('hub.key', '', true);
END $$;
"""

# Takes one from each of the quotas asked for, or from none. The rows are held one after the other in the order of
# their subjects, made on the way where they are missing: nobody holds a later one while waiting for an earlier one,
# so that parallel takers never wait in a circle. Time is read when all are held. See tenants/quotas.py for the rule.
TAKE_COUNTS = """
CREATE FUNCTION current_subjects() RETURNS bytea[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('hub.subjects', true), ''), '{}')::bytea[] $$;
CREATE FUNCTION take_counts(subjects bytea[], quotas bigint[], spans bigint[], given timestamptz) RETURNS TABLE (
    place bigint, before bigint, taken bigint, elapsed bigint, refused boolean
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    turn bigint;
    held rate_counts;
    rows_held rate_counts[] := array_fill(NULL::rate_counts, ARRAY[cardinality(subjects)]);
    microseconds bigint;
    now_number bigint;
    spent boolean;
    any_spent boolean := false;
    befores bigint[] := '{}';
    takens bigint[] := '{}';
    ages bigint[] := '{}';
    numbers bigint[] := '{}';
    spents boolean[] := '{}';
BEGIN
    PERFORM set_config('hub.subjects', subjects::text, true);
    FOR turn IN SELECT n FROM unnest(subjects) WITH ORDINALITY AS asked (subject, n) ORDER BY asked.subject LOOP
        LOOP
            SELECT * INTO held FROM rate_counts c WHERE c.subject = subjects[turn] FOR UPDATE;
            EXIT WHEN FOUND;
            INSERT INTO rate_counts VALUES (subjects[turn], 0, 0, 0, '-infinity') ON CONFLICT DO NOTHING;
        END LOOP;
        rows_held[turn] := held;
    END LOOP;
    microseconds := extract(epoch FROM coalesce(given, clock_timestamp())) * 1000000;
    FOR each IN 1 .. cardinality(subjects) LOOP
        held := rows_held[each];
        -- A clock that was set back stays in the window it had reached.
        now_number := greatest(microseconds / spans[each], held.number);
        numbers[each] := now_number;
        ages[each] := greatest(microseconds - now_number * spans[each], 0);
        befores[each] := CASE now_number WHEN held.number THEN held.before WHEN held.number + 1 THEN held.taken ELSE 0 END;
        takens[each] := CASE now_number WHEN held.number THEN held.taken ELSE 0 END;
        spent := befores[each] * (spans[each] - ages[each]) + (takens[each] + 1) * spans[each]
            > quotas[each] * spans[each];
        spents[each] := spent;
        any_spent := any_spent OR spent;
    END LOOP;
    FOR each IN 1 .. cardinality(subjects) LOOP
        IF NOT any_spent THEN
            takens[each] := takens[each] + 1;
            UPDATE rate_counts c
                SET number = numbers[each], before = befores[each], taken = takens[each],
                    over_at = to_timestamp((numbers[each] + 2) * (spans[each] / 1000000))
                WHERE c.subject = subjects[each];
        END IF;
        place := each;
        before := befores[each];
        taken := takens[each];
        elapsed := ages[each];
        refused := spents[each];
        RETURN NEXT;
    END LOOP;
    PERFORM set_config('hub.subjects', '', true);
END $$;
"""


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "api_keys",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(), nullable=False),
        sa.Column("addresses", postgresql.JSONB(), nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("last_used_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("replaces", sa.UUID(), nullable=True),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_api_keys_digest")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_api_keys_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "replaces"],
            ["api_keys.tenant_id", "api_keys.id"],
            name=op.f("fk_api_keys_tenant_id_replaces"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("id", name=op.f("uq_api_keys_id")),
        sa.UniqueConstraint("tenant_id", "replaces", name=op.f("uq_api_keys_tenant_id_replaces")),
    )
    op.execute(KEY_FUNCTIONS)
    op.execute(
        fences.fence_hub_table(
            "api_keys",
            read=f"{fences.MINE} OR id = (SELECT current_key())",
            insert=fences.MINE,
            update=fences.MINE,
        )
    )

    op.create_table(
        "rate_counts",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("over_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_rate_counts")),
        # A crash of the server forgets the counts, and no count ever waits for a disk.
        prefixes=["UNLOGGED"],
        # Only the primary key is indexed and pages keep room, so that counting leaves no dead entries behind.
        postgresql_with={"fillfactor": "50"},
    )
    hub = f"'{HUB}' = ANY ((SELECT current_tenants())::uuid[])"
    asked = "subject = ANY ((SELECT current_subjects())::bytea[])"
    op.execute(TAKE_COUNTS)
    op.execute(
        fences.fence_hub_table(
            "rate_counts",
            read=f"{asked} OR {hub}",
            insert=asked,
            update=f"{asked} OR {hub}",
            grants="SELECT, INSERT, UPDATE, DELETE",
        )
    )
    op.execute(f"CREATE POLICY deletes ON rate_counts FOR DELETE USING ({hub})")
