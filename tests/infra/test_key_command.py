"""`hub key`: API keys made, listed, replaced and revoked on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.beat import rounds_of
from infra.broker import find_broker
from infra.celery_app import celery_app
from infra.process import running_hub
from infra.settings import BrokerSettings
from tenants.addresses import read_address
from tenants.api_keys import KeyRefused, authenticate
from tenants.context import Actor
from tenants.key_format import new_key, read_key, write_key
from tenants.permissions import Permission
from tests.infra.processes import Command, Live

HERE = read_address("192.0.2.7")
MAKE = ("key", "create", "--tenant", "water", "--name", "Web site", "--scope", "tickets:read")


def made(hub: Command, *more: str) -> str:
    """A key as a pipe would get it."""
    status, out, err = hub(*MAKE, *more)
    assert status == 0, err
    (key,) = out.splitlines()
    return key


def id_of(key: str) -> str:
    parts = read_key(key)
    assert parts is not None
    return str(parts.id)


def signed_in(live: Live, key: str) -> Actor:
    return authenticate(live.world.database, key, HERE)


def listed(hub: Command, *more: str) -> list[dict[str, Any]]:
    status, out, _ = hub("key", "list", "--format", "json", *more)
    assert status == 0
    found: list[dict[str, Any]] = json.loads(out)
    return found


def test_the_key_alone_goes_to_standard_output_and_the_words_beside_it(live: Live, hub: Command) -> None:
    status, out, err = hub(*MAKE)
    assert status == 0
    key = out.removesuffix("\n")
    assert read_key(key) is not None
    assert key not in err
    assert id_of(key) in err
    assert "will not be shown again" in err
    assert signed_in(live, key).grants == {live.world.water.id: {Permission.TICKETS_READ}}


def test_the_words_are_arabic_where_the_terminal_is(hub: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LANGUAGE", "ar")
    _, out, err = hub(*MAKE)
    assert read_key(out.strip()) is not None
    assert "أُنشئ المفتاح" in err


def test_a_key_is_made_with_scopes_addresses_and_an_end_in_the_body_s_zone(live: Live, hub: Command) -> None:
    day = datetime.now(UTC).date() + timedelta(days=40)
    key = made(
        hub, "--scope", "tickets:open", "--address", "192.0.2.0/24", "--address", "2001:db8::/32",
        "--expires", day.isoformat(),
    )  # fmt: skip
    (found,) = listed(hub)
    assert found["id"] == id_of(key)
    assert (found["tenant"], found["name"], found["state"]) == ("water", "Web site", "valid")
    assert found["scopes"] == ["tickets:open", "tickets:read"]
    assert found["addresses"] == ["192.0.2.0/24", "2001:db8::/32"]
    assert found["last_used_at"] is None
    ends = datetime.fromisoformat(found["expires_at"])
    assert ends - datetime(day.year, day.month, day.day, tzinfo=UTC) in (
        timedelta(hours=-2),
        timedelta(hours=-3),
    )
    signed_in(live, key)
    with pytest.raises(KeyRefused):
        authenticate(live.world.database, key, read_address("198.51.100.1"))
    assert listed(hub)[0]["last_used_at"] is not None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--tenant", "nobody"), "nobody"),
        (("--tenant", "\x00"), "There is no body"),
        (("--scope", "tickets:teleport"), "tickets:teleport"),
        (("--scope", "keys:write"), "keys:write"),
        (("--expires", "2026-02-30"), "expires"),
        (("--expires", "tomorrow"), "expires"),
        (("--expires", "2020-01-01"), "future"),
        (("--expires", "2999-01-01"), "730"),
        (("--address", "192.0.2.7/24"), "192.0.2.0/24"),
        (("--address", "the office"), "the office"),
        (("--name", ""), "name"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_makes_no_key(
    hub: Command, arguments: tuple[str, ...], told: str
) -> None:
    status, out, err = hub(*MAKE, *arguments)
    assert (status, out) == (1, "")
    assert told in err
    assert len(err.splitlines()) == 1
    assert listed(hub) == []


def test_a_scope_has_to_be_said(hub: Command) -> None:
    status, out, _ = hub(*MAKE[:-2])
    assert (status, out) == (2, "")


def test_the_list_shows_every_body_s_keys_or_one_body_s_and_no_secret(hub: Command) -> None:
    water = made(hub)
    tax = made(hub, "--tenant", "tax")
    assert {(key["tenant"], key["id"]) for key in listed(hub)} == {
        ("water", id_of(water)),
        ("tax", id_of(tax)),
    }
    assert [key["tenant"] for key in listed(hub, "--tenant", "tax")] == ["tax"]
    _, table, _ = hub("key", "list")
    for key in (water, tax):
        assert id_of(key) in table
        parts = read_key(key)
        assert parts is not None
        assert parts.secret not in table + json.dumps(listed(hub))


def test_an_empty_list_says_so(hub: Command) -> None:
    status, out, _ = hub("key", "list")
    assert (status, out) == (0, "There are no keys.\n")


def test_a_replaced_key_works_beside_its_successor(live: Live, hub: Command) -> None:
    old = made(hub, "--address", "192.0.2.0/24")
    until = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%MZ")
    status, out, err = hub("key", "rotate", id_of(old), "--until", until)
    assert status == 0
    (successor,) = out.splitlines()
    assert id_of(old) in err
    assert signed_in(live, successor).grants == signed_in(live, old).grants
    newer, older = sorted(listed(hub), key=lambda key: key["replaces"] is None)
    assert (newer["id"], newer["replaces"], older["id"]) == (id_of(successor), id_of(old), id_of(old))
    assert newer["addresses"] == ["192.0.2.0/24"]
    assert datetime.fromisoformat(older["expires_at"]) == datetime.fromisoformat(until.replace("Z", "+00:00"))
    status, out, err = hub("key", "rotate", id_of(old))
    assert (status, out) == (1, "")
    assert id_of(successor) in err


def test_a_key_is_revoked_once_somebody_has_said_yes(
    live: Live, hub: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = made(hub)
    for answer, gone in ((False, False), (True, True)):
        asked: list[str] = []

        def confirm(question: str, answer: bool = answer, asked: list[str] = asked, **_: object) -> bool:
            asked.append(question)
            return answer

        monkeypatch.setattr("typer.confirm", confirm)
        status, _, err = hub("key", "revoke", id_of(key))
        assert len(asked) == 1
        assert id_of(key) in asked[0]
        assert "Web site" in asked[0]
        if gone:
            assert status == 0
            with pytest.raises(KeyRefused):
                signed_in(live, key)
        else:
            assert (status, err) == (1, "Nothing was changed.\n")
            signed_in(live, key)


def test_a_leaked_key_is_revoked_by_what_is_known_of_it(live: Live, hub: Command) -> None:
    for part in (slice(0, 41), slice(None)):
        key = made(hub)
        status, out, err = hub("key", "revoke", key[part], "--yes")
        assert (status, err) == (0, "")
        assert out == f"Revoked the key {id_of(key)}.\n"
        with pytest.raises(KeyRefused):
            signed_in(live, key)
    assert [found["state"] for found in listed(hub)] == ["revoked", "revoked"]
    _, out, _ = hub("key", "revoke", key, "--yes")
    assert out == f"The key {id_of(key)} had been revoked before.\n"


@pytest.mark.parametrize("verb", ["rotate", "revoke"])
def test_what_names_no_key_is_refused_and_not_repeated(hub: Command, verb: str) -> None:
    unknown = write_key(new_key())
    for given in (unknown, "s3cret", "hub_live_s3cret"):
        status, out, err = hub("key", verb, given)
        assert (status, out) == (1, "")
        assert given not in err
        assert len(err.splitlines()) == 1


def test_the_beat_forgets_old_counts(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    with live.administrator() as connection:
        connection.execute(
            "INSERT INTO rate_counts VALUES ('old', 0, 0, 1, now() - interval '1 second'),"
            " ('young', 0, 0, 1, now() + interval '1 hour')"
        )
    with running_hub() as hub:
        app = celery_app(find_broker(BrokerSettings(), hub.urls.app))
        (counts,) = [each for each in rounds_of(hub, app) if each.name == "counts"]
        assert counts.batch() is False
    with live.administrator() as connection:
        left = connection.execute("SELECT subject FROM rate_counts").fetchall()
    assert left == [(b"young",)]
