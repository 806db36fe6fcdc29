"""The service finder, from the question to the services, over forty bodies with up to five thousand services."""

from __future__ import annotations

from pathlib import Path
from random import Random
from statistics import quantiles
from time import perf_counter
from uuid import UUID

from ruamel.yaml import YAML

from hub.catalogue.actions import ServiceDescription, save_class, save_service
from hub.finder import access
from hub.finder.queries import find_services, looking_everywhere
from hub.forms.actions import publish_form
from hub.onboarding.pack import Pack, read_pack
from tenants.context import SYSTEM
from tenants.database import Database
from tenants.ids import HUB
from tenants.languages import Language, Text
from tenants.models import TenantState
from tenants.provisioning import TenantDescription, save_tenant, set_state
from tests.benchmarks.report import Line, tell
from tests.benchmarks.stage import stage

BODIES = 40
# What each offers: as many as the largest of today's hubs, and far more than any.
SIZES = (30, 125)
_ROUNDS = 10
_AIM_MS = 30
_ROOT = Path(__file__).parents[2]
_PACKS = ("electricity", "governorate", "health-hotline", "tax", "university-enrolment", "water")
_QUESTIONS = ("questions.yaml", "unseen_questions.yaml")


def main(out: Path | None = None) -> None:
    """Make the bodies, ask every question of the tests in turn, print, and add the figures to a file."""
    asked = [
        question["ask"]
        for file in _QUESTIONS
        for question in YAML(typ="safe").load(_ROOT / "tests" / "hub" / "finder" / file)
    ]
    packs = [read_pack(_ROOT / "tenants" / "packs" / slug) for slug in _PACKS]
    lines = []
    with stage("bench_finding") as here:
        tenants = [_body(here.database, number, packs[number % len(packs)]) for number in range(BODIES)]
        known = 0
        for size in SIZES:
            for number, tenant in enumerate(tenants):
                _offer(here.database, tenant, packs[number % len(packs)], range(known, size), seed=number)
            known = size
            lines += _measured(here.database, f"{BODIES * size} services", asked, tenants[0], packs[0])
    tell("Finding", lines, out, bodies=BODIES, questions=len(asked), rounds=_ROUNDS)


def _measured(database: Database, name: str, asked: list[str], tenant: UUID, pack: Pack) -> list[Line]:
    access.forget()
    first = _ask(database, asked[0])
    taken = sorted(_ask(database, each) for _ in range(_ROUNDS) for each in asked)
    story = " ".join(asked)
    long = sorted(_ask(database, story[place:]) for place in range(0, 800, 8))
    changed = []
    for number in range(5):
        _offer(database, tenant, pack, range(1), seed=1000 + number)
        changed.append(_ask(database, asked[0]))
    percentiles = quantiles(taken, n=100)
    return [
        Line(
            f"{name}: a question",
            percentiles[94],
            "ms (p95)",
            aim=_AIM_MS,
            more={"p50 ms": percentiles[49], "p99 ms": percentiles[98], "most ms": taken[-1]},
        ),
        Line(f"{name}: a long story", quantiles(long, n=100)[94], "ms (p95)", more={"most ms": long[-1]}),
        Line(f"{name}: the first question of a process", first, "ms"),
        Line(f"{name}: the first after a body changed a service", max(changed), "ms (most of 5)"),
    ]


def _ask(database: Database, typed: str) -> float:
    started = perf_counter()
    with looking_everywhere(database, language=Language.ARABIC) as context:
        find_services(context, typed)
    return (perf_counter() - started) * 1000


def _body(database: Database, number: int, pack: Pack) -> UUID:
    with database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        tenant = save_tenant(
            context,
            TenantDescription(
                code=f"body-{number:02}",
                name=pack.tenant.name,
                short_name=pack.tenant.short_name,
                about=pack.tenant.about,
                zone=pack.tenant.zone,
            ),
        )
    with database.unit_of_work(actor=SYSTEM, tenants=(tenant,)) as context:
        set_state(context, tenant, TenantState.LIVE)
        for category in pack.classes:
            save_class(context, code=category.code, name=category.name)
        for code, form in pack.forms.items():
            publish_form(context, code=code, definition=form.as_data())
    return tenant


def _offer(database: Database, tenant: UUID, pack: Pack, numbers: range, *, seed: int) -> None:
    """Services like those of a pack, each with a few words of its own, as every text brings new ones."""
    chance = Random(seed)  # noqa: S311 - the same for each run
    with database.unit_of_work(actor=SYSTEM, tenants=(tenant,)) as context:
        for number in numbers:
            like = pack.services[number % len(pack.services)]
            own = [_word(chance, "ابتجحدرسشصطعفقكلمنهوي") for _ in range(2)]
            foreign = [_word(chance, "abcdefghilmnoprstu") for _ in range(2)]
            save_service(
                context,
                ServiceDescription(
                    code=f"service_{number:03}",
                    kind=like.kind,
                    name=Text(ar=f"{like.name.ar} {own[0]}", en=f"{like.name.en} {foreign[0]}"),
                    description=Text(
                        ar=f"{like.description.ar} {' '.join(own)}",
                        en=f"{like.description.en} {' '.join(foreign)}",
                    ),
                    service_class=like.category,
                    form=like.form,
                    life_events=like.life_events,
                    words={"ar": like.words.ar, "en": like.words.en},
                ),
            )


def _word(chance: Random, letters: str) -> str:
    return "".join(chance.choices(letters, k=chance.randint(3, 8)))
