"""Every act on a case or ticket, with arguments that are valid for its rightful caller; a new act has to be added."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.tickets import actions
from hub.vocabulary import Channel, Priority
from tests.promises.populated import Holdings, Populated

# Parameters that name something of a tenant, as opposed to words and choices.
NAMES = {
    "assignee",
    "attachments",
    "earlier",
    "main_id",
    "main_ticket",
    "service",
    "stage",
    "team",
    "tenant",
    "tenant_id",
    "ticket_id",
}
WORDS = {
    "answers",
    "channel",
    "confidential",
    "description",
    "language",
    "limit",
    "place",
    "form_version",
    "priority",
    "reason",
    "reporter",
    "resolution",
    "subject",
    "text",
    "version",
}

Arguments = Mapping[str, Any]


def _none(_mine: Holdings, _other: Holdings) -> Arguments:
    return {}


@dataclass(frozen=True, slots=True)
class Act:
    """One act: on a ticket at which stage of `populated`, by whom, and with which arguments beside the ticket."""

    stage: str | None
    by: str
    arguments: Callable[[Holdings, Holdings], Arguments] = field(default=_none)


def _said(**words: object) -> Callable[[Holdings, Holdings], Arguments]:
    return lambda mine, other: words


def _handed_on(_mine: Holdings, other: Holdings) -> Arguments:
    return {"tenant": other.agency.code, "service": other.own_code, "reason": "ليست لنا"}


def _assigned(mine: Holdings, _other: Holdings) -> Arguments:
    return {"team": "repairs", "assignee": mine.agency.cast["field"].id}


def _joined(mine: Holdings, _other: Holdings) -> Arguments:
    return {"main_ticket": mine.tickets["in_progress"].ticket_id}


def _opened(mine: Holdings, _other: Holdings) -> Arguments:
    return {"service": mine.own_code, "description": "كم الفاتورة؟", "channel": Channel.PHONE}


def _settled(mine: Holdings, _other: Holdings) -> Arguments:
    return {"tenant_id": mine.agency.id, "main_id": mine.tickets["in_progress"].ticket_id}


ACTS: dict[str, Act] = {
    "add_information": Act("in_progress", "citizen", _said(text="عند الباب الخلفي")),
    "add_note": Act("in_progress", "lead", _said(text="اتصلت به")),
    "add_tenant": Act("in_progress", "lead", _handed_on),
    "answer": Act("asked", "citizen", _said(text="أمام المدرسة")),
    "archive": Act("received", "lead", _said(reason="لا شيء")),
    "ask": Act("in_progress", "lead", _said(text="أين؟")),
    "assign": Act("in_progress", "lead", _assigned),
    "close_after_silence": Act(None, "system"),
    "close_unreachable": Act("resolved", "lead", _said(reason="لا يرد")),
    "confirm": Act("resolved", "citizen"),
    "enter_stage": Act("in_progress", "lead", _said(stage="inspection")),
    "forward": Act("received", "lead"),
    "go_on": Act("external", "lead"),
    "join": Act("second", "lead", _joined),
    "open_case": Act(None, "lead", _opened),
    "prioritise": Act("in_progress", "lead", _said(priority=Priority.URGENT)),
    "reject": Act("received", "lead", _said(reason="ليس من عملنا")),
    "release": Act("duplicate", "lead"),
    "reopen": Act("solved", "citizen", _said(reason="عاد التسرب")),
    "reply": Act("in_progress", "lead", _said(text="في الطريق")),
    "resolve": Act("in_progress", "lead", _said(resolution="أُصلحت")),
    "settle_duplicates": Act(None, "system", _settled),
    "start": Act("assigned", "lead"),
    "transfer": Act("in_progress", "lead", _handed_on),
    "wait": Act("in_progress", "lead", _said(reason="ننتظر المورد")),
    "withdraw": Act("received", "citizen"),
}


def functions() -> dict[str, Callable[..., Any]]:
    """The acts that `hub.tickets.actions` offers."""
    offered = {name: getattr(actions, name) for name in actions.__all__}
    return {name: thing for name, thing in offered.items() if inspect.isfunction(thing)}


def parameters(name: str) -> list[str]:
    """The names of an act's parameters beside the context."""
    return list(inspect.signature(functions()[name]).parameters)[1:]


def arguments_of(populated: Populated, name: str, mine: Holdings) -> dict[str, Any]:
    """What the rightful caller of an act passes, on the holdings of one of the two tenants."""
    act = ACTS[name]
    other = populated.tax if mine is populated.water else populated.water
    given = dict(act.arguments(mine, other))
    if act.stage is not None:
        ticket_id = mine.tickets[act.stage].ticket_id
        with populated.connect("administrator") as connection:
            row = connection.execute("SELECT version FROM tickets WHERE id = %s", (ticket_id,)).fetchone()
        assert row is not None
        given |= {"ticket_id": ticket_id, "version": row[0]}
    return given
