"""Saving what a tenant offers: classes, teams, stages and services, each under its code."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from hub.catalogue.errors import UnknownReference
from hub.catalogue.models import Line, Service, ServiceClass, Stage, Team, TeamMember
from hub.codes import can_name, echoed
from hub.events import ServiceSaved
from hub.forms.models import Form
from hub.journal.actions import record
from hub.vocabulary import Kind, Priority
from tenants.context import Context
from tenants.ids import new_id
from tenants.languages import Text
from tenants.permissions import Permission
from tenants.set_up import wait_to_change_set_up


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDescription:
    """A service as a tenant writes it down; form, class and team by their codes."""

    code: str
    kind: Kind
    name: Text
    description: Text
    service_class: str | None = None
    form: str | None = None
    team: str | None = None
    priority: Priority = Priority.NORMAL
    screened: bool = True
    confidential_allowed: bool = True
    shared: bool = False
    life_events: Sequence[str] = ()
    outside_codes: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)


def save_team(context: Context, *, code: str, name: Text, line: Line) -> UUID:
    """Save a team of the context's tenant under its code; gives its id."""
    return _save(context, Team, code, {"name": name, "line": line.value})


def save_class(context: Context, *, code: str, name: Text) -> UUID:
    """Save a category of services under its code; gives its id."""
    return _save(context, ServiceClass, code, {"name": name})


def save_stage(context: Context, *, code: str, name: Text, position: int) -> None:
    """Save a stage of work of the tenant's own, inside `in_progress`."""
    context.demand(Permission.CATALOGUE_WRITE, context.tenant_id)
    wait_to_change_set_up(context, context.tenant_id)
    values = {"name": name, "position": position}
    context.session.execute(
        insert(Stage)
        .values(tenant_id=context.tenant_id, code=code, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "code"], set_=values)
    )


def add_to_team(context: Context, *, team_id: UUID, user_id: UUID) -> None:
    """Put a member of the tenant into one of its teams; being in it already is fine."""
    context.demand(Permission.MEMBERS_WRITE, context.tenant_id)
    context.session.execute(
        insert(TeamMember)
        .values(tenant_id=context.tenant_id, team_id=team_id, user_id=user_id)
        .on_conflict_do_nothing()
    )


def set_teams(context: Context, *, user_id: UUID, team_ids: Collection[UUID]) -> None:
    """Let a member of the tenant be in these of its teams and in no other."""
    for team_id in team_ids:
        add_to_team(context, team_id=team_id, user_id=user_id)
    context.session.execute(
        delete(TeamMember).where(
            TeamMember.tenant_id == context.tenant_id,
            TeamMember.user_id == user_id,
            TeamMember.team_id.not_in(team_ids),
        )
    )


def save_service(context: Context, service: ServiceDescription) -> UUID:
    """Save a service of the context's tenant under its code, on offer again if it was retired; gives its id.

    Saying what is already in force changes nothing. Raises `UnknownReference` when its class, form or team is not
    the tenant's.
    """
    values: dict[str, Any] = {
        "kind": service.kind.value,
        "class_id": _by_code(context, ServiceClass, "class", service.service_class),
        "name": service.name,
        "description": service.description,
        "form_id": _by_code(context, Form, "form", service.form),
        "team_id": _by_code(context, Team, "team", service.team),
        "priority": service.priority.value,
        "screened": service.screened,
        "confidential_allowed": service.confidential_allowed,
        "shared": service.shared,
        "life_events": list(service.life_events),
        "outside_codes": dict(service.outside_codes),
        "words": {language: list(words) for language, words in service.words.items()},
        "retired_at": None,
    }
    present = context.session.scalar(
        select(Service)
        .where(Service.tenant_id == context.tenant_id, Service.code == service.code)
        .execution_options(populate_existing=True)
    )
    if present is not None and all(getattr(present, name) == value for name, value in values.items()):
        return present.id
    service_id = _save(context, Service, service.code, {**values, "saved_at": context.now})
    record(context, ServiceSaved(tenant_id=context.tenant_id, service_id=service_id))
    return service_id


def retire_services(context: Context, *, still_offered: Collection[str]) -> int:
    """Stop offering every service but those with these codes; their tickets stay. Gives how many were retired."""
    tenant_id = context.tenant_id
    context.demand(Permission.CATALOGUE_WRITE, tenant_id)
    wait_to_change_set_up(context, tenant_id)
    retired = context.session.scalars(
        update(Service)
        .where(
            Service.tenant_id == tenant_id, Service.retired_at.is_(None), Service.code.not_in(still_offered)
        )
        .values(retired_at=context.now, saved_at=context.now)
        .returning(Service.id)
        .execution_options(synchronize_session=False)
    ).all()
    if retired:
        record(context, *(ServiceSaved(tenant_id=tenant_id, service_id=each) for each in retired))
    return len(retired)


_NAMES = {
    "class": Text(ar="الفئة", en="class"),
    "form": Text(ar="النموذج", en="form"),
    "team": Text(ar="الفريق", en="team"),
}


def _by_code(
    context: Context, table: type[ServiceClass | Form | Team], field_name: str, code: str | None
) -> UUID | None:
    if code is None:
        return None
    found: UUID | None = None
    if can_name(code):
        found = context.session.scalar(
            select(table.id).where(table.tenant_id == context.tenant_id, table.code == code)
        )
    if found is None:
        raise UnknownReference(field=field_name, name=_NAMES[field_name], code=echoed(code))
    return found


def _save(
    context: Context, table: type[ServiceClass | Service | Team], code: str, values: Mapping[str, Any]
) -> UUID:
    context.demand(Permission.CATALOGUE_WRITE, context.tenant_id)
    wait_to_change_set_up(context, context.tenant_id)
    saved: UUID = context.session.execute(
        insert(table)
        .values(tenant_id=context.tenant_id, id=new_id(), code=code, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "code"], set_=values)
        .returning(table.id)
    ).scalar_one()
    return saved
