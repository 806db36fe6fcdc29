"""The door to a tenant's routing rules in force, and to all they may speak of."""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

from cachetools import LRUCache
from sqlalchemy import func, select

from hub.catalogue.models import Service, Team
from hub.forms.access import form_in_force
from hub.forms.shape import QuestionKind
from hub.routing.conditions import Known, KnownQuestion, KnownService
from hub.routing.models import RoutingRules
from hub.routing.rules import RuleSet, parse_rules
from tenants.context import Context
from tenants.languages import Text


def rules_in_force(context: Context, tenant_id: UUID) -> RuleSet:
    """The rules of a tenant of the context; a tenant has some from its provisioning on."""
    newest = select(func.max(Service.saved_at)).where(Service.tenant_id == tenant_id).scalar_subquery()
    row = context.session.execute(
        select(RoutingRules.version, RoutingRules.rules, newest.label("services_saved_at"))
        .where(RoutingRules.tenant_id == tenant_id, RoutingRules.tenant_id.in_(context.tenants))
        .order_by(RoutingRules.version.desc())
        .limit(1)
    ).one()
    key = (tenant_id, row.version, row.services_saved_at)
    with _lock:
        rules = _parsed.get(key)
    if rules is None:
        rules = parse_rules(row.rules, known_to_rules(context, tenant_id))
        with _lock:
            _parsed[key] = rules
    return rules


def known_to_rules(context: Context, tenant_id: UUID) -> Known:
    """Everything the rules of a tenant may name: its services with their questions, and its teams."""
    teams = {
        team.id: team for team in context.session.scalars(select(Team).where(Team.tenant_id == tenant_id))
    }
    services = context.session.scalars(select(Service).where(Service.tenant_id == tenant_id))
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


# Rules never change within a version; what they name changes only when a service is saved.
_lock = Lock()
_parsed: LRUCache[tuple[UUID, int, datetime | None], RuleSet] = LRUCache(maxsize=500)
