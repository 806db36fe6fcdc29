"""Who listens to facts: filled once by `hub.reactions`, asked by every recording of a fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.events import Event
from tenants.context import Context


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a fact causes: `now` in its own transaction, in order; `later` jobs by task name, after its commit."""

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
