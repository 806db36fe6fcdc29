"""Files that are too large, cut off, not what was announced, or not there: refused, and nothing kept of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.attachments.models import Attachment
from hub.attachments.settings import file_settings
from tenants.key_format import new_key, write_key
from tests.hub.api.callers import Api
from tests.hub.api.stories import checksum, told
from tests.hub.attachments.acting import do_jobs, set_to

HOME = "/tenants/water/attachments"
NOBODYS = "00000000-0000-7000-8000-000000000001"
DECEIVING = (
    "",
    " ",
    "\0",
    "a\0b",
    "../../etc/passwd",
    "x\u202efdp.exe",
    "CON",
    "😀",
    "a\r\nSet-Cookie: b",
)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    set_to(monkeypatch, bytes_per_file=1_000, bytes_per_piece=100)
    yield
    monkeypatch.undo()
    file_settings.cache_clear()


def rows(api: Api) -> int:
    with api.world.as_system(api.world.water) as context:
        return context.session.scalars(
            select(func.count()).select_from(Attachment).where(Attachment.tenant_id == api.world.water.id)
        ).one()


def whole(api: Api, content: Any, **query: Any) -> Any:
    return api.anybody().send("POST", f"{HOME}/whole", params={"name": "a.txt", **query}, content=content)


def pieces(size: int) -> Iterator[bytes]:
    for _ in range(size):
        yield b"x"


@pytest.mark.usefixtures("narrow")
def test_a_file_that_is_too_large_is_refused_however_it_is_sent(api: Api) -> None:
    assert whole(api, b"x" * 1_000).status_code == 201
    for content in (b"x" * 1_001, pieces(1_001)):
        answer = whole(api, content)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    announced = api.anybody().post(HOME, {"name": "a.txt", "size": 1_001})
    assert (announced.status_code, announced.json()["code"]) == (413, "file_too_large")
    assert rows(api) == 1


@pytest.mark.usefixtures("narrow")
def test_a_piece_that_is_too_large_is_refused_however_it_is_sent(api: Api) -> None:
    begun = told(api.anybody().post(HOME, {"name": "a.txt", "size": 1_000}))
    assert begun["most_bytes_per_piece"] == 100
    for content in (b"x" * 101, pieces(101)):
        answer = api.anybody().send("PUT", f"{HOME}/{begun['id']}/pieces/0", content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert told(api.anybody().get(f"{HOME}/{begun['id']}/progress"))["received"] == 0


def test_a_piece_out_of_place_is_told_where_to_go_on(api: Api) -> None:
    begun = told(api.anybody().post(HOME, {"name": "a.txt", "size": 6}))["id"]
    told(api.anybody().send("PUT", f"{HOME}/{begun}/pieces/0", content=b"one"))
    for offset in (1, 2, 4, 10**12):
        answer = api.anybody().send("PUT", f"{HOME}/{begun}/pieces/{offset}", content=b"two")
        assert (answer.status_code, answer.json()["expected_offset"]) == (409, 3)
    again = api.anybody().send("PUT", f"{HOME}/{begun}/pieces/0", content=b"one")
    assert told(again) == {"received": 3, "size": 6}
    more = api.anybody().send("PUT", f"{HOME}/{begun}/pieces/3", content=b"four")
    assert (more.status_code, more.json()["code"]) == (422, "more_than_declared")


def test_what_is_not_what_was_announced_is_refused(api: Api) -> None:
    begun = told(api.anybody().post(HOME, {"name": "a.txt", "size": 3}))["id"]
    early = api.anybody().post(f"{HOME}/{begun}/finish", {"sha256": checksum(b"one")})
    assert (early.status_code, early.json()["code"]) == (409, "upload_incomplete")
    told(api.anybody().send("PUT", f"{HOME}/{begun}/pieces/0", content=b"one"))
    for sha256, code in (
        (checksum(b"two"), "checksum_differs"),
        ("none", "bad_checksum"),
        ("ع" * 64, "bad_checksum"),
    ):
        answer = api.anybody().post(f"{HOME}/{begun}/finish", {"sha256": sha256})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert whole(api, b"one", sha256=checksum(b"two")).json()["code"] == "checksum_differs"
    assert (
        told(api.anybody().post(f"{HOME}/{begun}/finish", {"sha256": checksum(b"one")}))["state"]
        == "scanning"
    )
    late = api.anybody().send("PUT", f"{HOME}/{begun}/pieces/3", content=b"two")
    assert (late.status_code, late.json()["code"]) == (409, "upload_over")


def test_an_empty_file_is_none(api: Api) -> None:
    for answer in (whole(api, b""), api.anybody().post(HOME, {"name": "a.txt", "size": 0})):
        assert answer.status_code == 422
    assert rows(api) == 0


def test_a_file_without_a_name_or_with_noise_for_one_is_refused_or_renamed(api: Api) -> None:
    nameless = api.anybody().send("POST", f"{HOME}/whole", content=b"x")
    assert (nameless.status_code, nameless.json()["field"]) == (422, "name")
    assert whole(api, b"x", name="x" * 1_001).status_code == 422
    for name in (
        "",
        " ",
        "\0",
        "a\0b",
        "../../etc/passwd",
        "x\u202efdp.exe",
        "CON",
        "\ud83d\ude00",
        "a\r\nSet-Cookie: b",
    ):
        answer = whole(api, b"x", name=name.encode("utf-16", "surrogatepass").decode("utf-16"))
        assert answer.status_code == 201, name
        do_jobs(api.world)
        file = told(answer)["id"]
        fetched = api.anybody().get(f"{HOME}/{file}/content")
        told_as = fetched.headers["Content-Disposition"]
        assert told_as.startswith("attachment; filename*=UTF-8''")
        assert told_as.isprintable()
        assert "Set-Cookie" not in fetched.headers
        assert "sandbox" in fetched.headers["Content-Security-Policy"]
        assert not set("/\0\r\n\u202e") & set(told(answer)["name"])


def test_a_file_that_is_not_examined_yet_is_not_handed_out(api: Api) -> None:
    file = told(whole(api, b"x"))["id"]
    for answer in (
        api.anybody().get(f"{HOME}/{file}/content"),
        api.anybody().post(f"{HOME}/{file}/link"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "file_not_ready")


def test_a_link_opens_for_a_few_minutes_and_cannot_be_made_up(api: Api) -> None:
    file = told(whole(api, b"x"))["id"]
    do_jobs(api.world)
    path = told(api.anybody().post(f"{HOME}/{file}/link"))["path"].removeprefix("/api/v1")
    assert api.anybody().get(path).content == b"x"
    for forged in (path[:-1], path + "x", "/files/" + path[7:].swapcase(), "/files/" + "x" * 100):
        answer = api.anybody().get(forged)
        assert (answer.status_code, answer.json()["code"]) == (404, "download_link_refused"), forged
    clock = api.world.clock
    clock.move_to(clock.moment + timedelta(seconds=file_settings().link_seconds))
    assert api.anybody().get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "content_type"),
    [
        ("POST", "/tenants/water/cases", "application/json"),
        ("POST", f"{HOME}", "application/json"),
        ("POST", f"{HOME}/whole?name=a.txt", "application/octet-stream"),
    ],
)
def test_what_is_cut_off_on_the_way_leaves_nothing(
    api: Api, method: str, path: str, content_type: str
) -> None:
    """The caller goes away in the midst of a body."""
    came = iter(
        [
            {"type": "http.request", "body": b'{"name": "a", ', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    status = asyncio.run(raw_request(api, method, path, lambda: next(came), content_type=content_type))
    assert status == 400
    assert rows(api) == 0


@pytest.mark.parametrize(("method", "path"), [("POST", "whole?name=a.txt"), ("PUT", f"{NOBODYS}/pieces/0")])
def test_no_byte_of_a_file_is_taken_from_whoever_is_not_let_in(api: Api, method: str, path: str) -> None:
    def read() -> Any:
        pytest.fail("a byte was asked for")

    forged = f"Bearer {write_key(new_key())}"
    status = asyncio.run(raw_request(api, method, f"{HOME}/{path}", read, authorization=forged))
    assert status == 401


async def raw_request(
    api: Api, method: str, path: str, read: Callable[[], Any], **headers: str
) -> int | None:
    """The status of what a request's body is read for by `read`, as a server would hand it over."""
    said: list[Any] = []

    async def receive() -> Any:
        return read()

    async def send(message: Any) -> None:
        said.append(message)

    where, _, query = f"/api/v1{path}".partition("?")
    told_of = {"content-length": "1000", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": where,
        "raw_path": where.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in told_of.items()],
        "client": ("192.0.2.7", 50_000),
        "server": ("hub.test", 80),
    }
    await api.app(scope, receive, send)
    status: int | None = said[0]["status"]
    return status
