"""Versions and tags: nothing is changed unseen, and nothing is sent twice."""

from __future__ import annotations

import gzip

import pytest

from hub.journal.words import FACT_NAMES
from tenants.languages import Language
from tests.hub.api.callers import Api, Caller
from tests.hub.api.stories import Case, a_case, a_case_at_work, told


@pytest.fixture
def case(api: Api) -> Case:
    return a_case(api)


def test_the_tag_of_a_reading_is_what_an_act_goes_by(case: Case) -> None:
    read = case.machine.get(f"/tickets/{case.ticket}")
    assert read.headers["ETag"].startswith('"1-')
    acted = case.machine.post(f"/tickets/{case.ticket}/forward", version=read.headers["ETag"])
    assert acted.status_code == 200
    assert acted.headers["ETag"].startswith('"2-')
    assert (
        case.machine.post(f"/tickets/{case.ticket}/start", version=acted.headers["ETag"]).status_code == 200
    )


def test_without_a_version_nothing_is_changed(case: Case) -> None:
    answer = case.machine.post(f"/tickets/{case.ticket}/forward")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        428,
        "version_needed",
        "If-Match",
    )
    citizen = case.citizen.post(f"~/tickets/{case.ticket}/withdraw")
    assert (citizen.status_code, citizen.json()["code"]) == (428, "version_needed")
    assert case.read()["version"] == 1


@pytest.mark.parametrize("language", list(Language))
def test_an_old_version_is_refused_and_what_changed_is_named(case: Case, language: Language) -> None:
    case.act("forward")
    answer = case.machine.speaking(language).post(f"/tickets/{case.ticket}/forward", version=1)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")
    assert f"({FACT_NAMES['ticket.forwarded'].in_language(language)})" in answer.json()["detail"]
    assert case.read()["version"] == 2


def test_the_citizen_is_not_told_of_notes_that_came_in_between(api: Api) -> None:
    case = a_case_at_work(api)
    before = case.part()["version"]
    case.act("add-note", text="للزملاء فقط")
    answer = case.citizen.post(f"~/tickets/{case.ticket}/add-information", {"text": "هنا"}, version=before)
    assert answer.status_code == 412
    assert "note" not in answer.json()["detail"]


@pytest.mark.parametrize(
    "tag",
    [
        '""',
        "1",
        '"x"',
        '"-1"',
        '"1"2',
        'W/"1"',
        '"1", "2"',
        "*",
        '"1-00"',
        '"99999999999"',
        '"١"',
        "\x7f",
        " ",
    ],
)
def test_what_is_no_version_is_not_guessed_at(case: Case, tag: str) -> None:
    answer = case.machine.send(
        "POST", f"/tickets/{case.ticket}/forward", json={}, headers={"If-Match": tag.encode()}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "version_not_understood")
    assert case.read()["version"] == 1


@pytest.mark.parametrize("version", [0, 2, 999_999_999])
def test_a_version_that_never_was_is_refused_as_stale(case: Case, version: int) -> None:
    answer = case.machine.post(f"/tickets/{case.ticket}/forward", version=version)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")


def reading(case: Case) -> list[tuple[Caller, str]]:
    return [
        (case.machine, f"/tickets/{case.ticket}"),
        (case.machine, f"/tickets/{case.ticket}/history"),
        (case.machine, f"/tickets/{case.ticket}/clocks"),
        (case.citizen, "~"),
        (case.api.anybody(), "/tenants"),
        (case.api.anybody(), "/tenants/water/services/leak"),
    ]


def test_what_the_reader_has_already_is_not_sent_again(case: Case) -> None:
    for caller, path in reading(case):
        first = caller.get(path)
        tag = first.headers["ETag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = caller.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["ETag"] == tag
        assert caller.get(path, headers={"If-None-Match": '"other"'}).content == first.content


def test_a_change_gives_another_tag(case: Case) -> None:
    changing = [
        (case.machine, f"/tickets/{case.ticket}"),
        (case.machine, f"/tickets/{case.ticket}/history"),
        (case.citizen, "~"),
    ]
    before = {path: caller.get(path).headers["ETag"] for caller, path in changing}
    case.act("forward")
    for caller, path in changing:
        changed = caller.get(path, headers={"If-None-Match": before[path]})
        assert changed.status_code == 200, path
        assert changed.headers["ETag"] != before[path]


def test_another_language_has_another_tag(case: Case) -> None:
    for caller, path in reading(case):
        tags = {caller.speaking(language).get(path).headers["ETag"] for language in ("ar", "en")}
        assert len(tags) == 2, path


def test_caches_are_told_what_an_answer_depends_on(case: Case) -> None:
    for caller, path in reading(case):
        headers = caller.get(path).headers
        varies = {name.strip().lower() for name in headers["Vary"].split(",")}
        assert {"accept-language", "authorization", "hub-case-pin", "hub-case-secret"} <= varies
        assert headers["Cache-Control"] == "no-cache"


def test_large_answers_are_compressed_for_whoever_takes_that(case: Case) -> None:
    path = f"/tickets/{case.ticket}"
    plain = case.machine.get(path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert len(plain.content) > 1000
    with case.api.client.stream(
        "GET",
        f"/api/v1{path}",
        headers={**case.machine.headers, "Accept-Language": "en", "Accept-Encoding": "gzip"},
    ) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(raw) < len(plain.content)
    assert gzip.decompress(raw) == plain.content


def test_every_request_has_an_id_its_own_or_the_one_it_brought(case: Case) -> None:
    ids = {case.machine.get("/tenants").headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3
    brought = case.machine.get("/tenants", headers={"X-Request-Id": "from-the-gateway.0001"})
    assert brought.headers["X-Request-Id"] == "from-the-gateway.0001"
    refused = case.api.anybody().get("/tenants/none", headers={"X-Request-Id": "from-the-gateway.0002"})
    assert refused.json()["request_id"] == "from-the-gateway.0002"


@pytest.mark.parametrize(
    "brought", ["short", "x" * 65, "with blanks in it", '"><script>alert(1)</script>', "٠١٢٣٤٥٦٧"]
)
def test_an_id_that_is_no_plain_one_is_replaced(api: Api, brought: str) -> None:
    answer = api.anybody().get("/tenants", headers={"X-Request-Id": brought.encode()})
    assert answer.headers["X-Request-Id"] != brought
    assert len(answer.headers["X-Request-Id"]) == 32


def test_the_receipt_of_a_case_is_kept_by_no_cache(api: Api) -> None:
    case = a_case(api)
    opened = api.anybody().post("/tenants/water/cases", {"service": "bill", "description": "كم؟"})
    assert opened.headers["Cache-Control"] == "no-store"
    assert opened.headers["Location"] == f"/api/v1/cases/{opened.json()['number']}"
    assert told(case.citizen.get("~"))["number"] == case.number
