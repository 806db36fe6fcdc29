"""The citizen's files go along with a case that is handed on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from hub.attachments import actions
from hub.attachments.actions.examining import BytesDiffer
from hub.attachments.errors import FileNotReady
from hub.attachments.models import Attachment
from hub.attachments.queries import AttachmentView, attachment_view, attachments_of_ticket, read
from hub.attachments.store import BytesMissing, process_store
from hub.catalogue.errors import UnknownService
from hub.journal.models import Fact
from hub.journal.running import Outcome
from hub.tickets import actions as tickets
from hub.tickets.actions import Opened
from hub.vocabulary import Channel
from tenants.errors import NotFound
from tests.factories.tickets import ticket_by_id
from tests.hub.attachments.acting import (
    age,
    as_anybody,
    cut_short,
    do_jobs,
    kinds_of_facts,
    row_of,
    state_of,
    stored,
    swept,
    taken_in,
)
from tests.hub.attachments.making import PDF, photo, png_saying
from tests.hub.attachments.test_attach import offer_photos
from tests.hub.tickets.refusals import refused
from tests.world import Agency, World


def opened_with(world: World, *contents: bytes) -> tuple[Opened, list[UUID]]:
    """A citizen's case and the files that came with it."""
    with as_anybody(world) as context:
        files = [taken_in(context, content, "a.pdf").id for content in contents]
        opened = tickets.open_case(
            context, service="bill", description="فاتورة", channel=Channel.WEB, attachments=files
        )
    return opened, files


def transferred(world: World, opened: Opened) -> UUID:
    """Hand the case on to the tax authority; gives the new ticket."""
    return handed_on(world, world.water, opened.ticket_id, "tax")


def handed_on(world: World, agency: Agency, ticket_id: UUID, to: str) -> UUID:
    world.clock.advance(timedelta(seconds=1))
    version = ticket_by_id(world, ticket_id, agency).version
    with world.as_staff(agency) as context:
        return tickets.transfer(context, ticket_id, version, tenant=to, service="bill", reason="ليست لنا")


def files_of(world: World, ticket_id: UUID, agency: Agency) -> list[AttachmentView]:
    with world.as_staff(agency, "agent") as context:
        return list(attachments_of_ticket(context, ticket_id))


def content_of(world: World, file: UUID, agency: Agency) -> bytes:
    with world.as_staff(agency, "agent") as context:
        return b"".join(read(context, file).chunks)


def test_the_other_body_gets_files_of_its_own(world: World, files: Path) -> None:
    opened, (mine,) = opened_with(world, PDF)
    do_jobs(world)
    uploaded_at = row_of(world, mine).created_at
    new = transferred(world, opened)
    (copy,) = files_of(world, new, world.tax)
    assert (copy.id != mine, copy.state, copy.name) == (True, "copying", "a.pdf")
    with world.as_staff(world.tax, "agent") as context, refused(FileNotReady, "attachment"):
        read(context, copy.id)
    assert do_jobs(world, world.tax) == [Outcome.DONE, Outcome.DONE]
    assert content_of(world, copy.id, world.tax) == PDF
    row = row_of(world, copy.id, world.tax)
    assert (row.created_at, row.claimed_at) == (uploaded_at, world.clock.moment)
    assert kinds_of_facts(world, copy.id, world.tax) == ["attachment.carried", "attachment.ready"]
    assert len(stored(files)) == 2
    # Neither body reaches the other's.
    for file, agency in ((mine, world.tax), (copy.id, world.water)):
        with world.as_staff(agency, "manager") as context, refused(NotFound, "attachment"):
            attachment_view(context, file)


def test_what_staff_wrote_with_stays_where_it_is(world: World) -> None:
    opened, (mine,) = opened_with(world, PDF)
    with world.as_staff(world.water, "agent") as context:
        note, reply = (taken_in(context, PDF).id for _ in range(2))
        version = tickets.add_note(context, opened.ticket_id, 2, text="داخلي", attachments=[note])
        version = tickets.reply(context, opened.ticket_id, version, text="رد", attachments=[reply])
    with world.as_citizen(opened.case_id) as context:
        added = taken_in(context, photo()).id
        tickets.add_information(context, opened.ticket_id, version, text="صورة", attachments=[added])
    new = transferred(world, opened)
    with world.as_system(world.tax) as context:
        copied = context.session.scalars(
            select(Attachment.copied_from).where(
                Attachment.tenant_id == world.tax.id, Attachment.ticket_id == new
            )
        ).all()
    assert set(copied) == {mine, added}


def test_who_of_the_first_body_took_a_file_in_is_not_told(world: World) -> None:
    with world.as_staff(world.water, "agent") as context:
        mine = taken_in(context, PDF).id
        opened = tickets.open_case(
            context, service="bill", description="فاتورة", channel=Channel.PHONE, attachments=[mine]
        )
    new = transferred(world, opened)
    (copy,) = files_of(world, new, world.tax)
    row = row_of(world, copy.id, world.tax)
    assert (row.uploaded_by_kind, row.uploaded_by, row.entry_id) == ("staff", None, None)
    with world.as_system(world.tax) as context:
        told = context.session.scalars(
            select(Fact.data).where(Fact.tenant_id == world.tax.id, Fact.kind == "attachment.carried")
        ).all()
    assert told == [{"attachment_id": str(copy.id)}]


def test_a_second_body_beside_the_first_gets_files_too(world: World) -> None:
    opened, (mine,) = opened_with(world, PDF)
    with world.as_staff(world.water) as context:
        new = tickets.add_tenant(context, opened.ticket_id, 2, tenant="tax", service="bill", reason="رسوم")
    do_jobs(world)
    do_jobs(world, world.tax)
    (copy,) = files_of(world, new, world.tax)
    assert content_of(world, copy.id, world.tax) == content_of(world, mine, world.water) == PDF


def test_the_citizen_sees_each_file_once(world: World) -> None:
    opened, (mine,) = opened_with(world, PDF)
    first = transferred(world, opened)
    second = handed_on(world, world.tax, first, "water")
    for agency in (world.water, world.tax, world.water):
        do_jobs(world, agency)

    def seen() -> list[tuple[UUID, UUID]]:
        with world.as_citizen(opened.case_id, world.water, world.tax) as context:
            return [
                (ticket, view.id)
                for ticket in (opened.ticket_id, first, second)
                for view in attachments_of_ticket(context, ticket)
            ]

    (in_tax,) = files_of(world, first, world.tax)
    (back,) = files_of(world, second, world.water)
    assert seen() == [(opened.ticket_id, mine)]
    # What is gone in one body is shown where it still is.
    for gone, agency, left in (
        (mine, world.water, [(first, in_tax.id)]),
        (in_tax.id, world.tax, [(second, back.id)]),
        (back.id, world.water, []),
    ):
        with world.as_system(agency) as context:
            actions.delete(context, gone)
        assert seen() == left


def test_erasing_one_leaves_the_other_s_bytes(world: World, files: Path) -> None:
    opened, (mine,) = opened_with(world, PDF)
    do_jobs(world)
    (copy,) = files_of(world, transferred(world, opened), world.tax)
    do_jobs(world, world.tax)
    with world.as_system(world.water) as context:
        actions.delete(context, mine)
    do_jobs(world)
    assert content_of(world, copy.id, world.tax) == PDF
    assert len(stored(files)) == 1
    with world.as_system(world.tax) as context:
        actions.delete(context, copy.id)
    do_jobs(world, world.tax)
    assert stored(files) == []


def test_the_sweep_leaves_what_came_along(world: World, files: Path) -> None:
    opened, _ = opened_with(world, PDF, photo())
    do_jobs(world)
    new = transferred(world, opened)
    age(files, world, 100)
    world.clock.advance(timedelta(days=10))
    assert swept(world) == (0, 0)
    do_jobs(world, world.tax)
    age(files, world, 100)
    assert swept(world) == (0, 0)
    assert [view.state for view in files_of(world, new, world.tax)] == ["ready", "ready"]


def test_a_copying_that_ends_early_is_made_again(world: World, files: Path) -> None:
    opened, _ = opened_with(world, PDF)
    do_jobs(world)
    (copy,) = files_of(world, transferred(world, opened), world.tax)
    with cut_short(world.as_system(world.tax)) as context:
        actions.bring(context, world.tax.id, copy.id)
    # The bytes are there, the row does not say so; even swept meanwhile, the job brings them again.
    assert (state_of(world, copy.id, world.tax)[0], len(stored(files))) == ("copying", 2)
    age(files, world, 25)
    assert swept(world) == (0, 1)
    do_jobs(world, world.tax)
    assert (state_of(world, copy.id, world.tax)[0], len(stored(files))) == ("ready", 2)
    assert content_of(world, copy.id, world.tax) == PDF
    with world.as_system(world.tax) as context:
        actions.bring(context, world.tax.id, copy.id)
    assert kinds_of_facts(world, copy.id, world.tax) == ["attachment.carried", "attachment.ready"]


def test_a_file_handed_on_while_it_is_examined_is_examined_in_both_bodies(world: World) -> None:
    opened, (good, bad) = opened_with(world, photo(), png_saying(50_000, 50_000))
    new = transferred(world, opened)
    do_jobs(world, world.tax)
    assert {view.state: view.reason is not None for view in files_of(world, new, world.tax)} == {
        "ready": False,
        "refused": True,
    }
    assert (state_of(world, good)[0], state_of(world, bad)[0]) == ("scanning", "scanning")
    do_jobs(world)
    assert (state_of(world, good)[0], state_of(world, bad)[0]) == ("ready", "refused")


def test_a_file_refused_before_its_copy_was_made_is_refused_there_too(world: World) -> None:
    opened, (bad,) = opened_with(world, png_saying(50_000, 50_000))
    (copy,) = files_of(world, transferred(world, opened), world.tax)
    do_jobs(world)
    assert state_of(world, bad) == ("refused", "too_many_pixels")
    do_jobs(world, world.tax)
    assert state_of(world, copy.id, world.tax) == ("refused", "too_many_pixels")


def test_a_file_erased_before_its_copy_was_made_is_erased_there_too(world: World) -> None:
    opened, (mine,) = opened_with(world, PDF)
    do_jobs(world)
    (copy,) = files_of(world, transferred(world, opened), world.tax)
    with world.as_system(world.water) as context:
        actions.delete(context, mine)
    do_jobs(world, world.tax)
    assert state_of(world, copy.id, world.tax) == ("erased", None)
    assert kinds_of_facts(world, copy.id, world.tax) == ["attachment.carried", "attachment.erased"]


def test_files_refused_or_gone_are_not_carried(world: World) -> None:
    opened, (bad, gone) = opened_with(world, png_saying(50_000, 50_000), PDF)
    do_jobs(world)
    assert state_of(world, bad)[0] == "refused"
    with world.as_system(world.water) as context:
        actions.delete(context, gone)
    assert files_of(world, transferred(world, opened), world.tax) == []


def test_a_case_handed_on_twice_in_a_hurry_brings_its_files_from_where_they_are(world: World) -> None:
    opened, _ = opened_with(world, PDF)
    do_jobs(world)
    first = transferred(world, opened)
    second = handed_on(world, world.tax, first, "water")
    # The second copy is made before the first.
    do_jobs(world)
    (copy,) = files_of(world, second, world.water)
    assert content_of(world, copy.id, world.water) == PDF
    assert [view.state for view in files_of(world, first, world.tax)] == ["copying"]
    do_jobs(world, world.tax)
    assert [view.state for view in files_of(world, first, world.tax)] == ["ready"]


@pytest.mark.parametrize(("content", "problem"), [(b"other bytes", BytesDiffer), (None, BytesMissing)])
def test_bytes_lost_or_changed_in_the_store_are_not_passed_on(
    world: World, content: bytes | None, problem: type[Exception]
) -> None:
    opened, (mine,) = opened_with(world, PDF)
    do_jobs(world)
    (copy,) = files_of(world, transferred(world, opened), world.tax)
    row = row_of(world, mine)
    assert row.stored_sha256 is not None
    if content is None:
        process_store().remove([row.file_key(row.stored_sha256)])
    else:
        process_store().write(row.file_key(row.stored_sha256), content)
    with pytest.raises(problem), cut_short(world.as_system(world.tax)) as context:
        actions.bring(context, world.tax.id, copy.id)
    assert do_jobs(world, world.tax) == [Outcome.FAILED]
    assert state_of(world, copy.id, world.tax)[0] == "copying"


def test_a_job_that_brings_a_file_sees_no_other_case_of_the_other_body(world: World) -> None:
    opened, (mine,) = opened_with(world, PDF)
    _, (strange,) = opened_with(world, PDF)
    do_jobs(world)
    (copy,) = files_of(world, transferred(world, opened), world.tax)
    # Were a row to name a file of another case, the fence would not give it.
    with world.as_system(world.tax) as context:
        row = context.session.get_one(Attachment, (world.tax.id, copy.id))
        row.copied_from = strange
        context.session.flush()
    assert do_jobs(world, world.tax) == [Outcome.FAILED]
    with world.as_system(world.tax) as context:
        context.session.get_one(Attachment, (world.tax.id, copy.id)).copied_from = mine
        context.session.flush()
        actions.bring(context, world.tax.id, copy.id)
    assert state_of(world, copy.id, world.tax)[0] == "ready"


def test_the_answers_name_the_files_that_the_body_has(world: World) -> None:
    offer_photos(world)
    with as_anybody(world) as context:
        photos = [taken_in(context, photo()).id for _ in range(2)]
        opened = tickets.open_case(
            context,
            service="photos",
            description="انظروا",
            channel=Channel.WEB,
            answers={"photos": [str(each) for each in photos], "where": str(photos[0])},
        )
    with world.as_system(world.water) as context:
        actions.delete(context, photos[1])
    first = transferred(world, opened)
    second = handed_on(world, world.tax, first, "water")
    for ticket_id, agency in ((first, world.tax), (second, world.water)):
        (copy,) = files_of(world, ticket_id, agency)
        assert ticket_by_id(world, ticket_id, agency).carried_answers == [
            {
                "question": {"ar": "صور المكان", "en": "Photos of the place"},
                "kind": "file",
                "answer": [str(copy.id)],
            },
            # An answer that only looks like a file stays as it was given.
            {"question": {"ar": "أين؟", "en": "Where?"}, "kind": "text", "answer": str(photos[0])},
        ]


def test_a_transfer_that_is_refused_carries_nothing(world: World) -> None:
    opened, _ = opened_with(world, PDF)
    with world.as_staff(world.water) as context, refused(UnknownService, "service"):
        tickets.transfer(context, opened.ticket_id, 2, tenant="tax", service="no-such", reason="ليست لنا")
    with world.as_system(world.tax) as context:
        there = select(Attachment.id).where(Attachment.tenant_id == world.tax.id)
        assert context.session.scalars(there).all() == []
