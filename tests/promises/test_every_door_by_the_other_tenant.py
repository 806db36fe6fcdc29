"""Every door to look through, asked by the other tenant, shows what it shows of things that do not exist."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import DeclarativeBase

import hub
from hub.catalogue.access import live_tenant
from hub.oversight.errors import UnknownBody
from hub.oversight.queries import bodies_called, figures
from hub.sla.models import CaseClock, TicketClock
from hub.tickets.access import case_for, tickets_visible_to
from tenants.context import SYSTEM, Actor, ActorKind, Context
from tenants.database import Base, Database
from tenants.errors import NotFound, Refusal
from tenants.languages import Language
from tests.promises.doors import DOORS, LOOKING, NO_DOORS, OF_THE_CONTEXT, Door, Ids, ids_of, unknown_ids
from tests.promises.populated import COLOURS, Holdings, Populated, logo_of
from tests.world import undone


def doors_of_the_hub() -> set[str]:
    """Every public function of a module that looks."""
    found = set()
    for module in pkgutil.walk_packages(hub.__path__, "hub."):
        if module.name.rsplit(".", 1)[-1] in LOOKING:
            loaded = import_module(module.name)
            for name, thing in vars(loaded).items():
                plain = inspect.unwrap(thing) if callable(thing) else thing
                if inspect.isfunction(plain) and plain.__module__ == module.name and not name.startswith("_"):
                    found.add(f"{module.name.removeprefix('hub.')}.{name}")
    return found


def told(value: Any) -> Any:
    """What an answer tells, in a form that can be compared."""
    if isinstance(value, DeclarativeBase):
        return type(value).__name__, {name: item for name, item in vars(value).items() if name[0] != "_"}
    if isinstance(value, list | tuple):
        return [told(item) for item in value]
    return value


def ask(context: Context, door: Door, ids: Ids, clock: TicketClock) -> Any:
    """What a door answers, without the code that was asked for and without what it wrote, if it did."""
    asking = context.session.begin_nested()
    try:
        return told(door(context, ids, clock))
    except Refusal as refusal:
        sentences = [refusal.sentence(language).replace(ids.service, "…") for language in Language]
        return type(refusal), refusal.field, sentences
    except (NoResultFound, KeyError) as absent:
        return type(absent)
    finally:
        asking.rollback()


@contextmanager
def staff_of(populated: Populated, mine: Holdings, who: str = "manager") -> Iterator[Context]:
    with populated.world.database.unit_of_work(
        actor=mine.agency[who], tenants=(mine.agency.id,), clock=populated.world.clock
    ) as context:
        yield context


def test_every_door_is_in_the_table_of_doors() -> None:
    listed = DOORS.keys() | OF_THE_CONTEXT.keys() | NO_DOORS.keys()
    assert doors_of_the_hub() - listed == set()
    assert {name for name in listed if ".actions." not in name} - doors_of_the_hub() == set()


@pytest.mark.parametrize("name", sorted(DOORS))
def test_a_tenant_is_shown_its_own(populated: Populated, name: str) -> None:
    mine = populated.water
    with undone(staff_of(populated, mine)) as context:
        on_nothing = ask(context, DOORS[name], unknown_ids(populated), mine.clock)
        assert ask(context, DOORS[name], ids_of(populated, mine), mine.clock) != on_nothing


@pytest.mark.parametrize("name", sorted(DOORS))
def test_the_other_tenant_is_shown_what_is_shown_of_nothing(populated: Populated, name: str) -> None:
    """All its ids at once, and each of them among one's own."""
    mine, other = populated.water, populated.tax
    own, theirs, unknown = ids_of(populated, mine), ids_of(populated, other), unknown_ids(populated)
    with undone(staff_of(populated, mine)) as context:
        asked = [(theirs, unknown, other.clock)]
        for position in (field.name for field in fields(Ids)):
            mixed, strange = ({position: getattr(ids, position)} for ids in (theirs, unknown))
            asked.append((replace(own, **mixed), replace(own, **strange), mine.clock))
        for on_theirs, on_nothing, clock in asked:
            assert ask(context, DOORS[name], on_theirs, clock) == ask(context, DOORS[name], on_nothing, clock)


@pytest.mark.parametrize("name", sorted(DOORS))
def test_a_context_narrowed_to_one_tenant_forgets_the_other(populated: Populated, name: str) -> None:
    """What the session read while it held both must not come back from its memory."""
    mine, other = populated.water, populated.tax
    theirs, unknown = ids_of(populated, other), unknown_ids(populated)
    with undone(populated.world.as_system(mine.agency, other.agency)) as context:
        remembered = [
            context.session.scalars(select(mapper.class_).where(mapper.c.tenant_id == theirs.tenant_id)).all()
            for mapper in Base.registry.mappers
            if "tenant_id" in mapper.c
        ]
        remembered.append(context.session.scalars(select(CaseClock)).all())
        narrow = context.narrowed(mine.agency.id)
        assert ask(narrow, DOORS[name], theirs, other.clock) == ask(narrow, DOORS[name], unknown, other.clock)
        assert any(remembered)


@pytest.mark.parametrize("name", sorted(OF_THE_CONTEXT))
def test_a_door_without_a_question_shows_the_context_s_own_alone(populated: Populated, name: str) -> None:
    with populated.connect("administrator") as connection:
        waiting = dict(
            connection.execute(
                "SELECT tenant_id, count(*) FROM jobs WHERE state = 'waiting' GROUP BY 1"
            ).fetchall()
        )
        tickets = dict(connection.execute("SELECT tenant_id, count(*) FROM tickets GROUP BY 1").fetchall())
    for mine in (populated.water, populated.tax):
        expected: Any = {
            "catalogue.queries.services_on_offer": {mine.own_code},
            "finder.access.offer_of": {mine.agency.code},
            "finder.queries.find_services": {mine.agency.id},
            "finder.queries.life_events_on_offer": [1],
            "finder.queries.services_for_life_event": {mine.agency.id},
            "importing.queries.known_ids": {f"of-{mine.agency.code}"},
            "importing.queries.services": {mine.own_code},
            "importing.queries.teams": {mine.own_code},
            "keys.access.keys_of": {mine.agency.id},
            "looks.queries.face": COLOURS[mine.agency.code],
            "looks.queries.faces": {mine.agency.code: COLOURS[mine.agency.code]},
            "looks.queries.logo": logo_of(mine.agency.code),
            "journal.queries.failed_jobs": {mine.agency.id},
            "journal.queries.waiting_jobs": waiting[mine.agency.id],
            "nearby.queries.earlier_reports": [1],
            "nearby.queries.earlier_ticket": {mine.tickets["shared"].ticket_id, None},
            "nearby.queries.reported_near": {mine.agency.code},
            "worklists.queries.count_tickets": tickets[mine.agency.id],
            "worklists.queries.list_tickets": {mine.agency.id},
            "worklists.queries.search_tickets": [
                {mine.agency.id},
                {mine.agency.id},
                {mine.agency.id} if mine is populated.water else set(),
            ],
        }
        with staff_of(populated, mine) as context:
            assert OF_THE_CONTEXT[name](context, populated) == expected[name]


def test_figures_count_the_context_s_tenants_alone(populated: Populated) -> None:
    kpi = Database.at(populated.server.urls(populated.name).kpi.get_secret_value(), pool_size=1)
    opened = populated.world.clock.moment
    asked = partial(figures, since=opened - timedelta(days=1), until=opened + timedelta(days=1))
    try:
        with kpi.unit_of_work(actor=SYSTEM, tenants=(populated.water.agency.id,)) as context:
            count = asked(context).overall.count
            named = [populated.water.agency.id, populated.tax.agency.id]
            assert asked(context, tenants=named).overall.count == count > 0
            assert asked(context, tenants=named[1:]).overall.count == 0
            assert bodies_called(context, ["water"]) == named[:1]
            answers = []
            for code in ("tax", "no-such-code"):
                with pytest.raises(UnknownBody) as refused:
                    bodies_called(context, [code])
                answers.append(refused.value.sentence(Language.ENGLISH).replace(code, ""))
            assert answers[0] == answers[1]
    finally:
        kpi.dispose()


def test_staff_without_the_right_to_read_tickets_see_no_case(populated: Populated) -> None:
    nobody = Actor(ActorKind.STAFF, populated.water.agency["lead"].id, {})
    with populated.world.database.unit_of_work(actor=nobody, tenants=(populated.water.agency.id,)) as context:
        assert list(context.session.scalars(tickets_visible_to(context))) == []
        with pytest.raises(NotFound):
            case_for(context, populated.water.row.case_id)


def test_a_preparing_body_is_answered_as_if_it_were_not(populated: Populated) -> None:
    with staff_of(populated, populated.water) as context:
        answers = []
        for code in (populated.preparing, "no-such-code"):
            with pytest.raises(Refusal) as refused:
                live_tenant(context, code)
            answers.append((type(refused.value), refused.value.sentence(Language.ARABIC).replace(code, "")))
        assert answers[0] == answers[1]
