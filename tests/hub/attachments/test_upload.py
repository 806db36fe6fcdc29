from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from hub.attachments import actions
from hub.attachments.errors import (
    BadChecksum,
    ChecksumDiffers,
    FileEmpty,
    FileTooLarge,
    MoreThanDeclared,
    TooManyBytesToday,
    UploadIncomplete,
)
from hub.attachments.images import PhotoPlace
from hub.attachments.kinds import RefusedBecause
from hub.attachments.models import AttachmentState
from hub.attachments.queries import read
from tenants.context import Actor, ActorKind
from tenants.errors import NotAllowed
from tenants.permissions import Permission
from tests.hub.attachments.acting import (
    as_anybody,
    do_jobs,
    examined,
    kinds_of_facts,
    row_of,
    set_to,
    sha,
    state_of,
    stored,
    taken_in,
)
from tests.hub.attachments.making import CANARY, PAGE, PDF, noise, photo
from tests.hub.tickets.refusals import refused
from tests.world import World


def test_a_file_is_examined_before_it_can_be_fetched(world: World, files: Path) -> None:
    with as_anybody(world) as context:
        finished = taken_in(context, PDF, "فاتورة.pdf")
    assert (finished.state, finished.name, finished.place) == (AttachmentState.SCANNING, "فاتورة.pdf", None)
    do_jobs(world)
    with as_anybody(world) as context:
        download = read(context, finished.id)
    assert (download.name, download.media_type, download.size) == ("فاتورة.pdf", "application/pdf", len(PDF))
    assert b"".join(download.chunks) == PDF
    assert download.sha256.hex() == sha(PDF)
    # The pieces went when the whole file was there.
    assert [name.split("-")[0] for name in stored(files)] == ["file"]
    assert kinds_of_facts(world, finished.id) == ["attachment.uploaded", "attachment.ready"]


def test_the_place_of_a_photo_is_offered_and_kept_nowhere(world: World, files: Path) -> None:
    with as_anybody(world) as context:
        finished = taken_in(context, photo(), "IMG_1.JPG")
    assert finished.place == PhotoPlace(30.0444, 31.2356)
    do_jobs(world)
    row = row_of(world, finished.id)
    assert "30.04" not in str({column: getattr(row, column) for column in row.__table__.columns.keys()})  # noqa: SIM118 - its iterator gives columns
    (kept,) = [path for path in files.rglob("*") if path.is_file()]
    assert CANARY.encode() not in kept.read_bytes()
    assert b"Exif" not in kept.read_bytes()


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (PAGE, RefusedBecause.ACTIVE),
        (b"MZ" + noise(500), RefusedBecause.UNKNOWN_KIND),
        (photo() + PAGE, RefusedBecause.TWO_KINDS),
    ],
)
def test_what_is_not_taken_is_refused_at_once_and_its_bytes_go(
    world: World, files: Path, content: bytes, because: RefusedBecause
) -> None:
    with as_anybody(world) as context:
        finished = taken_in(context, content, "x\u202efdp.exe")
    assert (finished.state, finished.because, finished.name) == (
        AttachmentState.REFUSED,
        because,
        "xfdp.exe",
    )
    assert kinds_of_facts(world, finished.id) == ["attachment.refused"]
    do_jobs(world)
    assert stored(files) == []
    assert state_of(world, finished.id) == ("refused", because.value)


def test_a_name_that_lies_is_shown_with_what_the_file_is(world: World) -> None:
    with as_anybody(world) as context:
        assert taken_in(context, PDF, "x\u202efdp.exe").name == "xfdp.exe.pdf"
        assert taken_in(context, photo(), "../../etc/passwd").name == "passwd.jpg"


def test_a_large_file_is_kept_in_pieces_and_handed_out_whole(
    world: World, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, bytes_per_piece=1000)
    content = b"%PDF-1.7\n" + noise(5300) + b"\n%%EOF"
    with as_anybody(world) as context:
        finished = taken_in(context, content)
    assert len(stored(files)) == 6
    do_jobs(world)
    with as_anybody(world) as context:
        assert b"".join(read(context, finished.id).chunks) == content


def test_more_than_a_file_may_have_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, bytes_per_file=len(PDF) - 1)
    with as_anybody(world) as context, refused(FileTooLarge, "file"):
        taken_in(context, PDF)
    with as_anybody(world) as context, refused(FileTooLarge, "file"):
        actions.begin_upload(context, name="a", size=len(PDF))


def test_nothing_is_no_file(world: World) -> None:
    for size in (0, -1):
        with as_anybody(world) as context, refused(FileEmpty, "file"):
            actions.begin_upload(context, name="a", size=size)


@pytest.mark.parametrize(
    ("size", "checksum", "refusal", "field"),
    [
        (len(PDF) - 1, sha(PDF), MoreThanDeclared, "file"),
        (len(PDF) + 1, sha(PDF), UploadIncomplete, "file"),
        (len(PDF), sha(PDF[1:]), ChecksumDiffers, "sha256"),
        (len(PDF), "0" * 63, BadChecksum, "sha256"),
        (len(PDF), "g" * 64, BadChecksum, "sha256"),
        (len(PDF), "٠" * 64, BadChecksum, "sha256"),
    ],
)
def test_a_cut_off_or_changed_file_leaves_no_row(
    world: World, size: int, checksum: str, refusal: type, field: str
) -> None:
    with as_anybody(world) as context:
        before = context.session.connection().exec_driver_sql("SELECT count(*) FROM attachments").scalar()
        with refused(refusal, field):
            actions.upload(context, name="a", content=BytesIO(PDF), size=size, sha256=checksum)
        after = context.session.connection().exec_driver_sql("SELECT count(*) FROM attachments").scalar()
    assert before == after


def test_a_tenant_takes_in_so_much_a_day_and_again_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, bytes_per_day=2 * len(PDF) + 10)
    with as_anybody(world) as context:
        taken_in(context, PDF)
        actions.begin_upload(context, name="a", size=len(PDF))
        with refused(TooManyBytesToday, "file"):
            taken_in(context, PDF)
        with refused(TooManyBytesToday, "file"):
            actions.begin_upload(context, name="a", size=11)
        actions.begin_upload(context, name="a", size=10)
    with as_anybody(world, world.tax) as context:
        taken_in(context, PDF)
    world.clock.move_to(world.clock.moment.replace(hour=23, minute=59))
    with as_anybody(world) as context, refused(TooManyBytesToday, "file"):
        actions.begin_upload(context, name="a", size=1)
    world.clock.move_to(world.clock.moment.replace(day=23, hour=0, minute=0))
    with as_anybody(world) as context:
        taken_in(context, PDF)
        with refused(TooManyBytesToday, "file"):
            actions.begin_upload(context, name="a", size=2 * len(PDF) + 11)


def test_staff_who_may_write_on_no_ticket_upload_nothing(world: World) -> None:
    reader = Actor(
        ActorKind.STAFF, world.water["lead"].id, {world.water.id: frozenset({Permission.TICKETS_READ})}
    )
    with (
        world.database.unit_of_work(actor=reader, tenants=(world.water.id,), clock=world.clock) as context,
        refused(NotAllowed, None),
    ):
        taken_in(context, PDF)
    for who in ("agent", "field", "lead"):
        with world.as_staff(world.water, who) as context:
            assert taken_in(context, PDF).state is AttachmentState.SCANNING


def test_examining_twice_changes_nothing(world: World, files: Path) -> None:
    attachment_id = examined(world, photo())
    before = stored(files)
    with world.as_system(world.water) as context:
        actions.examine(context, world.water.id, attachment_id)
    assert kinds_of_facts(world, attachment_id) == ["attachment.uploaded", "attachment.ready"]
    assert stored(files) == before
