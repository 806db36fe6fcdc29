"""The populated world as the API shows it, with a case of the other tenant of which no word may be heard."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from httpx2 import Response
from sqlalchemy import Connection

from hub.attachments import actions as attachments
from hub.people.actions import Reporter
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Place
from hub.tickets.moving import subject_of
from hub.vocabulary import Channel
from tests.hub.api.callers import Api, Caller
from tests.hub.api.stories import told
from tests.hub.attachments.acting import do_jobs
from tests.promises.findings import tables
from tests.promises.populated import Holdings, Populated, picture

CANARIES = {
    "name": "كناري-الاسم",
    "phone": "+201234500001",
    "email": "canary@example.org",
    "description": "كناري-الوصف canarydescription",
    "subject": "كناري-الموضوع",
    "address": "كناري-العنوان",
    "answer": "كناري-الجواب",
    "note": "كناري-الملاحظة",
    "reply": "كناري-الرد",
    "resolution": "كناري-الحل",
    "file": "canary-file.txt",
    "bytes": "canary-bytes",
    "confidential": "كناري-السر",
}
PHOTO_FORM = {
    "format": 1,
    "title": {"ar": "صورة", "en": "Photo"},
    "pages": [
        {
            "title": {"ar": "الصورة", "en": "The photo"},
            "questions": [{"name": "photo", "kind": "file", "label": {"ar": "صورة", "en": "Photo"}}],
        }
    ],
}


@dataclass
class Theirs:
    """What the other tenant has."""

    ticket: str
    number: str
    claimed_file: str
    upload: str
    cursor: str


@dataclass
class Crawl:
    """The populated world as the API shows it, in one transaction that a superuser can look behind."""

    populated: Populated
    connection: Connection
    api: Api
    machine: Caller
    theirs: Theirs
    answers: list[Response] = field(default_factory=list)

    @property
    def mine(self) -> Holdings:
        """What the tenant under test has."""
        return self.populated.water

    def seen_whole(self) -> dict[str, tuple[int, str]]:
        """A picture of every table; counts of requests change with every one of them."""
        driver: Any = self.connection.connection.driver_connection
        driver.execute("RESET ROLE")
        seen = picture(driver, [each for each in tables(driver) if each != "rate_counts"])
        driver.execute("SET LOCAL ROLE hub_app")
        return seen


def seed_canaries(api: Api) -> Theirs:
    """Give the other tenant a case of which no word may be heard."""
    world, tax = api.world, api.world.tax
    there = api.machine(tax)
    with world.as_staff(tax) as context:
        opened = actions.open_case(
            context,
            service="leak",
            description=CANARIES["description"],
            subject=CANARIES["subject"],
            channel=Channel.PHONE,
            answers={"hazard": True, "hazard_kind": CANARIES["answer"]},
            place=Place(address=CANARIES["address"]),
            reporter=Reporter(name=CANARIES["name"], phone=CANARIES["phone"], email=CANARIES["email"]),
        )
        version = actions.add_note(context, opened.ticket_id, 1, text=CANARIES["note"])
        version = actions.reply(context, opened.ticket_id, version, text=CANARIES["reply"])
        actions.resolve(context, opened.ticket_id, version, resolution=CANARIES["resolution"])
        actions.open_case(
            context,
            service="leak",
            description="سري",
            channel=Channel.PHONE,
            confidential=True,
            answers={"hazard": False},
            reporter=Reporter(name=CANARIES["confidential"]),
        )
        content = CANARIES["bytes"].encode()
        claimed = attachments.upload(
            context, name=CANARIES["file"], content=BytesIO(content), size=len(content)
        ).id
        attachments.claim(context, [claimed], **subject_of(ticket_for(context, opened.ticket_id)))
    upload = there.send(
        "POST", "/tenants/tax/attachments/whole", params={"name": CANARIES["file"]}, content=content
    )
    do_jobs(world, tax)
    page = there.get("/tickets", params={"limit": 1})
    return Theirs(
        str(opened.ticket_id), opened.number, str(claimed), told(upload)["id"], str(told(page)["next"])
    )
