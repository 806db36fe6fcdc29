"""What becomes of generated tickets: drawn from chance, by the manner of the body, and lived to the present moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final

from hub.sla.levels import ClockKind
from hub.tickets.lifecycle import MoveName, Status, WaitingOn
from infra.demo.words import words
from infra.generate.bodies import Body, Offer
from infra.generate.lives import TicketLife
from infra.generate.telling import Pick, pick
from tenants.context import CITIZEN, SYSTEM
from tenants.permissions import Permission

Act = tuple[datetime, Callable[[datetime], object]]

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_NO_TARGET: Final = timedelta(hours=80)
# Bodies that have worked on the hub for years take less of their time than those of the demonstration's first month.
_SETTLED: Final = 0.6
_ASSIGNED_TO_SOMEBODY: Final = 0.7
_ARCHIVED, _WITHDRAWN = 0.03, 0.02
_CONFIRMED, _UNREACHABLE = 0.42, 0.03
_HANDED_ON: Final = 0.03
_YOUNG: Final = timedelta(days=3)
# Where open tickets stand, by weight: young ones, and those that are older.
_STANDS: Final = {
    Status.RECEIVED: (30, 4),
    Status.ASSIGNED: (28, 18),
    Status.IN_PROGRESS: (22, 36),
    Status.WAITING: (8, 16),
    Status.RESOLVED: (8, 16),
    Status.REOPENED: (1, 5),
    Status.DUPLICATE: (3, 5),
}


class Fates:
    """Lets tickets live until a moment; remembers open ones, which others may turn out to tell of the same thing as."""

    def __init__(self, chance: Random, until: datetime) -> None:
        self.chance = chance
        self.until = until
        self.say: Pick = pick(chance)
        self._main: dict[tuple[object, str], TicketLife] = {}

    def live(
        self, ticket: TicketLife, stays_open: bool, elsewhere: Callable[[], tuple[Body, Offer]] | None
    ) -> None:
        """Let a fresh ticket live; with `elsewhere` it may be handed on to that body, where it goes on living."""
        if elsewhere is not None and self.chance.random() < _HANDED_ON:
            ticket = self._handed_on(ticket, *elsewhere())
        acts = self._until_now(ticket) if stays_open else self._to_the_end(ticket)
        for at, act in sorted(acts, key=lambda each: each[0]):
            act(at)
        if ticket.status in (Status.ASSIGNED, Status.IN_PROGRESS):
            self._main[ticket.body.id, ticket.offer.service.code] = ticket

    def _handed_on(self, ticket: TicketLife, body: Body, offer: Offer) -> TicketLife:
        at = ticket.opened_at + min(
            (self.until - ticket.opened_at) * 0.2, _DAY * self.chance.lognormvariate(-1, 0.8)
        )
        by = ticket.body.who(Permission.TICKETS_TRANSFER, self.chance)
        reason = self.say(tuple(each.reason for each in words().handed_on), ticket.case.told.language)
        return ticket.transfer(at, by, body, offer, reason)

    def _until_now(self, ticket: TicketLife) -> list[Act]:
        chance, opened = self.chance, ticket.opened_at
        age = self.until - opened
        main = self._main.get((ticket.body.id, ticket.offer.service.code))
        stands = self._stand(ticket, age, main)
        last = opened + age * chance.uniform(0.1, 0.97)
        if stands is Status.DUPLICATE and main is not None:
            by = ticket.body.who(Permission.TICKETS_JOIN, chance)
            return [(max(last, main.opened_at), lambda at: ticket.follow(at, by, main))]
        if stands is Status.RECEIVED:
            return self._greeting(ticket, self.until)
        if stands is Status.RESOLVED:
            last = max(last, self.until - timedelta(days=ticket.body.silence_days) * 0.97)
            return [*self._work(ticket, last), self._resolving(ticket, last)]
        if stands is Status.REOPENED:
            solved = last - min((last - opened) * 0.3, self._considering(ticket))
            return [
                *self._work(ticket, solved),
                self._resolving(ticket, solved),
                self._reopening(ticket, last),
            ]
        acts = self._begun(ticket, opened, last, started=stands is not Status.ASSIGNED)
        if stands is Status.WAITING:
            acts.append(self._halting(ticket, last))
        return [*acts, *self._greeting(ticket, self.until)]

    def _stand(self, ticket: TicketLife, age: timedelta, main: TicketLife | None) -> Status:
        old = int(age > _YOUNG)
        weights = {status: pair[old] for status, pair in _STANDS.items()}
        if not ticket.offer.service.screened:
            weights[Status.ASSIGNED] += weights.pop(Status.RECEIVED)
        if main is None:
            del weights[Status.DUPLICATE]
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def _to_the_end(self, ticket: TicketLife) -> list[Act]:
        chance, manner, body = self.chance, ticket.body.manner, ticket.body
        language, opened = ticket.case.told.language, ticket.opened_at
        drawn, room = chance.random(), self.until - opened
        soon = opened + min(self._pace(ticket, 0.4), room * chance.uniform(0.2, 0.95))
        if drawn < manner.declines:
            by = body.who(Permission.TICKETS_RESOLVE, chance)
            reason = self.say(words().declined, language)
            return [(soon, lambda at: ticket.reject(at, by, reason))]
        if drawn > 1 - _WITHDRAWN:
            reason = self.say(words().withdrawn, language)
            return [(soon, lambda at: ticket.withdraw(at, reason))]
        if ticket.offer.service.screened and drawn < manner.declines + _ARCHIVED:
            by = body.who(Permission.TICKETS_ARCHIVE, chance)
            reason = self.say(words().put_aside, language)
            return [(soon, lambda at: ticket.archive(at, by, reason))]
        return self._solved_and_closed(ticket, room)

    def _solved_and_closed(self, ticket: TicketLife, room: timedelta) -> list[Act]:
        chance, opened = self.chance, ticket.opened_at
        silence = timedelta(days=ticket.body.silence_days)
        work = self._pace(ticket, 1.0)
        move, wait = self._verdict(ticket, silence)
        if move is MoveName.CLOSE_SILENT and room < silence * 1.02:
            move, wait = MoveName.CONFIRM, self._considering(ticket)
        if work + wait > room * 0.98:
            if move is MoveName.CLOSE_SILENT:
                work = (room - silence) * chance.uniform(0.3, 0.95)
            else:
                shorter = room * chance.uniform(0.5, 0.98) / (work + wait)
                work, wait = work * shorter, wait * shorter
        solved = opened + work
        acts = self._work(ticket, solved)
        if chance.random() < ticket.body.manner.reopened:
            first, again = opened + work * 0.5, opened + work * 0.6
            acts = [
                *self._work(ticket, first),
                self._resolving(ticket, first),
                self._reopening(ticket, again),
            ]
            acts.append(self._starting(ticket, opened + work * 0.7))
        return [*acts, self._resolving(ticket, solved), self._closing(ticket, move, solved + wait)]

    def _verdict(self, ticket: TicketLife, silence: timedelta) -> tuple[MoveName, timedelta]:
        drawn = self.chance.random()
        if drawn < _CONFIRMED:
            return MoveName.CONFIRM, self._considering(ticket)
        if drawn > 1 - _UNREACHABLE:
            return MoveName.CLOSE_UNREACHABLE, silence * self.chance.uniform(0.1, 0.5)
        # The round that notices silence comes every second.
        return MoveName.CLOSE_SILENT, silence + timedelta(seconds=self.chance.random())

    def _considering(self, ticket: TicketLife) -> timedelta:
        """How long a citizen takes to say whether it is solved, before silence says it for them."""
        silence = timedelta(days=ticket.body.silence_days)
        return min(_HOUR * self.chance.lognormvariate(2.4, 0.9), silence * 0.9)

    def _pace(self, ticket: TicketLife, share: float) -> timedelta:
        """How long the body takes for a share of its work, in its own working time."""
        clock = ticket.clocks.running.get(ClockKind.RESOLUTION)
        manner = ticket.body.manner
        pace = share * _SETTLED * manner.pace * self.chance.lognormvariate(0, manner.spread)
        if clock is None:
            return _NO_TARGET * pace
        choice, calendar = clock.counting.choice, clock.counting.calendar
        return calendar.working.due(ticket.opened_at, choice.target * pace) - ticket.opened_at

    def _work(self, ticket: TicketLife, solved: datetime) -> list[Act]:
        """What is done until a ticket is solved: begun, talked about, waited for."""
        chance, manner, opened = self.chance, ticket.body.manner, ticket.opened_at
        length = solved - opened
        acts = self._begun(ticket, opened, opened + length * 0.5, started=True)
        if chance.random() < manner.asks:
            answer = self.say(words().answers, ticket.case.told.language)
            acts.append(self._asking(ticket, opened + length * 0.55))
            acts.append((opened + length * 0.7, lambda at: ticket.answer(at, answer)))
        if chance.random() < manner.waits:
            by = ticket.body.who(Permission.TICKETS_WORK, chance)
            acts.append(self._waiting(ticket, opened + length * 0.75))
            acts.append((opened + length * 0.9, lambda at: ticket.go_on(at, by)))
        return [*acts, *self._greeting(ticket, solved)]

    def _begun(self, ticket: TicketLife, after: datetime, before: datetime, *, started: bool) -> list[Act]:
        chance, body, length = self.chance, ticket.body, before - after
        steps = sorted(chance.random() ** 2 for _ in range(3))
        acts: list[Act] = []
        if ticket.offer.service.screened:
            screener = body.who(Permission.TICKETS_SCREEN, chance)
            acts.append((after + length * steps[0], lambda at: ticket.forward(at, screener)))
        members = body.members.get(ticket.team_id, ()) if ticket.team_id else ()
        if members and chance.random() < _ASSIGNED_TO_SOMEBODY:
            assigner, member = body.who(Permission.TICKETS_ASSIGN, chance), chance.choice(members)
            acts.append((after + length * steps[1], lambda at: ticket.assign(at, assigner, member)))
        if started:
            acts.append(self._starting(ticket, after + length * steps[2]))
        return acts

    def _starting(self, ticket: TicketLife, at: datetime) -> Act:
        by = ticket.body.who(Permission.TICKETS_WORK, self.chance)
        return at, lambda at: ticket.start(at, by)

    def _greeting(self, ticket: TicketLife, before: datetime) -> list[Act]:
        """The first word from the body, if it comes before something else does."""
        clock, manner = ticket.clocks.running.get(ClockKind.FIRST_RESPONSE), ticket.body.manner
        if clock is None:
            return []
        pace = _SETTLED * manner.first_word * self.chance.lognormvariate(0, manner.spread)
        at = clock.counting.calendar.working.due(ticket.opened_at, clock.counting.choice.target * pace)
        if at >= before:
            return []
        by = ticket.body.who(Permission.TICKETS_REPLY, self.chance)
        text = self.say(words().first_words, ticket.case.told.language)
        return [(at, lambda at: ticket.reply(at, by, text))]

    def _halting(self, ticket: TicketLife, at: datetime) -> Act:
        asks = self.chance.choice((WaitingOn.CITIZEN, WaitingOn.EXTERNAL)) is WaitingOn.CITIZEN
        return self._asking(ticket, at) if asks else self._waiting(ticket, at)

    def _asking(self, ticket: TicketLife, at: datetime) -> Act:
        by = ticket.body.who(Permission.TICKETS_REPLY, self.chance)
        question = self.say(words().questions, ticket.case.told.language)
        return at, lambda at: ticket.ask(at, by, question)

    def _waiting(self, ticket: TicketLife, at: datetime) -> Act:
        by = ticket.body.who(Permission.TICKETS_WORK, self.chance)
        reason = self.say(words().outside, ticket.case.told.language)
        return at, lambda at: ticket.wait(at, by, reason)

    def _resolving(self, ticket: TicketLife, at: datetime) -> Act:
        by = ticket.body.who(Permission.TICKETS_RESOLVE, self.chance)
        done = self.say(words().done[ticket.body.agency], ticket.case.told.language)
        return at, lambda at: ticket.resolve(at, by, done)

    def _reopening(self, ticket: TicketLife, at: datetime) -> Act:
        reason = self.say(words().not_solved, ticket.case.told.language)
        return at, lambda at: ticket.reopen(at, reason)

    def _closing(self, ticket: TicketLife, move: MoveName, at: datetime) -> Act:
        if move is MoveName.CONFIRM:
            return at, lambda at: ticket.close(move, at, CITIZEN)
        if move is MoveName.CLOSE_SILENT:
            return at, lambda at: ticket.close(move, at, SYSTEM)
        by = ticket.body.who(Permission.TICKETS_CLOSE, self.chance)
        reason = self.say(words().unreachable, ticket.case.told.language)
        return at, lambda at: ticket.close(move, at, by, reason)
