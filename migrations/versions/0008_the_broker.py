"""The broker: queues of messages in the database itself, for a hub without a broker of its own."""

from __future__ import annotations

from alembic import op
from pgmq.install import install_pgmq_from_sql
from psycopg import Connection

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The one queue of promised jobs, under the name that Celery is configured with in `infra.celery_app`.
QUEUE = "hub_jobs"


def upgrade() -> None:
    """Expand.

    The functions and tables come from the package `pgmq` that Celery's transport is written for. They live in a
    schema of their own and hold no tenant's rows: a message names a job by its ids and nothing else.
    """
    connection = op.get_bind().connection.driver_connection
    if not isinstance(connection, Connection):
        raise TypeError("the broker's tables are made through psycopg")
    install_pgmq_from_sql(conn=connection)
    # Unlogged: a message costs no write to the disk, and a crash empties the queue. Jobs are rows; they come again.
    op.execute(f"SELECT pgmq.create_unlogged('{QUEUE}')")
    # The processes send, take and delete messages. They make no queues: whoever makes a table owns it.
    op.execute("GRANT USAGE ON SCHEMA pgmq TO hub_app")
    op.execute("GRANT SELECT ON pgmq.meta TO hub_app")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON pgmq.q_{QUEUE} TO hub_app")
    op.execute(f"GRANT SELECT ON SEQUENCE pgmq.q_{QUEUE}_msg_id_seq TO hub_app")
    # Each process looks at its start whether the tables have the shape it was written for.
    op.execute("GRANT SELECT ON alembic_version TO hub_app")
