"""Attempts at opening cases, counted for every number alike; people found by any contact they ever proved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A record leads on to who somebody turned out to be; nobody can list people by it, only follow one record.
PEOPLE_FUNCTIONS = """
CREATE FUNCTION current_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('hub.person', true), '')::uuid $$;
CREATE FUNCTION person_behind(record uuid) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found uuid;
    onward uuid := record;
BEGIN
    WHILE onward IS NOT NULL LOOP
        found := onward;
        PERFORM set_config('hub.person', found::text, true);
        SELECT joined_to INTO onward FROM people WHERE id = found;
    END LOOP;
    PERFORM set_config('hub.person', '', true);
    RETURN found;
END $$;
CREATE OR REPLACE FUNCTION person_of_contact(contact text, wanted text) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE found uuid;
BEGIN
    PERFORM set_config('hub.contact', wanted, true);
    IF contact = 'phone' THEN
        SELECT id INTO found FROM people
            WHERE phone = wanted AND phone_verified_at IS NOT NULL ORDER BY id LIMIT 1;
    ELSE
        SELECT id INTO found FROM people
            WHERE email = wanted AND email_verified_at IS NOT NULL ORDER BY id LIMIT 1;
    END IF;
    PERFORM set_config('hub.contact', '', true);
    RETURN person_behind(found);
END $$;
CREATE FUNCTION join_people(joining uuid, kept uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE joined boolean;
BEGIN
    PERFORM set_config('hub.person', joining::text, true);
    UPDATE people SET joined_to = kept WHERE id = joining AND joined_to IS NULL;
    joined := FOUND;
    PERFORM set_config('hub.person', '', true);
    RETURN joined;
END $$;
"""


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "key_attempts",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("forgotten_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_key_attempts_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_key_attempts")),
    )
    op.create_index(
        op.f("ix_key_attempts_tenant_id_forgotten_at"), "key_attempts", ["tenant_id", "forgotten_at"]
    )
    op.execute(fences.fence_tenant_table("key_attempts", grants="SELECT, INSERT, UPDATE, DELETE"))
    op.drop_column("case_keys", "failures")
    op.drop_column("case_keys", "locked_until")

    op.execute(PEOPLE_FUNCTIONS)
    for contact in ("phone", "email"):
        op.drop_index(f"ix_people_verified_{contact}", "people")
        op.create_index(
            f"ix_people_verified_{contact}",
            "people",
            [contact],
            postgresql_where=sa.text(f"{contact}_verified_at IS NOT NULL"),
        )
    op.execute(
        """
        CREATE POLICY reads_followed ON people FOR SELECT USING (id = (SELECT current_person()));
        CREATE POLICY updates_joined ON people FOR UPDATE USING (id = (SELECT current_person()));
        """
    )
