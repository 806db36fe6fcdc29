"""Generated tickets as they live: each act by the table of moves, with the facts and clocks it causes.

What the hub's own actions do one statement at a time is done here in memory, for very many tickets; a test lets
both do the same and compares the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hub import events
from hub.events import Event
from hub.routing.conditions import RoutingFacts
from hub.tickets.lifecycle import ENDED, MOVES, Closure, MoveName, Status, WaitingOn, is_at_work
from hub.tickets.models import EntryKind
from hub.vocabulary import Priority
from infra.generate.bodies import Body, Offer
from infra.generate.cases import CaseLife
from infra.generate.clocks import TicketClocks
from infra.generate.shape import id_at
from tenants.context import CITIZEN, SYSTEM, Actor


def open_case(case: CaseLife, body: Body, offer: Offer, by: Actor) -> TicketLife:
    """The citizen's story becomes a body's ticket; gives that."""
    case.open_tickets = case.at_work = 1
    channel = case.told.channel.value
    case.say(case.opened_at, by, events.CaseOpened(tenant_id=body.id, case_id=case.id, channel=channel))
    ticket = TicketLife(case, body, offer, case.opened_at, case.told.priority)
    ticket.begin(by)
    return ticket


class TicketLife:
    """One ticket: `columns` are what its row says at the end."""

    def __init__(
        self,
        case: CaseLife,
        body: Body,
        offer: Offer,
        at: datetime,
        priority: Priority,
        *,
        handed_on_by: TicketLife | None = None,
    ) -> None:
        self.case = case
        self.body = body
        self.offer = offer
        self.opened_at = at
        self.id = id_at(at, case.chance)
        self.status = Status.RECEIVED
        self.waiting_on: WaitingOn | None = None
        self.version = 1
        self.team_id: UUID | None = None
        self.clocks = TicketClocks(body.counting(offer.service.id, priority), at)
        self.priority = priority
        told, service = case.told, offer.service
        first = handed_on_by is None
        self.columns: dict[str, Any] = {
            "confidential": told.confidential,
            "person_id": None if told.confidential else told.person_id,
            "subject": told.subject,
            "description": told.description,
            "form_id": service.form_id if first else None,
            "form_version": offer.form_version if first else None,
            "answers": told.answers if first else None,
            "carried_answers": None if handed_on_by is None else handed_on_by.answers_in_words(),
            "closure": None,
            "assignee_id": None,
            "routed_by": None,
            "first_response_at": None,
            "resolved_at": None,
            "resolution": None,
            "silent_at": None,
            "closed_at": None,
            "reopened": 0,
            "main_ticket_id": None,
            "handed_on_by": handed_on_by.id if handed_on_by else None,
            "handed_on_to": None,
        }
        case.tickets.append(self)

    def begin(self, by: Actor) -> None:
        """It is there: routed, its clocks started, and forwarded at once where nobody screens."""
        at, service = self.opened_at, self.offer.service
        self._say(
            at,
            by,
            events.TicketOpened,
            service_id=service.id,
            priority=self.priority.value,
            channel=self.case.told.channel.value,
            screened=service.screened,
            handed_on_by=self.columns["handed_on_by"],
        )
        self._route(at, by)
        if self.columns["handed_on_by"] is None:
            self.case.clock = self.clocks.of_case(at)
        if not service.screened:
            self.forward(at, SYSTEM)

    def forward(self, at: datetime, by: Actor) -> None:
        """Screening lets it through."""
        self._move(MoveName.FORWARD, at, by, events.TicketForwarded, team_id=self.team_id)

    def assign(self, at: datetime, by: Actor, assignee: UUID | None) -> None:
        """Its team, and perhaps a member, has it."""
        self._move(MoveName.ASSIGN, at, by, events.TicketAssigned, team_id=self.team_id, assignee_id=assignee)
        self.columns["assignee_id"] = assignee

    def start(self, at: datetime, by: Actor) -> None:
        """Work begins."""
        self._move(MoveName.START, at, by, events.TicketStarted)

    def reply(self, at: datetime, by: Actor, text: str) -> None:
        """Staff write to the citizen."""
        entry = self._write(at, by, EntryKind.REPLY, text)
        self.version += 1
        self.columns["first_response_at"] = self.columns["first_response_at"] or at
        self._say(at, by, events.ReplySent, entry_id=entry)
        self.clocks.meet_first_response(at)

    def ask(self, at: datetime, by: Actor, text: str) -> None:
        """Staff ask the citizen, and the clock rests."""
        entry = self._write(at, by, EntryKind.QUESTION, text)
        self.columns["first_response_at"] = self.columns["first_response_at"] or at
        self._move(
            MoveName.ASK,
            at,
            by,
            events.QuestionAsked,
            turns=self.clocks.wait_for_answer,
            waiting_on=WaitingOn.CITIZEN,
            entry_id=entry,
        )

    def answer(self, at: datetime, text: str) -> None:
        """The citizen answers."""
        question = next(
            each["id"] for each in reversed(self.case.entries) if each["kind"] == EntryKind.QUESTION
        )
        entry = self._write(at, CITIZEN, EntryKind.ANSWER, text, question_id=question)
        self._move(
            MoveName.ANSWER, at, CITIZEN, events.QuestionAnswered, turns=self.clocks.resume, entry_id=entry
        )

    def wait(self, at: datetime, by: Actor, reason: str) -> None:
        """Somebody outside the hub is waited for."""
        self._move(
            MoveName.WAIT,
            at,
            by,
            events.WaitingStarted,
            turns=self.clocks.wait_for_others,
            waiting_on=WaitingOn.EXTERNAL,
            reason=reason,
        )

    def go_on(self, at: datetime, by: Actor) -> None:
        """The waiting is over."""
        self._move(MoveName.GO_ON, at, by, events.WaitingEnded, turns=self.clocks.resume)

    def resolve(self, at: datetime, by: Actor, resolution: str) -> None:
        """The body says that it is solved; the citizen is asked."""
        silent_at = at + timedelta(days=self.body.silence_days)
        self.columns |= {
            "resolved_at": at,
            "resolution": resolution,
            "silent_at": silent_at,
            "first_response_at": self.columns["first_response_at"] or at,
        }
        self._move(
            MoveName.RESOLVE,
            at,
            by,
            events.TicketResolved,
            turns=self.clocks.meet_all,
            resolution=resolution,
            silent_at=silent_at,
        )

    def close(self, move: MoveName, at: datetime, by: Actor, reason: str | None = None) -> None:
        """It is over: confirmed, silent or out of reach."""
        closure = _CLOSURES[move]
        self.columns |= {"silent_at": None, "closure": closure.value, "closed_at": at}
        self._move(
            move,
            at,
            by,
            events.TicketClosed,
            turns=self.clocks.halt_all,
            closure=closure.value,
            reason=reason,
        )

    def reopen(self, at: datetime, reason: str) -> None:
        """The citizen says that it is not solved."""
        self.columns |= dict.fromkeys(("closure", "closed_at", "resolved_at", "resolution", "silent_at"))
        self.columns["reopened"] += 1
        self._move(
            MoveName.REOPEN, at, CITIZEN, events.TicketReopened, turns=self.clocks.rerun, reason=reason
        )

    def reject(self, at: datetime, by: Actor, reason: str) -> None:
        """The body will not take it up."""
        heard = self.columns["first_response_at"] or at
        self.columns |= {"closed_at": at, "resolution": reason, "first_response_at": heard}
        self._move(MoveName.REJECT, at, by, events.TicketRejected, turns=self.clocks.meet_all, reason=reason)

    def archive(self, at: datetime, by: Actor, reason: str) -> None:
        """Screening puts it aside."""
        self.columns["closed_at"] = at
        self._move(MoveName.ARCHIVE, at, by, events.TicketArchived, turns=self.clocks.halt_all, reason=reason)

    def withdraw(self, at: datetime, reason: str) -> None:
        """The citizen takes it back."""
        self.columns |= {"closed_at": at, "silent_at": None}
        self._move(
            MoveName.WITHDRAW, at, CITIZEN, events.TicketWithdrawn, turns=self.clocks.halt_all, reason=reason
        )

    def follow(self, at: datetime, by: Actor, main: TicketLife) -> None:
        """It tells of the same thing as another ticket of the body."""
        self.columns["main_ticket_id"] = main.id
        self._move(
            MoveName.JOIN, at, by, events.TicketJoined, turns=self.clocks.halt_all, main_ticket=main.id
        )

    def transfer(self, at: datetime, by: Actor, body: Body, offer: Offer, reason: str) -> TicketLife:
        """It was another body's job, which gets a ticket of its own; gives that."""
        priority = max(self.priority, offer.service.priority, key=list(Priority).index)
        other = TicketLife(self.case, body, offer, at, priority, handed_on_by=self)
        other.begin(by)
        self.case.count(at, by, body.id, 1, 1)
        self.columns |= {"closed_at": at, "handed_on_to": other.id}
        self._move(
            MoveName.TRANSFER,
            at,
            by,
            events.TicketTransferred,
            turns=self.clocks.halt_all,
            to_tenant=body.id,
            to_ticket=other.id,
            reason=reason,
        )
        return other

    def answers_in_words(self) -> list[dict[str, Any]] | None:
        """What the citizen answered this body, for another that does not see its form."""
        form, answers = self.offer.form, self.columns["answers"] or {}
        if form is None:
            return None
        return [
            {
                "question": {"ar": question.label.ar, "en": question.label.en},
                "kind": question.kind.value,
                "answer": answers[question.name],
            }
            for question in form.questions
            if question.name in answers
        ] or None

    def _route(self, at: datetime, by: Actor) -> None:
        service, told = self.offer.service, self.case.told
        routed = self.body.rules.route(
            RoutingFacts(
                service=service.code,
                kind=service.kind,
                priority=self.priority,
                channel=told.channel,
                governorate=told.place["governorate"],
                district=told.place["district"],
                answers=self.columns["answers"] or {},
            )
        )
        self.team_id = self.body.teams[routed.team]
        self.columns["routed_by"] = {
            "position": routed.position,
            "rule": {"ar": routed.rule_name.ar, "en": routed.rule_name.en},
            "reason": {"ar": routed.reason.ar, "en": routed.reason.en},
        }
        self._say(
            at,
            by,
            events.TicketRouted,
            team_id=self.team_id,
            reason=routed.reason,
            position=routed.position,
        )

    def _move(
        self,
        name: MoveName,
        at: datetime,
        by: Actor,
        event: type[Event],
        *,
        turns: Callable[[datetime], None] | None = None,
        waiting_on: WaitingOn | None = None,
        **said: Any,
    ) -> None:
        move = MOVES[name]
        if self.status not in move.origins:
            raise ValueError(f"a ticket that is {self.status} cannot {name}")
        target = move.to or self.status
        was_open, was_at_work = self.status not in ENDED, is_at_work(self.status, self.waiting_on)
        self.status, self.waiting_on = target, waiting_on
        self.version += 1
        self._say(at, by, event, **said)
        if turns is not None:
            turns(at)
        self.case.count(
            at,
            by,
            self.body.id,
            (target not in ENDED) - was_open,
            is_at_work(target, waiting_on) - was_at_work,
        )

    def _say(self, at: datetime, by: Actor, event: type[Event], **said: Any) -> None:
        whose: dict[str, Any] = {
            "tenant_id": self.body.id,
            "case_id": self.case.id,
            "ticket_id": self.id,
            "version": self.version,
        }
        self.case.say(at, by, event(**whose, **said))

    def _write(
        self, at: datetime, by: Actor, kind: EntryKind, text: str, *, question_id: UUID | None = None
    ) -> UUID:
        entry = id_at(at, self.case.chance)
        self.case.entries.append(
            {
                "tenant_id": self.body.id,
                "id": entry,
                "case_id": self.case.id,
                "ticket_id": self.id,
                "kind": kind.value,
                "text": text,
                "author_kind": by.kind.value,
                "author_id": by.id,
                "at": at,
                "question_id": question_id,
            }
        )
        return entry


_CLOSURES = {
    MoveName.CONFIRM: Closure.CONFIRMED,
    MoveName.CLOSE_SILENT: Closure.SILENT,
    MoveName.CLOSE_UNREACHABLE: Closure.UNREACHABLE,
}
