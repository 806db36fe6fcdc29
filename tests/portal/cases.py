"""Cases whose pages are visited in tests: opened, worked on and followed as people do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from httpx2 import Response

from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened
from tests.factories.tickets import open_leak, version_of, work_on
from tests.pages.visitors import Visitor, words_of
from tests.world import Agency, World


@dataclass
class Followed:
    """A case, and its citizen who has opened it in a browser."""

    world: World
    visitor: Visitor
    opened: Opened
    agency: Agency
    language: str = "ar"

    @property
    def place(self) -> str:
        """The address of the case's page."""
        return f"/{self.language}/cases/{self.opened.number}"

    def act_place(self, act: str) -> str:
        """The address of an act on its first ticket."""
        return f"{self.place}/tickets/{self.opened.ticket_id}/{act}"

    @property
    def version(self) -> int:
        """The version of its first ticket."""
        return version_of(self.world, self.opened, self.agency)

    def see(self) -> Element:
        """Its page."""
        return self.visitor.see(self.place)

    def says(self) -> str:
        """What its page says."""
        return words_of(self.see().find(".//main"))

    def act(self, act: str, version: int | None = None, **fields: Any) -> Response:
        """Send the form of an act."""
        files = fields.pop("upload", None)
        sent = {"version": str(self.version if version is None else version), **fields}
        more = {} if files is None else {"files": files}
        return self.visitor.post(self.act_place(act), sent, **more)

    def ask(self, text: str) -> int:
        """Let the agency ask something; gives the version after it."""
        with self.world.as_staff(self.agency) as context:
            version = ticket_for(context, self.opened.ticket_id).version
            return actions.ask(context, self.opened.ticket_id, version, text=text)


def enter(visitor: Visitor, opened: Opened, language: str = "ar", **changes: str) -> Response:
    """Type a case's number and PIN."""
    return visitor.post(f"/{language}/follow", {"number": opened.number, "pin": opened.pin, **changes})


def followed(
    world: World,
    visitor: Visitor,
    *,
    language: str = "ar",
    agency: Agency | None = None,
    at_work: bool = True,
) -> Followed:
    """A case at work that its citizen has opened by its PIN."""
    where = agency or world.water
    opened = open_leak(world, where)
    if at_work:
        work_on(world, opened, where)
    assert enter(visitor, opened, language).status_code == 303
    return Followed(world, visitor, opened, where, language)
