"""Reckoning how promises were kept: day by day, only the days on which something changed, the same however often."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from hub.events import TicketJoined, TicketReopened, TicketResolved
from hub.promises.figures import LONG, STEPS
from hub.promises.models import KeptPromises, PromiseReading
from hub.tickets.lifecycle import Status
from tenants.context import Context
from tenants.permissions import Permission

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 19))")
# Every transaction below this number is over: nothing can join what they wrote any more.
_SETTLED: Final = text("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")
_TOUCHED: Final = text(
    """
    SELECT DISTINCT (tickets.opened_at AT TIME ZONE 'UTC')::date
    FROM (
        SELECT DISTINCT journal.ticket_id FROM journal
        WHERE journal.tenant_id = :tenant AND journal.written_by >= :read_until AND journal.written_by < :settled
            AND journal.ticket_id IS NOT NULL
    ) AS facts
    JOIN tickets ON tickets.tenant_id = :tenant AND tickets.id = facts.ticket_id AND tickets.opened_at >= :since
    """
)
_WITH_TICKETS: Final = text(
    """
    SELECT DISTINCT (opened_at AT TIME ZONE 'UTC')::date FROM tickets
    WHERE tenant_id = :tenant AND opened_at >= :since AND opened_at <= :now
    """
)
# What was put away (withdrawn, archived, transferred, joined, out of reach, rejected) or rests is due only if it was
# late by then, and is not solved. Whether a ticket was ever solved, reopened after that or joined stands in the journal
# alone: its row forgets that when it is reopened or released. `step` counts the steps that a solution exceeded.
_RECKON: Final = text(
    """
    WITH work AS (
        SELECT days.day,
            coalesce(past.reopened > past.resolved, false) AND past.joined IS NOT TRUE AS reopened,
            (tickets.resolved_at IS NOT NULL OR past.resolved IS NOT NULL) AND past.joined IS NOT TRUE AS solved,
            CASE WHEN (answers.stopped_at IS NULL OR answers.stopped_at > answers.due_at)
                    AND (answers.met_at IS NOT NULL OR answers.paused_at IS NULL OR answers.paused_at > answers.due_at)
                THEN answers.due_at END AS answer_due,
            answers.met_at AS answered_at,
            CASE WHEN (solutions.stopped_at IS NULL OR solutions.stopped_at > solutions.due_at)
                    AND (tickets.status <> :rejected OR tickets.closed_at > solutions.due_at)
                    AND (done.at IS NOT NULL OR solutions.paused_at IS NULL OR solutions.paused_at > solutions.due_at)
                THEN solutions.due_at END AS solution_due,
            done.at AS done_at,
            tickets.opened_at,
            CASE WHEN past.joined IS NOT TRUE THEN ratings.stars END AS stars
        FROM (SELECT CAST(:day AS date) AS day) AS days
        LEFT JOIN tickets ON tickets.tenant_id = :tenant
            AND tickets.opened_at >= days.day::timestamp AT TIME ZONE 'UTC'
            AND tickets.opened_at < (days.day + 1)::timestamp AT TIME ZONE 'UTC'
        LEFT JOIN ticket_clocks AS answers ON answers.tenant_id = :tenant
            AND answers.ticket_id = tickets.id AND answers.kind = 'first_response'
        LEFT JOIN ticket_clocks AS solutions ON solutions.tenant_id = :tenant
            AND solutions.ticket_id = tickets.id AND solutions.kind = 'resolution'
        LEFT JOIN ratings ON ratings.tenant_id = :tenant AND ratings.ticket_id = tickets.id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN solutions.stopped_at IS NULL AND tickets.status <> :rejected
                THEN coalesce(tickets.resolved_at, tickets.closed_at) END AS at
        ) AS done
        CROSS JOIN LATERAL (
            SELECT bool_or(journal.kind = :joined_fact) AS joined,
                min(journal.version) FILTER (WHERE journal.kind = :resolved_fact) AS resolved,
                max(journal.version) FILTER (WHERE journal.kind = :reopened_fact) AS reopened
            FROM journal
            WHERE journal.tenant_id = :tenant AND journal.ticket_id = tickets.id
                AND journal.kind IN (:joined_fact, :resolved_fact, :reopened_fact)
                -- Of what was never solved nothing of it is counted.
                AND (tickets.resolved_at IS NOT NULL OR tickets.reopened > 0 OR ratings.stars IS NOT NULL)
        ) AS past
    ), steps AS (
        SELECT day, step::text, count(*) AS count
        FROM work, LATERAL (
            SELECT CASE WHEN done_at IS NULL THEN :beyond ELSE :beyond - width_bucket(
                -extract(epoch FROM done_at - opened_at)::double precision, CAST(:steps AS double precision[])
            ) END AS step
        ) AS found
        WHERE solution_due <= :now AND (done_at IS NULL OR done_at >= opened_at)
        GROUP BY day, step
    )
    INSERT INTO kept_promises (tenant_id, day, answers_due, answers_kept, solutions_due, solutions_kept, within,
        solved, reopened, voices, stars, next_due_at, reckoned_at)
    SELECT :tenant, day,
        count(*) FILTER (WHERE answer_due <= :now),
        count(*) FILTER (WHERE answer_due <= :now AND answered_at <= answer_due),
        count(*) FILTER (WHERE solution_due <= :now),
        count(*) FILTER (WHERE solution_due <= :now AND done_at <= solution_due),
        coalesce((SELECT jsonb_object_agg(step, count) FROM steps WHERE steps.day = work.day), '{}'),
        count(*) FILTER (WHERE solved),
        count(*) FILTER (WHERE reopened),
        count(stars),
        coalesce(sum(stars), 0),
        least(min(answer_due) FILTER (WHERE answer_due > :now), min(solution_due) FILTER (WHERE solution_due > :now)),
        :now
    FROM work
    GROUP BY day
    ON CONFLICT (tenant_id, day) DO UPDATE SET (answers_due, answers_kept, solutions_due, solutions_kept, within,
        solved, reopened, voices, stars, next_due_at, reckoned_at) = (excluded.answers_due, excluded.answers_kept,
        excluded.solutions_due, excluded.solutions_kept, excluded.within, excluded.solved, excluded.reopened,
        excluded.voices, excluded.stars, excluded.next_due_at, excluded.reckoned_at)
    """
)


def reckon_promises(context: Context, *, anew: bool = False) -> int:
    """Bring the daily figures of the context's body up to date, for the system; gives the number of days reckoned.

    Reckoned are the days on which tickets were reported that something happened to since the last time, and those of
    which a promise has come due meanwhile; all of them the first time, after a restore, or `anew`. Whatever is older
    than the longest period shown goes. All in one transaction, which keeps how far the journal was read: what is cut
    off in the midst is done again. A second reckoner of the same body waits.
    """
    tenant_id = context.tenant_id
    context.demand(Permission.TENANTS_WRITE, tenant_id)
    session = context.session
    session.execute(_LOCK, {"key": f"promises {tenant_id}"})
    first = first_day(context.now)
    since = datetime(first.year, first.month, first.day, tzinfo=UTC)
    read_until = session.scalar(
        select(PromiseReading.read_until).where(PromiseReading.tenant_id == tenant_id)
    )
    settled: int = session.execute(_SETTLED).scalar_one()
    asked = {"tenant": tenant_id, "since": since}
    if anew or read_until is None or settled < read_until:
        days = set(session.scalars(_WITH_TICKETS, {**asked, "now": context.now}))
        # Of a day that has no tickets any more nothing is to be said.
        session.execute(delete(KeptPromises).where(KeptPromises.tenant_id == tenant_id))
    else:
        days = set(session.scalars(_TOUCHED, {**asked, "read_until": read_until, "settled": settled}))
        days |= set(
            session.scalars(
                select(KeptPromises.day).where(
                    KeptPromises.tenant_id == tenant_id, KeptPromises.next_due_at <= context.now
                )
            )
        )
        session.execute(
            delete(KeptPromises).where(KeptPromises.tenant_id == tenant_id, KeptPromises.day < first)
        )
    _reckon(context, tenant_id, (day for day in days if day >= first))
    session.execute(
        insert(PromiseReading)
        .values(tenant_id=tenant_id, read_until=settled)
        .on_conflict_do_update(index_elements=["tenant_id"], set_={"read_until": settled})
    )
    return len(days)


def first_day(now: datetime) -> date:
    """The first day of the longest period that ends at a moment."""
    return (now.astimezone(UTC) - timedelta(days=LONG)).date()


def _reckon(context: Context, tenant_id: UUID, days: Iterable[date]) -> None:
    """A day by a statement of its own: ninety days of a large body at once would outlast what a statement may take."""
    asked = {
        "tenant": tenant_id,
        "now": context.now,
        "beyond": len(STEPS),
        # Lower bounds of a falling scale: a solution that took exactly a step is within it.
        "steps": sorted(-step.total_seconds() for step in STEPS),
        "rejected": Status.REJECTED.value,
        "joined_fact": TicketJoined.kind,
        "resolved_fact": TicketResolved.kind,
        "reopened_fact": TicketReopened.kind,
    }
    for day in sorted(days):
        context.session.execute(_RECKON, {**asked, "day": day})
