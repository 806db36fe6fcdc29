from __future__ import annotations

import os
import re
import signal
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from prometheus_client import generate_latest

from infra.metrics import exposed
from tenants.across import Across
from tests.factories.tickets import open_leak
from tests.infra.harm import harm, old_fact, promise_a_job
from tests.infra.processes import Live, eventually
from tests.infra.served import Served, served


def test_requests_are_counted_by_template_and_status_never_by_what_was_asked(shared: Served) -> None:
    before = shared.figures()
    for thing in ("01099887766", "mona", "a%2Fb"):
        shared.get(f"/things/{thing}?phone=01099887766")
    shared.get("/nowhere/01099887766")
    shared.get("/failure?given=01099887766")
    httpx2.request("PROPFIND", f"{shared.address}/things/1")
    after = shared.figures()

    def grown(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    requests = "hub_http_requests_total"
    assert grown(f"{requests}:GET:/things/{{thing}}:200") == 2
    # A slash inside a name makes another path.
    assert grown(f"{requests}:GET:unmatched:404") == 2
    assert grown(f"{requests}:GET:/failure:500") == 1
    assert grown(f"{requests}:OTHER:/things/{{thing}}:405") == 1
    assert grown("hub_http_request_seconds_count:GET:/things/{thing}") == 2
    assert not [name for name in after if "0109988" in name or "mona" in name]


def test_figures_are_on_a_port_of_their_own_and_on_no_other(shared: Served) -> None:
    assert shared.figures_address.startswith("http://127.0.0.1:")
    assert shared.get("/metrics").status_code == 404
    assert httpx2.get(shared.figures_address.replace("/metrics", "/")).status_code == 404
    assert httpx2.get(shared.figures_address.replace("/metrics", "/ready")).status_code == 404


def test_the_pool_tells_who_waits(live: Live, tmp_path: Path) -> None:
    small = {"HUB_WEB_DATABASE_CONNECTIONS": "1"}
    with served(tmp_path / "log", live.environment | small) as hub, ExitStack() as busy:
        for _ in range(5):
            busy.enter_context(hub.connect()).sendall(b"GET /hold?seconds=4 HTTP/1.1\r\nHost: hub\r\n\r\n")

        def used() -> tuple[float, ...]:
            figures = hub.figures()
            # What is told of the pool is told by whoever still has a connection to ask for the work.
            assert figures["hub_database_up"] == 1
            return tuple(
                figures[f"hub_database_pool_{name}"] for name in ("limit", "open", "in_use", "in_line")
            )

        eventually(lambda: used() == (2, 2, 2, 3), 10)
        eventually(lambda: used() == (2, 1, 0, 0), 20)


def test_work_that_is_late_shows(live: Live) -> None:
    promise_a_job(live)
    open_leak(live.world)
    old_fact(live)
    harm(
        live,
        "UPDATE jobs SET next_attempt_at = now() - interval '90 s', created_at = now() - interval '2 h'",
        "UPDATE ticket_clocks SET next_action_at = now() - interval '5 min' WHERE next_action_at IS NOT NULL",
    )
    found = figures(live)
    assert found["hub_database_up"] == 1
    assert found['hub_jobs{state="waiting"}'] == 1
    assert found['hub_jobs{state="failed"}'] == 0
    assert 90 <= found["hub_outbox_age_seconds"] < 150
    assert 7_200 <= found["hub_jobs_oldest_age_seconds"] < 7_300
    assert 300 <= found["hub_clocks_lateness_seconds"] < 400
    with live.administrator() as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM ticket_clocks WHERE met_at IS NULL AND stopped_at IS NULL)"
            " + (SELECT count(*) FROM case_clocks WHERE met_at IS NULL AND stopped_at IS NULL)"
        ).fetchone()
    assert row is not None
    assert found["hub_clocks_open"] == row[0]
    assert row[0] != 0
    assert found["hub_journal_unsealed_seconds"] > 3_600
    harm(live, "UPDATE jobs SET state = 'failed'")
    assert figures(live)['hub_jobs{state="failed"}'] == 1


def figures(live: Live) -> dict[str, float]:
    page = generate_latest(exposed(Across(live.world.database))).decode()
    return {
        name: float(value)
        for name, value in re.findall(r"^([a-z_]+(?:\{[^}]*\})?) (\S+)$", page, re.MULTILINE)
    }


def test_looking_is_recorded_once_for_a_process(live: Live) -> None:
    across = Across(live.world.database)
    for _ in range(3):
        generate_latest(exposed(across))
    with live.administrator() as connection:
        row = connection.execute("SELECT count(*) FROM across_uses WHERE purpose = 'metrics'").fetchone()
    assert row == (1,)


def test_figures_of_several_processes_add_up_and_outlive_a_killed_one(live: Live, tmp_path: Path) -> None:
    name = "hub_http_requests_total:GET:/things/{thing}:200"
    with served(tmp_path / "log", live.environment | {"TMPDIR": str(tmp_path)}, 2) as hub:
        processes: set[int] = set()
        asked = 0
        # Which process takes a connection is the kernel's to say.
        while len(processes) < 2:
            processes.add(hub.get("/things/1").json()["process"])
            asked += 1
            assert asked < 5_000
        assert hub.figures()[name] == asked
        assert hub.figures()["hub_database_pool_limit"] == 40
        assert hub.figures()["hub_http_requests_in_flight"] == 0
        (folder,) = tmp_path.glob("hub19-figures-*")
        with hub.connect() as connection:
            connection.sendall(b"GET /slow?seconds=60 HTTP/1.1\r\nHost: hub\r\n\r\n")
            eventually(lambda: hub.figures()["hub_http_requests_in_flight"] == 1)
            for victim in processes:
                os.kill(victim, signal.SIGKILL)
            # What the dead had in hand is not in flight any more; what they counted stays counted.
            eventually(lambda: hub.figures().get("hub_http_requests_in_flight", 0) == 0)
        eventually(lambda: len(hub.lines("process_died")) == 2)
        assert hub.figures()[name] == asked
        eventually(lambda: hub.figures().get("hub_database_pool_limit") == 40)
        assert hub.process.end() == 0
        assert not folder.exists()


def test_the_release_is_named(live: Live) -> None:
    page = generate_latest(exposed(Across(live.world.database))).decode()
    assert re.search(r'hub_build_info\{python="3\.11\.\d+",version="\d+\.\d+\.\d+"\} 1\.0', page)


def test_without_a_database_only_that_is_told(live: Live) -> None:
    across = Across(live.world.database)
    harm(live, "ALTER TABLE jobs RENAME TO gone")
    try:
        page = generate_latest(exposed(across)).decode()
    finally:
        harm(live, "ALTER TABLE gone RENAME TO jobs")
    assert "hub_database_up 0.0" in page
    assert "hub_jobs{" not in page


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_are_counted_under_their_names(shared: Served, path: str) -> None:
    name = f"hub_http_requests_total:GET:{path}:200"
    before = shared.figures().get(name, 0)
    shared.get(path)
    assert shared.figures()[name] == before + 1
