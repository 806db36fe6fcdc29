from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.attachments import actions
from hub.attachments.errors import (
    ChecksumDiffers,
    FileEmpty,
    MoreThanDeclared,
    PieceTooLarge,
    TooManyBytesToday,
    TooManyPieces,
    UploadIncomplete,
    UploadOver,
    WrongOffset,
)
from hub.attachments.images import PhotoPlace
from hub.attachments.models import AttachmentState, Progress
from hub.attachments.queries import progress_of, read
from tenants.context import SYSTEM
from tenants.errors import NotFound, Refusal
from tests.hub.attachments.acting import as_anybody, do_jobs, kinds_of_facts, set_to, sha, stored
from tests.hub.attachments.making import PDF, noise, photo
from tests.hub.tickets.refusals import refused
from tests.world import World

CONTENT = b"%PDF-1.7\n" + noise(190) + b"\n%%EOF"


def begun(world: World, content: bytes = CONTENT) -> actions.Upload:
    with as_anybody(world) as context:
        return actions.begin_upload(context, name="ملف.pdf", size=len(content))


def put(world: World, upload: actions.Upload, offset: int, content: bytes) -> Progress:
    with as_anybody(world) as context:
        return actions.put_piece(context, upload.id, offset=offset, content=content)


def finish(world: World, upload: actions.Upload, content: bytes = CONTENT) -> actions.Finished:
    with as_anybody(world) as context:
        return actions.finish_upload(context, upload.id, sha256=sha(content))


def test_a_file_in_pieces_becomes_whole(world: World, files: Path) -> None:
    upload = begun(world)
    assert (upload.name, upload.size) == ("ملف.pdf", len(CONTENT))
    assert put(world, upload, 0, CONTENT[:100]) == Progress(100, len(CONTENT))
    assert put(world, upload, 100, CONTENT[100:]) == Progress(len(CONTENT), len(CONTENT))
    assert finish(world, upload).state is AttachmentState.SCANNING
    do_jobs(world)
    with as_anybody(world) as context:
        assert b"".join(read(context, upload.id).chunks) == CONTENT
    assert len(stored(files)) == 1


def test_the_same_piece_again_changes_nothing(world: World, files: Path) -> None:
    upload = begun(world)
    for _ in range(3):
        assert put(world, upload, 0, CONTENT[:100]).received == 100
    put(world, upload, 100, CONTENT[100:150])
    assert put(world, upload, 0, CONTENT[:100]).received == 150
    assert len(stored(files)) == 2


@pytest.mark.parametrize(
    ("offset", "content"),
    [(101, b"x"), (99, b"x"), (0, b"x" * 100), (0, CONTENT[:99]), (-1, b"x"), (10**30, b"x")],
)
def test_a_piece_in_the_wrong_place_is_told_the_right_one(world: World, offset: int, content: bytes) -> None:
    upload = begun(world)
    put(world, upload, 0, CONTENT[:100])
    with refused(WrongOffset, "offset") as caught:
        put(world, upload, offset, content)
    assert caught.value.facts["expected"] == 100
    with as_anybody(world) as context:
        assert progress_of(context, upload.id) == Progress(100, len(CONTENT))


def test_pieces_are_capped_in_size_and_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, bytes_per_piece=10, pieces_per_file=2)
    upload = begun(world)
    assert upload.most_bytes_per_piece == 10
    with refused(PieceTooLarge, "piece"):
        put(world, upload, 0, b"x" * 11)
    with refused(FileEmpty, "piece"):
        put(world, upload, 0, b"")
    put(world, upload, 0, b"x")
    put(world, upload, 1, b"x")
    with refused(TooManyPieces, "piece"):
        put(world, upload, 2, b"x")


def test_more_than_was_declared_is_refused(world: World) -> None:
    upload = begun(world)
    put(world, upload, 0, CONTENT[:-1])
    with refused(MoreThanDeclared, "piece"):
        put(world, upload, len(CONTENT) - 1, b"xy")


def test_an_upload_is_finished_when_it_is_whole_and_as_it_was_sent(world: World) -> None:
    upload = begun(world)
    put(world, upload, 0, CONTENT[:100])
    with refused(UploadIncomplete, "attachment"):
        finish(world, upload)
    put(world, upload, 100, CONTENT[100:])
    with refused(ChecksumDiffers, "sha256"):
        finish(world, upload, CONTENT + b"x")
    # A slip in the checksum loses nothing.
    assert finish(world, upload).state is AttachmentState.SCANNING


def test_finishing_again_gives_the_same_answer(world: World) -> None:
    content = photo()
    upload = begun(world, content)
    put(world, upload, 0, content)
    first = finish(world, upload, content)
    assert first.place == PhotoPlace(30.0444, 31.2356)
    assert finish(world, upload, content) == first
    do_jobs(world)
    later = finish(world, upload, content)
    # The photo has lost its place by now.
    assert (later.id, later.state, later.place) == (first.id, AttachmentState.READY, None)
    assert kinds_of_facts(world, upload.id) == ["attachment.uploaded", "attachment.ready"]
    with refused(UploadOver, "attachment"):
        finish(world, upload)
    with refused(UploadOver, "attachment"):
        put(world, upload, 0, content)


def test_the_other_tenant_and_other_callers_know_of_no_upload(world: World) -> None:
    upload = begun(world)
    with as_anybody(world, world.tax) as context, refused(NotFound, "attachment"):
        actions.put_piece(context, upload.id, offset=0, content=CONTENT)
    for who in ("agent", "lead"):
        with world.as_staff(world.water, who) as context:
            for act in (
                lambda context=context: actions.put_piece(context, upload.id, offset=0, content=CONTENT),
                lambda context=context: actions.finish_upload(context, upload.id, sha256=sha(CONTENT)),
                lambda context=context: actions.delete(context, upload.id),
                lambda context=context: progress_of(context, upload.id),
            ):
                with refused(NotFound, "attachment"):
                    act()
    with world.as_staff(world.water, "agent") as context:
        mine = actions.begin_upload(context, name="a.pdf", size=len(CONTENT))
    with world.as_staff(world.water, "lead") as context, refused(NotFound, "attachment"):
        actions.put_piece(context, mine.id, offset=0, content=CONTENT)


Step = tuple[int, int]


@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(CONTENT)), st.integers(1, 90)), max_size=12))
def test_however_pieces_come_what_arrived_is_what_was_sent(world: World, steps: list[Step]) -> None:
    """Any pieces of the file in any order, again and again, then the rest from where the hub says: always the file."""
    upload = begun(world)
    received = 0
    for offset, length in steps:
        try:
            received = put(world, upload, offset, CONTENT[offset : offset + length]).received
        except WrongOffset as wrong:
            told = wrong.facts["expected"]
            assert told == received
        except FileEmpty:
            assert offset == len(CONTENT)
    if received < len(CONTENT):
        put(world, upload, received, CONTENT[received:])
    assert finish(world, upload).state is AttachmentState.SCANNING


def test_one_piece_sent_ten_times_at_once_counts_once(own_world: World, files: Path) -> None:
    world = own_world
    upload = begun(world)
    answers = _at_once(10, lambda number: put(world, upload, 0, CONTENT[:100]).received)
    assert answers == [100] * 10
    # Different bytes for one place: one of them wins, the others are told.
    answers = _at_once(6, lambda number: put(world, upload, 100, bytes([number]) * 10).received)
    assert sorted(map(str, answers)) == ["110", *["wrong_offset"] * 5]
    assert len(stored(files)) == 2


def test_parallel_uploads_never_take_more_than_the_day_has(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = own_world
    set_to(monkeypatch, bytes_per_day=5 * len(PDF))
    answers = _at_once(12, lambda number: begun(world, PDF).size)
    assert sorted(map(str, answers)) == [str(len(PDF))] * 5 + [TooManyBytesToday().code] * 7


def _at_once(number: int, act: object) -> list[object]:
    """What came of an act done by several at once: its answer, or the code of its refusal."""
    assert callable(act)
    answers: list[object] = []
    ready = threading.Barrier(number)

    def run(mine: int) -> None:
        ready.wait()
        try:
            answers.append(act(mine))
        except Refusal as no:
            answers.append(no.code)

    threads = [threading.Thread(target=run, args=(each,)) for each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_system_may_go_on_with_any_upload(world: World) -> None:
    upload = begun(world)
    with world.database.unit_of_work(actor=SYSTEM, tenants=(world.water.id,), clock=world.clock) as context:
        assert actions.put_piece(context, upload.id, offset=0, content=CONTENT).received == len(CONTENT)
