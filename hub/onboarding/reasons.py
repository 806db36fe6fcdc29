"""What pydantic found wrong with a part of a pack, in whole sentences for its author."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from hub.onboarding.pack_parts import REFUSED
from tenants.languages import Text

Facts = Mapping[str, Any]

_LIST = Text(ar="المطلوب قائمة.", en="A list is expected.")
_KEYS = Text(ar="المطلوب مفاتيح بقيمها.", en="Keys with values are expected.")
_ONE_OF: Callable[[Facts], Text] = lambda facts: Text(  # noqa: E731 - one of a table of sentences
    ar=f"القيم المقبولة هنا: {facts['expected']}.", en=f"Accepted here are: {facts['expected']}."
)
_SENTENCES: Mapping[str, Text | Callable[[Facts], Text]] = {
    "string_type": Text(
        ar="المطلوب نص؛ ضع الأرقام بين علامتي تنصيص.", en="Text is expected; put figures in quotes."
    ),
    "string_pattern_mismatch": lambda facts: Text(
        ar=f"الكتابة لا توافق الصيغة المطلوبة: {facts['pattern']}",
        en=f"This is not written in the required way: {facts['pattern']}",
    ),
    "string_too_short": Text(ar="النص فارغ.", en="The text is empty."),
    "string_too_long": lambda facts: Text(
        ar=f"النص أطول من {facts['max_length']} حرف.",
        en=f"The text is longer than {facts['max_length']} characters.",
    ),
    "enum": _ONE_OF,
    "literal_error": _ONE_OF,
    "bool_type": Text(ar="المطلوب true أو false.", en="Either true or false is expected."),
    "int_type": Text(ar="المطلوب عدد صحيح.", en="A whole number is expected."),
    "greater_than_equal": lambda facts: Text(
        ar=f"أقل قيمة {facts['ge']}.", en=f"The least is {facts['ge']}."
    ),
    "less_than_equal": lambda facts: Text(ar=f"أكبر قيمة {facts['le']}.", en=f"The most is {facts['le']}."),
    "tuple_type": _LIST,
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "too_short": Text(ar="القائمة فارغة.", en="The list is empty."),
    "too_long": lambda facts: Text(
        ar=f"القائمة أطول من {facts['max_length']}.", en=f"The list is longer than {facts['max_length']}."
    ),
}
_NOT_ACCEPTED = Text(ar="القيمة غير مقبولة هنا.", en="The value is not accepted here.")


def reason_for(error: ErrorDetails) -> Text:
    """The reason to give a pack's author for one error of validation."""
    kind, facts = error["type"], error.get("ctx", {})
    last = error["loc"][-1] if error["loc"] else ""
    if kind == REFUSED:
        reason: Text = facts["reason"]
        return reason
    if kind == "missing":
        return Text(ar=f"ينقص المفتاح «{last}».", en=f"The key “{last}” is missing.")
    if kind == "extra_forbidden":
        return Text(ar=f"المفتاح «{last}» غير معروف هنا.", en=f"The key “{last}” is not known here.")
    sentence = _SENTENCES.get(kind, _NOT_ACCEPTED)
    return sentence if isinstance(sentence, Text) else sentence(facts)
