"""Routing: saving a tenant's rules, and choosing the team of a new ticket by them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from hub.events import Event, RoutingChanged, TicketOpened, TicketRouted
from hub.journal.actions import record
from hub.journal.registry import Along
from hub.routing.access import facts_for_rules, known_to_rules, rules_in_force, team_ids
from hub.routing.models import RoutingRules
from hub.routing.rules import parse_rules
from tenants.context import Context
from tenants.permissions import Permission
from tenants.set_up import wait_to_change_set_up


def save_rules(context: Context, rules: list[Any]) -> int:
    """Put rules in force for the tickets that come from now on; gives their version.

    Saving what is in force changes nothing. Raises `BrokenRouting` with place and reason, also when the
    catch-all is missing: every ticket finds a team.
    """
    tenant_id = context.tenant_id
    context.demand(Permission.ROUTING_WRITE, tenant_id)
    parse_rules(rules, known_to_rules(context, tenant_id))
    wait_to_change_set_up(context, tenant_id)
    present = context.session.execute(
        select(RoutingRules.version, RoutingRules.rules)
        .where(RoutingRules.tenant_id == tenant_id)
        .order_by(RoutingRules.version.desc())
        .limit(1)
    ).one_or_none()
    if present is not None and present.rules == rules:
        return int(present.version)
    version = int(present.version) + 1 if present else 1
    context.session.execute(
        insert(RoutingRules).values(tenant_id=tenant_id, version=version, rules=rules, saved_at=context.now)
    )
    record(context, RoutingChanged(tenant_id=tenant_id, rules_version=version))
    return version


def route(context: Context, event: TicketOpened, ticket: Mapping[str, Any]) -> Along:
    """Choose the team of a new ticket and keep the reason on it; goes along with its opening."""
    tenant_id = event.tenant_id
    rules = rules_in_force(context, tenant_id)
    routed = rules.route(facts_for_rules(context, tenant_id, ticket))
    team_id = team_ids(context, tenant_id)[routed.team]
    reason = {
        "position": routed.position,
        "rule": {"ar": routed.rule_name.ar, "en": routed.rule_name.en},
        "reason": {"ar": routed.reason.ar, "en": routed.reason.en},
    }
    fact = TicketRouted(
        tenant_id=tenant_id,
        case_id=event.case_id,
        ticket_id=event.ticket_id,
        version=event.version,
        team_id=team_id,
        reason=routed.reason,
        position=routed.position,
    )
    return Along(columns={"team_id": team_id, "routed_by": reason}, facts=(fact,))


@contextmanager
def rules_to_follow(context: Context) -> Iterator[None]:
    """A stretch of a transaction that changes forms and services together with the rules that speak of them.

    In between, the old rules need not fit the new services; at the end the rules then in force must.
    Raises `BrokenRouting`.
    """
    context.session.info[_RULES_FOLLOW] = True
    try:
        yield
    finally:
        del context.session.info[_RULES_FOLLOW]
    _check(context, context.tenant_id)


_RULES_FOLLOW = "hub.routing.rules_follow"


def check_rules_hold(context: Context, event: Event) -> None:
    """Refuse a change of forms or services that the tenant's rules in force could not be read with any more.

    Raises `BrokenRouting`. Before a tenant has rules, nothing can break.
    """
    if _RULES_FOLLOW not in context.session.info:
        _check(context, event.tenant_id)


def _check(context: Context, tenant_id: UUID) -> None:
    rules = context.session.scalar(
        select(RoutingRules.rules).where(
            RoutingRules.tenant_id == tenant_id,
            RoutingRules.version
            == select(func.max(RoutingRules.version))
            .where(RoutingRules.tenant_id == tenant_id)
            .scalar_subquery(),
        )
    )
    if rules is not None:
        parse_rules(rules, known_to_rules(context, tenant_id))
