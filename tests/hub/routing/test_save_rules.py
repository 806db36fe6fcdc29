"""Rules are saved in versions; what would leave a ticket without a team is refused, by the database too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from hub.catalogue.actions import ServiceDescription, save_service
from hub.forms.actions import publish_form
from hub.journal.models import Fact
from hub.routing.actions import save_rules
from hub.routing.errors import BrokenRouting
from hub.routing.models import RoutingRules
from hub.vocabulary import Kind
from tenants.errors import NotAllowed, Refusal
from tenants.languages import Language, Text
from tests.factories.tickets import open_leak, ticket_of
from tests.hub.routing.test_keep_the_route import DANGER, rule, team_of
from tests.world import LEAK_FORM, Agency, World

CATCH_ALL = {"catch_all": "front"}


def versions(world: World, agency: Agency) -> tuple[list[Any], int]:
    """A tenant's rules in every version, and how long its journal is."""
    with world.as_system(agency) as context:
        saved = context.session.execute(
            select(RoutingRules.version, RoutingRules.rules)
            .where(RoutingRules.tenant_id == agency.id)
            .order_by(RoutingRules.version)
        ).all()
        facts = context.session.scalar(
            select(func.count()).select_from(Fact).where(Fact.tenant_id == agency.id)
        )
        return [tuple(row) for row in saved], facts or 0


@pytest.mark.parametrize(
    ("rules", "field", "reason"),
    [
        ([], "rules", "A list of rules is expected."),
        ([rule(service="leak")], "rules[0]", "must end with a “catch_all”"),
        ([CATCH_ALL, rule(service="leak")], "rules[0]", "must be the last rule"),
        ([rule(service="trees"), CATCH_ALL], "rules[0].when.service", "trees"),
        ([rule(team="gardeners", service="leak"), CATCH_ALL], "rules[0].team", "no team “gardeners”"),
        (
            [rule(service="leak"), rule(service="leak", priority="urgent"), CATCH_ALL],
            "rules[1]",
            "could never match",
        ),
        ([rule(service="leak", answers={"depth": 3}), CATCH_ALL], "rules[0].when.answers.depth", "depth"),
    ],
)
def test_broken_rules_are_refused_with_place_and_reason_and_change_nothing(
    world: World, rules: list[Any], field: str, reason: str
) -> None:
    before = versions(world, world.water)
    with pytest.raises(BrokenRouting) as refused, world.as_staff(world.water, "manager") as context:
        save_rules(context, rules)

    assert refused.value.field == field
    assert reason in refused.value.sentence(Language.ENGLISH)
    assert field in refused.value.sentence(Language.ARABIC)
    assert versions(world, world.water) == before


def test_rules_name_the_tenants_own_services_and_teams_only(world: World) -> None:
    with world.as_staff(world.tax, "manager") as context:
        save_service(
            context,
            ServiceDescription(
                code="refund",
                kind=Kind.REQUEST,
                name=Text(ar="استرداد", en="Refund"),
                description=Text(ar="استرداد", en="Refund"),
            ),
        )
        save_rules(context, [rule(service="refund"), CATCH_ALL])

    with pytest.raises(BrokenRouting), world.as_staff(world.water, "manager") as context:
        save_rules(context, [rule(service="refund"), CATCH_ALL])


def test_saying_again_what_is_in_force_changes_nothing(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        assert save_rules(context, [rule(service="leak"), CATCH_ALL]) == 2
    before = versions(world, world.water)
    with world.as_staff(world.water, "manager") as context:
        assert save_rules(context, [rule(service="leak"), CATCH_ALL]) == 2

    assert versions(world, world.water) == before


def test_old_versions_are_kept(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        save_rules(context, [CATCH_ALL])

    saved, _ = versions(world, world.water)
    assert [version for version, _ in saved] == [1, 2]
    assert len(saved[0][1]) == 2


@pytest.mark.parametrize("who", ["agent", "lead"])
def test_only_who_may_change_rules_can(world: World, who: str) -> None:
    with pytest.raises(NotAllowed), world.as_staff(world.water, who) as context:
        save_rules(context, [CATCH_ALL])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM routing_rules WHERE tenant_id = :tenant",
        "UPDATE routing_rules SET rules = '[]' WHERE tenant_id = :tenant",
        "TRUNCATE routing_rules",
        "INSERT INTO routing_rules VALUES (:tenant, 2, '[]', now())",
        'INSERT INTO routing_rules VALUES (:tenant, 2, \'[{"name": {}, "team": "front"}]\', now())',
        'INSERT INTO routing_rules VALUES (:tenant, 2, \'[{"catch_all": "front"}, {"team": "a"}]\', now())',
        'INSERT INTO routing_rules VALUES (:tenant, 2, \'{"catch_all": "front"}\', now())',
        "INSERT INTO routing_rules VALUES (:tenant, 2, '[{\"catch_all\": null}]', now())",
        "INSERT INTO routing_rules VALUES (:tenant, 2, 'null', now())",
    ],
)
def test_the_catch_all_cannot_be_removed_by_the_processes_login_either(world: World, statement: str) -> None:
    before = versions(world, world.water)
    with pytest.raises(DBAPIError), world.as_system(world.water) as context:
        context.session.execute(text(statement), {"tenant": world.water.id})

    assert versions(world, world.water) == before


def test_rules_cannot_be_written_for_another_tenant(world: World) -> None:
    with pytest.raises(DBAPIError), world.as_system(world.water) as context:
        context.session.execute(
            text('INSERT INTO routing_rules VALUES (:tenant, 2, \'[{"catch_all": "front"}]\', now())'),
            {"tenant": world.tax.id},
        )


def test_a_form_that_drops_a_question_the_rules_ask_for_is_refused(world: World) -> None:
    form: dict[str, Any] = LEAK_FORM
    page = form["pages"][0]
    without = {
        **form,
        "pages": [
            {
                **page,
                "questions": [{"name": "depth", "kind": "text", "label": {"ar": "العمق", "en": "Depth"}}],
            }
        ],
    }
    refuse_and_keep(world, lambda context: publish_form(context, code="leak", definition=without))


def test_a_service_that_leaves_the_form_the_rules_ask_for_is_refused(world: World) -> None:
    refuse_and_keep(
        world,
        lambda context: save_service(
            context,
            ServiceDescription(
                code="leak",
                kind=Kind.COMPLAINT,
                name=Text(ar="كسر ماسورة", en="Burst pipe"),
                description=Text(ar="كسر ماسورة", en="Burst pipe"),
                form=None,
            ),
        ),
    )


def refuse_and_keep(world: World, change: Any) -> None:
    """A change that the rules in force forbid is refused as theirs; afterwards everything is as it was."""
    before = versions(world, world.water)
    with pytest.raises(Refusal) as refused, world.as_staff(world.water, "manager") as context:
        change(context)

    assert isinstance(refused.value, BrokenRouting)
    assert refused.value.field == "rules[0].when.answers.hazard"
    assert versions(world, world.water) == before
    assert team_of(world, ticket_of(world, open_leak(world, answers=DANGER))) == "repairs"


def test_another_tenant_may_change_its_own_form_of_that_name(world: World) -> None:
    with world.as_staff(world.tax, "manager") as context:
        save_rules(context, [CATCH_ALL])
        save_service(
            context,
            ServiceDescription(
                code="leak",
                kind=Kind.COMPLAINT,
                name=Text(ar="كسر ماسورة", en="Burst pipe"),
                description=Text(ar="كسر ماسورة", en="Burst pipe"),
                form=None,
            ),
        )
    assert team_of(world, ticket_of(world, open_leak(world, answers=DANGER))) == "repairs"


def test_two_who_save_at_once_make_two_versions(own_world: World) -> None:
    def save(priority: str) -> int:
        with own_world.as_staff(own_world.water, "manager") as context:
            return save_rules(context, [rule(priority=priority), CATCH_ALL])

    with ThreadPoolExecutor(4) as pool:
        saved = list(pool.map(save, ["low", "normal", "high", "urgent"]))

    assert sorted(saved) == [2, 3, 4, 5]
