"""Every act on a case or ticket, one function a verb."""

from __future__ import annotations

from hub.tickets.actions.ending import (
    close_after_silence,
    close_unreachable,
    confirm,
    reopen,
    resolve,
    withdraw,
)
from hub.tickets.actions.handing_on import add_tenant, transfer
from hub.tickets.actions.joining import join, release, settle_duplicates
from hub.tickets.actions.opening import Opened, Place, open_case
from hub.tickets.actions.screening import archive, forward, reject
from hub.tickets.actions.talking import add_information, add_note, answer, ask, reply
from hub.tickets.actions.working import assign, enter_stage, go_on, prioritise, start, wait

__all__ = [
    "Opened",
    "Place",
    "add_information",
    "add_note",
    "add_tenant",
    "answer",
    "archive",
    "ask",
    "assign",
    "close_after_silence",
    "close_unreachable",
    "confirm",
    "enter_stage",
    "forward",
    "go_on",
    "join",
    "open_case",
    "prioritise",
    "reject",
    "release",
    "reopen",
    "reply",
    "resolve",
    "settle_duplicates",
    "start",
    "transfer",
    "wait",
    "withdraw",
]
