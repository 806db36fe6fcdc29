"""A crowd of clocks that fall due one after the other in real time, made by a few statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import select

from hub.calendars.actions import save_calendar
from hub.calendars.models import Calendar
from hub.catalogue.models import Service
from hub.sla.actions import Promise, save_levels
from hub.sla.levels import DEFAULT_LADDER
from hub.sla.models import ServiceLevelRow
from tenants.languages import Text
from tests.world import World

RUNGS = tuple(rung.at for rung in DEFAULT_LADDER)


@dataclass(frozen=True)
class Crowd:
    """Clocks by number: all with one target, begun at even steps, so that their deadlines fall within a stretch."""

    clocks: int
    first_due: datetime
    last_due: datetime
    target: timedelta

    @property
    def last_rung(self) -> datetime:
        """When the last clock reaches the highest rung."""
        return self.last_due + self.target * (RUNGS[-1] - 100) / 100


def gather(
    world: World,
    connection: psycopg.Connection[Any],
    *,
    clocks: int,
    within: timedelta,
    target: timedelta,
    starts_in: timedelta,
) -> Crowd:
    """Make the clocks on tickets of the water company, and of the tax authority every other one.

    `connection` is a superuser's. The first deadline is `starts_in` from now, the last `within` after it.
    """
    parts: dict[str, Any] = {"clocks": clocks, "target": target, "step": within / clocks}
    for name, agency in (("water", world.water), ("tax", world.tax)):
        with world.as_system(agency) as context:
            save_calendar(
                context,
                code="always",
                name=Text(ar="دائمًا", en="Always"),
                opening_hours="24/7",
                holidays=(),
                zone="Africa/Cairo",
            )
            save_levels(context, [Promise(calendar="always", first_response=target, resolution=target)])
            parts[f"{name}_id"] = agency.id
            parts[f"{name}_service"] = context.session.scalars(
                select(Service.id).where(Service.tenant_id == agency.id, Service.code == "bill")
            ).one()
            parts[f"{name}_level"], parts[f"{name}_calendar"] = context.session.execute(
                select(ServiceLevelRow.id, Calendar.version)
                .join(
                    Calendar,
                    (Calendar.tenant_id == ServiceLevelRow.tenant_id)
                    & (Calendar.id == ServiceLevelRow.calendar_id)
                    & (Calendar.tenant_id == agency.id),
                )
                .where(ServiceLevelRow.tenant_id == agency.id, ServiceLevelRow.retired_at.is_(None))
            ).one()
    for statement in _STATEMENTS:
        if "first_start" not in parts and "first_start" in statement:
            row = connection.execute("SELECT clock_timestamp() AS now").fetchone()
            assert row is not None
            parts["first_start"] = row[0] + starts_in - target
            parts["first_rung"] = target * RUNGS[0] / 100
        connection.execute(statement, parts)
    connection.commit()
    connection.autocommit = True
    connection.execute("ANALYZE")
    first_due = parts["first_start"] + target
    return Crowd(clocks, first_due, first_due + parts["step"] * (clocks - 1), target)


# Each clock, its ticket and its case go by the same number.
_STATEMENTS = (
    """CREATE TEMPORARY TABLE crowd AS SELECT n, gen_random_uuid() AS case_id, gen_random_uuid() AS ticket_id,
              n %% 2 = 0 AS is_water FROM generate_series(0, %(clocks)s - 1) AS n""",
    """INSERT INTO cases (id, number, channel, language, opened_at, open_tickets, at_work)
       SELECT case_id, 'crowd ' || n, 'phone', 'ar', now(), 1, 1 FROM crowd""",
    """INSERT INTO case_tenants (tenant_id, case_id)
       SELECT CASE WHEN is_water THEN %(water_id)s ELSE %(tax_id)s END::uuid, case_id FROM crowd""",
    """INSERT INTO tickets (tenant_id, id, case_id, case_number, confidential, service_id, kind, priority, channel,
              language, status, subject, description, opened_at, reopened, version)
       SELECT CASE WHEN is_water THEN %(water_id)s ELSE %(tax_id)s END::uuid, ticket_id, case_id, 'crowd ' || n,
              false, CASE WHEN is_water THEN %(water_service)s ELSE %(tax_service)s END::uuid, 'inquiry', 'normal',
              'phone', 'ar', 'received', 'crowd', 'crowd', now(), 0, 1 FROM crowd""",
    """INSERT INTO ticket_clocks (tenant_id, id, case_id, ticket_id, kind, level_tenant, level_id, calendar_version,
              target, started_at, due_at, pauses, spent, reckoned_at, rungs_done, next_action_at)
       SELECT tenant_id, gen_random_uuid(), case_id, ticket_id, 'resolution', tenant_id, level_id, calendar_version,
              %(target)s, started_at, started_at + %(target)s, '[]', interval '0', started_at, '[]',
              started_at + %(first_rung)s
       FROM (SELECT *, CASE WHEN is_water THEN %(water_id)s ELSE %(tax_id)s END::uuid AS tenant_id,
                    CASE WHEN is_water THEN %(water_level)s ELSE %(tax_level)s END::uuid AS level_id,
                    CASE WHEN is_water THEN %(water_calendar)s ELSE %(tax_calendar)s END AS calendar_version,
                    %(first_start)s + n * %(step)s::interval AS started_at FROM crowd) AS one""",
)
