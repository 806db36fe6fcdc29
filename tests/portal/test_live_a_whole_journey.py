"""From a misspelt word on the home page to a rating: a whole case as its citizen lives it, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page
from sqlalchemy import select

from hub.journal.models import Fact
from hub.messages.settings import mail_settings
from hub.ratings.models import Rating
from hub.tickets import actions
from hub.tickets.models import Ticket
from hub.web.settings import PageSettings
from infra.mail_catcher import MailCatcher
from portal.app import create_portal
from tenants.context import Context
from tenants.database import Database
from tenants.languages import Language
from tenants.servers import OwnServer
from tests.hub.api.callers import AMPLE
from tests.hub.attachments.making import photo, place_exif
from tests.hub.messages.writing import send_all
from tests.pages.browsers import NARROW, Looking, looking, serving
from tests.portal.own_worlds import world_of_outages
from tests.world import World

# What the pages say, by what is done there; the first of each is misspelt as people misspell it.
WORDS: dict[Language, dict[str, str]] = {
    Language.ARABIC: {
        "typed": "انقطاع الميااة",
        "find": "ابحث عن الخدمة",
        "service": "انقطاع المياه",
        "start": "ابدأ",
        "what": "اكتبها بكلماتك",
        "continue": "متابعة",
        "homes": "كم بيتًا؟",
        "no": "لا",
        "governorate": "المحافظة",
        "district": "المدينة أو الحي",
        "photo place": "نعم، استخدم هذا المكان",
        "name": "الاسم",
        "email": "البريد الإلكتروني",
        "send": "أرسل البلاغ",
        "answer": "أجب",
        "your answer": "إجابتك",
        "send answer": "أرسل الإجابة",
        "not solved": "لا، لم تُحل",
        "why not": "ما الذي لم يُحل؟",
        "reopen": "أعد فتح الحالة",
        "solved": "نعم، حُلّت",
        "rate": "قيّم الجهة",
        "send rating": "أرسل التقييم",
    },
    Language.ENGLISH: {
        "typed": "watter cut",
        "find": "Find the service",
        "service": "Water cut",
        "start": "Start",
        "what": "Tell us in your own words",
        "continue": "Continue",
        "homes": "How many homes?",
        "no": "No",
        "governorate": "Governorate",
        "district": "District or city",
        "photo place": "Yes, use this place",
        "name": "Name",
        "email": "E-mail",
        "send": "Send the report",
        "answer": "Answer",
        "your answer": "Your answer",
        "send answer": "Send the answer",
        "not solved": "No, it is not solved",
        "why not": "What is not solved?",
        "reopen": "Reopen the case",
        "solved": "Yes, it is solved",
        "rate": "Rate the agency",
        "send rating": "Send the rating",
    },
}


@dataclass
class Hub:
    """The portal at its address, its world, and the mail that citizens get."""

    address: str
    world: World
    mail: MailCatcher

    def ticket(self, description: str) -> Ticket:
        """The one ticket of a report."""
        with self.world.as_staff(self.world.water) as context:
            return context.session.scalars(
                select(Ticket).where(
                    Ticket.tenant_id == self.world.water.id, Ticket.description == description
                )
            ).one()

    def let_staff(self, ticket: Ticket, act: Callable[..., Any], **words: str) -> None:
        """Let a member of staff do something with the ticket as it stands."""
        with self.world.as_staff(self.world.water) as context:
            version = context.session.scalars(
                select(Ticket.version).where(Ticket.tenant_id == self.world.water.id, Ticket.id == ticket.id)
            ).one()
            act(context, ticket.id, version, **words)


@pytest.fixture(scope="module")
def hub(server: OwnServer, template: str, run_folder: Path) -> Iterator[Hub]:
    with (
        MailCatcher() as mail,
        pytest.MonkeyPatch.context() as settings,
        world_of_outages(server, template, run_folder) as world,
    ):
        for variable, value in mail.environment.items():
            settings.setenv(variable, value)
        mail_settings.cache_clear()
        # Where it is served is not known before it is; of the links in letters only the path is followed.
        pages = PageSettings(address="https://hub.example")
        portal = create_portal(Database(world.database.bind, clock=world.clock), rates=AMPLE, settings=pages)
        with serving(portal) as address:
            yield Hub(address, world, mail)
    mail_settings.cache_clear()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("language", Language)
def test_a_case_from_a_misspelt_word_to_its_rating(
    chromium: Browser, hub: Hub, language: Language, scripts: bool
) -> None:
    words = WORDS[language]
    story = f"{words['service']} {language.value} {scripts}"
    how = Looking(language, NARROW, scripts=scripts)
    with looking(chromium, hub.address, how) as page:
        _report(page, words, story, language, scripts)
    ticket = hub.ticket(story)
    assert ticket.governorate == "giza"
    assert (round(ticket.latitude or 0, 3), round(ticket.longitude or 0, 3)) == (30.044, 31.236)
    # On another device, by the link in the letter.
    with looking(chromium, hub.address, how) as page:
        page.goto(_link_in_letter(hub, language))
        page.wait_for_url(f"**/{language.value}/cases/*")
        hub.let_staff(ticket, _take_up)
        hub.let_staff(ticket, actions.ask, text="في أي طابق؟")
        page.reload()
        page.get_by_role("link", name=words["answer"], exact=True).click()
        page.get_by_label(words["your answer"]).fill("3")
        page.get_by_role("button", name=words["send answer"]).click()
        page.wait_for_url("**?done=answer")
        hub.let_staff(ticket, actions.resolve, resolution="أُعيدت المياه")
        page.reload()
        page.get_by_role("link", name=words["not solved"]).click()
        page.get_by_label(words["why not"]).fill("...")
        page.get_by_role("button", name=words["reopen"]).click()
        page.wait_for_url("**?done=reopen")
        hub.let_staff(ticket, actions.resolve, resolution="أُعيدت المياه")
        page.reload()
        page.get_by_role("button", name=words["solved"]).click()
        page.wait_for_url("**?done=confirm")
        page.get_by_role("link", name=words["rate"]).click()
        page.locator("input[name=stars][value='5']").check()
        page.get_by_role("button", name=words["send rating"]).click()
        page.wait_for_url(re.compile(r"/cases/\d+\?"))
    _is_lived_through(hub, hub.ticket(story))


def _report(page: Page, words: dict[str, str], story: str, language: Language, scripts: bool) -> None:
    def go_on() -> None:
        page.get_by_role("button", name=words["continue"]).click()

    page.goto(f"/{language.value}")
    page.get_by_role("searchbox").fill(words["typed"])
    page.get_by_role("button", name=words["find"]).click()
    page.get_by_role("link", name=words["service"]).first.click()
    page.get_by_role("link", name=words["start"], exact=True).click()
    page.get_by_label(words["what"]).fill(story)
    go_on()
    page.get_by_label(words["homes"]).fill("3")
    page.get_by_label(words["no"], exact=True).check()
    go_on()
    page.get_by_label(words["governorate"]).select_option("giza")
    if not scripts:
        go_on()
    page.get_by_label(words["district"]).select_option(index=1)
    go_on()
    street: FilePayload = {"name": "street.jpg", "mimeType": "image/jpeg", "buffer": photo(exif=place_exif())}
    page.locator("input[type=file]").set_input_files([street])
    if scripts:
        page.get_by_role("checkbox", name="street.jpg").wait_for()
    else:
        go_on()
    page.get_by_label(words["photo place"]).check()
    go_on()
    page.get_by_label(words["name"]).fill("منى")
    page.get_by_label(words["email"]).fill(f"{language.value}.{scripts}@example.com".lower())
    go_on()
    page.wait_for_url("**/review")
    page.get_by_role("button", name=words["send"]).click()
    page.wait_for_url("**/receipt")


def _link_in_letter(hub: Hub, language: Language) -> str:
    send_all(hub.world.database, hub.world.clock)
    letter = hub.mail.caught()[0]
    found = re.search(rf"https://hub\.example(/{language.value}/cases/\S+)", letter.text)
    assert found is not None
    return found.group(1)


def _take_up(context: Context, ticket_id: Any, version: int) -> None:
    ticket = context.session.scalars(
        select(Ticket).where(Ticket.tenant_id == context.tenant_id, Ticket.id == ticket_id)
    ).one()
    if ticket.status == "received":
        version = actions.forward(context, ticket_id, version)
    actions.start(context, ticket_id, version)


def _is_lived_through(hub: Hub, ticket: Ticket) -> None:
    water = hub.world.water
    with hub.world.as_staff(water) as context:
        facts = list(
            context.session.scalars(
                select(Fact.kind)
                .where(Fact.tenant_id == water.id, Fact.ticket_id == ticket.id)
                .order_by(Fact.id)
            )
        )
        stars = context.session.scalars(
            select(Rating.stars).where(Rating.tenant_id == water.id, Rating.ticket_id == ticket.id)
        ).one()
    wanted = [
        "ticket.opened",
        "ticket.question_asked",
        "ticket.question_answered",
        "ticket.resolved",
        "ticket.reopened",
        "ticket.resolved",
        "ticket.closed",
    ]
    assert [each for each in facts if each in wanted] == wanted
    assert (ticket.status, stars) == ("closed", 5)
