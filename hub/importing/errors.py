"""What import refuses: mappings that cannot be used, files that are not theirs, rows that do not map."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from tenants.errors import Refusal
from tenants.languages import Text

NOTHING = Text(ar="", en="")
EXCERPT_LENGTH = 60


def excerpt(value: str) -> str:
    """A value as a sentence may quote it: short, on one line, without control or direction characters."""
    shown = "".join(character if character.isprintable() else "·" for character in value[:EXCERPT_LENGTH])
    return shown + "…" if len(value) > EXCERPT_LENGTH else shown


def did_you_mean(word: str, known: Iterable[str]) -> Text:
    """The sentence that offers the known word nearest to a wrong one, or no text when none is near."""
    nearest = get_close_matches(word, list(known), n=1)
    if not nearest:
        return NOTHING
    return Text(ar=f" هل تقصد «{excerpt(nearest[0])}»؟", en=f" Did you mean “{excerpt(nearest[0])}”?")


def listed(words: Iterable[str]) -> Text:
    """Several words as a sentence lists them, each in the language's own quotation marks."""
    shown = [excerpt(word) for word in words]
    return Text(
        ar="، ".join(f"«{word}»" for word in shown),
        en=", ".join(f"“{word}”" for word in shown),
    )


class UnreadableFile(Refusal):
    """The operating system does not give the file out."""

    says = Text(
        ar="تعذرت قراءة الملف «{name}». تحقق من وجوده ومن صلاحية الاطلاع عليه.",
        en="The file “{name}” cannot be read. Check that it exists and that you may read it.",
    )


class BrokenMapping(Refusal):
    """A mapping that cannot be used; `line` is where in its file (the first is 1)."""

    says = Text(
        ar="السطر {line} من ملف المطابقة ليس بصيغة YAML صحيحة. راجع المسافات وعلامات التنصيص والنقطتين.",
        en="Line {line} of the mapping is not valid YAML. Check its indentation, quotation marks and colons.",
    )

    def __init__(self, *, line: int, field: str | None = None, **facts: object) -> None:
        self.line = line
        super().__init__(field=field, line=line, **facts)


class MappingTooLong(BrokenMapping):
    """A mapping far larger than any mapping needs to be."""

    says = Text(
        ar="ملف المطابقة أكبر من الحد المسموح به، وهو {limit} بايت.",
        en="The mapping is larger than the {limit} bytes allowed.",
    )


class MappingNotText(BrokenMapping):
    """A mapping that is not UTF-8 text."""

    says = Text(
        ar="السطر {line} من ملف المطابقة ليس نصًا بترميز UTF-8.",
        en="Line {line} of the mapping is not text in UTF-8.",
    )


class UnknownMappingKey(BrokenMapping):
    """A key that mappings do not have."""

    says = Text(
        ar="السطر {line} من ملف المطابقة فيه مفتاح غير معروف: «{key}».{suggestion}",
        en="Line {line} of the mapping has the unknown key “{key}”.{suggestion}",
    )


class RepeatedMappingKey(BrokenMapping):
    """The same key twice in one section."""

    says = Text(
        ar="السطر {line} من ملف المطابقة يكرر مفتاحًا سبق ذكره في القسم نفسه.",
        en="Line {line} of the mapping repeats a key that its section already has.",
    )


class MissingMappingKey(BrokenMapping):
    """A key that every mapping needs; the line is where its section begins."""

    says = Text(
        ar="ينقص ملف المطابقة المفتاح «{key}» في القسم الذي يبدأ عند السطر {line}.",
        en="The mapping lacks the key “{key}” in the section that begins on line {line}.",
    )


class WrongMappingValue(BrokenMapping):
    """A value that its key cannot have; `rule` is the sentence that says what it can have."""

    says = Text(
        ar="السطر {line} من ملف المطابقة: قيمة «{key}» غير صالحة. {rule}{suggestion}",
        en="Line {line} of the mapping: the value of “{key}” cannot be used. {rule}{suggestion}",
    )


class EmptyFile(Refusal):
    """A file without a row of column names."""

    says = Text(
        ar="الملف فارغ، ولا يحتوي على صف بأسماء الأعمدة.",
        en="The file is empty: it has no row of column names.",
    )


class UnreadableHeader(Refusal):
    """A first row that is not text in the mapping's encoding."""

    says = Text(
        ar="تعذرت قراءة صف أسماء الأعمدة على أنه CSV بترميز {encoding}."
        " راجع نوع الملف وترميزه في ملف المطابقة.",
        en="The row of column names cannot be read as CSV in {encoding}."
        " Check the kind of file, and the encoding that the mapping states.",
    )


class NotThisMappingsFile(Refusal):
    """A file without columns that the mapping names: `missing` holds their names."""

    says = Text(
        ar="هذا الملف لا يوافق المطابقة «{mapping}»: لا توجد فيه الأعمدة {columns}.{suggestion}",
        en="This is not a file for the mapping “{mapping}”: it lacks the columns {columns}.{suggestion}",
    )

    def __init__(self, *, missing: tuple[str, ...], field: str | None = None, **facts: object) -> None:
        self.missing = missing
        super().__init__(field=field, columns=listed(missing), **facts)


class NoTenantColumn(NotThisMappingsFile):
    """A file without the column that is to tell the tenants apart."""

    says = Text(
        ar="لا يوجد في الملف العمود {columns} المطلوب لتحديد الجهة عند استخدام المطابقة «{mapping}»."
        "{suggestion}",
        en="The file has no column {columns} to tell the tenants apart, as asked for with the mapping"
        " “{mapping}”.{suggestion}",
    )


class RepeatedColumn(Refusal):
    """A column name that is needed and stands twice in the file's header."""

    says = Text(
        ar="يتكرر اسم العمود «{column}» في الملف، فلا يمكن معرفة المقصود منهما.",
        en="The file has the column “{column}” more than once, so that it is unclear which one is meant.",
    )


class CutOff(Refusal):
    """A file that ends in the middle; `rows` were read before, imported or refused."""

    says = Text(
        ar="ينقطع الملف قبل نهايته عند السطر {line}. عدد الصفوف المقروءة قبله: {rows}.",
        en="The file is cut off at line {line}. Rows read before that: {rows}.",
    )

    def __init__(self, *, line: int, rows: int, field: str | None = None) -> None:
        self.line = line
        self.rows = rows
        super().__init__(field=field, line=line, rows=rows)


class DamagedFile(CutOff):
    """A compressed file whose content is not what was once compressed."""

    says = Text(
        ar="الملف المضغوط تالف عند السطر {line}. عدد الصفوف المقروءة قبله: {rows}.",
        en="The compressed file is damaged at line {line}. Rows read before that: {rows}.",
    )


class RowDoesNotMap(Refusal):
    """A row that is left out, with the reason; the rows around it are not affected."""


class WrongColumnCount(RowDoesNotMap):
    """Too few or too many cells."""

    says = Text(
        ar="عدد خانات الصف {found}، والمطلوب {expected} كما في صف أسماء الأعمدة.",
        en="The row has {found} cells; the row of column names has {expected}.",
    )


class BrokenQuotes(RowDoesNotMap):
    """Quotation marks that do not follow RFC 4180, or a cell beyond the size allowed."""

    says = Text(
        ar="علامات التنصيص غير سليمة، أو أن إحدى الخانات أطول من {limit} حرفًا (السطور {line} إلى {last}).",
        en="The quotation marks are not in order, or a cell is longer than {limit} characters"
        " (lines {line} to {last}).",
    )


class RowTooLong(RowDoesNotMap):
    """A row beyond the size allowed."""

    says = Text(
        ar="الصف أطول من الحد المسموح به، وهو {limit} بايت.",
        en="The row is longer than the {limit} bytes allowed.",
    )


class HoldsNul(RowDoesNotMap):
    """A row with a NUL character, which no text has and PostgreSQL does not store."""

    says = Text(
        ar="في الصف محرف صفري (NUL)، وهو لا يرد في نص سليم.",
        en="The row holds a NUL character, which no sound text has.",
    )


class NotInEncoding(RowDoesNotMap):
    """A row with bytes that mean nothing in the mapping's encoding."""

    says = Text(
        ar="في الصف بايتات لا معنى لها في الترميز {encoding}.",
        en="The row holds bytes that mean nothing in {encoding}.",
    )


class EmptyCell(RowDoesNotMap):
    """A cell that every row needs."""

    says = Text(
        ar="الخانة «{column}» فارغة، وهي مطلوبة في كل صف.",
        en="“{column}” is empty; every row needs it.",
    )


class ImpossibleDate(RowDoesNotMap):
    """A time that is in none of the mapping's formats, or that no calendar has."""

    says = Text(
        ar="القيمة «{value}» في «{column}» ليست تاريخًا بإحدى صيغ المطابقة.",
        en="“{value}” in “{column}” is not a date in any of the mapping's formats.",
    )


class UnknownLabel(RowDoesNotMap):
    """A status, channel or kind that the mapping does not name and is told to refuse."""

    says = Text(
        ar="القيمة «{value}» في «{column}» غير مذكورة في ملف المطابقة.",
        en="“{value}” in “{column}” is not among those the mapping names.",
    )


class NotACoordinate(RowDoesNotMap):
    """A latitude or longitude that is no number of degrees within its range."""

    says = Text(
        ar="القيمة «{value}» في «{column}» ليست إحداثيًا بالدرجات بين -{limit} و{limit}.",
        en="“{value}” in “{column}” is not a coordinate in degrees between -{limit} and {limit}.",
    )


class HalfAPlace(RowDoesNotMap):
    """A latitude without a longitude, or the reverse."""

    says = Text(
        ar="أحد الإحداثيين موجود والآخر، «{column}»، فارغ.",
        en="One coordinate is given and the other one, “{column}”, is empty.",
    )


class UnsoundLabel(RowDoesNotMap):
    """A name or number that is no sound one: too long, or with characters that hide what it says."""

    says = Text(
        ar="القيمة «{value}» في «{column}» أطول من {limit} حرفًا، أو فيها محارف تحكم أو محارف تغيّر اتجاه النص.",
        en="“{value}” in “{column}” is longer than {limit} characters, or holds control or direction characters.",
    )


class UnknownTenantLabel(RowDoesNotMap):
    """A row of a body that the hub does not know, where the import was not told to create bodies."""

    says = Text(
        ar="لا توجد على المنصة جهة باسم «{value}» المذكور في «{column}».",
        en="No body on the hub is called “{value}”, as “{column}” says.",
    )
