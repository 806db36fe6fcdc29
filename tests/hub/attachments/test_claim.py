from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from hub.attachments import actions
from hub.attachments.errors import FileNotFinished, FileRefused, FilesNotKnown, TooManyFiles
from hub.attachments.models import AttachmentState
from hub.attachments.queries import attachment_view, attachments_of_ticket, read
from hub.journal.models import Fact
from hub.tickets.actions import Opened, open_case
from hub.tickets.moving import reaching
from hub.vocabulary import Channel
from tenants.context import CITIZEN
from tenants.errors import NotFound
from tests.factories.tickets import open_bill, open_leak
from tests.hub.attachments.acting import as_anybody, claim, do_jobs, row_of, set_to, state_of, taken_in
from tests.hub.attachments.making import PAGE, PDF, photo, png_saying
from tests.hub.tickets.refusals import refused
from tests.world import Agency, World


def uploaded(world: World, content: bytes = PDF, agency: Agency | None = None) -> UUID:
    world.clock.advance(timedelta(seconds=1))
    with as_anybody(world, agency) as context:
        return taken_in(context, content, "a.pdf").id


def citizens_case(world: World, *files: UUID) -> Opened:
    """A citizen's case, opened with files that they uploaded before."""
    with as_anybody(world) as context:
        opened = open_case(context, service="bill", description="فاتورة", channel=Channel.WEB)
        claim(context, files, opened)
    return opened


def added(world: World, opened: Opened) -> list[str]:
    with world.as_system(world.water) as context:
        return [
            fact.data["attachment_id"]
            for fact in context.session.scalars(
                select(Fact)
                .where(
                    Fact.tenant_id == world.water.id,
                    Fact.kind == "attachment.added",
                    Fact.case_id == opened.case_id,
                    Fact.ticket_id == opened.ticket_id,
                )
                .order_by(Fact.id)
            )
        ]


def test_files_come_with_a_case_and_are_seen_by_those_it_concerns(world: World) -> None:
    first, second = uploaded(world), uploaded(world, photo())
    do_jobs(world)
    opened = citizens_case(world, first, second)
    assert added(world, opened) == [str(first), str(second)]
    with world.as_staff(world.water, "agent") as context:
        assert [view.id for view in attachments_of_ticket(context, opened.ticket_id)] == [first, second]
        assert b"".join(read(context, first).chunks) == PDF
    with world.as_citizen(opened.case_id) as context:
        assert [view.id for view in attachments_of_ticket(context, opened.ticket_id)] == [first, second]
        assert b"".join(read(context, first).chunks) == PDF


def test_strangers_see_no_file(world: World) -> None:
    mine = uploaded(world)
    do_jobs(world)
    opened = citizens_case(world, mine)
    other = open_bill(world)

    strangers = {
        "citizen of another case": world.as_citizen(other.case_id),
        "citizen without a case, though they know the id": as_anybody(world),
        "staff of the other tenant": world.as_staff(world.tax, "manager"),
        "citizen of the other tenant": as_anybody(world, world.tax),
    }
    for name, entered in strangers.items():
        with entered as context:
            assert attachments_of_ticket(context, opened.ticket_id) == [], name
            for look in (attachment_view, read, actions.delete):
                with refused(NotFound, "attachment"):
                    look(context, mine)


def test_an_unclaimed_file_is_its_uploaders_alone(world: World) -> None:
    mine = uploaded(world)
    do_jobs(world)
    with as_anybody(world) as context:
        assert attachment_view(context, mine).state is AttachmentState.READY
    for who in ("agent", "manager"):
        with world.as_staff(world.water, who) as context, refused(NotFound, "attachment"):
            attachment_view(context, mine)
    other = open_bill(world)
    with world.as_citizen(other.case_id) as context, refused(NotFound, "attachment"):
        attachment_view(context, mine)


def test_files_are_claimed_by_a_unit_of_work_that_is_bound_to_the_case_already(world: World) -> None:
    mine = uploaded(world)
    opened = open_bill(world)
    with as_anybody(world) as context, reaching(context, opened.case_id) as bound:
        claim(bound, [mine], opened)
        # The fence stands as it stood.
        fence = bound.session.connection().exec_driver_sql("SELECT current_case()").scalar()
        assert fence == opened.case_id
    assert row_of(world, mine).ticket_id == opened.ticket_id


def test_claiming_again_is_no_matter(world: World) -> None:
    mine = uploaded(world)
    opened = citizens_case(world, mine, mine)
    with world.as_citizen(opened.case_id) as context:
        claim(context, [mine], opened)
    assert added(world, opened) == [str(mine)]


def test_a_file_belongs_to_one_ticket_only(world: World) -> None:
    mine = uploaded(world)
    opened = citizens_case(world, mine)
    with refused(FilesNotKnown, "attachments"):
        citizens_case(world, mine)
    assert row_of(world, mine).case_id == opened.case_id


def test_all_files_are_claimed_or_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    good, page = uploaded(world), uploaded(world, PAGE)
    with as_anybody(world) as context:
        begun = actions.begin_upload(context, name="a", size=5).id
    others = uploaded(world, agency=world.tax)
    with world.as_staff(world.water, "agent") as context:
        staffs = taken_in(context, PDF).id
    opened = open_bill(world)
    for bad, refusal in (
        (page, FileRefused),
        (begun, FileNotFinished),
        (uuid4(), FilesNotKnown),
        (others, FilesNotKnown),
        (staffs, FilesNotKnown),
    ):
        with as_anybody(world) as context:
            with refused(refusal, "evidence"):
                claim(context, [good, bad], opened, field="evidence")
            # Nothing is kept even if the work goes on.
            assert attachment_view(context, good).ticket_id is None
    assert added(world, opened) == []
    set_to(monkeypatch, files_per_answer=1)
    with as_anybody(world) as context, refused(TooManyFiles, "attachments"):
        claim(context, [good, uuid4()], opened)
    with as_anybody(world) as context:
        claim(context, [], opened)
        claim(context, [good, good], opened)


def test_a_file_still_being_examined_can_be_claimed_and_its_fate_stands_on_the_ticket(world: World) -> None:
    good, bad = uploaded(world, photo()), uploaded(world, png_saying(50_000, 50_000))
    opened = citizens_case(world, good, bad)
    do_jobs(world)
    assert state_of(world, bad) == ("refused", "too_many_pixels")
    with world.as_system(world.water) as context:
        told = context.session.execute(
            select(Fact.kind, Fact.ticket_id)
            .where(
                Fact.tenant_id == world.water.id,
                Fact.kind.in_(("attachment.ready", "attachment.refused")),
                Fact.case_id == opened.case_id,
            )
            .order_by(Fact.id)
        ).all()
    assert told == [("attachment.ready", opened.ticket_id), ("attachment.refused", opened.ticket_id)]
    with world.as_citizen(opened.case_id) as context:
        views = attachments_of_ticket(context, opened.ticket_id)
        assert [(view.state, view.reason is not None) for view in views] == [
            (AttachmentState.READY, False),
            (AttachmentState.REFUSED, True),
        ]
        with refused(FileRefused, "attachment"):
            read(context, bad)


def test_a_citizen_of_a_case_attaches_to_that_case_and_no_other(world: World) -> None:
    mine, other = open_leak(world), open_bill(world)
    with world.as_citizen(mine.case_id) as context:
        file = taken_in(context, PDF).id
        with refused(FilesNotKnown, "attachments"):
            claim(context, [file], other)
    with as_anybody(world) as context:
        with refused(FilesNotKnown, "attachments"):
            claim(context, [file], other)
        with refused(NotFound, "attachment"):
            attachment_view(context, file)
    with world.as_citizen(mine.case_id) as context:
        claim(context, [file], mine)
    assert row_of(world, file).ticket_id == mine.ticket_id


def test_a_file_on_a_note_is_for_staff_alone(world: World) -> None:
    opened = open_leak(world)
    with world.as_staff(world.water, "field") as context:
        file = taken_in(context, PDF).id
        claim(context, [file], opened, internal=True)
    do_jobs(world)
    with world.as_staff(world.water, "agent") as context:
        assert [view.internal for view in attachments_of_ticket(context, opened.ticket_id)] == [True]
    with world.as_citizen(opened.case_id) as context:
        assert attachments_of_ticket(context, opened.ticket_id) == []
        with refused(NotFound, "attachment"):
            read(context, file)


def test_the_database_lists_no_unclaimed_file_to_a_unit_of_work_bound_to_a_case(world: World) -> None:
    uploaded(world)
    opened = open_bill(world)
    with world.database.unit_of_work(
        actor=CITIZEN, tenants=(world.water.id,), case_id=opened.case_id, clock=world.clock
    ) as context:
        seen = context.session.connection().exec_driver_sql("SELECT count(*) FROM attachments").scalar()
    assert seen == 0
