"""The door to what the bodies of a context offer, kept in memory for as long as nobody writes to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, Final
from uuid import UUID

from cachetools import LRUCache
from sqlalchemy import (
    ARRAY,
    Select,
    String,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from hub.catalogue.models import Service, ServiceClass
from hub.finder.documents import Document, Field, make_document
from hub.finder.index import Index
from hub.finder.views import ServiceAt
from hub.forms.definition import read_form
from hub.forms.models import Form, FormVersion
from hub.reference import life_events
from hub.vocabulary import Kind, Priority
from tenants.context import Context
from tenants.languages import Text
from tenants.models import Tenant, TenantState

# By which words people ask for each kind of service.
_KINDS: Final[Mapping[Kind, Text]] = {
    Kind.COMPLAINT: Text(ar="شكوى بلاغ مشكلة", en="complaint report problem"),
    Kind.INQUIRY: Text(ar="استفسار استعلام سؤال", en="inquiry question information"),
    Kind.REQUEST: Text(ar="طلب تقديم", en="request application"),
    Kind.SUGGESTION: Text(ar="اقتراح فكرة", en="suggestion idea"),
    Kind.COMPLIMENT: Text(ar="شكر إشادة", en="compliment thanks praise"),
}


@dataclass(frozen=True)
class Offer:
    """What some bodies offer together, never changed once it is made: their services, and the index of these."""

    index: Index
    services: Mapping[tuple[str, str], ServiceAt]

    @cached_property
    def by_life_event(self) -> Mapping[str, Sequence[ServiceAt]]:
        """The services for each event that has any, by the codes of their bodies and their own."""
        found: dict[str, list[ServiceAt]] = {}
        for document in self.index.documents:
            service = self.services[document.body, document.code]
            for event in service.life_events:
                found.setdefault(event, []).append(service)
        return found


def offer_of(context: Context) -> Offer:
    """All that the live bodies of the context offer now.

    One round trip asks who is live and who wrote last to what they offer; only what was written since is read again.
    """
    stamps = _stamps(context)
    key = frozenset(stamps)
    with _lock:
        offer = _offers.get(key)
    if offer is not None:
        return offer
    # One at a time: a question that finds it being made waits for it.
    with _making:
        with _lock:
            offer = _offers.get(key)
        if offer is None:
            offer = _made(context, stamps)
            with _lock:
                _offers[key] = offer
    return offer


def forget() -> None:
    """Give back the memory of all that was read; the next question reads it again."""
    with _lock:
        _bodies.clear()
        _offers.clear()


@dataclass(frozen=True, slots=True)
class _Stamp:
    """Who wrote last to a body and what it offers: another figure after every change, whoever made it and how."""

    tenant_id: UUID
    written: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class _Body:
    services: tuple[ServiceAt, ...]
    documents: tuple[Document, ...]


_TABLES: Final = tuple(table.__tablename__ for table in (Tenant, Service, ServiceClass, Form))
_TENANTS: Final = any_(bindparam("tenants", type_=ARRAY(Uuid())))


def _written(table: type[Service | ServiceClass | Form]) -> Select[UUID, str, int]:
    """By tenant, a figure of who wrote which row where: a row that is written anew stands at another place."""
    name = table.__tablename__
    row = cast(table.id, String) + literal_column(f"{name}.xmin::text || {name}.ctid::text", String)
    return (
        select(table.tenant_id, literal(name), func.bit_xor(func.hashtextextended(row, 0)))
        .where(table.tenant_id == _TENANTS)
        .group_by(table.tenant_id)
    )


# Made once: every question asks for them. Not joined: without statistics each part would be read again for each tenant.
_STAMPS: Final = union_all(
    select(
        Tenant.id,
        literal(Tenant.__tablename__),
        func.hashtextextended(literal_column("tenants.xmin::text || tenants.ctid::text", String), 0),
    ).where(Tenant.id == _TENANTS, Tenant.state == TenantState.LIVE),
    *(_written(table) for table in (Service, ServiceClass, Form)),
)
_OFFERED: Final = (
    select(
        Tenant.id,
        Tenant.code.label("tenant_code"),
        Tenant.name.label("tenant_name"),
        Tenant.short_name.label("tenant_short_name"),
        Service.code,
        Service.name,
        Service.description,
        Service.kind,
        Service.priority,
        Service.life_events,
        Service.words,
        Service.form_id,
        ServiceClass.name.label("class_name"),
    )
    .join(Tenant, Tenant.id == Service.tenant_id)
    .outerjoin(
        ServiceClass,
        (ServiceClass.tenant_id == Service.tenant_id) & (ServiceClass.id == Service.class_id),
    )
    .where(Service.tenant_id == _TENANTS, Service.retired_at.is_(None))
)
_ASKED: Final = (
    select(Form.tenant_id, Form.id, FormVersion.definition)
    .join(
        FormVersion,
        (FormVersion.tenant_id == Form.tenant_id)
        & (FormVersion.form_id == Form.id)
        & (FormVersion.version == Form.version),
    )
    .where(Form.tenant_id == _TENANTS)
)


def _stamps(context: Context) -> list[_Stamp]:
    written: dict[str, dict[UUID, int]] = {}
    for tenant, table, by in context.session.execute(_STAMPS, {"tenants": list(context.tenants)}):
        written.setdefault(table, {})[tenant] = by
    return [
        _Stamp(tenant, tuple(written.get(table, {}).get(tenant) for table in _TABLES))
        for tenant in written.get(Tenant.__tablename__, ())
    ]


def _made(context: Context, stamps: Collection[_Stamp]) -> Offer:
    with _lock:
        bodies = {stamp: known for stamp in stamps if (known := _bodies.get(stamp)) is not None}
    missing = [stamp for stamp in stamps if stamp not in bodies]
    if missing:
        read = _read(context, [stamp.tenant_id for stamp in missing])
        for stamp in missing:
            bodies[stamp] = read[stamp.tenant_id]
        with _lock:
            _bodies.update({stamp: bodies[stamp] for stamp in missing})
    return Offer(
        Index(document for body in bodies.values() for document in body.documents),
        {(each.tenant_code, each.code): each for body in bodies.values() for each in body.services},
    )


def _read(context: Context, tenants: Sequence[UUID]) -> dict[UUID, _Body]:
    asked: dict[tuple[UUID, UUID], Mapping[Field, Sequence[str]]] = {
        (row.tenant_id, row.id): _parts_of_form(row.definition)
        for row in context.session.execute(_ASKED, {"tenants": tenants})
    }
    services: dict[UUID, list[ServiceAt]] = {tenant: [] for tenant in tenants}
    documents: dict[UUID, list[Document]] = {tenant: [] for tenant in tenants}
    for row in context.session.execute(_OFFERED, {"tenants": tenants}):
        services[row.id].append(_service(row))
        parts = {**_parts(row), **asked.get((row.id, row.form_id), {})}
        documents[row.id].append(make_document(row.tenant_code, row.code, parts))
    return {tenant: _Body(tuple(services[tenant]), tuple(documents[tenant])) for tenant in tenants}


def _service(row: Any) -> ServiceAt:
    return ServiceAt(
        tenant_id=row.id,
        tenant_code=row.tenant_code,
        tenant_name=row.tenant_name,
        tenant_short_name=row.tenant_short_name,
        code=row.code,
        name=row.name,
        description=row.description,
        kind=Kind(row.kind),
        priority=Priority(row.priority),
        life_events=tuple(row.life_events),
    )


def _parts(row: Any) -> dict[Field, Sequence[str]]:
    events = life_events()
    return {
        Field.NAME: _both(row.name),
        Field.WORDS: [word for words in row.words.values() for word in words],
        Field.CATEGORY: _both(row.class_name) if row.class_name is not None else [],
        Field.LIFE_EVENT: [
            text for event in row.life_events if event in events for text in _both(events[event])
        ],
        Field.DESCRIPTION: _both(row.description),
        Field.BODY: [*_both(row.tenant_name), *_both(row.tenant_short_name)],
        Field.KIND: _both(_KINDS[Kind(row.kind)]),
    }


def _parts_of_form(definition: Mapping[str, Any]) -> dict[Field, Sequence[str]]:
    questions = read_form(definition).questions
    options = (option.label for question in questions for option in question.options)
    return {
        Field.QUESTION: [text for question in questions for text in _both(question.label)],
        Field.OPTION: [text for option in options for text in _both(option)],
    }


def _both(text: Text) -> Sequence[str]:
    return (text.ar, text.en)


# By who wrote what they are made of, so that nothing that was changed is ever asked for again; what is no longer asked
# for makes way. Bounded by the number of services, not of bodies: a body may be a page's only one, or one of forty.
_MOST_SERVICES: Final = 30_000
_lock = Lock()
_making = Lock()


def _size(kept: _Body | Offer) -> int:
    return min(1 + len(kept.services), _MOST_SERVICES)


_bodies: LRUCache[_Stamp, _Body] = LRUCache(_MOST_SERVICES, getsizeof=_size)
_offers: LRUCache[frozenset[_Stamp], Offer] = LRUCache(_MOST_SERVICES, getsizeof=_size)
