from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from xml.etree.ElementTree import Element

import pytest
from obstore.store import MemoryStore
from sqlalchemy import select, update

from hub.attachments.models import Attachment, AttachmentState
from hub.attachments.store import FileStore, use_store
from hub.tickets.models import Ticket
from tenants.languages import Language
from tests.hub.attachments.acting import set_to
from tests.hub.attachments.making import photo, place_exif
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.portal.reports import Reporting, goes_to, hidden_of, offer_outage, sent_in_pieces
from tests.world import World

FIELD = "answers.attachments"


@pytest.fixture(autouse=True)
def files() -> Iterator[None]:
    use_store(FileStore(MemoryStore()))
    yield
    use_store(None)


@pytest.fixture
def outage(world: World, visitor: Visitor) -> Reporting:
    offer_outage(world)
    report = Reporting(visitor)
    report.fill("what", description="No water")
    report.fill("questions-1", homes="2", clinic="no")
    report.fill("place", address="here")
    return report


def kept(page: Element) -> dict[str, str]:
    """The files that a page shows as taken, by their ids."""
    boxes = [
        each for each in page.iter("input") if each.get("name") == FIELD and each.get("type") == "checkbox"
    ]
    return {each.get("value") or "": each.get("id") or "" for each in boxes}


def rows(world: World) -> list[Attachment]:
    with world.as_system(world.water) as context:
        return list(
            context.session.scalars(
                select(Attachment)
                .where(Attachment.tenant_id == world.water.id)
                .order_by(Attachment.created_at)
            )
        )


@pytest.mark.parametrize("language", Language)
def test_several_files_come_with_the_page_and_each_that_is_refused_says_why(
    world: World, outage: Reporting, language: Language
) -> None:
    there = Reporting(outage.visitor, language=language.value)
    answer = there.fill(
        "files",
        files=[
            (FIELD, ("كسر.jpg", photo(), "image/jpeg")),
            (FIELD, ("page.html", b"<!doctype html><script>1</script>", "text/html")),
            (FIELD, ("empty.pdf", b"", "application/pdf")),
        ],
    )
    assert answer.status_code == 422
    page = parse(answer.text)
    assert len(kept(page)) == 1
    words = words_of(page)
    assert "page.html" in words
    assert "empty.pdf" in words
    # Those that were refused hold nobody up.
    assert goes_to(there.fill("files", page, attachments=next(iter(kept(page))))) == "you"
    there.fill("you")
    assert goes_to(there.send()) == "receipt"
    claimed = [each for each in rows(world) if each.ticket_id is not None]
    assert [each.name for each in claimed] == ["كسر.jpg"]


def test_a_file_can_be_taken_out_again_and_is_erased(world: World, outage: Reporting) -> None:
    outage.fill("files", files=[(FIELD, ("one.jpg", photo(), "image/jpeg"))])
    page = outage.see("files")
    assert len(kept(page)) == 1
    assert goes_to(outage.fill("files", page)) == "you"
    assert kept(outage.see("files")) == {}
    assert [each.state for each in rows(world)] == [AttachmentState.ERASED]


def test_the_place_of_a_photo_is_offered_and_taken_only_when_its_citizen_says_so(
    world: World, outage: Reporting
) -> None:
    answer = outage.fill("files", files=[(FIELD, ("here.jpg", photo(exif=place_exif()), "image/jpeg"))])
    assert answer.status_code == 200
    page = parse(answer.text)
    assert "Was the photo taken where it happened?" in words_of(page)
    (file,) = kept(page)
    offered = {
        each.get("name") or "": each.get("value") or ""
        for each in page.iter("input")
        if (each.get("name") or "").startswith("photo.") and each.get("value")
    }
    chosen = hidden_of(page) | offered | {"use_photo_place": "yes", FIELD: file}
    assert goes_to(outage.visitor.post(f"{outage.path}/files", chosen)) == "you"
    assert "30.0444" in words_of(outage.see("review"))
    outage.fill("you")
    outage.send()
    with world.as_staff(world.water) as context:
        (ticket,) = context.session.scalars(select(Ticket).where(Ticket.tenant_id == world.water.id))
        assert (round(ticket.latitude or 0, 4), ticket.address) == (30.0444, "here")


def test_a_place_that_was_not_taken_is_kept_nowhere(world: World, outage: Reporting) -> None:
    answer = outage.fill("files", files=[(FIELD, ("here.jpg", photo(exif=place_exif()), "image/jpeg"))])
    page = parse(answer.text)
    (file,) = kept(page)
    assert goes_to(outage.fill("files", page, attachments=file)) == "you"
    outage.fill("you")
    outage.send()
    with world.as_staff(world.water) as context:
        (ticket,) = context.session.scalars(select(Ticket).where(Ticket.tenant_id == world.water.id))
        assert ticket.latitude is None


def test_a_file_that_is_too_large_is_told_and_the_rest_stays(
    outage: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, bytes_per_file=2_000)
    answer = outage.fill(
        "files",
        files=[
            (FIELD, ("big.txt", b"x" * 3_000, "text/plain")),
            (FIELD, ("small.txt", b"text", "text/plain")),
        ],
    )
    assert answer.status_code == 422
    assert "big.txt" in words_of(parse(answer.text))
    assert len(kept(outage.see("files"))) == 1


def test_more_files_than_are_taken(outage: Reporting) -> None:
    many = [(FIELD, (f"{number}.txt", b"text", "text/plain")) for number in range(12)]
    answer = outage.fill("files", files=many)
    assert answer.status_code == 422
    assert "More than 10 files" in words_of(parse(answer.text))
    assert len(kept(outage.see("files"))) == 10


def test_nobody_brings_in_a_file_that_they_did_not_upload(world: World, outage: Reporting) -> None:
    """Ids are secrets, and even so only those of this very report are taken."""
    other = Reporting(outage.visitor, service="bill")
    other.fill("what", description="A bill")
    theirs = sent_in_pieces(other, "a.txt", b"mine").json()["id"]
    assert goes_to(outage.fill("files", attachments=theirs)) == "you"
    assert kept(outage.see("files")) == {}


def test_a_file_that_went_bad_or_away_meanwhile_is_told_before_sending(
    world: World, outage: Reporting
) -> None:
    outage.fill("files", files=[(FIELD, ("one.jpg", photo(), "image/jpeg"))])
    outage.fill("you")
    with world.as_system(world.water) as context:
        context.session.execute(
            update(Attachment)
            .where(Attachment.tenant_id == world.water.id)
            .values(state="refused", refused_because="virus", settled_at=context.now, pieces=[])
        )
    page = outage.see("review")
    assert "virus scanner" in words_of(page)
    assert outage.send().status_code == 422
    with world.as_system(world.water) as context:
        context.session.execute(
            update(Attachment)
            .where(Attachment.tenant_id == world.water.id)
            .values(state="erased", refused_because=None, name=None, sha256=None, settled_at=context.now)
        )
    assert "kept too long unsent" in words_of(outage.see("review"))
    # Seen and sent on, the page has them no more.
    assert goes_to(outage.fill("files")) == "you"
    assert goes_to(outage.send()) == "receipt"


def test_two_windows_may_add_files_each(world: World, outage: Reporting) -> None:
    stale = outage.see("files")
    outage.fill("files", files=[(FIELD, ("one.txt", b"one", "text/plain"))])
    world.clock.advance(timedelta(seconds=1))
    answer = outage.fill("files", stale, files=[(FIELD, ("two.txt", b"two", "text/plain"))])
    assert goes_to(answer) == "you"
    assert len(kept(outage.see("files"))) == 2
