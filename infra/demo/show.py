"""The whole demonstration, from an empty machine to the figures of six agencies."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import func, select

from hub.journal.models import Fact
from hub.journal.words import FACT_NAMES
from hub.onboarding.pack import Pack
from hub.oversight.queries import figures, looking_across
from hub.sla.wording import day_in_words
from hub.tickets.models import Ticket
from infra.beat import reckon_all, seal_all
from infra.cli.kpi import print_figures
from infra.demo.bodies import AGENCIES
from infra.demo.errors import DemoNeedsItsOwnDatabase
from infra.demo.interrupts import Interrupts
from infra.demo.month import play_month
from infra.demo.plan import plan_month
from infra.demo.printing import Column, Telling
from infra.demo.serving import serve_demonstration
from infra.demo.stage import Body, load_bodies, playing, read_packs
from infra.demo.story import STORY_BODIES, Story, story_begins
from infra.process import Hub, running_hub
from tenants.context import SYSTEM
from tenants.data_folder import data_home
from tenants.ids import HUB
from tenants.languages import Language, Text
from tenants.settings import DatabaseSettings

MONTH = timedelta(days=30)
_STOPPED = Text(
    ar="أُوقف العرض. ما حدث حتى الآن محفوظ، ويمكن تشغيله من جديد.",
    en="Stopped. What has happened so far is kept, and it can be run again.",
)
_MOST_KINDS = 14
_SERVED_BODY = "water"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for: how many cases from which source of chance, whether to add a month to a month, and whether
    to end then or to serve the hub (on `port`, else wherever is usual or free).
    """

    language: Language
    cases: int
    seed: int
    again: bool
    once: bool = True
    port: int | None = None


def show(wishes: Wishes) -> None:
    """Set up a database of the demonstration's own, tell one case, play a month, print the figures, and serve.

    Raises `DemoNeedsItsOwnDatabase` and the refusals of a process that cannot start.
    """
    began = time.monotonic()
    settings = DatabaseSettings()
    if settings.database_url is not None:
        raise DemoNeedsItsOwnDatabase(field="DATABASE_URL")
    folder = data_home(settings) / "demo"
    os.environ["HUB_DATA"] = str(folder)
    os.environ["HUB_LANGUAGE"] = wishes.language.value
    # Invented cases need not survive a crash of the machine; not waiting for its disk halves the time.
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"
    telling = Telling(wishes.language)
    telling.title(Text(ar="منظومة خدمة المواطنين: عرض حي", en="Hub19: a demonstration"))
    telling.say(Text(ar="تجهيز قاعدة البيانات…", en="Setting up the database…"), "dim")
    try:
        with Interrupts() as interrupts, running_hub(migrate=True) as hub:
            telling.say(hub.server.describe(), "dim")
            with hub.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
                now = context.now.astimezone(UTC).replace(microsecond=0)
            bodies = _load(hub, telling, now - MONTH - timedelta(hours=1), interrupts)
            _tell_a_case(hub, telling, bodies, now, interrupts)
            _play_a_month(hub, telling, bodies, now, wishes, interrupts)
            _print_journal(hub, telling, bodies.values(), seal_all(hub))
            _print_figures(hub, telling, bodies, now)
            # Now and not within minutes: the portal shows on each agency's page how it kept its promises.
            reckon_all(hub)
            _print_next(telling, folder, now, time.monotonic() - began, once=wishes.once)
            if not wishes.once:
                serve_demonstration(hub, telling, bodies[_SERVED_BODY], folder, wishes.port)
    except KeyboardInterrupt:
        telling.say(_STOPPED, "yellow")
        raise


def _load(hub: Hub, telling: Telling, at: datetime, interrupts: Interrupts) -> dict[str, Body]:
    packs = read_packs()
    loaded: list[Pack] = []

    def hear(pack: Pack) -> None:
        loaded.append(pack)
        interrupts.check()

    telling.say(
        Text(ar="تحميل حزم المنظومة وست جهات…", en="Loading the packs of the hub and of six agencies…"), "dim"
    )
    bodies = load_bodies(hub.database, packs, at, loaded=hear)
    with playing(hub.database, bodies, at) as stage:
        # Saving calendars and service levels promises jobs: there are no clocks to move yet.
        stage.make_rounds()
    columns = (
        Column(Text(ar="الجهة", en="Body"), "bold"),
        Column(Text(ar="الخدمات", en="Services")),
        Column(Text(ar="النماذج", en="Forms")),
        Column(Text(ar="الفرق", en="Teams")),
        Column(Text(ar="العاملون", en="Staff")),
        Column(Text(ar="قواعد التوجيه", en="Routing rules")),
    )
    rows = [
        [pack.tenant.name]
        + [str(len(part)) for part in (pack.services, pack.forms, pack.teams, pack.users, pack.routing)]
        for pack in loaded
    ]
    telling.table(Text(ar="الجهات على المنظومة", en="The bodies on the hub"), columns, rows)
    return bodies


def _tell_a_case(
    hub: Hub, telling: Telling, bodies: Mapping[str, Body], now: datetime, interrupts: Interrupts
) -> None:
    telling.title(Text(ar="حالة واحدة من أولها إلى آخرها", en="One case, from its first word to its last"))
    with playing(hub.database, bodies, story_begins(now)) as stage:
        Story(stage, telling, between=interrupts.check).tell()


def _play_a_month(
    hub: Hub,
    telling: Telling,
    bodies: Mapping[str, Body],
    now: datetime,
    wishes: Wishes,
    interrupts: Interrupts,
) -> None:
    telling.title(Text(ar="شهر من عمل ست جهات", en="A month of six agencies"))
    present = _tickets(hub, bodies.values())
    # A story leaves tickets with its own bodies only.
    played = _tickets(hub, [body for code, body in bodies.items() if code not in STORY_BODIES]) > 0
    if played and not wishes.again:
        telling.say(
            Text(
                ar=f"في قاعدة البيانات شهر من قبل ({present} تذكرة)، فلن يُضاف شهر آخر إلا مع ‎--again.",
                en=f"There is a month in this database already ({present} tickets); --again adds another.",
            )
        )
        return
    since, seed = now - MONTH, wishes.seed + present * played
    packs = {code: body.pack for code, body in bodies.items()}
    planned = plan_month(packs, seed=seed, cases=wishes.cases, since=since, until=now)
    telling.say(
        Text(
            ar=f"{len(planned)} حالة يفتحها المواطنون ويعمل عليها الموظفون بالإجراءات الحقيقية نفسها على ساعة"
            " افتراضية؛ وفي أثناء ذلك تُنفَّذ المهام الموعودة وتُرصد المواعيد كل ساعة.",
            en=f"{len(planned)} cases, told by citizens and worked by staff through the real actions on a virtual"
            " clock; all the while promised jobs are done and deadlines are fired, hour by hour.",
        )
    )
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=telling.console,
    )
    with progress, playing(hub.database, bodies, since) as stage:
        shown = progress.add_task(telling.words(day_in_words(since.date())), total=MONTH.total_seconds())

        def told(moment: datetime) -> None:
            interrupts.check()
            progress.update(
                shown,
                completed=(moment - since).total_seconds(),
                description=telling.words(day_in_words(moment.date())),
            )

        play_month(stage, planned, now, seed=seed, told=told)


def _tickets(hub: Hub, bodies: Collection[Body]) -> int:
    ids = [body.id for body in bodies]
    with hub.database.unit_of_work(actor=SYSTEM, tenants=ids) as context:
        return (
            context.session.scalar(
                select(func.count()).select_from(Ticket).where(Ticket.tenant_id.in_(context.tenants))
            )
            or 0
        )


def _print_journal(hub: Hub, telling: Telling, bodies: Collection[Body], sealed: int) -> None:
    with hub.database.unit_of_work(actor=SYSTEM, tenants=[body.id for body in bodies]) as context:
        counts = context.session.execute(
            select(Fact.kind, func.count())
            .where(Fact.tenant_id.in_(context.tenants), Fact.case_id.is_not(None))
            .group_by(Fact.kind)
            .order_by(func.count().desc(), Fact.kind)
            .limit(_MOST_KINDS)
        ).all()
    columns = (
        Column(Text(ar="الواقعة", en="Fact")),
        Column(Text(ar="العدد", en="How often"), "bold"),
    )
    telling.table(
        Text(ar="ما سجّله السجل", en="What the journal has recorded"),
        columns,
        [[FACT_NAMES[kind], str(count)] for kind, count in counts],
    )
    telling.say(
        Text(
            ar=f"خُتمت {sealed} واقعة جديدة في سلسلة أختام لكل جهة؛ فأي تعديل بعد ذلك يظهر.",
            en=f"{sealed} new facts are sealed in a chain for each body: whatever is changed afterwards shows.",
        )
    )


def _print_figures(hub: Hub, telling: Telling, bodies: Mapping[str, Body], now: datetime) -> None:
    telling.title(Text(ar="أداء الجهات الست", en="How the six agencies did"))
    with looking_across(hub.kpi) as context:
        found = figures(
            context,
            since=now - MONTH,
            until=now,
            now=now,
            tenants=[bodies[code].id for code in AGENCIES],
        )
    print_figures(found)
    telling.say(
        Text(
            ar="الساعات بالتوقيت الجاري؛ و«في الموعد» بتقويم عمل كل جهة ومستوى خدمتها، دون وقت انتظار المواطن.",
            en="Hours are by the wall clock; “met” is by each body's own calendar and service level, without the"
            " time spent waiting for the citizen.",
        ),
        "dim",
    )


def _print_next(telling: Telling, folder: Path, now: datetime, seconds: float, *, once: bool) -> None:
    telling.title(Text(ar="ما يمكنك تجربته الآن", en="What to try next"))
    first, last = (now - MONTH).date(), (now + timedelta(days=1)).date()
    hub = f"HUB_DATA={shlex.quote(str(folder))} {shlex.quote(sys.argv[0])}"
    serving = (
        (
            Text(
                ar="تشغيل المنظومة بالتوقيت الحقيقي: واجهة البرمجة والمهام والمواعيد (Ctrl+C للإنهاء):",
                en="Let the hub run in real time: the API, jobs and deadlines (Ctrl+C ends it):",
            ),
            f"{hub} serve --with-worker",
        ),
    )
    telling.commands(
        (
            (
                Text(ar="أرقام خدمات شركة المياه:", en="The figures of the water company's services:"),
                f"{hub} kpi --from {first} --to {last} --by service --tenant water",
            ),
            (
                Text(
                    ar="الأرقام نفسها للبرامج، مع تعريفاتها:",
                    en="Figures for programs, with their definitions:",
                ),
                f"{hub} kpi --from {first} --to {last} --by channel --format json",
            ),
            (Text(ar="هل غيّر أحد السجل؟", en="Has anybody touched the journal?"), f"{hub} journal verify"),
            (Text(ar="هل المنظومة سليمة؟", en="Is the hub well?"), f"{hub} doctor"),
            *(serving if once else ()),
            (
                Text(
                    ar=f"قاعدة بيانات العرض في المجلد {folder} وحده. لإزالتها:",
                    en=f"The demonstration's database is in {folder} and nowhere else. To remove it:",
                ),
                f"rm -rf {shlex.quote(str(folder))}",
            ),
        )
    )
    telling.say(
        Text(ar=f"انتهى العرض في {seconds:.0f} ثانية.", en=f"Done in {seconds:.0f} seconds."), "bold green"
    )
