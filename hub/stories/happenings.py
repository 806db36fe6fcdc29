"""What happened to a case, as its citizen is told: facts that concern them, with the words said to them or by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from hub.journal.models import Fact
from hub.journal.queries import facts_of_case, facts_of_ticket
from hub.tickets.models import Entry, EntryKind
from tenants.context import ActorKind, Context

# By the kind of fact: where the words stand that the citizen wrote or was written to. What bodies write for
# themselves (why they waited, put aside, passed on) is not among them.
_WORDS: Final[Mapping[str, str]] = {
    "ticket.opened": "",
    "ticket.forwarded": "",
    "ticket.started": "",
    "ticket.reply_sent": "entry_id",
    "ticket.question_asked": "entry_id",
    "ticket.question_answered": "entry_id",
    "ticket.information_added": "entry_id",
    "ticket.waiting_started": "",
    "ticket.waiting_ended": "",
    "ticket.joined": "",
    "ticket.released": "",
    "ticket.resolved": "resolution",
    "ticket.rejected": "reason",
    "ticket.archived": "",
    "ticket.transferred": "",
    "ticket.tenant_added": "",
    "ticket.closed": "",
    "ticket.reopened": "reason",
    "ticket.withdrawn": "reason",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a body's part in a case; `closure` says how it closed, where it did."""

    at: datetime
    kind: str
    ticket_id: UUID
    words: str | None
    by_citizen: bool
    closure: str | None


def happenings_for_citizen(context: Context) -> Sequence[Happening]:
    """What happened to the case of the context in all its bodies, oldest first; nothing that staff keep to themselves.

    Raises `RuntimeError` for a context that is bound to no case.
    """
    if context.case_id is None:
        raise RuntimeError("a citizen's story needs a context bound to their case")
    facts = [fact for fact in facts_of_case(context, context.case_id) if fact.kind in _WORDS]
    said = _said(context, context.case_id)
    return [
        Happening(
            at=fact.at,
            kind=fact.kind,
            ticket_id=fact.ticket_id,
            words=_words(fact, said),
            by_citizen=fact.actor_kind == ActorKind.CITIZEN,
            closure=fact.data.get("closure"),
        )
        for fact in facts
        if fact.ticket_id is not None
    ]


def was_done_already(
    context: Context, tenant_id: UUID, ticket_id: UUID, version: int, kind: str, words: str | None
) -> bool:
    """Whether the citizen did this very thing, with these words, on this very version of the ticket.

    A version is acted on once. So a form that a hurried finger sent twice finds itself done, and nobody is told that
    somebody else was faster.
    """
    if context.case_id is None or version < 1:
        return False
    then = next(
        (
            fact
            for fact in facts_of_ticket(context, tenant_id, ticket_id, after_version=version)
            if fact.version == version + 1 and fact.kind == kind
        ),
        None,
    )
    if then is None or then.actor_kind != ActorKind.CITIZEN:
        return False
    return (_words(then, _said(context, context.case_id)) or None) == (words or None)


def happened_since(context: Context, tenant_id: UUID, ticket_id: UUID, version: int) -> Sequence[str]:
    """The kinds of what happened to a ticket of the context's case after a version of it, each once, oldest first.

    Nothing that staff keep to themselves, so it may be empty although the ticket has changed.
    """
    if context.case_id is None or version < 1:
        return ()
    facts = facts_of_ticket(context, tenant_id, ticket_id, after_version=version)
    return tuple(dict.fromkeys(fact.kind for fact in facts if fact.kind in _WORDS))


def _said(context: Context, case_id: UUID) -> Mapping[str, str]:
    """What was said between the citizen and bodies, by the id of the entry as facts name it."""
    rows = context.session.execute(
        select(Entry.id, Entry.text).where(
            Entry.tenant_id.in_(context.tenants), Entry.case_id == case_id, Entry.kind != EntryKind.NOTE
        )
    )
    return {str(row.id): row.text for row in rows}


def _words(fact: Fact, said: Mapping[str, str]) -> str | None:
    name = _WORDS.get(fact.kind)
    if not name:
        return None
    found = fact.data.get(name)
    return said.get(str(found)) if name == "entry_id" else found
