"""What the hub refuses about people and how they are reached."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class PhoneRefused(Refusal):
    """The text is no phone number."""

    says = Text(
        ar="رقم الهاتف غير صحيح. يُرجى كتابته كاملًا بالأرقام، مثل 01001234567.",
        en="This is not a valid phone number. Please write it in full, in digits, for example 01001234567.",
    )


class ShortPhoneRefused(Refusal):
    """A short code belongs to an organisation; a person cannot be reached under it."""

    says = Text(
        ar="الأرقام المختصرة، مثل 19123، تخص الجهات لا الأشخاص. يُرجى كتابة رقم هاتف شخصي كاملًا.",
        en="Short numbers such as 19123 belong to organisations. Please give a person’s full phone number.",
    )


class EmailRefused(Refusal):
    """The text is no e-mail address."""

    says = Text(
        ar="عنوان البريد الإلكتروني غير صحيح. يُرجى كتابته كاملًا ومراجعته حرفًا حرفًا.",
        en="This is not a valid e-mail address. Please write it in full, for example name@example.com.",
    )


class NameRefused(Refusal):
    """The text is no name: too long, or with characters that no name has."""

    says = Text(
        ar="يُرجى كتابة الاسم في سطر واحد لا يزيد على 200 حرف.",
        en="Please write the name in one line of at most 200 characters.",
    )
