"""Paths that lead nowhere, ids that are none, methods that are not offered, headers that are noise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.tickets.numbers import grouped
from tests.hub.api.callers import Api, Caller, is_arabic
from tests.hub.api.documents import Operation
from tests.hub.api.requests import Ask, ask
from tests.hub.api.reviewed import REVIEWED
from tests.hub.api.stories import Case, a_case

# As they stand in a path: percent-encoded where they have to be.
NOTHINGS = (
    "none",
    "0",
    "-1",
    "%00",
    "a%00b",
    "%ff%fe",
    "%ed%a0%80",
    "%E2%80%AE",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "00000000-0000-7000-8000-00000000000g",
    "{ticket_id}",
    "'%20OR%20'1'='1",
    "٠٠٠",
    "%F0%9F%92%A7",
    "x" * 3_000,
    "9" * 400,
    "1e5",
    "NaN",
)


@pytest.fixture
def case(api: Api) -> Case:
    return a_case(api)


def operations(case: Case) -> Iterator[tuple[Operation, Ask, Caller]]:
    for operation in case.api.document.operations:
        who = REVIEWED[f"{operation.method} {operation.path}"]
        caller = case.citizen if who.citizen else case.machine if who.machine else case.api.anybody()
        yield (
            operation,
            ask(case.api.document, operation, number=case.number, ticket_id=case.ticket),
            caller,
        )


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_path_of_what_is_no_id_leads_nowhere(case: Case, language: str) -> None:
    for operation, right, caller in operations(case):
        for name in operation.names_in_path:
            for nothing in NOTHINGS:
                if (name, nothing) == ("offset", "0"):
                    continue
                answer = right.naming(f"path.{name}", nothing).send(caller.speaking(language))
                assert answer.status_code == 404, (operation.name, name, nothing, answer.text)
                assert is_arabic(answer.json()["detail"]) == (language == "ar")


def test_what_stands_nowhere_is_not_found_in_the_reader_s_language(api: Api) -> None:
    for path in (
        "",
        "/",
        "/none",
        "/tickets/",
        "/tenants/",
        "//tenants",
        "/Tenants",
        "/tenants/water/",
        "/../api",
    ):
        for language in ("ar", "en"):
            answer = api.anybody(language).get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_place"), path
            assert answer.headers["Content-Language"] == language


def test_outside_the_api_there_is_nothing_either(api: Api) -> None:
    for path in ("/", "/docs", "/redoc", "/openapi.json", "/api", "/api/v2/tenants"):
        answer = api.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_place")


def test_a_method_that_is_not_offered_is_refused_and_the_offered_named(case: Case) -> None:
    for operation, right, caller in operations(case):
        where = operation.path.format_map(dict(right.path))
        others = {each.method for each in case.api.document.operations if each.path == operation.path}
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
            # A literal path may stand where an id could: then it is another operation's.
            if method in others or case.api.document.operation(method, where) is not None:
                continue
            answer = caller.send(method, where)
            assert answer.status_code == 405, (operation.name, method)
            assert answer.headers["Allow"]
            assert method not in answer.headers["Allow"].split(", ")


def test_a_case_number_may_be_typed_as_people_type_it(case: Case) -> None:
    arabic = "".join("٠١٢٣٤٥٦٧٨٩"[int(digit)] for digit in case.number)
    persian = "".join("۰۱۲۳۴۵۶۷۸۹"[int(digit)] for digit in case.number)
    for typed in (arabic, persian, grouped(case.number), f" {case.number} ", "-".join(case.number)):
        citizen = Caller(case.api, "ar", {"Hub-Case-Secret": case.secret})
        answer = citizen.get(f"/cases/{typed}")
        assert (answer.status_code, answer.json()["number"]) == (200, case.number), typed


def test_a_pin_opens_the_case_with_blanks_in_it_too(case: Case) -> None:
    for typed in (case.pin, f"{case.pin[:3]} {case.pin[3:]}"):
        citizen = Caller(case.api, "en", {"Hub-Case-Pin": typed})
        assert citizen.get(f"/cases/{case.number}").json()["number"] == case.number


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("ar", "ar"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("ar-EG, en;q=0.5", "ar"),
        ("ar;q=0.1, en;q=0.9", "en"),
        ("fr, de;q=0.9, en;q=0.1", "en"),
        ("fr", "ar"),
        ("*", "ar"),
        ("", "ar"),
        ("en;q=0", "ar"),
        ("en;q=abc", "ar"),
        ("en;q=nan", "ar"),
        ("en;q=inf, ar", "en"),
        ("en;q=-1", "ar"),
        ("en;level=1", "ar"),
        (";;;,,,=q", "ar"),
        ("en" * 50_000, "ar"),
        ("fr," * 50_000 + "en", "ar"),
        ("عربي", "ar"),
        ("en\x00", "ar"),
    ],
)
def test_a_language_is_always_found(api: Api, asked: str, spoken: str) -> None:
    for path in ("/tenants", "/none"):
        answer = api.anybody().get(path, headers={"Accept-Language": asked.encode()})
        assert answer.headers["Content-Language"] == spoken


NOISE = (b"", b" ", b"\xff\xfe", b"\x00", "ضوضاء".encode(), b"x" * 100_000, b"%00", b'"', b"{}", b"1e999")
HEADERS = (
    "Accept",
    "Accept-Encoding",
    "Authorization",
    "Content-Length",
    "Content-Type",
    "Cookie",
    "Forwarded",
    "Host",
    "Hub-Case-Pin",
    "Hub-Case-Secret",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Range",
    "Traceparent",
    "X-Forwarded-For",
    "X-HTTP-Method-Override",
    "X-Request-Id",
)


@pytest.mark.parametrize("header", HEADERS)
def test_noise_in_a_header_breaks_nothing(case: Case, header: str) -> None:
    ticket = f"/tickets/{case.ticket}"
    for noise in NOISE:
        for caller, method, path in (
            (case.api.anybody(), "GET", "/tenants"),
            (case.citizen, "GET", "~"),
            (case.citizen, "POST", f"~{ticket}/add-information"),
            (case.machine, "GET", ticket),
            (case.machine, "POST", f"{ticket}/add-note"),
        ):
            body = {"json": {"text": "هنا"}} if method == "POST" else {}
            answer = caller.send(method, path, version=1, headers={header: noise}, **body)
            assert answer.status_code < 500, (path, noise)
    assert case.read()["version"] < 30


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=99999999999999999999",
        "status=none",
        "assignee=none",
        "assignee=%00",
        "opened_since=yesterday",
        "opened_since=2026-01-01T00:00:00",
        "opened_since=99999-01-01T00:00:00Z",
        "due_before=0001-01-01T00:00:00%2B14:00",
        "opened_until=9999-12-31T23:59:59-14:00",
        "overdue=perhaps",
        "sort=none",
        "after=none",
        "after=%00",
        "after=" + "A" * 200,
        "after=%F0%9F%92%A7",
        "team=%00",
        "team=" + "x" * 101,
        "team=%ff",
        "service='%20OR%201=1",
        "governorate=%00",
        "district=%ED%A0%80",
        "tenant=tax",
        "surprise=1",
        "&&&===",
    ],
)
def test_lists_take_no_nonsense(case: Case, query: str) -> None:
    for language in ("ar", "en"):
        answer = case.machine.speaking(language).get(f"/tickets?{query}")
        harmless = query.partition("=")[0] in ("team", "service", "governorate", "district", "")
        if answer.status_code == 200 and harmless:
            assert answer.json()["tickets"] == [] or query == "&&&==="
        else:
            assert answer.status_code == (400 if query.startswith("after=") else 422)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "%00",
        "a%00b",
        "%ff",
        "%ED%A0%80",
        "%F0%9F%92%A7",
        "'%20OR%201=1",
        "%25",
        "_",
        "\\",
        "x" * 500,
        "!%26|:*",
        "(((((",
    ],
)
def test_a_search_for_anything_finds_what_there_is_or_nothing(case: Case, typed: str) -> None:
    answer = case.machine.get(f"/search?q={typed}")
    assert answer.status_code == 200
    assert answer.json()["tickets"] == []


@pytest.mark.parametrize("query", ["", "q=" + "x" * 501, "q=a&q=b&limit=0", "q=a&tenant=tax", "limit=5"])
def test_a_search_needs_its_words_and_nothing_else(case: Case, query: str) -> None:
    answer = case.machine.get(f"/search?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "body_refused")
