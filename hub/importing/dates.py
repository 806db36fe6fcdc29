"""Date formats of imported files, compiled to strict and fast readers of local times."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from tenants.languages import Text

# Directives of strftime(3) as Python's strptime reads them, with one or two digits where it takes both.
_LOOSE = {
    "m": r"1[0-2]|0?[1-9]",
    "d": r"3[01]|[12]\d|0?[1-9]",
    "H": r"2[0-3]|[01]?\d",
    "I": r"1[0-2]|0?[1-9]",
    "M": r"[0-5]?\d",
    "S": r"[0-5]?\d",
    "f": r"\d{1,6}",
}
# Beside another digit only the full width has one reading: “2015111” is two dates, “20151101” is one.
_FULL_WIDTH = {
    "m": r"1[0-2]|0[1-9]",
    "d": r"3[01]|[12]\d|0[1-9]",
    "H": r"2[0-3]|[01]\d",
    "I": r"1[0-2]|0[1-9]",
    "M": r"[0-5]\d",
    "S": r"[0-5]\d",
    "f": r"\d{6}",
}
_FIXED = {"Y": r"\d{4}", "y": r"\d{2}", "p": r"[AaPp][Mm]", "z": r"[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d"}
_NUMERIC = frozenset("YymdHIMSf")
_TOKEN = re.compile(r"%(.?)|([^%]+)", re.DOTALL)
_ARABIC_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
# A directive, or a literal text between directives.
_Token = tuple[str | None, str | None]
_EDGE: _Token = (None, None)
DIRECTIVES = "%Y %y %m %d %H %I %M %S %f %p %z"
# POSIX: two-digit years from 69 on are of the 20th century.
_CENTURY_TURNS_AT = 69
_NOON = 12


class UnusableFormat(ValueError):  # noqa: N818 - says what the format is
    """A date format that cannot be read by; `rule` says in both languages what it breaks."""

    def __init__(self, rule: Text) -> None:
        self.rule = rule
        super().__init__(rule.en)


def compile_format(pattern: str) -> Callable[[str], datetime | None]:
    """A reader of whole texts in one format, with the directives of `strptime`.

    It answers with a naive time (an aware one if the format has `%z`), or None for a text that is not in
    the format or names a time that no calendar has. Unlike in `strptime`, Arabic digits count, white space
    is matched exactly, and a part beside another digit has its full width.
    Raises `UnusableFormat` when the format does not name one date.
    """
    tokens: list[_Token] = [(match[1], match[2]) for match in _TOKEN.finditer(pattern)]
    directives = [directive for directive, _ in tokens if directive is not None]
    _check(directives)
    expression = "".join(
        re.escape(literal or "")
        if directive is None
        else f"(?P<{directive}>{_expression_of(directive, tokens, index)})"
        for index, (directive, literal) in enumerate(tokens)
    )
    return _reader(re.compile(expression, re.ASCII))


def _check(directives: Sequence[str]) -> None:
    names = set(directives)
    if unknown := sorted(names - _LOOSE.keys() - _FIXED.keys()):
        raise UnusableFormat(
            Text(
                ar=f"الرمز %{unknown[0]} غير معروف؛ والرموز المقبولة هي: {DIRECTIVES}.",
                en=f"%{unknown[0]} is not known; the directives that may be used are: {DIRECTIVES}.",
            )
        )
    if len(names) != len(directives):
        raise UnusableFormat(
            Text(ar="لا يجوز تكرار رمز في الصيغة الواحدة.", en="A format may name each directive once.")
        )
    if len(names & {"Y", "y"}) != 1 or not {"m", "d"} <= names:
        raise UnusableFormat(
            Text(
                ar="يجب أن تحدد الصيغة السنة (%Y أو %y) والشهر (%m) واليوم (%d).",
                en="A format must name the year (%Y or %y), the month (%m) and the day (%d).",
            )
        )
    if {"H", "I"} <= names or ("I" in names) != ("p" in names):
        raise UnusableFormat(
            Text(
                ar="الساعة إما %H، وإما %I مع %p.",
                en="The hour is either %H, or %I together with %p.",
            )
        )
    for smaller, larger in (("M", "HI"), ("S", "M"), ("f", "S")):
        if smaller in names and not names & set(larger):
            raise UnusableFormat(
                Text(
                    ar=f"لا يجوز ذكر %{smaller} دون الوحدة الأكبر منها.",
                    en=f"%{smaller} cannot stand without the larger unit before it.",
                )
            )


def _expression_of(directive: str, tokens: Sequence[_Token], index: int) -> str:
    if directive in _FIXED:
        return _FIXED[directive]
    before = tokens[index - 1] if index else _EDGE
    after = tokens[index + 1] if index + 1 < len(tokens) else _EDGE
    crowded = (
        before[0] in _NUMERIC
        or after[0] in _NUMERIC
        or (before[1] or "")[-1:].isdigit()
        or (after[1] or "")[:1].isdigit()
    )
    return (_FULL_WIDTH if crowded else _LOOSE)[directive]


def _reader(expression: re.Pattern[str]) -> Callable[[str], datetime | None]:
    fullmatch = expression.fullmatch
    # Groups by position, so that reading a text needs no look-up by name; 0 means the format lacks the part.
    position = expression.groupindex.get
    long_year, short_year = position("Y", 0), position("y", 0)
    month, day = position("m", 0), position("d", 0)
    hour_of_day, hour_of_half, half = position("H", 0), position("I", 0), position("p", 0)
    minute, second, fraction, offset = (position(name, 0) for name in "MSfz")

    def read(text: str) -> datetime | None:
        match = fullmatch(text if text.isascii() else text.translate(_ARABIC_DIGITS))
        if match is None:
            return None
        if long_year:
            year = int(match[long_year])
        else:
            year = int(match[short_year])
            year += 1900 if year >= _CENTURY_TURNS_AT else 2000
        if hour_of_day:
            hour = int(match[hour_of_day])
        elif hour_of_half:
            hour = int(match[hour_of_half]) % _NOON
            if match[half] in ("PM", "pm", "Pm", "pM"):
                hour += _NOON
        else:
            hour = 0
        try:
            return datetime(
                year,
                int(match[month]),
                int(match[day]),
                hour,
                int(match[minute]) if minute else 0,
                int(match[second]) if second else 0,
                int(match[fraction].ljust(6, "0")) if fraction else 0,
                _zone_of(match[offset]) if offset else None,
            )
        except ValueError:
            return None

    return read


def _zone_of(offset: str) -> tzinfo:
    if offset in ("Z", "z"):
        return UTC
    span = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return timezone(-span if offset[0] == "-" else span)


class DateReader:
    """Reads the times of one file: the formats in their order, local to one zone, answered in UTC.

    A local time that a zone skips counts as if the clocks had not been changed yet, so that it moves on
    by the skipped span; of one that comes twice the first is meant (PEP 495, fold 0).
    """

    def __init__(self, formats: Sequence[str], zone: ZoneInfo) -> None:
        self.formats = tuple(formats)
        self.zone = zone
        self._readers = tuple(compile_format(pattern) for pattern in formats)
        self._zone: tzinfo = UTC if zone.key in ("UTC", "Etc/UTC") else zone

    def read(self, text: str) -> datetime | None:
        """The moment in UTC that a text names, or None if it is in none of the formats."""
        for reader in self._readers:
            local = reader(text)
            if local is not None:
                break
        else:
            return None
        if local.tzinfo is None:
            local = local.replace(tzinfo=self._zone)
        if local.tzinfo is UTC:
            return local
        try:
            return local.astimezone(UTC)
        except OverflowError:
            return None
