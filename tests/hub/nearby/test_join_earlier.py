from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hub.catalogue.models import Service
from hub.nearby.queries import Earlier, earlier_reports, earlier_ticket
from hub.nearby.rough import Spot, Stage
from hub.stories.happenings import happenings_for_citizen
from hub.stories.queries import case_for_citizen
from hub.tickets import actions
from hub.tickets.access import ticket_for
from hub.tickets.actions import Opened, Place
from hub.tickets.actions.joining import settle_duplicates
from hub.tickets.models import Ticket
from hub.tickets.words import SOLVED_FOR_ALL
from hub.vocabulary import Channel
from tenants.context import CITIZEN, Context
from tenants.errors import NotFound
from tenants.languages import Language
from tenants.models import Tenant
from tests.factories.tickets import facts_of, open_bill, open_leak, resolve, ticket_of, version_of, work_on
from tests.world import Agency, World

HERE = Spot(30.0444, 31.2357, "cairo", "cairo-shorouk")
PLACE = Place(HERE.latitude, HERE.longitude, HERE.governorate, HERE.district, "شارع السر ١٢")
ASKER = "a secret of one browser"


@pytest.fixture(autouse=True)
def shared(world: World) -> None:
    with world.as_system(world.water, world.tax) as context:
        both = (world.water.id, world.tax.id)
        context.session.execute(
            update(Service).where(Service.tenant_id.in_(both), Service.code == "leak").values(shared=True)
        )
    with world.as_system() as context:
        context.session.execute(update(Tenant).values(country="egypt"))


@contextmanager
def reporting(world: World, agency: Agency | None = None) -> Iterator[Context]:
    """The unit of work of somebody who has no case yet."""
    with world.database.unit_of_work(
        actor=CITIZEN, tenants=((agency or world.water).id,), clock=world.clock
    ) as context:
        yield context


def seen(
    world: World, spot: Spot = HERE, service: str = "leak", agency: Agency | None = None
) -> list[Earlier]:
    with reporting(world, agency) as context:
        return list(earlier_reports(context, service, spot, asker=ASKER))


def at(metres_north: float, **changes: Any) -> Place:
    return replace(PLACE, latitude=30.0444 + metres_north / 111_195, **changes)


def joined(world: World, main: Opened, **changes: Any) -> Opened:
    facts: dict[str, Any] = {
        "service": "leak",
        "description": "وعندنا أيضًا",
        "channel": Channel.WEB,
        "answers": {"hazard": False},
        "place": PLACE,
        "earlier": main.ticket_id,
    }
    with reporting(world) as context:
        return actions.open_case(context, **{**facts, **changes})


def test_an_open_case_nearby_is_told_roughly(world: World) -> None:
    opened = open_leak(world, place=at(150))
    work_on(world, opened)
    (one,) = seen(world)
    assert (one.metres, one.stage, one.reports) == (200, Stage.WORKED_ON, 1)
    assert one.reported_on == world.clock.moment.date()
    assert one.district is not None
    assert one.district.en == "Shorouk"


def test_nothing_that_somebody_wrote_or_is_called_is_told(world: World) -> None:
    opened = open_leak(world, place=replace(at(50), district="منزل منى بالدور الثالث"))
    (one,) = seen(world)
    assert one.district is None
    told = repr(one)
    ticket = ticket_of(world, opened)
    for secret in (
        ticket.description,
        ticket.subject,
        "شارع السر",
        "منى",
        "01001234567",
        opened.number,
        str(opened.ticket_id),
        str(opened.case_id),
        str(ticket.latitude),
        str(ticket.longitude),
    ):
        assert secret not in told


def test_what_is_far_old_confidential_ended_or_of_another_service_is_not_told(world: World) -> None:
    open_leak(world, place=at(500))
    open_leak(world, place=PLACE, confidential=True)
    open_bill(world, place=PLACE)
    resolve(world, solved := open_leak(world, place=PLACE))
    with world.as_staff(world.water) as context:
        gone = open_leak(world, place=PLACE)
        actions.archive(context, gone.ticket_id, 1, reason="لا شيء")
    assert solved
    assert seen(world) == []
    open_leak(world, place=PLACE)
    assert len(seen(world)) == 1
    world.clock.moment += timedelta(days=31)
    assert seen(world) == []


def test_a_service_that_did_not_ask_for_it_is_never_shown(world: World) -> None:
    open_bill(world, place=PLACE)
    assert seen(world, service="bill") == []
    assert seen(world, service="no-such-code") == []


def test_without_points_the_same_district_counts(world: World) -> None:
    open_leak(world, place=replace(PLACE, latitude=None, longitude=None))
    (one,) = seen(world)
    assert one.metres is None
    # Who tells no point is shown what lies in the district, wherever in it.
    open_leak(world, place=at(5000))
    assert len(seen(world, replace(HERE, latitude=None, longitude=None))) == 2
    assert seen(world, Spot(governorate="cairo")) == []
    assert seen(world, Spot(governorate="giza", district=HERE.district)) == []


def test_at_most_five_are_shown_the_nearest_first(world: World) -> None:
    for metres in (290, 50, 250, 150, 50, 100, 200):
        open_leak(world, place=at(metres))
    told = [each.metres or 0 for each in seen(world)]
    assert len(told) == 5
    assert told == sorted(told)


def test_the_other_body_is_asked_by_itself(world: World) -> None:
    opened = open_leak(world, place=PLACE)
    (one,) = seen(world)
    assert seen(world, agency=world.tax) == []
    with reporting(world, world.tax) as context:
        assert earlier_ticket(context, "leak", HERE, asker=ASKER, mark=one.mark) is None
        with pytest.raises(NotFound):
            actions.open_case(
                context,
                service="leak",
                description="من جهة أخرى",
                channel=Channel.WEB,
                answers={"hazard": False},
                earlier=opened.ticket_id,
            )


def test_a_mark_says_nothing_to_anybody_else(world: World) -> None:
    opened = open_leak(world, place=PLACE)
    (one,) = seen(world)
    with reporting(world) as context:
        assert earlier_ticket(context, "leak", HERE, asker=ASKER, mark=one.mark) == opened.ticket_id
        assert earlier_ticket(context, "leak", HERE, asker="another browser", mark=one.mark) is None
        for wrong in ("", "é", one.mark[:-1], str(opened.ticket_id)):
            assert earlier_ticket(context, "leak", HERE, asker=ASKER, mark=wrong) is None


def test_who_joins_has_a_case_of_their_own_that_follows_the_earlier_one(world: World) -> None:
    main = open_leak(world, place=PLACE)
    other = joined(world, main)
    assert other.follows
    assert other.number != main.number
    ticket = ticket_of(world, other)
    assert (ticket.status, ticket.main_ticket_id) == ("duplicate", main.ticket_id)
    facts = {fact.kind: fact for fact in facts_of(world, other)}
    assert facts["ticket.joined"].actor_kind == "citizen"
    (one,) = seen(world)
    assert one.reports == 2
    # Who joins what follows another follows that one.
    third = joined(world, other)
    assert ticket_of(world, third).main_ticket_id == main.ticket_id


def test_each_is_asked_for_themselves_when_the_earlier_one_is_solved(world: World) -> None:
    main = open_leak(world, place=PLACE)
    other = joined(world, main)
    work_on(world, main)
    resolve(world, main)
    with world.as_system(world.water) as context:
        assert settle_duplicates(context, world.water.id, main.ticket_id) == 1
    assert ticket_of(world, other).status == "resolved"
    with world.as_citizen(main.case_id) as context:
        actions.confirm(context, main.ticket_id, version_of(world, main))
    assert ticket_of(world, other).status == "resolved"


@pytest.mark.parametrize("language", list(Language))
def test_who_joined_by_themselves_never_reads_what_was_written_to_another(
    world: World, language: Language
) -> None:
    main = open_leak(world, place=PLACE)
    other = joined(world, main, language=language)
    _solve(world, main, "canary: the valve at Mrs Mona's, 3rd floor")
    with world.as_citizen(other.case_id) as context:
        story = repr(case_for_citizen(context)) + repr(happenings_for_citizen(context))
        assert "canary" not in story
        (part,) = case_for_citizen(context).tickets
        assert part.resolution == SOLVED_FOR_ALL.in_language(language)
    assert all("canary" not in repr(fact.data) for fact in facts_of(world, other))
    assert ticket_of(world, main).resolution == "canary: the valve at Mrs Mona's, 3rd floor"


def test_who_was_joined_by_staff_reads_what_staff_wrote(world: World) -> None:
    main, twin = open_leak(world, place=PLACE), open_leak(world, place=PLACE)
    _join_by_staff(world, twin, main)
    _solve(world, main, "the valve was changed")
    assert ticket_of(world, twin).resolution == "the valve was changed"


def test_who_joined_by_themselves_stays_a_stranger_when_staff_join_what_they_follow(world: World) -> None:
    first, main = open_leak(world, place=PLACE), open_leak(world, place=PLACE)
    other = joined(world, first)
    _join_by_staff(world, first, main)
    assert ticket_of(world, other).main_ticket_id == main.ticket_id
    _solve(world, main, "canary")
    assert ticket_of(world, first).resolution == "canary"
    assert ticket_of(world, other).resolution == SOLVED_FOR_ALL.ar


def test_whom_staff_joined_anew_on_purpose_reads_what_staff_wrote(world: World) -> None:
    main = open_leak(world, place=PLACE)
    other = joined(world, main)
    with world.as_staff(world.water) as context:
        actions.release(context, other.ticket_id, version_of(world, other))
    _join_by_staff(world, other, main)
    _solve(world, main, "the valve was changed")
    assert ticket_of(world, other).resolution == "the valve was changed"


def test_who_joined_by_themselves_is_not_taken_along_to_a_confidential_one(world: World) -> None:
    first, by_staff = open_leak(world, place=PLACE), open_leak(world, place=PLACE)
    hidden = open_leak(world, place=PLACE, confidential=True)
    other = joined(world, first)
    _join_by_staff(world, by_staff, first)
    _join_by_staff(world, first, hidden)
    assert ticket_of(world, by_staff).main_ticket_id == hidden.ticket_id
    left = ticket_of(world, other)
    assert (left.status, left.main_ticket_id) == ("received", None)
    # Nor does anybody come to it who names one that follows it.
    late = joined(world, first)
    assert not late.follows
    assert ticket_of(world, late).status == "received"


def test_who_is_kept_confidential_is_not_counted_among_those_who_follow(world: World) -> None:
    main = open_leak(world, place=PLACE)
    joined(world, main, confidential=True)
    (one,) = seen(world)
    assert one.reports == 1


def test_a_district_of_another_governorate_is_not_named(world: World) -> None:
    open_leak(world, place=at(50, governorate="giza"))
    (one,) = seen(world)
    assert one.governorate is not None
    assert (one.governorate.en, one.district) == ("Giza", None)


def test_a_body_of_a_country_without_known_places_is_asked_all_the_same(world: World) -> None:
    open_leak(world, place=PLACE)
    with world.as_system() as context:
        context.session.execute(update(Tenant).values(country="atlantis"))
    (one,) = seen(world)
    assert (one.governorate, one.district, one.metres) == (None, None, 100)


def _join_by_staff(world: World, opened: Opened, main: Opened) -> None:
    with world.as_staff(world.water) as context:
        actions.join(context, opened.ticket_id, version_of(world, opened), main_ticket=main.ticket_id)


def _solve(world: World, main: Opened, words: str) -> None:
    with world.as_staff(world.water) as context:
        actions.resolve(context, main.ticket_id, version_of(world, main), resolution=words)
    with world.as_system(world.water) as context:
        settle_duplicates(context, world.water.id, main.ticket_id)


def test_an_earlier_one_that_ended_meanwhile_lets_the_report_go_its_own_way(world: World) -> None:
    main = open_leak(world, place=PLACE)
    work_on(world, main)
    resolve(world, main)
    own = joined(world, main)
    assert not own.follows
    assert (ticket_of(world, own).status, ticket_of(world, own).main_ticket_id) == ("received", None)


@pytest.mark.parametrize("service", ["bill", "leak"])
def test_what_is_not_shown_cannot_be_joined_either(world: World, service: str) -> None:
    main = open_bill(world) if service == "bill" else open_leak(world, confidential=True)
    with pytest.raises(NotFound):
        joined(world, main, service=service, answers=None if service == "bill" else {"hazard": False})


def test_a_citizen_cannot_join_later(world: World) -> None:
    main, own = open_leak(world, place=PLACE), open_leak(world, place=PLACE)
    with world.as_citizen(own.case_id) as context:
        assert "join" not in [str(each) for each in case_for_citizen(context).tickets[0].moves]
        with pytest.raises(NotFound):
            actions.join(context, own.ticket_id, 1, main_ticket=main.ticket_id)
        assert isinstance(ticket_for(context, own.ticket_id), Ticket)
