"""Opening a case: the citizen's story becomes a tenant's ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.attachments.actions import claim
from hub.catalogue.access import OfferedService, service_offered
from hub.events import CaseOpened, TicketOpened
from hub.forms.access import checked_answers
from hub.journal.actions import New, follow, new_with_all, rows_of
from hub.people.actions import Reporter, listen_to, recognise
from hub.people.models import Person
from hub.tickets.actions.joining import follow_from_the_start, held_to_follow
from hub.tickets.errors import BadPlace, ConfidentialNotOffered
from hub.tickets.lifecycle import Status
from hub.tickets.models import Case, CaseKey, CaseTenant, Ticket
from hub.tickets.moving import Subject, reaching
from hub.tickets.numbers import new_number, new_pin, new_secret, pin_digest, secret_digest
from hub.tickets.settings import key_settings
from hub.tickets.texts import read_optional_text, read_text
from hub.vocabulary import Channel, Priority
from tenants.context import ActorKind, Context
from tenants.database import Rows, insert_together
from tenants.errors import NotFound
from tenants.ids import HUB, new_id
from tenants.languages import Language
from tenants.permissions import Permission
from tenants.set_up import holding_set_up

_SUBJECT = 200
_PLACE_NAME = 200
_MOST_DEGREES = (90, 180)


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is: coordinates in degrees (WGS 84), codes of governorate and district, an address in words."""

    latitude: float | None = None
    longitude: float | None = None
    governorate: str | None = None
    district: str | None = None
    address: str | None = None

    def checked(self) -> Place:
        """The place as it is kept.

        Raises `BadPlace` for half a pair of coordinates or ones on no map, and the refusals of texts.
        """
        pair = (self.latitude, self.longitude)
        if pair != (None, None) and not all(
            degrees is not None and abs(degrees) <= most
            for degrees, most in zip(pair, _MOST_DEGREES, strict=True)
        ):
            raise BadPlace(field="place")
        return Place(
            self.latitude,
            self.longitude,
            read_optional_text("governorate", self.governorate, longest=_PLACE_NAME),
            read_optional_text("district", self.district, longest=_PLACE_NAME),
            read_optional_text("address", self.address, longest=500),
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """What the citizen takes home: the number, and once only the PIN and the link's secret."""

    case_id: UUID
    ticket_id: UUID
    number: str
    pin: str = field(repr=False)
    secret: str = field(repr=False)
    # Whether it follows an earlier ticket.
    follows: bool = False


def open_case(
    context: Context,
    *,
    service: str,
    description: str,
    channel: Channel,
    reporter: Reporter | None = None,
    subject: str | None = None,
    answers: Mapping[str, Any] | None = None,
    form_version: int | None = None,
    place: Place | None = None,
    confidential: bool = False,
    priority: Priority | None = None,
    language: Language | None = None,
    attachments: Sequence[UUID] = (),
    earlier: UUID | None = None,
) -> Opened:
    """Open a case in the context's tenant, for a citizen by themselves or through staff.

    `service` is the service's code; `form_version` is the version of its form that was answered, if it may have changed
    since. A place answered in the form counts as the case's place when none is given.
    `earlier` is a ticket of the same service that tells of the same thing: the new one follows it from the start, unless
    it has ended meanwhile. It is looked for by a context that is bound to no case.
    `attachments` and the files that questions are answered with are the caller's own uploads.
    Raises `UnknownService`, `AnswersRefused`, `ConfidentialNotOffered`, `NotAllowed` and the refusals of texts,
    places, contacts and files, and `NotFound` for what is no such earlier ticket; then nothing is kept.
    """
    tenant_id = context.tenant_id
    if context.actor.kind is not ActorKind.CITIZEN:
        context.demand(Permission.TICKETS_OPEN, tenant_id)
    main = None if earlier is None else _to_follow(context, service, earlier)
    case_id = context.case_id if context.new_case and context.case_id else new_id()
    with reaching(context, case_id) as reached:
        bound = holding_set_up(reached, tenant_id, HUB)
        offered = service_offered(bound, tenant_id, service)
        if confidential and not offered.confidential_allowed:
            raise ConfidentialNotOffered(field="confidential")
        given = checked_answers(bound, tenant_id, offered.form_id, answers, version=form_version)
        spoken = language or context.language
        words = read_text("description", description)
        about = read_optional_text("subject", subject, longest=_SUBJECT)
        where = place.checked() if place else _place_answered(given.answers)
        # The field is where the caller named them.
        files = {f"answers.{name}": ids for name, ids in given.files.items()} | {"attachments": attachments}
        undone = bound.session.begin_nested if any(files.values()) else nullcontext
        with undone():
            told = listen_to(bound, reporter) if reporter else None
            pin, secret = new_pin(), new_secret()
            case = {
                "id": case_id,
                "channel": channel.value,
                "language": spoken.value,
                "opened_at": context.now,
                "open_tickets": 1,
                "at_work": 1,
            }
            key = {
                "case_id": case_id,
                "person_id": told.id if told else None,
                "confidential": confidential,
                **_digests(case_id, pin, secret),
            }
            ticket = {
                "case_id": case_id,
                "person_id": None if confidential or told is None else told.id,
                "confidential": confidential,
                "priority": (priority or offered.priority).value,
                "channel": channel.value,
                "language": spoken.value,
                "subject": about or offered.name.in_language(spoken),
                "description": words,
                "form_id": offered.form_id,
                "form_version": given.version,
                "answers": given.answers,
                **place_columns(where),
            }
            new = new_ticket(bound, tenant_id, offered, ticket)
            events = (CaseOpened(tenant_id=tenant_id, case_id=case_id, channel=channel.value), *new.facts)
            rows: list[Rows] = [
                (Person, [told.row] if told else []),
                (CaseTenant, [{"tenant_id": tenant_id, "case_id": case_id}]),
                (CaseKey, [key]),
                *new.others,
                *rows_of(bound, *events),
            ]
            number = _insert_with_case(bound, case, new.row, rows)
            if told:
                recognise(bound, told)
            follow(bound, *events)
            ticket_id: UUID = new.row["id"]
            whose: Subject = {"tenant_id": tenant_id, "case_id": case_id, "ticket_id": ticket_id}
            for named, ids in files.items():
                claim(bound, ids, from_citizen=True, field=named, **whose)
            if main is not None:
                follow_from_the_start(bound, ticket_id, main)
    return Opened(
        case_id=case_id,
        ticket_id=ticket_id,
        number=number,
        pin=pin,
        secret=secret,
        follows=main is not None,
    )


def new_ticket(context: Context, tenant_id: UUID, offered: OfferedService, values: Mapping[str, Any]) -> New:
    """A new ticket of a service as it is to be written, with its route and its clocks."""
    ticket_id = new_id()
    row = {
        "tenant_id": tenant_id,
        "id": ticket_id,
        "service_id": offered.id,
        "kind": offered.kind.value,
        "status": Status.RECEIVED.value,
        "opened_at": context.now,
        "reopened": 0,
        "version": 1,
        **values,
    }
    event = TicketOpened(
        tenant_id=tenant_id,
        case_id=values["case_id"],
        ticket_id=ticket_id,
        version=1,
        service_id=offered.id,
        priority=values["priority"],
        channel=values["channel"],
        screened=offered.screened,
        handed_on_by=values.get("handed_on_by"),
    )
    return new_with_all(context, event, row)


def insert_ticket(
    context: Context, tenant_id: UUID, offered: OfferedService, values: Mapping[str, Any]
) -> UUID:
    """Write a new ticket, with its route and its clocks, on a case that is there already."""
    new = new_ticket(context, tenant_id, offered, values)
    insert_together(context.session, [(Ticket, [new.row]), *new.others, *rows_of(context, *new.facts)])
    follow(context, *new.facts)
    ticket_id: UUID = new.row["id"]
    return ticket_id


def place_columns(place: Place | None) -> dict[str, object]:
    """A place as the ticket's columns."""
    known = place or Place()
    return {
        "latitude": known.latitude,
        "longitude": known.longitude,
        "governorate": known.governorate,
        "district": known.district,
        "address": known.address,
    }


def _to_follow(context: Context, service: str, earlier: UUID) -> Ticket | None:
    offered = service_offered(context, context.tenant_id, service)
    if not offered.shared:
        raise NotFound(field="earlier")
    return held_to_follow(context, earlier, offered.id)


def _insert_with_case(
    context: Context,
    case: Mapping[str, Any],
    ticket: Mapping[str, Any],
    rows: Sequence[Rows],
) -> str:
    """Write a case and all that belongs to it at once, under a number that no other case has; gives the number."""
    while True:
        number = new_number()
        written = insert_together(
            context.session,
            [(Case, [{**case, "number": number}]), *rows, (Ticket, [{**ticket, "case_number": number}])],
            if_free="number",
        )
        if written:
            return number


def _digests(case_id: UUID, pin: str, secret: str) -> dict[str, bytes]:
    pepper = key_settings().pepper.get_secret_value().encode()
    return {"pin_digest": pin_digest(pepper, case_id, pin), "secret_digest": secret_digest(secret)}


def _place_answered(answers: Mapping[str, Any] | None) -> Place | None:
    for answer in (answers or {}).values():
        # Of all kinds of question only a place is answered by an object.
        if isinstance(answer, dict):
            return Place(**answer).checked()
    return None
