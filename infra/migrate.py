"""Bringing a database to the present shape of the tables, as their owner."""

from __future__ import annotations

from pathlib import Path
from time import sleep

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from tenants.database import for_psycopg

# One number for all processes: two migrations of one database at once wait for each other.
_LOCK = 1919_0001
# Seconds between two looks whether it is one's turn.
_PATIENCE = 0.2


def configuration() -> Config:
    """Alembic's configuration: the scripts lie in the package `migrations`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(owner_url: str) -> list[str]:
    """Apply the migrations that are missing, for an operator; gives their names, oldest first.

    The login behind `owner_url` must be a member of `hub_owner`, which then owns all that is made.
    """
    engine = create_engine(for_psycopg(owner_url), poolclass=NullPool)
    with engine.connect() as connection:
        _wait_for_turn(connection)
        connection.execute(text("SET ROLE hub_owner"))
        connection.commit()
        try:
            before = _applied(connection)
            config = configuration()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
            done = _names_since(before)
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
    engine.dispose()
    return done


def _wait_for_turn(connection: Connection) -> None:
    # Asked again and again: a statement that waits in the database holds a snapshot, and an index that is built beside
    # the work (CONCURRENTLY) waits for all snapshots, so that the two would wait for each other.
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}):
        connection.rollback()
        sleep(_PATIENCE)


def all_names() -> list[str]:
    """The names of all migrations of this release, oldest first."""
    return _names_since(None)


def missing(connection: Connection) -> list[str]:
    """The names of migrations that a database lacks, oldest first."""
    return _names_since(_applied(connection))


def _applied(connection: Connection) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    return revision


def _names_since(revision: str | None) -> list[str]:
    scripts = ScriptDirectory.from_config(configuration())
    names = [
        f"{script.revision} {script.doc}" for script in scripts.iterate_revisions("head", revision or "base")
    ]
    return names[::-1]
