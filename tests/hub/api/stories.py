"""Stories of cases as their citizens and the machines of bodies live them through the API."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from tests.hub.api.callers import Api, Caller
from tests.hub.attachments.acting import do_jobs
from tests.world import Agency

LEAK = {
    "service": "leak",
    "description": "ماسورة مكسورة أمام المدرسة",
    "answers": {"hazard": False},
    "reporter": {"name": "منى", "phone": "01001234567"},
}
BILL = {"service": "bill", "description": "كم الفاتورة؟"}


@dataclass
class Case:
    """A case and who acts on it: its citizen, and a machine of the body that it was opened in."""

    api: Api
    number: str
    pin: str
    secret: str
    ticket: str
    citizen: Caller
    machine: Caller
    agency: Agency

    def read(self) -> dict[str, Any]:
        """The ticket as the body reads it."""
        return told(self.machine.get(f"/tickets/{self.ticket}"))

    def act(self, verb: str, **body: Any) -> dict[str, Any]:
        """Let the machine act on the ticket as it is now."""
        version = self.read()["version"]
        return told(self.machine.post(f"/tickets/{self.ticket}/{verb}", body, version=version))

    def read_as_citizen(self) -> dict[str, Any]:
        """The case as its citizen reads it."""
        return told(self.citizen.get("~"))

    def act_as_citizen(self, verb: str, **body: Any) -> dict[str, Any]:
        """Let the citizen act on the ticket as it is now."""
        version = self.part()["version"]
        return told(self.citizen.post(f"~/tickets/{self.ticket}/{verb}", body, version=version))

    def part(self, case: dict[str, Any] | None = None) -> dict[str, Any]:
        """The ticket's part in the case, as its citizen reads it."""
        tickets = (case or self.read_as_citizen())["tickets"]
        found: dict[str, Any] = next(each for each in tickets if each["id"] == self.ticket)
        return found


def told(answer: Any) -> dict[str, Any]:
    """What a successful answer says."""
    assert answer.is_success, answer.text
    body: dict[str, Any] = answer.json()
    return body


def a_case(
    api: Api,
    agency: Agency | None = None,
    *,
    machine: Caller | None = None,
    language: str = "en",
    **changes: Any,
) -> Case:
    """A case that its citizen opens without any key."""
    where = agency or api.world.water
    opened = told(api.anybody(language).post(f"/tenants/{where.code}/cases", {**LEAK, **changes}))
    return Case(
        api,
        opened["number"],
        opened["pin"],
        opened["secret"],
        opened["ticket_id"],
        api.citizen(opened["number"], secret=opened["secret"], language=language),
        machine or api.machine(where, language=language),
        where,
    )


def a_case_at_work(api: Api, agency: Agency | None = None, **changes: Any) -> Case:
    """A case whose ticket is in progress."""
    case = a_case(api, agency, **changes)
    case.act("forward")
    case.act("start")
    return case


def a_file(
    caller: Caller, home: str, content: bytes = "عداد المياه".encode(), name: str = "meter.txt"
) -> str:
    """A file that was uploaded whole and examined; gives its id."""
    done = told(caller.send("POST", f"{home}/whole", params={"name": name}, content=content))
    do_jobs(caller.api.world)
    return str(done["id"])


def checksum(content: bytes) -> str:
    """The checksum that a client sends with a file."""
    return hashlib.sha256(content).hexdigest()
