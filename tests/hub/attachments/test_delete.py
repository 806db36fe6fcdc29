from __future__ import annotations

from pathlib import Path

from hub.attachments import actions
from hub.attachments.errors import FileInUse
from hub.attachments.queries import attachment_view, attachments_of_ticket
from tenants.errors import NotFound
from tests.factories.tickets import open_leak
from tests.hub.attachments.acting import (
    as_anybody,
    claim,
    do_jobs,
    examined,
    kinds_of_facts,
    row_of,
    stored,
    taken_in,
)
from tests.hub.attachments.making import PDF
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_an_uploader_takes_a_file_back(world: World, files: Path) -> None:
    mine = examined(world, PDF, "اسمي.pdf")
    with as_anybody(world) as context:
        actions.delete(context, mine)
        with refused(NotFound, "attachment"):
            attachment_view(context, mine)
        with refused(NotFound, "attachment"):
            actions.delete(context, mine)
    # The bytes go after the commit that says so.
    assert len(stored(files)) == 1
    do_jobs(world)
    assert stored(files) == []
    row = row_of(world, mine)
    assert (row.state, row.name, row.sha256, row.stored_sha256) == ("erased", None, None, None)
    assert kinds_of_facts(world, mine)[-1] == "attachment.erased"


def test_an_upload_under_way_can_be_given_up(world: World, files: Path) -> None:
    with as_anybody(world) as context:
        mine = actions.begin_upload(context, name="a", size=10).id
        actions.put_piece(context, mine, offset=0, content=b"12345")
        actions.delete(context, mine)
        with refused(NotFound, "attachment"):
            actions.put_piece(context, mine, offset=5, content=b"67890")
    do_jobs(world)
    assert stored(files) == []


def test_a_file_deleted_before_it_was_examined_is_never_ready(world: World, files: Path) -> None:
    with as_anybody(world) as context:
        mine = taken_in(context, PDF).id
        actions.delete(context, mine)
    do_jobs(world)
    assert kinds_of_facts(world, mine) == ["attachment.uploaded", "attachment.erased"]
    assert stored(files) == []


def test_the_record_of_a_case_is_erased_by_the_system_alone(world: World, files: Path) -> None:
    opened = open_leak(world)
    with world.as_citizen(opened.case_id) as context:
        mine = taken_in(context, PDF).id
        claim(context, [mine], opened)
        with refused(FileInUse, "attachment"):
            actions.delete(context, mine)
    with world.as_staff(world.water, "manager") as context, refused(NotFound, "attachment"):
        actions.delete(context, mine)
    do_jobs(world)
    with world.as_system(world.water) as context:
        actions.delete(context, mine)
    do_jobs(world)
    assert stored(files) == []
    row = row_of(world, mine)
    assert (row.state, row.ticket_id) == ("erased", opened.ticket_id)
    with world.as_staff(world.water, "lead") as context:
        assert attachments_of_ticket(context, opened.ticket_id) == []
