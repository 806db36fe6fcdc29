"""Why a code proves nothing."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class NotACode(Refusal):
    """The text is no six digits; it costs no try."""

    says = Text(
        ar="الرمز مكوَّن من ستة أرقام. راجع الرسالة التي وصلتك واكتبه كما هو.",
        en="The code has six digits. Please check the e-mail you received and type it as it is.",
    )


class WrongCode(Refusal):
    """Six digits, but not those that were sent."""

    says = Text(
        ar="الرمز غير صحيح. راجع آخر رسالة وصلتك. عدد المحاولات الباقية: {left}.",
        en="This code is not right. Please check the latest e-mail you received. Tries left: {left}.",
    )


class CodeOver(Refusal):
    """The code was used, guessed at too often, is too old, or was never sent; all of these get one answer."""

    says = Text(
        ar="لم يعد هذا الرمز صالحًا. اطلب رمزًا جديدًا.",
        en="This code is no longer valid. Please ask for a new one.",
    )


class NoMailHere(Refusal):
    """This hub sends no e-mail, so nothing can be proved by one."""

    says = Text(
        ar="لا ترسل المنظومة بريدًا إلكترونيًا حاليًا. تابع حالتك برقمها ورقمها السري.",
        en="We do not send e-mail at present. Please follow your case by its number and PIN.",
    )
