"""What tenants promise and when they work, changed without running the job that follows; and the moves it made."""

from __future__ import annotations

from datetime import date, datetime

from hub.calendars.actions import save_calendar
from hub.sla.actions import Promise, save_levels
from hub.tickets import actions
from tenants.context import Context
from tenants.languages import Text
from tests.factories.clocks import (
    HOUR,
    facts_about,
)
from tests.world import World


def general(resolution: int, first_response: int = 1) -> list[Promise]:
    """One promise for everything."""
    return [Promise(calendar="office", first_response=first_response * HOUR, resolution=resolution * HOUR)]


def promise(world: World, resolution: int, first_response: int = 1) -> None:
    """Put one promise of the water company in force for everything, without running the job."""
    with world.as_staff(world.water, "manager") as context:
        save_levels(context, general(resolution, first_response))


def keep_hours(context: Context, opening_hours: str, *holidays: date) -> None:
    """Change the office hours of the context's tenant, without running the job."""
    save_calendar(
        context,
        code="office",
        name=Text(ar="مواعيد العمل", en="Office hours"),
        opening_hours=opening_hours,
        holidays=holidays,
        zone="Africa/Cairo",
    )


def moves(world: World, opened: actions.Opened) -> list[tuple[str, str, datetime, datetime]]:
    """The moves of a case's clocks: clock, why, before, after."""
    return [
        (
            fact.data["clock"],
            fact.data["why"],
            datetime.fromisoformat(fact.data["before"]),
            datetime.fromisoformat(fact.data["after"]),
        )
        for fact in facts_about(world, opened, "clock.moved")
    ]
