"""What a citizen answered when they reported, in words: choices by their labels, files left to the list of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hub.forms.access import form_version
from hub.forms.shape import COORDINATES, Question, QuestionKind
from hub.reference import countries, governorates
from hub.tickets.access import tickets_visible_to
from hub.tickets.models import Ticket
from tenants.context import Context
from tenants.languages import Text
from tenants.models import Tenant

_YES: Final = Text(ar="نعم", en="Yes")
_NO: Final = Text(ar="لا", en="No")


@dataclass(frozen=True, slots=True)
class Given:
    """A question and its answer; what the citizen typed is `typed`, what they chose is `chosen`, of a place both."""

    question: Text
    chosen: tuple[Text, ...] = ()
    typed: str = ""


def given_answers(context: Context) -> Sequence[Given]:
    """The answers of the case of the context, as its citizen gave them to the first of its bodies.

    Raises `RuntimeError` for a context that is bound to no case.
    """
    if context.case_id is None:
        raise RuntimeError("a citizen's answers need a context bound to their case")
    first = context.session.scalars(
        tickets_visible_to(context).order_by(Ticket.opened_at, Ticket.id).limit(1)
    ).one_or_none()
    if first is None or first.form_id is None or first.form_version is None:
        return []
    form = form_version(context, first.tenant_id, first.form_id, first.form_version)
    answers = first.answers or {}
    country = context.session.get_one(Tenant, first.tenant_id).country
    known = governorates(country) if country in countries() else {}
    names = {code: each.name for code, each in known.items()}
    return [
        _given(question, answers[question.name], names)
        for question in form.questions
        if question.name in answers and question.kind is not QuestionKind.FILE
    ]


def _given(question: Question, answer: Any, governorates_named: Mapping[str, Text]) -> Given:
    if isinstance(answer, bool):
        return Given(question.label, chosen=(_YES if answer else _NO,))
    if question.options:
        labels = {option.value: option.label for option in question.options}
        values = answer if isinstance(answer, list) else [answer]
        return Given(question.label, chosen=tuple(labels[each] for each in values if each in labels))
    if isinstance(answer, dict):
        parts = {name: str(part) for name, part in answer.items() if name not in COORDINATES}
        chosen = governorates_named.get(parts.get("governorate", ""))
        if chosen is not None:
            del parts["governorate"]
        return Given(question.label, chosen=(chosen,) if chosen else (), typed=", ".join(parts.values()))
    return Given(question.label, typed=str(answer))
