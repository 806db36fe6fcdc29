"""Answers of the API, kept for callers who ask again under the same Idempotency-Key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tenants import fences
from tenants.ids import HUB

revision = "0024"
down_revision = "0020"
branch_labels = None
depends_on = None

# A request under a name that nobody kept an answer for takes the name; a parallel one waits for its transaction at
# the primary key. What was kept too long ago is as if never asked. The row is open to whoever knows its name, which
# is a digest made of the caller's own key, and to nobody else.
ANSWER_FUNCTIONS = """
CREATE FUNCTION current_answer() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('hub.answer', true), '') $$;
CREATE FUNCTION claim_answer(wanted bytea, question bytea, until timestamptz, moment timestamptz)
RETURNS TABLE (asked bytea, sealed bytea) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('hub.answer', encode(wanted, 'hex'), true);
    INSERT INTO kept_answers (name, asked, kept_until) VALUES (wanted, question, until) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        RETURN QUERY SELECT question, NULL::bytea;
    ELSE
        UPDATE kept_answers k SET asked = question, sealed = NULL, kept_until = until
            WHERE k.name = wanted AND k.kept_until <= moment;
        RETURN QUERY SELECT k.asked, k.sealed FROM kept_answers k WHERE k.name = wanted;
    END IF;
    PERFORM set_config('hub.answer', '', true);
END $$;
CREATE FUNCTION keep_answer(wanted bytea, written bytea) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('hub.answer', encode(wanted, 'hex'), true);
    UPDATE kept_answers k SET sealed = written WHERE k.name = wanted;
    PERFORM set_config('hub.answer', '', true);
END $$;
"""


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "kept_answers",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("kept_until", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(name) = 32", name=op.f("ck_kept_answers_name")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kept_answers")),
        # Filled in once, on the page it stands on.
        postgresql_with={"fillfactor": "60"},
    )
    op.create_index(op.f("ix_kept_answers_kept_until"), "kept_answers", ["kept_until"])
    op.execute(ANSWER_FUNCTIONS)
    hub = f"'{HUB}' = ANY ((SELECT current_tenants())::uuid[])"
    named = "name = decode((SELECT current_answer()), 'hex')"
    op.execute(
        fences.fence_hub_table(
            "kept_answers",
            read=f"{named} OR {hub}",
            insert=named,
            # The hub's own forgetting takes its rows one by one, for which PostgreSQL asks this policy too.
            update=f"{named} OR {hub}",
            grants="SELECT, INSERT, UPDATE, DELETE",
        )
    )
    op.execute(f"CREATE POLICY deletes ON kept_answers FOR DELETE USING ({hub})")
