"""The demonstration: its plan, its month on a virtual clock, and the whole of it as the real command."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from obstore.store import MemoryStore
from rich.console import Console
from sqlalchemy import Connection, func, select

from hub.attachments.store import FileStore, use_store
from hub.forms.answers import check_answers
from hub.journal.models import Fact, Job
from hub.onboarding.pack import Pack
from hub.oversight.queries import figures
from hub.sla.models import TicketClock
from hub.tickets.lifecycle import Closure, Status
from hub.tickets.models import Ticket
from infra.demo.bodies import AGENCIES, BURSTS, HUB, MANNERS
from infra.demo.errors import DemoNeedsItsOwnDatabase
from infra.demo.month import play_month
from infra.demo.plan import Fate, plan_month
from infra.demo.printing import Column, Telling
from infra.demo.show import Wishes, show
from infra.demo.stage import load_bodies, playing, read_packs
from infra.demo.story import Story, story_begins
from infra.demo.words import words
from tenants.context import SYSTEM
from tenants.database import use_database
from tenants.languages import Language, Text
from tests.world import World

UNTIL = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=30)


@pytest.fixture(scope="module")
def packs() -> Mapping[str, Pack]:
    return read_packs()


def test_every_service_of_every_body_has_something_told_about_it(packs: Mapping[str, Pack]) -> None:
    assert set(packs) == {HUB, *AGENCIES} == set(MANNERS) == set(words().told) == set(words().done)
    for code, pack in packs.items():
        services = {service.code for service in pack.services}
        assert set(words().told[code]) == services
        assert set(MANNERS[code].services) <= services
    for burst in BURSTS:
        assert burst.service in words().told[burst.body]
    for handing in words().handed_on:
        for body, service in (handing.origin, handing.target):
            assert service in words().told[body]


def test_a_month_is_the_same_for_the_same_seed_and_another_for_another(packs: Mapping[str, Pack]) -> None:
    month = plan_month(packs, seed=19, cases=300, since=SINCE, until=UNTIL)

    assert month == plan_month(packs, seed=19, cases=300, since=SINCE, until=UNTIL)
    assert month != plan_month(packs, seed=20, cases=300, since=SINCE, until=UNTIL)


def test_a_month_is_full_of_life(packs: Mapping[str, Pack]) -> None:
    month = plan_month(packs, seed=19, cases=600, since=SINCE, until=UNTIL)

    assert len(month) == 600
    assert all(SINCE <= case.at < UNTIL for case in month)
    assert [case.at for case in month] == sorted(case.at for case in month)
    volumes = Counter(case.body for case in month)
    assert set(volumes) == set(MANNERS)
    assert volumes["water"] > volumes["tax"] > volumes[HUB]
    assert {case.course.fate for case in month} == set(Fate)
    assert {case.burst for case in month} == {None, *range(len(BURSTS))}
    assert 0 < sum(case.confidential for case in month) < 120
    assert 0 < sum(case.language is Language.ENGLISH for case in month) < 120
    assert len({case.channel for case in month}) >= 6
    fridays = sum(case.at.astimezone(ZoneInfo("Africa/Cairo")).weekday() == 4 for case in month)
    assert fridays < 600 / 7
    assert all(case.place["district"].startswith("giza-") for case in month if case.body == "governorate")


def test_planned_answers_are_such_that_the_forms_take_them(packs: Mapping[str, Pack]) -> None:
    for case in plan_month(packs, seed=7, cases=400, since=SINCE, until=UNTIL):
        pack = packs[case.body]
        service = next(one for one in pack.services if one.code == case.service)
        if service.form is None:
            assert case.answers is None
        else:
            today = case.at.astimezone(ZoneInfo(pack.tenant.zone)).date()
            check_answers(pack.forms[service.form], case.answers or {}, today)


def played(world: World, packs: Mapping[str, Pack], cases: int) -> dict[str, Any]:
    """What a month comes to, played and then undone."""
    bind = world.database.bind
    assert isinstance(bind, Connection)
    use_database(world.database)
    # What they send is forgotten with the world.
    use_store(FileStore(MemoryStore()))
    with bind.begin_nested() as savepoint:
        bodies = load_bodies(world.database, packs, SINCE)
        ids = [body.id for body in bodies.values()]
        month = plan_month(packs, seed=3, cases=cases, since=SINCE, until=UNTIL)
        with playing(world.database, bodies, SINCE) as stage:
            tally = play_month(stage, month, UNTIL, seed=3)
        with world.database.unit_of_work(actor=SYSTEM, tenants=ids) as context:
            session = context.session
            tickets = session.scalars(select(Ticket)).all()
            result = {
                "acts": tally.acts,
                "statuses": Counter(ticket.status for ticket in tickets),
                "closures": Counter(ticket.closure for ticket in tickets),
                "latest": session.scalar(select(func.max(Fact.at))),
                "jobs": session.scalar(select(func.count()).select_from(Job)),
                "due": session.scalar(select(func.count()).where(TicketClock.next_action_at <= UNTIL)),
                "figures": figures(context, since=SINCE, until=UNTIL, now=UNTIL).as_dict(),
            }
        savepoint.rollback()
    use_store(None)
    return result


def test_a_month_is_played_to_its_end_and_the_same_again(world: World, packs: Mapping[str, Pack]) -> None:
    first = played(world, packs, 16)

    assert first["acts"]["open"] == 16
    assert first["acts"]["join"] > 0
    assert first["figures"]["overall"]["count"] >= 16
    assert first["statuses"][Status.CLOSED] > first["closures"][Closure.CONFIRMED] > 0
    assert first["closures"][Closure.SILENT] > 0
    assert first["latest"] <= UNTIL
    assert first["jobs"] == first["due"] == 0
    assert played(world, packs, 16) == first


def test_the_story_ends_confirmed_with_its_clocks_explained_in_arabic(
    world: World, packs: Mapping[str, Pack]
) -> None:
    use_database(world.database)
    bodies = load_bodies(world.database, packs, SINCE)
    console = Console(record=True, width=100, file=Path(os.devnull).open("w"), highlight=False)  # noqa: SIM115
    with playing(world.database, bodies, story_begins(UNTIL)) as stage, console.file:
        number = Story(stage, Telling(Language.ARABIC, console)).tell()
        assert stage.clock.moment < UNTIL
    told = console.export_text()
    with world.database.unit_of_work(actor=SYSTEM, tenants=[body.id for body in bodies.values()]) as context:
        tickets = context.session.scalars(
            select(Ticket).where(Ticket.case_number == number).order_by(Ticket.opened_at)
        ).all()
    assert [ticket.status for ticket in tickets] == [Status.TRANSFERRED, Status.CLOSED]
    assert (tickets[1].closure, tickets[1].reopened) == (Closure.CONFIRMED, 1)
    assert told.count("لماذا هذا الموعد؟") == 3
    assert "أكّد المواطن الحل" in told
    assert "ليس يوم عمل في هذا التقويم" in told


def test_the_story_begins_on_a_thursday_and_is_over_before_now() -> None:
    for days in range(7):
        now = UNTIL + timedelta(days=days)
        begins = story_begins(now).astimezone(ZoneInfo("Africa/Cairo"))
        assert begins.weekday() == 3
        assert timedelta(days=8) < now - begins < timedelta(days=17)


def test_arabic_tables_are_read_from_the_right() -> None:
    columns = (Column(Text(ar="أول", en="first")), Column(Text(ar="ثان", en="second")))
    told = {}
    for language in Language:
        console = Console(record=True, width=60, file=Path(os.devnull).open("w"))  # noqa: SIM115
        with console.file:
            Telling(language, console).table(Text(ar="جدول", en="table"), columns, [["1", "2"]])
        told[language] = console.export_text()
    assert told[Language.ENGLISH].index("first") < told[Language.ENGLISH].index("second")
    assert told[Language.ARABIC].index("ثان") < told[Language.ARABIC].index("أول")


# The whole command, as people type it.


@pytest.fixture(scope="session")
def data(run_folder: Path) -> Iterator[Path]:
    """A folder for the demonstration's data that the server's own account can enter."""
    folder = Path(tempfile.mkdtemp(prefix="demo-", dir=run_folder))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def environment(data: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HUB_", "DATABASE_", "LANG", "LC_"))
    }
    return {**kept, "HUB_DATA": str(data)}


def hub(data: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "hub", *arguments],
        env={**environment(data), **more},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


Shown = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def shown(data: Path) -> Shown:
    """A first demonstration, from nothing, with a small month."""
    return hub(data, "demo", "--once", "--cases", "10", HUB_LANGUAGE="en")


def test_the_demonstration_runs_from_nothing_to_the_figures(shown: Shown, data: Path) -> None:
    done = shown

    assert (done.returncode, done.stderr) == (0, "")
    for part in (
        "Water and Wastewater Company",
        "Why this deadline? — first response",
        "Mona confirms that it is solved",
        "10 cases, told by citizens",
        "How the six agencies did",
        "What to try next",
    ):
        assert part in done.stdout
    commands = [line.strip() for line in done.stdout.splitlines() if line.startswith("    HUB_DATA=")]
    assert len(commands) == 5
    assert {command.split(maxsplit=1)[0] for command in commands} == {f"HUB_DATA={data}/demo"}


@pytest.mark.usefixtures("shown")
def test_a_second_one_adds_a_case_but_no_second_month(data: Path) -> None:
    done = hub(data, "demo", "--once", "--cases", "10", "--language", "ar")

    assert (done.returncode, done.stderr) == (0, "")
    assert "تؤكد منى أن المشكلة حُلّت" in done.stdout
    assert "فلن يُضاف شهر آخر إلا مع" in done.stdout


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("command", [["journal", "verify"], ["doctor"]])
def test_what_it_proposes_to_try_next_works(data: Path, command: list[str]) -> None:
    done = hub(data, *command, HUB_LANGUAGE="en", HUB_DATA=str(data / "demo"))

    assert done.returncode == 0, done.stdout + done.stderr


def test_an_interrupt_ends_it_at_once_and_a_later_one_goes_on(data: Path) -> None:
    with subprocess.Popen(
        [Path(sys.executable).parent / "hub", "demo", "--cases", "500", "--again"],
        env={**environment(data), "HUB_LANGUAGE": "en", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if "500 cases, told by citizens" in line:
                break
        time.sleep(1)
        os.killpg(running.pid, signal.SIGINT)
        _, problems = running.communicate(timeout=60)
    assert running.returncode == 130, problems
    assert "Traceback" not in problems
    assert hub(data, "journal", "verify", HUB_DATA=str(data / "demo")).returncode == 0


@pytest.mark.usefixtures("shown")
def test_it_stays_served_and_what_it_proposes_to_type_works_until_it_is_interrupted(data: Path) -> None:
    with subprocess.Popen(
        [Path(sys.executable).parent / "hub", "demo", "--cases", "10", "--port", "0", "--language", "en"],
        env={**environment(data), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stdout is not None
        told = list(takewhile(lambda line: "until you press Ctrl+C" not in line, running.stdout))
        commands = [shlex.split(line) for line in told if line.startswith("    curl ")]
        assert len(commands) == 4
        opened, tickets, _events, described = commands
        number = typed(opened)["number"]
        assert number
        newest = typed(tickets)["tickets"]
        assert len(newest) == 3
        assert typed(described)["openapi"].startswith("3.1")
        os.killpg(running.pid, signal.SIGINT)
        rest, problems = running.communicate(timeout=60)
    assert (running.returncode, problems) == (0, "")
    assert "The hub has stopped" in rest
    assert hub(data, "doctor", HUB_DATA=str(data / "demo")).returncode == 0


def typed(command: list[str]) -> Any:
    """What a command of curl's gives, on machines without curl as well."""
    reads = argparse.ArgumentParser()
    reads.add_argument("url")
    reads.add_argument("-s", action="store_true")
    reads.add_argument("-H", action="append", default=[])
    reads.add_argument("-d")
    given = reads.parse_args(command[1:])
    headers = dict(header.split(": ", 1) for header in given.H)
    content = given.d.encode() if given.d else None
    method = "POST" if content else "GET"
    answer = httpx2.request(method, given.url, headers=headers, content=content, timeout=20)
    assert answer.is_success, answer.text
    return answer.json()


def test_a_database_that_others_work_with_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://hub_app@localhost/real")
    monkeypatch.setenv("HUB_DATA", str(tmp_path))

    with pytest.raises(DemoNeedsItsOwnDatabase) as refused:
        show(Wishes(language=Language.ENGLISH, cases=10, seed=1, again=False))

    assert refused.value.field == "DATABASE_URL"
    assert list(tmp_path.iterdir()) == []
