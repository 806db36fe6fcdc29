from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.attachments.queries import read
from hub.attachments.scanner import Scanner, ScannerUnreachable
from hub.journal.models import Job
from hub.journal.running import Outcome
from tests.hub.attachments.acting import (
    as_anybody,
    do_jobs,
    kinds_of_facts,
    set_to,
    state_of,
    stored,
    taken_in,
)
from tests.hub.attachments.making import PDF, document, noise, photo
from tests.services.clamav import HARMFUL, MOST_BYTES, NAME_OF_HARM, RunningClamav, running_clamav
from tests.services.ports import free_port
from tests.world import World


@pytest.fixture(scope="module")
def clamav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClamav]:
    with running_clamav(tmp_path_factory.mktemp("clamav") / "here") as daemon:
        yield daemon


def test_the_scanner_tells_harm_from_harmless_at_either_address(clamav: RunningClamav) -> None:
    for address in (clamav.tcp, clamav.unix):
        scanner = Scanner(address, 30)
        assert scanner.scan(BytesIO(PDF)) is None
        assert scanner.scan(BytesIO(b"")) is None
        assert scanner.scan(BytesIO(noise(1_500_000))) is None
        found = scanner.scan(BytesIO(noise(200_000) + HARMFUL + noise(10)))
        assert found is not None
        assert found.startswith(NAME_OF_HARM)


def test_harm_inside_a_document_is_found(clamav: RunningClamav) -> None:
    assert Scanner(clamav.tcp, 30).scan(BytesIO(document({"word/media/a.png": HARMFUL * 3}))) is not None


def test_a_harmful_file_is_refused_and_its_bytes_go(
    world: World, files: Path, clamav: RunningClamav, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, scanner=clamav.tcp)
    with as_anybody(world) as context:
        harmful = taken_in(context, b"a text with " + HARMFUL).id
        hidden = taken_in(context, photo() + HARMFUL).id
        harmless = taken_in(context, photo()).id
    assert set(do_jobs(world)) == {Outcome.DONE}
    assert state_of(world, harmful) == state_of(world, hidden) == ("refused", "virus")
    assert state_of(world, harmless) == ("ready", None)
    assert len(stored(files)) == 1
    assert kinds_of_facts(world, harmful) == ["attachment.uploaded", "attachment.refused"]


def test_without_a_verdict_nothing_is_handed_out_until_the_scanner_is_back(
    world: World, clamav: RunningClamav, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, scanner=f"tcp://127.0.0.1:{free_port()}")
    with as_anybody(world) as context:
        mine = taken_in(context, PDF).id
    for attempt in (1, 2, 3):
        assert do_jobs(world) == [Outcome.FAILED]
        assert state_of(world, mine) == ("scanning", None)
        with world.as_system(world.water) as context:
            job = context.session.scalars(
                select(Job).where(Job.tenant_id == world.water.id, Job.task == "attachments.examine")
            ).one()
            # Tried again later each time.
            waits = (job.next_attempt_at - context.now).total_seconds()
            assert (job.attempts, waits) == (attempt, 5 * 2 ** (attempt - 1))
            assert "ScannerUnreachable" in (job.last_error or "")
    set_to(monkeypatch, scanner=clamav.unix)
    do_jobs(world)
    assert state_of(world, mine) == ("ready", None)
    with as_anybody(world) as context:
        assert b"".join(read(context, mine).chunks) == PDF


def test_a_file_larger_than_the_scanner_takes_gets_no_verdict(clamav: RunningClamav) -> None:
    with pytest.raises(ScannerUnreachable):
        Scanner(clamav.tcp, 30).scan(BytesIO(noise(MOST_BYTES + 100_000)))


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"stream: ",
        b"UNKNOWN COMMAND\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"OK FOUND OK\0",
        b"\xff" * 9000,
    ],
)
def test_anything_but_a_verdict_is_none(reply: bytes) -> None:
    with _answering(reply) as address, pytest.raises(ScannerUnreachable):
        Scanner(address, 5).scan(BytesIO(PDF))


def test_a_scanner_that_never_answers_is_waited_for_only_so_long() -> None:
    with _answering(None) as address:
        started = time.monotonic()
        with pytest.raises(ScannerUnreachable):
            Scanner(address, 0.5).scan(BytesIO(PDF))
        assert time.monotonic() - started < 3


class _answering:  # noqa: N801 - reads as what it is
    """Something that listens like a scanner and gives one reply to whatever it is sent, or none."""

    def __init__(self, reply: bytes | None) -> None:
        self._reply = reply
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> str:
        self._thread.start()
        return f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            if self._reply is None:
                self._done.wait(10)
                return
            received = b""
            while not received.endswith(bytes(4)):
                received += connection.recv(65536)
            connection.sendall(self._reply)
