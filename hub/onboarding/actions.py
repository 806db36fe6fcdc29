"""Loading a pack: a body written down as files becomes a tenant of the hub, or the tenant is brought up to its files."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import exists, func, select

from hub.calendars.actions import save_calendar
from hub.catalogue.actions import (
    ServiceDescription,
    retire_services,
    save_class,
    save_service,
    save_team,
    set_teams,
)
from hub.catalogue.models import Line
from hub.events import TenantProvisioned, TenantStateChanged
from hub.forms.actions import publish_form
from hub.journal.actions import record
from hub.journal.models import Fact
from hub.looks.actions import save_look
from hub.onboarding.pack import Pack
from hub.onboarding.pack_parts import ServiceLevelPart, ServicePart
from hub.routing.actions import rules_to_follow, save_rules
from hub.sla.actions import Promise, save_levels
from tenants.clock import Clock
from tenants.context import SYSTEM, Context
from tenants.database import Database
from tenants.ids import HUB
from tenants.models import Tenant, TenantState
from tenants.permissions import Role
from tenants.provisioning import TenantDescription, save_membership, save_tenant, save_user, set_state


def load_pack(database: Database, pack: Pack, *, live: bool = True, clock: Clock | None = None) -> UUID:
    """Bring a body onto the hub as its pack describes it, or bring it up to a changed pack; gives the tenant's id.

    The hub first learns of the body and its staff; then all that is the body's own is saved in one transaction, or
    nothing. What is in force already gets no new version and leaves no fact. Services that the pack no longer has
    are retired, and members are in the teams it names; members it does not name stay. With `live` a body that was
    preparing goes live; one that was suspended stays so. Raises the refusals of what it saves.
    """
    with database.unit_of_work(actor=SYSTEM, tenants=(HUB,), clock=clock) as context:
        tenant_id = save_tenant(context, _description(pack))
        users = {
            user.user_name: save_user(context, user_name=user.user_name, name=user.name)
            for user in pack.users
        }
    with database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,), clock=clock) as context:
        _lock(context, tenant_id)
        if not _provisioned(context, tenant_id):
            record(context, TenantProvisioned(tenant_id=tenant_id, code=pack.tenant.code))
        save_look(context, colour=pack.tenant.colour, logo=pack.logo)
        for calendar in pack.calendars:
            save_calendar(
                context,
                code=calendar.code,
                name=calendar.name,
                opening_hours=calendar.opening_hours,
                holidays=calendar.holiday_dates,
                zone=pack.tenant.zone,
            )
        teams = {
            team.code: save_team(context, code=team.code, name=team.name, line=Line(team.line))
            for team in pack.teams
        }
        _save_services(context, pack)
        save_levels(context, [_promise(level) for level in pack.service_levels])
        _save_members(context, pack, users, teams)
        if live:
            _go_live(context, tenant_id)
    return tenant_id


def _save_services(context: Context, pack: Pack) -> None:
    with rules_to_follow(context):
        for category in pack.classes:
            save_class(context, code=category.code, name=category.name)
        for stem, form in pack.forms.items():
            publish_form(context, code=stem, definition=form.as_data())
        for service in pack.services:
            save_service(context, _service(service))
        retire_services(context, still_offered=[service.code for service in pack.services])
        save_rules(context, pack.routing)


def _save_members(context: Context, pack: Pack, users: Mapping[str, UUID], teams: Mapping[str, UUID]) -> None:
    for user in pack.users:
        user_id = users[user.user_name]
        save_membership(
            context,
            tenant_id=context.tenant_id,
            user_id=user_id,
            roles={Role(role) for role in user.roles},
        )
        set_teams(context, user_id=user_id, team_ids=[teams[code] for code in user.teams])


def _go_live(context: Context, tenant_id: UUID) -> None:
    tenant = context.session.get_one(Tenant, tenant_id, populate_existing=True)
    if tenant.state == TenantState.PREPARING and set_state(context, tenant_id, TenantState.LIVE):
        record(context, TenantStateChanged(tenant_id=tenant_id, state=TenantState.LIVE.value))


def _lock(context: Context, tenant_id: UUID) -> None:
    """Two loads of one pack at once wait for each other."""
    context.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"pack {tenant_id}", 19)))
    )


def _provisioned(context: Context, tenant_id: UUID) -> bool:
    return bool(
        context.session.scalar(
            select(exists().where(Fact.tenant_id == tenant_id, Fact.kind == TenantProvisioned.kind))
        )
    )


def _description(pack: Pack) -> TenantDescription:
    tenant = pack.tenant
    return TenantDescription(
        code=tenant.code,
        name=tenant.name,
        short_name=tenant.short_name,
        about=tenant.about,
        zone=tenant.zone,
        country=tenant.country,
        silence_days=tenant.silence_days,
        reopen_days=tenant.reopen_days,
    )


def _service(service: ServicePart) -> ServiceDescription:
    return ServiceDescription(
        code=service.code,
        kind=service.kind,
        name=service.name,
        description=service.description,
        service_class=service.category,
        form=service.form,
        team=service.team,
        priority=service.priority,
        screened=service.screened,
        confidential_allowed=service.confidential_allowed,
        shared=service.shared,
        life_events=service.life_events,
        outside_codes=service.outside_codes,
        words={"ar": service.words.ar, "en": service.words.en},
    )


def _promise(level: ServiceLevelPart) -> Promise:
    return Promise(
        calendar=level.calendar,
        service=level.service,
        priority=level.priority,
        first_response=level.first_response,
        resolution=level.resolution,
        case=level.case,
        ladder=level.rungs,
    )
