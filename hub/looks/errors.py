"""What the hub refuses about logos and colours."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class BadLogo(Refusal):
    """A picture that cannot be shown as a logo; `line` is where in its file, from 1, and `reason` says why."""

    says = Text(ar="لا يصلح هذا الملف شعارًا: {reason}", en="This file cannot be a logo: {reason}")

    def __init__(self, reason: Text, line: int = 1) -> None:
        self.reason, self.line = reason, line
        super().__init__(field="logo", reason=reason)

    @property
    def sentence_of_it(self) -> Text:
        """The whole sentence in both languages."""
        return Text(
            ar=self.says.ar.format(reason=self.reason.ar), en=self.says.en.format(reason=self.reason.en)
        )


class BadColour(Refusal):
    """A text that is not a colour written as #rrggbb."""

    says = Text(
        ar="اللون «{colour}» لا يوافق الصيغة المطلوبة، مثل ‎#0b6e99.",
        en="The colour “{colour}” is not written in the required way, such as #0b6e99.",
    )
