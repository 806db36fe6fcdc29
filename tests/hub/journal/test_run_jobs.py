from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.journal.actions import retry_jobs
from hub.journal.models import Fact, JobState
from hub.journal.queries import failed_jobs, waiting_jobs
from hub.journal.relay import hand_out
from hub.journal.running import Outcome, run_job
from hub.journal.settings import JobSettings
from tenants.across import Across
from tenants.context import Context
from tenants.errors import NotAllowed, NotFound
from tenants.ids import HUB, new_id
from tests.hub.journal.ledger import facts, job, promise, write
from tests.world import World

SETTINGS = JobSettings(lease_seconds=60, attempts=4, first_wait_seconds=5, longest_wait_seconds=12)

Sent = tuple[str, UUID, UUID]


def noted(word: str) -> Callable[[Context, Fact], None]:
    """Work whose effect can be counted: a fact of its own."""

    def work(context: Context, fact: Fact) -> None:
        write(context, fact.tenant_id, word)

    return work


def failing(_context: Context, _fact: Fact) -> None:
    raise ArithmeticError("on purpose")


def run(world: World, tenant_id: UUID, job_id: UUID, work: Callable[[Context, Fact], bool | None]) -> Outcome:
    return run_job(world.database, tenant_id, job_id, work, SETTINGS, clock=world.clock)


def relayed(world: World, limit: int = 500) -> list[Sent]:
    sent: list[Sent] = []
    hand_out(
        Across(world.database),
        lambda task, tenant_id, job_id: sent.append((task, tenant_id, job_id)),
        SETTINGS,
        limit=limit,
        clock=world.clock,
    )
    return sent


def clear(world: World) -> None:
    """End what building the world has promised, so that a test sees its own jobs only."""
    for _, tenant_id, job_id in relayed(world):
        assert run(world, tenant_id, job_id, lambda _context, _fact: None) is Outcome.DONE


def test_a_job_handed_out_twice_is_done_once(world: World) -> None:
    tenant = world.water.id
    (job_id,) = promise(world, tenant)
    assert run(world, tenant, job_id, noted("done")) is Outcome.DONE
    assert run(world, tenant, job_id, noted("again")) is Outcome.NOT_OURS
    assert set(facts(world, tenant)) == {"done"}
    assert job(world, tenant, job_id) is None


def test_a_job_being_done_is_left_alone(own_world: World) -> None:
    tenant = own_world.water.id
    (job_id,) = promise(own_world, tenant)
    outcomes: Counter[Outcome] = Counter()
    working, go_on = threading.Event(), threading.Event()

    def slow(context: Context, fact: Fact) -> None:
        write(context, fact.tenant_id, "slow")
        working.set()
        assert go_on.wait(20)

    first = threading.Thread(target=lambda: outcomes.update([run(own_world, tenant, job_id, slow)]))
    first.start()
    assert working.wait(20)
    assert run(own_world, tenant, job_id, noted("second")) is Outcome.NOT_OURS
    go_on.set()
    first.join()
    assert outcomes == Counter([Outcome.DONE])
    assert set(facts(own_world, tenant)) == {"slow"}


def test_a_failing_job_keeps_nothing_of_what_it_did(world: World) -> None:
    tenant = world.water.id
    (job_id,) = promise(world, tenant)

    def half(context: Context, fact: Fact) -> None:
        write(context, fact.tenant_id, "half")
        raise ArithmeticError("on purpose")

    assert run(world, tenant, job_id, half) is Outcome.FAILED
    assert facts(world, tenant) == {}


def test_a_failing_job_is_tried_after_growing_waits_and_then_set_aside(world: World) -> None:
    tenant = world.water.id
    clear(world)
    (job_id,) = promise(world, tenant)
    for attempts, wait in ((1, 5), (2, 10), (3, 12), (4, 12)):
        assert [sent[2] for sent in relayed(world)] == [job_id]
        assert run(world, tenant, job_id, failing) is Outcome.FAILED
        row = job(world, tenant, job_id)
        assert row is not None
        assert row.attempts == attempts
        assert row.last_error == "ArithmeticError: on purpose"
        assert row.next_attempt_at == world.clock.moment + timedelta(seconds=wait)
        world.clock.advance(timedelta(seconds=wait - 1))
        assert relayed(world) == []
        world.clock.advance(timedelta(seconds=1))
    row = job(world, tenant, job_id)
    assert row is not None
    assert row.state == JobState.FAILED
    assert relayed(world) == []
    world.clock.advance(timedelta(days=365))
    assert relayed(world) == []
    assert run(world, tenant, job_id, noted("never")) is Outcome.NOT_OURS
    with world.as_staff(world.water, "manager") as context:
        assert [each.id for each in failed_jobs(context)] == [job_id]


def set_aside(world: World, tenant_id: UUID) -> UUID:
    (job_id,) = promise(world, tenant_id)
    for _ in range(SETTINGS.attempts):
        run(world, tenant_id, job_id, failing)
    return job_id


def test_a_job_set_aside_is_tried_again_when_asked_for(world: World) -> None:
    tenant = world.water.id
    clear(world)
    job_id = set_aside(world, tenant)
    with world.as_staff(world.water, "manager") as context:
        waiting = waiting_jobs(context)
        assert retry_jobs(context, [job_id, job_id]) == 1
        assert failed_jobs(context) == []
        assert waiting_jobs(context) == waiting + 1
    assert [sent[2] for sent in relayed(world)] == [job_id]
    assert run(world, tenant, job_id, noted("mended")) is Outcome.DONE


def test_jobs_are_tried_again_all_or_none(world: World) -> None:
    aside = set_aside(world, world.water.id)
    (waiting,) = promise(world, world.water.id)
    elsewhere = set_aside(world, world.tax.id)
    for stranger in (waiting, elsewhere, new_id()):
        with pytest.raises(NotFound) as refused, world.as_staff(world.water, "manager") as context:
            retry_jobs(context, [aside, stranger])
        assert refused.value.field == "job"
    for tenant_id, job_id in ((world.water.id, aside), (world.tax.id, elsewhere)):
        row = job(world, tenant_id, job_id)
        assert row is not None
        assert row.state == JobState.FAILED


def test_only_who_may_tries_jobs_again(world: World) -> None:
    aside = set_aside(world, world.water.id)
    with pytest.raises(NotAllowed), world.as_staff(world.water, "agent") as context:
        retry_jobs(context, [aside])


def test_the_other_tenant_s_job_is_not_run(world: World) -> None:
    (job_id,) = promise(world, world.water.id)
    assert run(world, world.tax.id, job_id, noted("stolen")) is Outcome.NOT_OURS
    assert run(world, world.water.id, new_id(), noted("made up")) is Outcome.NOT_OURS
    assert facts(world, world.water.id) == facts(world, world.tax.id) == {}
    assert job(world, world.water.id, job_id) is not None


def test_work_left_over_keeps_the_row_and_what_was_done(world: World) -> None:
    tenant = world.water.id
    (job_id,) = promise(world, tenant)
    parts = iter(["one", "two", "three"])

    def some(context: Context, fact: Fact) -> bool:
        part = next(parts)
        write(context, fact.tenant_id, part)
        return part != "three"

    assert [run(world, tenant, job_id, some) for _ in range(4)] == [
        Outcome.MORE,
        Outcome.MORE,
        Outcome.DONE,
        Outcome.NOT_OURS,
    ]
    assert set(facts(world, tenant)) == {"one", "two", "three"}


def test_work_that_reached_into_a_case_still_ends_its_job(world: World) -> None:
    tenant = world.water.id
    (job_id,) = promise(world, tenant)

    def reaching(context: Context, _fact: Fact) -> None:
        context.reaching(new_id(), world.tax.id)

    assert run(world, tenant, job_id, reaching) is Outcome.DONE
    assert job(world, tenant, job_id) is None


def test_what_was_handed_out_and_never_done_comes_again_after_its_lease(world: World) -> None:
    clear(world)
    (job_id,) = promise(world, world.water.id)
    assert relayed(world) == [("sla.move_clocks", world.water.id, job_id)]
    assert relayed(world) == []
    world.clock.advance(timedelta(seconds=59))
    assert relayed(world) == []
    world.clock.advance(timedelta(seconds=1))
    assert relayed(world) == [("sla.move_clocks", world.water.id, job_id)]


def test_a_broker_that_is_down_loses_nothing(own_world: World) -> None:
    clear(own_world)
    (job_id,) = promise(own_world, own_world.water.id)

    def broken(_task: str, _tenant_id: UUID, _job_id: UUID) -> None:
        raise ConnectionError("on purpose")

    with pytest.raises(ConnectionError):
        hand_out(Across(own_world.database), broken, SETTINGS, clock=own_world.clock)
    own_world.clock.advance(timedelta(seconds=SETTINGS.lease_seconds))
    assert [sent[2] for sent in relayed(own_world)] == [job_id]


def test_jobs_are_handed_out_oldest_first_and_no_more_than_asked_for(world: World) -> None:
    clear(world)
    early = promise(world, world.water.id, 3)
    world.clock.advance(timedelta(seconds=1))
    late = promise(world, world.tax.id, 3)
    assert {sent[2] for sent in relayed(world, limit=3)} == set(early)
    assert {sent[2] for sent in relayed(world, limit=2)} < set(late)
    assert len(relayed(world, limit=2)) == 1


def test_jobs_of_every_tenant_are_handed_out_the_hub_s_own_too(world: World) -> None:
    clear(world)
    tenants = (world.water.id, world.tax.id, HUB)
    expected = {(tenant_id, promise(world, tenant_id)[0]) for tenant_id in tenants}
    assert {sent[1:] for sent in relayed(world)} == expected


def test_two_relays_at_once_never_hand_out_the_same_attempt(own_world: World) -> None:
    clear(own_world)
    expected = promise(own_world, own_world.water.id, 120)
    sent: list[UUID] = []
    ready = threading.Barrier(3)

    def relay() -> None:
        ready.wait()
        while batch := relayed(own_world, limit=7):
            sent.extend(job_id for _, _, job_id in batch)

    relays = [threading.Thread(target=relay) for _ in range(3)]
    for each in relays:
        each.start()
    for each in relays:
        each.join()
    # A relay may find nothing while another holds the last rows; they are handed out all the same.
    sent.extend(job_id for _, _, job_id in relayed(own_world))
    assert sorted(sent) == sorted(expected)


def test_a_relay_and_a_worker_do_not_wait_for_each_other(own_world: World) -> None:
    tenant = own_world.water.id
    clear(own_world)
    first, second = promise(own_world, tenant, 2)

    def while_working(_context: Context, _fact: Fact) -> None:
        assert [sent[2] for sent in relayed(own_world)] == [second]

    assert run(own_world, tenant, first, while_working) is Outcome.DONE


@given(
    first=st.floats(min_value=0.001, max_value=1e4),
    longest=st.floats(min_value=0.001, max_value=1e6),
    failures=st.integers(min_value=1, max_value=5000),
)
def test_waits_grow_up_to_the_longest_and_never_beyond(first: float, longest: float, failures: int) -> None:
    settings = JobSettings(first_wait_seconds=first, longest_wait_seconds=longest)
    wait, following = settings.wait_after(failures), settings.wait_after(failures + 1)
    assert timedelta(0) <= wait <= following <= timedelta(seconds=longest)
    assert settings.wait_after(1) == timedelta(seconds=min(first, longest))
