"""The rows of an imported file, one at a time: mapped, or refused with the reason."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NoReturn, TypeVar

from hub.importing.errors import (
    BrokenQuotes,
    CutOff,
    DamagedFile,
    EmptyCell,
    EmptyFile,
    HalfAPlace,
    HoldsNul,
    ImpossibleDate,
    NotACoordinate,
    NoTenantColumn,
    NotInEncoding,
    NotThisMappingsFile,
    RepeatedColumn,
    RowDoesNotMap,
    RowTooLong,
    UnknownLabel,
    UnreadableFile,
    UnreadableHeader,
    UnsoundLabel,
    WrongColumnCount,
    did_you_mean,
    excerpt,
)
from hub.importing.lines import RECORD_LIMIT, Damage, Flaw, Lines, RecordTooLong
from hub.importing.mapping import DELIMITERS, ImportMapping, Labels
from hub.vocabulary import Channel, Kind
from tenants.languages import Language, Text

# What figures call the rows whose column is absent or whose cell is empty.
NO_LABEL = "(none)"
# Numbers and names that others are found by; the longest in the example cities have 59 characters.
LABEL_LIMIT = 200
_UNSOUND = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LATITUDE_LIMIT = 90
_LONGITUDE_LIMIT = 180
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """One request of the city's history, every time in UTC and every label as the city wrote it.

    Contradictions are kept as found: `closed_at` may be before `opened_at`, absent from a closed row, or
    present on an open one. `line` is where the row begins in the file; the header is line 1.
    """

    line: int
    external_id: str
    tenant_label: str
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    closed: bool
    status_label: str
    service_label: str
    team_label: str | None
    channel: Channel
    channel_label: str
    kind: Kind
    subject: str | None
    description: str | None
    resolution: str | None
    latitude: float | None
    longitude: float | None
    address: str | None
    district: str | None
    governorate: str | None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was left out: `code` is the stable name of the reason, `field` the column at fault."""

    line: int
    external_id: str | None
    code: str
    reason: Text
    field: str | None


def open_rows(path: Path, mapping: ImportMapping, tenant_by: str) -> RowStream:
    """Open a city's file, plain or gzip, for reading by a mapping; close the stream after use (`with`).

    Raises `UnreadableFile`, `EmptyFile`, `UnreadableHeader`, `RepeatedColumn`, and `NotThisMappingsFile`
    when a column of the mapping, or the one that tells the tenants apart, is missing.
    """
    try:
        file = path.open("rb")
    except OSError as problem:
        raise UnreadableFile(field="file", name=path.name) from problem
    try:
        return RowStream(file, mapping, tenant_by)
    except BaseException:
        file.close()
        raise


class RowStream:
    """The rows of one open file by its mapping; `position` of `size` bytes on disk are read so far."""

    def __init__(self, file: BinaryIO, mapping: ImportMapping, tenant_by: str) -> None:
        self.rows_read = 0
        self.mapping = mapping
        self.tenant_by = _tidy(tenant_by)
        self._file = file
        self._lines = Lines(file, mapping.encoding)
        delimiter, self.header = _read_header(self._lines, mapping, tenant_by)
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self._map = _RowMap(mapping, tenant_by, self.header)

    @property
    def position(self) -> int:
        """Bytes of the file on disk that were read so far; for a gzip file these are the packed ones."""
        return self._lines.position

    @property
    def size(self) -> int:
        """Bytes of the file on disk."""
        return self._lines.size

    def __enter__(self) -> RowStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __iter__(self) -> Iterator[ImportedRow | RefusedRow]:
        """The rows in the file's order, once.

        Raises `CutOff` or `DamagedFile` after the last whole row if the file does not end as it should.
        """
        lines, reader, to_row = self._lines, self._reader, self._map.row
        width = len(self.header)
        while True:
            lines.begin_record()
            line = lines.number + 1
            cells: list[str] = []
            refusal: RowDoesNotMap | None = None
            try:
                cells = next(reader)
            except StopIteration:
                break
            except RecordTooLong:
                refusal = RowTooLong(limit=RECORD_LIMIT)
            except csv.Error:
                if lines.at_end:
                    raise self._ending(line) from None
                refusal = BrokenQuotes(limit=csv.field_size_limit(), line=line, last=lines.number)
            if refusal is None:
                if not cells:
                    continue
                if len(cells) < width and not lines.ended_whole:
                    raise self._ending(line)
                refusal = self._flaw(cells)
            if refusal is None:
                try:
                    row = to_row(line, cells)
                except RowDoesNotMap as problem:
                    refusal = problem
                else:
                    self.rows_read += 1
                    yield row
                    continue
            self.rows_read += 1
            yield self._map.refused(line, cells, refusal)
        if lines.damage is not None:
            raise self._ending(lines.number + 1)

    def _flaw(self, cells: list[str]) -> RowDoesNotMap | None:
        if self._lines.flaw is Flaw.NUL:
            return HoldsNul()
        if self._lines.flaw is Flaw.NOT_IN_ENCODING:
            return NotInEncoding(encoding=self.mapping.encoding)
        if len(cells) != len(self.header):
            return WrongColumnCount(found=len(cells), expected=len(self.header))
        return None

    def _ending(self, line: int) -> CutOff:
        kind = DamagedFile if self._lines.damage is Damage.CORRUPT else CutOff
        return kind(line=line, rows=self.rows_read, field="file")


def _read_header(lines: Lines, mapping: ImportMapping, tenant_by: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter under which most of the wanted columns are found, and the header's names."""
    wanted = dict.fromkeys([*mapping.columns.values(), _tidy(tenant_by)])
    texts = _header_lines(lines, mapping)
    candidates = [mapping.delimiter] if mapping.delimiter else list(DELIMITERS.values())
    headers: list[tuple[str, tuple[str, ...]]] = []
    for delimiter in candidates:
        with suppress(csv.Error):
            cells = next(csv.reader(texts, delimiter=delimiter, strict=True))
            headers.append((delimiter, tuple(_tidy(cell) for cell in cells)))
    if not headers:
        raise UnreadableHeader(field="file", encoding=mapping.encoding)
    delimiter, header = max(headers, key=lambda found: (len(wanted.keys() & set(found[1])), len(found[1])))
    missing = tuple(name for name in mapping.columns.values() if name not in header)
    if missing:
        raise NotThisMappingsFile(
            field=missing[0],
            missing=missing,
            mapping=mapping.name,
            suggestion=did_you_mean(missing[0], header),
        )
    if _tidy(tenant_by) not in header:
        raise NoTenantColumn(
            field="tenant_by",
            missing=(tenant_by,),
            mapping=mapping.name,
            suggestion=did_you_mean(tenant_by, header),
        )
    for name in wanted:
        if header.count(name) > 1:
            raise RepeatedColumn(field=name, column=excerpt(name))
    return delimiter, header


def _header_lines(lines: Lines, mapping: ImportMapping) -> list[str]:
    texts: list[str] = []
    quotes = 0
    lines.begin_record()
    try:
        for text in lines:
            # A name in quotation marks may run over several lines; blank lines before the names mean nothing.
            if texts or text.strip():
                texts.append(text)
                quotes += text.count('"')
                if quotes % 2 == 0:
                    break
    except RecordTooLong:
        raise UnreadableHeader(field="file", encoding=mapping.encoding) from None
    if lines.flaw is not None:
        raise UnreadableHeader(field="file", encoding=mapping.encoding)
    if not texts:
        if lines.damage is not None:
            raise (DamagedFile if lines.damage is Damage.CORRUPT else CutOff)(line=1, rows=0, field="file")
        raise EmptyFile(field="file")
    return texts


def _tidy(name: str) -> str:
    return " ".join(name.split())


class _RowMap:
    """Turns the cells of one file into rows; every look-up by column name is done once, here."""

    def __init__(self, mapping: ImportMapping, tenant_by: str, header: tuple[str, ...]) -> None:
        self._header = header
        self._read_date = mapping.dates.read
        self._closed = mapping.closed
        self._channel = mapping.channel
        self._kind = mapping.kind
        self._thousands = mapping.thousands
        self._decimal = mapping.decimal
        self._tenant = header.index(_tidy(tenant_by))
        self._external_id = header.index(mapping.columns["external_id"])
        self._opened_at = header.index(mapping.columns["opened_at"])
        self._status = header.index(mapping.columns["status"])
        self._service = header.index(mapping.columns["service"])
        # Cells get an empty one appended, where every column that the file lacks is found.
        absent = len(header)
        place = {name: index for index, name in enumerate(header)}

        def optional(key: str) -> int:
            return place[mapping.columns[key]] if key in mapping.columns else absent

        self._closed_at = optional("closed_at")
        self._due_at = optional("due_at")
        self._subject = optional("subject")
        self._description = optional("description")
        self._resolution = optional("resolution")
        self._team = optional("team")
        self._channel_cell = optional("channel")
        self._kind_cell = optional("kind")
        self._latitude = optional("latitude")
        self._longitude = optional("longitude")
        self._address = optional("address")
        self._district = optional("district")
        self._governorate = optional("governorate")

    def row(self, line: int, cells: list[str]) -> ImportedRow:
        """The row in some cells. Raises `RowDoesNotMap` with the column at fault."""
        cells = [cell.strip() for cell in cells]
        cells.append("")
        latitude, longitude = self._place(cells)
        return ImportedRow(
            line=line,
            external_id=self._label(cells, self._external_id) or self._empty(self._external_id),
            tenant_label=self._label(cells, self._tenant) or self._empty(self._tenant),
            opened_at=self._date(cells, self._opened_at) or self._empty(self._opened_at),
            closed_at=self._date(cells, self._closed_at),
            due_at=self._date(cells, self._due_at),
            closed=self._meaning(cells, self._status, self._closed),
            status_label=cells[self._status] or NO_LABEL,
            service_label=self._label(cells, self._service) or self._empty(self._service),
            team_label=self._label(cells, self._team) or None,
            channel=self._meaning(cells, self._channel_cell, self._channel),
            channel_label=self._label(cells, self._channel_cell) or NO_LABEL,
            kind=self._meaning(cells, self._kind_cell, self._kind),
            subject=cells[self._subject] or None,
            description=cells[self._description] or None,
            resolution=cells[self._resolution] or None,
            latitude=latitude,
            longitude=longitude,
            address=cells[self._address] or None,
            district=self._label(cells, self._district) or None,
            governorate=self._label(cells, self._governorate) or None,
        )

    def refused(self, line: int, cells: list[str], refusal: RowDoesNotMap) -> RefusedRow:
        """The account of a row that does not map, with its external id where that can be read."""
        external_id = cells[self._external_id].strip() if len(cells) == len(self._header) else ""
        sound = external_id.isprintable() and "\ufffd" not in external_id and len(external_id) <= LABEL_LIMIT
        return RefusedRow(
            line=line,
            external_id=(external_id or None) if sound else None,
            code=refusal.code,
            reason=Text(ar=refusal.sentence(Language.ARABIC), en=refusal.sentence(Language.ENGLISH)),
            field=refusal.field,
        )

    def _empty(self, index: int) -> NoReturn:
        column = self._header[index]
        raise EmptyCell(field=column, column=excerpt(column))

    def _label(self, cells: list[str], index: int) -> str:
        label = cells[index]
        if len(label) > LABEL_LIMIT or _UNSOUND.search(label):
            column = self._header[index]
            raise UnsoundLabel(field=column, value=excerpt(label), column=excerpt(column), limit=LABEL_LIMIT)
        return label

    def _date(self, cells: list[str], index: int) -> datetime | None:
        text = cells[index]
        if not text:
            return None
        moment = self._read_date(text)
        if moment is None:
            column = self._header[index]
            raise ImpossibleDate(field=column, value=excerpt(text), column=excerpt(column))
        return moment

    def _meaning(self, cells: list[str], index: int, labels: Labels[Value]) -> Value:
        meaning = labels.meaning(cells[index])
        if meaning is None:
            column = self._header[index]
            raise UnknownLabel(field=column, value=excerpt(cells[index]) or NO_LABEL, column=excerpt(column))
        return meaning

    def _place(self, cells: list[str]) -> tuple[float | None, float | None]:
        latitude = self._degrees(cells, self._latitude, _LATITUDE_LIMIT)
        longitude = self._degrees(cells, self._longitude, _LONGITUDE_LIMIT)
        if (latitude is None) != (longitude is None):
            column = self._header[self._latitude if latitude is None else self._longitude]
            raise HalfAPlace(field=column, column=excerpt(column))
        return latitude, longitude

    def _degrees(self, cells: list[str], index: int, limit: int) -> float | None:
        text = cells[index]
        if not text:
            return None
        number = text.replace(self._thousands, "") if self._thousands else text
        if self._decimal != ".":
            # A full stop that is neither mark must not slip through as one.
            number = number.replace(".", " ").replace(self._decimal, ".")
        degrees = float(number) if _NUMBER.fullmatch(number) else math.inf
        if abs(degrees) > limit:
            column = self._header[index]
            raise NotACoordinate(field=column, value=excerpt(text), column=excerpt(column), limit=limit)
        return degrees
