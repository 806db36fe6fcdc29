"""A citizen who asks for a code, finds it in their mail and enters it."""

from __future__ import annotations

import re
from typing import Any

from hub.people.actions import Reporter
from hub.proofs.actions import ask_code, enter_code
from hub.proofs.queries import proven_cases
from hub.tickets.actions import Opened
from hub.tickets.numbers import read_number
from tests.factories.tickets import open_leak
from tests.hub.messages.mail_server import Behaviour
from tests.hub.messages.writing import run_all
from tests.world import Agency, World

EMAIL = "mona@example.com"


def asked(world: World, email: str = EMAIL) -> str:
    """Ask for a code; gives the browser's secret."""
    return ask_code(world.database, email, address=None, clock=world.clock)


def code_of(world: World, mails: Behaviour) -> str:
    """The code in the newest mail."""
    run_all(world)
    body = mails.mails()[-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"\u2066(\d{6})\u2069", body.get_content())
    assert found is not None
    return found.group(1)


def other(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06d}"


def proved(world: World, mails: Behaviour, email: str = EMAIL, **more: Any) -> str:
    """Prove an address; gives the browser's secret."""
    secret = asked(world, email)
    enter_code(world.database, secret, code_of(world, mails), clock=world.clock, **more)
    return secret


def listed(world: World, secret: str) -> list[str]:
    """The numbers of the cases that a proof shows."""
    cases = proven_cases(world.database, secret, clock=world.clock).cases
    return [read_number(each.number) for each in cases]


def case_with(world: World, email: str | None = EMAIL, agency: Agency | None = None, **more: Any) -> Opened:
    """A case of somebody who gave an address."""
    verified = more.pop("verified", False)
    phone = more.pop("phone", None)
    reporter = Reporter(
        name="منى", email=email, email_verified=verified, phone=phone, phone_verified=phone is not None
    )
    return open_leak(world, agency, reporter=reporter, **more)
