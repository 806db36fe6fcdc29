"""The promised date is one and the same on the receipt, in its letter, on the case and among my cases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hub.sla.models import TicketClock
from hub.tickets.models import Ticket
from hub.web.formats import Formats
from tenants.languages import Language
from tests.hub.messages.mail_server import Behaviour
from tests.hub.messages.writing import run_all
from tests.hub.proofs.proving import EMAIL
from tests.pages.visitors import Visitor, words_of
from tests.portal.reports import Reporting, goes_to, offer_outage
from tests.portal.test_my_cases import listed, mail, prove, set_mail
from tests.world import World

__all__ = ["mail", "set_mail"]


@pytest.mark.parametrize("language", Language)
def test_wherever_its_citizen_looks_it_is_the_same_date(
    world: World, visitor: Visitor, mail: Behaviour, language: Language
) -> None:
    offer_outage(world)
    there = Reporting(visitor, language=language.value)
    answered: list[tuple[str, dict[str, Any]]] = [
        ("what", {"description": "لا مياه" if language is Language.ARABIC else "No water"}),
        ("questions-1", {"homes": "2", "clinic": "no"}),
        ("place", {}),
        ("files", {}),
        ("you", {"email": EMAIL}),
    ]
    for step, answers in answered:
        goes_to(there.fill(step, **answers))
    assert goes_to(there.send()) == "receipt"
    with world.as_system(world.water) as context:
        (ticket,) = context.session.scalars(select(Ticket).where(Ticket.tenant_id == world.water.id))
        (clock,) = context.session.scalars(
            select(TicketClock).where(
                TicketClock.tenant_id == world.water.id,
                TicketClock.ticket_id == ticket.id,
                TicketClock.kind == "resolution",
            )
        )
        number, due = ticket.case_number, clock.due_at
    formats = Formats(language, "Africa/Cairo")
    receipt = words_of(there.see("receipt").find(".//main"))
    promised = " ".join(formats.moment(due).split())
    assert promised in receipt
    run_all(world)
    (letter,) = mail.mails()
    plain = letter.get_body(("plain",))
    assert plain is not None
    assert formats.day(due) in plain.get_content()
    (link,) = {
        each.get("href") or ""
        for each in there.see("receipt").iter("a")
        if number in (each.get("href") or "")
    }
    assert visitor.get(link.removeprefix("http://hub.test")).status_code == 303
    case = words_of(visitor.see(f"/{language.value}/cases/{number}").find(".//main"))
    assert promised in case
    prove(visitor, world, mail, language.value)
    assert number in listed(visitor, language.value)
    mine = words_of(visitor.see(f"/{language.value}/my-cases/list/{number}").find(".//main"))
    assert promised in mine
