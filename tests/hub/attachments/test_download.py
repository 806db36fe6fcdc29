from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from hub.attachments import actions
from hub.attachments.errors import (
    DownloadLinkRefused,
    FileNotReady,
    FileRefused,
    StoreUnavailable,
)
from hub.attachments.links import FileLink, write_link
from hub.attachments.queries import attachment_view, make_link, open_link, read
from hub.attachments.settings import file_settings
from hub.attachments.store import use_store
from tenants.errors import NotFound
from tests.factories.tickets import open_bill
from tests.hub.attachments.acting import as_anybody, do_jobs, examined, set_to, taken_in
from tests.hub.attachments.making import PDF, noise, png_saying
from tests.hub.tickets.refusals import refused
from tests.world import World


def linked(world: World, attachment_id: UUID) -> str:
    with as_anybody(world) as context:
        return make_link(context, attachment_id).token


def test_a_link_gives_the_file_for_a_short_while(world: World) -> None:
    content = b"%PDF-1.7\n" + noise(3_000_000) + b"\n%%EOF"
    mine = examined(world, content, "تقرير.pdf")
    with as_anybody(world) as context:
        link = make_link(context, mine)
    assert link.expires_at - world.clock.moment <= timedelta(seconds=300)
    assert link.token not in repr(link)
    for _ in range(2):
        download = open_link(world.database, link.token, clock=world.clock)
        assert (download.name, download.media_type) == ("تقرير.pdf", "application/pdf")
        chunks = list(download.chunks)
        assert (len(chunks) > 1, b"".join(chunks)) == (True, content)
    world.clock.advance(timedelta(seconds=301))
    with refused(DownloadLinkRefused, "link"):
        open_link(world.database, link.token, clock=world.clock)


def test_links_that_nobody_made_open_nothing(world: World) -> None:
    mine = examined(world, PDF)
    token = linked(world, mine)
    pepper = file_settings().pepper.get_secret_value().encode()
    later = world.clock.moment + timedelta(hours=1)
    for wrong in (
        "",
        "x",
        token[:-1],
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        write_link(b"another pepper" * 3, FileLink(world.water.id, mine, later)),
        write_link(pepper, FileLink(world.tax.id, mine, later)),
        write_link(pepper, FileLink(world.water.id, uuid4(), later)),
        write_link(pepper, FileLink(uuid4(), mine, later)),
    ):
        with refused(DownloadLinkRefused, "link"):
            open_link(world.database, wrong, clock=world.clock)
    assert b"".join(open_link(world.database, token, clock=world.clock).chunks) == PDF


def test_a_link_is_made_only_by_who_may_see_the_file(world: World) -> None:
    mine = examined(world, PDF)
    for entered in (
        world.as_staff(world.tax, "manager"),
        world.as_staff(world.water, "manager"),
        world.as_citizen(open_bill(world).case_id),
    ):
        with entered as context, refused(NotFound, "attachment"):
            make_link(context, mine)


def test_what_is_not_ready_is_not_handed_out(world: World) -> None:
    with as_anybody(world) as context:
        waiting = taken_in(context, PDF).id
        bad = taken_in(context, png_saying(50_000, 50_000)).id
        arriving = actions.begin_upload(context, name="a", size=3).id
        for look in (read, make_link):
            for file in (waiting, arriving):
                with refused(FileNotReady, "attachment"):
                    look(context, file)
    token = write_link(
        file_settings().pepper.get_secret_value().encode(),
        FileLink(world.water.id, waiting, world.clock.moment + timedelta(hours=1)),
    )
    with refused(DownloadLinkRefused, "link"):
        open_link(world.database, token, clock=world.clock)
    do_jobs(world)
    with as_anybody(world) as context:
        with refused(FileRefused, "attachment"):
            make_link(context, bad)
        assert attachment_view(context, bad).reason is not None


def test_a_file_that_the_store_has_lost_is_not_found(world: World, files: Path) -> None:
    mine = examined(world, PDF)
    token = linked(world, mine)
    for path in files.rglob("file-*"):
        path.unlink()
    with as_anybody(world) as context, refused(NotFound, "attachment"):
        read(context, mine)
    with refused(DownloadLinkRefused, "link"):
        open_link(world.database, token, clock=world.clock)


def test_a_store_that_does_not_answer_is_said_so(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "a-file"
    in_the_way.write_text("no folder")
    set_to(monkeypatch, folder=in_the_way / "files")
    use_store(None)
    with as_anybody(world) as context, refused(StoreUnavailable, "HUB_FILES_FOLDER"):
        taken_in(context, PDF)
