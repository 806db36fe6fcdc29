"""The doors to look through: what each is asked in the tests of the other tenant, and what is none and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from hub.attachments import actions as files
from hub.attachments import queries as fetching
from hub.attachments.access import (
    attachment_for,
    attachment_of_link,
    attachments_visible_to,
    files_going_along,
    held_attachment,
    upload_for,
)
from hub.attachments.models import Attachment
from hub.calendars.access import calendar_in_force, calendar_versions
from hub.catalogue.access import names_of, service_offered
from hub.catalogue.queries import service_on_offer, services_on_offer
from hub.finder.access import offer_of
from hub.finder.queries import MOST, find_services, life_events_on_offer, services_for_life_event
from hub.forms.access import checked_answers, form_in_force, form_version, read_answers
from hub.importing import queries as taken_over
from hub.journal.actions import retry_jobs
from hub.journal.queries import facts_of_case, facts_of_ticket, failed_jobs, newest_of_tickets, waiting_jobs
from hub.keys.access import key_for, keys_of, successor_of
from hub.keys.actions import revoke_key, rotate_key
from hub.looks import queries as looks
from hub.nearby import queries as nearby
from hub.nearby.marks import mark_of
from hub.nearby.rough import Spot
from hub.promises.queries import record_of
from hub.ratings.queries import rating_of
from hub.routing.access import facts_for_rules, known_to_rules, rules_in_force, team_ids
from hub.sla.access import (
    clock_of_case,
    clocks_of_ticket,
    counted_by,
    counting_for,
    levels_in_force,
    promise_to_citizen,
    why_due,
)
from hub.sla.models import TicketClock
from hub.stories import happenings
from hub.stories import queries as stories
from hub.stories.given import given_answers
from hub.tickets.access import case_for, ticket_for, tickets_visible_to
from hub.tickets.models import Ticket
from hub.vocabulary import Channel, Kind, Priority
from hub.worklists.queries import count_tickets, list_tickets, search_tickets
from tenants.context import Context
from tenants.ids import new_id
from tenants.models import ApiKey
from tests.promises.populated import NEARBY, Holdings, Populated


@dataclass(frozen=True, slots=True)
class Ids:
    """Something of a tenant in every position that a door asks for."""

    tenant_id: UUID
    ticket_id: UUID
    case_id: UUID
    form_id: UUID
    calendar_id: UUID
    service_id: UUID
    level_id: UUID
    job_id: UUID
    key_id: UUID
    person_id: UUID
    file_id: UUID
    upload_id: UUID
    service: str


def ids_of(populated: Populated, mine: Holdings) -> Ids:
    with populated.connect("administrator") as connection:
        job = connection.execute(
            "SELECT id FROM jobs WHERE tenant_id = %s AND state = 'failed'", (mine.agency.id,)
        ).fetchone()
        key = connection.execute(
            "SELECT replaces FROM api_keys WHERE tenant_id = %s AND replaces IS NOT NULL", (mine.agency.id,)
        ).fetchone()
    assert job is not None
    assert key is not None
    assert mine.row.person_id is not None
    assert mine.clock.level_id is not None
    return Ids(
        tenant_id=mine.agency.id,
        ticket_id=mine.row.id,
        case_id=mine.row.case_id,
        form_id=mine.form_id,
        calendar_id=mine.calendar_id,
        service_id=mine.service_id,
        level_id=mine.clock.level_id,
        job_id=job[0],
        key_id=key[0],
        person_id=mine.row.person_id,
        file_id=mine.file_id,
        upload_id=mine.upload_id,
        service=mine.own_code,
    )


def unknown_ids(populated: Populated) -> Ids:
    """What nothing has; as a tenant one that has nothing yet, for the list of tenants is public."""
    with populated.connect("administrator") as connection:
        row = connection.execute("SELECT id FROM tenants WHERE code = %s", (populated.preparing,)).fetchone()
    assert row is not None
    unknown = {field.name: new_id() for field in fields(Ids) if field.name not in ("tenant_id", "service")}
    return Ids(tenant_id=row[0], service="no-such-code", **unknown)


def _ticket(ids: Ids) -> Ticket:
    return Ticket(tenant_id=ids.tenant_id, id=ids.ticket_id, case_id=ids.case_id)


def _new_ticket(ids: Ids) -> dict[str, Any]:
    return {
        "service_id": ids.service_id,
        "kind": Kind.COMPLAINT.value,
        "priority": Priority.HIGH.value,
        "channel": Channel.WEB.value,
        "governorate": None,
        "district": None,
    }


def _clock(ids: Ids, like: TicketClock) -> TicketClock:
    values = {column.key: getattr(like, column.key) for column in TicketClock.__table__.columns}
    return TicketClock(
        **values
        | {"tenant_id": ids.tenant_id, "ticket_id": ids.ticket_id}
        | {"level_tenant": ids.tenant_id, "level_id": ids.level_id}
    )


def _bound(context: Context, ids: Ids) -> Context:
    """The context as a citizen of the case would have it, by its id alone."""
    return replace(context, case_id=ids.case_id)


Door = Callable[[Context, Ids, TicketClock], Any]

# The modules that doors are in.
LOOKING = ("access", "queries", "happenings", "given")

# Doors that are asked for something of a tenant.
DOORS: dict[str, Door] = {
    "attachments.access.attachment_for": lambda c, i, _: attachment_for(c, i.file_id),
    "attachments.access.attachment_of_link": lambda c, i, _: attachment_of_link(c, i.file_id),
    "attachments.access.attachments_visible_to": lambda c, i, _: list(
        c.session.scalars(attachments_visible_to(c).where(Attachment.id == i.file_id))
    ),
    "attachments.access.files_going_along": lambda c, i, _: files_going_along(c, i.tenant_id, i.ticket_id),
    "attachments.access.held_attachment": lambda c, i, _: held_attachment(c, i.tenant_id, i.file_id),
    "attachments.access.upload_for": lambda c, i, _: upload_for(c, i.upload_id),
    "attachments.actions.delete": lambda c, i, _: files.delete(c, i.upload_id),
    "attachments.queries.attachment_view": lambda c, i, _: fetching.attachment_view(c, i.file_id),
    "attachments.queries.attachments_of_ticket": lambda c, i, _: fetching.attachments_of_ticket(
        c, i.ticket_id
    ),
    "attachments.queries.make_link": lambda c, i, _: fetching.make_link(c, i.file_id),
    "attachments.queries.progress_of": lambda c, i, _: fetching.progress_of(c, i.upload_id),
    "attachments.queries.read": lambda c, i, _: fetching.read(c, i.file_id).sha256,
    "calendars.access.calendar_in_force": lambda c, i, _: calendar_in_force(c, i.tenant_id, i.calendar_id),
    "calendars.access.calendar_versions": lambda c, i, _: calendar_versions(
        c, [(i.tenant_id, i.calendar_id, 1)]
    ),
    "catalogue.access.names_of": lambda c, i, _: names_of(c, i.tenant_id),
    "catalogue.access.service_offered": lambda c, i, _: service_offered(c, i.tenant_id, i.service),
    "catalogue.queries.service_on_offer": lambda c, i, _: service_on_offer(c, i.service),
    "forms.access.checked_answers": lambda c, i, _: checked_answers(
        c, i.tenant_id, i.form_id, {"hazard": False}
    ),
    "forms.access.form_in_force": lambda c, i, _: form_in_force(c, i.tenant_id, i.form_id),
    "forms.access.form_version": lambda c, i, _: form_version(c, i.tenant_id, i.form_id, 1),
    "forms.access.read_answers": lambda c, i, _: read_answers(
        c, i.tenant_id, i.form_id, 1, {"hazard": False}
    ),
    "journal.queries.facts_of_case": lambda c, i, _: facts_of_case(c, i.case_id),
    "journal.queries.facts_of_ticket": lambda c, i, _: facts_of_ticket(c, i.tenant_id, i.ticket_id),
    "journal.queries.newest_of_tickets": lambda c, i, _: newest_of_tickets(
        c, i.tenant_id, [i.ticket_id], "ticket.opened"
    ),
    "journal.actions.retry_jobs": lambda c, i, _: retry_jobs(c, [i.job_id]),
    "keys.access.key_for": lambda c, i, _: key_for(c, i.key_id),
    "keys.access.successor_of": lambda c, i, _: successor_of(c, ApiKey(tenant_id=i.tenant_id, id=i.key_id)),
    "keys.actions.revoke_key": lambda c, i, _: revoke_key(c, i.key_id),
    "keys.actions.rotate_key": lambda c, i, _: rotate_key(c, i.key_id)[1],
    "promises.queries.record_of": lambda c, i, _: record_of(c, i.tenant_id).body,
    "ratings.queries.rating_of": lambda c, i, _: rating_of(c, _ticket(i)),
    "routing.access.known_to_rules": lambda c, i, _: known_to_rules(c, i.tenant_id),
    "routing.access.rules_in_force": lambda c, i, _: rules_in_force(c, i.tenant_id),
    "routing.access.facts_for_rules": lambda c, i, _: facts_for_rules(c, i.tenant_id, _new_ticket(i)),
    "routing.access.team_ids": lambda c, i, _: team_ids(c, i.tenant_id),
    "sla.access.clock_of_case": lambda c, i, _: clock_of_case(c, i.case_id),
    "sla.access.clocks_of_ticket": lambda c, i, _: clocks_of_ticket(c, _ticket(i)),
    "sla.access.counted_by": lambda c, i, _: counted_by(c, [(i.tenant_id, i.level_id, 1)]),
    "sla.access.counting_for": lambda c, i, _: counting_for(c, i.tenant_id, i.service_id, Priority.HIGH),
    "sla.access.levels_in_force": lambda c, i, _: levels_in_force(c, i.tenant_id),
    "sla.access.promise_to_citizen": lambda c, i, _: promise_to_citizen(c, i.case_id, {i.ticket_id}),
    "sla.access.why_due": lambda c, i, clock: why_due(c, _clock(i, clock)),
    "stories.given.given_answers": lambda c, i, _: given_answers(_bound(c, i)),
    "stories.happenings.happened_since": lambda c, i, _: happenings.happened_since(
        _bound(c, i), i.tenant_id, i.ticket_id, 1
    ),
    "stories.happenings.happenings_for_citizen": lambda c, i, _: happenings.happenings_for_citizen(
        _bound(c, i)
    ),
    "stories.queries.clocks_for_staff": lambda c, i, _: stories.clocks_for_staff(c, i.ticket_id),
    "stories.queries.history_for_staff": lambda c, i, _: stories.history_for_staff(c, i.ticket_id),
    "stories.queries.ticket_for_staff": lambda c, i, _: stories.ticket_for_staff(c, i.ticket_id),
    "tickets.access.case_for": lambda c, i, _: case_for(c, i.case_id),
    "tickets.access.ticket_for": lambda c, i, _: ticket_for(c, i.ticket_id),
    "tickets.access.tickets_visible_to": lambda c, i, _: list(
        c.session.scalars(tickets_visible_to(c).where(Ticket.id == i.ticket_id))
    ),
}
_SPOT = Spot(governorate=NEARBY.governorate, district=NEARBY.district)

# Doors that show what is the context's, whoever asks, and what only the given tenant is to be shown by them.
OF_THE_CONTEXT: dict[str, Callable[[Context, Populated], Any]] = {
    "catalogue.queries.services_on_offer": lambda c, p: (
        {each.code for each in services_on_offer(c)} & {p.water.own_code, p.tax.own_code}
    ),
    "finder.access.offer_of": lambda c, _: {tenant for tenant, _ in offer_of(c).services},
    "finder.queries.find_services": lambda c, _: {
        each.service.tenant_id for each in find_services(c, "burst pipe", limit=MOST).services
    },
    "finder.queries.life_events_on_offer": lambda c, _: [each.services for each in life_events_on_offer(c)],
    "finder.queries.services_for_life_event": lambda c, _: {
        each.tenant_id for each in services_for_life_event(c, "emergency")
    },
    "importing.queries.known_ids": lambda c, _: taken_over.known_ids(c, "city", ["of-water", "of-tax"]),
    "importing.queries.services": lambda c, p: (
        taken_over.services(c).codes & {p.water.own_code, p.tax.own_code}
    ),
    "importing.queries.teams": lambda c, p: taken_over.teams(c).codes & {p.water.own_code, p.tax.own_code},
    "looks.queries.face": lambda c, _: looks.face(c).colour,
    "looks.queries.faces": lambda c, _: {code: each.colour for code, each in looks.faces(c).items()},
    "looks.queries.logo": lambda c, _: looks.logo(c),
    "keys.access.keys_of": lambda c, _: {key.tenant_id for key in keys_of(c)},
    "journal.queries.failed_jobs": lambda c, _: {job.tenant_id for job in failed_jobs(c)},
    "journal.queries.waiting_jobs": lambda c, _: waiting_jobs(c),
    "nearby.queries.earlier_reports": lambda c, p: [
        each.reports
        for mine in (p.water, p.tax)
        for each in nearby.earlier_reports(c, mine.own_code, _SPOT, asker="anybody")
    ],
    "nearby.queries.earlier_ticket": lambda c, p: {
        nearby.earlier_ticket(
            c,
            mine.own_code,
            _SPOT,
            asker="anybody",
            mark=mark_of("anybody", mine.tickets["shared"].ticket_id),
        )
        for mine in (p.water, p.tax)
    },
    "nearby.queries.reported_near": lambda c, _: {each.tenant for each in nearby.reported_near(c, "cairo")},
    "worklists.queries.count_tickets": lambda c, _: count_tickets(c).number,
    "worklists.queries.list_tickets": lambda c, _: {row.tenant_id for row in list_tickets(c, limit=100).rows},
    # The words and the caller of every leak, and the number of one of water's, whoever asks.
    "worklists.queries.search_tickets": lambda c, p: [
        {row.tenant_id for row in search_tickets(c, typed, limit=100).rows}
        for typed in ("المدرسة", "01001234567", p.water.row.case_number)
    ],
}
# Functions beside the doors that show nothing of a tenant, and why.
NO_DOORS = {
    "attachments.queries.open_link": "opens what its caller's signature names, in a unit of work of its own",
    "calendars.access.read_calendar": "reads what it is given",
    "catalogue.access.live_tenant": "the list of bodies is public",
    "catalogue.queries.tenant_on_offer": "the list of bodies is public",
    "catalogue.queries.tenants_on_offer": "the list of bodies is public",
    "drafts.queries.draft_of": "shows what its caller's secret seals, and nothing to staff",
    "messages.queries.mail_is_sent": "says whether a mail server is set",
    "proofs.queries.case_by_proof": "opens what its caller proved, in a unit of work of its own",
    "proofs.queries.proven_cases": "shows what its caller proved, in a unit of work of its own",
    "ratings.queries.changeable_until": "reads what it is given",
    "ratings.queries.may_rate": "says of a ticket that its caller was let in to whether they are its citizen",
    "importing.queries.bodies": "the list of bodies is public",
    "finder.access.forget": "empties a memory",
    "finder.queries.looking_everywhere": "opens a unit of work of all live bodies, whose list is public",
    "oversight.queries.bodies_called": "the list of bodies is public; narrowed to the context's below",
    "oversight.queries.figures": "asked below, in the context of figures",
    "oversight.queries.looking_across": "opens the context of figures, for the system alone",
    "stories.queries.case_for_citizen": "shows the case that the citizen's context is bound to, by tickets_visible_to",
    "stories.happenings.was_done_already": "says of a ticket that its caller was let in to whether they acted on it",
    "sla.access.basis_of": "reads what it is given",
    "sla.access.read_level": "reads what it is given",
}
