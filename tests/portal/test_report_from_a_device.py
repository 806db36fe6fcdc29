"""What the hub does with reports that a device kept: takes each in once, whatever is sent again, and loses none."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from httpx2 import Response
from sqlalchemy import func, select

from hub.attachments.models import Attachment
from hub.tickets.models import Ticket
from hub.web.settings import PageSettings
from portal.app import create_portal
from tenants.database import Database
from tests.hub.api.callers import AMPLE
from tests.hub.attachments.making import photo
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, visiting, words_of
from tests.portal.reports import OUTAGE, Reporting, goes_to, offer_outage, typed_in
from tests.world import World

ANSWERS = {
    "words.answers.description": "No water, and no line",
    "answers.answers.homes": "12",
    "answers.answers.clinic": "no",
    "place.answers.governorate": "giza",
    "place.answers.address": "12 Nile Street",
    "reporter.answers.name": "Mona",
}


@dataclass
class Device:
    """A browser that kept a report, and its secret."""

    visitor: Visitor
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    path: str = "/en/agencies/water/services/outage/report"

    def post(self, send: str = "yes", path: str | None = None, **more: Any) -> Response:
        """Send the report, with answers of one's own where some are given."""
        fields = {"send": send, **(ANSWERS | more)}
        return self.visitor.post(path or f"{self.path}/offline", fields, headers={"Hub-Report": self.secret})

    def told(self, send: str = "yes", **more: Any) -> dict[str, Any]:
        """What the hub tells of it."""
        answer = self.post(send, **more)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        told: dict[str, Any] = answer.json()
        return told

    def upload(self, name: str, question: str = "attachments") -> str:
        """Send a photo in one piece; gives its id."""
        content = photo()
        about = {"question": question, "name": name, "size": str(len(content)), "offset": "0", "stamp": "1"}
        answer = self.visitor.post(
            f"{self.path}/upload",
            about,
            files={"piece": (name, content, "image/jpeg")},
            headers={"Hub-Report": self.secret},
        )
        assert "set-cookie" not in answer.headers
        told: dict[str, str] = answer.json()
        return told["id"]

    def form(self) -> str:
        """The form that the whole page is made by now."""
        page = self.visitor.see(f"{self.path}/offline")
        (form,) = [each.get("data-form") for each in page.iter() if each.get("data-offline-report")]
        return form or ""


def mark_on(reporting: Reporting) -> str:
    """The mark that pages of the report under way say."""
    (mark,) = [each.get("data-mark") for each in reporting.see("what").iter() if each.get("data-bases")]
    return mark or ""


def one_photo_asked() -> dict[str, Any]:
    """The form with a photo that has to be there."""
    picture = {
        "name": "picture",
        "kind": "file",
        "label": {"ar": "صورة", "en": "A photo"},
        "required": True,
    }
    first, *others = OUTAGE["pages"]
    return {**OUTAGE, "pages": [{**first, "questions": [*first["questions"], picture]}, *others]}


def tickets_of(world: World) -> int:
    with world.as_staff(world.water) as context:
        found = select(func.count()).select_from(Ticket).where(Ticket.tenant_id == world.water.id)
        return context.session.scalar(found) or 0


def test_a_report_is_taken_in_once_however_often_it_is_sent(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    before = tickets_of(world)
    device = Device(visitor)
    first = device.told()
    assert (first["state"], len(first["pin"])) == ("sent", 6)
    # Sent again, also with other words, in the other language, or before its files: it has arrived.
    again = Device(visitor, device.secret, "/ar/agencies/water/services/outage/report")
    assert [device.told(), device.told("no"), device.told("open")] == [first] * 3
    assert again.told(**{"words.answers.description": "Changed"})["number"] == first["number"]
    assert tickets_of(world) == before + 1
    # Its answers are where the step by step report has them.
    with world.as_staff(world.water) as context:
        mine = Ticket.description == ANSWERS["words.answers.description"]
        ticket = context.session.scalars(select(Ticket).where(Ticket.tenant_id == world.water.id, mine)).one()
        assert (ticket.governorate, ticket.address) == ("giza", "12 Nile Street")


def test_the_number_and_the_pin_open_the_case(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    told = Device(visitor).told()
    answer = visitor.post("/en/follow", {"number": told["number"], "pin": told["pin"]})
    assert answer.status_code == 303
    assert "No water, and no line" in words_of(visitor.see(answer.headers["location"]))


def test_the_receipt_is_there_a_week_later_for_a_device_that_never_got_it(
    visitor: Visitor, world: World
) -> None:
    offer_outage(world)
    device = Device(visitor)
    first = device.told()
    before = tickets_of(world)
    world.clock.advance(timedelta(days=7))
    assert device.told() == first
    assert tickets_of(world) == before


def test_a_report_with_something_wrong_becomes_an_ordinary_draft(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    before = tickets_of(world)
    device = Device(visitor)
    told = device.told(**{"answers.answers.homes": "none", "reporter.answers.email": "mona@"})
    assert (told["state"], told["because"], told["opens"]) == ("attention", "incomplete", True)
    assert len(told["why"]) == 2
    # Only opening it makes it this browser's own.
    assert "hub_report" not in str(visitor.client.cookies)
    opened = device.told("open", **{"answers.answers.homes": "none", "reporter.answers.email": "mona@"})
    assert opened == {"state": "open", "at": f"{device.path}/review"}
    reporting = Reporting(visitor)
    assert typed_in(reporting.see("what"), "description") == "No water, and no line"
    assert typed_in(reporting.see("questions-1"), "homes") == "none"
    assert typed_in(reporting.see("you"), "email") == "mona@"
    reporting.fill("questions-1", homes="3", clinic="no")
    assert goes_to(reporting.fill("you", name="Mona")) == "review"
    assert goes_to(reporting.send()) == "receipt"
    assert tickets_of(world) == before + 1
    # A window that still has it on the device is told, and sends nothing.
    assert device.told()["state"] == "sent"
    assert tickets_of(world) == before + 1


def test_opening_one_does_not_lose_another_that_is_under_way(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    reporting = Reporting(visitor)
    reporting.fill("what", description="Another one, page by page")
    device = Device(visitor)
    assert device.told(**{"answers.answers.homes": ""})["because"] == "incomplete"
    assert device.told("open", **{"answers.answers.homes": ""})["because"] == "another"
    assert typed_in(reporting.see("what"), "description") == "Another one, page by page"


def test_a_report_that_goes_on_without_a_line_is_one_report(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    before = tickets_of(world)
    reporting = Reporting(visitor)
    reporting.fill("what", description="Begun with a line")
    reporting.fill("questions-1", homes="12", clinic="no")
    reporting.fill("place")
    reporting.fill("files", files={"answers.attachments": ("one.jpg", photo(), "image/jpeg")})
    device, mark = Device(visitor), mark_on(reporting)
    told = device.told(continues=mark)
    assert told["state"] == "sent"
    assert device.told(continues=mark) == told
    assert Device(visitor).told(continues=mark)["because"] == "sent-before"
    assert tickets_of(world) == before + 1
    # The pages that it went on with are used up, and their file went along.
    assert "You have an unsent report" not in words_of(reporting.see())
    with world.as_staff(world.water) as context:
        names = context.session.scalars(
            select(Attachment.name).where(Attachment.tenant_id == world.water.id)
        ).all()
        assert "one.jpg" in names


def test_what_was_sent_page_by_page_is_not_sent_again_from_the_device(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    reporting = Reporting(visitor)
    reporting.up_to_review(name="Mona")
    mark = mark_on(reporting)
    # The answer to this got lost on the line; the device has its own copy, and sends it when the line is back.
    assert goes_to(reporting.send()) == "receipt"
    before = tickets_of(world)
    for days in (0, 2, 5):
        world.clock.advance(timedelta(days=days))
        told = Device(visitor).told(continues=mark)
        assert (told["state"], told["because"]) == ("attention", "sent-before")
    # Nor where this browser has begun another one since.
    reporting.fill("what", description="Another one")
    assert mark_on(reporting) != mark
    assert Device(visitor).told(continues=mark)["because"] == "sent-before"
    assert tickets_of(world) == before


def test_a_report_goes_on_with_the_pages_that_it_names_and_no_others(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    reporting = Reporting(visitor)
    reporting.fill("what", description="The first")
    mark = mark_on(reporting)
    visitor.post(f"{reporting.path}/discard", {"erase": "now"})
    reporting.fill("what", description="The second")
    reporting.fill("questions-1", homes="12", clinic="no")
    reporting.fill("place")
    reporting.fill("files", files={"answers.attachments": ("second.jpg", photo(), "image/jpeg")})
    wrong = {"answers.answers.homes": "none"}
    device = Device(visitor)
    assert device.told(continues=mark, **wrong)["because"] == "incomplete"
    assert device.told("open", continues=mark, **wrong)["because"] == "another"
    assert device.told(continues=mark)["state"] == "sent"
    assert typed_in(reporting.see("what"), "description") == "The second"
    assert "second.jpg" in words_of(reporting.see("files"))


def test_files_that_the_hub_has_not_are_asked_for_again_and_nothing_is_sent(
    visitor: Visitor, world: World
) -> None:
    offer_outage(world)
    before = tickets_of(world)
    device = Device(visitor)
    assert device.told("no") == {"state": "kept"}
    named: dict[str, Any] = {"files.attachments": device.upload("one.jpg")}
    # A week later the hub has forgotten what was not sent.
    world.clock.advance(timedelta(days=8))
    assert device.told(**named) == {"state": "files"}
    assert device.told("open", **named) == {"state": "files"}
    assert tickets_of(world) == before
    assert device.told("no") == {"state": "kept"}
    assert device.told(**{"files.attachments": device.upload("one.jpg")})["state"] == "sent"


def test_a_photo_may_be_taken_out_and_another_put_in(visitor: Visitor, world: World) -> None:
    offer_outage(world, one_photo_asked())
    device = Device(visitor)
    device.told("no")
    device.upload("one.jpg", "picture")
    # The device names the first no more: there is room for the other one.
    device.told("no")
    second = device.upload("two.jpg", "picture")
    assert device.told(**{"files.picture": second})["state"] == "sent"
    with world.as_staff(world.water) as context:
        found = select(Attachment.name).where(
            Attachment.tenant_id == world.water.id, Attachment.ticket_id.is_not(None)
        )
        assert context.session.scalars(found).all() == ["two.jpg"]


def test_a_photo_sent_page_by_page_is_not_asked_for_again_and_gives_way_to_the_devices_own(
    visitor: Visitor, world: World
) -> None:
    offer_outage(world, one_photo_asked())
    for own in (False, True):
        reporting = Reporting(visitor)
        reporting.fill("what", description="With a photo")
        reporting.fill(
            "questions-1",
            homes="1",
            clinic="no",
            files={"answers.picture": ("paged.jpg", photo(), "image/jpeg")},
        )
        device, mark = Device(visitor), mark_on(reporting)
        device.told("no", continues=mark)
        named = {"files.picture": device.upload("own.jpg", "picture")} if own else {}
        assert device.told(continues=mark, **named)["state"] == "sent"


def test_answers_to_a_newer_form_are_read_by_that_form(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    device = Device(visitor)
    assert device.told("no", form=device.form())["state"] == "kept"
    named = device.upload("one.jpg")
    offer_outage(world, {**OUTAGE, "pages": [*OUTAGE["pages"], _page_about("meter")]})
    # Its citizen changed it on the page that asks by the newer one.
    newer: dict[str, Any] = {
        "form": device.form(),
        "answers.answers.meter": "M-17",
        "files.attachments": named,
    }
    assert device.told(**newer)["state"] == "sent"


def test_a_page_of_an_older_version_goes_on_under_its_own(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    page = visitor.see("/en/agencies/water/services/outage/report/offline")
    (form,) = [each.get("data-form") for each in page.iter() if each.get("data-offline-report")]
    assert form is not None
    assert form.endswith("/1")
    changed = {**OUTAGE, "pages": [*OUTAGE["pages"], _page_about("meter")]}
    offer_outage(world, changed)
    assert Device(visitor).told(form=form)["state"] == "sent"
    assert Device(visitor).told()["because"] == "incomplete"
    # What names no form of this service goes by the one in force.
    for made_up in ("", "x/y", f"{secrets.token_hex(16)}/1", form.replace("/1", "/99")):
        assert Device(visitor).told(form=made_up)["state"] == "attention"


def _page_about(name: str) -> dict[str, Any]:
    words = {"ar": "العداد", "en": "The meter"}
    question = {"name": name, "kind": "text", "label": words, "required": True}
    return {"title": words, "questions": [question]}


def test_files_are_named_by_the_device_and_only_its_own_count(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    mine, other = Device(visitor), Device(visitor)
    ids = []
    for device in (mine, other):
        assert device.told("no") == {"state": "kept"}
        ids.append(device.upload("one.jpg"))
    # The id of somebody else's file is as if it were none.
    both: dict[str, Any] = {"files.attachments": ids}
    assert mine.told(**both) == {"state": "files"}
    assert mine.told(**{"files.attachments": ids[0]})["state"] == "sent"
    assert other.told(**{"files.attachments": ids[1]})["state"] == "sent"


def test_without_a_secret_or_with_a_made_up_one_nothing_is_taken(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    before = tickets_of(world)
    path = "/en/agencies/water/services/outage/report/offline"
    for headers in ({}, {"Hub-Report": "1"}, {"Hub-Report": "x" * 44}):
        assert visitor.post(path, {"send": "yes", **ANSWERS}, headers=headers).status_code == 400
    assert Device(visitor).post("perhaps").status_code == 400
    # Other sites can send neither the header nor the form.
    answer = visitor.post(
        path, {"send": "yes"}, headers={"Sec-Fetch-Site": "cross-site", "Hub-Report": "x" * 43}
    )
    assert answer.status_code == 403
    assert tickets_of(world) == before


def test_a_service_of_another_body_or_of_none_is_not_there(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    for path in ("/en/agencies/tax/services/outage/report", "/en/agencies/water/services/none/report"):
        assert visitor.get(f"{path}/offline").status_code == 404
        assert Device(visitor, path=path).post().status_code == 404
    # A secret opens no report to another body's service.
    offer_outage(world, agency=world.tax)
    device = Device(visitor)
    assert device.told("no") == {"state": "kept"}
    elsewhere = Device(visitor, device.secret, "/en/agencies/tax/services/outage/report")
    assert elsewhere.post("no", **{"words.answers.description": "Elsewhere"}).status_code == 409
    assert Device(visitor, device.secret).told()["state"] == "sent"


def test_the_whole_page_asks_all_and_is_the_same_for_everybody(visitor: Visitor, world: World) -> None:
    offer_outage(world)
    path = "/ar/agencies/water/services/outage/report/offline"
    fresh = visitor.get(path).text
    Reporting(visitor).fill("what", description="Mine alone")
    assert visitor.get(path).text == fresh
    names = {each.get("name") for each in parse(fresh).iter() if each.get("name")}
    assert {
        "words.answers.description",
        "words.answers.subject",
        "answers.answers.since.day",
        "answers.answers.homes",
        "answers.answers.clinic",
        "answers.answers.clinic_name",
        "place.answers.governorate",
        "place.answers.district",
        "place.answers.address",
        "place.answers.latitude",
        "reporter.answers.phone",
        "reporter.answers.confidential",
    } <= names


def test_the_worker_is_always_asked_for_anew_and_gone_where_it_is_not_wanted(world: World) -> None:
    database = Database(world.database.bind, clock=world.clock)
    with visiting(create_portal(database, rates=AMPLE)) as visitor:
        answer = visitor.get("/worker.js")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
        assert answer.headers["Content-Type"].startswith("text/javascript")
        again = visitor.get("/worker.js", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.text) == (304, "")
        assert visitor.see("/en").get("data-worker") == "/worker.js"
    with visiting(create_portal(database, rates=AMPLE, settings=PageSettings(offline=False))) as visitor:
        assert visitor.get("/worker.js").status_code == 410
        assert visitor.see("/en").get("data-worker") is None
