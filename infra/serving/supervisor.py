"""Keeps the processes of a serving hub running: replaces what died or hangs, and ends all of them together."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Final

import structlog

from infra.errors import ServingFailed
from infra.serving.children import Child, Role, wait_for

_LOOK_SECONDS: Final = 0.1
# Longer than any statement may take; a process that does not even say that it lives hangs.
_SILENT_SECONDS: Final = 60.0
_STARTING_SECONDS: Final = 120.0
# Beyond what it gives to requests under way, a process has to close its connections.
_CLOSING_SECONDS: Final = 15.0
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 10.0
_SHORT_LIFE: Final = 10.0

_log = structlog.get_logger()


class _Post:
    """A place that is to be filled by one process at any time."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.child: Child | None = None
        self.fill_at = 0.0
        self.short_lives = 0


class Supervisor:
    """The parent of a serving hub's processes; works in the main thread, because it hears signals."""

    def __init__(
        self,
        roles: Sequence[Role],
        *,
        stop_seconds: float,
        listening: Callable[[], None],
        gone: Callable[[int], None],
    ) -> None:
        """`listening` is called once when all that speak answer requests, `gone` with the id of a dead process."""
        self._posts = [_Post(role) for role in roles]
        self._stop_seconds = stop_seconds
        self._tell_listening: Callable[[], None] | None = listening
        self._gone = gone
        self._ended = threading.Event()

    def run(self) -> int:
        """Until TERM or an interrupt; gives the exit status. Raises `ServingFailed` when it cannot begin."""
        before = {number: signal.signal(number, self._end) for number in (signal.SIGTERM, signal.SIGINT)}
        lifeline, held = os.pipe()
        try:
            while not self._ended.is_set():
                for post in self._posts:
                    self._look_after(post, lifeline)
                self._see_whether_all_listen()
                self._ended.wait(_LOOK_SECONDS)
        finally:
            well = self._end_all()
            # Whoever is still there learns now that there is no parent.
            os.close(held)
            os.close(lifeline)
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0 if well else 1

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._ended.set()

    def _look_after(self, post: _Post, lifeline: int) -> None:
        child = post.child
        if child is None:
            if time.monotonic() >= post.fill_at:
                post.child = Child(post.role, lifeline)
            return
        child.listen()
        if child.status() is not None:
            self._mourn(post, child)
            return
        starting = post.role.speaks and not child.listening
        if child.silent_seconds() > _SILENT_SECONDS or (
            starting and time.monotonic() - child.started_at > _STARTING_SECONDS
        ):
            _log.error("process_hangs", process=post.role.name, pid=child.pid)
            child.kill()

    def _mourn(self, post: _Post, child: Child) -> None:
        child.bury()
        self._gone(child.pid)
        post.child = None
        if self._tell_listening is not None and post.role.speaks and not child.listening:
            raise ServingFailed(field=post.role.name)
        _log.error("process_died", process=post.role.name, pid=child.pid, status=child.status())
        lived = time.monotonic() - child.started_at
        post.short_lives = post.short_lives + 1 if lived < _SHORT_LIFE else 0
        wait = min(_FIRST_WAIT * 2 ** (post.short_lives - 1), _LONGEST_WAIT) if post.short_lives else 0.0
        post.fill_at = time.monotonic() + wait

    def _see_whether_all_listen(self) -> None:
        speaking = [post.child for post in self._posts if post.role.speaks]
        if self._tell_listening is not None and all(
            child is not None and child.listening for child in speaking
        ):
            self._tell_listening()
            self._tell_listening = None

    def _end_all(self) -> bool:
        """End all processes; gives whether each ended well."""
        children = [post.child for post in self._posts if post.child is not None]
        for child in children:
            child.ask_to_end()
        if not wait_for(children, self._stop_seconds + _CLOSING_SECONDS):
            for child in children:
                child.kill()
            wait_for(children, _CLOSING_SECONDS)
        for child in children:
            child.bury()
            self._gone(child.pid)
        return all(child.status() == 0 for child in children)
