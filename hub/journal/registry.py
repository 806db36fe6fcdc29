"""Who listens to facts: filled once by `hub.reactions`, asked by every recording of a fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.events import Event
from tenants.context import Context
from tenants.database import Rows


@dataclass(frozen=True, slots=True)
class Along:
    """What is written together with a new row, because of the fact of it: columns of that row, other rows, more facts."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Rows, ...] = ()
    facts: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a fact causes: `now` in its own transaction, in order; `later` jobs by task name, after its commit.

    `along` is asked before, about the row that the fact says is new, and written in one statement with it: one way to
    the database for a case with its route and its clocks instead of one for each.
    """

    along: tuple[Callable[[Context, Any, Mapping[str, Any]], Along], ...] = ()
    now: tuple[Callable[[Context, Any], None], ...] = ()
    later: tuple[str, ...] = ()


class NoReactions(RuntimeError):  # noqa: N818 - says what is missing
    """A fact was recorded in a process that never loaded `hub.reactions`: its effects would be lost silently."""


_reactions: dict[type[Event], Reaction] = {}


def install(reactions: Mapping[type[Event], Reaction]) -> None:
    """Make a table of reactions the one in force in this process."""
    _reactions.clear()
    _reactions.update(reactions)


def reaction_to(event: type[Event]) -> Reaction:
    """What a kind of fact causes.

    Raises `NoReactions` when no table is in force or the kind is missing in it: a fact without effects says so.
    """
    try:
        return _reactions[event]
    except KeyError:
        raise NoReactions(f"no reaction is declared for {event.__name__}") from None
