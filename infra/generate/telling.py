"""What generated citizens tell: who they are, what happened, where, and what they answer to the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from random import Random
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict
from ruamel.yaml import YAML

from hub.forms.answers import check_answers
from hub.reference import City, cities
from hub.vocabulary import Channel, Kind, Priority
from infra.demo.answers import Situation, answers_to
from infra.demo.bodies import GOVERNORATES
from infra.demo.words import PLACE
from infra.demo.words import words as told_words
from infra.generate.bodies import Body, Offer
from infra.generate.cases import Told
from infra.generate.shape import Numbers, Ranked, id_at
from tenants.languages import Language, Text

_ENGLISH = 0.07
_CONFIDENTIAL = 0.05
_URGENT = 0.03
_NAMELESS = 0.08
_WITH_PHONE = 0.92
_WITH_EMAIL = 0.1
_VERIFIED = 0.6
_COMES_AGAIN = 0.2
_WITH_DETAIL = 0.6
_WITH_COORDINATES = 0.55
# So many answers to one form are drawn for each stretch of cases; what is told around them differs each time.
_VARIANTS = 16
# Where coordinates lie: the valley of the Nile, each district around a point of its own.
_SOUTH, _NORTH, _WEST, _EAST = 26.0, 31.2, 30.0, 32.2
_AROUND = 0.03

_Text = Annotated[Text, BeforeValidator(lambda data: Text(**data))]


class _Lists(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    first_names: tuple[_Text, ...]
    last_names: tuple[_Text, ...]
    details: tuple[_Text, ...]
    landmarks: tuple[_Text, ...]
    things: tuple[_Text, ...]


@dataclass(frozen=True, slots=True)
class _Words:
    first_names: Ranked[Text]
    last_names: Ranked[Text]
    details: Ranked[Text]
    landmarks: Ranked[Text]
    things: Ranked[Text]


@cache
def _words() -> _Words:
    file = resources.files("infra.generate") / "words.yaml"
    lists = _Lists.model_validate(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")))
    return _Words(**{name: Ranked(getattr(lists, name)) for name in _Lists.model_fields})


@dataclass(frozen=True, slots=True)
class _Answered:
    """One way of answering a form, and what it is about; a service without a form is asked nothing."""

    city: City
    street: Text
    house: int
    answers: dict[str, Any] | None


class Teller:
    """Tells cases of one stretch from one source of chance; `first_person` numbers the people of the stretch."""

    def __init__(self, chance: Random, numbers: Numbers, today: date, first_person: int) -> None:
        self.chance = chance
        self.people: list[dict[str, Any]] = []
        self._numbers = numbers
        self._today = today
        self._person = first_person
        self._answered: dict[tuple[str, str], list[_Answered]] = {}
        self._proved: list[tuple[UUID, str, Text]] = []

    def tell(self, body: Body, offer: Offer, at: datetime) -> Told:
        """One citizen's story, to be brought to a body at a moment."""
        chance, service = self.chance, offer.service
        language = Language.ENGLISH if chance.random() < _ENGLISH else Language.ARABIC
        channels = body.manner.channels
        channel = chance.choices(list(channels), list(channels.values()))[0]
        about = self._about(body, offer)
        urgent = service.kind is Kind.COMPLAINT and chance.random() < _URGENT
        return Told(
            subject=service.name.in_language(language),
            description=self._description(body, service.code, about.city, language),
            channel=channel,
            language=language,
            place=self._place(about, language),
            answers=about.answers,
            priority=Priority.URGENT if urgent else service.priority,
            confidential=service.confidential_allowed and chance.random() < _CONFIDENTIAL,
            person_id=self._remember(at, channel, language),
        )

    def _about(self, body: Body, offer: Offer) -> _Answered:
        known = self._answered.setdefault((body.agency, offer.service.code), [])
        if len(known) < _VARIANTS:
            known.append(self._answer(body, offer))
            return known[-1]
        return self.chance.choice(known)

    def _answer(self, body: Body, offer: Offer) -> _Answered:
        chance = self.chance
        city = _district(body.country, chance)
        street, house = chance.choice(told_words().streets), chance.randint(1, 90)
        place = {
            "governorate": city.governorate,
            "district": city.code,
            "address": f"{house} {street.ar}",
        }
        answers = None
        if offer.form is not None:
            about = Situation(self._today, place, (self._story(body, offer.service.code, city).ar,))
            answers = check_answers(offer.form, answers_to(offer.form, chance, about), self._today)
        return _Answered(city, street, house, answers)

    def _story(self, body: Body, service: str, city: City) -> Text:
        told = self.chance.choice(told_words().told[body.agency][service])
        return Text(ar=told.ar.replace(PLACE, city.name.ar), en=told.en.replace(PLACE, city.name.en))

    def _description(self, body: Body, service: str, city: City, language: Language) -> str:
        chance, words = self.chance, _words()
        story = self._story(body, service, city).in_language(language)
        if chance.random() >= _WITH_DETAIL:
            return story
        detail = words.details.draw(chance).in_language(language)
        return f"{story} " + detail.format(
            landmark=words.landmarks.draw(chance).in_language(language),
            name=words.last_names.draw(chance).in_language(language),
            figure=f"{chance.randrange(10**8):08}",
            thing=words.things.draw(chance).in_language(language),
        )

    def _place(self, about: _Answered, language: Language) -> Mapping[str, Any]:
        latitude = longitude = None
        if self.chance.random() < _WITH_COORDINATES:
            south, west = _centre(about.city.code)
            latitude = round(self.chance.gauss(south, _AROUND), 6)
            longitude = round(self.chance.gauss(west, _AROUND), 6)
        return {
            "latitude": latitude,
            "longitude": longitude,
            "governorate": about.city.governorate,
            "district": about.city.code,
            "address": f"{about.house} {about.street.in_language(language)}",
        }

    def _remember(self, at: datetime, channel: Channel, language: Language) -> UUID | None:
        chance = self.chance
        if chance.random() < _NAMELESS:
            return None
        by_phone = channel in (Channel.PHONE, Channel.MOBILE, Channel.SMS)
        proves = by_phone and chance.random() < _VERIFIED
        joined_to: UUID | None = None
        if proves and self._proved and chance.random() < _COMES_AGAIN:
            joined_to, phone, name = chance.choice(self._proved)
        else:
            self._person += 1
            first, last = _words().first_names.draw(chance), _words().last_names.draw(chance)
            name = Text(ar=f"{first.ar} {last.ar}", en=f"{first.en} {last.en}")
            phone = self._numbers.phone(self._person)
        with_phone = by_phone or chance.random() < _WITH_PHONE
        person_id = id_at(at, chance)
        self.people.append(
            {
                "id": person_id,
                "name": name.in_language(language),
                "language": language.value,
                "phone": phone if with_phone else None,
                "phone_verified_at": at if proves else None,
                "email": f"citizen{self._person}@example.com" if chance.random() < _WITH_EMAIL else None,
                "email_verified_at": None,
                "joined_to": joined_to,
                "created_at": at,
            }
        )
        if proves and joined_to is None:
            self._proved.append((person_id, phone, name))
        return person_id


@cache
def _districts(country: str) -> Mapping[str, tuple[City, ...]]:
    found: dict[str, list[City]] = {}
    for city in cities(country).values():
        found.setdefault(city.governorate, []).append(city)
    return {governorate: tuple(all_of_it) for governorate, all_of_it in found.items()}


def _district(country: str, chance: Random) -> City:
    districts = _districts(country)
    weights = [GOVERNORATES.get(code, 1.0) for code in districts]
    return chance.choice(districts[chance.choices(list(districts), weights)[0]])


@cache
def _centre(district: str) -> tuple[float, float]:
    chance = Random(district)  # noqa: S311 - the same point for the same district
    return chance.uniform(_SOUTH, _NORTH), chance.uniform(_WEST, _EAST)


Pick = Callable[[tuple[Text, ...], Language], str]


def pick(chance: Random) -> Pick:
    """What somebody says: one of several texts, in a language."""
    return lambda texts, language: chance.choice(texts).in_language(language)
