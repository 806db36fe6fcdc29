"""A month of the six agencies: planned cases played through the real actions on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random

from infra.demo.agenda import Agenda
from infra.demo.life import Tally, TicketLife
from infra.demo.plan import PlannedCase
from infra.demo.stage import Stage


def play_month(
    stage: Stage,
    planned: list[PlannedCase],
    until: datetime,
    *,
    seed: int,
    told: Callable[[datetime], None] = lambda moment: None,
) -> Tally:
    """Let planned cases happen up to a moment, jobs done and deadlines fired as time goes by; gives what was done.

    `told` hears of the virtual moment as it moves on.
    """
    agenda, tally = Agenda(stage, until), Tally()
    for number, case in enumerate(planned):
        # Each case has chance of its own, so that one more or less changes nothing for the others.
        chance = Random(f"{seed}/{number}")  # noqa: S311 - nothing secret is drawn
        agenda.at(case.at, TicketLife(stage, agenda, tally, case, chance).open)
    for moment in agenda.play():
        told(moment)
    return tally
