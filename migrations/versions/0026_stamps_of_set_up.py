"""One stamp for all that a body has set up, so that processes know when what they have read is out of date."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tenants import fences
from tenants.ids import HUB

revision = "0026"
down_revision = "0022"
branch_labels = None
depends_on = None

# What tickets are opened by and shown with, for which it is read again and again.
SET_UP = (
    "services",
    "teams",
    "stages",
    "forms",
    "form_versions",
    "calendars",
    "calendar_versions",
    "service_levels",
    "routing_rules",
)

# A stamp is random: one that was rolled back, or stands in another database or in a restored one, never comes again
# with something else behind it. A body that set up nothing since this table came has none, which is as good as one.
# Zone and country stand in the body's own row, which tells by whom it was written last.
#
# `held` keeps all of it as it is until the transaction ends, see tenants/set_up.py. The lock is taken first: in a
# function each statement sees what was committed before it.
SET_UP_FUNCTIONS = """
CREATE FUNCTION stamp_set_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO set_up_stamps (tenant_id, stamp) VALUES (coalesce(NEW.tenant_id, OLD.tenant_id), gen_random_uuid())
        ON CONFLICT (tenant_id) DO UPDATE SET stamp = excluded.stamp;
    RETURN NULL;
END $$;
CREATE FUNCTION lock_of_set_up(whose uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT hashtextextended('set-up ' || whose, 19) $$;
CREATE FUNCTION set_up_of(wanted uuid[], held boolean) RETURNS TABLE (whose uuid, stamp text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    IF held THEN
        PERFORM pg_advisory_xact_lock_shared(lock_of_set_up(one)) FROM (SELECT unnest(wanted) ORDER BY 1) AS t (one);
    END IF;
    RETURN QUERY
        SELECT t.id, concat(s.stamp, ' ', t.xmin)
        FROM tenants t LEFT JOIN set_up_stamps s ON s.tenant_id = t.id
        WHERE t.id = ANY (wanted);
END $$;
"""


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "set_up_stamps",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("stamp", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_set_up_stamps_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_set_up_stamps")),
        # A pack writes it once for each of its rows.
        postgresql_with={"fillfactor": "50"},
    )
    op.execute(fences.fence_shared_table("set_up_stamps", str(HUB)))
    op.execute(SET_UP_FUNCTIONS)
    for table in SET_UP:
        op.execute(
            f"CREATE TRIGGER stamp_set_up AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION stamp_set_up()"
        )
