"""The database's fences as SQL, for migrations: every table arrives with one."""

from __future__ import annotations

FUNCTIONS = """
CREATE FUNCTION current_tenants() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('hub.tenants', true), ''), '{}')::uuid[] $$;
CREATE FUNCTION current_case() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('hub.case', true), '')::uuid $$;
CREATE FUNCTION current_actor() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('hub.actor', true), '')::uuid $$;
"""

# What a citizen holds opens rows to them: a case's number, or a contact they proved. Whoever knows the exact value
# may ask for it; nothing can be listed.
CASE_FUNCTIONS = """
CREATE FUNCTION current_number() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('hub.number', true), '') $$;
CREATE FUNCTION case_of_number(wanted text) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE found uuid;
BEGIN
    PERFORM set_config('hub.number', wanted, true);
    SELECT id INTO found FROM cases WHERE number = wanted;
    PERFORM set_config('hub.number', '', true);
    RETURN found;
END $$;
CREATE FUNCTION current_contact() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('hub.contact', true), '') $$;
CREATE FUNCTION person_of_contact(contact text, wanted text) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE found uuid;
BEGIN
    PERFORM set_config('hub.contact', wanted, true);
    IF contact = 'phone' THEN
        SELECT id INTO found FROM people
            WHERE phone = wanted AND phone_verified_at IS NOT NULL AND joined_to IS NULL ORDER BY id LIMIT 1;
    ELSE
        SELECT id INTO found FROM people
            WHERE email = wanted AND email_verified_at IS NOT NULL AND joined_to IS NULL ORDER BY id LIMIT 1;
    END IF;
    PERFORM set_config('hub.contact', '', true);
    RETURN found;
END $$;
"""

# Read once per statement: as a scalar sub-select it becomes an InitPlan; parsed per row it was 50 times slower.
MINE = "tenant_id = ANY ((SELECT current_tenants())::uuid[])"
# A CASE and no OR: the planner knows nothing of either, takes the one for true half the time and the other in two rows of
# a thousand, and then reads a tenant's whole table where a page would do.
ONE_CASE = "CASE WHEN (SELECT current_case()) IS NULL THEN true ELSE {column} = (SELECT current_case()) END"
# Somebody's unit of work: with tenants, or bound to a case. Outside of one not even what is public is shown.
ANY_CONTEXT = "(cardinality((SELECT current_tenants())) > 0 OR (SELECT current_case()) IS NOT NULL)"


def fence_tenant_table(
    table: str, *, case_column: str | None = None, grants: str = "SELECT, INSERT, UPDATE"
) -> str:
    """The SQL that fences a tenant's table: forced row-level security, restricted to the context's tenants.

    With `case_column` a context bound to one case sees only that case's rows. `grants` is what the processes'
    login may do.
    """
    bound = one_case(table, case_column) if case_column else ""
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY everyone ON {table} USING (true) WITH CHECK (true);
    CREATE POLICY tenants_fence ON {table} AS RESTRICTIVE USING ({MINE}) WITH CHECK ({MINE});
    {bound}
    GRANT {grants} ON {table} TO hub_app;
    """


def one_case(table: str, column: str, *, or_shown: str = "false") -> str:
    """The SQL that shows a context bound to one case that case's rows only, and lets it write no other case's.

    Reading alone would not do: an UPDATE that reads no column is not held by policies for reading. Rows that say
    nothing of any case may be written. `or_shown` is a condition under which a row is shown all the same.
    """
    same = ONE_CASE.format(column=column)
    return f"""
    CREATE POLICY one_case ON {table} AS RESTRICTIVE FOR SELECT USING ({same} OR {or_shown});
    CREATE POLICY one_case_insert ON {table} AS RESTRICTIVE FOR INSERT WITH CHECK ({same} OR {column} IS NULL);
    CREATE POLICY one_case_update ON {table} AS RESTRICTIVE FOR UPDATE USING ({same}) WITH CHECK ({same});
    CREATE POLICY one_case_delete ON {table} AS RESTRICTIVE FOR DELETE USING ({same});
    """


def fence_shared_table(table: str, hub: str, *, grants: str = "SELECT, INSERT, UPDATE") -> str:
    """Like a tenant's table, but the hub's own rows may be read by all: the floor that every tenant stands on."""
    read = f"{MINE} OR (tenant_id = '{hub}' AND {ANY_CONTEXT})"
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY everyone ON {table} USING (true) WITH CHECK (true);
    CREATE POLICY tenants_read ON {table} AS RESTRICTIVE FOR SELECT USING ({read});
    CREATE POLICY tenants_insert ON {table} AS RESTRICTIVE FOR INSERT WITH CHECK ({MINE});
    CREATE POLICY tenants_update ON {table} AS RESTRICTIVE FOR UPDATE USING ({MINE}) WITH CHECK ({MINE});
    CREATE POLICY tenants_delete ON {table} AS RESTRICTIVE FOR DELETE USING ({MINE});
    GRANT {grants} ON {table} TO hub_app;
    """


def fence_hub_table(
    table: str,
    *,
    read: str,
    insert: str = "false",
    update: str = "false",
    grants: str = "SELECT, INSERT, UPDATE",
) -> str:
    """The SQL that fences a hub-wide table by conditions of its own; nothing is ever deleted through it."""
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY reads ON {table} FOR SELECT USING ({read});
    CREATE POLICY inserts ON {table} FOR INSERT WITH CHECK ({insert});
    CREATE POLICY updates ON {table} FOR UPDATE USING ({update}) WITH CHECK ({update});
    GRANT {grants} ON {table} TO hub_app;
    """


def append_only(table: str) -> str:
    """The SQL that makes a table refuse every change but new rows, even from its owner."""
    return f"""
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """


REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
"""
