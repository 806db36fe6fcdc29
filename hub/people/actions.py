"""Remembering who asked, and joining records that a verified contact shows to be one person."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update

from hub.events import ContactVerified, Event, PeopleJoined
from hub.journal.actions import record
from hub.people.contacts import read_email, read_phone
from hub.people.errors import NameRefused
from hub.people.models import Person
from tenants.context import ActorKind, Context, set_fence
from tenants.database import insert_many
from tenants.errors import NotAllowed, NotFound
from tenants.ids import HUB, new_id
from tenants.languages import Language

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who asks, as they say it; a contact counts as verified only when the channel has proved it."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    phone_verified: bool = False
    email_verified: bool = False
    language: Language = Language.ARABIC


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody's record as it is to be written, and who is known already by what they proved."""

    row: Mapping[str, Any]
    known: frozenset[UUID]

    @property
    def id(self) -> UUID:
        """The id of the record."""
        person_id: UUID = self.row["id"]
        return person_id


def remember(context: Context, reporter: Reporter) -> UUID:
    """Write down who asks; gives the record's id, joined to the known person of a verified contact.

    Each case keeps the record it was told, so that a tenant sees what its own tickets show and nothing else of
    the person. Raises `PhoneRefused`, `EmailRefused`, `NameRefused`.
    """
    told = listen_to(context, reporter)
    insert_many(context.session, Person, [told.row])
    recognise(context, told)
    return told.id


def listen_to(context: Context, reporter: Reporter) -> Told:
    """What is to be written down of who asks, for an act that writes it together with what they ask for.

    Raises `PhoneRefused`, `EmailRefused`, `NameRefused`.
    """
    phone = read_phone(reporter.phone) if reporter.phone else None
    email = read_email(reporter.email) if reporter.email else None
    proved = {
        "phone": phone if reporter.phone_verified else None,
        "email": email if reporter.email_verified else None,
    }
    known = frozenset(_known_by(context, proved))
    row = {
        # Later than whoever else holds this contact: the earlier record is the one that others are joined to.
        "id": new_id(),
        "name": _read_name(reporter.name),
        "language": reporter.language.value,
        "phone": phone,
        "phone_verified_at": context.now if proved["phone"] else None,
        "email": email,
        "email_verified_at": context.now if proved["email"] else None,
        "created_at": context.now,
    }
    return Told(row, known)


def recognise(context: Context, told: Told) -> None:
    """Join a record that was written to the person it turned out to be, if they are known."""
    if told.known:
        _join(context, told.known | {told.id})


def verify_contact(context: Context, person_id: UUID, contact: str) -> UUID:
    """Note that a person has proved their `phone` or `email`, and join them to who is known by it.

    For the channel that saw the proof: the citizen's own context of their case, or the system. Staff and machines say
    nothing of the kind, for it joins people of all tenants.
    Gives the id of the person they turn out to be, which may be their own record.
    Raises `NotAllowed`, and `NotFound` for a person out of the context's sight or without that contact.
    """
    kind = context.actor.kind
    if kind is not ActorKind.SYSTEM and (kind is not ActorKind.CITIZEN or context.case_id is None):
        raise NotAllowed()
    person = context.session.get(Person, person_id, populate_existing=True)
    value: str | None = getattr(person, contact) if person and contact in ("phone", "email") else None
    if value is None:
        raise NotFound(field=contact if contact in ("phone", "email") else "contact")
    known = _known_by(context, {contact: value}) | {_person_behind(context, person_id)}
    context.session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values({f"{contact}_verified_at": context.now})
        .execution_options(synchronize_session=False)
    )
    _record(context, ContactVerified(tenant_id=HUB, person_id=person_id, contact=contact))
    return _join(context, known)


def _known_by(context: Context, contacts: Mapping[str, str | None]) -> set[UUID]:
    """Who is known by verified contacts; whoever holds the exact contact may ask, one at a time."""
    given = {contact: value for contact, value in contacts.items() if value is not None}
    for value in sorted(given.values()):
        context.session.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(f"contact {value}", 19)))
        )
    known = {
        context.session.execute(
            text("SELECT person_of_contact(:contact, :value)"), {"contact": contact, "value": value}
        ).scalar_one()
        for contact, value in given.items()
    }
    return known - {None}


def _join(context: Context, people: Set[UUID]) -> UUID:
    """Make several people one; gives who is left.

    The earlier one stays: whoever joins whom at the same moment elsewhere, nobody ends up behind themselves.
    """
    left = set(people)
    while len(left) > 1:
        kept, joining = sorted(left)[:2]
        left.remove(joining)
        if context.session.execute(
            text("SELECT join_people(:joining, :kept)"), {"joining": joining, "kept": kept}
        ).scalar_one():
            _record(context, PeopleJoined(tenant_id=HUB, person_id=joining, joined_to=kept))
        else:
            # Joined to somebody else a moment ago: then it is they who are the same person too.
            left.add(_person_behind(context, joining))
    return left.pop()


def _person_behind(context: Context, person_id: UUID) -> UUID:
    found: UUID = context.session.execute(text("SELECT person_behind(:id)"), {"id": person_id}).scalar_one()
    return found


def _record(context: Context, fact: Event) -> None:
    """Write a fact into the hub's own journal: a tenant's would tell who stays confidential, and where else they ask."""
    record(set_fence(replace(context, tenants=context.tenants | {HUB})), fact)
    set_fence(context)


def _read_name(name: str | None) -> str | None:
    if name is None or not name.strip():
        return None
    kept = name.strip()
    if len(kept) > _LONGEST_NAME or any(
        character < " " or "\ud800" <= character <= "\udfff" for character in kept
    ):
        raise NameRefused(field="name")
    return kept
