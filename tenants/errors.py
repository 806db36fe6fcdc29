"""Refusals: what the hub answers when it will not do what was asked."""

from __future__ import annotations

from typing import ClassVar

from tenants.languages import Language, Text


class Refusal(Exception):  # noqa: N818 - the domain's word: the hub refuses, it did not fail
    """One clear sentence in the caller's language about why nothing was changed.

    Subclasses state the sentence once, in both languages, with named fields:

        class UnknownService(Refusal):
            says = Text(ar="لا توجد خدمة بالرمز «{code}».", en="There is no service with the code “{code}”.")

        raise UnknownService(field="service", code=code)

    `field` names the input that is to be mended, as the caller sent it (dotted for nested input).
    Facts that are themselves a `Text` appear in the reader's language.
    """

    says: ClassVar[Text]

    def __init__(self, *, field: str | None = None, **facts: object) -> None:
        self.field = field
        self.facts = facts
        super().__init__(self.sentence(Language.ENGLISH))

    @property
    def code(self) -> str:
        """The stable name of this kind of refusal, for programs: the class name in snake case."""
        name = type(self).__name__
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")

    def sentence(self, language: Language) -> str:
        """The whole sentence for a reader of `language`."""
        facts = {
            name: fact.in_language(language) if isinstance(fact, Text) else fact
            for name, fact in self.facts.items()
        }
        return self.says.in_language(language).format(**facts)


class NotFound(Refusal):
    """Absent and forbidden give this one answer, so that nobody learns what exists elsewhere."""

    says = Text(ar="لم نجد ما طلبته.", en="We could not find what you asked for.")


class NotAllowed(Refusal):
    """The caller sees the thing, but this act is not theirs to do."""

    says = Text(ar="ليست لديك صلاحية القيام بهذا الإجراء.", en="You are not allowed to do this.")
