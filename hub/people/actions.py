"""Remembering who asked, and joining records that a verified contact shows to be one person."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from hub.events import ContactVerified, Event, PeopleJoined
from hub.journal.actions import record
from hub.people.contacts import read_email, read_phone
from hub.people.errors import NameRefused
from hub.people.models import Person
from tenants.context import Context, set_fence
from tenants.errors import NotFound
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


def remember(context: Context, reporter: Reporter) -> UUID:
    """Write down who asks; gives the record's id, joined to the known person of a verified contact.

    Each case keeps the record it was told, so that a tenant sees what its own tickets show and nothing else of
    the person. Raises `PhoneRefused`, `EmailRefused`, `NameRefused`.
    """
    phone = read_phone(reporter.phone) if reporter.phone else None
    email = read_email(reporter.email) if reporter.email else None
    name = _read_name(reporter.name)
    proved = {
        "phone": phone if reporter.phone_verified else None,
        "email": email if reporter.email_verified else None,
    }
    known = _known_by(context, proved)
    person_id = new_id()
    context.session.execute(
        insert(Person).values(
            id=person_id,
            name=name,
            language=reporter.language.value,
            phone=phone,
            phone_verified_at=context.now if proved["phone"] else None,
            email=email,
            email_verified_at=context.now if proved["email"] else None,
            created_at=context.now,
        )
    )
    _join(context, known | {person_id})
    return person_id


def verify_contact(context: Context, person_id: UUID, contact: str) -> UUID:
    """Note that a person has proved their `phone` or `email`, and join them to who is known by it.

    Gives the id of the person they turn out to be, which may be their own record.
    Raises `NotFound` for a person out of the context's sight or without that contact.
    """
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
