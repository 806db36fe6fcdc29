"""Lists, one ticket and the search at a million tickets over forty bodies, as machines of a large and a small body."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlencode
from uuid import UUID

import psycopg
from sqlalchemy import func, select

from hub.catalogue.models import Service, Team
from hub.people.models import Person
from hub.tickets.models import Ticket
from infra.generate.run import Wishes, generate
from tenants.across import codes_of_tenants
from tenants.context import SYSTEM
from tenants.ids import HUB
from tenants.permissions import Permission
from tests.benchmarks.load import Plan, put_under_load, request
from tests.benchmarks.report import Line, tell
from tests.benchmarks.stage import Stage, stage

TICKETS = int(os.environ.get("HUB_BENCH_TICKETS", "1000000"))
TENANTS = 40
# Enough for a p99 that is not the one slowest request.
_ASKED = 400
_DIFFERENT = 100
_LIST_MS, _TICKET_MS, _SEARCH_MS = 20, 10, 50
# In generated stories the last of a list of things, and what nearly every second story about water has.
_RARE, _COMMON = "سمندل", "المياه"


def main(out: Path | None = None) -> None:
    """Make the tickets unless they are kept from last time, measure, print, and add the figures to a file."""
    processes = (os.cpu_count() or 1) + 1
    with stage("bench_reading", kept="HUB_BENCH_DATA" in os.environ) as here:
        url = here.urls.app.get_secret_value()
        generate(here.database, Wishes(TICKETS, TENANTS), url=url, processes=processes)
        vacuum(here)
        lines = [
            line
            for size, code in (("large", "gen01"), ("small", f"gen{TENANTS:02}"))
            for line in _of_body(here, size, code)
        ]
    tell("Reading", lines, out, tickets=TICKETS, tenants=TENANTS, requests=_ASKED)


def vacuum(here: Stage) -> None:
    """What autovacuum does within minutes after so many rows came: figures taken before would differ from run to run."""
    with psycopg.connect(_administrator(here), autocommit=True) as administrator:
        administrator.execute("VACUUM (ANALYZE)")
        administrator.execute("CHECKPOINT")


def _administrator(here: Stage) -> str:
    database = psycopg.conninfo.conninfo_to_dict(here.urls.app.get_secret_value())["dbname"]
    return here.server.administrator_url(str(database)).get_secret_value()


def _of_body(here: Stage, size: str, code: str) -> list[Line]:
    with here.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        body = next(each for each, named in codes_of_tenants(context).items() if named == code)
    key = {"Authorization": f"Bearer {here.key(body, Permission.TICKETS_READ)}"}
    tickets, asked = _asked(here, body)
    lines = []
    with here.serving("infra.asgi:api", 1) as address:
        for name, (aim, paths) in asked.items():
            sent = [request("GET", f"/api/v1{path}", key) for path in paths]
            found = put_under_load(Plan(address, sent, most=_ASKED))
            lines.append(
                Line(
                    f"{size} body ({tickets} tickets): {name}",
                    found.percentile(0.95),
                    "ms (p95)",
                    aim=aim,
                    more={
                        "p50 ms": found.percentile(0.5),
                        "p99 ms": found.percentile(0.99),
                        "most ms": found.percentile(1),
                    },
                )
            )
    return lines


def _asked(here: Stage, body: UUID) -> tuple[int, dict[str, tuple[float, list[str]]]]:
    """How many tickets a body has, and what is asked of it: by name the aim, and paths to go round."""
    with here.database.unit_of_work(actor=SYSTEM, tenants=(body,)) as context:
        session = context.session
        ids = session.scalars(select(Ticket.id).where(Ticket.tenant_id == body).order_by(Ticket.id)).all()
        some = Random(1).sample(ids, min(_DIFFERENT, len(ids)))  # noqa: S311 - the same for each run
        rows = session.execute(
            select(Ticket.case_number, Person.phone)
            .outerjoin(Person, Person.id == Ticket.person_id)
            .where(Ticket.tenant_id == body, Ticket.id.in_(some))
        ).all()
        team, service, district = (
            str(
                session.execute(
                    select(column)
                    .select_from(Ticket)
                    .join(Team, (Team.tenant_id == Ticket.tenant_id) & (Team.id == Ticket.team_id))
                    .join(
                        Service, (Service.tenant_id == Ticket.tenant_id) & (Service.id == Ticket.service_id)
                    )
                    .where(Ticket.tenant_id == body)
                    .group_by(column)
                    .order_by(func.count().desc())
                    .limit(1)
                ).scalar_one()
            )
            for column in (Team.code, Service.code, Ticket.district)
        )
        month_ago = (context.now - timedelta(days=30)).isoformat()
    statuses = [("status", each) for each in ("received", "assigned", "in_progress", "waiting", "reopened")]

    def listed(*filters: tuple[str, str]) -> tuple[float, list[str]]:
        return _LIST_MS, [f"/tickets?{urlencode(filters)}"]

    def searched(*texts: str) -> tuple[float, list[str]]:
        return _SEARCH_MS, [f"/search?{urlencode({'q': text})}" for text in texts]

    return len(ids), {
        "list, newest first": listed(("limit", "50")),
        "list, open, what is due first": listed(*statuses, ("sort", "due"), ("descending", "false")),
        "list, a team's open, most urgent first": listed(*statuses, ("team", team), ("sort", "priority")),
        "list, overdue": listed(("overdue", "true"), ("sort", "due"), ("descending", "false")),
        "list, a service in a district, last month": listed(
            ("service", service), ("district", district), ("opened_since", month_ago)
        ),
        "list, closed of one channel": listed(("status", "closed"), ("channel", "web")),
        "one ticket": (_TICKET_MS, [f"/tickets/{each}" for each in some]),
        "search, a case number": searched(*(row.case_number for row in rows)),
        "search, a phone number": searched(*(row.phone for row in rows if row.phone)),
        "search, a rare word": searched(_RARE),
        "search, a common word": searched(_COMMON),
        "search, two words": searched(f"{_COMMON} المدرسة"),
        "search, a word that nobody used": searched("قرنبيط"),
    }
