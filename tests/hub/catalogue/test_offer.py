from __future__ import annotations

import pytest
from sqlalchemy import update

from hub.catalogue.access import live_tenant, service_offered
from hub.catalogue.errors import UnknownService, UnknownTenant
from hub.catalogue.models import Service
from tenants.models import TenantState
from tenants.provisioning import set_state
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_service_is_found_by_its_code(world: World) -> None:
    with world.as_staff(world.water, "agent") as context:
        offered = service_offered(context, world.water.id, "leak")
    assert (offered.code, offered.name.en, offered.priority.value) == ("leak", "Burst pipe", "high")
    assert (offered.screened, offered.confidential_allowed) == (True, True)


def test_a_service_no_longer_offered_is_unknown(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        context.session.execute(
            update(Service)
            .where(Service.tenant_id == world.water.id, Service.code == "bill")
            .values(retired_at=world.clock.moment)
        )
    with refused(UnknownService, "service"), world.as_staff(world.water) as context:
        service_offered(context, world.water.id, "bill")


@pytest.mark.parametrize("code", ["nothing", "", "LEAK", " leak", "leak\0", "\ud800", "x" * 100_000])
def test_an_unknown_service_is_named_in_the_refusal(world: World, code: str) -> None:
    with refused(UnknownService, "service") as caught, world.as_staff(world.water) as context:
        service_offered(context, world.water.id, code)
    assert str(caught.value).encode()
    assert len(str(caught.value)) < 200


def test_a_tenant_outside_the_context_offers_nothing(world: World) -> None:
    with refused(UnknownService, "service"), world.as_staff(world.tax) as context:
        service_offered(context, world.water.id, "leak")


def test_only_live_bodies_are_found(world: World) -> None:
    with world.as_staff(world.water) as context:
        assert live_tenant(context, "tax") == world.tax.id
    for state in (TenantState.SUSPENDED, TenantState.PREPARING):
        with world.as_system() as context:
            set_state(context, world.tax.id, state)
        with refused(UnknownTenant, "tenant"), world.as_staff(world.water) as context:
            live_tenant(context, "tax")
    for code in ("nothing", "", "\0", "\udfff", "x" * 100_000):
        with refused(UnknownTenant, "tenant"), world.as_staff(world.water) as context:
            live_tenant(context, code)
