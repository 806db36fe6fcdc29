"""Unsent reports, kept for the citizens who type them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences
from tenants.ids import HUB

revision = "0030"
down_revision = "0026"
branch_labels = None
depends_on = None

# The row is open to whoever knows its name, a digest made of a secret that only one browser holds. A draft that is not
# there any more is taken as it comes, whatever version its page was made from: nothing typed is lost by being slow. One
# that was sent or discarded is there, without content, and takes nothing more.
DRAFT_FUNCTIONS = """
CREATE FUNCTION current_draft() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('hub.draft', true), '') $$;
CREATE FUNCTION keep_draft(wanted bytea, written bytea, known integer, until timestamptz, moment timestamptz)
RETURNS TABLE (taken boolean, version integer, over boolean) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('hub.draft', encode(wanted, 'hex'), true);
    LOOP
        INSERT INTO drafts (name, sealed, version, kept_until) VALUES (wanted, written, known + 1, until)
            ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            UPDATE drafts d SET sealed = written, version = known + 1, kept_until = until
                WHERE d.name = wanted
                AND (d.kept_until <= moment OR (d.version = known AND d.sealed IS NOT NULL));
        END IF;
        IF FOUND THEN
            RETURN QUERY SELECT true, known + 1, false;
        ELSE
            RETURN QUERY SELECT false, d.version, d.sealed IS NULL FROM drafts d WHERE d.name = wanted;
        END IF;
        -- Forgotten just between two of these statements: once more.
        EXIT WHEN FOUND;
    END LOOP;
    PERFORM set_config('hub.draft', '', true);
END $$;
CREATE FUNCTION open_draft(wanted bytea, moment timestamptz)
RETURNS TABLE (sealed bytea, version integer, kept_until timestamptz) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('hub.draft', encode(wanted, 'hex'), true);
    RETURN QUERY SELECT d.sealed, d.version, d.kept_until FROM drafts d
        WHERE d.name = wanted AND d.kept_until > moment AND d.sealed IS NOT NULL;
    PERFORM set_config('hub.draft', '', true);
END $$;
CREATE FUNCTION drop_draft(wanted bytea) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('hub.draft', encode(wanted, 'hex'), true);
    UPDATE drafts d SET sealed = NULL, version = d.version + 1 WHERE d.name = wanted;
    PERFORM set_config('hub.draft', '', true);
END $$;
"""


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "drafts",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kept_until", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(name) = 32", name=op.f("ck_drafts_name")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_drafts")),
        # Written again with every page, on the page it stands on.
        postgresql_with={"fillfactor": "60"},
    )
    op.create_index(op.f("ix_drafts_kept_until"), "drafts", ["kept_until"])
    op.execute(DRAFT_FUNCTIONS)
    # Staff of no body, nor of the hub itself, have anything to do with what was not sent.
    nobody_s_staff = "(SELECT current_actor()) IS NULL"
    named = f"name = decode((SELECT current_draft()), 'hex') AND {nobody_s_staff}"
    hub = f"'{HUB}' = ANY ((SELECT current_tenants())::uuid[]) AND {nobody_s_staff}"
    op.execute(
        fences.fence_hub_table(
            "drafts",
            read=f"({named}) OR ({hub})",
            insert=named,
            # The hub's own forgetting takes its rows one by one, for which PostgreSQL asks this policy too.
            update=f"({named}) OR ({hub})",
            grants="SELECT, INSERT, UPDATE, DELETE",
        )
    )
    op.execute(f"CREATE POLICY deletes ON drafts FOR DELETE USING ({hub})")
