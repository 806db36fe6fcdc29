"""The door to a tenant's routing rules in force, and to all they may speak of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from hub.catalogue.models import Service, Team
from hub.forms.access import form_in_force
from hub.forms.shape import QuestionKind
from hub.reference import cities, governorates
from hub.routing.conditions import Known, KnownDistrict, KnownQuestion, KnownService, RoutingFacts
from hub.routing.models import RoutingRules
from hub.routing.rules import RuleSet, parse_rules
from hub.vocabulary import Channel, Kind, Priority
from tenants.context import Context
from tenants.languages import Text
from tenants.models import Tenant
from tenants.set_up import remembered


def rules_in_force(context: Context, tenant_id: UUID) -> RuleSet:
    """The rules of a tenant of the context; a tenant has some from its provisioning on."""
    _demand_shown(context, tenant_id)

    def read() -> RuleSet:
        rules = context.session.scalars(
            select(RoutingRules.rules)
            .where(RoutingRules.tenant_id == tenant_id)
            .order_by(RoutingRules.version.desc())
            .limit(1)
        ).one()
        return parse_rules(rules, known_to_rules(context, tenant_id))

    return remembered(context, (tenant_id,), ("routing.rules",), read)


def facts_for_rules(context: Context, tenant_id: UUID, ticket: Mapping[str, Any]) -> RoutingFacts:
    """A new ticket, given by its columns, as rules see it."""
    _demand_shown(context, tenant_id)
    services = _by_id(context, tenant_id, Service)
    return RoutingFacts(
        service=services[ticket["service_id"]],
        kind=Kind(ticket["kind"]),
        priority=Priority(ticket["priority"]),
        channel=Channel(ticket["channel"]),
        governorate=ticket["governorate"],
        district=ticket["district"],
        answers=ticket.get("answers") or {},
    )


def team_ids(context: Context, tenant_id: UUID) -> dict[str, UUID]:
    """The teams of a tenant of the context by their codes."""
    _demand_shown(context, tenant_id)
    return {code: team for team, code in _by_id(context, tenant_id, Team).items()}


def _by_id(context: Context, tenant_id: UUID, table: type[Service | Team]) -> dict[UUID, str]:
    """The codes of a tenant's services or teams."""

    def read() -> dict[UUID, str]:
        rows = context.session.execute(select(table.id, table.code).where(table.tenant_id == tenant_id))
        return {row.id: row.code for row in rows}

    return remembered(context, (tenant_id,), ("routing.codes", table.__tablename__), read)


def _demand_shown(context: Context, tenant_id: UUID) -> None:
    if tenant_id not in context.tenants:
        raise NoResultFound("no tenant of this context")


def known_to_rules(context: Context, tenant_id: UUID) -> Known:
    """Everything the rules of a tenant may name: its services with their questions, its teams, its country's places."""
    teams = {
        team.id: team for team in context.session.scalars(select(Team).where(Team.tenant_id == tenant_id))
    }
    # A service that was changed in this transaction may be held by the session as it was before.
    services = context.session.scalars(
        select(Service).where(Service.tenant_id == tenant_id).execution_options(populate_existing=True)
    )
    country = context.session.get_one(Tenant, tenant_id).country
    return Known(
        services={
            service.code: KnownService(
                name=service.name,
                questions=_questions(context, tenant_id, service.form_id),
                team=teams[service.team_id].code if service.team_id else None,
            )
            for service in services
        },
        teams={team.code: team.name for team in teams.values()},
        governorates={code: one.name for code, one in governorates(country).items()} if country else None,
        districts={code: KnownDistrict(city.name, city.governorate) for code, city in cities(country).items()}
        if country
        else None,
    )


_YES_NO = {True: Text(ar="نعم", en="yes"), False: Text(ar="لا", en="no")}


def _questions(context: Context, tenant_id: UUID, form_id: UUID | None) -> dict[str, KnownQuestion]:
    if form_id is None:
        return {}
    _, form = form_in_force(context, tenant_id, form_id)
    questions = {}
    for question in form.questions:
        options: dict[Any, Text] | None = None
        if question.kind in (QuestionKind.CHOICE, QuestionKind.CHOICES):
            options = {option.value: option.label for option in question.options}
        elif question.kind is QuestionKind.YES_NO:
            options = dict(_YES_NO)
        questions[question.name] = KnownQuestion(label=question.label, options=options)
    return questions
