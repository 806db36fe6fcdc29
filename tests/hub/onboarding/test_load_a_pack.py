"""Loading packs: each of the examples becomes a tenant that takes cases, and a second load changes what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from hub.catalogue.errors import UnknownService
from hub.catalogue.models import Service, Team, TeamMember
from hub.forms.answers import check_answers
from hub.forms.models import Form
from hub.journal.models import Fact
from hub.looks.queries import face, logo
from hub.onboarding.actions import load_pack
from hub.onboarding.pack import Pack, read_pack
from hub.people.actions import Reporter
from hub.routing.actions import save_rules
from hub.routing.errors import BrokenRouting
from hub.sla.access import clock_of_case, clocks_of_ticket
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.models import Case
from hub.vocabulary import Channel
from infra.demo.files import with_files
from tenants.context import SYSTEM
from tenants.database import Database
from tenants.ids import HUB
from tenants.models import Membership, Tenant, TenantState, User
from tenants.provisioning import set_state
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.factories.forms import DOKKI, valid_answers
from tests.hub.onboarding.packs import HUB_PACK, PACKS, SLUGS, copy_of, refusal_of
from tests.world import World, load_world

ALL = (*SLUGS, HUB_PACK)


def load(world: World, folder: Path, *, live: bool = True) -> UUID:
    return load_pack(world.database, read_pack(folder), live=live, clock=world.clock)


@pytest.fixture(scope="module")
def all_loaded(server: OwnServer, template: str, run_folder: Path) -> Iterator[tuple[World, dict[str, UUID]]]:
    """All packs loaded on one hub, the hub's own first; for tests that leave them as they are."""
    with copy_of_world(server, template, run_folder) as name:
        database = Database.at(server.urls(name).app.get_secret_value())
        world = load_world(database)
        yield world, {slug: load(world, PACKS / slug) for slug in (HUB_PACK, *SLUGS)}
        database.dispose()


def facts_since(world: World, tenant_id: UUID, before: int) -> Counter[str]:
    """The kinds of fact that a tenant's journal got after its first so many."""
    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
        kinds = context.session.scalars(
            select(Fact.kind).where(Fact.tenant_id == tenant_id).order_by(Fact.id)
        ).all()
    return Counter(kinds[before:])


def facts(world: World, tenant_id: UUID) -> int:
    return facts_since(world, tenant_id, 0).total()


def changed(folder: Path, file: str, before: str, after: str) -> Path:
    path = folder / file
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))
    return folder


@pytest.mark.parametrize("slug", ALL)
def test_a_pack_becomes_a_live_tenant_named_in_both_languages(
    slug: str, all_loaded: tuple[World, dict[str, UUID]]
) -> None:
    world, tenants = all_loaded
    pack, tenant_id = read_pack(PACKS / slug), tenants[slug]

    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
        tenant = context.session.get_one(Tenant, tenant_id)
        services = context.session.scalars(
            select(Service).where(Service.tenant_id == tenant_id, Service.retired_at.is_(None))
        ).all()
        members = context.session.scalars(
            select(User.user_name)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.tenant_id == tenant_id)
        ).all()
        in_teams = set(
            context.session.execute(
                select(User.user_name, Team.code)
                .join(TeamMember, TeamMember.user_id == User.id)
                .join(Team, (Team.tenant_id == TeamMember.tenant_id) & (Team.id == TeamMember.team_id))
                .where(TeamMember.tenant_id == tenant_id)
            )
        )
    assert (tenant.code, tenant.state, tenant.country) == (slug, TenantState.LIVE, "egypt")
    assert tenant.name == pack.tenant.name
    assert tenant.name.ar != tenant.name.en
    assert {service.code: service.name for service in services} == {
        service.code: service.name for service in pack.services
    }
    assert all(service.name.ar and service.name.en for service in services)
    assert {user.user_name for user in pack.users} <= set(members)
    assert {(user.user_name, team) for user in pack.users for team in user.teams} <= in_teams


def test_the_hubs_pack_is_the_hub_itself(world: World) -> None:
    assert load(world, PACKS / HUB_PACK) == HUB


def test_coming_onto_the_hub_is_recorded_once(world: World) -> None:
    tenant_id = load(world, PACKS / "electricity")
    load(world, PACKS / "electricity")

    recorded = facts_since(world, tenant_id, 0)
    assert recorded["tenant.provisioned"] == 1
    assert recorded["tenant.state_changed"] == 1


@pytest.mark.parametrize("slug", ALL)
def test_loading_the_same_pack_again_changes_nothing(
    slug: str, all_loaded: tuple[World, dict[str, UUID]]
) -> None:
    world, tenants = all_loaded
    tenant_id = tenants[slug]
    before = facts(world, tenant_id)
    world.clock.advance(timedelta(days=1))

    assert load(world, PACKS / slug) == tenant_id
    assert facts_since(world, tenant_id, before) == {}


@pytest.mark.parametrize(
    ("file", "before", "after", "fact"),
    [
        ("calendars.yaml", "Su-Th 09:00-17:00", "Su-Th 08:00-16:00", "calendar.changed"),
        ("forms/leak.yaml", "بلاغ عن تسرب مياه", "بلاغ عن تسريب مياه", "form.published"),
        (
            "services.yaml",
            "{ar: انقطاع المياه, en: No water}",
            "{ar: قطع المياه, en: No water}",
            "service.saved",
        ),
        ("routing.yaml", "catch_all: customer_service", "catch_all: billing", "routing.changed"),
        ("service_levels.yaml", "resolution: 56h", "resolution: 48h", "service_levels.changed"),
    ],
)
def test_one_changed_line_makes_exactly_one_new_version(
    file: str, before: str, after: str, fact: str, world: World, tmp_path: Path
) -> None:
    tenant_id = load(world, PACKS / "water")
    known = facts(world, tenant_id)

    load(world, changed(copy_of("water", tmp_path), file, before, after))

    assert facts_since(world, tenant_id, known) == {fact: 1}


def test_a_changed_name_of_the_body_reaches_the_tenant(world: World, tmp_path: Path) -> None:
    load(world, PACKS / "electricity")
    pack = changed(
        copy_of("electricity", tmp_path), "tenant.yaml", "short_name: {ar: ", "short_name: {ar: شركة "
    )
    tenant_id = load(world, pack)

    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
        assert context.session.get_one(Tenant, tenant_id).short_name.ar.startswith("شركة ")


def test_a_service_that_the_pack_no_longer_has_is_no_longer_offered(world: World, tmp_path: Path) -> None:
    tenant_id = load(world, PACKS / "water")
    known = facts(world, tenant_id)
    folder = copy_of("water", tmp_path)
    services = folder / "services.yaml"
    text = services.read_text()
    services.write_text(text[: text.index("- code: suggestion")])

    load(world, folder)

    assert facts_since(world, tenant_id, known) == {"service.saved": 1}
    with (
        world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=world.clock) as context,
        pytest.raises(UnknownService),
    ):
        actions.open_case(context, service="suggestion", description="فكرة", channel=Channel.WEB)
    load(world, PACKS / "water")
    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=world.clock) as context:
        actions.open_case(context, service="suggestion", description="فكرة", channel=Channel.WEB)


def test_somebody_who_moved_to_another_team_leaves_the_first(world: World, tmp_path: Path) -> None:
    tenant_id = load(world, PACKS / "water")
    load(world, changed(copy_of("water", tmp_path), "users.yaml", "[networks, sewage]", "[emergency]"))

    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
        teams = context.session.scalars(
            select(Team.code)
            .join(TeamMember, (Team.tenant_id == TeamMember.tenant_id) & (Team.id == TeamMember.team_id))
            .join(User, User.id == TeamMember.user_id)
            .where(User.user_name == "reda.shaaban", Team.tenant_id == tenant_id)
        ).all()
    assert teams == ["emergency"]


def test_an_option_and_the_rule_that_speaks_of_it_change_together(world: World, tmp_path: Path) -> None:
    tenant_id = load(world, PACKS / "governorate")
    known = facts(world, tenant_id)
    folder = copy_of("governorate", tmp_path)
    changed(folder, "routing.yaml", "source: [workshop, hall]", "source: [factory, hall]")
    form = folder / "forms" / "nuisance.yaml"
    form.write_text(form.read_text().replace("workshop", "factory"))

    load(world, folder)

    assert facts_since(world, tenant_id, known) == {"form.published": 1, "routing.changed": 1}


def test_a_broken_pack_is_refused_and_nothing_is_written(world: World, tmp_path: Path) -> None:
    folder = changed(copy_of("electricity", tmp_path), "routing.yaml", "catch_all:", "catch_it:")
    refusal_of(folder)

    with world.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        assert not context.session.scalar(select(func.count()).where(Tenant.code == "electricity"))


def test_a_refusal_on_the_way_leaves_nothing_of_the_tenants_own(world: World) -> None:
    pack = read_pack(PACKS / "electricity")
    broken = Pack(**{name: getattr(pack, name) for name in Pack.__slots__} | {"routing": pack.routing[:-1]})

    with pytest.raises(BrokenRouting):
        load_pack(world.database, broken, clock=world.clock)

    with world.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        tenant = context.session.scalars(select(Tenant).where(Tenant.code == "electricity")).one()
    assert tenant.state == TenantState.PREPARING
    assert facts(world, tenant.id) == 0
    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant.id,)) as context:
        for table in (Form, Service, Team, Membership):
            assert not context.session.scalars(select(table).where(table.tenant_id == tenant.id)).all()
    load(world, PACKS / "electricity")
    assert facts_since(world, tenant.id, 0)["tenant.provisioned"] == 1


def test_a_pack_may_be_loaded_before_its_body_goes_live(world: World) -> None:
    tenant_id = load(world, PACKS / "electricity", live=False)
    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
        assert context.session.get_one(Tenant, tenant_id).state == TenantState.PREPARING
    known = facts(world, tenant_id)

    load(world, PACKS / "electricity")

    assert facts_since(world, tenant_id, known) == {"tenant.state_changed": 1}


def test_loading_a_pack_does_not_bring_a_suspended_body_back(world: World) -> None:
    tenant_id = load(world, PACKS / "electricity")
    with world.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        set_state(context, tenant_id, TenantState.SUSPENDED)

    load(world, PACKS / "electricity")

    with world.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        assert context.session.get_one(Tenant, tenant_id).state == TenantState.SUSPENDED


@pytest.mark.parametrize("slug", ALL)
def test_every_service_takes_a_case_that_is_routed_and_timed(
    slug: str, all_loaded: tuple[World, dict[str, UUID]]
) -> None:
    world, tenants = all_loaded
    pack, tenant_id = read_pack(PACKS / slug), tenants[slug]
    today = world.clock.moment.astimezone(ZoneInfo(pack.tenant.zone)).date()

    for service in pack.services:
        form = pack.forms.get(service.form or "")
        with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=world.clock) as context:
            opened = actions.open_case(
                context,
                service=service.code,
                description="وصف ما حدث",
                channel=Channel.WEB,
                reporter=Reporter(name="منى", phone="01001234567"),
                answers=with_files(context, form, valid_answers(form, today)) if form else None,
            )
        with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
            ticket = ticket_for(context, opened.ticket_id)
            team = context.session.get_one(Team, (tenant_id, ticket.team_id))
            clocks = clocks_of_ticket(context, ticket)
            whole = clock_of_case(context, opened.case_id)
        assert ticket.status == ("received" if service.screened else "assigned")
        assert team.code in {each.code for each in pack.teams}
        assert ticket.routed_by is not None
        assert ticket.routed_by["reason"]["ar"]
        assert [clock.kind for clock in clocks] == ["first_response", "resolution"]
        assert all(clock.level_tenant == tenant_id and clock.due_at > world.clock.moment for clock in clocks)
        assert whole is not None
        assert (whole.level_tenant, whole.target) == (HUB, timedelta(hours=120))


@pytest.mark.parametrize("slug", ALL)
def test_every_form_takes_its_fewest_answers_and_all_of_them(slug: str) -> None:
    pack = read_pack(PACKS / slug)

    for form in pack.forms.values():
        for seed in range(5):
            for optional in (0.0, 1.0):
                given = valid_answers(form, date(2026, 11, 22), optional=optional, seed=seed)
                assert set(check_answers(form, given, date(2026, 11, 22))) == set(given)


def test_rules_of_a_body_may_name_the_places_of_its_country_and_no_others(world: World) -> None:
    pack = read_pack(PACKS / "governorate")
    tenant_id = load(world, PACKS / "governorate")
    rule = {
        "name": {"ar": "حي الدقي", "en": "Dokki"},
        "when": {"service": "noise", "district": "giza-dokki"},
        "team": "licences",
    }

    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=world.clock) as context:
        save_rules(context, [rule, *pack.routing])
    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=world.clock) as context:
        opened = actions.open_case(
            context,
            service="noise",
            description="ورشة تعمل ليلًا",
            channel=Channel.PHONE,
            place=actions.Place(governorate="giza", district="giza-dokki"),
            answers=valid_answers(pack.forms["nuisance"], world.clock.moment.date()),
        )
        routed = ticket_for(context, opened.ticket_id).routed_by
    assert routed is not None
    assert "Dokki" in routed["reason"]["en"]
    assert "الدقي" in routed["reason"]["ar"]
    rule["when"] = {"service": "noise", "district": "giza-atlantis"}
    with (
        world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=world.clock) as context,
        pytest.raises(BrokenRouting, match="giza-atlantis"),
    ):
        save_rules(context, [rule, *pack.routing])


def test_one_body_sees_nothing_of_another_bodys_pack(world: World) -> None:
    electricity = load(world, PACKS / "electricity")

    with world.as_staff(world.tax, "manager") as context:
        assert not context.session.scalars(select(Service).where(Service.tenant_id == electricity)).all()
        assert not context.session.scalars(select(Case)).all()
        with pytest.raises(UnknownService):
            actions.open_case(
                context, service="power_cut", description="انقطاع", channel=Channel.WEB, answers=DOKKI
            )


def test_a_pack_gives_its_body_a_colour_and_a_logo_and_takes_them_back(world: World, tmp_path: Path) -> None:
    folder = copy_of("water", tmp_path)
    tenant_id = load(world, folder)
    known = facts(world, tenant_id)
    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
        assert face(context).colour == "#0b6e99"
        assert logo(context) == read_pack(folder).logo is not None
    (folder / "logo.svg").unlink()
    load(world, folder)
    load(world, folder)
    assert facts_since(world, tenant_id, known) == {"look.changed": 1}
    with world.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
        assert logo(context) is None
