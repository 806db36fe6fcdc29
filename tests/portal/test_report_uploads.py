from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from obstore.store import MemoryStore
from sqlalchemy import select

from hub.attachments.actions.sweeping import give_up_unused
from hub.attachments.models import Attachment, AttachmentState
from hub.attachments.settings import file_settings
from hub.attachments.store import FileStore, use_store
from portal.app import create_portal
from tenants.database import Database
from tenants.languages import Language
from tests.hub.api.callers import AMPLE
from tests.hub.attachments.acting import set_to
from tests.hub.attachments.making import photo, place_exif
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, visiting, words_of
from tests.portal.reports import Reporting, a_piece, goes_to, offer_outage, sent_in_pieces
from tests.world import World

TEXT = b"".join(b"%07d\n" % number for number in range(5_000))


@pytest.fixture(autouse=True)
def files() -> Iterator[None]:
    use_store(FileStore(MemoryStore()))
    file_settings.cache_clear()
    yield
    use_store(None)
    file_settings.cache_clear()


@pytest.fixture
def outage(world: World, visitor: Visitor) -> Reporting:
    offer_outage(world)
    report = Reporting(visitor)
    report.fill("what", description="No water")
    report.fill("questions-1", homes="2", clinic="no")
    report.fill("place", address="here")
    return report


@pytest.fixture
def other(world: World) -> Iterator[Visitor]:
    with visiting(create_portal(Database(world.database.bind, clock=world.clock), rates=AMPLE)) as visitor:
        yield visitor


def rows(world: World) -> list[Attachment]:
    with world.as_system(world.water) as context:
        found = context.session.scalars(
            select(Attachment)
            .where(Attachment.tenant_id == world.water.id)
            .order_by(Attachment.created_at, Attachment.id)
        )
        return list(found)


def shown(report: Reporting) -> list[str]:
    boxes = [each for each in report.see("files").iter("input") if each.get("type") == "checkbox"]
    return [each.get("value") or "" for each in boxes if each.get("name") == "answers.attachments"]


def test_a_file_that_comes_in_pieces_is_one_whole_file_of_the_report(world: World, outage: Reporting) -> None:
    answer = sent_in_pieces(outage, "list.txt", TEXT, length=9_000)
    assert answer.json() == {"id": shown(outage)[0], "name": "list.txt", "place": None}
    (row,) = rows(world)
    assert (row.received, row.sha256) == (len(TEXT), hashlib.sha256(TEXT).digest())
    assert goes_to(outage.fill("files", attachments=str(row.id))) == "you"
    outage.fill("you")
    assert goes_to(outage.send()) == "receipt"
    assert [each.ticket_id is not None for each in rows(world)] == [True]


def test_a_small_file_takes_one_request_and_its_place_is_offered(outage: Reporting) -> None:
    answer = sent_in_pieces(outage, "here.jpg", photo(exif=place_exif()))
    told = answer.json()
    assert told["id"] in shown(outage)
    assert [round(each, 4) for each in told["place"]] == [30.0444, 31.2356]


def test_an_answer_that_was_lost_is_given_again_and_nothing_is_there_twice(
    world: World, outage: Reporting
) -> None:
    first, again = (a_piece(outage, "list.txt", TEXT, piece=TEXT[:9_000]) for _ in range(2))
    assert first.json() == again.json() == {"received": 9_000, "size": len(TEXT)}
    last, once_more = (
        a_piece(outage, "list.txt", TEXT, offset=9_000, piece=TEXT[9_000:]).json() for _ in range(2)
    )
    assert last == once_more
    asked = a_piece(outage, "list.txt", TEXT).json()
    assert asked == last
    assert len(rows(world)) == 1
    assert len(shown(outage)) == 1


def test_a_piece_at_a_wrong_place_is_told_where_to_go_on(world: World, outage: Reporting) -> None:
    assert a_piece(outage, "list.txt", TEXT).json() == {"received": 0, "size": len(TEXT)}
    a_piece(outage, "list.txt", TEXT, piece=TEXT[:9_000])
    for offset in (8_000, 10_000, 0):
        answer = a_piece(outage, "list.txt", TEXT, offset=offset, piece=TEXT[offset : offset + 500])
        assert (answer.status_code, answer.json()) == (409, {"received": 9_000})
    (row,) = rows(world)
    assert row.received == 9_000


def test_a_hub_that_takes_smaller_pieces_says_so(
    world: World, outage: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, bytes_per_piece=5_000)
    answer = a_piece(outage, "list.txt", TEXT, piece=TEXT)
    assert (answer.status_code, answer.json()) == (413, {"received": 0, "most": 5_000})
    assert sent_in_pieces(outage, "list.txt", TEXT, length=5_000).json()["id"] in shown(outage)


@pytest.mark.parametrize("language", Language)
def test_a_file_that_was_broken_off_is_named_on_the_page_and_goes_on_when_chosen_again(
    world: World, outage: Reporting, language: Language
) -> None:
    a_piece(outage, "قائمة.txt", TEXT, piece=TEXT[:20_000])
    there = Reporting(outage.visitor, language=language.value)
    words = words_of(there.see("files"))
    assert "قائمة.txt" in words
    assert {"ar": "٥٠", "en": "50%"}[language.value] in words
    answer = a_piece(there, "قائمة.txt", TEXT)
    assert answer.json()["received"] == 20_000
    a_piece(there, "قائمة.txt", TEXT, offset=20_000, piece=TEXT[20_000:])
    assert {"ar": "٥٠", "en": "50%"}[language.value] not in words_of(there.see("files"))
    assert len(shown(there)) == 1


def test_nobody_goes_on_with_the_upload_of_another_report(
    world: World, outage: Reporting, other: Visitor
) -> None:
    """Neither in another browser nor in another report of the same one is there anything to be seen of it."""
    a_piece(outage, "list.txt", TEXT, piece=TEXT[:9_000])
    theirs = Reporting(other)
    theirs.fill("what", description="No water either")
    assert a_piece(theirs, "list.txt", TEXT).json()["received"] == 0
    answer = a_piece(theirs, "list.txt", TEXT, offset=9_000, piece=TEXT[9_000:])
    assert (answer.status_code, answer.json()) == (409, {"received": 0})
    bill = Reporting(outage.visitor, service="bill")
    bill.fill("what", description="A bill")
    assert a_piece(bill, "list.txt", TEXT).json()["received"] == 0
    assert theirs.visitor.post(f"{theirs.path}/upload/cancel", told(TEXT)).status_code == 200
    states = sorted((each.received, each.state) for each in rows(world))
    assert states == [(0, "erased"), (0, "uploading"), (9_000, "uploading")]


def test_the_report_of_another_tenant_sees_nothing_of_it(world: World, outage: Reporting) -> None:
    a_piece(outage, "list.txt", TEXT, piece=TEXT[:9_000])
    elsewhere = Reporting(outage.visitor, tenant="power", service="outage")
    answer = a_piece(elsewhere, "list.txt", TEXT)
    assert answer.status_code == 404


def test_what_is_given_up_is_gone_and_begins_anew(world: World, outage: Reporting) -> None:
    a_piece(outage, "list.txt", TEXT, piece=TEXT[:9_000])
    for _ in range(2):
        assert outage.visitor.post(f"{outage.path}/upload/cancel", told(TEXT)).status_code == 200
    assert [each.state for each in rows(world)] == [AttachmentState.ERASED]
    assert a_piece(outage, "list.txt", TEXT).json()["received"] == 0


def test_what_is_in_the_report_is_not_given_up_by_a_late_word(world: World, outage: Reporting) -> None:
    sent_in_pieces(outage, "list.txt", TEXT)
    outage.visitor.post(f"{outage.path}/upload/cancel", told(TEXT))
    assert len(shown(outage)) == 1


def test_what_is_taken_out_of_the_report_can_be_chosen_again(world: World, outage: Reporting) -> None:
    sent_in_pieces(outage, "list.txt", TEXT)
    outage.fill("files")
    assert shown(outage) == []
    again = sent_in_pieces(outage, "list.txt", TEXT).json()
    assert shown(outage) == [again["id"]]


def test_erasing_the_report_erases_what_has_arrived(world: World, outage: Reporting) -> None:
    a_piece(outage, "list.txt", TEXT, piece=TEXT[:9_000])
    assert outage.visitor.post(f"{outage.path}/discard", {"sure": "yes"}).status_code == 303
    assert [each.state for each in rows(world)] == [AttachmentState.ERASED]


def test_nothing_is_added_to_a_report_that_was_sent(world: World, outage: Reporting) -> None:
    outage.fill("files")
    outage.fill("you")
    assert goes_to(outage.send()) == "receipt"
    answer = sent_in_pieces(outage, "list.txt", TEXT)
    assert answer.status_code == 409
    assert "already sent" in answer.json()["refused"]
    assert rows(world) == []


@pytest.mark.parametrize("language", Language)
def test_a_file_that_is_too_large_is_refused_before_any_of_it_comes(
    world: World, outage: Reporting, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, bytes_per_file=10_000)
    there = Reporting(outage.visitor, language=language.value)
    answer = a_piece(there, "list.txt", TEXT)
    assert answer.status_code == 413
    assert {"ar": "أكبر من المسموح", "en": "larger than allowed"}[language.value] in answer.json()["refused"]
    assert rows(world) == []


def test_what_is_no_file_for_the_hub_is_refused_once_it_is_seen(outage: Reporting) -> None:
    page = b"<!doctype html><script>1</script>"
    first, again = (sent_in_pieces(outage, "a.html", page) for _ in range(2))
    assert "not accepted" in first.json()["refused"]
    assert again.json() == first.json()
    assert sent_in_pieces(outage, "empty.txt", b"").json()["refused"] == "The file is empty."
    assert shown(outage) == []


def test_more_files_than_are_taken_are_refused_before_they_come(world: World, outage: Reporting) -> None:
    for number in range(10):
        sent_in_pieces(outage, f"{number}.txt", b"text %d" % number)
    answer = a_piece(outage, "list.txt", TEXT)
    assert "More than 10 files" in answer.json()["refused"]
    assert len(rows(world)) == 10


def test_bytes_that_are_not_what_was_announced_are_told_and_begin_anew(
    world: World, outage: Reporting
) -> None:
    wrong = b"x" * len(TEXT)
    answer = a_piece(outage, "list.txt", TEXT, piece=wrong)
    assert "different from what was sent" in answer.json()["refused"]
    assert shown(outage) == []
    assert a_piece(outage, "list.txt", TEXT).json()["received"] == 0


def test_without_tls_browsers_reckon_no_checksum_and_files_arrive_all_the_same(outage: Reporting) -> None:
    a_piece(outage, "list.txt", TEXT, piece=TEXT[:9_000], with_digest=False)
    assert a_piece(outage, "list.txt", TEXT, with_digest=False).json()["received"] == 9_000
    answer = a_piece(outage, "list.txt", TEXT, offset=9_000, piece=TEXT[9_000:], with_digest=False)
    assert answer.json()["id"] in shown(outage)


def test_only_questions_for_files_are_answered_with_them(outage: Reporting) -> None:
    for question in ("description", "homes", "nothing", ""):
        assert sent_in_pieces(outage, "a.jpg", photo(), question=question).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": "many"},
        {"size": "-1"},
        {"size": "٣"},
        {"offset": ""},
        {"offset": "9" * 16},
        {"sha256": "ab"},
        {"sha256": "G" * 64},
    ],
    ids=str,
)
def test_what_no_script_of_ours_sends_is_not_read(
    world: World, outage: Reporting, wrong: dict[str, str]
) -> None:
    answer = outage.visitor.post(f"{outage.path}/upload", told(TEXT) | {"offset": "0"} | wrong)
    assert answer.status_code == 400
    assert "could not read" in words_of(parse(answer.text))
    assert rows(world) == []


def test_a_file_that_nobody_finished_in_a_day_is_given_up_and_begins_anew(
    world: World, outage: Reporting
) -> None:
    a_piece(outage, "list.txt", TEXT, piece=TEXT[:9_000])
    world.clock.advance(timedelta(hours=25))
    with world.as_system(world.water) as context:
        assert give_up_unused(context) == 1
    assert "list.txt" not in words_of(outage.see("files"))
    assert a_piece(outage, "list.txt", TEXT).json()["received"] == 0


def told(content: bytes) -> dict[str, str]:
    return {
        "question": "attachments",
        "name": "list.txt",
        "size": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
        "stamp": "",
    }
