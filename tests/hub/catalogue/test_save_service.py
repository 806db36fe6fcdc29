from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from hub.catalogue.access import service_offered
from hub.catalogue.actions import (
    ServiceDescription,
    add_to_team,
    save_class,
    save_service,
    save_stage,
    save_team,
)
from hub.catalogue.errors import UnknownReference
from hub.catalogue.models import Line, Service, ServiceClass, Stage, Team, TeamMember
from hub.journal.models import Fact
from hub.routing.errors import BrokenRouting
from hub.vocabulary import Kind, Priority
from tenants.errors import NotAllowed
from tenants.languages import Text
from tests.hub.tickets.refusals import refused
from tests.world import World

METER = ServiceDescription(
    code="meter",
    kind=Kind.REQUEST,
    name=Text(ar="عداد جديد", en="New meter"),
    description=Text(ar="اطلب عدادًا", en="Ask for a meter"),
    service_class="supply",
    form="leak",
    team="front",
    priority=Priority.LOW,
    screened=False,
    confidential_allowed=False,
    life_events=("moving",),
    outside_codes={"open311": "M-1"},
    words={"ar": ("عداد", "ساعة")},
)


def test_a_service_is_saved_with_all_that_is_said_of_it(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        class_id = save_class(context, code="supply", name=Text(ar="التوصيل", en="Supply"))
        service_id = save_service(context, METER)
        row = context.session.get_one(Service, (world.water.id, service_id))
        team = context.session.scalars(select(Team.id).where(Team.code == "front")).one()
        assert (row.kind, row.class_id, row.team_id, row.priority) == ("request", class_id, team, "low")
        assert (row.screened, row.confidential_allowed, row.retired_at) == (False, False, None)
        assert (row.life_events, row.outside_codes) == (["moving"], {"open311": "M-1"})
        assert (row.words, row.saved_at) == ({"ar": ["عداد", "ساعة"]}, world.clock.moment)
        offered = service_offered(context, world.water.id, "meter")
        assert (offered.id, offered.form_id, offered.kind) == (service_id, row.form_id, Kind.REQUEST)
        facts = context.session.scalars(select(Fact).where(Fact.tenant_id == world.water.id))
        said = [fact for fact in facts if fact.kind == "service.saved"][-1]
        assert said.data == {"service_id": str(service_id)}


def test_saving_again_under_the_same_code_changes_the_same_service(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        save_class(context, code="supply", name=Text(ar="التوصيل", en="Supply"))
        first = save_service(context, METER)
        changed = replace(METER, name=Text(ar="عداد", en="Meter"), team=None, service_class=None, form=None)
        assert save_service(context, changed) == first
        row = context.session.get_one(Service, (world.water.id, first), populate_existing=True)
        assert (row.name, row.team_id, row.class_id, row.form_id) == (changed.name, None, None, None)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("class", {"service_class": "nothing"}),
        ("form", {"form": "nothing"}),
        ("team", {"team": "nothing"}),
        ("team", {"team": "a\0"}),
        ("form", {"form": "\ud800"}),
        ("class", {"service_class": ""}),
    ],
)
def test_what_the_tenant_does_not_have_is_refused(world: World, field: str, changes: dict[str, Any]) -> None:
    with refused(UnknownReference, field), world.as_staff(world.water, "manager") as context:
        save_class(context, code="supply", name=Text(ar="التوصيل", en="Supply"))
        save_service(context, replace(METER, **changes))
    with world.as_staff(world.water, "manager") as context:
        services = context.session.scalars(select(Service.code).where(Service.tenant_id == world.water.id))
        assert sorted(services) == ["bill", "leak"]


def test_another_tenants_class_team_and_form_are_as_if_absent(world: World) -> None:
    with world.as_staff(world.tax, "manager") as context:
        save_class(context, code="supply", name=Text(ar="التوصيل", en="Supply"))
        save_team(context, code="theirs", name=Text(ar="لهم", en="Theirs"), line=Line.AGENT)
    foreign: list[tuple[str, dict[str, Any]]] = [
        ("class", {}),
        ("team", {"service_class": None, "team": "theirs"}),
    ]
    for field, changes in foreign:
        with refused(UnknownReference, field), world.as_staff(world.water, "manager") as context:
            save_service(context, replace(METER, **changes))


def test_a_change_that_would_break_the_routing_in_force_is_refused(world: World) -> None:
    leak = ServiceDescription(
        code="leak",
        kind=Kind.COMPLAINT,
        name=Text(ar="كسر ماسورة", en="Burst pipe"),
        description=Text(ar="أبلغ", en="Report"),
        form=None,
    )
    with pytest.raises(BrokenRouting), world.as_staff(world.water, "manager") as context:
        save_service(context, leak)
    with world.as_staff(world.water) as context:
        assert service_offered(context, world.water.id, "leak").form_id is not None


def test_only_those_who_keep_the_catalogue_change_it(world: World) -> None:
    name = Text(ar="اسم", en="Name")
    for who in ("agent", "officer", "field", "lead"):
        for act in (
            lambda c: save_service(c, replace(METER, service_class=None)),
            lambda c: save_team(c, code="new", name=name, line=Line.AGENT),
            lambda c: save_class(c, code="new", name=name),
            lambda c: save_stage(c, code="new", name=name, position=2),
            lambda c: add_to_team(c, team_id=world.water.id, user_id=world.water.cast["agent"].id),
        ):
            with refused(NotAllowed, None), world.as_staff(world.water, who) as context:
                act(context)


def test_teams_classes_and_stages_are_saved_under_their_codes(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        team = save_team(context, code="night", name=Text(ar="الليل", en="Night"), line=Line.FIELD)
        assert save_team(context, code="night", name=Text(ar="ليلي", en="By night"), line=Line.AGENT) == team
        row = context.session.get_one(Team, (world.water.id, team))
        assert (row.name.en, row.line) == ("By night", "agent")
        first = save_class(context, code="c", name=Text(ar="ا", en="A"))
        assert save_class(context, code="c", name=Text(ar="ب", en="B")) == first
        assert context.session.get_one(ServiceClass, (world.water.id, first)).name.en == "B"
        for position in (3, 2):
            save_stage(context, code="digging", name=Text(ar="حفر", en="Digging"), position=position)
        assert context.session.get_one(Stage, (world.water.id, "digging")).position == 2


def test_somebody_is_put_into_a_team_once(world: World) -> None:
    agent = world.water.cast["agent"].id
    with world.as_staff(world.water, "manager") as context:
        team = context.session.scalars(select(Team.id).where(Team.code == "repairs")).one()
        for _ in range(2):
            add_to_team(context, team_id=team, user_id=agent)
        members = context.session.scalars(select(TeamMember.user_id).where(TeamMember.team_id == team)).all()
        assert sorted(members) == sorted([agent, world.water.cast["field"].id, world.water.cast["lead"].id])
