"""Why no message can be written or sent."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class LetterRefused(Refusal):
    """A subject, name or link that would break out of its place in an e-mail."""

    says = Text(
        ar="لا يمكن أن يحتوي هذا الجزء من الرسالة على أسطر جديدة أو رموز تحكم.",
        en="This part of an e-mail cannot hold line breaks or control characters.",
    )


class MailSenderMissing(Refusal):
    """A mail server without an address to send from."""

    says = Text(
        ar="حُدّد خادم للبريد ولم يُحدَّد عنوان المرسل. اضبط HUB_MAIL_SENDER.",
        en="A mail server is set, but no address to send from. Set HUB_MAIL_SENDER.",
    )


class BadMailSender(Refusal):
    """The sender is no e-mail address, or its name is no name."""

    says = Text(
        ar="عنوان مرسل البريد أو اسمه في {name} غير صحيح. اكتب عنوانًا مثل no-reply@example.com، أو اسمًا في سطر واحد.",
        en="The mail sender in {name} is not valid. Write an address like no-reply@example.com, or a name in one line.",
    )


class MailPasswordUnprotected(Refusal):
    """A password would cross the network for everybody to read."""

    says = Text(
        ar="لا تُرسل كلمة مرور البريد دون تشفير. اضبط HUB_MAIL_SECURITY على starttls أو tls.",
        en="The mail password is not sent without encryption. Set HUB_MAIL_SECURITY to starttls or tls.",
    )
