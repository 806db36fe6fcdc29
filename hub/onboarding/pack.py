"""A pack read whole: a tenant written down as a folder of files, checked before anything is done with it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from hub.calendars.working_time import WorkingTime, working_time
from hub.forms.definition import read_form
from hub.forms.errors import BrokenForm
from hub.forms.shape import Form
from hub.looks.errors import BadLogo
from hub.looks.logos import Logo, read_logo
from hub.looks.models import LogoKind
from hub.onboarding.cross_checks import Parts, problems_between
from hub.onboarding.errors import BrokenPack, Problem
from hub.onboarding.pack_parts import (
    CalendarPart,
    ClassPart,
    ServiceLevelPart,
    ServicePart,
    TeamPart,
    TenantPart,
    UserPart,
)
from hub.onboarding.reasons import reason_for
from hub.onboarding.yaml_files import BrokenFile, Place, YamlFile, read_yaml
from hub.routing.errors import BrokenRouting
from hub.routing.rules import RuleSet, parse_rules
from tenants.languages import Text

FILES = (
    "tenant.yaml",
    "calendars.yaml",
    "teams.yaml",
    "classes.yaml",
    "services.yaml",
    "routing.yaml",
    "service_levels.yaml",
    "users.yaml",
)
# The body's logo, if it has one: the one or the other.
LOGOS = {f"logo.{kind.value}": kind for kind in LogoKind}
MOST_FORMS = 500
LARGEST_PACK = 3_000_000

_FORM_FILE = re.compile(r"([a-z][a-z0-9_]{0,59})\.yaml")
_STEP = re.compile(r"\[([0-9]+)\]|([^.\[\]]+)")
_Part = TypeVar("_Part")

_TENANT: TypeAdapter[TenantPart] = TypeAdapter(TenantPart)
_CALENDARS: TypeAdapter[tuple[CalendarPart, ...]] = TypeAdapter(
    Annotated[tuple[CalendarPart, ...], Field(min_length=1)]
)
_TEAMS: TypeAdapter[tuple[TeamPart, ...]] = TypeAdapter(Annotated[tuple[TeamPart, ...], Field(min_length=1)])
_CLASSES: TypeAdapter[tuple[ClassPart, ...]] = TypeAdapter(tuple[ClassPart, ...])
_SERVICES: TypeAdapter[tuple[ServicePart, ...]] = TypeAdapter(
    Annotated[tuple[ServicePart, ...], Field(min_length=1)]
)
_LEVELS: TypeAdapter[tuple[ServiceLevelPart, ...]] = TypeAdapter(tuple[ServiceLevelPart, ...])
_USERS: TypeAdapter[tuple[UserPart, ...]] = TypeAdapter(tuple[UserPart, ...])

_MISSING = Text(ar="هذا الملف غير موجود في الحزمة.", en="The pack has no such file.")
_OUTSIDE = Text(
    ar="ليس ملفًا عاديًا داخل مجلد الحزمة.", en="This is not an ordinary file inside the pack's folder."
)
_UNKNOWN_FILE = Text(
    ar="هذا الملف ليس من ملفات الحزمة؛ راجع اسمه.", en="This is not a file of a pack; check its name."
)

_TWO_LOGOS = Text(ar="في الحزمة شعاران؛ أبقِ واحدًا.", en="The pack has two logos; keep one of them.")
_TOO_MANY_FORMS = Text(ar=f"عدد النماذج أكثر من {MOST_FORMS}.", en=f"There are more than {MOST_FORMS} forms.")
_TOO_LARGE = Text(ar="حجم الحزمة كلها أكثر من 3 ميجابايت.", en="The whole pack is larger than 3 MB.")


@dataclass(frozen=True, slots=True)
class Pack:
    """A tenant as its pack describes it; every code that is spoken of exists.

    `forms` are by the name that services call them by; `routing` holds the rules as plain data, for
    storing, and `rules` the same ready for use.
    """

    tenant: TenantPart
    calendars: tuple[CalendarPart, ...]
    teams: tuple[TeamPart, ...]
    classes: tuple[ClassPart, ...]
    services: tuple[ServicePart, ...]
    forms: Mapping[str, Form]
    routing: list[Any]
    rules: RuleSet
    service_levels: tuple[ServiceLevelPart, ...]
    users: tuple[UserPart, ...]
    logo: Logo | None = None

    def working_time(self, calendar: str) -> WorkingTime:
        """The working time of the pack's calendar with that code, in the tenant's zone."""
        part = next(part for part in self.calendars if part.code == calendar)
        return working_time(part.opening_hours, part.holiday_dates, self.tenant.zone)


def read_pack(folder: Path) -> Pack:
    """Read a pack from a folder laid out as `docs/packs.md` says.

    Raises BrokenPack with every problem found: first those inside single files, and once each file
    stands for itself, those between them. Nothing outside the folder is read, whatever the pack says.
    """
    reading = _Reading(folder)
    tenant = reading.part("tenant.yaml", _TENANT)
    calendars = reading.part("calendars.yaml", _CALENDARS)
    teams = reading.part("teams.yaml", _TEAMS)
    classes = reading.part("classes.yaml", _CLASSES)
    services = reading.part("services.yaml", _SERVICES)
    levels = reading.part("service_levels.yaml", _LEVELS)
    users = reading.part("users.yaml", _USERS)
    routing = reading.file("routing.yaml")
    forms = reading.forms()
    logo = reading.logo()
    if (
        reading.problems
        or tenant is None
        or calendars is None
        or teams is None
        or classes is None
        or services is None
        or levels is None
        or users is None
        or routing is None
    ):
        raise BrokenPack(reading.problems)
    parts = Parts(reading.files, tenant, calendars, teams, classes, services, forms, levels, users)
    problems = list(problems_between(parts))
    rules, problem = _read_rules(routing, parts)
    # Rules speak of services: what a broken service makes of them is no second mistake.
    if problem and not any(other.file == "services.yaml" for other in problems):
        problems.append(problem)
    if problems or rules is None:
        raise BrokenPack(problems)
    return Pack(
        tenant,
        calendars,
        teams,
        classes,
        services,
        forms,
        routing.data,
        rules,
        service_levels=levels,
        users=users,
        logo=logo,
    )


def _read_rules(routing: YamlFile, parts: Parts) -> tuple[RuleSet | None, Problem | None]:
    try:
        return parse_rules(routing.data, parts.known_to_routing()), None
    except BrokenRouting as broken:
        return None, routing.problem(broken.path, broken.reason)


class _Reading:
    """One pass over a pack's folder, gathering the problems of single files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.files: dict[str, YamlFile] = {}
        self.size = 0
        self.problems: list[Problem] = list(self._unknown_files())

    def file(self, name: str) -> YamlFile | None:
        """A file's content; None, and a problem, when it cannot be read."""
        path = self.folder / name
        if not path.exists():
            self.problems.append(Problem(name, 1, "", _MISSING))
            return None
        if not self._can_be_read(path, name):
            return None
        try:
            self.files[name] = read_yaml(path, name)
        except BrokenFile as broken:
            self.problems.append(broken.problem)
            return None
        return self.files[name]

    def _can_be_read(self, path: Path, name: str) -> bool:
        """Whether a file that is there may be read; a problem, where it may not."""
        # A link could lead out of the folder, and a pipe would never end.
        if not path.resolve().is_relative_to(self.folder) or not path.is_file():
            self.problems.append(Problem(name, 1, "", _OUTSIDE))
            return False
        self.size += path.stat().st_size
        if self.size > LARGEST_PACK:
            self.problems.append(Problem(name, 1, "", _TOO_LARGE))
            return False
        return True

    def logo(self) -> Logo | None:
        """The logo, cleaned; None where there is none and, with problems, where it cannot be one."""
        there = [name for name in LOGOS if os.path.lexists(self.folder / name)]
        if len(there) > 1:
            self.problems.append(Problem(there[1], 1, "", _TWO_LOGOS))
            return None
        if not there or not self._can_be_read(self.folder / there[0], there[0]):
            return None
        try:
            return read_logo(LOGOS[there[0]], (self.folder / there[0]).read_bytes())
        except BadLogo as refusal:
            self.problems.append(Problem(there[0], refusal.line, "", refusal.sentence_of_it))
            return None

    def part(self, name: str, shape: TypeAdapter[_Part]) -> _Part | None:
        """A file read into its part; None, and problems, when it does not fit."""
        file = self.file(name)
        if file is None:
            return None
        try:
            return shape.validate_python(file.data)
        except ValidationError as errors:
            for error in errors.errors(include_url=False, include_input=False):
                self.problems.append(file.problem(error["loc"], reason_for(error)))
            return None

    def forms(self) -> dict[str, Form]:
        """The forms by stem, without those that cannot be read."""
        forms: dict[str, Form] = {}
        for stem in self._form_stems():
            file = self.file(f"forms/{stem}.yaml")
            if file is None:
                continue
            try:
                forms[stem] = read_form(file.data)
            except BrokenForm as broken:
                self.problems.append(file.problem(_path_of(broken.place), broken.reason))
        return forms

    def _form_stems(self) -> list[str]:
        folder = self.folder / "forms"
        if not folder.is_dir() or not folder.resolve().is_relative_to(self.folder):
            return []
        stems = sorted(found[1] for entry in folder.iterdir() if (found := _FORM_FILE.fullmatch(entry.name)))
        return stems[:MOST_FORMS]

    def _unknown_files(self) -> Iterator[Problem]:
        if not self.folder.is_dir():
            return
        for entry in sorted(self.folder.iterdir()):
            if entry.name not in (*FILES, *LOGOS, "forms", "README.md") and not entry.name.startswith("."):
                yield Problem(entry.name, 1, "", _UNKNOWN_FILE)
        forms = self.folder / "forms"
        if forms.is_dir() and forms.resolve().is_relative_to(self.folder):
            for number, entry in enumerate(sorted(forms.iterdir()), start=1):
                if not _FORM_FILE.fullmatch(entry.name) and not entry.name.startswith("."):
                    yield Problem(f"forms/{entry.name}", 1, "", _UNKNOWN_FILE)
                elif number > MOST_FORMS:
                    yield Problem(f"forms/{entry.name}", 1, "", _TOO_MANY_FORMS)
        elif forms.exists():
            yield Problem("forms", 1, "", _OUTSIDE)


def _path_of(place: str) -> Place:
    """The path that a form's refusal writes as `pages[0].questions[2].limits`."""
    return tuple(int(index) if index else name for index, name in _STEP.findall(place))
