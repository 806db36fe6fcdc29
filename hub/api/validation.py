"""What is wrong with a request's fields, said in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hub.api.errors import BodyRefused
from tenants.languages import Text

_MOST_TOLD: Final = 50
_NO_VALUE: Final = Text(ar="هذه القيمة غير مقبولة هنا.", en="This value cannot be used here.")
_MISSING: Final = Text(ar="هذا الحقل مطلوب.", en="This field is needed.")
_TEXT: Final = Text(ar="يجب أن تكون القيمة نصًا.", en="The value has to be text.")
_NUMBER: Final = Text(ar="يجب أن تكون القيمة رقمًا.", en="The value has to be a number.")
_WHOLE: Final = Text(ar="يجب أن تكون القيمة رقمًا صحيحًا.", en="The value has to be a whole number.")
_ID: Final = Text(ar="يجب أن تكون القيمة معرّفًا من نوع UUID.", en="The value has to be a UUID.")
_OBJECT: Final = Text(ar="يجب أن تكون القيمة كائن JSON.", en="The value has to be a JSON object.")
_LIST: Final = Text(ar="يجب أن تكون القيمة قائمة.", en="The value has to be a list.")
_FLAG: Final = Text(ar="يجب أن تكون القيمة true أو false.", en="The value has to be true or false.")
_MOMENT: Final = Text(
    ar="يجب أن تكون القيمة تاريخًا ووقتًا مع المنطقة الزمنية، مثل 2026-01-31T09:00:00+02:00.",
    en="The value has to be a date and time with its offset, such as 2026-01-31T09:00:00+02:00.",
)
_CHOICE: Final = Text(
    ar="القيمة ليست من القيم المتاحة: «{expected_ar}».", en="The value is none of these: “{expected_en}”."
)
_SENTENCES: Final[Mapping[str, Text]] = {
    "missing": _MISSING,
    "extra_forbidden": Text(ar="هذا الحقل غير معروف.", en="This field is not known."),
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "string_too_short": Text(
        ar="النص أقصر من المسموح به: {min_length} حرف على الأقل.",
        en="The text is too short: at least {min_length} characters.",
    ),
    "string_too_long": Text(
        ar="النص أطول من المسموح به: {max_length} حرف على الأكثر.",
        en="The text is too long: at most {max_length} characters.",
    ),
    "too_long": Text(
        ar="القائمة طويلة: {max_length} عنصر على الأكثر.", en="Too many items: at most {max_length}."
    ),
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "greater_than_equal": Text(ar="القيمة أصغر من {ge}.", en="The value is less than {ge}."),
    "less_than_equal": Text(ar="القيمة أكبر من {le}.", en="The value is more than {le}."),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _FLAG,
    "bool_parsing": _FLAG,
    "uuid_type": _ID,
    "uuid_parsing": _ID,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "list_type": _LIST,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "timezone_aware": _MOMENT,
}
# Where a value stands, as FastAPI begins its place.
_ABOVE_FIELDS: Final = frozenset({"body", "query", "path", "header", "cookie"})


def is_about_address(errors: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the path itself holds what can name nothing, so that there is nothing there."""
    return any(error["loc"][:1] == ("path",) for error in errors)


def body_refused(errors: Sequence[Mapping[str, Any]]) -> BodyRefused:
    """The refusal of a request whose fields cannot be taken; each is told by its dotted name, none is echoed."""
    return BodyRefused(tuple((_field(error["loc"]), _sentence(error)) for error in errors[:_MOST_TOLD]))


def _field(place: Sequence[str | int]) -> str:
    parts = place[1:] if place[:1] and place[0] in _ABOVE_FIELDS else place
    # A field that nobody knows may be called anything.
    return ".".join(str(part)[:80] for part in parts) or str(place[0] if place else "body")


def _sentence(error: Mapping[str, Any]) -> Text:
    says = _SENTENCES.get(error["type"], _NO_VALUE)
    facts = dict(error.get("ctx") or {})
    if "expected" in facts:
        # Pydantic names them in a sentence of its own: 'low', 'normal' or 'high'.
        named = re.findall(r"'([^']*)'", str(facts["expected"]))
        facts |= {"expected_ar": "»، «".join(named), "expected_en": "”, “".join(named)}
    try:
        return Text(ar=says.ar.format(**facts), en=says.en.format(**facts))
    except KeyError:
        return _NO_VALUE
