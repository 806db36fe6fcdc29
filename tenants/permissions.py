"""What somebody may do in a tenant: permissions, and the roles that bundle them, as data."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One right, named `things:verb`; sorted by name."""

    CALENDARS_WRITE = "calendars:write"
    CATALOGUE_WRITE = "catalogue:write"
    JOBS_RETRY = "jobs:retry"
    JOURNAL_READ = "journal:read"
    KEYS_WRITE = "keys:write"
    MEMBERS_WRITE = "members:write"
    ROUTING_WRITE = "routing:write"
    SERVICE_LEVELS_WRITE = "service_levels:write"
    TENANTS_WRITE = "tenants:write"
    TICKETS_ARCHIVE = "tickets:archive"
    TICKETS_ASSIGN = "tickets:assign"
    TICKETS_CLOSE = "tickets:close"
    TICKETS_IMPORT = "tickets:import"
    TICKETS_JOIN = "tickets:join"
    TICKETS_NOTE = "tickets:note"
    TICKETS_OPEN = "tickets:open"
    TICKETS_PRIORITISE = "tickets:prioritise"
    TICKETS_READ = "tickets:read"
    TICKETS_REPLY = "tickets:reply"
    TICKETS_RESOLVE = "tickets:resolve"
    TICKETS_SCREEN = "tickets:screen"
    TICKETS_TRANSFER = "tickets:transfer"
    TICKETS_WORK = "tickets:work"


class Role(StrEnum):
    """What a member of a tenant is there for."""

    AGENT = "agent"
    FOLLOW_UP_OFFICER = "follow_up_officer"
    FIELD = "field"
    TEAM_LEAD = "team_lead"
    MANAGER = "manager"
    OVERSIGHT = "oversight"


_AGENT = frozenset(
    {
        Permission.TICKETS_OPEN,
        Permission.TICKETS_READ,
        Permission.TICKETS_NOTE,
        Permission.TICKETS_REPLY,
        Permission.TICKETS_SCREEN,
        Permission.TICKETS_TRANSFER,
        Permission.TICKETS_JOIN,
        # A question is answered at first contact, by whoever picks up the phone.
        Permission.TICKETS_RESOLVE,
    }
)
_FIELD = frozenset(
    {
        Permission.TICKETS_READ,
        Permission.TICKETS_NOTE,
        Permission.TICKETS_WORK,
        Permission.TICKETS_RESOLVE,
    }
)
_FOLLOW_UP = _AGENT | _FIELD | {Permission.TICKETS_ASSIGN}
_LEAD = _FOLLOW_UP | {
    Permission.TICKETS_ARCHIVE,
    Permission.TICKETS_CLOSE,
    Permission.TICKETS_PRIORITISE,
    Permission.JOURNAL_READ,
}

PERMISSIONS_OF_ROLE: dict[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.FIELD: _FIELD,
    Role.FOLLOW_UP_OFFICER: _FOLLOW_UP,
    Role.TEAM_LEAD: _LEAD,
    Role.MANAGER: frozenset(Permission) - {Permission.TENANTS_WRITE, Permission.TICKETS_IMPORT},
    Role.OVERSIGHT: frozenset({Permission.JOURNAL_READ}),
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """All that somebody with these roles may do."""
    return frozenset().union(*(PERMISSIONS_OF_ROLE[role] for role in roles))
