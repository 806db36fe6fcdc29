"""Mappings are understood whole, or refused with the line and the key at fault."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.importing.dates import DateReader, UnusableFormat, compile_format
from hub.importing.errors import (
    BrokenMapping,
    MappingNotText,
    MappingTooLong,
    MissingMappingKey,
    RepeatedMappingKey,
    UnknownMappingKey,
    UnreadableFile,
    WrongMappingValue,
)
from hub.importing.mapping import MAPPING_LIMIT, parse_mapping, read_mapping
from hub.vocabulary import Channel, Kind
from tenants.languages import Language, Text

EXAMPLES = Path(__file__).resolve().parents[3] / "infra" / "mappings"
WHOLE = """\
format: 1
name: {ar: مدينة, en: A city}
source: a-city
zone: Africa/Cairo
dates:
  formats:
    - "%Y-%m-%d %H:%M"
    - "%d/%m/%Y"
columns:
  external_id: Number
  opened_at: Opened
  closed_at: Closed
  status: State
  service: Topic
  channel: Way
  latitude: Lat
  longitude: Long
status:
  closed: [Done]
  open: [New, Doing]
  otherwise: refuse
channel:
  labels:
    By phone: phone
  otherwise: web
kind: complaint
numbers:
  thousands: ","
tenants:
  WATER: {ar: المياه, en: Water}
"""


def refusal_of(text: str) -> BrokenMapping:
    with pytest.raises(BrokenMapping) as caught:
        parse_mapping(text)
    for language in Language:
        assert "{" not in caught.value.sentence(language)
    return caught.value


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1
    return WHOLE.replace(old, new)


def test_a_whole_mapping_is_understood() -> None:
    mapping = parse_mapping(WHOLE)
    assert mapping.name == Text(ar="مدينة", en="A city")
    assert mapping.source == "a-city"
    assert (mapping.encoding, mapping.delimiter) == ("utf-8", None)
    assert mapping.dates.zone == ZoneInfo("Africa/Cairo")
    assert mapping.columns["closed_at"] == "Closed"
    assert [mapping.closed.meaning(label) for label in ("Done", "Doing", "Lost")] == [True, False, None]
    assert [mapping.channel.meaning(label) for label in ("By phone", "By bird", "")] == [
        Channel.PHONE,
        Channel.WEB,
        Channel.UNKNOWN,
    ]
    assert mapping.kind.meaning("") is Kind.COMPLAINT
    assert (mapping.thousands, mapping.decimal) == (",", ".")
    assert mapping.tenant_name("WATER") == Text(ar="المياه", en="Water")
    assert mapping.tenant_name("TAX") == Text(ar="TAX", en="TAX")


@pytest.mark.parametrize("name", ["new_york_2013", "new_york_2018", "boston_2015"])
def test_the_example_mappings_are_sound(name: str) -> None:
    assert read_mapping(EXAMPLES / f"{name}.yaml").tenants


def test_every_file_among_the_examples_is_tested() -> None:
    assert {path.stem for path in EXAMPLES.iterdir()} == {"new_york_2013", "new_york_2018", "boston_2015"}


def test_the_mapping_of_the_documentation_is_sound() -> None:
    documentation = (EXAMPLES.parents[1] / "docs" / "importing.md").read_text(encoding="utf-8")
    mapping = parse_mapping(documentation.split("```yaml\n")[1].split("```")[0])
    assert mapping.channel.meaning("App") is Channel.MOBILE


def test_other_statuses_may_count_as_open() -> None:
    mapping = parse_mapping(changed("otherwise: refuse", "otherwise: open"))
    assert mapping.closed.meaning("Lost") is False


def test_a_kind_may_come_from_a_column() -> None:
    text = changed("  service: Topic\n", "  service: Topic\n  kind: Sort\n")
    text = text.replace("kind: complaint\n", "kind:\n  labels: {Praise: compliment}\n  otherwise: refuse\n")
    mapping = parse_mapping(text)
    assert mapping.kind.meaning("Praise") is Kind.COMPLIMENT
    assert mapping.kind.meaning("Blame") is None


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "suggestion"),
    [
        ("zone:", "zonne:", 4, "zonne", "zone"),
        ("  closed_at: Closed", "  closed_on: Closed", 12, "columns.closed_on", "closed_at"),
        ("  formats:", "  format:", 6, "dates.format", "formats"),
        ("  open: [New, Doing]", "  opened: [New]", 20, "status.opened", "open"),
        ("  labels:", "  label:", 23, "channel.label", "labels"),
        ('  thousands: ","', '  thousand: ","', 28, "numbers.thousand", "thousands"),
        ("{ar: المياه, en: Water}", "{ar: المياه, eng: Water}", 30, "tenants.WATER.eng", "en"),
    ],
)
def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_known_key(
    old: str, new: str, line: int, key: str, suggestion: str
) -> None:
    refusal = refusal_of(changed(old, new))
    assert isinstance(refusal, UnknownMappingKey)
    assert (refusal.line, refusal.field) == (line, key)
    assert refusal.sentence(Language.ENGLISH).endswith(f"Did you mean “{suggestion}”?")
    assert refusal.sentence(Language.ARABIC).endswith(f"هل تقصد «{suggestion}»؟")


@pytest.mark.parametrize(
    ("line_to_drop", "key"),
    [
        ("format: 1\n", "format"),
        ("name: {ar: مدينة, en: A city}\n", "name"),
        ("source: a-city\n", "source"),
        ("zone: Africa/Cairo\n", "zone"),
        ("  external_id: Number\n", "columns.external_id"),
        ("  opened_at: Opened\n", "columns.opened_at"),
        ("  status: State\n", "columns.status"),
        ("  service: Topic\n", "columns.service"),
        ("  longitude: Long\n", "columns.longitude"),
        ("  closed: [Done]\n", "status.closed"),
        ("  labels:\n    By phone: phone\n", "channel.labels"),
        ("kind: complaint\n", "kind"),
    ],
)
def test_a_missing_key_is_named(line_to_drop: str, key: str) -> None:
    refusal = refusal_of(changed(line_to_drop, ""))
    assert isinstance(refusal, MissingMappingKey)
    assert refusal.field == key
    assert f"“{key}”" in str(refusal)


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("format: 1", "format: 2", 1, "format"),
        ("format: 1", "format: yes", 1, "format"),
        ("source: a-city", "source: A City", 3, "source"),
        ("source: a-city", "source: a-city\nencoding: utf-16", 4, "encoding"),
        ("source: a-city", "source: a-city\ndelimiter: colon", 4, "delimiter"),
        ("zone: Africa/Cairo", "zone: Africa/Kairo", 4, "zone"),
        ('    - "%d/%m/%Y"', '    - "%d/%q/%Y"', 8, "dates.formats"),
        ('    - "%d/%m/%Y"', "    - 2015", 8, "dates.formats"),
        ("  external_id: Number", "  external_id: 12", 10, "columns.external_id"),
        ("  closed: [Done]", "  closed: Done", 19, "status.closed"),
        ("  closed: [Done]", "  closed: [Done, 3]", 19, "status.closed"),
        ("  closed: [Done]", "  closed: [Done, New]", 20, "status.open"),
        ("  otherwise: refuse", "  otherwise: maybe", 21, "status.otherwise"),
        ("    By phone: phone", "    By phone: telephone", 24, "channel.labels.By phone"),
        ("    By phone: phone", "    1: phone", 24, "channel.labels.1"),
        ("  otherwise: web", "  otherwise: pigeon", 25, "channel.otherwise"),
        ("kind: complaint", "kind: complaints", 26, "kind"),
        ("kind: complaint", "kind: {labels: {a: request}}", 26, "kind"),
        ('  thousands: ","', '  thousands: "."', 28, "numbers.thousands"),
        ("{ar: المياه, en: Water}", "Water", 30, "tenants.WATER"),
        ("{ar: المياه, en: Water}", "{ar: المياه, en: ''}", 30, "tenants.WATER.en"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_line(old: str, new: str, line: int, key: str) -> None:
    refusal = refusal_of(changed(old, new))
    assert isinstance(refusal, WrongMappingValue)
    assert (refusal.line, refusal.field) == (line, key)


def test_labels_of_a_column_that_is_not_named_are_refused() -> None:
    refusal = refusal_of(changed("  channel: Way\n", ""))
    assert isinstance(refusal, WrongMappingValue)
    assert refusal.field == "channel"


def test_a_repeated_key_is_refused_with_its_line() -> None:
    refusal = refusal_of(changed("  status: State\n", "  status: State\n  status: Status\n"))
    assert isinstance(refusal, RepeatedMappingKey)
    assert refusal.line == 14


def test_what_is_not_yaml_is_refused_with_its_line() -> None:
    refusal = refusal_of(changed("  closed: [Done]", "  closed: [Done"))
    assert type(refusal) is BrokenMapping
    assert refusal.line == 20


@pytest.mark.parametrize("text", ["", "- a\n", "just words", "\x07", "[" * 1000, "[&a b, &a c]"])
def test_what_is_no_mapping_at_all_is_refused(text: str) -> None:
    refusal_of(text)


@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.text(max_size=20))
def test_however_a_mapping_is_damaged_it_is_read_or_refused_as_broken(
    place: int, length: int, instead: str
) -> None:
    refusal = None
    try:
        parse_mapping(WHOLE[:place] + instead + WHOLE[place + length :])
    except BrokenMapping as problem:
        refusal = problem
    assert refusal is None or (refusal.line >= 1 and refusal.sentence(Language.ARABIC))


def test_a_mapping_that_is_not_text_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_bytes(WHOLE.replace("A city", "Cit\u00e9").encode("cp1256", "replace"))
    with pytest.raises(MappingNotText) as caught:
        read_mapping(path)
    assert caught.value.line == 2


def test_a_mapping_beyond_all_measure_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_bytes(b"#" * (MAPPING_LIMIT + 1))
    with pytest.raises(MappingTooLong):
        read_mapping(path)


def test_a_mapping_that_is_absent_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"“none\.yaml”"):
        read_mapping(tmp_path / "none.yaml")


FORMATS = [
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%y %H:%M",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%d.%m.%Y",
    "%Y%m%d%H%M%S",
    "%d-%m-%y %I%p",
    "%Y-%m-%d %H:%M%z",
]


# strftime and strptime disagree on years that need padding, and %y can only say one century.
@given(
    st.sampled_from(FORMATS),
    st.datetimes(datetime(1969, 1, 1), datetime(2068, 12, 31)),  # noqa: DTZ001 - local times of a file
    st.booleans(),
)
def test_a_date_written_in_a_format_is_read_as_strptime_reads_it(
    pattern: str, moment: datetime, padded: bool
) -> None:
    written = moment.replace(tzinfo=UTC).strftime(pattern)
    if not padded and pattern == "%m/%d/%y %H:%M":
        written = f"{moment.month}/{moment.day}/{moment:%y} {moment.hour}:{moment:%M}"
    assert compile_format(pattern)(written) == datetime.strptime(written, pattern)  # noqa: DTZ007


@given(
    st.sampled_from(FORMATS),
    st.from_regex(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}( [0-9:.]{1,8}( ?[AP]M)?)?"),
)
def test_what_is_read_strptime_reads_alike_and_nothing_impossible_is_read(pattern: str, text: str) -> None:
    found = compile_format(pattern)(text)
    if found is not None:
        assert found == datetime.strptime(text, pattern)  # noqa: DTZ007


@given(st.text(max_size=30))
def test_no_text_breaks_a_date_reader(text: str) -> None:
    for pattern in FORMATS:
        compile_format(pattern)(text)


@pytest.mark.parametrize(
    "text",
    [
        "02/29/2015 01:00:00 AM",
        "13/01/2015 01:00:00 AM",
        "01/01/2015 13:00:00 PM",
        "01/01/2015 00:10:00 AM",
        "01/01/2015 01:00:60 AM",
        "01/01/0000 01:00:00 AM",
        "01/01/2015 01:00:00 AM ",
        "01/01/2015 01:00:00",
        "01/01/2015  01:00:00 AM",
    ],
)
def test_an_impossible_date_is_not_read(text: str) -> None:
    assert compile_format("%m/%d/%Y %I:%M:%S %p")(text) is None


def test_midnight_and_noon_of_the_twelve_hour_clock() -> None:
    read = compile_format("%d/%m/%Y %I:%M %p")
    hours = [
        found.hour for text in ("12:00 AM", "12:00 pm", "1:00 PM") if (found := read(f"1/2/2015 {text}"))
    ]
    assert hours == [0, 12, 13]


def test_parts_side_by_side_need_their_full_width() -> None:
    assert compile_format("%Y%m%d")("2015111") is None


def test_arabic_digits_are_digits() -> None:
    reader = DateReader(["%d/%m/%Y"], ZoneInfo("UTC"))
    assert reader.read("٢٥/١٢/٢٠١٣") == reader.read("۲۵/۱۲/۲۰۱۳") == datetime(2013, 12, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    "pattern",
    [
        "%q",
        "%d/%m",
        "%Y-%y-%m-%d",
        "%Y-%m-%d %H %p",
        "%Y-%m-%d %I:%M",
        "%d%d%m%Y",
        "%Y-%m-%d %M",
        "%d/%m/%Y %",
        "",
    ],
)
def test_a_format_that_names_no_one_date_is_refused(pattern: str) -> None:
    with pytest.raises(UnusableFormat) as caught:
        compile_format(pattern)
    assert caught.value.rule.ar != caught.value.rule.en


def test_the_formats_are_tried_in_their_order() -> None:
    reader = DateReader(["%d/%m/%Y", "%m/%d/%Y"], ZoneInfo("UTC"))
    assert reader.read("01/02/2015") == datetime(2015, 2, 1, tzinfo=UTC)
    assert reader.read("01/20/2015") == datetime(2015, 1, 20, tzinfo=UTC)
    assert reader.read("20/20/2015") is None


def test_local_times_are_answered_in_utc() -> None:
    reader = DateReader(["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M%z"], ZoneInfo("America/New_York"))
    assert reader.read("2015-01-01 12:00") == datetime(2015, 1, 1, 17, tzinfo=UTC)
    assert reader.read("2015-07-01 12:00") == datetime(2015, 7, 1, 16, tzinfo=UTC)
    assert reader.read("2015-07-01 12:00+0200") == datetime(2015, 7, 1, 10, tzinfo=UTC)
    assert reader.read("2015-07-01 12:00Z") == datetime(2015, 7, 1, 12, tzinfo=UTC)


def test_a_skipped_local_time_moves_on_and_a_doubled_one_is_the_first() -> None:
    reader = DateReader(["%Y-%m-%d %H:%M"], ZoneInfo("America/New_York"))
    assert reader.read("2015-03-08 02:30") == datetime(2015, 3, 8, 7, 30, tzinfo=UTC)
    assert reader.read("2015-03-08 03:30") == datetime(2015, 3, 8, 7, 30, tzinfo=UTC)
    assert reader.read("2015-11-01 01:30") == datetime(2015, 11, 1, 5, 30, tzinfo=UTC)


def test_the_zone_utc_takes_every_time_as_it_stands() -> None:
    reader = DateReader(["%Y-%m-%d %H:%M"], ZoneInfo("UTC"))
    assert reader.read("2015-03-08 02:30") == datetime(2015, 3, 8, 2, 30, tzinfo=UTC)


def test_a_time_beyond_the_calendar_in_utc_is_not_read() -> None:
    assert DateReader(["%Y-%m-%d %H:%M"], ZoneInfo("America/New_York")).read("9999-12-31 23:00") is None
