"""Reading a form definition: its shape, and whether what it asks makes sense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from math import ceil, floor
from typing import Any, Final

from pydantic import ValidationError

from hub.forms.conditions import Comparison, Relation, Scalar, comparisons
from hub.forms.errors import BrokenForm, NotUnderstood
from hub.forms.patterns import check_pattern
from hub.forms.plain import plain, step
from hub.forms.shape import (
    LONGEST,
    MOST_FILES,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    UNKNOWN_KEY,
    Form,
    Question,
    QuestionKind,
)
from tenants.languages import Text

_LIMITS_OF: Final[Mapping[QuestionKind, frozenset[str]]] = {
    QuestionKind.TEXT: frozenset({"min_length", "max_length", "pattern"}),
    QuestionKind.LONG_TEXT: frozenset({"min_length", "max_length"}),
    QuestionKind.NUMBER: frozenset({"minimum", "maximum", "whole"}),
    QuestionKind.DATE: frozenset({"earliest", "latest"}),
    QuestionKind.CHOICES: frozenset({"at_least", "at_most"}),
    QuestionKind.FILE: frozenset({"at_least", "at_most"}),
}
_WITH_OPTIONS: Final = frozenset({QuestionKind.CHOICE, QuestionKind.CHOICES})
_COUNTED: Final = frozenset({QuestionKind.NUMBER, QuestionKind.CHOICES, QuestionKind.FILE})
_COMPARED_WITH: Final[Mapping[QuestionKind, type | tuple[type, ...]]] = {
    QuestionKind.TEXT: str,
    QuestionKind.CHOICE: str,
    QuestionKind.CHOICES: str,
    QuestionKind.YES_NO: bool,
    QuestionKind.NUMBER: (int, float),
}


def read_form(data: object) -> Form:
    """The form written in `data`, the plain lists and dicts of a JSON or YAML reader, ready to be asked.

    Raises `BrokenForm` with the place ("pages[0].questions[2].visible_when") and the reason in both
    languages.
    """
    try:
        form = Form.model_validate(plain(data))
    except NotUnderstood as error:
        raise _broken("", error) from error
    except ValidationError as error:
        raise _misshapen(error) from error
    earlier: dict[str, Question] = {}
    for place, question in _placed(form):
        if len(earlier) == MOST_QUESTIONS:
            raise BrokenForm(
                place=place,
                reason=Text(
                    ar=f"يجب ألا يزيد عدد أسئلة النموذج عن {MOST_QUESTIONS}.",
                    en=f"a form may have at most {MOST_QUESTIONS} questions.",
                ),
            )
        try:
            _check_question(question, earlier)
        except NotUnderstood as error:
            raise _broken(place, error) from error
        earlier[question.name] = question
    return form


def _broken(place: str, error: NotUnderstood) -> BrokenForm:
    return BrokenForm(place=(place + error.place).lstrip(".") or "form", reason=error.reason)


def _placed(form: Form) -> Iterator[tuple[str, Question]]:
    for page_position, page in enumerate(form.pages):
        for position, question in enumerate(page.questions):
            yield f"pages[{page_position}].questions[{position}]", question


def _check_question(question: Question, earlier: Mapping[str, Question]) -> None:
    if question.name in earlier:
        raise NotUnderstood(
            Text(
                ar=f"الاسم «{question.name}» مستعمل لسؤال سابق.",
                en=f"the name “{question.name}” is already taken by an earlier question.",
            ),
            ".name",
        )
    _check_options(question)
    _check_limits(question)
    if question.visible_when is None:
        return
    for place, comparison in comparisons(question.visible_when, ".visible_when"):
        asked = earlier.get(comparison.question)
        if asked is None:
            raise NotUnderstood(
                Text(
                    ar=f"لا يوجد سؤال سابق باسم «{comparison.question[:40]}».",
                    en=f"there is no earlier question named “{comparison.question[:40]}”.",
                ),
                f"{place}.question",
            )
        _check_comparison(comparison, asked, place)


def _check_options(question: Question) -> None:
    if question.kind not in _WITH_OPTIONS:
        if question.options:
            raise NotUnderstood(
                Text(
                    ar="لا تُكتب الاختيارات إلا لسؤال من نوع choice أو choices.",
                    en="only questions of the kinds choice and choices have options.",
                ),
                ".options",
            )
        return
    if not 2 <= len(question.options) <= MOST_OPTIONS:  # noqa: PLR2004 - one option is no choice
        raise NotUnderstood(
            Text(
                ar=f"يجب أن يكون للسؤال اختياران على الأقل و{MOST_OPTIONS} على الأكثر.",
                en=f"the question needs at least 2 and at most {MOST_OPTIONS} options.",
            ),
            ".options",
        )
    seen: set[str] = set()
    for position, value in enumerate(question.option_values):
        if value in seen:
            raise NotUnderstood(
                Text(
                    ar=f"القيمة «{value}» مكررة بين الاختيارات.",
                    en=f"the value “{value}” appears twice among the options.",
                ),
                f".options[{position}].value",
            )
        seen.add(value)


def _check_limits(question: Question) -> None:
    limits, kind = question.limits, question.kind
    if unfit := sorted(limits.model_fields_set - _LIMITS_OF.get(kind, frozenset())):
        raise NotUnderstood(
            Text(
                ar=f"الحد «{unfit[0]}» لا ينطبق على سؤال من نوع {kind}.",
                en=f"the limit “{unfit[0]}” does not apply to a question of the kind {kind}.",
            ),
            f".limits.{unfit[0]}",
        )
    _check_at_most(limits.max_length, LONGEST.get(kind, 0), ".limits.max_length")
    most = MOST_FILES if kind is QuestionKind.FILE else len(question.options)
    _check_at_most(limits.at_least, most, ".limits.at_least")
    _check_at_most(limits.at_most, most, ".limits.at_most")
    if limits.pattern is not None:
        try:
            check_pattern(limits.pattern)
        except NotUnderstood as error:
            raise NotUnderstood(error.reason, ".limits.pattern") from error
    if _contradict(question):
        raise NotUnderstood(
            Text(
                ar="هذه الحدود متناقضة فلا تقبل أي إجابة.",
                en="these limits contradict each other: no answer could keep to them.",
            ),
            ".limits",
        )


def _check_at_most(limit: int | None, most: int, place: str) -> None:
    if limit is not None and limit > most:
        raise NotUnderstood(
            Text(ar=f"يجب ألا يزيد هذا الحد عن {most}.", en=f"this limit may be at most {most}."), place
        )


def _contradict(question: Question) -> bool:
    limits = question.limits
    if limits.minimum is not None and limits.maximum is not None:
        least, most = limits.minimum, limits.maximum
        if (ceil(least) > floor(most)) if limits.whole else (least > most):
            return True
    if (
        isinstance(limits.earliest, date)
        and isinstance(limits.latest, date)
        and limits.earliest > limits.latest
    ):
        return True
    return (limits.min_length or 0) > (question.longest) or (limits.at_least or 0) > (question.most)


def _check_comparison(comparison: Comparison, asked: Question, place: str) -> None:
    relation = comparison.relation
    if relation is Relation.ANSWERED:
        return
    place = f"{place}.{relation.value}"
    if relation in {Relation.AT_LEAST, Relation.AT_MOST}:
        if asked.kind not in _COUNTED:
            raise _unlike(asked, place)
        if asked.kind is not QuestionKind.NUMBER and not _is_count(comparison.value):
            raise NotUnderstood(
                Text(
                    ar="يجب أن يكون العدد هنا صحيحًا من 0 إلى 200.",
                    en="this must be a whole number from 0 to 200.",
                ),
                place,
            )
        return
    values = comparison.value if isinstance(comparison.value, tuple) else (comparison.value,)
    for value in values:
        _check_value(value, asked, place)


def _is_count(value: Scalar | tuple[Scalar, ...]) -> bool:
    return isinstance(value, int) and 0 <= value <= MOST_OPTIONS


def _check_value(value: Scalar, asked: Question, place: str) -> None:
    fitting = _COMPARED_WITH.get(asked.kind)
    if fitting is None or not isinstance(value, fitting) or isinstance(value, bool) != (fitting is bool):
        raise _unlike(asked, place)
    if asked.kind in _WITH_OPTIONS and value not in asked.option_values:
        raise NotUnderstood(
            Text(
                ar=f"القيمة «{str(value)[:60]}» ليست من اختيارات السؤال «{asked.name}».",
                en=f"the value “{str(value)[:60]}” is not among the options of “{asked.name}”.",
            ),
            place,
        )


def _unlike(asked: Question, place: str) -> NotUnderstood:
    return NotUnderstood(
        Text(
            ar=f"لا يمكن إجراء هذه المقارنة مع السؤال «{asked.name}» لأنه من نوع {asked.kind}.",
            en=f"“{asked.name}” is of the kind {asked.kind} and cannot be compared in this way.",
        ),
        place,
    )


def _misshapen(error: ValidationError) -> BrokenForm:
    first = error.errors(include_url=False)[0]
    place = _written(first["loc"])
    context: dict[str, Any] = first.get("ctx", {})
    inner = context.get("error")
    if isinstance(inner, NotUnderstood):
        return _broken(place, inner)
    reason = _REASONS.get(first["type"], _WRONG_TYPE)
    return BrokenForm(
        place=place.lstrip(".") or "form",
        reason=Text(ar=reason.ar.format(**context), en=reason.en.format(**context)),
    )


def _written(steps: Iterable[int | str]) -> str:
    return "".join(f"[{one}]" if isinstance(one, int) else step(one) for one in steps)


_WRONG_TYPE: Final = Text(
    ar="القيمة المكتوبة هنا ليست من النوع المطلوب.", en="what stands here is not of the kind needed."
)
_REASONS: Final[Mapping[str, Text]] = {
    "missing": Text(ar="هذا الحقل مطلوب ولم يُكتب.", en="this key is required and missing."),
    "extra_forbidden": UNKNOWN_KEY,
    "enum": Text(
        ar="نوع السؤال غير معروف؛ الأنواع هي: " + "، ".join(QuestionKind) + ".",
        en="this kind of question is not known; the kinds are: " + ", ".join(QuestionKind) + ".",
    ),
    "literal_error": Text(
        ar="هذا الإصدار غير معروف؛ الإصدار الحالي هو 1.", en="this format is not known; the current one is 1."
    ),
    "string_pattern_mismatch": Text(
        ar="لا يطابق هذا النص الصيغة المطلوبة {pattern}.",
        en="this does not have the form required: {pattern}.",
    ),
    "too_short": Text(
        ar="يجب أن تضم القائمة عنصرًا واحدًا على الأقل.", en="this list needs at least one entry."
    ),
    "too_long": Text(
        ar="يجب ألا يزيد عدد عناصر القائمة عن {max_length}.",
        en="this list may have at most {max_length} entries.",
    ),
    "string_too_short": Text(ar="يجب ألا يكون هذا النص فارغًا.", en="this text may not be empty."),
    "string_too_long": Text(
        ar="يجب ألا يزيد عدد أحرف هذا النص عن {max_length}.",
        en="this text may have at most {max_length} characters.",
    ),
    "greater_than_equal": Text(ar="يجب ألا يقل هذا الرقم عن {ge}.", en="this number must be at least {ge}."),
}
