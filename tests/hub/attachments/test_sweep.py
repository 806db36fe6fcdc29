from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from hub.attachments import actions
from hub.attachments.queries import read
from hub.attachments.store import process_store
from hub.drafts.actions import KEPT_FOR
from tests.factories.tickets import open_bill
from tests.hub.attachments.acting import (
    age,
    as_anybody,
    claim,
    cut_short,
    do_jobs,
    examined,
    kinds_of_facts,
    row_of,
    state_of,
    stored,
    swept,
    taken_in,
)
from tests.hub.attachments.making import PDF, photo
from tests.world import World


def test_a_unit_of_work_that_ends_early_leaves_nothing_to_be_seen_and_its_bytes_are_swept(
    world: World, files: Path
) -> None:
    with cut_short(as_anybody(world)) as context:
        taken_in(context, PDF)
    assert len(stored(files)) == 1
    age(files, world, 23)
    assert swept(world) == (0, 0)
    age(files, world, 25)
    assert swept(world) == (0, 1)
    assert stored(files) == []


def test_a_piece_whose_row_was_never_written_is_swept_and_the_upload_goes_on(
    world: World, files: Path
) -> None:
    with as_anybody(world) as context:
        mine = actions.begin_upload(context, name="a", size=len(PDF)).id
        actions.put_piece(context, mine, offset=0, content=PDF[:20])
    with cut_short(as_anybody(world)) as context:
        actions.put_piece(context, mine, offset=20, content=b"never acknowledged")
    assert len(stored(files)) == 2
    age(files, world, 25)
    assert swept(world) == (0, 1)
    with as_anybody(world) as context:
        actions.put_piece(context, mine, offset=20, content=PDF[20:])
    do_jobs(world)
    assert len(stored(files)) == 2


def test_an_examination_that_ends_early_is_made_again(world: World, files: Path) -> None:
    with as_anybody(world) as context:
        mine = taken_in(context, photo()).id
    with cut_short(world.as_system(world.water)) as context:
        actions.examine(context, world.water.id, mine)
    assert (state_of(world, mine)[0], len(stored(files))) == ("scanning", 2)
    do_jobs(world)
    assert (state_of(world, mine)[0], len(stored(files))) == ("ready", 1)


def test_a_clearing_that_ends_early_is_made_again(world: World, files: Path) -> None:
    mine = examined(world, PDF)
    with as_anybody(world) as context:
        actions.delete(context, mine)
    with cut_short(world.as_system(world.water)) as context:
        actions.clear(context, world.water.id, mine)
    do_jobs(world)
    assert stored(files) == []


def test_what_nobody_finished_or_used_is_given_up(world: World, files: Path) -> None:
    with as_anybody(world) as context:
        begun = actions.begin_upload(context, name="a", size=10).id
        actions.put_piece(context, begun, offset=0, content=b"12345")
    unused = examined(world, PDF)
    used = examined(world, PDF)
    opened = open_bill(world)
    with as_anybody(world) as context:
        claim(context, [used], opened)
    world.clock.advance(timedelta(hours=23))
    assert swept(world) == (0, 0)
    world.clock.advance(timedelta(hours=2))
    assert swept(world)[0] == 1
    # As long as a report that names it may lie unsent, and once more: each page that is sent keeps the report anew.
    world.clock.advance(2 * KEPT_FOR - timedelta(hours=25))
    assert swept(world)[0] == 0
    world.clock.advance(timedelta(days=1, seconds=1))
    assert swept(world)[0] == 1
    assert swept(world)[0] == 0
    do_jobs(world)
    assert (state_of(world, begun)[0], state_of(world, unused)[0]) == ("erased", "erased")
    assert kinds_of_facts(world, unused)[-1] == "attachment.erased"
    assert len(stored(files)) == 1
    with world.as_staff(world.water) as context:
        assert b"".join(read(context, used).chunks) == PDF


def test_what_is_named_by_a_row_is_never_swept_however_old(world: World, files: Path) -> None:
    ready = examined(world, photo())
    with as_anybody(world) as context:
        taken_in(context, PDF)
        begun = actions.begin_upload(context, name="a", size=10).id
        actions.put_piece(context, begun, offset=0, content=b"12345")
    before = stored(files)
    age(files, world, 1000)
    assert swept(world) == (0, 0)
    assert stored(files) == before
    assert row_of(world, ready).state == "ready"


def test_what_is_not_the_hubs_or_of_unknown_tenants_is_left_alone(world: World, files: Path) -> None:
    process_store().write("lost+found", b"x")
    process_store().write(f"{uuid4()}/{uuid4()}/file-00", b"of a tenant nobody sees")
    process_store().write(f"{world.tax.id}/{uuid4()}/file-00", b"of nobody")
    age(files, world, 1000)
    assert swept(world) == (0, 1)
    assert len(stored(files)) == 2


def test_what_a_crash_left_half_written_is_swept(world: World, files: Path) -> None:
    examined(world, PDF)
    (half,) = [path for path in files.rglob("*") if path.is_file()]
    (half.parent / f"{half.name}#1").write_bytes(b"half")
    age(files, world, 25)
    assert swept(world) == (0, 1)
    assert stored(files) == [half.name]


def test_bytes_that_are_being_written_again_just_now_are_left_alone(own_world: World, files: Path) -> None:
    """An old piece whose row was lost, sent again while the sweep looks: the sweep steps back."""
    world = own_world
    with as_anybody(world) as context:
        mine = actions.begin_upload(context, name="a", size=10).id
    with cut_short(as_anybody(world)) as context:
        actions.put_piece(context, mine, offset=0, content=b"12345")
    age(files, world, 25)
    with as_anybody(world) as context:
        actions.put_piece(context, mine, offset=0, content=b"12345")
        age(files, world, 25)
        assert swept(world) == (0, 0)
    assert len(stored(files)) == 1
    assert swept(world) == (0, 0)
