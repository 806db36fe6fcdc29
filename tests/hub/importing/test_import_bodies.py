"""Rows find their body and service, or make them when told to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.catalogue.access import live_tenant, service_offered
from hub.catalogue.errors import UnknownService, UnknownTenant
from hub.catalogue.models import Service, Team
from hub.importing.rows import RefusedRow
from hub.journal.models import Fact
from hub.tickets.models import Case, Ticket
from tenants.ids import HUB
from tenants.models import Tenant, TenantState
from tests.hub.importing.city import (
    CLOSED,
    OPEN,
    TAX,
    bring_in,
    imported,
    tickets_of,
)
from tests.hub.importing.seeing import counts
from tests.world import Agency, World


def test_one_id_of_two_bodies_is_two_rows(world: World, tmp_path: Path) -> None:
    assert counts(bring_in(world, tmp_path, CLOSED, CLOSED | {"Body": TAX})) == (2, 0, 0)
    assert tickets_of(world, world.water) == ["1"]
    assert tickets_of(world, world.tax) == ["1"]
    case_id = imported(world, "1").case_id
    with world.as_staff(world.tax) as context:
        own = context.session.scalars(
            select(Ticket.tenant_id).where(Ticket.tenant_id.in_(context.tenants))
        ).all()
        assert own == [world.tax.id]
        assert context.session.get(Case, case_id) is None


def test_rows_of_a_body_that_the_hub_does_not_know_are_refused_by_name(world: World, tmp_path: Path) -> None:
    seen: list[RefusedRow] = []
    report = bring_in(
        world, tmp_path, CLOSED | {"Body": "ROADS"}, CLOSED, OPEN | {"Body": "ROADS"}, on_refused=seen.append
    )
    assert counts(report) == (1, 0, 2)
    assert report.unknown_tenants == {"ROADS": 2}
    assert report.by_reason == {"unknown_tenant_label": 2}
    assert [(row.line, row.field, row.external_id) for row in seen] == [(2, "Body", "1"), (4, "Body", "2")]
    assert "“ROADS”" in seen[0].reason.en
    assert "«ROADS»" in seen[0].reason.ar
    with world.as_system() as context:
        assert context.session.scalar(select(func.count()).select_from(Tenant)) == 3


def test_a_created_body_has_the_mappings_name_and_takes_no_new_cases(world: World, tmp_path: Path) -> None:
    report = bring_in(
        world,
        tmp_path,
        CLOSED | {"Body": "ROADS"},
        CLOSED | {"Body": "هيئة النيل"},
        OPEN | {"Body": "ROADS"},
        create_tenants=True,
    )
    assert counts(report) == (3, 0, 0)
    assert report.created_tenants == ["ROADS", "هيئة النيل"]
    with world.as_system() as context:
        roads = context.session.scalars(select(Tenant).where(Tenant.code == "roads")).one()
        assert (roads.name.en, roads.name.ar) == ("Roads authority", "هيئة الطرق")
        assert (roads.short_name.en, roads.short_name.ar) == ("ROADS", "ROADS")
        assert (roads.zone, roads.state) == ("UTC", TenantState.SUSPENDED)
        with pytest.raises(UnknownTenant):
            live_tenant(context, "roads")
    with world.as_system(Agency(roads.id, "roads")) as context:
        kinds = context.session.scalars(
            select(Fact.kind).where(Fact.tenant_id == roads.id, Fact.kind.like("tenant.%")).order_by(Fact.id)
        ).all()
        assert kinds == ["tenant.provisioned", "tenant.state_changed"]
    assert counts(bring_in(world, tmp_path, OPEN | {"Body": "roads"}, OPEN | {"Body": "هيئة النيل"})) == (
        1,
        1,
        0,
    )


def test_a_code_that_another_body_has_is_not_taken_from_it(world: World, tmp_path: Path) -> None:
    report = bring_in(
        world, tmp_path, CLOSED | {"Body": "Water!"}, CLOSED | {"Body": "Hub"}, create_tenants=True
    )
    assert counts(report) == (2, 0, 0)
    with world.as_system() as context:
        rows = context.session.execute(select(Tenant.short_name, Tenant.code, Tenant.id)).all()
    codes = {tenant_id: code for _, code, tenant_id in rows}
    named = {name.en: code for name, code, tenant_id in rows if tenant_id != HUB}
    assert codes[HUB] == "hub"
    assert named["Water company"] == "water"
    assert re.fullmatch(r"water-[0-9a-f]{8}", named["Water!"])
    assert re.fullmatch(r"hub-[0-9a-f]{8}", named["Hub"])


def test_services_are_found_by_name_and_missing_ones_are_not_put_on_offer(
    world: World, tmp_path: Path
) -> None:
    bring_in(
        world,
        tmp_path,
        CLOSED | {"Topic": "Burst pipe"},
        CLOSED | {"Number": "2", "Topic": "bill"},
        CLOSED | {"Number": "3", "Topic": "كسر ماسورة"},
        CLOSED | {"Number": "4", "Topic": "Pot hole"},
        CLOSED | {"Number": "5", "Topic": "pot-hole"},
        CLOSED | {"Number": "6", "Topic": "Repairs", "Team": "Repairs"},
    )
    with world.as_system(world.water) as context:
        found = {
            ticket.external_id: context.session.get_one(Service, (ticket.tenant_id, ticket.service_id))
            for ticket in context.session.scalars(select(Ticket).where(Ticket.tenant_id == world.water.id))
        }
        assert [found[number].code for number in "123"] == ["leak", "bill", "leak"]
        assert found["4"].name.en == "Pot hole"
        assert found["4"].outside_codes == {"a-city": "Pot hole"}
        assert found["5"].id == found["4"].id
        assert service_offered(context, world.water.id, "leak").code == "leak"
        with pytest.raises(UnknownService):
            service_offered(context, world.water.id, found["4"].code)
        repairs = context.session.get_one(Team, (world.water.id, imported(world, "6").team_id))
        assert repairs.code == "repairs"
