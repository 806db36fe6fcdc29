"""A month of cases, planned: who reports what, when and where, and how each body will deal with it; pure chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hub.onboarding.pack import Pack
from hub.onboarding.pack_parts import ServicePart
from hub.reference import cities, city_points
from hub.vocabulary import Channel, Kind, Priority
from infra.demo.answers import Situation, answers_to, phone_number
from infra.demo.bodies import BURSTS, GOVERNORATES, HOURS, MANNERS, WEEKDAYS, Burst, Manner
from infra.demo.words import PLACE, HandingOn, words
from tenants.languages import Language, Text

_Choice = TypeVar("_Choice")

# Shares of all cases: told in English, confidential, somebody else's job, and so on.
_ENGLISH = 0.07
_CONFIDENTIAL = 0.06
_CONFIDENTIAL_MATTERS = {"building_violation": 0.5, "evasion_report": 0.6, "unlicensed_clinic": 0.4}
_HANDED_ON = 0.3
_NOTHING_IN_IT = 0.04
_TAKEN_BACK = 0.02
_HURRIED = 0.03
_URGENT = 0.04
_VERIFIED = 0.8
_CONFIRMED = 0.42
_OUT_OF_REACH = 0.03
_WITH_POINT = 0.6
# Degrees: a kilometre or so.
_AROUND = 0.01


class Fate(StrEnum):
    """What becomes of a ticket."""

    WORKED = "worked"
    HANDED_ON = "handed_on"
    PUT_ASIDE = "put_aside"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What the citizen does when asked whether it is solved."""

    CONFIRMS = "confirms"
    REOPENS = "reopens"
    SILENT = "silent"
    OUT_OF_REACH = "out_of_reach"


@dataclass(frozen=True, slots=True)
class Course:
    """How one ticket will go. Times of the body are shares of its targets, those of others are hours.

    `asks` is how long the citizen takes to answer, `waits` how long somebody outside takes; None: nobody is asked.
    `again` is the pace of the second attempt when the citizen reopens.
    """

    fate: Fate
    greets: bool
    first_word: float
    pace: float
    asks: float | None
    waits: float | None
    verdict: Verdict
    verdict_after: float
    again: float
    handed_on: HandingOn | None = None
    hurried: bool = False


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """One case as its citizen will tell it, and how its ticket will go; `burst` counts the events many report."""

    at: datetime
    body: str
    service: str
    channel: Channel
    language: Language
    name: Text
    phone: str
    verified: bool
    confidential: bool
    description: Text
    place: dict[str, Any]
    answers: dict[str, Any] | None
    priority: Priority | None
    course: Course
    burst: int | None = None


def plan_month(
    packs: Mapping[str, Pack], *, seed: int, cases: int, since: datetime, until: datetime
) -> list[PlannedCase]:
    """So many cases between two moments, in order; the same for the same seed, packs and moments."""
    planner = _Planner(packs, Random(seed), since, until)  # noqa: S311 - nothing secret is drawn
    planned: list[PlannedCase] = []
    for number, burst in enumerate(BURSTS):
        planned += planner.burst(number, burst, min(burst.reports, max(2, cases // 10)))
    planned += [planner.case() for _ in range(cases - len(planned))]
    return sorted(planned, key=lambda one: one.at)


def plan_course(
    manner: Manner, service: ServicePart, chance: Random, handings: Iterable[HandingOn]
) -> Course:
    """How a body will deal with one ticket of a service, by its manner."""
    fate, handed_on = _fate(manner, service, chance, tuple(handings))
    pace = manner.pace * chance.lognormvariate(0, manner.spread)
    return Course(
        fate=fate,
        greets=chance.random() < (0.85 if service.screened else 0.6),
        first_word=manner.first_word * chance.lognormvariate(0, manner.spread),
        pace=pace,
        asks=chance.lognormvariate(2.1, 0.9) if chance.random() < manner.asks else None,
        waits=chance.lognormvariate(3.2, 0.6) if chance.random() < manner.waits else None,
        verdict=_verdict(manner, chance),
        verdict_after=chance.lognormvariate(2.4, 0.9),
        again=pace * chance.uniform(0.3, 0.8),
        handed_on=handed_on,
        hurried=chance.random() < _HURRIED,
    )


def _fate(
    manner: Manner, service: ServicePart, chance: Random, handings: Sequence[HandingOn]
) -> tuple[Fate, HandingOn | None]:
    drawn = chance.random()
    handing = chance.choice(handings) if handings else None
    if handing is not None and (chance.random() < _HANDED_ON or service.code == "unsure"):
        return Fate.HANDED_ON, handing
    if drawn < manner.declines:
        return Fate.DECLINED, None
    if service.screened and drawn < manner.declines + _NOTHING_IN_IT:
        return Fate.PUT_ASIDE, None
    return (Fate.WITHDRAWN if drawn > 1 - _TAKEN_BACK else Fate.WORKED), None


def _verdict(manner: Manner, chance: Random) -> Verdict:
    drawn = chance.random()
    if drawn < manner.reopened:
        return Verdict.REOPENS
    if drawn < manner.reopened + _CONFIRMED:
        return Verdict.CONFIRMS
    return Verdict.OUT_OF_REACH if drawn > 1 - _OUT_OF_REACH else Verdict.SILENT


def _point(country: str | None, district: str, at: datetime) -> dict[str, float]:
    """A point on the map around the middle of a district, where that is known and for most cases."""
    middle = city_points(country).get(district) if country else None
    # Of its own chance, so that what else is drawn stays what it was.
    chance = Random(f"{district} {at}")  # noqa: S311 - a demonstration
    if middle is None or chance.random() >= _WITH_POINT:
        return {}
    return {
        name: round(chance.gauss(degrees, _AROUND), 6)
        for name, degrees in zip(("latitude", "longitude"), middle, strict=True)
    }


class _Planner:
    """Draws cases from one source of chance."""

    def __init__(self, packs: Mapping[str, Pack], chance: Random, since: datetime, until: datetime) -> None:
        self.packs = packs
        self.chance = chance
        self.since = since
        self.until = until
        self.bodies = [code for code in MANNERS if code in packs]

    def case(self) -> PlannedCase:
        """One case of any body."""
        body = self._weighed({code: MANNERS[code].volume for code in self.bodies})
        services = {one.code: one for one in self.packs[body].services}
        weights = {code: MANNERS[body].services.get(code, 1.0) for code in services}
        return self._told(body, services[self._weighed(weights)], self._moment(), self._district(body))

    def burst(self, number: int, burst: Burst, reports: int) -> list[PlannedCase]:
        """Reports of one thing by many people within some hours."""
        service = next(one for one in self.packs[burst.body].services if one.code == burst.service)
        first = self.since + (self.until - self.since) * burst.share_of_month
        moments = [first + timedelta(minutes=self.chance.uniform(5, 170)) for _ in range(reports)]
        return [self._told(burst.body, service, at, burst.district, number) for at in moments]

    def _told(
        self, body: str, service: ServicePart, at: datetime, district: str, burst: int | None = None
    ) -> PlannedCase:
        chance, pack, manner, texts = self.chance, self.packs[body], MANNERS[body], words()
        language = Language.ENGLISH if chance.random() < _ENGLISH else Language.ARABIC
        city = cities(pack.tenant.country)[district]
        street = chance.choice(texts.streets)
        told = chance.choice(texts.told[body][service.code])
        description = Text(ar=told.ar.replace(PLACE, city.name.ar), en=told.en.replace(PLACE, city.name.en))
        place = {
            "governorate": city.governorate,
            "district": district,
            "address": f"{chance.randint(1, 90)} {street.in_language(language)}",
            **_point(pack.tenant.country, district, at),
        }
        form = pack.forms.get(service.form or "")
        today = at.astimezone(ZoneInfo(pack.tenant.zone)).date()
        about = Situation(today, place, (description.in_language(language),))
        first, last = chance.choice(texts.first_names), chance.choice(texts.last_names)
        channel = self._weighed(manner.channels)
        confidential = chance.random() < _CONFIDENTIAL_MATTERS.get(service.code, _CONFIDENTIAL)
        handings = (
            []
            if burst is not None
            else [one for one in texts.handed_on if one.origin == (body, service.code)]
        )
        return PlannedCase(
            at=at,
            body=body,
            service=service.code,
            channel=channel,
            language=language,
            name=Text(ar=f"{first.ar} {last.ar}", en=f"{first.en} {last.en}"),
            phone=phone_number(chance),
            verified=channel in (Channel.PHONE, Channel.MOBILE, Channel.SMS) and chance.random() < _VERIFIED,
            confidential=confidential and service.confidential_allowed,
            description=description,
            place=place,
            answers=answers_to(form, chance, about) if form else None,
            priority=Priority.URGENT
            if service.kind is Kind.COMPLAINT and chance.random() < _URGENT
            else None,
            course=plan_course(manner, service, chance, handings),
            burst=burst,
        )

    def _moment(self) -> datetime:
        """A moment of the month, by the weekday and the hour at which people report."""
        while True:
            day = self.chance.choices(self._days, [WEEKDAYS[day.weekday()] for day in self._days])[0]
            hour = self.chance.choices(range(24), HOURS)[0]
            clock = time(hour, self.chance.randrange(60), self.chance.randrange(60), tzinfo=self._zone)
            at = datetime.combine(day, clock).astimezone(UTC)
            if self.since <= at < self.until:
                return at

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(next(iter(self.packs.values())).tenant.zone)

    @cached_property
    def _days(self) -> list[date]:
        first = self.since.astimezone(self._zone).date()
        last = self.until.astimezone(self._zone).date()
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def _district(self, body: str) -> str:
        tenant = self.packs[body].tenant
        governorate = self._weighed({code: GOVERNORATES.get(code, 1.0) for code in tenant.serves})
        return self.chance.choice(
            [code for code, city in cities(tenant.country).items() if city.governorate == governorate]
        )

    def _weighed(self, weights: Mapping[_Choice, float]) -> _Choice:
        return self.chance.choices(list(weights), list(weights.values()))[0]
