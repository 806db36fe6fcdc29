"""Looking at a kept answer without claiming its name."""

from __future__ import annotations

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

ANSWER_KEPT = """
CREATE FUNCTION answer_kept(wanted bytea, moment timestamptz) RETURNS TABLE (asked bytea, sealed bytea)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('hub.answer', encode(wanted, 'hex'), true);
    RETURN QUERY SELECT k.asked, k.sealed FROM kept_answers k WHERE k.name = wanted AND k.kept_until > moment;
    PERFORM set_config('hub.answer', '', true);
END $$;
"""


def upgrade() -> None:
    """Expand."""
    op.execute(ANSWER_KEPT)
