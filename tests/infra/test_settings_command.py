from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from infra.settings_in_arabic import IN_ARABIC
from infra.settings_table import MASK, PACKAGES, all_settings, as_markdown, settings_classes
from tests.infra.processes import Command

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "settings.md"


def test_the_page_of_settings_is_current() -> None:
    assert PAGE.read_text("utf-8") == as_markdown(all_settings()), (
        "make it anew: hub settings --markdown > docs/settings.md"
    )


def test_every_setting_says_in_both_languages_what_it_is_for() -> None:
    settings = all_settings()
    assert [each.name for each in settings if len(each.description) < 10] == []
    assert set(IN_ARABIC) == {each.name for each in settings}
    assert all(re.search("[\u0600-\u06ff]", text) for text in IN_ARABIC.values())


def sources() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def test_no_class_of_settings_is_missing() -> None:
    declared = {
        name for _, source in sources() for name in re.findall(r"^class (\w+)\(.*Settings\):", source, re.M)
    }
    assert declared == {owner.__name__ for owner in settings_classes()}
    assert all(issubclass(owner, BaseSettings) for owner in settings_classes())


def test_no_variable_is_read_behind_the_settings_back() -> None:
    known = {each.name for each in all_settings()}
    # What the system, the database's library and prometheus_client define themselves.
    foreign = {"LANG", "LD_LIBRARY_PATH", "PATH", "PGOPTIONS", "PROMETHEUS_MULTIPROC_DIR", "XDG_DATA_HOME"}
    read = {
        name
        for _, source in sources()
        for name in re.findall(r"environ(?:\.get\(|\.setdefault\(|\[)\s*\"([A-Z_]+)\"", source)
    }
    assert read <= known | foreign


def test_what_is_set_is_shown_and_secrets_are_not(hub: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_WEB_WORKERS", "7")
    monkeypatch.setenv("HUB_KEY_PEPPER", "canary" * 10)
    status, out, err = hub("settings")
    assert (status, err) == (0, "")
    rows = {line.split("│")[1].strip(): line for line in out.splitlines() if line.count("│") > 4}
    assert "│ 7 " in rows["HUB_WEB_WORKERS"]
    assert "Processes that answer requests" in rows["HUB_WEB_WORKERS"]
    assert MASK in rows["HUB_KEY_PEPPER"]
    assert MASK in rows["DATABASE_URL"]
    assert "canary" not in out
    assert "postgresql://" not in out


def test_settings_are_told_in_arabic_as_well(hub: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LANGUAGE", "ar")
    out = hub("settings")[1]
    assert "عدد العمليات التي تجيب عن الطلبات" in out
    assert "Processes that answer" not in out


def test_the_page_is_what_the_command_prints(hub: Command) -> None:
    assert hub("settings", "--markdown") == (0, PAGE.read_text("utf-8"), "")
