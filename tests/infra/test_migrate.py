"""Bringing a database to the present shape: by several at once, and beside the work where a migration says so."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from infra.migrate import all_names, migrate
from tenants.servers import OwnServer

_INDEXES = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'tickets'::regclass AND {}"


@pytest.fixture(scope="module")
def url(server: OwnServer) -> Iterator[str]:
    """An empty database of these tests' own."""
    server.create_database("migrated")
    yield server.urls("migrated").owner.get_secret_value()
    server.drop_database("migrated")


@pytest.fixture(scope="module")
def done_by_two(url: str) -> list[list[str]]:
    """What each of two migrations did that began at once; one builds indexes that wait for all who look."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(migrate, [url, url]))


@pytest.fixture(scope="module")
def done_again(url: str, done_by_two: list[list[str]]) -> list[str]:
    """What is done where the migration was interrupted while it built an index beside the work."""
    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE hub_owner")
        connection.execute("UPDATE alembic_version SET version_num = '0036'")
        connection.execute("ALTER TABLE services DROP COLUMN shared")
        connection.execute("DROP INDEX ix_tickets_near")
        connection.execute("DROP INDEX ix_tickets_open_points")
        # What is left of it has the name and not yet all that it should hold.
        connection.execute("CREATE INDEX ix_tickets_near ON tickets (tenant_id)")
    return migrate(url)


def test_of_two_at_once_one_does_it_all_and_the_other_finds_it_done(done_by_two: list[list[str]]) -> None:
    assert sorted(done_by_two) == [[], all_names()]


def test_an_index_that_was_interrupted_is_built_anew(url: str, done_again: list[str]) -> None:
    assert [name[:4] for name in done_again][:2] == ["0037", "0038"]
    with psycopg.connect(url) as connection:
        near = connection.execute("SELECT pg_get_indexdef('ix_tickets_near'::regclass)").fetchone()
        assert near is not None
        assert "(tenant_id, service_id, governorate, opened_at) WHERE (NOT confidential)" in near[0]
        assert connection.execute(_INDEXES.format("NOT indisvalid")).fetchall() == []
        valid = {row[0] for row in connection.execute(_INDEXES.format("indisvalid"))}
    assert {"ix_tickets_near", "ix_tickets_open_points"} <= valid
