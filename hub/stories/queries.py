"""Reading a ticket as staff, and a case as its citizen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.attachments.queries import AttachmentView, attachments_of_ticket
from hub.catalogue.access import Named, names_of
from hub.forms.access import read_answers
from hub.journal.models import Fact
from hub.journal.queries import facts_of_ticket
from hub.journal.words import FACT_NAMES
from hub.people.models import Person
from hub.ratings.queries import may_rate, rating_of
from hub.sla.access import Clock, clocks_of_ticket, promise_to_citizen, why_due
from hub.sla.explanation import Explanation
from hub.stories import views
from hub.tickets.access import case_for, ticket_for, tickets_visible_to
from hub.tickets.lifecycle import AT_WORK, Closure, MoveName, Status, WaitingOn
from hub.tickets.models import Entry, EntryKind, Ticket
from hub.tickets.moving import moves_open
from hub.tickets.words import STATUS_NAMES
from hub.vocabulary import Channel, Kind, Priority
from tenants.context import ActorKind, Context
from tenants.models import Tenant, User
from tenants.set_up import seeing_set_up

# What staff write for each other, and where a case went on in another body, is not in these facts' data.
_DATA_KEPT_BACK = frozenset({"to_ticket"})
# What follows another ticket waits for that one; its own body's clock has ended.
_TO_BE_SOLVED = AT_WORK | {Status.WAITING, Status.DUPLICATE}


def ticket_for_staff(context: Context, ticket_id: UUID) -> views.StaffTicket:
    """A ticket with all that its body's staff may know of it.

    Raises `NotFound`.
    """
    ticket = ticket_for(context, ticket_id)
    context = seeing_set_up(context, ticket.tenant_id)
    names = names_of(context, ticket.tenant_id)
    entries = _entries(context, ticket)
    staff = _staff_named(context, {ticket.assignee_id, *(entry.author_id for entry in entries)})
    routed = ticket.routed_by
    return views.StaffTicket(
        id=ticket.id,
        case_number=ticket.case_number,
        tenant=_named(context, names.tenant),
        service=_named(context, names.services[ticket.service_id]),
        kind=Kind(ticket.kind),
        priority=Priority(ticket.priority),
        channel=Channel(ticket.channel),
        language=ticket.language,
        status=Status(ticket.status),
        status_name=_status_name(context, ticket),
        waiting_on=WaitingOn(ticket.waiting_on) if ticket.waiting_on else None,
        closure=Closure(ticket.closure) if ticket.closure else None,
        stage=_named(context, names.stages[ticket.stage]) if ticket.stage else None,
        team=_named(context, names.teams[ticket.team_id]) if ticket.team_id else None,
        assignee=staff.get(ticket.assignee_id) if ticket.assignee_id else None,
        routed_by=routed["reason"][context.language.value] if routed else None,
        confidential=ticket.confidential,
        citizen=_contact(context, ticket),
        subject=ticket.subject,
        description=ticket.description,
        answers=_answers(context, ticket),
        place=_place(ticket),
        opened_at=ticket.opened_at,
        first_response_at=ticket.first_response_at,
        resolved_at=ticket.resolved_at,
        resolution=ticket.resolution,
        silent_at=ticket.silent_at,
        closed_at=ticket.closed_at,
        reopened=ticket.reopened,
        main_ticket_id=ticket.main_ticket_id,
        handed_on_to=_handed_on_to(context, ticket),
        entries=[
            views.StaffEntry(
                id=entry.id,
                kind=EntryKind(entry.kind),
                text=entry.text,
                by=ActorKind(entry.author_kind),
                author=staff.get(entry.author_id) if entry.author_id else None,
                at=entry.at,
                question_id=entry.question_id,
            )
            for entry in entries
        ],
        files=_files(context, attachments_of_ticket(context, ticket.id)),
        clocks=[_clock(context, clock) for clock in clocks_of_ticket(context, ticket)],
        rating=_rating(context, ticket),
        moves=moves_open(context, ticket),
        version=ticket.version,
    )


def history_for_staff(context: Context, ticket_id: UUID) -> views.History:
    """What happened to a ticket, for its body's staff.

    Raises `NotFound`.
    """
    ticket = ticket_for(context, ticket_id)
    facts = facts_of_ticket(context, ticket.tenant_id, ticket.id)
    staff = _staff_named(context, {fact.actor_id for fact in facts})
    return views.History(
        facts=[
            views.FactView(
                id=fact.id,
                at=fact.at,
                kind=fact.kind,
                name=FACT_NAMES[fact.kind].in_language(context.language),
                by=ActorKind(fact.actor_kind),
                author=staff.get(fact.actor_id) if fact.actor_id else None,
                version=fact.version,
                data={name: value for name, value in fact.data.items() if name not in _DATA_KEPT_BACK},
            )
            for fact in facts
        ]
    )


def clocks_for_staff(context: Context, ticket_id: UUID) -> views.Clocks:
    """A ticket's deadlines with every step that led to them.

    Raises `NotFound`.
    """
    ticket = ticket_for(context, ticket_id)
    return views.Clocks(clocks=[_explained(context, clock) for clock in clocks_of_ticket(context, ticket)])


def case_for_citizen(context: Context) -> views.CitizenCase:
    """The case that the citizen's context is bound to, with every body's part in it.

    Raises `NotFound`.
    """
    case = case_for(context, _case_of(context))
    tickets = list(context.session.scalars(tickets_visible_to(context).order_by(Ticket.opened_at, Ticket.id)))
    context = seeing_set_up(context, *{ticket.tenant_id for ticket in tickets})
    first = tickets[0]
    unsolved = {ticket.id for ticket in tickets if Status(ticket.status) in _TO_BE_SOLVED}
    clock = promise_to_citizen(context, case.id, unsolved)
    return views.CitizenCase(
        number=case.number,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        confidential=first.confidential,
        subject=first.subject,
        description=first.description,
        answers=_answers(context, first),
        place=_place(first),
        promise=None if clock is None else _explained(context, clock),
        tickets=[_ticket_for_citizen(context, ticket) for ticket in tickets],
    )


def _ticket_for_citizen(context: Context, ticket: Ticket) -> views.CitizenTicket:
    names = names_of(context, ticket.tenant_id)
    return views.CitizenTicket(
        id=ticket.id,
        tenant=_named(context, names.tenant),
        service=_named(context, names.services[ticket.service_id]),
        kind=Kind(ticket.kind),
        status=Status(ticket.status),
        status_name=_status_name(context, ticket),
        waiting_for_you=ticket.waiting_on == WaitingOn.CITIZEN,
        opened_at=ticket.opened_at,
        resolved_at=ticket.resolved_at,
        resolution=ticket.resolution,
        closes_itself_at=ticket.silent_at,
        closed_at=ticket.closed_at,
        entries=[
            views.CitizenEntry(
                id=entry.id,
                kind=EntryKind(entry.kind),
                text=entry.text,
                by_citizen=entry.author_kind == ActorKind.CITIZEN,
                at=entry.at,
                question_id=entry.question_id,
            )
            for entry in _entries(context, ticket)
            if entry.kind != EntryKind.NOTE
        ],
        files=_files(context, attachments_of_ticket(context, ticket.id)),
        rating=_rating(context, ticket),
        may_rate=may_rate(context, ticket),
        moves=[move for move in moves_open(context, ticket) if _still_possible(context, ticket, move)],
        version=ticket.version,
    )


def _still_possible(context: Context, ticket: Ticket, move: MoveName) -> bool:
    if move is not MoveName.REOPEN or ticket.closed_at is None:
        return True
    days = context.session.get_one(Tenant, ticket.tenant_id).reopen_days
    return context.now <= ticket.closed_at + timedelta(days=days)


def _case_of(context: Context) -> UUID:
    if context.case_id is None:
        raise RuntimeError("a citizen's story needs a context bound to their case")
    return context.case_id


def _entries(context: Context, ticket: Ticket) -> Sequence[Entry]:
    return context.session.scalars(
        select(Entry)
        .where(Entry.tenant_id == ticket.tenant_id, Entry.ticket_id == ticket.id)
        .order_by(Entry.id)
    ).all()


def _staff_named(context: Context, ids: Collection[UUID | None]) -> Mapping[UUID, views.PersonNamed]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    rows = context.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row.id: views.PersonNamed(id=row.id, name=row.name.in_language(context.language)) for row in rows}


def _named(context: Context, named: Named) -> views.Named:
    return views.Named(code=named.code, name=named.name.in_language(context.language))


def _status_name(context: Context, ticket: Ticket) -> str:
    return STATUS_NAMES[Status(ticket.status)].in_language(context.language)


def _contact(context: Context, ticket: Ticket) -> views.Contact | None:
    person = context.session.get(Person, ticket.person_id) if ticket.person_id is not None else None
    if person is None:
        return None
    return views.Contact(
        name=person.name,
        phone=person.phone,
        phone_verified=person.phone_verified_at is not None,
        email=person.email,
        email_verified=person.email_verified_at is not None,
    )


def _rating(context: Context, ticket: Ticket) -> views.RatingView | None:
    rating = rating_of(context, ticket)
    if rating is None:
        return None
    return views.RatingView(
        stars=rating.stars, comment=rating.comment, rated_at=rating.rated_at, changed_at=rating.changed_at
    )


def _answers(context: Context, ticket: Ticket) -> list[views.Answered]:
    carried = [
        views.Answered(name="", question=each["question"][context.language.value], answer=each["answer"])
        for each in ticket.carried_answers or []
    ]
    if ticket.form_id is None or ticket.form_version is None:
        return carried
    given = read_answers(context, ticket.tenant_id, ticket.form_id, ticket.form_version, ticket.answers or {})
    return carried + [
        views.Answered(
            name=each.name, question=each.question.in_language(context.language), answer=each.answer
        )
        for each in given
    ]


def _place(ticket: Ticket) -> views.PlaceView:
    return views.PlaceView(
        latitude=ticket.latitude,
        longitude=ticket.longitude,
        governorate=ticket.governorate,
        district=ticket.district,
        address=ticket.address,
    )


def _handed_on_to(context: Context, ticket: Ticket) -> str | None:
    if ticket.status != Status.TRANSFERRED:
        return None
    fact = context.session.scalars(
        select(Fact)
        .where(
            Fact.tenant_id == ticket.tenant_id,
            Fact.ticket_id == ticket.id,
            Fact.kind == "ticket.transferred",
        )
        .order_by(Fact.id.desc())
        .limit(1)
    ).first()
    return None if fact is None else context.session.get_one(Tenant, UUID(fact.data["to_tenant"])).code


def _files(context: Context, files: Sequence[AttachmentView]) -> list[views.FileView]:
    return [
        views.FileView(
            id=each.id,
            name=each.name,
            state=each.state,
            media_type=each.media_type,
            size=each.size,
            uploaded_at=each.uploaded_at,
            refused_because=each.refused_because,
            reason=each.reason.in_language(context.language) if each.reason else None,
        )
        for each in files
    ]


def _clock(context: Context, clock: Clock) -> views.ClockView:
    return views.ClockView(**_clock_columns(clock, late=_is_late(context.now, clock)))


def _explained(context: Context, clock: Clock) -> views.ExplainedClock:
    why = None if clock.level_id is None else why_due(context, clock)
    late = _is_late(context.now, clock) if why is None else why.late
    return views.ExplainedClock(**_clock_columns(clock, late=late), steps=_steps(context, why))


def _clock_columns(clock: Clock, *, late: bool) -> dict[str, Any]:
    return {
        "kind": clock.kind,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "paused_since": clock.paused_at,
        "met_at": clock.met_at,
        "stopped_at": clock.stopped_at,
        "late": late,
        "target_seconds": None if clock.target is None else clock.target.total_seconds(),
        "spent_seconds": clock.spent.total_seconds(),
    }


def _is_late(now: datetime, clock: Clock) -> bool:
    """Whether a clock passed its deadline; one that rests does not pass it."""
    ended = clock.met_at or clock.stopped_at or clock.paused_at or now
    return ended > clock.due_at


def _steps(context: Context, why: Explanation | None) -> list[views.StepView]:
    return [
        views.StepView(
            kind=step.kind,
            text=step.text.in_language(context.language),
            first_day=step.first_day,
            last_day=step.last_day,
            counted_seconds=step.counted.total_seconds(),
            total_seconds=step.total.total_seconds(),
            at=step.at,
        )
        for step in (why.steps if why else ())
    ]
