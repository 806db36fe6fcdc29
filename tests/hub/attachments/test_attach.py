"""Files that come with a case and with what is written on its tickets."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from hub.attachments.actions import begin_upload
from hub.attachments.errors import FileNotFinished, FileRefused, FilesNotKnown, TooManyFiles
from hub.attachments.queries import attachments_of_ticket, read
from hub.catalogue.actions import ServiceDescription, save_service
from hub.forms.actions import publish_form
from hub.journal.models import Fact
from hub.tickets import actions
from hub.tickets.models import Case, Ticket
from hub.vocabulary import Channel, Kind
from tenants.context import Actor, ActorKind, Context
from tenants.errors import Refusal
from tenants.ids import new_id
from tenants.languages import Text
from tenants.permissions import Permission
from tests.factories.tickets import entries_of, open_leak, resolve, ticket_of, version_of, work_on
from tests.hub.attachments.acting import as_anybody, do_jobs, row_of, set_to, taken_in
from tests.hub.attachments.making import PAGE, PDF, photo
from tests.hub.tickets.refusals import refused
from tests.world import Agency, World

WITH_FILES = {
    "format": 1,
    "title": {"ar": "شكوى بصور", "en": "Complaint with photos"},
    "pages": [
        {
            "title": {"ar": "الصور", "en": "Photos"},
            "questions": [
                {
                    "name": "photos",
                    "kind": "file",
                    "label": {"ar": "صور المكان", "en": "Photos of the place"},
                    "required": True,
                    "limits": {"at_most": 3},
                },
                {"name": "bill", "kind": "file", "label": {"ar": "الفاتورة", "en": "The bill"}},
                {"name": "where", "kind": "text", "label": {"ar": "أين؟", "en": "Where?"}},
            ],
        }
    ],
}


def offer_photos(world: World, agency: Agency | None = None) -> None:
    """Have a body offer a service whose form asks for files."""
    with world.as_staff(agency or world.water, "manager") as context:
        publish_form(context, code="photos", definition=WITH_FILES)
        named = Text(ar="شكوى بصور", en="Complaint with photos")
        save_service(
            context,
            ServiceDescription(
                code="photos", kind=Kind.COMPLAINT, name=named, description=named, form="photos"
            ),
        )


def uploaded(context: Context, content: bytes = PDF) -> UUID:
    return taken_in(context, content, "a.pdf").id


def machine(world: World) -> Callable[[], AbstractContextManager[Context]]:
    """Units of work of somebody with a key of its own."""
    actor = Actor(ActorKind.API_KEY, new_id(), {world.water.id: frozenset(Permission)})
    return lambda: world.database.unit_of_work(actor=actor, tenants=(world.water.id,), clock=world.clock)


def test_a_reply_has_its_files_and_the_citizen_fetches_them(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water, "agent") as context:
        first, second = uploaded(context), uploaded(context, photo())
        actions.reply(context, opened.ticket_id, 1, text="التقرير مرفق", attachments=[first, second])
    do_jobs(world)
    entry = entries_of(world, opened)[0]
    rows = [row_of(world, each) for each in (first, second)]
    assert {(row.entry_id, row.internal, row.from_citizen) for row in rows} == {(entry.id, False, False)}
    with world.as_citizen(opened.case_id) as context:
        assert {view.id for view in attachments_of_ticket(context, opened.ticket_id)} == {first, second}
        assert b"".join(read(context, first).chunks) == PDF


def test_a_note_s_files_are_for_staff_alone(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water, "field") as context:
        file = uploaded(context)
        actions.add_note(context, opened.ticket_id, 1, text="صورة من الموقع", attachments=[file])
    row = row_of(world, file)
    assert (row.internal, row.entry_id) == (True, entries_of(world, opened)[0].id)
    with world.as_citizen(opened.case_id) as context:
        assert attachments_of_ticket(context, opened.ticket_id) == []


def test_a_question_and_its_answer_have_files_of_their_own(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water, "agent") as context:
        asked = uploaded(context)
        version = actions.ask(context, opened.ticket_id, 1, text="أي ماسورة في الرسم؟", attachments=[asked])
    with world.as_citizen(opened.case_id) as context:
        answered = uploaded(context, photo())
        version = actions.answer(context, opened.ticket_id, version, text="هذه", attachments=[answered])
        added = uploaded(context)
        actions.add_information(context, opened.ticket_id, version, text="وهذه", attachments=[added])
    entries = {entry.id: entry.kind for entry in entries_of(world, opened)}
    rows = [row_of(world, each) for each in (asked, answered, added)]
    assert [(entries[row.entry_id], row.from_citizen) for row in rows if row.entry_id is not None] == [
        ("question", False),
        ("answer", True),
        ("information", True),
    ]


def test_a_citizen_of_a_case_of_two_bodies_attaches_to_the_one_they_write_to(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water) as context:
        tax_ticket = actions.add_tenant(
            context, opened.ticket_id, 1, tenant="tax", service="bill", reason="رسوم"
        )
    with world.as_citizen(opened.case_id, world.tax) as context:
        file = uploaded(context)
    with world.as_citizen(opened.case_id, world.water, world.tax) as context:
        actions.add_information(context, tax_ticket, 2, text="الإيصال", attachments=[file])
        assert [view.id for view in attachments_of_ticket(context, tax_ticket)] == [file]
        with refused(FilesNotKnown, "attachments"):
            actions.add_information(context, opened.ticket_id, 2, text="الإيصال", attachments=[file])
    assert row_of(world, file, world.tax).ticket_id == tax_ticket


def test_a_resolution_and_a_reopening_have_files(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with world.as_staff(world.water) as context:
        done = uploaded(context)
        version = actions.resolve(context, opened.ticket_id, version, resolution="أُصلحت", attachments=[done])
    with world.as_citizen(opened.case_id) as context:
        still = uploaded(context, photo())
        actions.reopen(context, opened.ticket_id, version, reason="عاد التسرب", attachments=[still])
    rows = [row_of(world, each) for each in (done, still)]
    assert [(row.ticket_id, row.entry_id, row.from_citizen) for row in rows] == [
        (opened.ticket_id, None, False),
        (opened.ticket_id, None, True),
    ]


def test_files_that_are_refused_leave_nothing_of_what_came_with_them(world: World) -> None:
    opened = open_leak(world)
    version = work_on(world, opened)
    with world.as_citizen(opened.case_id) as context:
        citizens = uploaded(context)
    with world.as_staff(world.water) as context:
        good, page = uploaded(context), taken_in(context, PAGE).id
        for act in (actions.reply, actions.add_note, actions.ask):
            for bad, refusal in ((page, FileRefused), (citizens, FilesNotKnown), (uuid4(), FilesNotKnown)):
                with refused(refusal, "attachments"):
                    act(context, opened.ticket_id, version, text="انظر المرفق", attachments=[good, bad])
        with refused(FileRefused, "attachments"):
            actions.resolve(context, opened.ticket_id, version, resolution="تم", attachments=[good, page])
        # The caller goes on, and nothing of all that was kept.
        actions.reply(context, opened.ticket_id, version, text="دون مرفقات")
    assert [entry.text for entry in entries_of(world, opened)] == ["دون مرفقات"]
    assert row_of(world, good).ticket_id is None
    assert ticket_of(world, opened).status == "in_progress"


def test_a_stale_act_claims_no_file(world: World) -> None:
    opened = open_leak(world)
    resolve(world, opened)
    with world.as_citizen(opened.case_id) as context:
        file = uploaded(context)
        with pytest.raises(Refusal):
            actions.reopen(context, opened.ticket_id, 1, reason="لا", attachments=[file])
    assert row_of(world, file).ticket_id is None
    assert version_of(world, opened) == 2


def test_a_case_comes_with_files_of_its_form_and_others(world: World) -> None:
    offer_photos(world)
    with as_anybody(world) as context:
        photos = [uploaded(context, photo()), uploaded(context, photo())]
        other = uploaded(context)
        opened = actions.open_case(
            context,
            service="photos",
            description="انظروا",
            channel=Channel.WEB,
            # The same file once more is no matter.
            answers={"photos": [str(each).upper() for each in photos], "bill": [str(photos[0])]},
            attachments=[other],
        )
    assert ticket_of(world, opened).answers == {
        "photos": [str(each) for each in photos],
        "bill": [str(photos[0])],
    }
    for file in (*photos, other):
        row = row_of(world, file)
        assert (row.case_id, row.ticket_id) == (opened.case_id, opened.ticket_id)
        assert (row.entry_id, row.internal, row.from_citizen) == (None, False, True)
    do_jobs(world)
    with world.as_citizen(opened.case_id) as context:
        assert len(attachments_of_ticket(context, opened.ticket_id)) == 3


def test_a_machine_opens_a_case_with_its_own_uploads_and_no_other_s(world: World) -> None:
    offer_photos(world)
    mine, other = (machine(world) for _ in range(2))
    with mine() as context:
        photos = uploaded(context, photo())
        more = uploaded(context)
    case: dict[str, Any] = {
        "service": "photos",
        "description": "من الموقع",
        "channel": Channel.INTEGRATION,
    }
    with other() as context, refused(FilesNotKnown, "answers.photos"):
        actions.open_case(context, answers={"photos": [str(photos)]}, **case)
    with mine() as context:
        opened = actions.open_case(context, answers={"photos": [str(photos)]}, attachments=[more], **case)
    assert {row_of(world, each).ticket_id for each in (photos, more)} == {opened.ticket_id}


def test_a_case_whose_files_are_refused_is_not_opened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    offer_photos(world)
    with world.as_staff(world.water, "agent") as context:
        staffs = uploaded(context)
    with as_anybody(world, world.tax) as context:
        taxes = uploaded(context)
    with as_anybody(world) as context:
        good, page = uploaded(context), taken_in(context, PAGE).id
        other = uploaded(context)
        set_to(monkeypatch, files_per_answer=1)
        cases: list[tuple[list[UUID], list[UUID], type[Refusal], str]] = [
            ([staffs], [], FilesNotKnown, "answers.photos"),
            ([taxes], [], FilesNotKnown, "answers.photos"),
            ([page], [], FileRefused, "answers.photos"),
            ([good], [page], FileRefused, "attachments"),
            ([good], [uuid4()], FilesNotKnown, "attachments"),
            ([good], [good, other], TooManyFiles, "attachments"),
        ]
        before = counted(context)
        for photos, attachments, refusal, field in cases:
            with refused(refusal, field):
                actions.open_case(
                    context,
                    service="photos",
                    description="انظروا",
                    channel=Channel.WEB,
                    answers={"photos": [str(each) for each in photos]},
                    attachments=attachments,
                )
            assert counted(context) == before
    assert row_of(world, good).case_id is None


def test_a_file_still_arriving_opens_no_case(world: World) -> None:
    with as_anybody(world) as context:
        begun = begin_upload(context, name="a", size=5).id
        with refused(FileNotFinished, "attachments"):
            actions.open_case(
                context, service="bill", description="فاتورة", channel=Channel.WEB, attachments=[begun]
            )


def counted(context: Context) -> tuple[int, ...]:
    """How much stands in the tables that opening a case writes to."""
    tenant = context.tenant_id
    return tuple(
        context.session.scalars(statement).one()
        for statement in (
            select(func.count()).select_from(Case),
            select(func.count()).select_from(Ticket).where(Ticket.tenant_id == tenant),
            select(func.count()).select_from(Fact).where(Fact.tenant_id == tenant),
        )
    )
