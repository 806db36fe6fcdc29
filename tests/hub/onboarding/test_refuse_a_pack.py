"""Packs that are refused, with the file, the line and the reason."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from hub.onboarding.pack import read_pack
from tenants.languages import Language
from tests.hub.onboarding.packs import PACKS, copy_of, refusal_of

SMALLEST = "university-enrolment"


class Edit(NamedTuple):
    """One edit of a whole pack, and why it is refused; `line` where that is not the line of the edit."""

    before: str
    after: str
    reason: str
    line: int | None = None


PATTERN = "not written in the required way"
FIGURES = "Text is expected; put figures in quotes."
CHOICE_OF_BRANCH = "kind: {}\n        label: {{ar: الشعبة"

TENANT = (
    Edit("format: 1", "format: 2", "Accepted here are: 1."),
    Edit("code: univ", "code: Univ", PATTERN),
    Edit("country: egypt", "country: oz", "“oz” is not known; known are: egypt"),
    Edit('phone: "16528"', "phone: 16528", FIGURES),
    Edit("Africa/Cairo", "Africa/Thebes", "Africa/Thebes"),
    Edit("language: ar", "language: fr", "Accepted here are: 'ar' or 'en'."),
    Edit("governorates: all", "governorates: [atlantis]", "no governorate “atlantis”"),
    Edit("governorates: all", "governorates: some", "Either all or a list"),
    Edit('"#4338CA"', "indigo", PATTERN),
    Edit("colour:", "color: x\ncolour:", "The key “color” is not known here."),
    Edit('colour: "#4338CA"\n', "", "The key “colour” is missing.", line=1),
    Edit("{ar: التنسيق, en: Enrolment}", "{ar: التنسيق}", "A text in Arabic (ar)"),
    Edit("ar: التنسيق,", "ar: Tansik,", "has no Arabic letters"),
    Edit("en: Enrolment}", "en: القبول}", "has no Latin letters"),
    Edit("en: Enrolment}", 'en: "Enr\\u202eolment"}', "invisible characters"),
    Edit("en: Enrolment}", 'en: "Enr\\0olment"}', "invisible characters"),
    Edit("en: Enrolment}", f"en: {'long ' * 30}}}", "A text of 1 to 120 characters"),
)
CALENDARS = (
    Edit("Su-Th 09:00-17:00\n  hol", "Su-Th 9 to 5\n  hol", "cannot be understood"),
    Edit("Su-Th 09:00-17:00\n  hol", "Su-Th off\n  hol", "never opens"),
    Edit("holidays: egypt", "holidays: oz", "no reference data named “oz”"),
    Edit("holidays: []", "holidays: [2026-13-01]", "“2026-13-01” is not a date"),
    Edit("holidays: []", "holidays: [20260107]", "“20260107” is not a date"),
    Edit("code: season", "code: office", "“office” is in this file twice."),
)
TEAMS = (Edit("line: agent", "line: front", "Accepted here are: 'agent', 'follow_up' or 'field'."),)
CLASSES = (Edit("code: support", "code: Support", PATTERN),)
SERVICES = (
    Edit("class: support", "class: sport", "There is no class “sport”"),
    Edit("team: appeals", "team: appeal", "There is no team “appeal”"),
    Edit("form: sign_in\n", "form: sign_on\n", "There is no form “sign_on”"),
    Edit("form: sign_in\n", "form: ../../secrets\n", PATTERN),
    Edit("kind: inquiry", "kind: wish", "Accepted here are: 'complaint', 'inquiry'"),
    Edit("screened: false", "screened: no", "Either true or false is expected."),
    Edit('{lgsl: "11"}', "{lgsl: 11}", FIGURES),
    Edit("[studying, disability]", "[studying, dancing]", "“dancing” is not known"),
    Edit("code: aptitude_test\n", "code: sign_in_number\n", "is in this file twice"),
)
FORM = (
    Edit(CHOICE_OF_BRANCH.format("choice"), CHOICE_OF_BRANCH.format("guess"), ""),
    Edit("{question: reason, is: marks_changed}", "{question: mood, is: bad}", ""),
    Edit("{question: reason, is: marks_changed}", "{question: reason, is: bad}", ""),
)
ROUTING = (
    Edit("{wrong: marks}", "{wrong: merit}", "“merit” is not a known value"),
    Edit("{wrong: marks}", "{wrnog: marks}", "does not ask “wrnog”"),
    Edit("team: placements", "team: nobody", "There is no team “nobody”"),
    Edit("{service: data_correction, answers", "{service: data, answers", "“data” is not a known value"),
    Edit("- catch_all: student_help\n", "", "must end with a “catch_all”", line=10),
)
LEVELS = (
    Edit("resolution: 32h", "resolution: 4d", "day"),
    Edit("resolution: 32h", "resolution: 32", FIGURES),
    Edit("service: sign_in_number", "service: sign", "There is no service “sign”"),
    Edit("service: sign_in_number", "priority: high", "There is another level"),
    Edit("- first_response: 4h\n", "- priority: low\n  first_response: 4h\n", "A general level"),
    Edit(
        "resolution: 32h", "resolution: 32h\n  case: 90h", "Only the hub's own pack sets the target", line=3
    ),
    Edit("12h\n  calendar: season", "12h\n  calendar: winter", "There is no calendar “winter”"),
    Edit(
        "calendar: office\n",
        "calendar: office\n  ladder: [{at: 90, tells: team_lead}]\n",
        "there must be a rung at 100",
    ),
    Edit(
        "calendar: office\n",
        "calendar: office\n  ladder: [{at: 100, tells: president}]\n",
        "Accepted here are: 'agent'",
    ),
)
USERS = (
    Edit("teams: [certificates]", "teams: [diplomas]", "There is no team “diplomas”"),
    Edit("roles: [agent]", "roles: [minister]", "Accepted here are: 'agent'"),
    Edit("roles: [agent]", "roles: []", "The list is empty."),
    Edit("user_name: amr.zaki", "user_name: aya.mostafa", "“aya.mostafa” is in this file twice."),
)
EDITS = {
    "tenant.yaml": TENANT,
    "calendars.yaml": CALENDARS,
    "teams.yaml": TEAMS,
    "classes.yaml": CLASSES,
    "services.yaml": SERVICES,
    "forms/appeal.yaml": FORM,
    "routing.yaml": ROUTING,
    "service_levels.yaml": LEVELS,
    "users.yaml": USERS,
}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return copy_of(SMALLEST, tmp_path)


def test_the_copy_that_the_others_break_is_whole(pack: Path) -> None:
    assert read_pack(pack) == read_pack(PACKS / SMALLEST)


@pytest.mark.parametrize(("file", "edit"), [(file, edit) for file, edits in EDITS.items() for edit in edits])
def test_a_broken_line_is_named(pack: Path, file: str, edit: Edit) -> None:
    whole = (pack / file).read_text()
    assert edit.before in whole
    broken = whole.replace(edit.before, edit.after, 1)
    (pack / file).write_text(broken)
    lines = zip(whole.splitlines(), broken.splitlines(), strict=False)

    refused = refusal_of(pack)

    line = edit.line or next(number for number, (old, new) in enumerate(lines, start=1) if old != new)
    assert (refused.file, refused.line) == (file, line), refused.reason.en
    assert edit.reason in refused.reason.en
    assert refused.sentence(Language.ARABIC) == f"الملف «{file}»، السطر {line}: {refused.reason.ar}"


def test_every_problem_is_told_at_once(pack: Path) -> None:
    services = pack / "services.yaml"
    services.write_text(services.read_text().replace("class: support", "class: sport"))
    users = pack / "users.yaml"
    users.write_text(
        users.read_text().replace("[certificates]", "[diplomas]").replace("[appeals]", "[pleas]")
    )

    assert [problem.file for problem in refusal_of(pack).problems] == [
        "services.yaml",
        "users.yaml",
        "users.yaml",
    ]


def test_a_service_without_any_target_is_named(pack: Path) -> None:
    levels = pack / "service_levels.yaml"
    levels.write_text("- {resolution: 8h, calendar: office}\n")

    refused = refusal_of(pack)

    assert (refused.file, refused.line) == ("services.yaml", 1)
    assert refused.reason.en == "This service has no target (first_response) at priority low."
    assert len(refused.problems) == 9


@pytest.mark.parametrize("name", [*EDITS, "routing.yaml"])
def test_a_missing_file_is_named(pack: Path, name: str) -> None:
    (pack / name).unlink()

    refused = refusal_of(pack)

    if name.startswith("forms/"):
        assert refused.file == "services.yaml"
        assert refused.reason.en.startswith("There is no form “appeal”")
    else:
        assert (refused.file, refused.line) == (name, 1)
        assert refused.reason.en == "The pack has no such file."


def test_a_folder_that_is_not_there_has_no_tenant(tmp_path: Path) -> None:
    assert {problem.reason.en for problem in refusal_of(tmp_path / "nowhere").problems} == {
        "The pack has no such file."
    }


@pytest.mark.parametrize("name", ["service_level.yaml", "forms/Appeal.yaml", "forms/appeal.yml", "notes.txt"])
def test_a_file_that_nobody_would_read_is_refused(pack: Path, name: str) -> None:
    (pack / name).write_text("x")

    refused = refusal_of(pack)

    assert refused.file == name
    assert refused.reason.en == "This is not a file of a pack; check its name."


def test_a_form_that_no_service_uses_is_refused(pack: Path) -> None:
    (pack / "forms" / "spare.yaml").write_text((pack / "forms" / "appeal.yaml").read_text())

    assert refusal_of(pack).file == "forms/spare.yaml"


def test_a_read_me_and_hidden_files_are_let_be(pack: Path) -> None:
    (pack / "README.md").write_text("About this agency.")
    (pack / ".directory").write_text("x")

    assert read_pack(pack).tenant.code == SMALLEST


@pytest.mark.parametrize("name", ["users.yaml", "forms/appeal.yaml"])
def test_a_link_out_of_the_folder_is_not_followed(pack: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside.yaml"
    (pack / name).rename(outside)
    (pack / name).symlink_to(outside)

    refused = refusal_of(pack)

    assert refused.file == name
    assert refused.reason.en == "This is not an ordinary file inside the pack's folder."


def test_a_folder_of_forms_that_lies_elsewhere_is_not_followed(pack: Path, tmp_path: Path) -> None:
    (pack / "forms").rename(tmp_path / "forms_outside")
    (pack / "forms").symlink_to(tmp_path / "forms_outside")

    assert refusal_of(pack).file == "forms"


def test_a_folder_in_the_place_of_a_file_is_refused(pack: Path) -> None:
    (pack / "users.yaml").unlink()
    (pack / "users.yaml").mkdir()

    assert refusal_of(pack).reason.en == "This is not an ordinary file inside the pack's folder."


def test_a_pack_that_is_large_in_all_is_refused_even_if_each_file_is_not(pack: Path) -> None:
    for name in ("tenant.yaml", "teams.yaml", "users.yaml", "routing.yaml"):
        text = (pack / name).read_text()
        (pack / name).write_text(text + "#" * (950_000 - len(text.encode())))

    assert {problem.reason.en for problem in refusal_of(pack).problems} == {
        "The whole pack is larger than 3 MB."
    }


def test_a_logo_that_might_do_something_is_refused_by_its_line(pack: Path) -> None:
    drawing = pack / "logo.svg"
    drawing.write_text(drawing.read_text().replace("</svg>", "<script/></svg>"))

    refused = refusal_of(pack)

    assert (refused.file, refused.line) == ("logo.svg", len(drawing.read_text().splitlines()))
    assert "the element “script” is not allowed" in refused.reason.en
    assert "العنصر «script» غير مسموح به" in refused.reason.ar


def test_two_logos_and_a_link_in_the_place_of_one_are_refused(pack: Path, tmp_path: Path) -> None:
    (pack / "logo.png").write_bytes(b"")
    assert refusal_of(pack).reason.en == "The pack has two logos; keep one of them."
    (pack / "logo.png").unlink()
    (pack / "logo.svg").rename(tmp_path / "outside.svg")
    (pack / "logo.svg").symlink_to(tmp_path / "outside.svg")
    assert refusal_of(pack).reason.en == "This is not an ordinary file inside the pack's folder."
