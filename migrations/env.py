"""Runs the migrations as the owner of the tables, over the connection it was handed."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from infra.tables import metadata


def run() -> None:
    """Migrate over the connection given by `infra.migrate`."""
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("migrations run through `hub migrate`, which hands them the owner's connection")
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


run()
