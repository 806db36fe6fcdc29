"""The door to a tenant's routing rules in force, and to all they may speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from cachetools import LRUCache
from sqlalchemy import ScalarSelect, String, bindparam, cast, func, literal_column, select, true
from sqlalchemy.exc import NoResultFound

from hub.catalogue.models import Service, Team
from hub.forms.access import form_in_force
from hub.forms.models import Form
from hub.forms.shape import QuestionKind
from hub.reference import cities, governorates
from hub.routing.conditions import Known, KnownDistrict, KnownQuestion, KnownService, RoutingFacts
from hub.routing.models import RoutingRules
from hub.routing.rules import RuleSet, parse_rules
from hub.tickets.models import Ticket
from hub.vocabulary import Channel, Kind, Priority
from tenants.context import Context
from tenants.languages import Text
from tenants.models import Tenant


def _written(table: type[Service | Form]) -> ScalarSelect[int]:
    """A figure that changes whenever a row of the tenant does: of all rows, who wrote them last."""
    row = cast(table.id, String) + cast(literal_column(f"{table.__tablename__}.xmin"), String)
    return (
        select(func.bit_xor(func.hashtextextended(row, 0)))
        .select_from(table)
        .where(table.tenant_id == bindparam("tenant"))
        .scalar_subquery()
    )


# Made once: every new ticket asks for them.
_RULES = (
    select(
        RoutingRules.rules,
        cast(literal_column("routing_rules.xmin"), String).label("rules_written_by"),
        _written(Service).label("services_written_by"),
        _written(Form).label("forms_written_by"),
    )
    .where(RoutingRules.tenant_id == bindparam("tenant"))
    .order_by(RoutingRules.version.desc())
    .limit(1)
)
_TICKET = (
    select(
        Service.code.label("service"),
        Ticket.kind,
        Ticket.priority,
        Ticket.channel,
        Ticket.governorate,
        Ticket.district,
        Ticket.answers,
    )
    .join(Service, (Service.tenant_id == Ticket.tenant_id) & (Service.id == Ticket.service_id))
    .where(Ticket.tenant_id == bindparam("tenant"), Ticket.id == bindparam("ticket"))
    .subquery("ticket")
)
_TEAMS = (
    select(func.jsonb_object_agg(Team.code, Team.id))
    .where(Team.tenant_id == bindparam("tenant"))
    .scalar_subquery()
)
_TO_ROUTE = _RULES.add_columns(*_TICKET.c, _TEAMS.label("teams")).join(_TICKET, true())


@dataclass(frozen=True, slots=True)
class ToRoute:
    """A new ticket as rules see it, the rules of its tenant, and the tenant's teams by their codes."""

    facts: RoutingFacts
    rules: RuleSet
    teams: Mapping[str, UUID]


def ticket_to_route(context: Context, tenant_id: UUID, ticket_id: UUID) -> ToRoute:
    """All that choosing the team of a ticket of the context needs, in one round trip."""
    _demand_shown(context, tenant_id)
    row = context.session.execute(_TO_ROUTE, {"tenant": tenant_id, "ticket": ticket_id}).one()
    facts = RoutingFacts(
        service=row.service,
        kind=Kind(row.kind),
        priority=Priority(row.priority),
        channel=Channel(row.channel),
        governorate=row.governorate,
        district=row.district,
        answers=row.answers or {},
    )
    return ToRoute(
        facts, _read(context, tenant_id, row), {code: UUID(one) for code, one in row.teams.items()}
    )


def rules_in_force(context: Context, tenant_id: UUID) -> RuleSet:
    """The rules of a tenant of the context; a tenant has some from its provisioning on."""
    _demand_shown(context, tenant_id)
    return _read(context, tenant_id, context.session.execute(_RULES, {"tenant": tenant_id}).one())


def _demand_shown(context: Context, tenant_id: UUID) -> None:
    if tenant_id not in context.tenants:
        raise NoResultFound("no tenant of this context")


def _read(context: Context, tenant_id: UUID, row: Any) -> RuleSet:
    key = (tenant_id, row.rules_written_by, row.services_written_by, row.forms_written_by)
    with _lock:
        rules = _parsed.get(key)
    if rules is None:
        rules = parse_rules(row.rules, known_to_rules(context, tenant_id))
        with _lock:
            _parsed[key] = rules
    return rules


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


# By the transactions that wrote the rules and what they name: a version that was rolled back comes again with other
# rules, a transaction never does.
_lock = Lock()
_parsed: LRUCache[tuple[UUID, str, int | None, int | None], RuleSet] = LRUCache(maxsize=500)
