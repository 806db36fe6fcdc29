"""Taking over cases of older systems, many at once."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A case is bound to its tenant only by a transaction that has named this one case: the fence stays as narrow for an
# import, which names them one after the other. Runs with the caller's rights. Gives the cases whose number was
# taken already; they are not written.
TAKE_OVER_CASES = """
CREATE FUNCTION take_over_cases(owner uuid, given json) RETURNS SETOF uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    each cases;
    before text := coalesce(current_setting('hub.case', true), '');
BEGIN
    FOR each IN SELECT * FROM json_populate_recordset(NULL::cases, given) LOOP
        PERFORM set_config('hub.case', each.id::text, true);
        INSERT INTO cases (id, number, channel, language, opened_at, closed_at, open_tickets, at_work)
            VALUES (each.id, each.number, each.channel, each.language, each.opened_at, each.closed_at,
                    each.open_tickets, each.at_work)
            ON CONFLICT (number) DO NOTHING;
        IF FOUND THEN
            INSERT INTO case_tenants (tenant_id, case_id) VALUES (owner, each.id);
        ELSE
            RETURN NEXT each.id;
        END IF;
    END LOOP;
    PERFORM set_config('hub.case', before, true);
END $$;
"""


def upgrade() -> None:
    """Expand."""
    op.execute(TAKE_OVER_CASES)
