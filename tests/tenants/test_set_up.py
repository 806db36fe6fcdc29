from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from uuid import UUID

import pytest

from hub.catalogue.actions import ServiceDescription, save_service, save_team
from hub.catalogue.models import Line
from hub.forms.actions import publish_form
from hub.routing.actions import save_rules
from hub.sla.actions import save_levels
from hub.vocabulary import Kind
from tenants.context import Context
from tenants.ids import HUB
from tenants.languages import Text
from tenants.models import TenantState
from tenants.provisioning import set_state
from tenants.set_up import holding_set_up, remembered
from tests.hub.sla.promising import general, keep_hours
from tests.world import LEAK_FORM, World

CHANGES: dict[str, Callable[[Context], object]] = {
    "a service": lambda context: save_service(
        context,
        ServiceDescription(
            code="meter",
            kind=Kind.REQUEST,
            name=Text(ar="عداد", en="Meter"),
            description=Text(ar="عداد جديد", en="A new meter"),
        ),
    ),
    "a team": lambda context: save_team(
        context, code="meters", name=Text(ar="العدادات", en="Meters"), line=Line.FOLLOW_UP
    ),
    "a form": lambda context: publish_form(context, code="other", definition=LEAK_FORM),
    "a calendar": lambda context: keep_hours(context, "Su-Th 08:00-14:00"),
    "service levels": lambda context: save_levels(context, general(resolution=7)),
    "routing rules": lambda context: save_rules(context, [{"catch_all": "repairs"}]),
}


def read_anew(context: Context, *tenant_ids: UUID) -> bool:
    """Whether what is made of these bodies' set-up is read, and not remembered."""
    reads: list[None] = []
    remembered(context, tenant_ids, ("tests.set_up",), lambda: reads.append(None))
    return bool(reads)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_a_body_changes_is_read_anew_once_and_for_that_body_alone(
    world: World, change: Callable[[Context], object]
) -> None:
    with world.as_staff(world.tax, "manager") as context:
        read_anew(context, world.tax.id)
    with world.as_staff(world.water, "manager") as context:
        read_anew(context, world.water.id)
        assert not read_anew(context, world.water.id)
        change(context)
        assert read_anew(context, world.water.id)
        assert not read_anew(context, world.water.id)
    with world.as_staff(world.tax, "manager") as context:
        assert not read_anew(context, world.tax.id)


def test_what_is_made_of_two_bodies_is_read_anew_when_either_changes(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        read_anew(context, world.water.id, HUB)
        CHANGES["a calendar"](context)
        assert read_anew(context, world.water.id, HUB)
    with world.as_system() as context:
        CHANGES["a team"](context)
    with world.as_staff(world.water, "manager") as context:
        assert read_anew(context, world.water.id, HUB)
        assert not read_anew(context, world.water.id, HUB)


def test_what_is_said_of_the_body_itself_counts_too(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        read_anew(context, world.water.id)
    with world.as_system() as context:
        set_state(context, world.water.id, TenantState.SUSPENDED)
    with world.as_staff(world.water, "manager") as context:
        assert read_anew(context, world.water.id)


def test_a_change_that_is_taken_back_leaves_what_was_known(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        read_anew(context, world.water.id)
        attempt = context.session.begin_nested()
        CHANGES["a team"](context)
        assert read_anew(context, world.water.id)
        attempt.rollback()
        assert not read_anew(context, world.water.id)
        CHANGES["a team"](context)
        assert read_anew(context, world.water.id)


def test_nothing_is_remembered_of_a_body_that_is_not_shown(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        read_anew(context, world.water.id, world.tax.id)
        stamps = holding_set_up(context, world.water.id, world.tax.id, HUB).set_up
        assert {world.water.id, HUB} <= stamps.keys()


def test_what_is_held_is_looked_at_once(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        held = holding_set_up(context, world.water.id, HUB)
        assert holding_set_up(held, HUB) is held
        read_anew(held, world.water.id)
        assert not read_anew(held, world.water.id)


def test_two_changes_of_one_body_come_one_after_the_other(own_world: World) -> None:
    """In whichever order each goes about it, neither waits for what the other holds."""

    def levels_first() -> None:
        with own_world.as_staff(own_world.water, "manager") as context:
            CHANGES["service levels"](context)
            CHANGES["a service"](context)

    with ThreadPoolExecutor(1) as pool:
        with own_world.as_staff(own_world.water, "manager") as context:
            CHANGES["a team"](context)
            other = pool.submit(levels_first)
            assert wait([other], timeout=0.5).not_done
            CHANGES["service levels"](context)
        other.result(30)


def test_a_change_waits_for_cases_that_are_being_opened_by_what_was_there(own_world: World) -> None:
    def change() -> None:
        with own_world.as_staff(own_world.water, "manager") as context:
            CHANGES["routing rules"](context)

    with ThreadPoolExecutor(1) as pool:
        with own_world.as_staff(own_world.water, "agent") as context:
            holding_set_up(context, own_world.water.id)
            changing = pool.submit(change)
            assert wait([changing], timeout=0.5).not_done
        changing.result(30)
