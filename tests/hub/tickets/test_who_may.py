"""The reviewed table of who may do what to a ticket; a new act without a row fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from uuid import UUID

import pytest

from hub.tickets import actions
from hub.tickets.access import case_for, tickets_visible_to
from hub.tickets.actions import Opened
from hub.tickets.lifecycle import MOVES
from hub.vocabulary import Channel, Priority
from tenants.context import CITIZEN, SYSTEM, Actor, ActorKind, Context
from tenants.errors import NotAllowed, NotFound
from tenants.permissions import Permission, Role, permissions_of
from tests.factories.tickets import open_bill, open_leak, resolve, version_of, work_on
from tests.world import World

SCREENERS = {"agent", "officer", "lead", "manager"}
WORKERS = {"officer", "field", "lead", "manager"}
LEADS = {"lead", "manager"}
STAFF = SCREENERS | WORKERS
CITIZEN_ONLY, SYSTEM_ONLY = {"citizen"}, {"system"}

MAY: dict[str, set[str]] = {
    "add_information": CITIZEN_ONLY,
    "add_note": STAFF | {"system"},
    "add_tenant": SCREENERS,
    "answer": CITIZEN_ONLY,
    "archive": LEADS,
    "ask": SCREENERS,
    "assign": WORKERS - {"field"},
    "close_unreachable": LEADS,
    "confirm": CITIZEN_ONLY,
    "enter_stage": WORKERS,
    "forward": SCREENERS | {"system"},
    "go_on": WORKERS,
    "join": SCREENERS,
    "prioritise": LEADS | {"system"},
    "reject": STAFF,
    "release": SCREENERS | {"system"},
    "reopen": CITIZEN_ONLY,
    "reply": SCREENERS | {"system"},
    "resolve": STAFF,
    "start": WORKERS,
    "transfer": SCREENERS,
    "wait": WORKERS,
    "withdraw": CITIZEN_ONLY,
}
# To these the ticket is as if absent, whatever they try.
STRANGERS = {"oversight", "lead of the other tenant", "citizen of another case", "citizen without a case"}
CALLERS = sorted(STAFF | STRANGERS | {"citizen", "system"})
# Not about one ticket of the caller's: tested below.
ELSEWHERE = {"close_after_silence", "open_case", "settle_duplicates"}


def test_every_act_is_in_the_table() -> None:
    acts = {name for name in actions.__all__ if name.islower()}
    assert acts == MAY.keys() | ELSEWHERE
    assert {move.value for move in MOVES} - {"follow", "close_silent"} <= MAY.keys()


@pytest.mark.parametrize("verb", sorted(MAY))
def test_each_act_is_for_those_of_the_table(world: World, verb: str) -> None:
    opened, arguments = _prepared(world, verb)
    version = version_of(world, opened)
    found = {}
    for caller in CALLERS:
        found[caller] = _attempt(world, opened, verb, caller, version, arguments)
    expected = {
        caller: "absent" if caller in STRANGERS else "done" if caller in MAY[verb] else "not allowed"
        for caller in CALLERS
    }
    if verb == "join":
        # The other ticket is of another case, which a citizen does not even see.
        expected["citizen"] = "absent"
    assert found == expected
    assert version_of(world, opened) == version


@pytest.mark.parametrize("caller", CALLERS)
def test_what_each_caller_sees(world: World, caller: str) -> None:
    opened = open_leak(world)
    sees = caller not in STRANGERS
    with _as(world, opened, caller) as context:
        listed = context.session.scalars(tickets_visible_to(context)).all()
        assert (opened.ticket_id in {ticket.id for ticket in listed}) == sees
        assert len(listed) == (1 if sees or caller == "citizen of another case" else 0)
        if caller == "oversight":
            return
        if sees:
            assert case_for(context, opened.case_id).number == opened.number
        else:
            with pytest.raises(NotFound):
                case_for(context, opened.case_id)


def test_who_opens_cases(world: World) -> None:
    opened = open_leak(world)
    may = {}
    for caller in (*sorted(STAFF), "oversight", "system", "citizen without a case"):
        try:
            with _as(world, opened, caller) as context:
                actions.open_case(context, service="bill", description="فاتورة", channel=Channel.PHONE)
                may[caller] = True
        except NotAllowed:
            may[caller] = False
    assert {caller for caller, allowed in may.items() if allowed} == SCREENERS | {
        "system",
        "citizen without a case",
    }


@pytest.mark.parametrize("caller", sorted(STAFF | {"citizen"}))
def test_only_the_system_settles_duplicates(world: World, caller: str) -> None:
    main, twin = open_leak(world), open_leak(world)
    with world.as_staff(world.water) as context:
        actions.join(context, twin.ticket_id, 1, main_ticket=main.ticket_id)
    resolve(world, main)
    try:
        with _as(world, main, caller) as context:
            # The citizen of the main ticket does not even see that others follow it.
            assert actions.settle_duplicates(context, world.water.id, main.ticket_id) == 0
            assert caller == "citizen"
    except NotAllowed:
        assert caller != "citizen"
    assert version_of(world, twin) == 2


def test_a_role_without_reading_sees_nothing_whatever_else_it_holds(world: World) -> None:
    opened = open_leak(world)
    grants = {world.water.id: frozenset(Permission) - {Permission.TICKETS_READ}}
    blind = Actor(ActorKind.API_KEY, None, grants)
    with (
        pytest.raises(NotFound),
        world.database.unit_of_work(actor=blind, tenants=(world.water.id,), clock=world.clock) as context,
    ):
        actions.forward(context, opened.ticket_id, 1)


def test_an_api_key_may_what_it_was_granted_and_no_more(world: World) -> None:
    opened = open_bill(world)
    rights = frozenset({Permission.TICKETS_READ, Permission.TICKETS_NOTE})
    key = Actor(ActorKind.API_KEY, world.water["agent"].id, {world.water.id: rights})
    with world.database.unit_of_work(actor=key, tenants=(world.water.id,), clock=world.clock) as context:
        actions.add_note(context, opened.ticket_id, 2, text="من النظام المالي")
    for act in (actions.start, actions.go_on, actions.confirm):
        with (
            pytest.raises(NotAllowed),
            world.database.unit_of_work(actor=key, tenants=(world.water.id,), clock=world.clock) as context,
        ):
            act(context, opened.ticket_id, 3)


class _TakenBackError(Exception):
    """Ends a unit of work without keeping it."""


def _take_back() -> NoReturn:
    raise _TakenBackError


def _attempt(
    world: World, opened: Opened, verb: str, caller: str, version: int, arguments: dict[str, Any]
) -> str:
    act: Callable[..., object] = getattr(actions, verb)
    try:
        with _as(world, opened, caller) as context:
            act(context, opened.ticket_id, version, **arguments)
            _take_back()
    except _TakenBackError:
        return "done"
    except NotAllowed:
        return "not allowed"
    except NotFound:
        return "absent"


@contextmanager
def _as(world: World, opened: Opened, caller: str) -> Iterator[Context]:
    tenant, case_id = world.water.id, None
    if caller in STAFF:
        actor = world.water[caller]
    elif caller == "oversight":
        grants = {tenant: permissions_of(frozenset({Role.OVERSIGHT}))}
        actor = Actor(ActorKind.STAFF, world.water["lead"].id, grants)
    elif caller == "lead of the other tenant":
        actor, tenant = world.tax["lead"], world.tax.id
    elif caller == "system":
        actor = SYSTEM
    else:
        actor = CITIZEN
        case_id = _case_of(world, opened, caller)
    with world.database.unit_of_work(
        actor=actor, tenants=(tenant,), case_id=case_id, clock=world.clock
    ) as context:
        yield context


def _case_of(world: World, opened: Opened, caller: str) -> UUID | None:
    if caller == "citizen":
        return opened.case_id
    return open_bill(world).case_id if caller == "citizen of another case" else None


def _prepared(world: World, verb: str) -> tuple[Opened, dict[str, Any]]:
    """A ticket where the act is possible, and what it needs beside the version."""
    opened = open_leak(world)
    elsewhere = {"tenant": "tax", "service": "leak", "reason": "لهم"}
    if verb in {"start", "wait"}:
        with world.as_staff(world.water) as context:
            actions.forward(context, opened.ticket_id, 1)
    elif verb in {"enter_stage"}:
        work_on(world, opened)
    elif verb in {"answer", "go_on"}:
        with world.as_staff(world.water) as context:
            actions.ask(context, opened.ticket_id, 1, text="أين؟")
    elif verb in {"confirm", "reopen", "close_unreachable"}:
        resolve(world, opened)
    elif verb == "release":
        with world.as_staff(world.water) as context:
            actions.join(context, opened.ticket_id, 1, main_ticket=open_leak(world).ticket_id)
    arguments: dict[str, dict[str, Any]] = {
        "add_information": {"text": "معلومة"},
        "add_note": {"text": "ملاحظة"},
        "add_tenant": elsewhere,
        "answer": {"text": "هنا"},
        "archive": {"reason": "اختبار"},
        "ask": {"text": "أين؟"},
        "assign": {"team": "repairs"},
        "close_unreachable": {"reason": "لا يرد"},
        "enter_stage": {"stage": "inspection"},
        "join": {"main_ticket": open_leak(world).ticket_id} if verb == "join" else {},
        "prioritise": {"priority": Priority.LOW},
        "reject": {"reason": "خارج النطاق"},
        "reopen": {"reason": "عادت"},
        "reply": {"text": "وصل"},
        "resolve": {"resolution": "أُصلحت"},
        "transfer": elsewhere,
        "wait": {"reason": "تصريح"},
    }
    return opened, arguments.get(verb, {})
