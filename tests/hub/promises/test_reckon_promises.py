from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.exc import IntegrityError

from hub.promises import actions as reckoning
from hub.promises.actions import reckon_promises
from hub.promises.models import KeptPromises, PromiseReading
from hub.ratings.actions import rate
from hub.ratings.queries import may_rate
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened
from hub.tickets.models import Ticket
from tenants.database import Database
from tests.factories.tickets import open_leak, resolve, ticket_of, version_of, work_on
from tests.hub.promises.reference import Figures, counted, kept
from tests.world import SUNDAY_TEN, Agency, World, undone

# What is settled hangs on all transactions of a server, so other tests' too.
pytestmark = pytest.mark.alone

TODAY = SUNDAY_TEN.date()
EMPTY = {
    "answers_due": 0,
    "answers_kept": 0,
    "solutions_due": 0,
    "solutions_kept": 0,
    "within": {},
    "solved": 0,
    "reopened": 0,
    "voices": 0,
    "stars": 0,
}


def reckon(world: World, agency: Agency | None = None, *, anew: bool = False) -> int:
    with world.as_system(agency or world.water) as context:
        return reckon_promises(context, anew=anew)


def figures(world: World, agency: Agency | None = None) -> Figures:
    with world.as_system(agency or world.water) as context:
        return kept(context, (agency or world.water).id)


def expected(world: World, agency: Agency | None = None) -> Figures:
    with world.as_system(agency or world.water) as context:
        return counted(context, (agency or world.water).id, context.now)


def citizen_says(world: World, opened: Opened, act: str, **words: object) -> None:
    with world.as_citizen(opened.case_id) as context:
        getattr(actions, act)(context, opened.ticket_id, version_of(world, opened), **words)


def reject(world: World, opened: Opened) -> None:
    with world.as_staff(world.water) as context:
        actions.reject(context, opened.ticket_id, version_of(world, opened), reason="ليس من عملنا")


def test_a_promise_counts_when_its_time_has_come_whether_it_was_kept_before_or_not(world: World) -> None:
    # Burst pipes are to be answered within four hours of working time, and solved within eight.
    quick, slow, forgotten = open_leak(world), open_leak(world), open_leak(world)
    work_on(world, quick)
    world.clock.advance(timedelta(minutes=30))
    resolve(world, quick)
    reckon(world)
    assert figures(world)[TODAY] == EMPTY | {"solved": 1}
    world.clock.advance(timedelta(days=1, hours=4))
    work_on(world, slow)
    resolve(world, slow)
    assert ticket_of(world, forgotten).resolved_at is None
    reckon(world, anew=True)
    assert figures(world)[TODAY] == EMPTY | {
        "answers_due": 3,
        "answers_kept": 1,
        "solutions_due": 3,
        "solutions_kept": 1,
        # Within an hour, within two days, and not yet.
        "within": {"0": 1, "9": 1, "22": 1},
        "solved": 2,
    }


def test_what_was_withdrawn_put_aside_passed_on_or_joined_in_time_does_not_count(world: World) -> None:
    withdrawn, archived, passed_on, joined, main = (open_leak(world) for _ in range(5))
    citizen_says(world, withdrawn, "withdraw")
    with world.as_staff(world.water) as context:
        actions.archive(context, archived.ticket_id, version_of(world, archived), reason="مكرر")
        actions.transfer(
            context,
            passed_on.ticket_id,
            version_of(world, passed_on),
            tenant="tax",
            service="leak",
            reason="لكم",
        )
        actions.join(context, joined.ticket_id, version_of(world, joined), main_ticket=main.ticket_id)
    world.clock.advance(timedelta(days=9))
    reckon(world)
    assert figures(world)[TODAY] == EMPTY | {"answers_due": 1, "solutions_due": 1, "within": {"22": 1}}
    reckon(world, world.tax)
    assert figures(world, world.tax)[TODAY]["solutions_due"] == 1


def test_refusing_answers_and_solves_nothing(world: World) -> None:
    for _ in range(3):
        reject(world, open_leak(world))
    world.clock.advance(timedelta(days=9))
    reckon(world)
    assert figures(world)[TODAY] == EMPTY | {"answers_due": 3, "answers_kept": 3}
    assert figures(world) == expected(world)


def test_what_was_refused_and_opened_again_was_not_solved_by_that(world: World) -> None:
    opened = open_leak(world)
    reject(world, opened)
    world.clock.advance(timedelta(hours=1))
    citizen_says(world, opened, "reopen", reason="المشكلة قائمة")
    reckon(world)
    assert (figures(world)[TODAY]["solved"], figures(world)[TODAY]["reopened"]) == (0, 0)
    resolve(world, opened)
    reckon(world, anew=True)
    assert (figures(world)[TODAY]["solved"], figures(world)[TODAY]["reopened"]) == (1, 0)
    citizen_says(world, opened, "reopen", reason="عاد التسرب")
    # What was solved once stays so, whatever becomes of it.
    reject(world, opened)
    reckon(world, anew=True)
    assert (figures(world)[TODAY]["solved"], figures(world)[TODAY]["reopened"]) == (1, 1)
    assert figures(world) == expected(world)


@pytest.mark.parametrize("act", ["join", "transfer", "archive", "withdraw", "reject", "ask"])
def test_what_was_late_when_it_was_put_away_stays_late(world: World, act: str) -> None:
    opened, main = open_leak(world), open_leak(world)
    resolve(world, main)
    world.clock.advance(timedelta(days=5))
    other = open_leak(world)
    if act == "withdraw":
        citizen_says(world, opened, act)
    else:
        told: dict[str, dict[str, object]] = {
            "join": {"main_ticket": other.ticket_id},
            "transfer": {"tenant": "tax", "service": "leak", "reason": "لكم"},
            "ask": {"text": "أين؟"},
        }
        words = told.get(act, {"reason": "مكرر"})
        with world.as_staff(world.water) as context:
            getattr(actions, act)(context, opened.ticket_id, version_of(world, opened), **words)
    reckon(world)
    assert figures(world)[TODAY] == EMPTY | {
        "answers_due": 2,
        "answers_kept": 1,
        "solutions_due": 2,
        "solutions_kept": 1,
        "within": {"0": 1, "22": 1},
        "solved": 1,
    }
    assert figures(world) == expected(world)


def test_whoever_joined_twenty_of_their_own_counts_once(world: World) -> None:
    main, *joined = (open_leak(world) for _ in range(4))
    for each in joined:
        with world.as_staff(world.water) as context:
            actions.join(context, each.ticket_id, version_of(world, each), main_ticket=main.ticket_id)
    resolve(world, main)
    with world.as_system(world.water) as context:
        assert actions.settle_duplicates(context, world.water.id, main.ticket_id) == 3
    for each in (main, *joined):
        assert ticket_of(world, each).status == "resolved"
        with world.as_citizen(each.case_id) as context:
            rate(context, each.ticket_id, stars=1)
    counted_once = EMPTY | {"solved": 1, "voices": 1, "stars": 1}
    reckon(world)
    assert figures(world)[TODAY] == counted_once
    # Reopened, withdrawn or released, a ticket's row has forgotten that it was joined.
    citizen_says(world, joined[0], "reopen", reason="عاد التسرب")
    resolve(world, joined[0])
    citizen_says(world, joined[1], "withdraw")
    reckon(world, anew=True)
    assert figures(world)[TODAY] == counted_once
    assert figures(world) == expected(world)


def test_time_that_rests_for_the_citizen_is_not_due(world: World) -> None:
    asked = open_leak(world)
    version = work_on(world, asked)
    with world.as_staff(world.water) as context:
        actions.ask(context, asked.ticket_id, version, text="أي شارع؟")
    world.clock.advance(timedelta(days=30))
    reckon(world)
    assert figures(world)[TODAY] == EMPTY | {"answers_due": 1, "answers_kept": 1}


def test_exactly_in_time_is_in_time_and_exactly_a_step_is_within_it(world: World) -> None:
    opened = open_leak(world)
    work_on(world, opened)
    world.clock.advance(timedelta(hours=4))
    with world.as_staff(world.water) as context:
        actions.reply(context, opened.ticket_id, version_of(world, opened), text="نعمل عليها")
    world.clock.advance(timedelta(hours=20))
    resolve(world, opened)
    world.clock.advance(timedelta(days=2))
    reckon(world)
    found = figures(world)[TODAY]
    assert (found["answers_due"], found["answers_kept"], found["within"]) == (1, 1, {"8": 1})


def test_a_late_reopening_and_a_late_rating_change_the_day_of_the_report(own_world: World) -> None:
    world = own_world
    opened = open_leak(world)
    work_on(world, opened)
    version = resolve(world, opened)
    with world.as_citizen(opened.case_id) as context:
        actions.confirm(context, opened.ticket_id, version)
    world.clock.advance(timedelta(days=20))
    reckon(world)
    before = figures(world)[TODAY]
    assert (before["solutions_kept"], before["reopened"], before["voices"]) == (1, 0, 0)
    with world.as_citizen(opened.case_id) as context:
        rate(context, opened.ticket_id, stars=2)
    citizen_says(world, opened, "reopen", reason="عاد التسرب")
    assert reckon(world) == 1
    after = figures(world)[TODAY]
    # The time goes on where it stood, so that it is not due at present.
    assert (after["solutions_due"], after["solved"], after["reopened"]) == (0, 1, 1)
    assert (after["voices"], after["stars"]) == (1, 2)
    world.clock.advance(timedelta(days=5))
    assert reckon(world) == 1
    assert figures(world)[TODAY]["within"] == {"22": 1}


def test_only_days_that_something_happened_to_are_reckoned(own_world: World) -> None:
    world = own_world
    old = open_leak(world)
    world.clock.advance(timedelta(days=8))
    open_leak(world)
    assert reckon(world) == 2
    world.clock.advance(timedelta(minutes=1))
    assert reckon(world) == 0
    work_on(world, old)
    assert reckon(world) == 1
    assert reckon(world) == 0
    # The younger one's first answer becomes due.
    world.clock.advance(timedelta(hours=5))
    assert reckon(world) == 1
    assert figures(world) == expected(world)


def test_no_statement_reckons_more_than_one_day(world: World) -> None:
    for _ in range(3):
        open_leak(world)
        world.clock.advance(timedelta(days=2))
    reckoned = []

    def executed(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "INSERT INTO kept_promises" in statement:
            reckoned.append(statement)

    with world.as_system(world.water) as context:
        connection = context.session.connection()
        event.listen(connection, "before_cursor_execute", executed)
        assert reckon_promises(context, anew=True) == 3
        event.remove(connection, "before_cursor_execute", executed)
    assert len(reckoned) == 3


def test_what_a_transaction_under_way_has_written_is_counted_once_it_is_over(own_world: World) -> None:
    world = own_world
    opened = open_leak(world)
    world.clock.advance(timedelta(days=3))
    reckon(world)
    with world.as_staff(world.water) as context:
        actions.forward(context, opened.ticket_id, version_of(world, opened))
        actions.resolve(context, opened.ticket_id, 2, resolution="أُصلحت")
        context.session.flush()
        # A reckoner comes by while it is not committed yet, and reads past it.
        assert reckon(world) == 0
        assert figures(world)[TODAY]["solved"] == 0
    assert reckon(world) == 1
    assert figures(world) == expected(world)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_and_whenever_it_is_reckoned_it_is_what_python_counts(
    own_world: World, seed: int
) -> None:
    world, chance = own_world, Random(seed)  # noqa: S311 - a world made up
    living: list[Opened] = []
    for turn in range(60):
        world.clock.advance(timedelta(minutes=chance.choice([1, 20, 90, 300, 1500, 6000])))
        if chance.random() < 0.4 or not living:
            living.append(open_leak(world))
        else:
            _something_happens(world, chance, chance.choice(living), chance.choice(living))
        if turn % 7 == 0:
            reckon(world)
    reckon(world)
    incrementally = figures(world)
    first = reckoning.first_day(world.clock.moment)
    assert incrementally == {day: each for day, each in expected(world).items() if day >= first}
    reckon(world, anew=True)
    assert figures(world) == incrementally


def _something_happens(world: World, chance: Random, opened: Opened, other: Opened) -> None:
    ticket, main = ticket_of(world, opened), ticket_of(world, other)
    if ticket.status in ("resolved", "closed", "rejected"):
        _citizen_judges(world, chance, opened)
    elif ticket.status == "waiting":
        citizen_says(world, opened, "answer", text="شارع النيل")
    elif ticket.status == "received":
        work_on(world, opened)
    elif ticket.status == "duplicate":
        _duplicate_goes_on(world, chance, ticket.id)
    elif chance.random() < 0.2 and main.status == "in_progress" and main.id != ticket.id:
        with world.as_staff(world.water) as context:
            if ticket.status in ("reopened", "in_progress"):
                actions.join(context, ticket.id, ticket.version, main_ticket=main.id)
    elif ticket.status in ("reopened", "in_progress"):
        act, words = chance.choice(_ACTS)
        if act == "withdraw":
            citizen_says(world, opened, act)
            return
        with world.as_staff(world.water) as context:
            getattr(actions, act)(context, ticket.id, ticket.version, **words)


def _duplicate_goes_on(world: World, chance: Random, ticket_id: UUID) -> None:
    with world.as_system(world.water) as context:
        ticket = ticket_for(context, ticket_id)
        if chance.random() < 0.5:
            actions.release(context, ticket.id, ticket.version)
        elif ticket.main_ticket_id is not None:
            actions.settle_duplicates(context, world.water.id, ticket.main_ticket_id)


_ACTS: list[tuple[str, dict[str, str]]] = [
    ("ask", {"text": "أين؟"}),
    ("reply", {"text": "في الطريق"}),
    ("resolve", {"resolution": "أُصلحت"}),
    ("resolve", {"resolution": "أُصلحت"}),
    ("transfer", {"tenant": "tax", "service": "bill", "reason": "لكم"}),
    ("withdraw", {}),
    ("reject", {"reason": "ليس من عملنا"}),
]


def _citizen_judges(world: World, chance: Random, opened: Opened) -> None:
    if chance.random() < 0.5:
        with world.as_citizen(opened.case_id) as context:
            ticket = ticket_for(context, opened.ticket_id)
            if may_rate(context, ticket):
                rate(context, opened.ticket_id, stars=chance.randint(1, 5))
    act = chance.choice(["confirm", "withdraw", "reopen"])
    closed_at = ticket_of(world, opened).closed_at
    if closed_at is None:
        citizen_says(world, opened, act, **({"reason": "عاد"} if act == "reopen" else {}))
    elif closed_at + timedelta(days=30) > world.clock.moment:
        citizen_says(world, opened, "reopen", reason="عاد")


def test_a_reckoning_that_fails_is_done_again_and_one_body_sees_nothing_of_another(own_world: World) -> None:
    world = own_world
    open_leak(world)
    open_leak(world, world.tax)
    world.clock.advance(timedelta(days=9))
    with undone(world.as_system(world.water)) as context:
        assert reckon_promises(context) == 1
    assert figures(world) == {}
    assert reckon(world) == 1
    assert figures(world) == expected(world)
    assert figures(world, world.tax) == {}


def _reckon_until_killed(url: str, tenant_id: UUID, ready: str) -> None:
    database = Database.at(url)
    from tenants.context import SYSTEM  # noqa: PLC0415 - in a process of its own

    with database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
        reckon_promises(context)
        with open(ready, "w", encoding="utf-8"):  # noqa: PTH123
            pass
        signal.pause()


def test_a_reckoner_that_was_killed_leaves_nothing_half_done(
    own_world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = own_world
    open_leak(world)
    world.clock.advance(timedelta(days=9))
    ready = tmp_path_factory.mktemp("killed") / "ready"
    bind = world.database.bind
    process = multiprocessing.get_context("spawn").Process(
        target=_reckon_until_killed,
        args=(bind.engine.url.render_as_string(hide_password=False), world.water.id, str(ready)),
    )
    process.start()
    while not ready.exists():
        assert process.is_alive()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert figures(world) == {}
    assert reckon(world) == 1
    assert figures(world) == expected(world)


def test_after_a_restore_into_a_younger_server_everything_is_read_anew(own_world: World) -> None:
    world = own_world
    open_leak(world)
    world.clock.advance(timedelta(days=9))
    reckon(world)
    with world.as_system(world.water) as context:
        context.session.execute(
            update(PromiseReading).where(PromiseReading.tenant_id == world.water.id).values(read_until=2**60)
        )
        context.session.execute(
            update(KeptPromises).where(KeptPromises.tenant_id == world.water.id).values(answers_due=99)
        )
    assert reckon(world) == 1
    assert figures(world) == expected(world)


def test_days_that_no_page_shows_any_more_go(own_world: World) -> None:
    world = own_world
    open_leak(world)
    reckon(world)
    world.clock.advance(timedelta(days=91))
    open_leak(world)
    reckon(world)
    assert list(figures(world)) == [world.clock.moment.date()]


def test_a_solution_before_its_report_is_told_in_no_time_to_a_solution(world: World) -> None:
    opened = open_leak(world)
    work_on(world, opened)
    resolve(world, opened)
    with world.as_system(world.water) as context:
        context.session.execute(
            update(Ticket)
            .where(Ticket.tenant_id == world.water.id, Ticket.id == opened.ticket_id)
            .values(resolved_at=SUNDAY_TEN - timedelta(hours=1))
        )
    world.clock.advance(timedelta(days=9))
    reckon(world, anew=True)
    found = figures(world)[TODAY]
    assert (found["solutions_due"], found["solutions_kept"], found["within"]) == (1, 1, {})


def test_no_count_can_be_kept_that_is_impossible(world: World) -> None:
    open_leak(world)
    reckon(world)
    for broken in ("answers_kept = 1", "solutions_kept = -1", "reopened = 1", "stars = 1"):
        with pytest.raises(IntegrityError, match="ck_kept_promises"), world.as_system(world.water) as context:
            context.session.execute(
                text(f"UPDATE kept_promises SET {broken} WHERE tenant_id = :tenant"),
                {"tenant": world.water.id},
            )
