"""Asking again under the same Idempotency-Key: the same answer, and nothing done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from uuid import uuid4

import pytest
from httpx2 import Response
from sqlalchemy import func, select, text

from hub.tickets.models import Ticket
from hub.web.kept_answers import KEPT_FOR, forget_answers
from hub.web.models import KeptAnswerRow
from tests.hub.api.callers import Api, Caller
from tests.hub.api.stories import LEAK, a_case, told
from tests.world import World

KEY = {"Idempotency-Key": "0b0e4a52-3f7e-4a39-9e8e-1d5b6f0a7c11"}


def fresh() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def opens(caller: Caller, headers: dict[str, str], **changes: object) -> Response:
    return caller.post("/tenants/water/cases", {**LEAK, **changes}, headers=headers)


def tickets(world: World) -> int:
    with world.as_system(world.water) as context:
        return context.session.scalars(
            select(func.count()).select_from(Ticket).where(Ticket.tenant_id == world.water.id)
        ).one()


def test_the_same_request_again_gets_the_same_answer_and_opens_no_second_case(api: Api) -> None:
    first = opens(api.anybody(), KEY)
    again = opens(api.anybody(), KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("ETag", "Location", "Cache-Control", "Content-Language", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert tickets(api.world) == 1


def test_an_answer_given_again_is_in_the_language_it_says(api: Api) -> None:
    case = a_case(api, language="ar")
    headers = fresh()
    first = case.machine.post(f"/tickets/{case.ticket}/forward", version=1, headers=headers)
    again = case.machine.speaking("en").post(f"/tickets/{case.ticket}/forward", version=1, headers=headers)
    assert again.content == first.content
    assert again.headers["Content-Language"] == "ar"
    assert again.json()["tenant"]["name"] == "شركة المياه"


def test_without_a_key_the_same_request_is_another_one(api: Api) -> None:
    assert opens(api.anybody(), {}).json()["number"] != opens(api.anybody(), {}).json()["number"]
    assert tickets(api.world) == 2


def test_another_request_under_the_same_key_is_refused(api: Api) -> None:
    opens(api.anybody(), KEY)
    other = opens(api.anybody(), KEY, description="شيء آخر")
    assert (other.status_code, other.json()["code"]) == (422, "key_used_for_something_else")
    elsewhere = api.anybody().post("/tenants/tax/cases", LEAK, headers=KEY)
    assert elsewhere.json()["code"] == "key_used_for_something_else"
    assert tickets(api.world) == 1


def test_another_caller_under_the_same_key_gets_an_answer_of_their_own(api: Api) -> None:
    mine, theirs = opens(api.anybody(), KEY), opens(api.machine(), KEY)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["number"] != theirs.json()["number"]
    assert "Idempotency-Replayed" not in theirs.headers
    assert opens(api.machine(), KEY).json()["number"] not in (mine.json()["number"], theirs.json()["number"])


def test_the_citizens_of_two_cases_get_answers_of_their_own(api: Api) -> None:
    first = a_case(api)
    second = a_case(api, machine=first.machine)
    for case in (first, second):
        home = f"~/tickets/{case.ticket}/attachments"
        answer = case.citizen.post(home, {"name": "a.txt", "size": 1}, headers=KEY)
        assert "Idempotency-Replayed" not in answer.headers


def test_an_act_is_done_once_though_the_ticket_has_moved_on(api: Api) -> None:
    case = a_case(api)
    first = case.machine.post(f"/tickets/{case.ticket}/forward", version=1, headers=KEY)
    case.act("start")
    again = case.machine.post(f"/tickets/{case.ticket}/forward", version=1, headers=KEY)
    assert (again.status_code, again.content) == (200, first.content)
    facts = told(case.machine.get(f"/tickets/{case.ticket}/history"))["facts"]
    assert [fact["kind"] for fact in facts].count("ticket.forwarded") == 1


def test_a_refused_act_is_not_kept_and_may_succeed_later(api: Api) -> None:
    case = a_case(api)
    too_early = case.machine.post(f"/tickets/{case.ticket}/start", version=1, headers=KEY)
    assert too_early.status_code == 409
    case.act("forward")
    again = case.machine.post(f"/tickets/{case.ticket}/start", version=2, headers=KEY)
    assert (again.status_code, "Idempotency-Replayed" in again.headers) == (200, False)
    refused = opens(api.anybody(), headers := fresh(), service="none")
    assert refused.status_code == 422
    assert opens(api.anybody(), headers).status_code == 201


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_other_bytes_of_a_file_under_the_same_key_are_refused(api: Api, method: str) -> None:
    somebody, home = api.anybody(), "/tenants/water/attachments"
    begun = told(somebody.post(home, {"name": "a.txt", "size": 3}))["id"]
    path = f"{home}/whole" if method == "POST" else f"{home}/{begun}/pieces/0"

    def send(content: bytes) -> Response:
        return somebody.send(method, path, params={"name": "a.txt"}, content=content, headers=KEY)

    first, again, other = send(b"one"), send(b"one"), send(b"two")
    assert first.is_success
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert (other.status_code, other.json()["code"]) == (422, "key_used_for_something_else")


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 15, "x" * 129, "sixteen letters and blanks", "tab\tin\tthe\tmidst\tof\tit"]
)
def test_a_key_that_might_be_somebody_else_s_is_refused(api: Api, key: str) -> None:
    answer = opens(api.anybody(), {"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
    assert tickets(api.world) == 0


@pytest.mark.parametrize("length", [16, 128])
def test_a_key_of_any_length_in_between_is_taken(api: Api, length: int) -> None:
    assert opens(api.anybody(), {"Idempotency-Key": "~" * length}).status_code == 201


def test_two_at_once_do_it_once_and_get_the_same_answer(own_api: Api) -> None:
    for _ in range(5):
        before, headers = tickets(own_api.world), fresh()
        answers = at_once(6, partial(opens, own_api.anybody(), headers))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert [answer.headers.get("Idempotency-Replayed") for answer in answers].count("true") == 5
        assert tickets(own_api.world) == before + 1


def test_of_two_different_requests_at_once_under_one_key_one_is_done(own_api: Api) -> None:
    for _ in range(5):
        before, headers = tickets(own_api.world), fresh()
        words = iter(["أول", "ثانٍ"])

        def open_one(headers: dict[str, str] = headers, words: Iterator[str] = words) -> Response:
            return opens(own_api.anybody(), headers, description=next(words))

        answers = at_once(2, open_one)
        assert sorted(answer.status_code for answer in answers) == [201, 422]
        assert tickets(own_api.world) == before + 1


def at_once(times: int, ask: Callable[[], Response]) -> list[Response]:
    ready = Barrier(times)

    def go(_number: int) -> Response:
        ready.wait()
        return ask()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(go, range(times)))


def kept(world: World) -> list[bytes]:
    """What the table of kept answers holds, as whoever has the database may read it."""
    with world.as_system() as context:
        rows = context.session.scalars(select(KeptAnswerRow).execution_options(populate_existing=True)).all()
        return [b"|".join((row.name, row.asked, row.sealed or b"")) for row in rows]


def test_whoever_reads_the_database_finds_neither_the_key_nor_the_answer(api: Api) -> None:
    opened = opens(api.anybody(), KEY).json()
    (row,) = kept(api.world)
    for secret in (opened["pin"], opened["secret"], opened["number"], KEY["Idempotency-Key"], "منى"):
        assert secret.encode() not in row
        assert secret.encode().hex().encode() not in row


def test_nobody_but_the_hub_reads_kept_answers(api: Api) -> None:
    opens(api.anybody(), KEY)
    with api.world.as_staff(api.world.water, "manager") as context:
        assert context.session.execute(text("SELECT count(*) FROM kept_answers")).scalar_one() == 0
    assert len(kept(api.world)) == 1


def test_an_answer_is_forgotten_after_a_day(api: Api) -> None:
    world = api.world
    first = opens(api.anybody(), KEY)
    world.clock.move_to(world.clock.moment + KEPT_FOR - timedelta(seconds=1))
    assert opens(api.anybody(), KEY).content == first.content
    world.clock.move_to(world.clock.moment + timedelta(seconds=1))
    later = opens(api.anybody(), KEY)
    assert later.json()["number"] != first.json()["number"]
    assert "Idempotency-Replayed" not in later.headers
    assert opens(api.anybody(), KEY).content == later.content


def test_the_hub_removes_answers_that_are_over_and_no_others(api: Api) -> None:
    world = api.world
    for _ in range(3):
        opens(api.anybody(), fresh())
    world.clock.move_to(world.clock.moment + KEPT_FOR)
    opens(api.anybody(), KEY)
    with world.as_system() as context:
        assert [forget_answers(context, limit=2) for _ in range(3)] == [2, 1, 0]
    assert len(kept(world)) == 1
    assert opens(api.anybody(), KEY).headers["Idempotency-Replayed"] == "true"


def test_a_tenant_cannot_make_the_hub_forget(api: Api) -> None:
    world = api.world
    opens(api.anybody(), KEY)
    world.clock.move_to(world.clock.moment + KEPT_FOR)
    with world.as_staff(world.water, "manager") as context:
        assert forget_answers(context, limit=10) == 0
    assert len(kept(world)) == 1
