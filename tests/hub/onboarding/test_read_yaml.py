"""YAML as packs may be written: plain data and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.onboarding.yaml_files import LARGEST_FILE, BrokenFile, read_yaml


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.yaml"


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("a: 1\nb: 2.5\nc: true\nd: null\ne:", {"a": 1, "b": 2.5, "c": True, "d": None, "e": None}),
        ("[yes, no, on, off, y]", ["yes", "no", "on", "off", "y"]),
        ("[2026-01-07, 09:00, 24/7, 1_000]", ["2026-01-07", "09:00", "24/7", "1_000"]),
        ('["1", "true", "", \'null\']', ["1", "true", "", "null"]),
        ("[007, -3, +4, .5, 1e3]", [7, -3, 4, 0.5, 1000.0]),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ("\ufeffa: \u0645\u0627\u0621", {"a": "ماء"}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
    ],
)
def test_values_are_those_of_yaml_1_2(file: Path, text: str, data: Any) -> None:
    file.write_text(text, encoding="utf-8")

    assert read_yaml(file, "file.yaml").data == data


def test_every_value_knows_its_line_and_an_absent_one_that_of_what_is_around_it(file: Path) -> None:
    file.write_text("# a comment\na:\n  - b: 1\n    c: [2,\n        3]\n  -\n    d: x\n")
    read = read_yaml(file, "file.yaml")

    assert read.line_of(("a",)) == 2
    assert read.line_of(("a", 0)) == 3
    assert read.line_of(("a", 0, "c")) == 4
    assert read.line_of(("a", 0, "c", 1)) == 5
    assert read.line_of(("a", 1, "d")) == 7
    assert read.line_of(("a", 0, "nothing", "here")) == 3
    assert read.line_of(("nothing",)) == 2


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: [1, 2", 2, "not well-formed"),
        ("a: 1\n b: 2", 2, "not well-formed"),
        ("a: 1\nb: \x07", 2, "not well-formed"),
        ("a: 1\n\tb: 2", 2, "not well-formed"),
        ("%YAML 9.9\n---\na: 1", 1, "not well-formed"),
        ("a: 1\nb: 2\na: 3", 3, "The key “a” is there twice."),
        ("a: &x [1]\nb: *x", 1, "Anchors and aliases are not allowed."),
        ("a:\n  *x", 2, "Anchors and aliases are not allowed."),
        ("&x a: 1", 1, "Anchors and aliases are not allowed."),
        ("a: 1\nb: !!python/object/apply:os.system [ls]", 2, "Tags are not allowed."),
        ("!!set {a, b}", 1, "Tags are not allowed."),
        ("a: 1\n---\nb: 2", 2, "more than one document"),
        ("a: 1\n2: b", 2, "A key must be text."),
        ("a: 1\n? [b]\n: c", 2, "A key must be text."),
        ("a: " + "9" * 30, 1, "The number is too long."),
        ("a: 1e999", 1, "The number is too large."),
        ("[" * 30 + "]" * 30, 1, "The nesting is too deep."),
        ("[" * 100_000, 1, "The nesting is too deep."),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_line(
    file: Path, text: str, line: int, reason: str
) -> None:
    file.write_text(text)

    with pytest.raises(BrokenFile) as refused:
        read_yaml(file, "file.yaml")

    assert (refused.value.problem.file, refused.value.problem.line) == ("file.yaml", line)
    assert reason in refused.value.problem.reason.en


def test_a_file_in_another_encoding_is_refused_with_its_line(file: Path) -> None:
    file.write_bytes("a: 1\nb: ماء\n".encode("windows-1256"))

    with pytest.raises(BrokenFile) as refused:
        read_yaml(file, "file.yaml")

    assert refused.value.problem.line == 2
    assert refused.value.problem.reason.en == "The file is not encoded in UTF-8."


def test_a_file_over_a_megabyte_is_refused(file: Path) -> None:
    file.write_text("#" * (LARGEST_FILE + 1))

    with pytest.raises(BrokenFile) as refused:
        read_yaml(file, "file.yaml")

    assert refused.value.problem.reason.en == "The file is larger than 1 MB."


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@ \n\t0\u202e\u0660\ud83d?,", max_size=40) | st.text(max_size=40))
def test_any_text_is_read_or_refused(file: Path, text: str) -> None:
    file.write_bytes(text.encode("utf-8", "surrogatepass"))

    try:
        outcome = type(read_yaml(file, "file.yaml").data)
    except BrokenFile as refused:
        assert refused.problem.line >= 1  # noqa: PT017 - either outcome is right, a crash is not
    else:
        assert outcome in (dict, list, str, int, float, bool, type(None))
