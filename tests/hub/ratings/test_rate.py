from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.people.actions import Reporter
from hub.ratings.actions import rate
from hub.ratings.errors import BadStars, NotToBeRatedYet, RatingSettled
from hub.ratings.models import Rating
from hub.ratings.queries import CHANGEABLE_FOR, may_rate, rating_of
from hub.stories.queries import case_for_citizen, history_for_staff, ticket_for_staff
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened
from hub.tickets.errors import BadText, TooLong
from tenants.errors import NotAllowed, NotFound
from tests.factories.tickets import facts_of, open_leak, resolve, version_of, work_on
from tests.hub.tickets.refusals import refused
from tests.world import World


def solved(world: World, **more: Any) -> Opened:
    opened = open_leak(world, **more)
    work_on(world, opened)
    resolve(world, opened)
    return opened


def rated(world: World, opened: Opened, stars: int, comment: str | None = None) -> None:
    with world.as_citizen(opened.case_id) as context:
        rate(context, opened.ticket_id, stars=stars, comment=comment)


def rating(world: World, opened: Opened) -> Rating | None:
    with world.as_citizen(opened.case_id) as context:
        return rating_of(context, ticket_for(context, opened.ticket_id))


def facts(world: World, opened: Opened) -> list[dict[str, Any]]:
    return [fact.data for fact in facts_of(world, opened) if fact.kind == "ticket.rated"]


def test_a_citizen_rates_what_was_solved(world: World) -> None:
    opened = solved(world)
    rated(world, opened, 4, "  سريع ومهذب ")
    found = rating(world, opened)
    assert found is not None
    assert (found.stars, found.comment, found.rated_at) == (4, "سريع ومهذب", world.clock.moment)
    assert found.changed_at is None
    # What was said stays out of the record that is never changed.
    assert facts(world, opened) == [{"stars": 4, "changed": False}]


def test_what_was_closed_is_rated_too(world: World) -> None:
    opened = solved(world)
    with world.as_citizen(opened.case_id) as context:
        actions.confirm(context, opened.ticket_id, version_of(world, opened))
    rated(world, opened, 5)
    assert getattr(rating(world, opened), "stars", None) == 5


def test_a_rating_leaves_the_ticket_as_it_was(world: World) -> None:
    opened = solved(world)
    before = version_of(world, opened)
    rated(world, opened, 1, "لم يُصلحها أحد")
    assert version_of(world, opened) == before


def test_a_mind_may_be_changed_for_two_weeks(world: World) -> None:
    opened = solved(world)
    rated(world, opened, 5, "شكرًا")
    world.clock.advance(CHANGEABLE_FOR)
    rated(world, opened, 2)
    found = rating(world, opened)
    assert found is not None
    assert (found.stars, found.comment, found.changed_at) == (2, None, world.clock.moment)
    world.clock.advance(timedelta(seconds=1))
    with refused(RatingSettled, "ticket") as told:
        rated(world, opened, 5)
    assert told.value.facts == {"until": "2026-12-06"}
    assert facts(world, opened) == [{"stars": 5, "changed": False}, {"stars": 2, "changed": True}]


def test_a_double_click_rates_once(world: World) -> None:
    opened = solved(world)
    for _ in range(2):
        rated(world, opened, 3, "مقبول")
    assert facts(world, opened) == [{"stars": 3, "changed": False}]


def test_what_is_solved_anew_may_be_rated_anew(world: World) -> None:
    opened = solved(world)
    rated(world, opened, 1)
    world.clock.advance(timedelta(days=10))
    with world.as_citizen(opened.case_id) as context:
        actions.reopen(context, opened.ticket_id, version_of(world, opened), reason="عاد التسرب")
    with refused(NotToBeRatedYet, "ticket"):
        rated(world, opened, 1)
    world.clock.advance(timedelta(days=10))
    work_on(world, opened)
    resolve(world, opened)
    rated(world, opened, 4)
    assert getattr(rating(world, opened), "stars", None) == 4


@pytest.mark.parametrize("stars", [0, 6, -1, 4.5, "5", True, None])
def test_a_rating_is_one_of_five(world: World, stars: Any) -> None:
    opened = solved(world)
    with refused(BadStars, "stars"):
        rated(world, opened, stars)
    assert rating(world, opened) is None


@pytest.mark.parametrize(("comment", "kind"), [("x" * 2001, TooLong), ("\0", BadText), ("\ud800", BadText)])
def test_a_comment_is_a_text_with_an_end(world: World, comment: str, kind: Any) -> None:
    opened = solved(world)
    with refused(kind, "comment"):
        rated(world, opened, 3, comment)
    assert rating(world, opened) is None


def test_what_is_under_way_is_not_rated_yet(world: World) -> None:
    opened = open_leak(world)
    for _ in range(2):
        with refused(NotToBeRatedYet, "ticket"):
            rated(world, opened, 5)
        work_on(world, opened) if version_of(world, opened) == 1 else None


def test_a_page_knows_whether_to_ask(world: World) -> None:
    opened = open_leak(world)

    def asks() -> bool:
        with world.as_citizen(opened.case_id) as context:
            return may_rate(context, ticket_for(context, opened.ticket_id))

    assert not asks()
    work_on(world, opened)
    resolve(world, opened)
    assert asks()
    rated(world, opened, 3)
    assert asks()
    with world.as_staff(world.water) as context:
        assert not may_rate(context, ticket_for(context, opened.ticket_id))
    world.clock.advance(CHANGEABLE_FOR + timedelta(seconds=1))
    assert not asks()


@pytest.mark.parametrize("who", ["agent", "lead", "manager"])
def test_staff_rate_nothing(world: World, who: str) -> None:
    opened = solved(world)
    with refused(NotAllowed, None), world.as_staff(world.water, who) as context:
        rate(context, opened.ticket_id, stars=5)
    with refused(NotAllowed, None), world.as_system(world.water) as context:
        rate(context, opened.ticket_id, stars=5)


def test_nobody_rates_or_reads_another_s_ticket(world: World) -> None:
    opened, other = solved(world), solved(world)
    rated(world, opened, 5)
    with refused(NotFound, "ticket"), world.as_citizen(other.case_id) as context:
        rate(context, opened.ticket_id, stars=1)
    with world.as_citizen(other.case_id) as context:
        mine = select(Rating).where(Rating.tenant_id == world.water.id)
        assert context.session.scalars(mine).all() == []
    with world.as_staff(world.tax, "manager") as context:
        theirs = select(Rating).where(Rating.tenant_id == world.tax.id)
        assert context.session.scalars(theirs).all() == []


def test_staff_read_the_rating_beside_the_ticket(world: World) -> None:
    opened = solved(world)
    with world.as_staff(world.water) as context:
        assert ticket_for_staff(context, opened.ticket_id).rating is None
    rated(world, opened, 2, "متأخر")
    with world.as_staff(world.water) as context:
        view = ticket_for_staff(context, opened.ticket_id).rating
        assert view is not None
        assert (view.stars, view.comment, view.changed_at) == (2, "متأخر", None)
        names = [fact.name for fact in history_for_staff(context, opened.ticket_id).facts]
    assert "rated by the citizen" in names
    with world.as_citizen(opened.case_id) as context:
        (ticket,) = case_for_citizen(context).tickets
        assert ticket.rating == view
        assert ticket.may_rate


def test_a_confidential_rating_tells_nobody_who_it_is_from(world: World) -> None:
    opened = solved(world, confidential=True, reporter=Reporter(name="سميرة كناري", phone="01112223334"))
    rated(world, opened, 1, "لم يتصل بي أحد")
    with world.as_staff(world.water, "manager") as context:
        told = ticket_for_staff(context, opened.ticket_id).model_dump_json()
        history = history_for_staff(context, opened.ticket_id).model_dump_json()
    assert "لم يتصل بي أحد" in told
    for word in ("كناري", "1112223334"):
        assert word not in told + history
    assert "لم يتصل" not in history
