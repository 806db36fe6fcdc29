from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from hub.catalogue.models import Service
from hub.drafts.secrets import new_draft_secret
from hub.tickets.models import Case
from portal.app import create_portal
from portal.reporting.desk import Where
from tenants.database import Database
from tenants.models import Tenant, TenantState
from tests.hub.api.callers import AMPLE
from tests.pages.checker import parse
from tests.pages.visitors import FROM_HERE, Visitor, visiting, words_of
from tests.portal.reports import Reporting, a_piece, goes_to, hidden_of, offer_outage, typed_in
from tests.world import World

COOKIE = Where("water", "outage").cookie


@pytest.fixture
def outage(world: World, visitor: Visitor) -> Reporting:
    offer_outage(world)
    return Reporting(visitor)


@pytest.mark.parametrize(
    "typed", ["\0", "a\0b", "\ud800", "\u202e\u202d", "\x1b[31m", "é" * 7_999, "🚰" * 100]
)
def test_no_text_breaks_a_page(outage: Reporting, typed: str) -> None:
    page = hidden_of(outage.see("what"))
    raw = b"&".join(
        f"{quote(name)}=".encode() + quote(value.encode("utf-8", "surrogatepass")).encode()
        for name, value in {**page, "answers.description": typed, "answers.subject": typed[:150]}.items()
    )
    answer = outage.visitor.send(
        "POST",
        f"{outage.path}/what",
        content=raw,
        headers={**FROM_HERE, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code in (303, 422, 400)
    assert outage.open("review").status_code in (200, 303)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "basis", "shown", "back", "answers.since", "answers.since.day", "answers.since.month",
                "answers.homes", "answers.clinic", "answers.nothing", "answers.", "files.homes", "photo.latitude",
                "use_photo_place", "answers.latitude", "answers.longitude",
            ]
        ),
        st.one_of(st.text(max_size=40), st.sampled_from(["yes", "nan", "inf", "1e400", "-91", "٣", "[]", "{}"])),
    ),
    st.sampled_from(["what", "questions-1", "questions-2", "place", "files", "you"]),
)  # fmt: skip
def test_no_form_breaks_a_step(outage: Reporting, fields: dict[str, str], step: str) -> None:
    answer = outage.visitor.post(f"{outage.path}/{step}", {"send": "now", **fields})
    assert answer.status_code in (200, 303, 400, 404, 409, 422)
    for each in ("what", "questions-1", "place", "you", "review"):
        assert outage.open(each).status_code in (200, 303, 404)


def test_ten_thousand_answers_are_refused_and_harm_nothing(outage: Reporting) -> None:
    outage.fill("what", description="No water")
    many = {f"answers.q{number}": "x" for number in range(10_000)}
    assert outage.visitor.post(f"{outage.path}/questions-1", many).status_code == 400
    repeated = [("answers.homes", "1")] * 1_500
    body = "&".join(f"{name}={value}" for name, value in repeated).encode()
    answer = outage.visitor.send(
        "POST",
        f"{outage.path}/questions-1",
        content=body,
        headers={**FROM_HERE, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code in (409, 422)
    assert typed_in(outage.see("what"), "description") == "No water"


def test_more_than_is_kept_is_told_and_shown_again(outage: Reporting) -> None:
    outage.fill("what", description="No water")
    page = outage.see("what")
    answer = outage.fill("what", page, description="ن" * 33_000)
    assert answer.status_code == 422
    shown = parse(answer.text)
    assert "more text than we can keep" in words_of(shown)
    assert typed_in(shown, "description") == "ن" * 33_000
    assert typed_in(outage.see("what"), "description") == "No water"


def test_a_page_of_a_hundred_megabytes_is_refused(outage: Reporting) -> None:
    answer = outage.visitor.send(
        "POST",
        f"{outage.path}/files",
        content=b"x",
        headers={
            **FROM_HERE,
            "Content-Type": "multipart/form-data; boundary=x",
            "Content-Length": "200000000",
        },
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "forged",
    ["x", "a" * 43, "%00", "é", '";', "a" * 4_000, pytest.param(new_draft_secret(), id="of nobody")],
)
def test_a_forged_cookie_opens_nothing_and_breaks_nothing(outage: Reporting, forged: str) -> None:
    outage.visitor.client.cookies.set(COOKIE, quote(forged))
    assert typed_in(outage.see(), "description") == ""
    assert goes_to(outage.open("you")) == "report?notice=lost"
    assert "not shown here" in words_of(outage.see("receipt"))
    assert goes_to(outage.fill("what", description="No water")) == "questions-1"


def test_another_visitor_s_report_is_not_seen_and_not_under_another_service(
    outage: Reporting, visitor: Visitor
) -> None:
    outage.fill("what", description="canary")
    secret = visitor.client.cookies[COOKIE]
    visitor.client.cookies.clear()
    assert "canary" not in outage.open().text
    # The right secret under the wrong service is none.
    visitor.client.cookies.set(Where("water", "bill").cookie, secret)
    bill = Reporting(visitor, service="bill")
    assert "canary" not in bill.open().text
    assert goes_to(bill.open("you")) == "report?notice=lost"
    assert "canary" not in bill.open("what").text


def test_another_body_s_service_and_bodies_that_do_not_work_are_not_there(
    world: World, outage: Reporting, visitor: Visitor
) -> None:
    outage.fill("what", description="No water")
    for tenant, service in (("tax", "outage"), ("nobody", "leak"), ("water", "nothing"), ("water", "x\0y")):
        there = Reporting(visitor, tenant=tenant, service=quote(service))
        assert there.open().status_code == 404
        assert there.open("what").status_code == 404
        assert visitor.post(f"{there.path}/what", {"answers.description": "x"}).status_code == 404
        assert a_piece(there, "a.txt", b"text", piece=b"text").status_code == 404
    with world.as_system() as context:
        context.session.execute(
            update(Tenant).where(Tenant.id == world.water.id).values(state=TenantState.SUSPENDED)
        )
    # A process may take a body for what it was for two seconds; another one does not.
    database = Database(world.database.bind, clock=world.clock)
    with visiting(create_portal(database, rates=AMPLE)) as another:
        another.client.cookies.update(visitor.client.cookies)
        there = Reporting(another)
        assert there.open("what").status_code == 404
        assert another.post(f"{there.path}/what", {"answers.description": "x"}).status_code == 404
        assert there.send().status_code == 404


def test_a_service_that_is_withdrawn_meanwhile_takes_no_report(world: World, outage: Reporting) -> None:
    outage.up_to_review()
    with world.as_system(world.water) as context:
        context.session.execute(
            update(Service)
            .where(Service.tenant_id == world.water.id, Service.code == "outage")
            .values(retired_at=context.now)
        )
    assert outage.send().status_code == 404
    with world.as_system(world.water) as context:
        assert context.session.scalar(select(func.count()).select_from(Case)) == 0


@pytest.mark.parametrize("step", ["nothing", "questions-9", "questions-0", "questions-x", "%00", "review/x"])
def test_steps_that_are_not_asked_are_not_there(outage: Reporting, step: str) -> None:
    outage.fill("what", description="No water")
    assert outage.open(step).status_code == 404
    assert outage.visitor.post(f"{outage.path}/{step}", {"answers.homes": "1"}).status_code == 404


def test_a_point_on_no_map_and_a_district_of_elsewhere_are_left_out(outage: Reporting) -> None:
    outage.fill("what", description="No water")
    for latitude, longitude in (("91", "31"), ("nan", "31"), ("30", ""), ("inf", "1"), ("30; x", "31")):
        page = outage.see("place")
        fields = hidden_of(page) | {
            "answers.latitude": latitude,
            "answers.longitude": longitude,
            "answers.governorate": "nowhere",
            "answers.district": "cairo-tebin",
            "answers.address": "here",
        }
        answer = outage.visitor.post(f"{outage.path}/place", fields)
        assert answer.status_code == 422
        assert typed_in(outage.see("place"), "district") == ""
        assert hidden_of(outage.see("place"))["answers.latitude"] == ""


def test_asking_for_districts_changes_nothing(outage: Reporting) -> None:
    outage.fill("what", description="No water")
    page = outage.see("place?governorate=cairo")
    assert [each for each in page.iter("select") if each.get("name") == "answers.district"]
    assert typed_in(outage.see("place"), "governorate") == ""
    for wrong in ("nowhere", "%00", "<script>"):
        assert outage.open(f"place?governorate={quote(wrong, safe='%')}").status_code == 200


def test_another_site_sends_nothing_in_a_visitor_s_name(world: World, outage: Reporting) -> None:
    outage.up_to_review()
    for step in ("review", "what", "discard", "upload", "forget"):
        answer = outage.visitor.post(
            f"{outage.path}/{step}", {"send": "now"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 403
    assert goes_to(outage.send()) == "receipt"
