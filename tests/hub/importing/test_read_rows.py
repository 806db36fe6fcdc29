"""Rows come out of a city's file as they stand, or refused with the reason."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.importing.errors import (
    CutOff,
    DamagedFile,
    EmptyFile,
    NoTenantColumn,
    NotThisMappingsFile,
    RepeatedColumn,
    UnreadableFile,
    UnreadableHeader,
)
from hub.importing.lines import RECORD_LIMIT
from hub.importing.mapping import ImportMapping, parse_mapping
from hub.importing.rows import NO_LABEL, ImportedRow, RefusedRow, open_rows
from hub.vocabulary import Channel, Kind
from tenants.languages import Language

MAPPING = """\
format: 1
name: {ar: مدينة, en: A city}
source: a-city
zone: UTC
dates: {formats: ["%Y-%m-%d %H:%M"]}
columns:
  external_id: Number
  opened_at: Opened
  closed_at: Closed
  status: State
  service: Topic
  description: Words
  channel: Way
  latitude: Lat
  longitude: Long
status: {closed: [Done], open: [New], otherwise: refuse}
channel: {labels: {Call: phone}, otherwise: refuse}
kind: complaint
"""
HEADER = "Number,Opened,Closed,State,Topic,Words,Way,Lat,Long,Body\n"
FIRST = "1,2015-01-02 03:04,2015-01-03 00:00,Done,Lamp,Dark,Call,30.5,31.25,WATER\n"
SECOND = '2,2015-01-02 03:05,,New,Pit,"Deep, and\nwide",,,,TAX\n'


def mapping_with(old: str = "", new: str = "") -> ImportMapping:
    assert old in MAPPING
    return parse_mapping(MAPPING.replace(old, new, 1) if old else MAPPING)


def read(
    folder: Path, content: bytes | str, mapping: ImportMapping | None = None
) -> list[ImportedRow | RefusedRow]:
    path = folder / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with open_rows(path, mapping or mapping_with(), "Body") as stream:
        return list(stream)


def read_until_cut(folder: Path, content: bytes) -> tuple[list[ImportedRow | RefusedRow], CutOff]:
    path = folder / "file"
    path.write_bytes(content)
    rows: list[ImportedRow | RefusedRow] = []
    # Extending a list keeps what came before the refusal.
    with open_rows(path, mapping_with(), "Body") as stream, pytest.raises(CutOff) as caught:
        rows.extend(stream)
    for language in Language:
        assert str(caught.value.rows) in caught.value.sentence(language)
    return rows, caught.value


def only_refusal(rows: list[ImportedRow | RefusedRow]) -> RefusedRow:
    (row,) = rows
    assert isinstance(row, RefusedRow)
    assert row.reason.ar
    assert row.reason.en
    assert "{" not in row.reason.ar + row.reason.en
    return row


def ids(rows: Iterable[ImportedRow | RefusedRow]) -> list[str | None]:
    return [row.external_id for row in rows if isinstance(row, ImportedRow)]


def test_rows_are_read_as_they_stand(tmp_path: Path) -> None:
    first, second = read(tmp_path, HEADER + FIRST + SECOND)
    assert first == ImportedRow(
        line=2,
        external_id="1",
        tenant_label="WATER",
        opened_at=datetime(2015, 1, 2, 3, 4, tzinfo=UTC),
        closed_at=datetime(2015, 1, 3, tzinfo=UTC),
        due_at=None,
        closed=True,
        status_label="Done",
        service_label="Lamp",
        team_label=None,
        channel=Channel.PHONE,
        channel_label="Call",
        kind=Kind.COMPLAINT,
        subject=None,
        description="Dark",
        resolution=None,
        latitude=30.5,
        longitude=31.25,
        address=None,
        district=None,
        governorate=None,
    )
    assert isinstance(second, ImportedRow)
    assert (second.line, second.closed, second.closed_at) == (3, False, None)
    assert (second.channel, second.channel_label) == (Channel.UNKNOWN, NO_LABEL)
    assert (second.latitude, second.longitude) == (None, None)
    assert second.description == "Deep, and\nwide"


def test_a_line_after_one_of_several_lines_keeps_its_number(tmp_path: Path) -> None:
    rows = read(tmp_path, HEADER + SECOND + "\n" + FIRST)
    assert [row.line for row in rows] == [2, 5]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do_and_the_last_may_be_missing(tmp_path: Path, end: str) -> None:
    content = (HEADER + FIRST + FIRST).replace("\n", end)
    assert ids(read(tmp_path, content)) == ids(read(tmp_path, content.removesuffix(end))) == ["1", "1"]


def test_contradictory_times_are_kept_as_found(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        HEADER
        + "1,2015-01-02 00:00,2015-01-01 00:00,Done,Lamp,,,,,W\n"
        + "2,2015-01-02 00:00,2015-01-03 00:00,New,Lamp,,,,,W\n"
        + "3,2015-01-02 00:00,,Done,Lamp,,,,,W\n",
    )
    assert [
        (row.closed, row.closed_at and row.closed_at.day) for row in rows if isinstance(row, ImportedRow)
    ] == [
        (True, 1),
        (False, 3),
        (True, None),
    ]


def test_gzip_is_known_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    packed = gzip.compress((HEADER + FIRST).encode()) + gzip.compress(SECOND.encode()) + b"\0" * 512
    assert ids(read(tmp_path, packed)) == ["1", "2"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert ids(read(tmp_path, "\ufeff" + HEADER + FIRST)) == ["1"]
    assert ids(read(tmp_path, gzip.compress(("\ufeff" + HEADER + FIRST).encode()))) == ["1"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, delimiter: str) -> None:
    content = (HEADER + FIRST).replace(",", delimiter) + SECOND.replace(",", delimiter)
    assert ids(read(tmp_path, content)) == ["1", "2"]


def test_a_stated_delimiter_is_the_only_one(tmp_path: Path) -> None:
    with pytest.raises(NotThisMappingsFile):
        read(tmp_path, HEADER + FIRST, mapping_with("zone:", "delimiter: semicolon\nzone:"))


def test_a_header_may_have_names_of_several_lines(tmp_path: Path) -> None:
    content = HEADER.replace("Words", '"Words of\nthe citizen"') + FIRST
    assert ids(read(tmp_path, content, mapping_with("Words", "Words of the citizen"))) == ["1"]


def test_columns_that_the_mapping_does_not_name_are_passed_over(tmp_path: Path) -> None:
    assert ids(read(tmp_path, HEADER.replace("\n", ",,Extra\n") + FIRST.replace("\n", ",x,y\n"))) == ["1"]


def test_a_file_of_another_mapping_is_refused_with_the_columns_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(NotThisMappingsFile) as caught:
        read(tmp_path, HEADER.replace("Closed", "Closd").replace("Topic", "Subject") + FIRST)
    assert caught.value.missing == ("Topic", "Closed")
    assert "“Topic”, “Closed”" in str(caught.value)
    assert "«Topic»، «Closed»" in caught.value.sentence(Language.ARABIC)
    assert "A city" in str(caught.value)
    assert "مدينة" in caught.value.sentence(Language.ARABIC)


def test_a_tenant_column_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(HEADER + FIRST)
    with pytest.raises(NoTenantColumn, match="Did you mean “Body”") as caught:
        open_rows(path, mapping_with(), "body")
    assert caught.value.field == "tenant_by"


def test_a_needed_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepeatedColumn, match="“State”"):
        read(tmp_path, HEADER.replace("\n", ",State\n") + FIRST)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(EmptyFile):
        read(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + FIRST).encode("utf-16"),
        b"Number,Opened\xff\n",
        b'"Number',
        b"x" * (RECORD_LIMIT + 1),
    ],
)
def test_a_header_that_is_not_text_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableHeader):
        read(tmp_path, content)


def test_a_file_that_is_absent_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="“none”"):
        open_rows(tmp_path / "none", mapping_with(), "Body")
    with pytest.raises(UnreadableFile):
        open_rows(tmp_path, mapping_with(), "Body")


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("1,2015", ",2015", "empty_cell", "Number"),
        ("2015-01-02 03:04", "", "empty_cell", "Opened"),
        ("2015-01-02 03:04", "2015-02-30 03:04", "impossible_date", "Opened"),
        ("2015-01-03 00:00", "yesterday", "impossible_date", "Closed"),
        ("Done", "Lost", "unknown_label", "State"),
        ("Done", "", "unknown_label", "State"),
        ("Lamp", " ", "empty_cell", "Topic"),
        ("Call", "Bird", "unknown_label", "Way"),
        ("30.5", "north", "not_a_coordinate", "Lat"),
        ("30.5", "nan", "not_a_coordinate", "Lat"),
        ("30.5", "90.1", "not_a_coordinate", "Lat"),
        ("31.25", "-180.5", "not_a_coordinate", "Long"),
        ("31.25", "", "half_a_place", "Long"),
        ("WATER", "", "empty_cell", "Body"),
        ("Dark", "Dark,er", "wrong_column_count", None),
        ("Dark,", "", "wrong_column_count", None),
        ("Dark", "Da\0rk", "holds_nul", None),
        ("Dark", '"Dark"er', "broken_quotes", None),
        ("Dark", "D" * 200_000, "broken_quotes", None),
        ("Dark", "D" * RECORD_LIMIT, "row_too_long", None),
    ],
)
def test_a_row_that_does_not_map_is_refused_and_the_others_are_read(
    tmp_path: Path, old: str, new: str, code: str, field: str | None
) -> None:
    assert FIRST.count(old) == 1
    rows = read(tmp_path, HEADER + SECOND + FIRST.replace(old, new) + SECOND)
    assert ids(rows) == ["2", "2"]
    refused = only_refusal(rows[1:2])
    assert (refused.line, refused.code, refused.field) == (4, code, field)
    assert [row.line for row in rows] == [2, 4, 5]


def test_a_refused_row_is_told_by_its_external_id_where_that_is_sound(tmp_path: Path) -> None:
    bad = FIRST.replace("Done", "Lost")
    rows = read(tmp_path, HEADER + bad + bad.replace("1,2015", "\u202e1,2015") + bad.replace("Dark,", ""))
    assert [row.external_id for row in rows] == ["1", None, None]


def test_a_reason_quotes_a_value_shortly_and_without_direction_marks(tmp_path: Path) -> None:
    refused = only_refusal(read(tmp_path, HEADER + FIRST.replace("Done", "\u202eLost" + "!" * 500)))
    assert "“·Lost!!!" in refused.reason.en
    assert "\u202e" not in refused.reason.ar
    assert len(refused.reason.en) < 200


def test_bytes_outside_the_encoding_lose_their_row_only(tmp_path: Path) -> None:
    latin = FIRST.replace("Dark", "Caf\u00e9").encode("latin-1")
    rows = read(tmp_path, HEADER.encode() + latin + SECOND.encode())
    assert ids(rows) == ["2"]
    refused = only_refusal(rows[:1])
    assert (refused.code, refused.external_id) == ("not_in_encoding", "1")


def test_a_stated_encoding_is_read(tmp_path: Path) -> None:
    latin = HEADER.encode() + FIRST.replace("Dark", "Caf\u00e9").encode("latin-1")
    (row,) = read(tmp_path, latin, mapping_with("zone:", "encoding: latin-1\nzone:"))
    assert isinstance(row, ImportedRow)
    assert row.description == "Caf\u00e9"
    arabic = HEADER.encode() + FIRST.replace("Dark", "مظلم").encode("cp1256")
    (row,) = read(tmp_path, arabic, mapping_with("zone:", "encoding: windows-1256\nzone:"))
    assert isinstance(row, ImportedRow)
    assert row.description == "مظلم"


@pytest.mark.parametrize(
    ("numbers", "latitude", "found"),
    [
        ('{thousands: ","}', '"0,030.5"', 30.5),
        ('{thousands: ".", decimal: ","}', '"30,5"', 30.5),
        ('{thousands: "٬", decimal: "٫"}', "٣٠٫٥", 30.5),
    ],
)
def test_numbers_are_cleaned_as_the_mapping_says(
    tmp_path: Path, numbers: str, latitude: str, found: float
) -> None:
    mapping = mapping_with("zone:", f"numbers: {numbers}\nzone:")
    row = read(tmp_path, HEADER + FIRST.replace("30.5,31.25", f"{latitude},31"), mapping)[0]
    assert isinstance(row, ImportedRow)
    assert row.latitude == found


def test_a_mark_that_the_mapping_does_not_name_is_not_guessed(tmp_path: Path) -> None:
    mapping = mapping_with("zone:", 'numbers: {decimal: ","}\nzone:')
    assert only_refusal(read(tmp_path, HEADER + FIRST, mapping)).code == "not_a_coordinate"
    assert only_refusal(read(tmp_path, HEADER + FIRST.replace("30.5", '"30,5"'))).code == "not_a_coordinate"


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_cut_off_in_a_row_gives_all_rows_before_and_says_so(tmp_path: Path, packed: bool) -> None:
    whole = HEADER + FIRST * 5
    for missing in range(len("WATER\n") + 1, len(FIRST)):
        cut = whole.encode()[:-missing]
        rows, refusal = read_until_cut(tmp_path, gzip.compress(cut, 1) if packed else cut)
        assert ids(rows) == ["1"] * 4
        assert (refusal.line, refusal.rows, refusal.code) == (6, 4, "cut_off")


def test_a_file_cut_off_between_quotes_says_so(tmp_path: Path) -> None:
    rows, refusal = read_until_cut(tmp_path, (HEADER + FIRST + SECOND).encode().split(b"wide")[0])
    assert ids(rows) == ["1"]
    assert (refusal.line, refusal.rows) == (3, 1)


def test_a_gzip_file_cut_off_anywhere_gives_whole_rows_only_and_says_so(tmp_path: Path) -> None:
    numbered = [FIRST.replace("1,2015", f"{number},2015", 1) for number in range(3000)]
    packed = gzip.compress((HEADER + "".join(numbered)).encode(), 6)
    seen = []
    for length in range(600, len(packed), len(packed) // 40):
        rows, refusal = read_until_cut(tmp_path, packed[:length])
        assert ids(rows) == [str(number) for number in range(len(rows))]
        assert refusal.rows == len(rows)
        seen.append(len(rows))
    assert seen == sorted(seen)
    assert seen[-1] > 2800


def test_a_gzip_file_without_its_last_bytes_gives_every_row_and_says_so(tmp_path: Path) -> None:
    rows, refusal = read_until_cut(tmp_path, gzip.compress((HEADER + FIRST * 3).encode())[:-4])
    assert ids(rows) == ["1"] * 3
    assert refusal.rows == 3


def test_a_gzip_file_cut_off_in_its_header_says_so(tmp_path: Path) -> None:
    with pytest.raises(CutOff):
        read(tmp_path, gzip.compress(HEADER.encode())[:12])


def test_a_damaged_gzip_file_says_so(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress((HEADER + FIRST * 3).encode()))
    packed[-6] ^= 1
    path = tmp_path / "file"
    path.write_bytes(packed)
    with pytest.raises(DamagedFile), open_rows(path, mapping_with(), "Body") as stream:
        list(stream)


def test_the_position_grows_to_the_size_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "file"
    numbered = [FIRST.replace("1,2015", f"{number},2015", 1) for number in range(8000)]
    path.write_bytes(gzip.compress((HEADER + "".join(numbered)).encode(), 0))
    with open_rows(path, mapping_with(), "Body") as stream:
        assert stream.size == path.stat().st_size
        positions = [stream.position for _ in stream]
        assert positions == sorted(positions)
        assert 0 < positions[0] < positions[-1] <= stream.size
        assert stream.position == stream.size
        assert stream.rows_read == 8000


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading_of_rows(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "noise"
    path.write_bytes((HEADER + FIRST).encode() + noise)
    rows: list[ImportedRow | RefusedRow] = []
    with open_rows(path, mapping_with(), "Body") as stream:
        with suppress(CutOff):
            rows.extend(stream)
        assert stream.rows_read == len(rows)
    assert ids(rows[:1]) == ["1"]
