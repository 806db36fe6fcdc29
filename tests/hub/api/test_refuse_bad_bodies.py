"""Bodies that are no JSON, JSON that says two things, fields that are not what they should be: refused, each in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import func, select

from hub.api.routing import MOST_BYTES
from hub.journal.models import Fact
from tests.hub.api.callers import Api, Caller
from tests.hub.api.documents import Operation
from tests.hub.api.requests import ask
from tests.hub.api.stories import LEAK, Case, a_case

OPEN = "/tenants/water/cases"
JSON = {"Content-Type": "application/json"}


def nested(levels: int, opening: str = "[", closing: str = "]") -> bytes:
    return (opening * levels + closing * levels).encode()


UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \r\n\t",
    "a word": b"service",
    "a cut": b'{"service": "leak"',
    "two documents": b"{} {}",
    "single quotes": b"{'service': 'leak'}",
    "a comma too many": b'{"service": "leak",}',
    "a comment": b'{} // "service"',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"service": "leak"}'.encode("utf-16"),
    "Arabic of Windows": '{"description": "ماء"}'.encode("cp1256"),
    "half a letter": b'{"description": "\xd9"}',
    "a raw surrogate": b'{"description": "\xed\xa0\x80"}',
    "a surrogate": b'{"description": "\\ud800"}',
    "a surrogate in a name": b'{"\\udfff": 1}',
    "two surrogates the wrong way": b'{"description": "\\udc00\\ud800"}',
    "NUL": b'{"description": "\\u0000"}',
    "a raw NUL": b'{"description": "\x00"}',
    "a raw control character": b'{"description": "\x01"}',
    "NaN": b'{"answers": {"hazard": NaN}}',
    "Infinity": b'{"answers": {"hazard": Infinity}}',
    "minus Infinity": b'{"answers": {"hazard": -Infinity}}',
    "a number beyond numbers": b'{"answers": {"hazard": 1e999}}',
    "a number below numbers": b'{"answers": {"hazard": -1e999}}',
    "an integer of 5,000 digits": b'{"answers": {"hazard": ' + b"9" * 5_000 + b"}}",
    "a leading zero": b'{"answers": {"hazard": 01}}',
    "a name twice": b'{"description": "a", "description": "b"}',
    "a name twice, once escaped": b'{"text": "a", "\\u0074ext": "b"}',
    "a name twice far inside": b'{"answers": {"a": [{"b": 1, "b": 2}]}}',
    "33 levels": nested(33),
    "33 levels of objects": nested(33, '{"a":', "}").replace(b":}", b":1}"),
    "100,000 levels": nested(100_000),
    "100,000 beginnings": b"[" * 100_000,
}
NO_OBJECT: dict[str, bytes] = {
    "null": b"null",
    "true": b"true",
    "a number": b"1",
    "a text": b'"leak"',
    "a list": b"[]",
    "a list of objects": b"[{}]",
    "32 levels": nested(32),
}
CODES = {"malformed_json", "doubled_field", "too_deep"}


@pytest.fixture
def case(api: Api) -> Case:
    return a_case(api)


def facts(api: Api) -> int:
    """How much has been written so far, in both bodies."""
    both = (api.world.water, api.world.tax)
    with api.world.as_system(*both) as context:
        return context.session.scalars(
            select(func.count()).select_from(Fact).where(Fact.tenant_id.in_([each.id for each in both]))
        ).one()


def raw(caller: Caller, method: str, path: str, body: Any, **headers: str) -> Response:
    told = {"Content-Type": "application/json", "If-Match": '"1"', **headers}
    return caller.send(method, path, content=body, headers=told)


def taking_json(case: Case) -> Iterator[tuple[Operation, Caller, str]]:
    """Every operation that takes JSON, with its caller and a path that leads to something."""
    for operation in case.api.document.operations:
        if operation.takes_json:
            asked = ask(case.api.document, operation, number=case.number, ticket_id=case.ticket)
            path = asked.path
            caller = case.citizen if "number" in path else case.machine
            yield operation, caller, operation.path.format_map(dict(path))


@pytest.mark.parametrize("language", ["ar", "en"])
def test_what_is_no_json_is_refused_everywhere(case: Case, language: str) -> None:
    before = facts(case.api)
    for operation, caller, path in taking_json(case):
        for what, body in UNREADABLE.items():
            answer = raw(caller.speaking(language), operation.method, path, body)
            assert answer.status_code == 400, (operation.name, what)
            assert answer.json()["code"] in CODES, (operation.name, what)
    assert facts(case.api) == before


def test_json_that_is_no_object_is_refused_everywhere(case: Case) -> None:
    before = facts(case.api)
    for operation, caller, path in taking_json(case):
        for what, body in NO_OBJECT.items():
            answer = raw(caller, operation.method, path, body)
            assert (answer.status_code, answer.json()["code"]) == (422, "body_refused"), (
                operation.name,
                what,
            )
    assert facts(case.api) == before


def test_what_names_the_same_thing_twice_is_told_by_its_name(api: Api) -> None:
    answer = raw(api.anybody(), "POST", OPEN, b'{"description": "a", "description": "b"}')
    assert (answer.json()["code"], answer.json()["field"]) == ("doubled_field", "description")
    answer = raw(api.anybody(), "POST", OPEN, b'{"\\ud800": "a", "\\ud800": "b"}')
    assert (answer.status_code, answer.json()["field"]) == (400, "�")


@pytest.mark.parametrize(
    "declared",
    [
        None,
        "",
        "json",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/problem+json",
        "application/json; charset=utf-16",
        "application/json; charset=windows-1256",
        "application/json; charset=",
    ],
)
def test_a_body_has_to_be_declared_as_json_in_utf_8(api: Api, declared: str | None) -> None:
    headers = {} if declared is None else {"Content-Type": declared}
    before = facts(api)
    answer = api.anybody().send("POST", OPEN, content=json.dumps(LEAK).encode(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "not_json")
    assert facts(api) == before


@pytest.mark.parametrize(
    "declared",
    ["application/json", "Application/JSON ; Charset=UTF-8", 'application/json;charset="utf-8"'],
)
def test_json_is_taken_however_it_is_declared(api: Api, declared: str) -> None:
    body = json.dumps(LEAK, ensure_ascii=False).encode()
    assert (
        api.anybody().send("POST", OPEN, content=body, headers={"Content-Type": declared}).status_code == 201
    )


def test_letters_beyond_the_first_plane_are_taken_escaped_or_not(api: Api) -> None:
    for body in ({**LEAK, "description": "💧 تسرب"}, {**LEAK, "description": "\\u0000 as it is written"}):
        for escaped in (True, False):
            sent = json.dumps(body, ensure_ascii=escaped).encode()
            assert raw(api.anybody(), "POST", OPEN, sent).status_code == 201


class TestSizes:
    def body_of(self, size: int) -> bytes:
        start, end = b'{"service": "bill", "description": "', b'"}'
        return start + b"a" * (size - len(start) - len(end)) + end

    def test_the_largest_body_is_read(self, api: Api) -> None:
        answer = raw(api.anybody(), "POST", OPEN, self.body_of(MOST_BYTES))
        assert (answer.status_code, answer.json()["field"]) == (422, "description")

    def test_a_byte_more_is_not(self, case: Case) -> None:
        for operation, caller, path in taking_json(case):
            answer = raw(caller, operation.method, path, self.body_of(MOST_BYTES + 1))
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large"), operation.name

    def test_nor_is_it_when_its_length_was_not_told(self, api: Api) -> None:
        def pieces() -> Iterator[bytes]:
            for _ in range(100):
                yield b" " * 20_000

        answer = raw(api.anybody(), "POST", OPEN, pieces())
        assert "Content-Length" not in answer.request.headers
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")

    @pytest.mark.parametrize("told", ["1000001", "9" * 400, "٩٩٩٩٩٩٩", "-1", "many", ""])
    def test_a_length_that_is_not_true_is_not_believed(self, api: Api, told: str) -> None:
        answer = api.anybody().send(
            "POST",
            OPEN,
            content=json.dumps(LEAK).encode(),
            headers={"Content-Type": "application/json", "Content-Length": told.encode()},
        )
        assert answer.status_code in (201, 413)
        assert (answer.status_code == 413) == told.isascii() * told.isdigit()

    def test_ten_thousand_answers_are_refused_in_few_words(self, api: Api) -> None:
        before = facts(api)
        answers = {f"question_{number}": "x" for number in range(10_000)}
        answer = api.anybody().post(OPEN, {**LEAK, "answers": answers})
        assert answer.status_code == 422
        assert len(answer.content) < 100_000
        assert facts(api) == before

    def test_ten_thousand_unknown_fields_are_refused_in_few_words(self, api: Api) -> None:
        fields = {f"field_{number}": "x" for number in range(10_000)}
        answer = api.anybody().post(OPEN, {**LEAK, **fields})
        assert (answer.status_code, answer.json()["code"]) == (422, "body_refused")
        assert len(answer.json()["problems"]) == 50

    def test_a_name_of_half_a_million_letters_is_not_repeated(self, api: Api) -> None:
        for body in ({**LEAK, "n" * 500_000: 1}, {**LEAK, "answers": {"n" * 500_000: 1}}):
            answer = api.anybody().post(OPEN, body)
            assert answer.status_code == 422
            assert len(answer.content) < 2_000


WRONG: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    10**400,
    "",
    " ",
    "x",
    "٣",
    [],
    [None],
    [[]],
    {},
    {"a": 1},
    ["x"] * 60,
)
STRANGE: tuple[str, ...] = (
    "",
    " ",
    "\t\n",
    "\u0001",
    "\u007f",
    "\u202etxt.exe",
    "\u2066\u2069",
    "\ufeff",
    "\uffff",
    "\U0010ffff",
    "ـــ",
    "ﷺ" * 50,
    "%s %(x)s {0} {x} ((x)) ${x}",
    "'; DROP TABLE tickets; --",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "../../../etc/passwd",
    "e\u0301" * 100,
    "x" * 9_000,
    "x" * 100_001,
)


def every_field(
    api: Api, schema: Mapping[str, Any], body: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The dotted names of everything that a body may hold, with what is told of it."""
    for name, told in api.document.resolved(dict(schema)).get("properties", {}).items():
        yield name, told
        for each in (told, *told.get("anyOf", ())):
            if "$ref" in each:
                yield from ((f"{name}.{inner}", more) for inner, more in every_field(api, each, body))


def with_value(body: Mapping[str, Any], place: str, value: Any) -> dict[str, Any]:
    name, _, rest = place.partition(".")
    inner = body.get(name)
    return {
        **body,
        name: with_value(inner if isinstance(inner, dict) else {}, rest, value) if rest else value,
    }


def test_a_value_of_the_wrong_kind_is_refused_wherever_it_stands(case: Case) -> None:
    for operation, caller, path in taking_json(case):
        body = dict(ask(case.api.document, operation).body or {})
        for place, _ in every_field(case.api, operation.body, body):
            for value in WRONG:
                wrong = with_value(body, place, value)
                if not case.api.document.complaints(operation.body, wrong):
                    continue
                before = facts(case.api)
                answer = caller.send(
                    operation.method, path, content=json.dumps(wrong).encode(), headers=JSON, version=1
                )
                assert answer.status_code == 422, (operation.name, place, value, answer.text)
                problem = answer.json()
                assert problem["code"] == "body_refused", (operation.name, place, value)
                assert any(each["field"].startswith(place) for each in problem["problems"]), problem
                assert facts(case.api) == before


def test_strange_words_are_taken_or_refused_and_break_nothing(case: Case) -> None:
    """On an old version, so that nothing is done where the words are in order."""
    for operation, caller, path in taking_json(case):
        if operation.name == "begin_upload":
            continue
        body = dict(ask(case.api.document, operation).body or {})
        for place, told in every_field(case.api, operation.body, body):
            if not _is_text(told):
                continue
            for words in STRANGE:
                answer = caller.post(path, with_value(body, place, words), version=1)
                assert answer.status_code in (200, 201, 404, 409, 412, 422), (operation.name, place, words)


def _is_text(told: Mapping[str, Any]) -> bool:
    return any(each.get("type") == "string" for each in (told, *told.get("anyOf", ())))


def test_a_field_that_nobody_knows_is_refused_by_its_name(case: Case) -> None:
    before = facts(case.api)
    for operation, caller, path in taking_json(case):
        body = dict(ask(case.api.document, operation).body or {})
        for place in ["tenant_id", "id", "status", "version", "__class__", "حقل"]:
            if place in body:
                continue
            answer = caller.post(path, {**body, place: "x"}, version=1)
            assert (answer.status_code, answer.json()["field"]) == (422, place), operation.name
    assert facts(case.api) == before


def test_what_is_nested_is_as_strict(api: Api) -> None:
    before = facts(api)
    for nested_in, extra in (("place", "tenant"), ("reporter", "phone_verified"), ("reporter", "language")):
        answer = api.anybody().post(OPEN, {**LEAK, nested_in: {extra: True}})
        assert (answer.status_code, answer.json()["field"]) == (422, f"{nested_in}.{extra}")
    assert facts(api) == before


def test_a_field_that_is_missing_is_named(case: Case) -> None:
    before = facts(case.api)
    for operation, caller, path in taking_json(case):
        body = dict(ask(case.api.document, operation).body or {})
        for name in body:
            answer = caller.post(
                path, {each: value for each, value in body.items() if each != name}, version=1
            )
            assert (answer.status_code, answer.json()["field"]) == (422, name), operation.name
    assert facts(case.api) == before


def test_a_citizen_does_not_choose_channel_and_priority(api: Api) -> None:
    before = facts(api)
    for words in ({"channel": "counter"}, {"priority": "urgent"}, {"channel": "integration"}):
        answer = api.anybody().post(OPEN, {**LEAK, **words})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert answer.json()["field"] in words
    assert facts(api) == before
    assert api.anybody().post(OPEN, {**LEAK, "channel": "mobile"}).status_code == 201


def test_wrong_answers_are_told_one_by_one(api: Api) -> None:
    for language in ("ar", "en"):
        answer = api.anybody(language).post(OPEN, {**LEAK, "answers": {"hazard": "perhaps", "more": 1}})
        assert (answer.status_code, answer.json()["code"]) == (422, "answers_refused")
        assert {each["field"] for each in answer.json()["problems"]} == {"answers.hazard", "answers.more"}
