"""What is still to happen on the virtual clock: acts at their moments, and the rounds in between."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

from infra.demo.stage import Stage

Act = Callable[[], None]

# How soon after something happened the rounds are made; a running hub makes them every second.
ROUNDS_AFTER = timedelta(hours=1)


class Agenda:
    """Acts by time. What lies after the end never happens: the month is over first."""

    def __init__(self, stage: Stage, until: datetime) -> None:
        self.stage = stage
        self.until = until
        self._waiting: list[tuple[datetime, int, Act]] = []
        self._order = count()
        self._acted = False
        self._due: datetime | None = stage.clock.moment

    def at(self, moment: datetime, act: Act) -> None:
        """Let something happen at a moment, or at once if that has gone by."""
        heapq.heappush(self._waiting, (max(moment, self.stage.clock.moment), next(self._order), act))

    def play(self) -> Iterator[datetime]:
        """Let everything happen in its order up to the end; tells the moment after each act and each round."""
        while self._waiting and self._waiting[0][0] <= self.until:
            moment, _, act = heapq.heappop(self._waiting)
            yield from self._rounds_until(moment)
            self.stage.clock.move_to(moment)
            act()
            if not self._acted:
                # What the act started may be due before anything else is: look again soon.
                soon = moment + ROUNDS_AFTER
                self._due, self._acted = min(self._due or soon, soon), True
            yield moment
        yield from self._rounds_until(self.until)
        self.stage.clock.move_to(self.until)
        self.stage.make_rounds()
        yield self.until

    def _rounds_until(self, moment: datetime) -> Iterator[datetime]:
        while self._due is not None and self._due <= moment:
            self.stage.clock.move_to(max(self._due, self.stage.clock.moment))
            self._due = self.stage.make_rounds(acted=self._acted)
            self._acted = False
            yield self.stage.clock.moment
