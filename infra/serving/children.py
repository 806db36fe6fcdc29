"""The child processes of a serving hub: how each is started, heard and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

LISTENING: Final = b"L"
ALIVE: Final = b"."

_A_READING: Final = 4_096


@dataclass(frozen=True, slots=True)
class Role:
    """What a child is to do: its name in the log, its arguments and the open files it gets."""

    name: str
    arguments: tuple[str, ...]
    files: tuple[int, ...] = ()
    environment: Mapping[str, str] | None = None
    # A child that answers requests says every second that it is alive.
    speaks: bool = False


class Child:
    """One child process. It ends by itself when its parent has died, because it holds the end of a pipe from it."""

    def __init__(self, role: Role, lifeline: int) -> None:
        self.role = role
        self.started_at = self.heard_at = time.monotonic()
        self.listening = False
        heard, speaking = os.pipe()
        os.set_blocking(heard, False)
        arguments = [*role.arguments, "--lifeline", str(lifeline), "--words", str(speaking)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "infra.serving.child", *arguments],
                pass_fds=(*role.files, lifeline, speaking),
                env=os.environ | dict(role.environment or {}),
                stdin=subprocess.DEVNULL,
                # An interrupt typed at the terminal is for the parent, which passes it on as it sees fit.
                start_new_session=True,
            )
        except OSError:
            os.close(heard)
            raise
        finally:
            os.close(speaking)
        self._heard = heard

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.poll()

    def listen(self) -> None:
        """Hear what it has said since."""
        try:
            words = os.read(self._heard, _A_READING)
        except BlockingIOError:
            return
        if words:
            self.heard_at = time.monotonic()
        if LISTENING in words:
            self.listening = True

    def silent_seconds(self) -> float:
        """For how long it has said nothing, if it is one that speaks and has begun to."""
        return time.monotonic() - self.heard_at if self.role.speaks and self.listening else 0.0

    def ask_to_end(self) -> None:
        """Let it finish."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)

    def bury(self) -> None:
        """Close what is left of a process that has ended."""
        os.close(self._heard)

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)


def wait_for(children: Sequence[Child], seconds: float) -> bool:
    """Wait until all have ended; gives whether they did in time."""
    give_up = time.monotonic() + seconds
    while any(child.status() is None for child in children):
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True
