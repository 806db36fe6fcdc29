"""What the hub refuses about forms: broken definitions, and answers that break the form."""

from __future__ import annotations

from dataclasses import dataclass

from tenants.errors import Refusal
from tenants.languages import Text


class NotUnderstood(ValueError):  # noqa: N818 - carried up inside the feature, becomes a refusal there
    """A piece of a definition that cannot be taken, and why; `place` is relative to the piece."""

    def __init__(self, reason: Text, place: str = "") -> None:
        self.reason = reason
        self.place = place
        super().__init__(reason.en)


class BrokenForm(Refusal):
    """A form definition that cannot be used: `place` ("pages[0].questions[2].limits") and `reason`."""

    says = Text(
        ar="تعريف النموذج غير صحيح عند «{place}»: {reason}",
        en="The form definition is broken at “{place}”: {reason}",
    )

    def __init__(self, *, place: str, reason: Text) -> None:
        self.place = place
        self.reason = reason
        super().__init__(field=place, place=place, reason=reason)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the answers: the question's name (dotted for a part) and a whole sentence."""

    field: str
    says: Text


class AnswersRefused(Refusal):
    """Answers that break the form; `problems` holds every one of them, the sentence is the first one's."""

    says = Text(ar="{problem}", en="{problem}")

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(field=problems[0].field, problem=problems[0].says)


class NoFormToAnswer(Refusal):
    """Answers were sent for a service that asks nothing."""

    says = Text(ar="هذه الخدمة ليس لها نموذج للإجابة عنه.", en="This service has no form to answer.")
