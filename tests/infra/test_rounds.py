from __future__ import annotations

import threading
import time
from collections import Counter
from uuid import UUID

import pytest
from kombu.exceptions import OperationalError as BrokerDown
from sqlalchemy.exc import OperationalError

from hub.journal.settings import JobSettings
from infra.beat import Round, Rounds, hand_out_jobs, rounds_of, seal_all
from infra.broker import find_broker
from infra.celery_app import celery_app
from infra.messages import Messages
from infra.process import Hub, running_hub
from infra.settings import BrokerSettings
from tenants.ids import HUB
from tests.infra.harm import closed_port, harm, old_fact, promise_a_job
from tests.infra.processes import Live, eventually

# A seal waits for every open transaction of the server, those of other workers' databases among them.
pytestmark = pytest.mark.alone


class Counted:
    """A round that counts how often it is made and may be told to do more than that."""

    def __init__(self, *outcomes: bool | Exception) -> None:
        self.made = 0
        self._outcomes = outcomes

    def __call__(self) -> bool:
        self.made += 1
        outcome = self._outcomes[self.made - 1] if self.made <= len(self._outcomes) else False
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def test_a_round_that_fails_keeps_no_other_from_its_time_and_comes_again() -> None:
    failing, well = Counted(*(ValueError() for _ in range(3))), Counted()
    with Rounds([Round("failing", 0.01, failing), Round("well", 0.01, well)]):
        eventually(lambda: well.made >= 10 and failing.made >= 2)
    assert well.made > failing.made


def test_a_round_goes_on_at_once_while_more_is_waiting() -> None:
    busy = Counted(True, True, True, False)
    with Rounds([Round("busy", 60, busy)]):
        eventually(lambda: busy.made == 4)


def test_a_round_that_finds_no_database_asks_for_it_back() -> None:
    asked: list[str] = []
    lost = Counted(OperationalError("", {}, Exception()), ValueError())
    with Rounds([Round("lost", 0.01, lost)], revive=lambda: asked.append("server")):
        eventually(lambda: lost.made >= 3)
    assert asked == ["server"]


def test_what_a_round_is_at_is_finished_before_the_end() -> None:
    begun, finished = threading.Event(), threading.Event()

    def slow() -> bool:
        begun.set()
        time.sleep(0.3)
        finished.set()
        return True

    with Rounds([Round("slow", 0.01, slow)]):
        begun.wait()
    assert finished.is_set()


@pytest.fixture
def relay(live: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    promise_a_job(live)
    return live


def messages_of(hub: Hub) -> Messages:
    return Messages(celery_app(find_broker(BrokerSettings(), hub.urls.app)))


def leased(live: Live) -> int:
    with live.administrator() as connection:
        row = connection.execute("SELECT count(*) FROM jobs WHERE next_attempt_at > now()").fetchone()
        return int(str(row[0])) if row else 0


def queued(live: Live) -> list[str]:
    with live.administrator() as connection:
        return [str(body) for (body,) in connection.execute("SELECT message::text FROM pgmq.q_hub_jobs")]


def test_a_message_names_the_job_by_ids_and_nothing_else(relay: Live) -> None:
    with running_hub() as hub:
        assert hand_out_jobs(hub, messages_of(hub), JobSettings()) is False
    (message,) = queued(relay)
    assert "settle_duplicates" in message
    assert str(relay.world.water.id) in message
    assert "منى" not in message
    assert "01001234567" not in message


def test_a_broker_that_is_down_leaves_jobs_where_they_are(
    relay: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_BROKER_URL", f"amqp://127.0.0.1:{closed_port()}//")
    with running_hub() as hub:
        messages = messages_of(hub)
        with pytest.raises(BrokerDown, match="refused"):
            hand_out_jobs(hub, messages, JobSettings())
    assert leased(relay) == 0
    assert relay.jobs() == 1


def test_workers_that_are_behind_get_no_second_message_for_the_same_job(relay: Live) -> None:
    harm(relay, "SELECT pgmq.send('hub_jobs', '{}'::jsonb) FROM generate_series(1, 100)")
    with running_hub() as hub:
        messages = messages_of(hub)
        assert hand_out_jobs(hub, messages, JobSettings()) is False
        assert leased(relay) == 0
        harm(relay, "DELETE FROM pgmq.q_hub_jobs")
        hand_out_jobs(hub, messages, JobSettings())
    assert leased(relay) == 1


def test_a_relay_goes_on_after_its_connection_broke(relay: Live) -> None:
    with running_hub() as hub:
        messages = messages_of(hub)
        hand_out_jobs(hub, messages, JobSettings())
        harm(
            relay,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'hub19 broker'",
            "UPDATE jobs SET next_attempt_at = now() - interval '1 second'",
        )
        hand_out_jobs(hub, messages, JobSettings())
    assert len(queued(relay)) == 2


def test_a_body_that_cannot_be_sealed_keeps_no_other_from_it(relay: Live) -> None:
    old_fact(relay)
    harm(
        relay,
        "INSERT INTO journal_seals SELECT tenant_id, 1, now(), 0, 9000000000000, 0, '', '' FROM"
        f" (VALUES ('{relay.world.water.id}'::uuid)) AS t (tenant_id)",
    )
    with running_hub() as hub, pytest.raises(Exception, match=r".+"):
        seal_all(hub)
    assert seals(relay)[relay.world.tax.id] == 1


def test_answers_that_were_kept_long_enough_are_forgotten(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    harm(
        live,
        "INSERT INTO kept_answers VALUES (sha256('old'), '', '', now() - interval '1 second'),"
        " (sha256('young'), '', '', now() + interval '1 hour')",
    )
    with running_hub() as hub:
        rounds = rounds_of(hub, celery_app(find_broker(BrokerSettings(), hub.urls.app)))
        (answers,) = [each for each in rounds if each.name == "answers"]
        assert answers.batch() is False
    with live.administrator() as connection:
        left = connection.execute("SELECT name = sha256('young') FROM kept_answers").fetchall()
    assert left == [(True,)]


def test_what_was_kept_for_a_while_only_is_forgotten(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    over, fresh = "now() - interval '1 second'", "now() + interval '1 hour'"
    digest = "sha256('any')"
    harm(
        live,
        f"INSERT INTO drafts VALUES (sha256('old'), '', 1, {over}), (sha256('young'), '', 1, {fresh})",
        "INSERT INTO proofs (name, sealed, code_digest, tries, expires_at)"
        f" VALUES (sha256('old'), '', {digest}, 0, {over}), (sha256('young'), '', {digest}, 0, {fresh})",
        "INSERT INTO messages (tenant_id, id, purpose, state, sealed, promised_at, useful_until)"
        f" SELECT '{HUB}', gen_random_uuid(), 'code', 'waiting', 'x', now(), until"
        f" FROM (VALUES ({over}), ({fresh})) AS v (until)",
    )
    with running_hub() as hub:
        rounds = rounds_of(hub, celery_app(find_broker(BrokerSettings(), hub.urls.app)))
        made = [each for each in rounds if each.name in ("drafts", "proofs", "messages")]
        assert [each.batch() for each in made] == [False] * 3
    with live.administrator() as connection:
        for table in ("drafts", "proofs"):
            left = connection.execute(f"SELECT name = sha256('young') FROM {table}".encode()).fetchall()
            assert left == [(True,)], table
        states = connection.execute("SELECT state, sealed IS NULL FROM messages ORDER BY state").fetchall()
    assert states == [("late", True), ("waiting", False)]


def seals(live: Live) -> Counter[UUID]:
    with live.administrator() as connection:
        rows = connection.execute("SELECT tenant_id FROM journal_seals").fetchall()
        return Counter(UUID(str(tenant_id)) for (tenant_id,) in rows)
