from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

import pytest

from tests.infra.harm import promise_a_job
from tests.infra.processes import Live, eventually, running
from tests.services.brokers import running_rabbitmq, running_redis
from tests.services.ports import free_port

Broker = Callable[[Path, int], AbstractContextManager[str]]


def done(live: Live, duplicate: UUID) -> bool:
    return live.jobs() == 0 and live.facts(live.world.water, "ticket.resolved", duplicate) == 1


@pytest.mark.alone
@pytest.mark.parametrize("broker", [running_redis, running_rabbitmq], ids=["redis", "rabbitmq"])
def test_another_broker_carries_the_messages_and_may_lose_them_all(
    broker: Broker, live: Live, tmp_path: Path
) -> None:
    port = free_port()
    with broker(tmp_path, port) as url:
        environment = live.environment | {"HUB_BROKER_URL": url}
        with running(tmp_path / "both", environment, "worker", "--with-beat", ready="ready.") as both:
            first = promise_a_job(live)
            eventually(lambda: done(live, first))
            assert both.end() == 0
    with running(tmp_path / "patient", environment, "worker", "--with-beat") as patient:
        second = promise_a_job(live)
        patient.wait_for_word("relay")
        with broker(tmp_path, port):
            eventually(lambda: done(live, second))
            assert patient.end() == 0
    with live.administrator() as connection:
        row = connection.execute("SELECT count(*) FROM pgmq.q_hub_jobs").fetchone()
    # None of it went through the database's own queue.
    assert row == (0,)
