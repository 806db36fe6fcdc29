"""Tickets found by their words, and what long lists of them are read from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences
from tenants.ids import HUB

revision = "0022"
down_revision = "0023"
branch_labels = None
depends_on = None

# One spelling for what is written in several, in tickets and in searches alike; gives the words, a blank before each.
# It uses no locale, so that every server gives the same: ranges in expressions go by code point, and `lower` in "C"
# knows only A to Z, which is all that is left of Latin letters without their accents. Each step costs every ticket
# microseconds: `translate` with all these letters alone cost more than the rest together, and few texts have them.
SEARCH_TEXT = r"""
CREATE FUNCTION search_text(written text, kept integer) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    -- NFKD takes letters apart into a base and marks, and turns the shapes of Arabic letters that old programs and PDF
    -- files hold into the letters.
    said text := normalize(left(written, 10000), NFKD);
BEGIN
    -- مسئول and مسؤول: on either seat a hamza is a hamza; on an alef it goes with the marks.
    said := regexp_replace(said, '[وي][\u064b-\u0652]*\u0654', 'ء', 'g');
    -- Vowel marks and accents, the tatweel, and marks that nobody sees.
    said := regexp_replace(
        said,
        '[\u00ad\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+',
        '', 'g'
    );
    said := replace(replace(lower(said COLLATE "C"), 'ى', 'ي'), 'ة', 'ه');
    IF said ~ '[\u0660-\u0669\u0671\u06a9\u06aa\u06be\u06c1\u06c3\u06cc\u06d0\u06d5\u06f0-\u06f9]' THEN
        said := translate(said, 'ٱیېکڪھہۃە٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'اييككهههه01234567890123456789');
    END IF;
    -- All that is neither letter nor digit only separates words.
    said := regexp_replace(
        said,
        '[^ 0-9a-z\u00df-\u00f6\u00f8-\u02af\u0370-\u05ff\u0620-\u0669\u066e-\u06d3\u06d5-\u167f\u1681-\u180d\u180f-\u1fff\u3041-\ud7ff]+',
        ' ', 'g'
    );
    said := ' ' || btrim(regexp_replace(said, '  +', ' ', 'g'));
    -- The article goes, with what is written in one word with it: وبالوزارة is found as وزارة, and للمواطن as مواطن. At
    -- least `kept` letters stay. Again and again, because البالوعة and بالوعة are one word.
    said := regexp_replace(said, ' (?:[وف]?(?:[بك]?ال|لل)(?=[ء-ي]{' || kept || '}))+', ' ', 'g');
    -- Longer than any word is: the beginning will do.
    IF said ~ '[^ ]{61}' THEN
        said := regexp_replace(said, '([^ ]{60})[^ ]+', '\1', 'g');
    END IF;
    RETURN rtrim(said);
END $$;
"""

# Before each word of a ticket stands the end of its tenant's id: a search meets the words of few others than those it
# is for, however many tenants there are. The fence does not stand on that: it compares the tenant itself.
WORDS = r"""
CREATE FUNCTION mark_of(tenant uuid) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN right(tenant::text, 3);

CREATE FUNCTION words_of(tenant uuid, written text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    replace(search_text(written, 3), ' ', ' ' || mark_of(tenant))::tsvector;

-- What a ticket has to say for a search: every word, and one that begins like the last, which may not be typed to its
-- end: then its article may not be known for one yet. A tilde stands for the mark of a tenant. Null for what holds no
-- word.
CREATE FUNCTION words_asked(typed text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    words text[] := string_to_array(ltrim(search_text(typed, 3)), ' ');
    begun text[] := string_to_array(ltrim(search_text(typed, 2)), ' ');
    last integer := least(cardinality(words), 12);
    asked text;
BEGIN
    FOR each IN 1 .. last LOOP
        asked := coalesce(asked || '&', '')
            || CASE WHEN each < last THEN '~' || words[each]
               ELSE '(~' || words[each] || ':*|~' || begun[each] || ':*)' END;
    END LOOP;
    RETURN asked;
END $$;

CREATE FUNCTION current_words() RETURNS tsquery LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('hub.words', true), '')::tsquery $$;
"""

# Written with the ticket, whoever writes it. A change finds the old row under a search that every row answers: no word
# is a lone hyphen.
KEEPING = """
CREATE FUNCTION keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_words (tenant_id, opened_at, ticket_id, case_id, words)
        SELECT tenant_id, opened_at, id, case_id, words_of(tenant_id, subject || ' ' || description) FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_words AFTER INSERT ON tickets
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION keep_words();

CREATE FUNCTION keep_words_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('hub.words', '!''-''', true);
    UPDATE ticket_words w
        SET opened_at = NEW.opened_at, words = words_of(NEW.tenant_id, NEW.subject || ' ' || NEW.description)
        WHERE w.tenant_id = OLD.tenant_id AND w.opened_at = OLD.opened_at AND w.ticket_id = OLD.id;
    PERFORM set_config('hub.words', '', true);
    RETURN NULL;
END $$;
CREATE TRIGGER keep_words_anew AFTER UPDATE OF opened_at, subject, description ON tickets FOR EACH ROW
    WHEN ((OLD.opened_at, OLD.subject, OLD.description) IS DISTINCT FROM (NEW.opened_at, NEW.subject, NEW.description))
    EXECUTE FUNCTION keep_words_anew();
"""

# Two ways to one answer, each bound to its index: estimates know nothing of the words of a search.
SEARCHING = """
-- Those that answer among the last that came in to each tenant, read one by one, back to where the first of these rows
-- of tickets ends: of what is older, some tenant may have tickets that were not read.
CREATE FUNCTION newest_with_words(tenants uuid[], asked text, looked_at integer, most integer)
    RETURNS TABLE (tenant_id uuid, opened_at timestamptz, ticket_id uuid)
    LANGUAGE plpgsql VOLATILE ROWS 50 SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
    PERFORM set_config('hub.words', '!''-''', true);
    RETURN QUERY
        WITH newest AS MATERIALIZED (
            SELECT n.tenant_id, n.opened_at, n.ticket_id, n.words @@ q.own AS answers
            FROM unnest(tenants) AS tenant
            CROSS JOIN LATERAL (SELECT replace(asked, '~', mark_of(tenant))::tsquery AS own OFFSET 0) AS q
            CROSS JOIN LATERAL (
                SELECT w.tenant_id, w.opened_at, w.ticket_id, w.words FROM ticket_words w
                WHERE w.tenant_id = tenant
                ORDER BY w.opened_at DESC, w.ticket_id DESC LIMIT looked_at
            ) AS n
        ), edges AS (
            SELECT max(e.earliest) AS since FROM (
                SELECT min(n.opened_at) AS earliest FROM newest n GROUP BY n.tenant_id HAVING count(*) = looked_at
            ) AS e
        )
        SELECT n.tenant_id, n.opened_at, n.ticket_id FROM newest n CROSS JOIN edges e
        WHERE n.answers AND (e.since IS NULL OR n.opened_at > e.since)
        ORDER BY n.opened_at DESC, n.ticket_id DESC LIMIT most;
    PERFORM set_config('hub.words', '', true);
END $$;

-- Those that answer in each tenant, the newest `most` of each, by the index of words. The planner thinks that many
-- more answer than do, and would collect all the tenant's rows from the key to leave the others out.
CREATE FUNCTION all_with_words(tenants uuid[], asked text, most integer)
    RETURNS TABLE (tenant_id uuid, opened_at timestamptz, ticket_id uuid)
    LANGUAGE plpgsql VOLATILE ROWS 50
    SET enable_seqscan = off SET enable_indexscan = off SET cpu_index_tuple_cost = 10 AS $$
DECLARE
    tenant uuid;
BEGIN
    FOREACH tenant IN ARRAY tenants LOOP
        PERFORM set_config('hub.words', replace(asked, '~', mark_of(tenant)), true);
        RETURN QUERY
            SELECT w.tenant_id, w.opened_at, w.ticket_id FROM ticket_words w
            WHERE w.tenant_id = tenant
            ORDER BY w.opened_at DESC, w.ticket_id DESC LIMIT most;
    END LOOP;
    PERFORM set_config('hub.words', '', true);
END $$;

-- The newest tickets of some tenants that answer a search. A frequent word has enough of them among the last that came
-- in; the index of words would first give all that ever had it. What is rarer is looked up in it.
CREATE FUNCTION tickets_with_words(tenants uuid[], typed text, most integer)
    RETURNS TABLE (tenant_id uuid, opened_at timestamptz, ticket_id uuid)
    LANGUAGE plpgsql VOLATILE ROWS 50 AS $$
DECLARE
    asked CONSTANT text := words_asked(typed);
    looked_at CONSTANT integer := ceil(1500 / sqrt(greatest(cardinality(tenants), 1)));
    bodies uuid[];
    moments timestamptz[];
    ids uuid[];
BEGIN
    IF asked IS NULL THEN
        RETURN;
    END IF;
    SELECT array_agg(f.tenant_id), array_agg(f.opened_at), array_agg(f.ticket_id) INTO bodies, moments, ids
        FROM newest_with_words(tenants, asked, looked_at, most) AS f;
    IF coalesce(cardinality(ids), 0) < most THEN
        SELECT array_agg(f.tenant_id), array_agg(f.opened_at), array_agg(f.ticket_id) INTO bodies, moments, ids
            FROM all_with_words(tenants, asked, most) AS f;
    END IF;
    RETURN QUERY
        SELECT * FROM unnest(bodies, moments, ids) AS f (tenant_id, opened_at, ticket_id)
        ORDER BY f.opened_at DESC, f.ticket_id DESC LIMIT most;
END $$;
"""

AT_HAND = "status NOT IN ('archived', 'closed', 'rejected', 'transferred', 'withdrawn')"
URGENCY = "(CASE priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END)"

# Installed before this, the fences said the same in words that the planner misjudges; see `fences.ONE_CASE`.
SAID_ANEW = """
DO $$
DECLARE fenced name;
BEGIN
    FOR fenced IN SELECT tablename FROM pg_policies WHERE schemaname = 'public' AND policyname = 'one_case' LOOP
        EXECUTE format('ALTER POLICY one_case ON %I USING (%s OR %s)', fenced,
            CASE fenced WHEN 'cases' THEN '{of_cases}' ELSE '{same}' END,
            CASE fenced WHEN 'cases' THEN 'number = (SELECT current_number())' ELSE 'false' END);
        EXECUTE format('ALTER POLICY one_case_insert ON %I WITH CHECK (%s)', fenced,
            CASE fenced WHEN 'cases' THEN '{of_cases} OR id IS NULL' ELSE '{same} OR case_id IS NULL' END);
        EXECUTE format('ALTER POLICY one_case_update ON %I USING (%s) WITH CHECK (%s)', fenced,
            CASE fenced WHEN 'cases' THEN '{of_cases}' ELSE '{same}' END,
            CASE fenced WHEN 'cases' THEN '{of_cases}' ELSE '{same}' END);
        EXECUTE format('ALTER POLICY one_case_delete ON %I USING (%s)', fenced,
            CASE fenced WHEN 'cases' THEN '{of_cases}' ELSE '{same}' END);
    END LOOP;
END $$;
"""


def upgrade() -> None:
    """Expand."""
    same_case = fences.ONE_CASE.format(column="case_id")
    op.execute(SAID_ANEW.format(same=same_case, of_cases=fences.ONE_CASE.format(column="id")))
    op.execute(SEARCH_TEXT)
    op.execute(WORDS)
    op.create_table(
        "ticket_words",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ticket_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_ticket_words_tenant_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "opened_at", "ticket_id", name=op.f("pk_ticket_words")),
    )
    # The fence of tickets binds their owner too: it sees those that were there before as every tenant at once.
    op.execute(f"SELECT set_config('hub.tenants', '{{{HUB}}}', true)")
    op.execute("SELECT set_config('hub.tenants', array_agg(id)::text, true) FROM tenants")
    op.execute(
        "INSERT INTO ticket_words (tenant_id, opened_at, ticket_id, case_id, words)"
        " SELECT tenant_id, opened_at, id, case_id, words_of(tenant_id, subject || ' ' || description) FROM tickets"
    )
    op.execute("SELECT set_config('hub.tenants', '', true)")
    op.execute(
        # A search reads the list of what is not sorted in yet from end to end: short, so that it costs no search much.
        "CREATE INDEX ix_ticket_words_words ON ticket_words USING gin (words) WITH (gin_pending_list_limit = 1024)"
    )
    op.execute(
        fences.fence_hub_table(
            "ticket_words",
            # `@@` is not leakproof: asked for by a query it would be looked at after the fence, and find no index.
            # As a part of the fence it is looked at together with it. Without a search nothing is shown.
            read=f"{fences.MINE} AND words @@ (SELECT current_words()) AND {same_case}",
            insert=f"{fences.MINE} AND {same_case}",
            update=f"{fences.MINE} AND {same_case}",
        )
    )
    op.execute(KEEPING)
    op.execute(SEARCHING)

    # Lists in the order of opening go on behind a row by its id, too: two tickets may be opened at one moment.
    op.drop_index("ix_tickets_tenant_id_opened_at", "tickets")
    op.create_index("ix_tickets_tenant_id_opened_at_id", "tickets", ["tenant_id", "opened_at", "id"])
    # Open tickets are a few of all, and what most lists are of.
    op.create_index(
        "ix_tickets_at_hand",
        "tickets",
        ["tenant_id", sa.text(URGENCY), "opened_at", "id"],
        postgresql_where=sa.text(AT_HAND),
    )
    # The open clocks of a tenant in the order in which they are due.
    op.drop_index("ix_ticket_clocks_open", "ticket_clocks")
    op.create_index(
        "ix_ticket_clocks_open",
        "ticket_clocks",
        ["tenant_id", "kind", "due_at", "ticket_id"],
        postgresql_where=sa.text("met_at IS NULL AND stopped_at IS NULL"),
    )
    # Callers are found by any number they gave, proved or not.
    op.create_index("ix_people_phone", "people", ["phone"], postgresql_where=sa.text("phone IS NOT NULL"))
