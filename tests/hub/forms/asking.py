"""A form with a question of every kind, and what becomes of answers to it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.forms.answers import check_answers
from hub.forms.conditions import Answer
from hub.forms.definition import read_form
from hub.forms.errors import AnswersRefused

TODAY = date(2026, 11, 22)
PHOTO = "0192f3a4-7b1c-7def-8abc-0123456789ab"
OTHER_PHOTO = "0192f3a4-7b1c-7def-8abc-0123456789ac"


def both(text: str) -> dict[str, str]:
    return {"ar": f"سؤال {text}", "en": f"Question {text}"}


def asked(name: str, kind: str, **more: object) -> dict[str, Any]:
    return {"name": name, "kind": kind, "label": both(name), **more}


OPTIONS = [{"value": value, "label": both(value)} for value in ("leak", "pressure", "colour")]
FORM = read_form(
    {
        "format": 1,
        "title": both("form"),
        "pages": [
            {
                "title": both("page"),
                "questions": [
                    asked("fault", "choice", options=OPTIONS, required=True),
                    asked(
                        "leaks",
                        "number",
                        limits={"whole": True, "minimum": 1, "maximum": 20},
                        required=True,
                        visible_when={"question": "fault", "is": "leak"},
                    ),
                    asked("seen", "choices", options=OPTIONS, limits={"at_most": 2}),
                    asked("urgent", "yes_no"),
                    asked("meter", "text", limits={"min_length": 3, "max_length": 6, "pattern": "^[0-9]+$"}),
                    asked("name", "text"),
                    asked("story", "long_text"),
                    asked("cost", "number"),
                    asked("since", "date", limits={"earliest": "2020-01-01", "latest": "today"}),
                    asked("visit", "date", limits={"earliest": "today"}),
                    asked("identity", "national_id"),
                    asked("phone", "phone"),
                    asked("email", "email"),
                    asked("where", "place"),
                    asked("photos", "file", limits={"at_least": 2, "at_most": 3}),
                ],
            }
        ],
    }
)


def taken(**answers: object) -> dict[str, Answer]:
    return check_answers(FORM, {"fault": "pressure", **answers}, TODAY)


def refused(**answers: object) -> AnswersRefused:
    with pytest.raises(AnswersRefused) as caught:
        taken(**answers)
    return caught.value


def sentence(**answers: object) -> str:
    (problem,) = refused(**answers).problems
    return problem.says.en
