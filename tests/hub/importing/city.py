"""A small city whose history tests bring in: its mapping, its rows, and the import of them."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import select

from hub.importing.actions import import_cases
from hub.importing.mapping import parse_mapping
from hub.importing.report import ImportReport
from hub.importing.rows import RefusedRow, open_rows
from hub.tickets.models import Ticket
from tenants.clock import Clock
from tenants.database import Database
from tests.world import Agency, World

WATER, TAX = "Water company", "Tax authority"
MAPPING = """\
format: 1
name: {ar: مدينة, en: A city}
source: a-city
zone: UTC
dates: {formats: ["%Y-%m-%d %H:%M"]}
columns:
  external_id: Number
  opened_at: Opened
  closed_at: Closed
  due_at: Due
  status: State
  service: Topic
  team: Team
  channel: Way
  district: Area
  address: Place
  latitude: Lat
  longitude: Long
  subject: Title
  description: Words
  resolution: Answer
status: {closed: [Done], open: [New], otherwise: refuse}
channel: {labels: {Call: phone, Site: web}, otherwise: unknown}
kind: complaint
tenants:
  ROADS: {ar: هيئة الطرق, en: Roads authority}
"""
COLUMNS = (
    "Number", "Opened", "Closed", "Due", "State", "Topic", "Team", "Way", "Area", "Place", "Lat", "Long",
    "Title", "Words", "Answer", "Body",
)  # fmt: skip
CLOSED = {
    "Number": "1",
    "Opened": "2025-01-02 03:04",
    "Closed": "2025-01-03 05:06",
    "Due": "2025-01-04 00:00",
    "State": "Done",
    "Topic": "Street lamp",
    "Team": "Lamp crew",
    "Way": "Call",
    "Area": "North",
    "Place": "1 Nile Street",
    "Lat": "30.5",
    "Long": "31.25",
    "Title": "Dark",
    "Words": "The lamp is out",
    "Answer": "Lamp replaced",
    "Body": WATER,
}
OPEN = CLOSED | {"Number": "2", "Closed": "", "State": "New", "Answer": ""}


def as_csv(rows: Iterable[dict[str, str]]) -> bytes:
    """Rows as a city's file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def bring_in(
    world: World,
    folder: Path,
    *rows: dict[str, str],
    create_tenants: bool = False,
    on_refused: Callable[[RefusedRow], None] | None = None,
) -> ImportReport:
    """Import some rows at the world's time."""
    return bring_in_file(
        world.database,
        folder,
        as_csv(rows),
        clock=world.clock,
        create_tenants=create_tenants,
        on_refused=on_refused,
    )


def bring_in_file(
    database: Database,
    folder: Path,
    content: bytes,
    *,
    clock: Clock | None = None,
    create_tenants: bool = False,
    on_refused: Callable[[RefusedRow], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Import a file's bytes."""
    path = folder / "city.csv"
    path.write_bytes(content)
    with open_rows(path, parse_mapping(MAPPING), "Body") as stream:
        return import_cases(
            database,
            stream,
            create_tenants=create_tenants,
            on_refused=on_refused,
            on_progress=on_progress,
            clock=clock,
        )


def packed(rows: Iterable[dict[str, str]]) -> bytes:
    """Rows as a city's file, compressed."""
    return gzip.compress(as_csv(rows))


def imported(world: World, external_id: str, agency: Agency | None = None) -> Ticket:
    """The ticket that a row became."""
    where = agency or world.water
    with world.as_system(where) as context:
        return context.session.scalars(
            select(Ticket).where(Ticket.tenant_id == where.id, Ticket.external_id == external_id)
        ).one()


def tickets_of(world: World, agency: Agency) -> list[str | None]:
    """The ids, at the source, of all tickets that a body has, in their order."""
    with world.as_system(agency) as context:
        return sorted(
            context.session.scalars(select(Ticket.external_id).where(Ticket.tenant_id == agency.id)),
            key=lambda each: (len(each or ""), each or ""),
        )
