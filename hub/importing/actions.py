"""Import of history: rows become cases, tickets, clocks and facts of their tenants, each row once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from sqlalchemy import func, select, text, update

from hub.catalogue.actions import ServiceDescription, save_service, save_team
from hub.catalogue.models import Line, Service
from hub.events import TenantProvisioned, TenantStateChanged
from hub.importing.errors import CutOff, UnknownTenantLabel, excerpt
from hub.importing.labels import CODE_LENGTH, TENANT_CODE_LENGTH, free_code
from hub.importing.mapping import ImportMapping
from hub.importing.queries import bodies, known_ids, services, teams
from hub.importing.records import TakenOver, case_columns, clock_columns, facts_of, ticket_columns
from hub.importing.report import ImportReport
from hub.importing.rows import ImportedRow, RefusedRow, RowStream
from hub.journal.actions import record, record_history
from hub.sla.models import TicketClock
from hub.tickets.models import Ticket
from hub.tickets.numbers import new_number
from tenants.across import Purpose, widened
from tenants.clock import Clock
from tenants.context import SYSTEM, Context
from tenants.database import Database, as_json, insert_many
from tenants.ids import HUB, new_id
from tenants.languages import Language, Text
from tenants.models import TenantState
from tenants.permissions import Permission
from tenants.provisioning import TenantDescription, save_tenant, set_state

BATCH = 2_000
_HELD_AT_MOST = 20_000
_ROWS_A_STEP = 250
_PATIENCE = "25s"

_TAKE_OVER_CASES = text("SELECT take_over_cases(:owner, CAST(:cases AS json))")


def import_cases(
    database: Database,
    stream: RowStream,
    *,
    create_tenants: bool = False,
    on_refused: Callable[[RefusedRow], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    clock: Clock | None = None,
) -> ImportReport:
    """Take over the rows of an open file, for an operator; gives what became of them.

    Works in transactions of one tenant and at most `BATCH` rows each: stopped at any moment and started again, it
    goes on where it was, and no row is taken over twice. Rows of bodies that the hub does not know are refused, or
    the bodies created with `create_tenants`. `on_refused` gets every refused row, `on_progress` the bytes of the
    file read so far and in all. A file that is cut off is taken over up to there; the report says so.
    """
    report = ImportReport()
    begin = partial(database.unit_of_work, actor=SYSTEM, clock=clock)
    tenants: dict[str, UUID | None] = {}
    waiting: defaultdict[UUID, list[ImportedRow]] = defaultdict(list)

    def refuse(row: RefusedRow) -> None:
        report.refuse(row)
        if on_refused is not None:
            on_refused(row)

    def flush(tenant_id: UUID) -> None:
        rows = waiting.pop(tenant_id)
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            with begin(tenants=(tenant_id,)) as context:
                taken = take_over(context, batch, stream.mapping.source)
            report.taken_over += taken
            report.known += len(batch) - taken

    held = 0
    try:
        for number, row in enumerate(stream):
            if on_progress is not None and number % _ROWS_A_STEP == 0:
                on_progress(stream.position, stream.size)
            if isinstance(row, RefusedRow):
                refuse(row)
                continue
            label = row.tenant_label
            if label not in tenants:
                with begin(tenants=(HUB,)) as context:
                    tenants[label], created = _body(context, label, stream.mapping, create=create_tenants)
                if created:
                    report.created_tenants.append(label)
            tenant_id = tenants[label]
            if tenant_id is None:
                report.unknown_tenants[label] += 1
                refuse(_of_no_body(row, stream.tenant_by))
                continue
            waiting[tenant_id].append(row)
            held += 1
            if len(waiting[tenant_id]) >= BATCH or held >= _HELD_AT_MOST:
                fullest = max(waiting, key=lambda each: len(waiting[each]))
                held -= len(waiting[fullest])
                flush(fullest)
    except CutOff as problem:
        report.cut_off = problem
    for tenant_id in list(waiting):
        flush(tenant_id)
    if on_progress is not None:
        on_progress(stream.position, stream.size)
    return report


def take_over(context: Context, rows: Sequence[ImportedRow], source: str) -> int:
    """Take over rows of the context's tenant that it does not have yet; gives how many those were."""
    tenant_id = context.tenant_id
    context.demand(Permission.TICKETS_IMPORT, tenant_id)
    # Two imports of one source at once take turns, so that neither doubles the other's rows.
    _lock(context, f"import {tenant_id} {source}")
    known = known_ids(context, source, {row.external_id for row in rows})
    fresh: dict[str, ImportedRow] = {}
    for row in rows:
        if row.external_id not in known:
            fresh.setdefault(row.external_id, row)
    if not fresh:
        return 0
    services_of_rows = _services(context, fresh.values(), source)
    teams_of_rows = _teams(context, fresh.values())
    taken = _with_cases(
        context,
        [
            TakenOver(
                row=row,
                tenant_id=tenant_id,
                case_id=new_id(),
                ticket_id=new_id(),
                number=new_number(),
                service_id=services_of_rows[row.service_label],
                team_id=teams_of_rows[row.team_label] if row.team_label else None,
                source=source,
            )
            for row in fresh.values()
        ],
    )
    insert_many(context.session, Ticket, [ticket_columns(each) for each in taken])
    clocks = (clock_columns(each, context.now) for each in taken)
    insert_many(context.session, TicketClock, [clock for clock in clocks if clock is not None])
    record_history(context, (fact for each in taken for fact in facts_of(each, context.now)))
    return len(taken)


def _body(context: Context, label: str, mapping: ImportMapping, *, create: bool) -> tuple[UUID | None, bool]:
    """The body that a label means, and whether it was created for it."""
    _lock(context, "bodies")
    known = bodies(context)
    found = known.find(label)
    if found is not None or not create:
        return found, False
    name = mapping.tenant_name(label)
    code = free_code(label, known.codes, TENANT_CODE_LENGTH)
    tenant_id = save_tenant(
        context,
        TenantDescription(
            code=code,
            name=name,
            short_name=Text(ar=label, en=label),
            about=Text(
                ar=f"أُنشئت هذه الجهة عند استيراد بياناتها السابقة ({mapping.name.ar}).",
                en=f"This body was created by the import of its history ({mapping.name.en}).",
            ),
            zone=mapping.dates.zone.key,
        ),
    )
    # Suspended: its history counts in figures, and nobody is offered anything until it is set up and goes live.
    set_state(context, tenant_id, TenantState.SUSPENDED)
    record(
        widened(context, Purpose.IMPORT),
        TenantProvisioned(tenant_id=tenant_id, code=code),
        TenantStateChanged(tenant_id=tenant_id, state=TenantState.SUSPENDED.value),
    )
    return tenant_id, True


def _services(context: Context, rows: Iterable[ImportedRow], source: str) -> dict[str, UUID]:
    """The services that the rows name; those that are missing are added as no longer offered.

    An import never changes what citizens are offered; saving the service under its code puts it on offer.
    """
    known, found = services(context), {}
    for label, kind in {row.service_label: row.kind for row in rows}.items():
        service_id = known.find(label)
        if service_id is None:
            code = free_code(label, known.codes, CODE_LENGTH)
            service_id = save_service(
                context,
                ServiceDescription(
                    code=code,
                    kind=kind,
                    name=Text(ar=label, en=label),
                    description=Text(ar=label, en=label),
                    outside_codes={source: label},
                ),
            )
            context.session.execute(
                update(Service)
                .where(Service.tenant_id == context.tenant_id, Service.id == service_id)
                .values(retired_at=context.now)
            )
            known.add(label, code, service_id)
        found[label] = service_id
    return found


def _teams(context: Context, rows: Iterable[ImportedRow]) -> dict[str, UUID]:
    """The teams that the rows name; those that are missing are added."""
    known, found = teams(context), {}
    for label in {row.team_label: None for row in rows if row.team_label}:
        team_id = known.find(label)
        if team_id is None:
            code = free_code(label, known.codes, CODE_LENGTH)
            team_id = save_team(context, code=code, name=Text(ar=label, en=label), line=Line.FOLLOW_UP)
            known.add(label, code, team_id)
        found[label] = team_id
    return found


def _with_cases(context: Context, rows: Sequence[TakenOver]) -> list[TakenOver]:
    """Write the rows' cases; gives the rows with the numbers that their cases got in the end."""
    written = {row.case_id: row for row in rows}
    left = list(rows)
    while left:
        refused = context.session.scalars(
            _TAKE_OVER_CASES,
            {"owner": context.tenant_id, "cases": as_json([case_columns(row) for row in left])},
        ).all()
        left = [replace(written[case_id], number=new_number()) for case_id in refused]
        written |= {row.case_id: row for row in left}
    return list(written.values())


def _of_no_body(row: ImportedRow, column: str) -> RefusedRow:
    refusal = UnknownTenantLabel(value=excerpt(row.tenant_label), column=excerpt(column))
    return RefusedRow(
        line=row.line,
        external_id=row.external_id,
        code=refusal.code,
        reason=Text(ar=refusal.sentence(Language.ARABIC), en=refusal.sentence(Language.ENGLISH)),
        field=column,
    )


def _lock(context: Context, name: str) -> None:
    # Another import's batch is worth waiting for longer than the locks of people at work are.
    context.session.execute(select(func.set_config("lock_timeout", _PATIENCE, True)))
    context.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 19))))
