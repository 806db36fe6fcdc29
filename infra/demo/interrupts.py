"""Ending on Ctrl+C between two acts: in the middle of one, the database's driver may answer with anything."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Self


class Interrupts:
    """Notes an interrupt while it lasts, for `check` to act upon; a second one does not wait for that."""

    def __init__(self) -> None:
        self._asked = False

    def __enter__(self) -> Self:
        """Begins to listen."""
        self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Gives interrupts back to whom they went before."""
        signal.signal(signal.SIGINT, self._before)

    def check(self) -> None:
        """A moment at which nothing is half done; raises `KeyboardInterrupt` if somebody asked to end."""
        if self._asked:
            raise KeyboardInterrupt

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
