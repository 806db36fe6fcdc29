"""Those who report in tests: a service that asks everything there is to ask, and its pages filled in and sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from httpx2 import Response
from sqlalchemy import update

from hub.catalogue.actions import ServiceDescription, save_service
from hub.forms.actions import publish_form
from hub.vocabulary import Kind
from tenants.languages import Text
from tenants.models import Tenant
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.world import Agency, World

OUTAGE: dict[str, Any] = {
    "format": 1,
    "title": {"ar": "انقطاع المياه", "en": "Water cut"},
    "pages": [
        {
            "title": {"ar": "الانقطاع", "en": "The cut"},
            "questions": [
                {
                    "name": "since",
                    "kind": "date",
                    "label": {"ar": "منذ متى؟", "en": "Since when?"},
                    "limits": {"latest": "today"},
                },
                {
                    "name": "homes",
                    "kind": "number",
                    "label": {"ar": "كم بيتًا؟", "en": "How many homes?"},
                    "required": True,
                    "limits": {"whole": True, "minimum": 1},
                },
                {
                    "name": "clinic",
                    "kind": "yes_no",
                    "label": {"ar": "هل بينها مستشفى؟", "en": "Is a clinic among them?"},
                    "required": True,
                },
            ],
        },
        {
            "title": {"ar": "المستشفى", "en": "The clinic"},
            "questions": [
                {
                    "name": "clinic_name",
                    "kind": "text",
                    "label": {"ar": "ما اسمه؟", "en": "What is it called?"},
                    "required": True,
                    "visible_when": {"question": "clinic", "is": True},
                }
            ],
        },
    ],
}

# The same asked by a place alone.
PLACE_FORM: dict[str, Any] = {
    "format": 1,
    "title": OUTAGE["title"],
    "pages": [
        {
            "title": OUTAGE["title"],
            "questions": [
                {"name": "spot", "kind": "place", "label": {"ar": "أين؟", "en": "Where?"}, "required": True}
            ],
        }
    ],
}


def offer_outage(
    world: World,
    definition: dict[str, Any] = OUTAGE,
    agency: Agency | None = None,
    *,
    shared: bool = False,
) -> None:
    """Have a body ask about water cuts: two pages, the second only of clinics; in a country that has governorates."""
    body = agency or world.water
    with world.as_system(body) as context:
        publish_form(context, code="outage", definition=definition)
        save_service(
            context,
            ServiceDescription(
                code="outage",
                kind=Kind.COMPLAINT,
                name=Text(ar="انقطاع المياه", en="Water cut"),
                description=Text(ar="أبلغ عن انقطاع المياه", en="Report a water cut"),
                form="outage",
                life_events=("emergency",),
                shared=shared,
            ),
        )
    with world.as_system() as context:
        context.session.execute(update(Tenant).where(Tenant.id == body.id).values(country="egypt"))


@dataclass
class Reporting:
    """Somebody who reports to a service, with a browser of their own."""

    visitor: Visitor
    tenant: str = "water"
    service: str = "outage"
    language: str = "en"

    @property
    def path(self) -> str:
        """The address of the report."""
        return f"/{self.language}/agencies/{self.tenant}/services/{self.service}/report"

    def open(self, step: str = "", **more: Any) -> Response:
        """Open a step."""
        return self.visitor.get(self.path + (f"/{step}" if step else ""), **more)

    def see(self, step: str = "") -> Element:
        """The tree of a step that has to be there."""
        return self.visitor.see(self.path + (f"/{step}" if step else ""))

    def fill(self, step: str, page: Element | None = None, files: Any = None, **answers: Any) -> Response:
        """Open a step, unless a page of it is given, and send it with some answers; `__` stands for a dot."""
        shown = self.see(step) if page is None else page
        fields = hidden_of(shown) | {
            f"answers.{name.replace('__', '.')}": each for name, each in answers.items()
        }
        more = {"files": files} if files is not None else {}
        return self.visitor.post(f"{self.path}/{step}", fields, **more)

    def up_to_review(self, **you: Any) -> None:
        """Fill in everything that is asked of a water cut without a clinic."""
        assert goes_to(self.fill("what", description="No water since Sunday")) == "questions-1"
        assert goes_to(self.fill("questions-1", homes="12", clinic="no")) == "place"
        assert goes_to(self.fill("place", address="12 Nile Street")) == "files"
        assert goes_to(self.fill("files")) == "you"
        assert goes_to(self.fill("you", **you)) == "review"

    def send(self) -> Response:
        """Send the review."""
        return self.visitor.post(f"{self.path}/review", {"send": "now"})


def a_piece(
    there: Reporting,
    name: str,
    content: bytes,
    *,
    offset: int = 0,
    piece: bytes | None = None,
    question: str = "attachments",
    with_digest: bool = True,
) -> Response:
    """Send one piece of a file as scripts do, without one only ask; `content` is the whole file."""
    fields = {
        "question": question,
        "name": name,
        "size": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest() if with_digest else "",
        "stamp": "" if with_digest else "1760000000000",
        "offset": str(offset),
    }
    more = {} if piece is None else {"files": {"piece": (name, piece, "application/octet-stream")}}
    return there.visitor.post(f"{there.path}/upload", fields, **more)


def sent_in_pieces(there: Reporting, name: str, content: bytes, *, length: int = 0, **more: Any) -> Response:
    """Send a whole file as scripts do, in pieces of a length, or as one; gives the last answer."""
    step = length or len(content) or 1
    for offset in range(0, len(content) or 1, step):
        answer = a_piece(there, name, content, offset=offset, piece=content[offset : offset + step], **more)
    return answer


def goes_to(answer: Response) -> str:
    """The step that an answer leads to, with its question."""
    assert answer.status_code == 303, (answer.status_code, words_of(parse(answer.text)))
    return str(answer.headers["location"]).rpartition("/")[2]


def hidden_of(page: Element) -> dict[str, str]:
    """What the form of a page sends by itself."""
    (form,) = [each for each in page.iter("form") if each.get("data-report")]
    return {
        each.get("name") or "": each.get("value") or ""
        for each in form.iter("input")
        if each.get("type") == "hidden" and not (each.get("name") or "").startswith("photo.")
    }


def typed_in(page: Element, name: str) -> str:
    """What stands in a field of a page."""
    for each in page.iter():
        if each.get("name") == f"answers.{name}":
            if each.tag == "textarea":
                return (each.text or "").strip()
            if each.tag == "select":
                return next((one.get("value") or "" for one in each if one.get("selected") is not None), "")
            if each.get("type") not in ("radio", "checkbox"):
                return each.get("value") or ""
            if each.get("checked") is not None:
                return each.get("value") or ""
    return ""
