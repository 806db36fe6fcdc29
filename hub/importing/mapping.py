"""Mappings: what a city's columns, dates, labels and numbers mean, read from YAML (see docs/importing.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from hub.importing.dates import DateReader, UnusableFormat, compile_format
from hub.importing.errors import MappingNotText, MappingTooLong, UnreadableFile, excerpt
from hub.importing.sections import Section, load
from hub.vocabulary import Channel, Kind
from tenants.languages import Text

FORMAT = 1
MAPPING_LIMIT = 256 * 1024
REQUIRED_COLUMNS = ("external_id", "opened_at", "status", "service")
OPTIONAL_COLUMNS = (
    "closed_at",
    "due_at",
    "subject",
    "description",
    "resolution",
    "team",
    "channel",
    "kind",
    "latitude",
    "longitude",
    "address",
    "district",
    "governorate",
)
# Encodings in which the bytes of line ends, quotes and separators mean only that, under the names people use.
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "iso-8859-1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "iso-8859-6": "iso-8859-6",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "windows-1256": "cp1256",
    "cp1256": "cp1256",
}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

Value = TypeVar("Value")
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Labels(Generic[Value]):
    """What a column's own words mean; any other word means `otherwise`, and is refused where that is None."""

    meanings: dict[str, Value]
    otherwise: Value | None

    def meaning(self, label: str) -> Value | None:
        """What a word means, or None if rows with it are to be refused."""
        return self.meanings.get(label, self.otherwise)


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """One kind of file, understood: which column is what, and what its texts mean.

    `source` is the stable name of where the rows come from: (tenant, source, external id) tells whether a
    row is known already. `columns` gives the file's column for each field of a row. `closed` answers for
    a status. `encoding` is one of the values of `ENCODINGS`; without `delimiter` it is found in the file.
    """

    name: Text
    source: str
    encoding: str
    delimiter: str | None
    dates: DateReader
    columns: dict[str, str]
    closed: Labels[bool]
    channel: Labels[Channel]
    kind: Labels[Kind]
    thousands: str
    decimal: str
    tenants: dict[str, Text] = field(default_factory=dict)

    def tenant_name(self, label: str) -> Text:
        """A tenant's name for people: as the mapping gives it, else the file's own label."""
        return self.tenants.get(label) or Text(ar=label, en=label)


def read_mapping(path: Path) -> ImportMapping:
    """The mapping in a file.

    Raises `UnreadableFile`, and `BrokenMapping` with the line for anything that is not exactly a mapping.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAPPING_LIMIT + 1)
    except OSError as problem:
        raise UnreadableFile(field="mapping", name=path.name) from problem
    if len(content) > MAPPING_LIMIT:
        raise MappingTooLong(line=1, field="mapping", limit=MAPPING_LIMIT)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise MappingNotText(line=line, field="mapping") from problem
    return parse_mapping(text)


def parse_mapping(text: str) -> ImportMapping:
    """The mapping in a YAML text. Raises `BrokenMapping` with the line."""
    top = load(text)
    if top.whole_number("format") != FORMAT:
        raise top.wrong(
            "format",
            Text(
                ar=f"الإصدار المعروف هو {FORMAT}.",
                en=f"The version known here is {FORMAT}.",
            ),
        )
    top.only(
        "format", "name", "source", "encoding", "delimiter", "zone", "dates", "columns", "status", "channel",
        "kind", "numbers", "tenants",
    )  # fmt: skip
    columns = _columns(top)
    dates = _dates(top)
    thousands, decimal = _numbers(top)
    return ImportMapping(
        name=top.bilingual("name"),
        source=_source(top),
        encoding=ENCODINGS[top.choice("encoding", ENCODINGS, default="utf-8")],
        delimiter=DELIMITERS[top.choice("delimiter", DELIMITERS)] if "delimiter" in top else None,
        dates=dates,
        columns=columns,
        closed=_status(top),
        channel=_channel(top, "channel" in columns),
        kind=_kind(top, "kind" in columns),
        thousands=thousands,
        decimal=decimal,
        tenants=_tenants(top),
    )


def _source(top: Section) -> str:
    source = top.text("source")
    if not _SOURCE.fullmatch(source):
        raise top.wrong(
            "source",
            Text(
                ar="المطلوب اسم ثابت من حروف لاتينية صغيرة وأرقام وشرطات، لا يزيد على 63 حرفًا.",
                en="It must be a stable name of small Latin letters, digits and hyphens, at most 63 of them.",
            ),
        )
    return source


def _columns(top: Section) -> dict[str, str]:
    section = top.section("columns")
    section.only(*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
    columns = {key: " ".join(section.text(key).split()) for key in (*REQUIRED_COLUMNS, *section.names())}
    for given, needed in (("latitude", "longitude"), ("longitude", "latitude")):
        if given in columns:
            section.value(needed)
    return columns


def _dates(top: Section) -> DateReader:
    name = top.choice("zone", available_timezones())
    section = top.section("dates")
    section.only("formats")
    formats = section.texts("formats")
    for index, pattern in enumerate(formats):
        try:
            compile_format(pattern)
        except UnusableFormat as problem:
            raise section.wrong("formats", problem.rule, line=section.line_in("formats", index)) from problem
    return DateReader(formats, ZoneInfo(name))


def _status(top: Section) -> Labels[bool]:
    section = top.section("status")
    section.only("closed", "open", "otherwise")
    closed = section.texts("closed")
    opened = section.texts("open") if "open" in section else []
    if both := sorted(set(closed) & set(opened)):
        raise section.wrong(
            "open",
            Text(
                ar=f"الحالة «{excerpt(both[0])}» مذكورة بوصفها مغلقة ومفتوحة معًا.",
                en=f"The status “{excerpt(both[0])}” stands under both closed and open.",
            ),
        )
    otherwise = section.choice("otherwise", ("open", "refuse"), default="refuse")
    return Labels(
        dict.fromkeys(opened, False) | dict.fromkeys(closed, True), False if otherwise == "open" else None
    )


def _channel(top: Section, has_column: bool) -> Labels[Channel]:
    if not has_column:
        if "channel" in top:
            raise top.wrong("channel", _needs_column("channel"))
        return Labels({}, Channel.UNKNOWN)
    labels = _labels(top.section("channel"), Channel)
    # A row that says nothing about its channel says nothing wrong.
    return Labels({"": Channel.UNKNOWN} | labels.meanings, labels.otherwise)


def _kind(top: Section, has_column: bool) -> Labels[Kind]:
    if has_column:
        return _labels(top.section("kind"), Kind)
    if top.holds_section("kind"):
        raise top.wrong("kind", _needs_column("kind"))
    return Labels({}, Kind(top.choice("kind", list(Kind))))


def _needs_column(key: str) -> Text:
    return Text(
        ar=f"لا معنى لهذا القسم ما لم يُذكر العمود columns.{key}.",
        en=f"This section means nothing unless columns.{key} names a column.",
    )


def _labels(section: Section, meaning: type[Word]) -> Labels[Word]:
    known = [str(member) for member in meaning]
    section.only("labels", "otherwise")
    labels = section.section("labels")
    otherwise = section.choice("otherwise", [*known, "refuse"], default="refuse")
    return Labels(
        {label.strip(): meaning(labels.choice(label, known)) for label in labels.names()},
        None if otherwise == "refuse" else meaning(otherwise),
    )


def _numbers(top: Section) -> tuple[str, str]:
    if "numbers" not in top:
        return "", "."
    section = top.section("numbers")
    section.only("thousands", "decimal")
    marks = (".", ",", "'", "٬", "٫")
    thousands = section.choice("thousands", marks, default="")
    decimal = section.choice("decimal", marks, default=".")
    if thousands == decimal:
        raise section.wrong(
            "thousands",
            Text(
                ar="لا يجوز أن تكون فاصلة الآلاف هي فاصلة الكسور.",
                en="It cannot be the same mark as the decimal one.",
            ),
        )
    return thousands, decimal


def _tenants(top: Section) -> dict[str, Text]:
    if "tenants" not in top:
        return {}
    section = top.section("tenants")
    return {label.strip(): section.bilingual(label) for label in section.names()}
