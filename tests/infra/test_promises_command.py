from __future__ import annotations

import pytest

from infra.beat import rounds_of
from infra.broker import find_broker
from infra.celery_app import celery_app
from infra.process import running_hub
from infra.settings import BrokerSettings
from tests.factories.tickets import open_leak
from tests.infra.harm import harm
from tests.infra.processes import Command, Live


def reported_yesterday(live: Live) -> None:
    """A ticket whose promises have come due by the real clock, whenever that is."""
    opened = open_leak(live.world)
    harm(
        live,
        f"UPDATE tickets SET opened_at = now() - interval '1 day' WHERE id = '{opened.ticket_id}'",
        f"UPDATE ticket_clocks SET due_at = now() - interval '1 hour' WHERE ticket_id = '{opened.ticket_id}'",
    )


def kept(live: Live) -> list[tuple[object, ...]]:
    with live.administrator() as connection:
        return connection.execute(
            "SELECT code, answers_due, solutions_due FROM kept_promises JOIN tenants ON id = tenant_id"
        ).fetchall()


def test_a_round_keeps_how_promises_were_kept(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    reported_yesterday(live)
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    with running_hub() as hub:
        rounds = rounds_of(hub, celery_app(find_broker(BrokerSettings(), hub.urls.app)))
        (promises,) = [each for each in rounds if each.name == "promises"]
        assert promises.batch() is False
        assert promises.batch() is False
    assert kept(live) == [("water", 1, 1)]


def test_an_operator_has_all_days_reckoned_anew(live: Live, hub: Command) -> None:
    reported_yesterday(live)
    assert hub("promises", "reckon", "--tenant", "tax")[:2] == (0, "Days reckoned anew: 0.\n")
    assert hub("promises", "reckon")[:2] == (0, "Days reckoned anew: 1.\n")
    harm(live, "UPDATE kept_promises SET answers_due = 9")
    assert hub("promises", "reckon", "--tenant", "water")[:2] == (0, "Days reckoned anew: 1.\n")
    assert kept(live) == [("water", 1, 1)]


def test_an_unknown_body_is_refused(hub: Command) -> None:
    status, out, err = hub("promises", "reckon", "--tenant", "nobody")
    assert (status, out) == (1, "")
    assert "nobody" in err
