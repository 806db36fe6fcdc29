"""Remembering who asked, and joining records that a verified contact shows to be one person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from hub.events import ContactVerified, PeopleJoined
from hub.journal.actions import record
from hub.people.contacts import read_email, read_phone
from hub.people.errors import NameRefused
from hub.people.models import Person
from tenants.context import Context
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
    known = None
    if phone and reporter.phone_verified:
        known = _known_by(context, "phone", phone)
    if known is None and email and reporter.email_verified:
        known = _known_by(context, "email", email)
    person_id = new_id()
    context.session.execute(
        insert(Person).values(
            id=person_id,
            name=_read_name(reporter.name),
            language=reporter.language.value,
            phone=phone,
            phone_verified_at=context.now if phone and reporter.phone_verified else None,
            email=email,
            email_verified_at=context.now if email and reporter.email_verified else None,
            joined_to=known,
            created_at=context.now,
        )
    )
    return person_id


def verify_contact(context: Context, person_id: UUID, contact: str) -> UUID:
    """Note that a person has proved their `phone` or `email`, and join them to who is known by it.

    Gives the id of the person they turn out to be, which may be their own record.
    Raises `NotFound` for a person out of the context's sight or without that contact.
    """
    person = context.session.get(Person, person_id)
    value = getattr(person, contact, None) if contact in ("phone", "email") else None
    if person is None or value is None:
        raise NotFound(field=contact)
    known = _known_by(context, contact, value)
    joined = known if known not in (None, person_id) else None
    context.session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values({f"{contact}_verified_at": context.now, "joined_to": joined or person.joined_to})
    )
    tenant_id = next(iter(sorted(context.tenants)), HUB)
    record(context, ContactVerified(tenant_id=tenant_id, person_id=person_id, contact=contact))
    if joined is not None:
        record(context, PeopleJoined(tenant_id=tenant_id, person_id=person_id, joined_to=joined))
    return joined or person.joined_to or person_id


def _known_by(context: Context, contact: str, value: str) -> UUID | None:
    """The person known by a verified contact; whoever holds the exact contact may ask, one at a time."""
    context.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"contact {value}", 19))))
    known: UUID | None = context.session.execute(
        text("SELECT person_of_contact(:contact, :value)"), {"contact": contact, "value": value}
    ).scalar_one()
    return known


def _read_name(name: str | None) -> str | None:
    if name is None or not name.strip():
        return None
    kept = name.strip()
    if len(kept) > _LONGEST_NAME or any(
        character < " " or "\ud800" <= character <= "\udfff" for character in kept
    ):
        raise NameRefused(field="name")
    return kept
