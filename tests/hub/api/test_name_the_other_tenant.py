"""Every place of every operation where something is named, given what belongs to the other tenant: as if absent.

Nothing is written, nothing is told, and the answer is the one that a name gets which nobody ever had. Each request
was right but for that one name: with the caller's own in its place it succeeds. The places come from the OpenAPI
document; a new one has to be put into `FOREIGN` or among the `WORDS` here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from hub.attachments.store import FileStore, process_store, use_store
from hub.catalogue.actions import ServiceDescription, save_service
from hub.forms.actions import publish_form
from hub.tickets.numbers import new_number
from hub.vocabulary import Kind
from tenants.database import Database, for_psycopg
from tenants.ids import new_id
from tenants.languages import Text
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.hub.api.callers import Api, Caller, calling_again
from tests.hub.api.crawling import CANARIES, PHOTO_FORM, Crawl, seed_canaries
from tests.hub.api.documents import Operation
from tests.hub.api.requests import CONTENT, Ask, ask
from tests.hub.api.reviewed import ENDLESS, REVIEWED
from tests.hub.api.stories import told
from tests.hub.attachments.acting import do_jobs
from tests.promises.acts import ACTS, arguments_of
from tests.promises.populated import Populated, populate
from tests.world import World

# What names nothing: words, choices, figures, and what is public or proves itself.
WORDS = {
    "body.answers",
    "body.channel",
    "body.confidential",
    "body.description",
    "body.name",
    "body.place",
    "body.place.address",
    "body.place.district",
    "body.place.governorate",
    "body.place.latitude",
    "body.place.longitude",
    "body.priority",
    "body.reason",
    "body.reporter",
    "body.reporter.email",
    "body.reporter.name",
    "body.reporter.phone",
    "body.resolution",
    "body.sha256",
    "body.size",
    "body.subject",
    "body.text",
    "path.offset",
    # A link is signed, and whoever holds it may follow it.
    "path.token",
    "query.channel",
    "query.descending",
    "query.district",
    "query.due_before",
    "query.governorate",
    "query.kind",
    "query.limit",
    "query.name",
    "query.opened_since",
    "query.opened_until",
    "query.overdue",
    "query.priority",
    "query.reopened",
    "query.sha256",
    "query.sort",
    "query.status",
    "query.waiting_on",
}


@pytest.fixture(scope="module")
def filled(server: OwnServer, template: str, run_folder: Path) -> Iterator[tuple[Populated, FileStore]]:
    with copy_of_world(server, template, run_folder) as name:
        database = Database.at(server.urls(name).app.get_secret_value(), pool_size=1)
        try:
            there = populate(server, name, database)
            yield there, process_store()
        finally:
            database.dispose()


@pytest.fixture
def crawl(filled: tuple[Populated, FileStore], server: OwnServer, files: FileStore) -> Iterator[Crawl]:
    populated, store = filled
    use_store(store)
    url = for_psycopg(server.administrator_url(populated.name).get_secret_value())
    with create_engine(url, poolclass=NullPool).connect() as connection, connection.begin() as outermost:
        connection.execute(text("SET LOCAL ROLE hub_app"))
        there = populated.world
        world = World(Database(connection, clock=there.clock), there.clock, there.water, there.tax)
        for agency in (world.water, world.tax):
            with world.as_staff(agency, "manager") as context:
                publish_form(context, code="photo", definition=PHOTO_FORM)
                named = Text(ar="صورة", en="Photo")
                photo = ServiceDescription(
                    code="photo", kind=Kind.REQUEST, name=named, description=named, form="photo"
                )
                save_service(context, photo)
        with calling_again(world, world.database) as api:
            machine = api.machine()
            # That it is used is noted once a minute; from here on the minute does not end.
            machine.get("/tickets/00000000-0000-7000-8000-000000000001")
            yield Crawl(populated, connection, api, machine, seed_canaries(api))
        outermost.rollback()


def foreign(crawl: Crawl, operation: Operation, place: str) -> list[tuple[Any, Any]]:
    """What is the other tenant's at a place, each beside its twin that nobody ever had."""
    theirs, never = crawl.theirs, str(new_id())
    code = crawl.populated.tax.own_code, "own-of-nobody"
    names: Mapping[str, list[tuple[Any, Any]]] = {
        "ticket_id": [(theirs.ticket, never)],
        "number": [(theirs.number, new_number())],
        "attachment_id": [(theirs.claimed_file, never), (theirs.upload, never)],
        "service": [code],
        "team": [code],
        "stage": [code],
        # Bodies are public, those that prepare themselves are not.
        "tenant": [(crawl.populated.preparing, "nobody")],
        "main_ticket": [(theirs.ticket, never)],
        "assignee": [(str(crawl.populated.tax.agency.cast["field"].id), never)],
        "attachments": [([theirs.claimed_file], [never]), ([theirs.upload], [never])],
        "answers.photo": [([theirs.upload], [never])],
        "after": [(theirs.cursor, "nobody")],
        "q": [
            (theirs.number, new_number()),
            (CANARIES["phone"], "+201234509999"),
            ("canarydescription", "nobodysdescription"),
        ],
    }
    if place == "body.service" and operation.name in ("transfer", "add_tenant"):
        # There it has to be the other body's: mine is the foreign one.
        return [(crawl.populated.water.own_code, "own-of-nobody")]
    return names[place.partition(".")[2]]


FOREIGN = {
    "body.answers.photo",
    "body.assignee",
    "body.attachments",
    "body.main_ticket",
    "body.service",
    "body.stage",
    "body.team",
    "body.tenant",
    "path.attachment_id",
    "path.number",
    "path.service",
    "path.tenant",
    "path.ticket_id",
    "query.after",
    "query.assignee",
    "query.q",
    "query.service",
    "query.team",
}


def places(api: Api, operation: Operation) -> Iterator[str]:
    """Every place of an operation where something is named or said."""
    yield from (f"path.{name}" for name in operation.names_in_path)
    yield from (
        f"query.{each['name']}" for each in operation.told.get("parameters", []) if each["in"] == "query"
    )
    if operation.takes_json:
        yield from fields(api, operation.body, "body")
    if operation.name == "open_case":
        yield "body.answers.photo"


def fields(api: Api, schema: Mapping[str, Any], above: str) -> Iterator[str]:
    """The dotted names of all that a body may hold, and what it holds."""
    told = api.document.resolved(dict(schema))
    for name, inner in told.get("properties", {}).items():
        yield f"{above}.{name}"
        for each in (inner, *inner.get("anyOf", ())):
            if "$ref" in each:
                yield from fields(api, each, f"{above}.{name}")


def test_every_place_where_something_is_named_has_been_looked_at(crawl: Crawl) -> None:
    found = {place for each in crawl.api.document.operations for place in places(crawl.api, each)}
    assert found == WORDS | FOREIGN


def rightful(crawl: Crawl, operation: Operation) -> Iterator[tuple[Caller, Ask]]:
    """Those who may call an operation, each with a request of theirs that succeeds."""
    api, who = crawl.api, REVIEWED[f"{operation.method} {operation.path}"]
    act = operation.name.removesuffix("_of_case")
    if act in ACTS and act != "open_case":
        given = arguments_of(crawl.populated, act, crawl.mine)
        ticket, version = str(given.pop("ticket_id")), given.pop("version")
        stage = str(ACTS[act].stage)
        right = ask(api.document, operation, version=version)
        if right.body is not None:
            right = replace(right, body={name: _plain(value) for name, value in given.items()})
    else:
        stage, right = "in_progress", ask(api.document, operation)
        ticket = str(crawl.mine.tickets[stage].ticket_id)
    if operation.name == "open_case":
        right = replace(right, body={"service": "photo", "description": "صورة", "answers": {}})
    opened = crawl.mine.tickets[stage]
    right = replace(right, path={**right.path, "ticket_id": ticket, "number": opened.number})
    callers = []
    if who.anybody:
        callers.append(api.anybody())
    if who.citizen:
        callers.append(api.citizen(opened.number, secret=opened.secret))
    if who.machine:
        callers.append(crawl.machine)
    for caller in callers:
        if "attachment_id" in operation.names_in_path:
            home = operation.path.partition("/{attachment_id}")[0].format_map(dict(right.path))
            file = own_file(caller, home, operation.name.removesuffix("_of_case"))
            yield caller, right.naming("path.attachment_id", file)
        else:
            yield caller, right


def own_file(caller: Caller, home: str, verb: str) -> str:
    """A file of the caller's own, brought as far as a verb needs it."""
    if verb in ("begin_upload", "put_piece", "read_progress", "finish_upload"):
        begun = str(told(caller.post(home, {"name": "a.txt", "size": len(CONTENT)}))["id"])
        if verb == "finish_upload":
            told(caller.send("PUT", f"{home}/{begun}/pieces/0", content=CONTENT))
        return begun
    whole = told(caller.send("POST", f"{home}/whole", params={"name": "a.txt"}, content=CONTENT))
    do_jobs(caller.api.world)
    return str(whole["id"])


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | list | dict) else str(value)


def strangers(crawl: Crawl, operation: Operation) -> list[Caller]:
    """Those who may not call an operation at all."""
    who = REVIEWED[f"{operation.method} {operation.path}"]
    opened = crawl.mine.tickets["in_progress"]
    citizen = crawl.api.citizen(opened.number, secret=opened.secret)
    return [
        *([] if who.anybody else [crawl.api.anybody()]),
        *([] if who.citizen or who.anybody else [citizen]),
        *([] if who.machine else [crawl.machine] if who.citizen else []),
    ]


def nameless(answer: Response, name: Any) -> tuple[int, str]:
    """An answer without the id of its request and without what it may repeat of the name it was given."""
    body = answer.text.replace(answer.headers["X-Request-Id"], "")
    for each in name if isinstance(name, list) else [name]:
        body = body.replace(str(each), "…")
    return answer.status_code, body


def test_what_is_the_other_tenant_s_is_as_if_absent_wherever_it_is_named(crawl: Crawl) -> None:
    tried = 0
    for operation in crawl.api.document.operations:
        if operation.name in ENDLESS or "{token}" in operation.path:
            continue
        for caller, right in rightful(crawl, operation):
            with crawl.connection.begin_nested() as undone:
                succeeded = right.send(caller)
                assert succeeded.is_success, (operation.name, succeeded.text)
                undone.rollback()
            before = crawl.seen_whole()
            for place in places(crawl.api, operation):
                if place not in FOREIGN:
                    continue
                for theirs, nobodys in foreign(crawl, operation, place):
                    tried += try_one(crawl, caller, right, place, theirs, nobodys)
            for stranger in strangers(crawl, operation):
                refused = right.send(stranger)
                assert refused.status_code in (401, 404), (operation.name, refused.text)
                crawl.answers.append(refused)
            assert crawl.seen_whole() == before, operation.name
    assert tried > 100
    heard = "\n".join(f"{answer.headers} {answer.text}" for answer in crawl.answers)
    asked_for = {CANARIES["phone"]}
    assert {canary for canary in CANARIES.values() if canary not in asked_for and canary in heard} == set()
    # What the caller named stands in no answer but the refusals that repeat a code.
    assert crawl.theirs.ticket not in heard
    assert crawl.theirs.number not in heard


def try_one(crawl: Crawl, caller: Caller, right: Ask, place: str, theirs: Any, nobodys: Any) -> int:
    if place == "body.answers.photo":
        swapped = [right.naming("body.answers", {"photo": each}) for each in (theirs, nobodys)]
    else:
        swapped = [right.naming(place, each) for each in (theirs, nobodys)]
    at_theirs, at_nobodys = (each.send(caller) for each in swapped)
    where = f"{right.operation.name} {place} {at_theirs.text}"
    # A list or a search that is narrowed to nothing of one's own is empty; everything else is refused.
    narrowed = place.startswith("query.") and at_theirs.status_code == 200
    assert narrowed or 400 <= at_theirs.status_code < 500, where
    assert nameless(at_theirs, theirs) == nameless(at_nobodys, nobodys), where
    if narrowed:
        assert at_theirs.json()["tickets"] == [], where
    crawl.answers.append(at_theirs)
    return 1


def test_the_other_body_s_place_shows_nothing_of_one_s_own(crawl: Crawl) -> None:
    """A body is public, and what its path leads to is its own: other bodies' files and services are not found there."""
    for operation in crawl.api.document.operations:
        if not operation.path.startswith("/tenants/{tenant}/") or operation.names_in_path == ["tenant"]:
            continue
        for caller, own in rightful(crawl, operation):
            right = own
            if operation.name == "read_service":
                right = own.naming("path.service", crawl.mine.own_code)
            before = crawl.seen_whole()
            answer = right.naming("path.tenant", "tax").send(caller)
            assert answer.status_code in (404, 422), (operation.name, answer.text)
            assert crawl.seen_whole() == before, operation.name


def test_a_machine_does_nothing_under_the_name_of_another_body(crawl: Crawl) -> None:
    for operation in crawl.api.document.operations:
        who = REVIEWED[f"{operation.method} {operation.path}"]
        if "tenant" not in operation.names_in_path or not who.machine:
            continue
        before = crawl.seen_whole()
        attachment = str(uuid4())
        answer = ask(crawl.api.document, operation, tenant="tax", attachment_id=attachment).send(
            crawl.machine
        )
        assert answer.status_code == 404, (operation.name, answer.text)
        assert crawl.seen_whole() == before, operation.name
