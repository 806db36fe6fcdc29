"""A store of files of the test's own, and the settings it is made by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.attachments.settings import file_settings
from hub.attachments.store import use_store


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that this test's files are kept in, by the settings that a process has."""
    folder = tmp_path / "files"
    monkeypatch.setenv("HUB_FILES_FOLDER", str(folder))
    file_settings.cache_clear()
    use_store(None)
    yield folder
    use_store(None)
    file_settings.cache_clear()
