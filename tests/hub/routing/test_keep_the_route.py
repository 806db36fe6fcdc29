"""A ticket's team is chosen when it opens, by its own tenant's rules in force then, and the reason is kept on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from hub.catalogue.actions import ServiceDescription, save_service
from hub.catalogue.models import Team
from hub.forms.actions import publish_form
from hub.journal.models import Fact
from hub.routing.access import rules_in_force
from hub.routing.actions import save_rules
from hub.routing.conditions import RoutingFacts
from hub.routing.rules import Outcome
from hub.tickets.actions import Place
from hub.tickets.models import Ticket
from hub.vocabulary import Channel, Kind, Priority
from tenants.context import CITIZEN
from tenants.errors import NotAllowed
from tenants.languages import Text
from tenants.permissions import Permission
from tests.factories.clocks import act, facts_about
from tests.factories.tickets import open_bill, open_leak, ticket_by_id, ticket_of
from tests.world import LEAK_FORM, Agency, World

DANGER = {"hazard": True, "hazard_kind": "هبوط أرضي"}


def rule(team: str = "repairs", **when: Any) -> dict[str, Any]:
    return {"name": {"ar": "قاعدة", "en": "A rule"}, "when": when, "team": team}


def put_in_force(world: World, *rules: dict[str, Any], agency: Agency | None = None) -> int:
    """Save rules, with the front office for everything else."""
    with world.as_staff(agency or world.water, "manager") as context:
        return save_rules(context, [*rules, {"catch_all": "front"}])


def team_of(world: World, ticket: Ticket) -> str:
    """The code of the team that has a ticket, which must be one of its tenant's."""
    with world.as_system(world.water, world.tax) as context:
        return context.session.scalars(
            select(Team.code).where(Team.tenant_id == ticket.tenant_id, Team.id == ticket.team_id)
        ).one()


def test_the_rule_that_matched_and_why_stand_on_the_ticket_in_both_languages(world: World) -> None:
    ticket = ticket_of(world, open_leak(world, answers=DANGER))

    assert team_of(world, ticket) == "repairs"
    assert ticket.routed_by == {
        "position": 1,
        "rule": {"ar": "خطر", "en": "Danger"},
        "reason": {
            "ar": "انطبقت القاعدة 1 «خطر» (الخدمة: كسر ماسورة؛ هل هناك خطر على الناس؟: نعم).",
            "en": "Rule 1 “Danger” matched (service: Burst pipe; Is anybody in danger?: yes).",
        },
    }


def test_the_journal_says_the_same(world: World) -> None:
    opened = open_leak(world, answers=DANGER)
    ticket = ticket_of(world, opened)
    (fact,) = facts_about(world, opened, "ticket.routed")

    assert fact.data["team_id"] == str(ticket.team_id)
    assert ticket.routed_by is not None
    assert fact.data["reason"] == ticket.routed_by["reason"]
    assert fact.data["position"] == 1


def test_an_answer_decides(world: World) -> None:
    assert team_of(world, ticket_of(world, open_leak(world, answers=DANGER))) == "repairs"
    assert team_of(world, ticket_of(world, open_leak(world, answers={"hazard": False}))) == "front"


def test_a_district_decides(world: World) -> None:
    put_in_force(world, rule(district=["giza-dokki", "giza-imbaba"]), rule("front", governorate="cairo"))
    in_dokki = open_leak(world, place=Place(governorate="giza", district="giza-dokki"))
    in_maadi = open_leak(world, place=Place(governorate="cairo", district="cairo-maadi"))

    assert team_of(world, ticket_of(world, in_dokki)) == "repairs"
    assert team_of(world, ticket_of(world, in_maadi)) == "front"
    routed = ticket_of(world, in_maadi).routed_by
    assert routed is not None
    assert routed["position"] == 2


def test_kind_channel_and_priority_decide(world: World) -> None:
    put_in_force(world, rule(channel="phone", kind="inquiry", priority="urgent"))

    assert team_of(world, ticket_of(world, open_bill(world, priority=Priority.URGENT))) == "repairs"
    assert team_of(world, ticket_of(world, open_bill(world))) == "front"
    by_web = open_bill(world, priority=Priority.URGENT, channel=Channel.WEB)
    assert team_of(world, ticket_of(world, by_web)) == "front"


def test_a_service_with_a_team_of_its_own_goes_there_when_no_rule_matches(world: World) -> None:
    before = open_bill(world)
    save_bill(world, team="repairs")
    after = ticket_of(world, open_bill(world))

    assert team_of(world, ticket_of(world, before)) == "front"
    assert team_of(world, after) == "repairs"
    assert after.routed_by is not None
    assert "the team that the service belongs to" in after.routed_by["reason"]["en"]
    save_bill(world, team=None)
    assert team_of(world, ticket_of(world, open_bill(world))) == "front"


def test_new_rules_send_new_tickets_elsewhere_and_leave_old_ones(world: World) -> None:
    old = open_bill(world)
    kept = ticket_of(world, old)
    assert put_in_force(world, rule(service="bill")) == 2
    new = open_bill(world)

    assert team_of(world, ticket_of(world, old)) == "front"
    assert ticket_of(world, old).routed_by == kept.routed_by
    assert team_of(world, ticket_of(world, new)) == "repairs"


def test_another_tenants_rules_are_never_used(world: World) -> None:
    put_in_force(world, rule(service="bill"), agency=world.tax)
    ours, theirs = open_bill(world), open_bill(world, world.tax)

    assert team_of(world, ticket_of(world, ours)) == "front"
    ticket = ticket_of(world, theirs, world.tax)
    assert (ticket.tenant_id, team_of(world, ticket)) == (world.tax.id, "repairs")


def test_a_ticket_handed_on_is_routed_by_the_body_that_gets_it(world: World) -> None:
    put_in_force(world, rule(service="bill"), agency=world.tax)
    opened = open_leak(world)
    handed_on: UUID = act(world, "transfer", opened, tenant="tax", service="bill", reason="ليست لنا")

    ticket = ticket_by_id(world, handed_on, world.tax)
    assert team_of(world, ticket) == "repairs"
    with world.as_system(world.water) as context:
        routed = context.session.scalars(
            select(Fact.ticket_id).where(Fact.tenant_id == world.water.id, Fact.kind == "ticket.routed")
        ).all()
    assert routed == [opened.ticket_id]


def test_every_rule_can_be_asked_why_it_did_or_did_not_take_a_ticket(world: World) -> None:
    put_in_force(world, rule(governorate="giza"), rule(priority="urgent"), rule(channel="phone"))
    facts = RoutingFacts(service="bill", kind=Kind.INQUIRY, priority=Priority.URGENT, channel=Channel.PHONE)
    with world.as_staff(world.water) as context:
        tried = rules_in_force(context, world.water.id).explain(facts)

    assert [each.outcome for each in tried] == [
        Outcome.FAILED,
        Outcome.TOOK_IT,
        Outcome.CAME_TOO_LATE,
        Outcome.CAME_TOO_LATE,
    ]
    assert [each.failed_on for each in tried] == ["governorate", None, None, None]


def test_rules_that_were_saved_and_taken_back_are_forgotten(world: World) -> None:
    """What was parsed of rules that never came into force must not be taken for the next ones of that version."""

    with pytest.raises(NotAllowed):
        save_and_take_back(world, rule(service="bill"))
    assert put_in_force(world, rule(service="bill", team="front"), rule(service="leak")) == 2

    assert team_of(world, ticket_of(world, open_bill(world))) == "front"


def save_and_take_back(world: World, *rules: dict[str, Any]) -> None:
    """Save rules and route by them in a transaction that is refused in the end."""
    with world.as_system(world.water) as context:
        save_rules(context, [*rules, {"catch_all": "front"}])
        rules_in_force(context, world.water.id)
        replace(context, actor=CITIZEN).demand(Permission.ROUTING_WRITE, world.water.id)


def test_a_question_put_in_other_words_is_told_in_them(world: World) -> None:
    open_leak(world, answers=DANGER)
    with world.as_staff(world.water, "manager") as context:
        publish_form(context, code="leak", definition=asked_otherwise())
    ticket = ticket_of(world, open_leak(world, answers=DANGER))

    assert ticket.routed_by is not None
    assert "Is it dangerous?: yes" in ticket.routed_by["reason"]["en"]


def asked_otherwise() -> dict[str, Any]:
    """The form of leaks with another wording of its first question."""
    form: dict[str, Any] = LEAK_FORM
    page = form["pages"][0]
    first, second = page["questions"]
    return {
        **form,
        "pages": [
            {
                **page,
                "questions": [{**first, "label": {"ar": "هل هو خطر؟", "en": "Is it dangerous?"}}, second],
            }
        ],
    }


def save_bill(world: World, *, team: str | None) -> None:
    """Save the service of bills with another team."""
    with world.as_staff(world.water, "manager") as context:
        save_service(
            context,
            ServiceDescription(
                code="bill",
                kind=Kind.INQUIRY,
                name=Text(ar="استفسار عن فاتورة", en="Question about a bill"),
                description=Text(ar="اسأل عن فاتورتك", en="Ask about your bill"),
                team=team,
            ),
        )
