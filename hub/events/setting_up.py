"""What a tenant sets up: forms, services, calendars, service levels, routing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hub.events.event import Event


@dataclass(frozen=True, kw_only=True)
class FormPublished(Event):
    """A form has a new version; answers given before keep theirs."""

    kind = "form.published"
    form_id: UUID
    form_version: int


@dataclass(frozen=True, kw_only=True)
class ServiceSaved(Event):
    """A service was added or changed."""

    kind = "service.saved"
    service_id: UUID


@dataclass(frozen=True, kw_only=True)
class CalendarChanged(Event):
    """A calendar has a new version; open clocks on it are recomputed."""

    kind = "calendar.changed"
    calendar_id: UUID
    calendar_version: int


@dataclass(frozen=True, kw_only=True)
class ServiceLevelsChanged(Event):
    """The tenant's targets have a new version; open clocks are recomputed."""

    kind = "service_levels.changed"
    levels_version: int


@dataclass(frozen=True, kw_only=True)
class RoutingChanged(Event):
    """The tenant's routing rules have a new version; tickets routed before stay where they are."""

    kind = "routing.changed"
    rules_version: int


@dataclass(frozen=True, kw_only=True)
class LookChanged(Event):
    """A body has another colour or logo: the kind of the logo's file, none without one, and a digest of both."""

    kind = "look.changed"
    colour: str
    logo: str | None = None
    look: str
