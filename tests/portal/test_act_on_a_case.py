from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from hub.attachments.models import Attachment
from hub.tickets import actions
from hub.tickets.models import Entry, Ticket
from hub.tickets.texts import LONGEST
from portal.app import create_portal
from portal.pages.acts import ACTS
from portal.pages.case_acts import FILES_AT_ONCE
from tenants.database import Database
from tests.factories.tickets import open_leak, resolve, ticket_of
from tests.hub.api.callers import AMPLE
from tests.hub.attachments.acting import do_jobs
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, visiting, words_of
from tests.portal.cases import Followed, enter, followed
from tests.world import World


@pytest.fixture(params=["ar", "en"])
def case(visitor: Visitor, world: World, request: pytest.FixtureRequest) -> Followed:
    """A case at work, open in a browser in either language."""
    return followed(world, visitor, language=request.param)


def status_of(case: Followed) -> str:
    return ticket_of(case.world, case.opened, case.agency).status


def entries(world: World) -> int:
    with world.as_system(world.water, world.tax) as context:
        return (
            context.session.scalar(
                select(func.count()).select_from(Entry).where(Entry.tenant_id.in_(context.tenants))
            )
            or 0
        )


def a_photo() -> bytes:
    written = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(written, "JPEG")
    return written.getvalue()


def test_a_question_is_answered_and_work_goes_on(case: Followed) -> None:
    case.ask("ما اسم الشارع؟")
    assert "ما اسم الشارع؟" in case.says()
    assert "ما اسم الشارع؟" in words_of(case.visitor.see(case.act_place("answer")).find(".//main"))
    answer = case.act("answer", text="شارع النيل")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{case.place}?done=answer")
    page = words_of(case.visitor.see(answer.headers["location"]).find(".//main"))
    assert "شارع النيل" in page
    assert (ACTS["answer"].done.ar if case.language == "ar" else ACTS["answer"].done.en) in page
    assert status_of(case) == "in_progress"


def test_information_is_added_with_files_that_can_be_fetched_once_examined(case: Followed) -> None:
    answer = case.act(
        "add-information",
        text="ازداد التسرب",
        upload=[
            ("files", ("leak.jpg", a_photo(), "image/jpeg")),
            ("files", ("note.txt", "ملاحظة".encode(), "text/plain")),
        ],
    )
    assert answer.status_code == 303
    assert "ازداد التسرب" in case.says()
    do_jobs(case.world)
    files = {
        words_of(each): each.get("href") or ""
        for each in case.see().iter("a")
        if "/files/" in (each.get("href") or "")
    }
    assert set(files) == {"leak.jpg", "note.txt"}
    fetched = case.visitor.get(files["note.txt"])
    assert fetched.content.decode() == "ملاحظة"
    assert fetched.headers["content-disposition"].startswith("attachment;")
    assert fetched.headers["cache-control"] == "no-store"


def test_a_file_is_not_fetched_without_the_case_nor_by_another(
    case: Followed, visitor: Visitor, world: World
) -> None:
    case.act("add-information", text="x", upload=[("files", ("note.txt", b"mine", "text/plain"))])
    do_jobs(world)
    (place,) = [
        each.get("href") or "" for each in case.see().iter("a") if "/files/" in (each.get("href") or "")
    ]
    other = followed(world, visitor, agency=world.tax)
    file = place.rpartition("/")[2]
    assert visitor.get(f"{other.place}/files/{file}").status_code == 404
    assert visitor.get(f"{case.place}/files/{other.opened.ticket_id}").status_code == 404
    assert visitor.get(f"{case.place}/files/none").status_code == 404
    visitor.post(f"{case.place}/leave", {"leave": "yes"})
    assert visitor.get(place).status_code == 401


def test_what_was_solved_is_confirmed_with_one_button(case: Followed) -> None:
    resolve(case.world, case.opened)
    assert "أُصلحت" in case.says()
    (form,) = [each for each in case.see().iter("form") if (each.get("action") or "").endswith("/confirm")]
    (version,) = [each.get("value") for each in form.iter("input")]
    answer = case.visitor.post(form.get("action") or "", {"version": version})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{case.place}?done=confirm")
    assert status_of(case) == "closed"


def test_what_was_not_solved_is_reopened_with_a_reason(case: Followed) -> None:
    resolve(case.world, case.opened)
    assert case.act("reopen", text=" ").status_code == 422
    assert status_of(case) == "resolved"
    assert case.act("reopen", text="عاد التسرب").status_code == 303
    assert "عاد التسرب" in case.says()
    assert status_of(case) == "reopened"


def test_to_withdraw_takes_a_page_of_its_own_and_no_reason(case: Followed) -> None:
    assert case.act_place("withdraw") in {each.get("href") for each in case.see().iter("a")}
    (button,) = case.visitor.see(case.act_place("withdraw")).iter("button")
    assert button.get("data-color") == "danger"
    assert status_of(case) == "in_progress"
    assert case.act("withdraw").status_code == 303
    assert status_of(case) == "withdrawn"
    # Nothing more can be done, and nothing more is offered.
    assert not [each for each in case.see().iter("a") if "/tickets/" in (each.get("href") or "")]


@pytest.mark.parametrize("act", ["answer", "confirm", "reopen"])
def test_what_is_not_possible_now_leads_back_to_the_case_and_is_refused_when_sent(
    case: Followed, act: str
) -> None:
    answer = case.visitor.get(case.act_place(act))
    assert (answer.status_code, answer.headers["location"]) == (303, case.place)
    assert case.act(act, text="x").status_code == 409
    assert status_of(case) == "in_progress"


@pytest.mark.parametrize(("text", "status"), [("", 422), (" \n\t ", 422), ("x" * (LONGEST + 1), 422)])
def test_empty_and_endless_texts_come_back_with_what_was_typed(
    case: Followed, text: str, status: int
) -> None:
    before = entries(case.world)
    answer = case.act("add-information", text=text)
    assert answer.status_code == status
    (box,) = parse(answer.text).iter("textarea")
    assert (box.text or "").strip() == text.strip()
    assert box.get("autofocus") is not None
    assert entries(case.world) == before


def test_hostile_text_is_shown_as_it_was_written(case: Followed) -> None:
    hostile = "<script>alert(1)</script>\"'&\u202eabc {{ 7*7 }} %(moment)s"
    assert case.act("add-information", text=hostile).status_code == 303
    assert [each for each in case.see().iter("bdi") if (each.text or "") == hostile]


@pytest.mark.parametrize("version", ["", "x", "-1", "1.0", "9" * 40, "٠"])
def test_a_version_that_is_none_does_nothing(case: Followed, version: str) -> None:
    before = entries(case.world)
    answer = case.visitor.post(case.act_place("add-information"), {"version": version, "text": "x"})
    assert answer.status_code in (400, 412)
    assert entries(case.world) == before


def test_what_happened_meanwhile_is_said_and_nothing_typed_is_lost(case: Followed) -> None:
    version = case.version
    case.ask("ما اسم الشارع؟")
    answer = case.act("add-information", version, text="كتبت هذا قبل السؤال")
    assert answer.status_code == 412
    page = parse(answer.text)
    told = words_of(page.find(".//main"))
    assert {"ar": "سألتك الجهة", "en": "The agency asked you"}[case.language] in told
    assert {"ar": "المواطن", "en": "citizen"}[case.language] not in told
    # While a question is open nothing is added unasked, so the words can be copied.
    assert "كتبت هذا قبل السؤال" in words_of(page.find(".//main"))


def test_a_page_that_was_overtaken_can_be_sent_again_as_it_stands(case: Followed) -> None:
    version = case.version
    with case.world.as_staff(case.agency) as context:
        actions.reply(context, case.opened.ticket_id, version, text="نعمل عليها")
    answer = case.act("add-information", version, text="مزيد")
    assert answer.status_code == 412
    page = parse(answer.text)
    (box,) = page.iter("textarea")
    (now,) = [each.get("value") or "" for each in page.iter("input") if each.get("name") == "version"]
    assert case.act("add-information", int(now), text=box.text or "").status_code == 303
    assert "مزيد" in case.says()


def test_an_answer_to_a_question_that_is_no_more_can_be_added_as_information(case: Followed) -> None:
    version = case.ask("ما اسم الشارع؟")
    with case.world.as_staff(case.agency) as context:
        actions.go_on(context, case.opened.ticket_id, version)
    answer = case.act("answer", version, text="شارع النيل")
    assert answer.status_code == 412
    (form,) = [each for each in parse(answer.text).iter("form") if each.get("method") == "post"]
    assert (form.get("action") or "").endswith("/add-information")
    assert "شارع النيل" in (words_of(form))


def test_the_very_same_form_sent_again_is_done_once_and_told_as_done(case: Followed) -> None:
    version, before = case.version, entries(case.world)
    answers = [case.act("add-information", version, text=" مزيد من الماء ") for _ in range(3)]
    assert [(each.status_code, each.headers["location"]) for each in answers] == [
        (303, f"{case.place}?done=add-information")
    ] * 3
    assert entries(case.world) == before + 1
    version = case.version
    assert [case.act("withdraw", version).status_code for _ in range(2)] == [303, 303]


def test_a_double_click_over_two_lines_sends_once(own_world: World) -> None:
    database = Database(own_world.database.bind, clock=own_world.clock)
    with visiting(create_portal(database, rates=AMPLE)) as visitor:
        case = followed(own_world, visitor)
        version, before = case.version, entries(own_world)
        with ThreadPoolExecutor(4) as clicks:
            answers = list(
                clicks.map(lambda _: case.act("add-information", version, text="مرة واحدة"), range(4))
            )
        assert [each.status_code for each in answers] == [303] * 4
        assert entries(own_world) == before + 1


def test_a_file_that_is_not_taken_is_named_and_the_others_need_not_be_sent_again(case: Followed) -> None:
    answer = case.act(
        "add-information",
        text="صورتان",
        upload=[
            ("files", ("good.jpg", a_photo(), "image/jpeg")),
            ("files", ("page.html", b"<html><script>alert(1)</script></html>", "text/html")),
            ("files", ("empty.txt", b"", "text/plain")),
            ("files", ("unknown.bin", bytes(range(256)), "application/octet-stream")),
        ],
    )
    assert answer.status_code == 422
    page = parse(answer.text)
    assert "page.html" in words_of(page.find(".//main"))
    kept = [each.get("value") or "" for each in page.iter("input") if each.get("type") == "checkbox"]
    assert len(kept) == 1
    assert case.act("add-information", text="صورتان", files=kept).status_code == 303
    do_jobs(case.world)
    assert "good.jpg" in case.says()


def test_more_files_than_are_taken_at_once_are_refused_before_any_is_kept(case: Followed) -> None:
    upload = [("files", (f"{at}.txt", b"x", "text/plain")) for at in range(FILES_AT_ONCE + 1)]
    assert case.act("add-information", text="x", upload=upload).status_code == 422
    with case.world.as_system(case.agency) as context:
        assert not context.session.scalars(
            select(Attachment.id).where(Attachment.tenant_id.in_(context.tenants))
        ).all()


def test_files_of_another_case_cannot_be_named_as_ones_own(case: Followed, world: World) -> None:
    other = followed(world, case.visitor, agency=world.water, language="en")
    other.act("add-information", text="", upload=[("files", ("theirs.txt", b"theirs", "text/plain"))])
    with world.as_system(world.water) as context:
        (theirs,) = context.session.scalars(
            select(Attachment.id).where(Attachment.tenant_id.in_(context.tenants))
        )
    assert case.act("add-information", text="mine", files=[str(theirs), "x", "../"]).status_code == 303
    assert "theirs.txt" not in case.says()


def test_a_form_of_another_site_does_nothing(case: Followed) -> None:
    answer = case.visitor.post(
        case.act_place("withdraw"), {"version": str(case.version)}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert status_of(case) == "in_progress"


@pytest.mark.parametrize(
    "place", ["tickets/none/answer", "tickets/{ticket}/none", "tickets/{ticket}/resolve"]
)
def test_an_act_that_is_none_is_no_page(case: Followed, place: str) -> None:
    address = f"{case.place}/{place.format(ticket=case.opened.ticket_id)}"
    assert case.visitor.get(address).status_code == 404
    assert case.visitor.post(address, {"version": "1"}).status_code == 404


def test_a_case_in_two_agencies_is_told_for_each_and_acted_on_in_each(visitor: Visitor, world: World) -> None:
    case = followed(world, visitor)
    with world.as_staff(world.water) as context:
        actions.transfer(
            context, case.opened.ticket_id, case.version, tenant="tax", service="leak", reason="سبب داخلي"
        )
    # The cookie was given before the other body had the case.
    page = case.see()
    headings = [words_of(each) for each in page.iter("h2")]
    assert headings[1:3] == ["مصلحة الضرائب", "شركة المياه"]
    assert "سبب داخلي" not in case.says()
    (place,) = {
        each.get("href") or "" for each in page.iter("a") if (each.get("href") or "").endswith("/withdraw")
    }
    assert visitor.post(place, {"version": "1"}).status_code == 303
    with world.as_system(world.tax) as context:
        assert context.session.scalars(
            select(Ticket.status).where(Ticket.tenant_id == world.tax.id)
        ).all() == ["withdrawn"]


def test_what_staff_write_for_each_other_is_not_told(case: Followed) -> None:
    with case.world.as_staff(case.agency) as context:
        version = actions.add_note(context, case.opened.ticket_id, case.version, text="ملاحظة داخلية")
        actions.wait(context, case.opened.ticket_id, version, reason="ننتظر المقاول")
    page = case.says()
    assert "ملاحظة داخلية" not in page
    assert "المقاول" not in page


def test_a_confidential_case_says_that_the_name_is_kept_back_and_by_when_all_is_done(
    visitor: Visitor, world: World
) -> None:
    opened = open_leak(world, confidential=True)
    enter(visitor, opened, "en")
    page = words_of(visitor.see(f"/en/cases/{opened.number}").find(".//main"))
    assert "Your name is kept from the agency." in page
    # Eight hours, as the body promises for leaks, and not the hub's 120.
    assert "By Monday, 23 November 2026, 10:00 everything should be done." in page
    assert "The target is 8 hours of working time." in page
    assert "Version" not in page
