from __future__ import annotations

import gzip

import pytest
from fastapi import APIRouter
from sqlalchemy import update

from hub.web.assets import Assets
from hub.web.errors import PagesNotBuilt
from hub.web.guarding import RouteWithoutGuard
from tenants.languages import Language
from tenants.models import Tenant, TenantState
from tests.hub.web.conftest import pages_on
from tests.hub.web.failing import CANARY, REFUSALS
from tests.pages.asking import router as asking
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, visiting, words_of
from tests.world import World


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("how", REFUSALS)
def test_every_refusal_has_a_face_in_both_languages(visitor: Visitor, language: Language, how: str) -> None:
    answer = visitor.get(f"/{language}/fail/{how}")
    assert answer.status_code == REFUSALS[how][1]
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Cache-Control"] == "no-store"
    assert CANARY not in answer.text
    main = parse(answer.text).find(".//main")
    assert main is not None
    # What happened, what was kept, what to do.
    assert len([each for each in main.iter("p") if words_of(each)]) >= 4
    assert f"/{language}" in {each.get("href") for each in main.iter("a")}


def test_who_is_to_wait_is_told_how_long(visitor: Visitor) -> None:
    assert visitor.get("/ar/fail/throttled").headers["Retry-After"] == "180"
    assert visitor.get("/ar/fail/database").headers["Retry-After"] == "2"


def test_a_failure_names_its_request_and_nothing_else(visitor: Visitor) -> None:
    answer = visitor.get("/en/fail/broken", headers={"X-Request-Id": "told-by-a-proxy"})
    assert answer.status_code == 500
    assert "told-by-a-proxy" in answer.text
    assert "Traceback" not in answer.text
    assert "ValueError" not in answer.text


@pytest.mark.parametrize(
    ("path", "accepts", "language"),
    [("/ar/nowhere", "en", "ar"), ("/nowhere", "en", "en"), ("/nowhere", "", "ar"), ("/fr/help", "fr", "ar")],
)
def test_what_is_not_there_is_said_in_the_visitor_s_language(
    visitor: Visitor, path: str, accepts: str, language: str
) -> None:
    answer = visitor.get(path, headers={"Accept-Language": accepts})
    assert answer.status_code == 404
    assert answer.headers["Content-Language"] == language


def test_wrong_ways_to_ask_have_faces_too(visitor: Visitor) -> None:
    refused = visitor.post("/ar/number/5")
    assert refused.status_code == 405
    assert "GET" in refused.headers["Allow"]
    assert visitor.get("/ar/number/five").status_code == 400
    answer = visitor.send("POST", "/ar/echo", content=b"{}", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"nothing like it"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nhalf'),
        (
            "multipart/form-data; boundary=x; charset=klingon",
            b'--x\r\nContent-Disposition: form-data; name="word"\r\n\r\nw\r\n--x--\r\n',
        ),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=b" % each for each in range(3_000))),
        ("text/plain", b"word=x"),
    ],
)
def test_a_body_that_is_no_form_is_a_bad_request_and_no_failure(
    visitor: Visitor, kind: str, body: bytes
) -> None:
    answer = visitor.send("POST", "/ar/echo", content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 200)
    if "charset" not in kind and "half" not in body.decode():
        assert answer.status_code == 400


@pytest.mark.parametrize("word", ["مياه", "%00NUL", "%ED%A0%80", "%FF%FE", "a%0D%0Ab", "١٢٣"])
def test_odd_words_reach_the_page_as_text(visitor: Visitor, word: str) -> None:
    answer = visitor.send(
        "POST",
        "/ar/echo",
        content=f"word={word}".encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 200
    assert "\x00" not in answer.text


def test_more_than_a_form_may_send_is_refused_before_it_is_read(visitor: Visitor) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (
        b"word=" + b"x" * 1_000_001,
        (piece for piece in [b"word=" + b"x" * 600_000, b"x" * 600_000]),
    ):
        assert visitor.send("POST", "/en/echo", content=body, headers=headers).status_code == 413


def test_files_come_beside_the_fields(visitor: Visitor) -> None:
    answer = visitor.post("/en/echo", {"word": "one"}, files={"photo": ("a.txt", b"two")})
    assert words_of(parse(answer.text).find(".//main/div/p")) == "one|two"


def test_a_form_from_another_site_does_nothing(visitor: Visitor) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = visitor.send("POST", "/en/remember", data={"word": "x"}, headers=headers)
        assert answer.status_code == 403
        assert "hub_kept" not in answer.headers.get("set-cookie", "")
    assert visitor.post("/en/remember", {"word": "x"}).status_code == 303


def test_cookies_go_over_safe_lines_only_where_pages_do(world: World) -> None:
    for scheme, secure in (("http", False), ("https", True)):
        with visiting(pages_on(world, asking), scheme=scheme) as visitor:
            told = visitor.get("/en/ask").headers["set-cookie"]
            assert ("Secure" in told) is secure
            assert "HttpOnly" in told
            assert "SameSite=lax" in told


def test_the_language_is_remembered(visitor: Visitor) -> None:
    assert visitor.get("/").headers["Location"] == "/ar"
    assert visitor.get("/", headers={"Accept-Language": "en"}).headers["Location"] == "/en"
    visitor.get("/en/ask")
    assert visitor.get("/", headers={"Accept-Language": "ar"}).headers["Location"] == "/en"
    assert visitor.get("/nowhere", headers={"Accept-Language": "ar"}).headers["Content-Language"] == "en"
    assert "set-cookie" not in visitor.get("/en/ask").headers


def test_a_stroke_too_many_leads_to_the_page_and_to_no_other_host(visitor: Visitor) -> None:
    assert visitor.get("/ar/ask/").headers["Location"] == "/ar/ask"
    assert visitor.get("/%2Fevil.example/").status_code == 404
    assert visitor.get("/ar//evil.example/").headers.get("Location", "/ar").startswith("/ar")


def test_a_body_that_does_not_work_on_the_hub_has_no_pages(visitor: Visitor, world: World) -> None:
    assert visitor.get("/ar/agencies/water").status_code == 200
    assert visitor.get("/ar/agencies/nobody").status_code == 404
    with world.as_system() as context:
        context.session.execute(
            update(Tenant).where(Tenant.id == world.tax.id).values(state=TenantState.SUSPENDED)
        )
    assert visitor.get("/ar/agencies/tax").status_code == 404


def test_a_page_without_a_guard_does_not_start(world: World) -> None:
    router = APIRouter()
    router.add_api_route("/ar/open", lambda: None)
    with pytest.raises(RouteWithoutGuard):
        pages_on(world, router)


def test_pages_and_files_come_compressed(visitor: Visitor) -> None:
    answer = visitor.get("/ar/ask", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    sheet = next(
        each.get("href") or "" for each in parse(answer.text).iter("link") if each.get("rel") == "stylesheet"
    )
    for encoding in ("br", "gzip", ""):
        file = visitor.client.get(sheet, headers={"Accept-Encoding": encoding})
        assert file.status_code == 200
        assert file.headers.get("Content-Encoding", "") == encoding
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        b"hub-band" in gzip.compress(visitor.client.get(sheet).content)
        or "hub-band" in visitor.client.get(sheet).text
    )


def test_only_what_was_built_is_handed_out(visitor: Visitor) -> None:
    for path in ("/assets/manifest.json", "/assets/../settings.py", "/assets/%2e%2e/settings.py", "/assets/"):
        assert visitor.get(path).status_code == 404
    assert visitor.send("DELETE", f"{Assets()('citizen.css')}").status_code in (404, 405)


def test_without_built_files_nothing_starts(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(PagesNotBuilt):
        Assets(tmp_path_factory.mktemp("empty"))


def test_who_asks_only_whether_a_page_is_there_is_told(visitor: Visitor) -> None:
    asked = visitor.client.head("/ar/ask", follow_redirects=False)
    opened = visitor.get("/ar/ask")

    assert asked.status_code == opened.status_code == 200
    assert asked.headers["Content-Language"] == "ar"
    assert visitor.client.head("/ar/nowhere").status_code == 404
