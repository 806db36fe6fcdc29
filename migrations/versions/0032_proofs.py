"""One-time codes for e-mail addresses, and the cases that were opened with one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences
from tenants.ids import HUB

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# A try is counted before anybody looks at the code, in one statement: of any number of parallel ones no more are looked
# at than are free.
PROOF_FUNCTIONS = """
CREATE FUNCTION current_proof() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('hub.proof', true), '') $$;
CREATE FUNCTION begin_proof(wanted bytea, written bytea, digest bytea, until timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('hub.proof', encode(wanted, 'hex'), true);
    INSERT INTO proofs (name, sealed, code_digest, tries, expires_at) VALUES (wanted, written, digest, 0, until);
    PERFORM set_config('hub.proof', '', true);
END $$;
CREATE FUNCTION try_proof(wanted bytea, most integer, moment timestamptz)
RETURNS TABLE (sealed bytea, code_digest bytea, tries integer) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('hub.proof', encode(wanted, 'hex'), true);
    RETURN QUERY UPDATE proofs p SET tries = p.tries + 1
        WHERE p.name = wanted AND p.proved_at IS NULL AND p.expires_at > moment AND p.tries < most
        RETURNING p.sealed, p.code_digest, p.tries;
    PERFORM set_config('hub.proof', '', true);
END $$;
CREATE FUNCTION settle_proof(wanted bytea, moment timestamptz, until timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('hub.proof', encode(wanted, 'hex'), true);
    UPDATE proofs p SET proved_at = moment, expires_at = until WHERE p.name = wanted;
    PERFORM set_config('hub.proof', '', true);
END $$;
CREATE FUNCTION proven_address(wanted bytea, moment timestamptz) RETURNS bytea LANGUAGE plpgsql VOLATILE AS $$
DECLARE found bytea;
BEGIN
    PERFORM set_config('hub.proof', encode(wanted, 'hex'), true);
    SELECT p.sealed INTO found FROM proofs p
        WHERE p.name = wanted AND p.proved_at IS NOT NULL AND p.expires_at > moment;
    PERFORM set_config('hub.proof', '', true);
    RETURN found;
END $$;
"""

# The records that carry an address, and the cases that these records opened. Whoever knows the exact address may ask;
# nothing can be listed. A confidential case is told only where its own record's address was proved.
CASES_OF_EMAIL = """
CREATE FUNCTION cases_of_email(wanted text, most integer) RETURNS TABLE (case_id uuid) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    records uuid[];
    proved boolean[];
BEGIN
    PERFORM set_config('hub.contact', wanted, true);
    SELECT array_agg(r.id), array_agg(r.verified) INTO records, proved FROM (
        SELECT p.id, p.email_verified_at IS NOT NULL AS verified FROM people p
        WHERE p.email = wanted ORDER BY p.id DESC LIMIT most
    ) AS r;
    PERFORM set_config('hub.contact', '', true);
    FOR turn IN 1 .. coalesce(cardinality(records), 0) LOOP
        PERFORM set_config('hub.person', records[turn]::text, true);
        RETURN QUERY SELECT k.case_id FROM case_keys k
            WHERE k.person_id = records[turn] AND (proved[turn] OR NOT k.confidential);
    END LOOP;
    PERFORM set_config('hub.person', '', true);
END $$;
"""


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "proofs",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("proved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(name) = 32", name=op.f("ck_proofs_name")),
        sa.CheckConstraint("octet_length(code_digest) = 32", name=op.f("ck_proofs_code_digest")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_proofs")),
    )
    op.create_index(op.f("ix_proofs_expires_at"), "proofs", ["expires_at"])
    op.execute(PROOF_FUNCTIONS)
    nobody_s_staff = "(SELECT current_actor()) IS NULL"
    named = f"name = decode((SELECT current_proof()), 'hex') AND {nobody_s_staff}"
    hub = f"'{HUB}' = ANY ((SELECT current_tenants())::uuid[]) AND {nobody_s_staff}"
    op.execute(
        fences.fence_hub_table(
            "proofs",
            read=f"({named}) OR ({hub})",
            insert=named,
            # The hub's own forgetting takes its rows one by one, for which PostgreSQL asks this policy too.
            update=f"({named}) OR ({hub})",
            grants="SELECT, INSERT, UPDATE, DELETE",
        )
    )
    op.execute(f"CREATE POLICY deletes ON proofs FOR DELETE USING ({hub})")

    op.create_index("ix_people_email", "people", ["email"], postgresql_where=sa.text("email IS NOT NULL"))
    op.execute(CASES_OF_EMAIL)
    # One person's keys are followed inside `cases_of_email` alone, never by staff and never from within a case.
    op.execute(
        "CREATE POLICY reads_followed ON case_keys FOR SELECT"
        f" USING (person_id = (SELECT current_person()) AND {nobody_s_staff} AND (SELECT current_case()) IS NULL)"
    )
