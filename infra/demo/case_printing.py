"""One case as it stands, printed: its tickets, its clocks, why a deadline is when it is, and what the journal says."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from rich.text import Text as Plain
from sqlalchemy import select

from hub.catalogue.models import Service
from hub.journal.models import Fact
from hub.journal.queries import facts_of_case
from hub.journal.words import FACT_NAMES
from hub.sla.access import Clock, clock_of_case, clocks_of_ticket, why_due
from hub.sla.levels import ClockKind
from hub.sla.models import CaseClock
from hub.sla.steps import StepKind
from hub.sla.wording import duration_in_words, sentence
from hub.tickets.lifecycle import Closure, Status, WaitingOn
from hub.tickets.models import Ticket
from hub.tickets.words import STATUS_NAMES
from infra.demo.printing import Column, Telling, to_arabic_digits
from infra.demo.stage import Body, Member, Stage
from tenants.context import ActorKind, Context
from tenants.languages import Text

CLOCK_NAMES = {
    ClockKind.FIRST_RESPONSE: Text(ar="أول رد", en="first response"),
    ClockKind.RESOLUTION: Text(ar="الحل", en="resolution"),
    ClockKind.CASE: Text(ar="الحالة كلها (موعد المواطن)", en="the whole case (the citizen's)"),
}
_CLOSURES = {
    Closure.CONFIRMED: Text(ar="أكّد المواطن الحل", en="the citizen confirmed"),
    Closure.SILENT: Text(ar="لم يرد المواطن", en="the citizen stayed silent"),
    Closure.UNREACHABLE: Text(ar="تعذّر الاتصال", en="out of reach"),
}
_WAITING = {
    WaitingOn.CITIZEN: Text(ar="رد المواطن", en="for the citizen"),
    WaitingOn.EXTERNAL: Text(ar="جهة خارجية", en="for somebody outside"),
}
_ACTORS = {
    ActorKind.CITIZEN: Text(ar="المواطن", en="the citizen"),
    ActorKind.SYSTEM: Text(ar="المنظومة", en="the hub"),
    ActorKind.API_KEY: Text(ar="نظام مرتبط", en="a connected system"),
}
_STEP_STYLES = {
    StepKind.TARGET: "bold",
    StepKind.DEADLINE: "bold green",
    StepKind.STANDING: "bold",
    StepKind.PAUSE: "yellow",
    StepKind.CLOSED_DAY: "dim",
    StepKind.HOLIDAY: "dim",
}
_TICKETS = Text(ar="التذاكر", en="Tickets")
_CLOCKS = Text(ar="المواعيد", en="Clocks")
_JOURNAL = Text(ar="سُجّل في السجل", en="Written to the journal")
_NONE = Text(ar="—", en="—")
_SHORT = "EEE d MMM HH:mm"


class CaseTelling:
    """Prints one case as it goes on; remembers which facts of the journal were shown."""

    def __init__(self, telling: Telling, stage: Stage, case_id: UUID) -> None:
        self.telling = telling
        self.stage = stage
        self.case_id = case_id
        self._shown: set[UUID] = set()

    def tickets(self) -> None:
        """Every body's ticket on the case."""
        with self.stage.watching(self.stage.bodies.values()) as context:
            rows = [self._ticket(context, body, ticket) for body, ticket in self._tickets(context)]
        columns = (
            Column(Text(ar="الجهة", en="Body"), "bold"),
            Column(Text(ar="الخدمة", en="Service")),
            Column(Text(ar="الحالة", en="Status"), "cyan"),
            Column(Text(ar="الفريق", en="Team")),
            Column(Text(ar="الإصدار", en="Version"), "dim"),
        )
        self.telling.table(_TICKETS, columns, rows)

    def clocks(self) -> None:
        """Every clock of the case: what is promised, what is used up, when it is due."""
        with self.stage.watching(self.stage.bodies.values()) as context:
            rows = []
            whole = clock_of_case(context, self.case_id)
            for body, ticket in self._tickets(context):
                rows += [
                    self._clock(context, body.pack.tenant.short_name, clock)
                    for clock in clocks_of_ticket(context, ticket)
                ]
            if whole is not None:
                rows.append(self._clock(context, Text(ar="المنظومة", en="Hub"), whole))
        columns = (
            Column(Text(ar="الجهة", en="Body"), "bold"),
            Column(Text(ar="الموعد", en="Clock")),
            Column(Text(ar="المستهدف", en="Target")),
            Column(Text(ar="المحتسب", en="Used")),
            Column(Text(ar="ينتهي", en="Due")),
            Column(Text(ar="الوضع", en="State")),
        )
        self.telling.table(_CLOCKS, columns, rows)

    def why(self, kind: ClockKind, code: str | None = None) -> None:
        """Why a clock is due when it is: of a body's latest ticket, or, without one, of the whole case."""
        with self.stage.watching(self.stage.bodies.values()) as context:
            clock: Clock | None
            if code is None:
                clock = clock_of_case(context, self.case_id)
            else:
                ticket = [one for body, one in self._tickets(context) if body is self.stage.bodies[code]][-1]
                clock = next(one for one in clocks_of_ticket(context, ticket) if one.kind == kind)
            if clock is None:
                return
            explanation = why_due(context, clock)
        asked = sentence(
            ar="لماذا هذا الموعد؟ — {clock}", en="Why this deadline? — {clock}", clock=CLOCK_NAMES[kind]
        )
        self.telling.steps(
            asked, [(step.text, _STEP_STYLES.get(step.kind, "")) for step in explanation.steps]
        )

    def journal(self) -> None:
        """The facts that were written since the last time this was asked."""
        with self.stage.watching(self.stage.bodies.values()) as context:
            fresh = [fact for fact in facts_of_case(context, self.case_id) if fact.id not in self._shown]
            bodies = {body.id: body for body in self.stage.bodies.values()}
            rows = [self._fact(fact, bodies[fact.tenant_id]) for fact in fresh]
        self._shown.update(fact.id for fact in fresh)
        columns = (
            Column(Text(ar="الوقت", en="When"), "dim"),
            Column(Text(ar="الجهة", en="Body"), "dim"),
            Column(Text(ar="الواقعة", en="Fact")),
            Column(Text(ar="مَن", en="Who")),
        )
        self.telling.table(_JOURNAL, columns, rows)

    def _tickets(self, context: Context) -> list[tuple[Body, Ticket]]:
        bodies = {body.id: body for body in self.stage.bodies.values()}
        tickets = context.session.scalars(
            select(Ticket)
            .where(Ticket.tenant_id.in_(bodies), Ticket.case_id == self.case_id)
            .order_by(Ticket.opened_at, Ticket.id)
        )
        return [(bodies[ticket.tenant_id], ticket) for ticket in tickets]

    def _ticket(self, context: Context, body: Body, ticket: Ticket) -> list[Text | str | Plain]:
        service = context.session.get_one(Service, (body.id, ticket.service_id))
        status = STATUS_NAMES[Status(ticket.status)]
        more = None
        if ticket.closure is not None:
            more = _CLOSURES[Closure(ticket.closure)]
        elif ticket.waiting_on is not None:
            more = _WAITING[WaitingOn(ticket.waiting_on)]
        if more is not None:
            status = sentence(ar="{status}: {more}", en="{status}: {more}", status=status, more=more)
        teams = {team.code: team.name for team in body.pack.teams}
        team = teams[body.teams[ticket.team_id]] if ticket.team_id is not None else _NONE
        return [body.pack.tenant.short_name, service.name, status, team, str(ticket.version)]

    def _clock(self, context: Context, of: Text, clock: Clock) -> list[Text | str | Plain]:
        explanation = why_due(context, clock)
        due = _NONE if explanation.due_at is None else self._moment(explanation.due_at)
        target = _NONE if clock.target is None else duration_in_words(clock.target)
        kind = ClockKind.CASE if isinstance(clock, CaseClock) else ClockKind(clock.kind)
        return [
            of,
            CLOCK_NAMES[kind],
            target,
            duration_in_words(explanation.spent),
            due,
            self._state(clock, context.now, late=explanation.late),
        ]

    def _state(self, clock: Clock, now: datetime, *, late: bool) -> Plain:
        words = self.telling.words
        if clock.met_at is not None and late:
            return Plain(words(Text(ar="تحقق متأخرًا", en="met late")), style="red")
        if clock.met_at is not None:
            return Plain(words(Text(ar="تحقق في موعده", en="met in time")), style="green")
        if clock.stopped_at is not None:
            return Plain(words(Text(ar="أُوقف", en="stopped")), style="dim")
        if clock.paused_at is not None:
            return Plain(words(Text(ar="متوقف مؤقتًا", en="resting")), style="yellow")
        if late or clock.due_at < now:
            return Plain(words(Text(ar="فات الموعد", en="overdue")), style="bold red")
        return Plain(words(Text(ar="يُحتسب", en="running")), style="cyan")

    def _fact(self, fact: Fact, body: Body) -> list[Text | str | Plain]:
        who: Text | str = _ACTORS.get(ActorKind(fact.actor_kind), _NONE)
        if fact.actor_id is not None:
            who = next((one.name for one in self._everybody if one.actor.id == fact.actor_id), _NONE)
        return [self._moment(fact.at), body.pack.tenant.short_name, FACT_NAMES[fact.kind], who]

    def _moment(self, at: datetime) -> Text:
        """A moment as short as a table needs it."""
        local = at.astimezone(self._zone)
        return Text(
            ar=to_arabic_digits(format_datetime(local, _SHORT, locale="ar_EG")),
            en=format_datetime(local, _SHORT, locale="en_GB"),
        )

    @property
    def _everybody(self) -> list[Member]:
        return [member for body in self.stage.bodies.values() for member in body.staff]

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(next(iter(self.stage.bodies.values())).pack.tenant.zone)
