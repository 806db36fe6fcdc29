"""Every operation, called by who may call it, in both languages, through the whole life of cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from tests.hub.api.callers import Api
from tests.hub.api.reviewed import ENDLESS
from tests.hub.api.stories import LEAK, a_case, a_case_at_work, a_file, checksum, told
from tests.hub.attachments.acting import do_jobs

LANGUAGES = ("ar", "en")
NAMES = {"ar": ("شركة المياه", "كسر ماسورة"), "en": ("Water company", "Burst pipe")}


def moves(answer: dict[str, Any]) -> set[str]:
    return set(answer["moves"])


def a_case_is_worked_asked_about_resolved_reopened_and_confirmed(api: Api, language: str) -> None:
    case = a_case(api, language=language)
    received = case.read()
    assert (received["status"], received["version"]) == ("received", 1)
    assert (received["tenant"]["name"], received["service"]["name"]) == NAMES[language]
    assert received["citizen"]["name"] == "منى"
    assert case.act("forward")["status"] == "assigned"
    member = str(api.world.water.cast["field"].id)
    assigned = case.act("assign", team="repairs", assignee=member)
    assert (assigned["team"]["code"], assigned["assignee"]["id"]) == ("repairs", member)
    assert case.act("start")["status"] == "in_progress"
    assert case.act("enter-stage", stage="inspection")["stage"]["code"] == "inspection"
    assert case.act("prioritise", priority="urgent")["priority"] == "urgent"
    assert case.act("wait", reason="ننتظر المورد")["waiting_on"] == "external"
    assert case.act("go-on")["waiting_on"] is None
    assert case.act("add-note", text="للزملاء فقط")["entries"][-1]["kind"] == "note"
    assert case.act("ask", text="أين بالضبط؟")["waiting_on"] == "citizen"

    asked = case.part()
    assert asked["waiting_for_you"]
    assert [entry["text"] for entry in asked["entries"]] == ["ننتظر المورد", "أين بالضبط؟"][
        -len(asked["entries"]) :
    ]
    answered = case.part(case.act_as_citizen("answer", text="أمام الباب الخلفي"))
    assert (answered["status"], answered["waiting_for_you"]) == ("in_progress", False)
    case.act_as_citizen("add-information", text="الماء يصل إلى الشارع")
    assert case.act("reply", text="في الطريق")["first_response_at"] is not None

    assert case.act("resolve", resolution="أُصلحت")["status"] == "resolved"
    reopened = case.part(case.act_as_citizen("reopen", reason="عاد التسرب"))
    assert reopened["status"] == "reopened"
    assert case.act("resolve", resolution="أُصلحت مرة أخرى")["reopened"] == 1
    resolved = case.part()
    assert {"confirm", "reopen"} <= moves(resolved)
    confirmed = case.act_as_citizen("confirm")
    assert (case.part(confirmed)["status"], confirmed["closed_at"] is not None) == ("closed", True)
    assert "للزملاء فقط" not in str(confirmed)

    facts = told(case.machine.get(f"/tickets/{case.ticket}/history"))["facts"]
    assert facts[0]["kind"] == "ticket.opened"
    assert [fact["kind"] for fact in facts].count("ticket.reopened") == 1
    clocks = told(case.machine.get(f"/tickets/{case.ticket}/clocks"))["clocks"]
    assert {clock["kind"] for clock in clocks} == {"first_response", "resolution"}
    assert all(clock["met_at"] and clock["steps"] for clock in clocks)


def a_case_is_put_aside_refused_taken_back_or_given_up(api: Api, language: str) -> None:
    assert a_case(api, language=language).act("archive", reason="لا شيء")["status"] == "archived"
    assert a_case(api, language=language).act("reject", reason="ليس من عملنا")["status"] == "rejected"
    withdrawn = a_case(api, language=language)
    assert withdrawn.part(withdrawn.act_as_citizen("withdraw"))["status"] == "withdrawn"
    unreachable = a_case_at_work(api, language=language)
    unreachable.act("resolve", resolution="أُصلحت")
    assert unreachable.act("close-unreachable", reason="لا يرد")["closure"] == "unreachable"


def a_ticket_joins_another_and_goes_its_own_way_again(api: Api, language: str) -> None:
    main = a_case_at_work(api, language=language)
    second = a_case(api, language=language, machine=main.machine)
    assert second.act("join", main_ticket=main.ticket)["main_ticket_id"] == main.ticket
    assert second.act("release")["status"] == "received"


def a_case_goes_on_to_other_bodies(api: Api, language: str) -> None:
    handed_on = {"tenant": "tax", "service": "bill", "reason": "ليست لنا"}
    case = a_case_at_work(api, language=language)
    added = case.act("add-tenant", **handed_on)
    assert {each["tenant"]["code"] for each in case.read_as_citizen()["tickets"]} == {"water", "tax"}
    there = api.machine(api.world.tax, language=language)
    new = told(there.get(f"/tickets/{added['opened_ticket_id']}"))
    assert new["case_number"] == case.number

    moved = a_case(api, language=language)
    opened = moved.act("transfer", **handed_on)["opened_ticket_id"]
    assert (moved.read()["status"], moved.read()["handed_on_to"]) == ("transferred", "tax")
    assert told(there.get(f"/tickets/{opened}"))["service"]["code"] == "bill"


def somebody_looks_for_a_service_and_answers_its_form(api: Api, language: str) -> None:
    somebody = api.anybody(language)
    assert {each["code"] for each in told(somebody.get("/tenants"))["tenants"]} == {"tax", "water"}
    assert told(somebody.get("/tenants/water"))["name"] == NAMES[language][0]
    assert [each["code"] for each in told(somebody.get("/tenants/water/services"))["services"]] == [
        "bill",
        "leak",
    ]
    service = told(somebody.get("/tenants/water/services/leak"))
    assert (service["name"], service["form_version"]) == (NAMES[language][1], 1)
    form = jsonschema_rs.validator_for(service["form"])
    assert form.is_valid(LEAK["answers"])
    assert not form.is_valid({"hazard": True})
    opened = a_case(api, language=language, answers={"hazard": True, "hazard_kind": "كابل كهرباء"})
    assert [each["name"] for each in opened.read()["answers"]] == ["hazard", "hazard_kind"]
    assert told(somebody.get("/tenants/water/services/bill"))["form"] is None


def a_machine_opens_a_case_for_somebody(api: Api, language: str) -> None:
    machine = api.machine(language=language)
    body = {
        **LEAK,
        "channel": "counter",
        "priority": "urgent",
        "place": {"latitude": 30.04, "longitude": 31.21},
    }
    opened = told(machine.post("/tenants/water/cases", body))
    ticket = told(machine.get(f"/tickets/{opened['ticket_id']}"))
    assert (ticket["channel"], ticket["priority"]) == ("counter", "urgent")
    assert (ticket["place"]["latitude"], ticket["place"]["longitude"]) == (30.04, 31.21)
    assert ticket["language"] == language


def files_come_with_a_case_whole_and_in_pieces(api: Api, language: str) -> None:
    somebody, content = api.anybody(language), "صورة العداد".encode() * 20
    home = "/tenants/water/attachments"
    whole = a_file(somebody, home, content)
    begun = told(somebody.post(home, {"name": "meter.txt", "size": len(content)}))["id"]
    for start in (0, 100):
        piece = content[start : start + 100] if start == 0 else content[start:]
        told(somebody.send("PUT", f"{home}/{begun}/pieces/{start}", content=piece))
    assert told(somebody.get(f"{home}/{begun}/progress")) == {"received": len(content), "size": len(content)}
    finished = told(somebody.post(f"{home}/{begun}/finish", {"sha256": checksum(content)}))
    assert (finished["name"], finished["place"]) == ("meter.txt", None)
    do_jobs(api.world)
    assert told(somebody.get(f"{home}/{begun}"))["state"] == "ready"
    spare = a_file(somebody, home, content)
    assert somebody.send("DELETE", f"{home}/{spare}").status_code == 204
    assert somebody.get(f"{home}/{spare}").status_code == 404

    case = a_case(api, language=language, attachments=[whole, begun])
    assert {each["id"] for each in case.read()["files"]} == {whole, begun}
    fetched = case.machine.get(f"{home}/{whole}/content")
    assert fetched.content == content
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    link = told(case.machine.post(f"{home}/{whole}/link"))["path"]
    assert somebody.get(link.removeprefix("/api/v1")).content == content


def a_citizen_sends_files_on_their_case_and_fetches_them(api: Api, language: str) -> None:
    case, content = a_case_at_work(api, language=language), "بعد الإصلاح".encode()
    home = f"~/tickets/{case.ticket}/attachments"
    begun = told(case.citizen.post(home, {"name": "after.txt", "size": len(content)}))["id"]
    told(case.citizen.send("PUT", f"{home}/{begun}/pieces/0", content=content))
    assert told(case.citizen.get(f"{home}/{begun}/progress"))["received"] == len(content)
    told(case.citizen.post(f"{home}/{begun}/finish", {"sha256": checksum(content)}))
    do_jobs(api.world)
    whole = a_file(case.citizen, home, content)
    spare = a_file(case.citizen, home, content)
    assert case.citizen.send("DELETE", f"{home}/{spare}").status_code == 204
    case.act_as_citizen("add-information", text="انظر", attachments=[begun, whole])
    assert {each["id"] for each in case.part()["files"]} == {begun, whole}
    assert told(case.citizen.get(f"{home}/{begun}"))["state"] == "ready"
    assert case.citizen.get(f"{home}/{begun}/content").content == content
    link = told(case.citizen.post(f"{home}/{begun}/link"))["path"]
    assert api.anybody(language).get(link.removeprefix("/api/v1")).content == content


def a_machine_lists_and_finds_the_tickets_of_its_body(api: Api, language: str) -> None:
    first = a_case(api, language=language)
    machine = first.machine
    second = a_case(api, language=language, machine=machine, description="عداد معطل", reporter=None)
    second.act("forward")
    both, seen, after = {first.ticket, second.ticket}, [], None
    while True:
        page = told(machine.get("/tickets", params={"limit": 1, **({"after": after} if after else {})}))
        seen += [each["id"] for each in page["tickets"]]
        after = page["next"]
        if after is None:
            break
    assert both <= set(seen)
    assert len(set(seen)) == len(seen)
    received = told(machine.get("/tickets", params={"status": ["received"], "sort": "due"}))["tickets"]
    assert both & {each["id"] for each in received} == {first.ticket}
    assert {each["service"]["name"] for each in received} == {NAMES[language][1]}
    for typed, meant, found in (
        (second.number, "number", {second.ticket}),
        ("العداد المعطّل", "words", {second.ticket}),
        ("٠١٠٠١٢٣٤٥٦٧", "phone", {first.ticket}),
    ):
        answer = told(machine.get("/search", params={"q": typed, "limit": 100}))
        assert (answer["meant"], both & {each["id"] for each in answer["tickets"]}) == (meant, found)


STORIES: tuple[Callable[[Api, str], None], ...] = (
    a_case_is_worked_asked_about_resolved_reopened_and_confirmed,
    a_case_is_put_aside_refused_taken_back_or_given_up,
    a_ticket_joins_another_and_goes_its_own_way_again,
    a_case_goes_on_to_other_bodies,
    somebody_looks_for_a_service_and_answers_its_form,
    a_machine_opens_a_case_for_somebody,
    files_come_with_a_case_whole_and_in_pieces,
    a_citizen_sends_files_on_their_case_and_fetches_them,
    a_machine_lists_and_finds_the_tickets_of_its_body,
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_a_life_goes_as_it_should(api: Api, story: Callable[[Api, str], None], language: str) -> None:
    story(api, language)


def test_the_stories_leave_no_operation_out(api: Api) -> None:
    for story in STORIES:
        story(api, "ar")
    done = {name for name, status in api.answered if status < 300}
    assert {operation.name for operation in api.document.operations} - done == ENDLESS
