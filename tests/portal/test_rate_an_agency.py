from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.ratings.models import Rating
from tests.factories.tickets import resolve
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.portal.cases import Followed, followed
from tests.world import World


@pytest.fixture(params=["ar", "en"])
def case(visitor: Visitor, world: World, request: pytest.FixtureRequest) -> Followed:
    """A case whose solution its citizen has confirmed."""
    case = followed(world, visitor, language=request.param)
    resolve(world, case.opened)
    assert case.act("confirm").status_code == 303
    return case


def ratings(world: World) -> list[tuple[int, str | None]]:
    with world.as_system(world.water, world.tax) as context:
        rows = context.session.execute(
            select(Rating.stars, Rating.comment).where(Rating.tenant_id.in_(context.tenants))
        )
        return [(row.stars, row.comment) for row in rows]


def test_a_closed_case_is_rated_and_the_rating_changed(case: Followed) -> None:
    place = case.act_place("rate")
    assert place in {each.get("href") for each in case.see().iter("a")}
    sent = case.visitor.post(place, {"stars": "٤", "comment": "سريعون"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{case.place}?done=rate")
    page = words_of(case.visitor.see(sent.headers["location"]).find(".//main"))
    assert ("تقييمك: جيد." if case.language == "ar" else "Your rating: Good.") in page
    assert [
        each.get("value") for each in case.visitor.see(place).iter("input") if each.get("checked") is not None
    ] == ["4"]
    assert case.visitor.post(place, {"stars": "2"}).status_code == 303
    assert ratings(case.world) == [(2, None)]


@pytest.mark.parametrize("stars", ["", "0", "6", "-1", "x", "4.5", "5 5", "9" * 99])
def test_what_is_no_rating_is_asked_again_with_the_words_kept(case: Followed, stars: str) -> None:
    answer = case.visitor.post(case.act_place("rate"), {"stars": stars, "comment": "كلمات"})
    assert answer.status_code == 422
    (box,) = parse(answer.text).iter("textarea")
    assert (box.text or "").strip() == "كلمات"
    assert ratings(case.world) == []


def test_a_case_at_work_and_one_that_was_rated_long_ago_lead_back_to_the_case(
    visitor: Visitor, world: World
) -> None:
    case = followed(world, visitor)
    place = case.act_place("rate")
    assert visitor.get(place).headers["location"] == case.place
    assert visitor.post(place, {"stars": "5"}).status_code == 409
    resolve(world, case.opened)
    assert visitor.post(place, {"stars": "5"}).status_code == 303
    world.clock.advance(timedelta(days=15))
    assert (
        visitor.post("/ar/follow", {"number": case.opened.number, "pin": case.opened.pin}).status_code == 303
    )
    assert visitor.get(place).headers["location"] == case.place
    assert visitor.post(place, {"stars": "1"}).status_code == 409
    assert ratings(world) == [(5, None)]


def test_another_case_is_not_rated(case: Followed, visitor: Visitor, world: World) -> None:
    other = followed(world, visitor, agency=world.tax)
    resolve(world, other.opened, world.tax)
    place = f"{case.place}/tickets/{other.opened.ticket_id}/rate"
    assert visitor.get(place).status_code == 404
    assert visitor.post(place, {"stars": "1"}).status_code == 404
    assert ratings(world) == []
