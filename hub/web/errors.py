"""What pages refuse, in the words of whoever sees them, and what is refused of keys for asking again."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class PagesNotBuilt(Refusal):
    """What browsers get beside the pages was never made on this machine."""

    says = Text(
        ar="ملفات الصفحات غير جاهزة. نفّذ: make pages",
        en="The files that pages need were not built. Run: make pages",
    )


class NoSuchPage(Refusal):
    """There is nothing at this address."""

    says = Text(
        ar="لا توجد صفحة في هذا العنوان. ربما تغيّر العنوان أو كُتب ناقصًا.",
        en="There is no page at this address. It may have moved, or the address is incomplete.",
    )


class NotThisWay(Refusal):
    """The address is right, the way it was asked for is not."""

    says = Text(
        ar="هذه الصفحة لا تُفتح بهذه الطريقة.",
        en="This page cannot be opened in this way.",
    )


class NotReadable(Refusal):
    """What was sent is no form."""

    says = Text(
        ar="وصلنا ما أرسلته بصورة لا يمكن قراءتها.",
        en="What you sent reached us in a form that cannot be read.",
    )


class TooMuchSent(Refusal):
    """More than any form of this page takes."""

    says = Text(
        ar="ما أرسلته أكبر مما تستقبله هذه الصفحة ({most} ميغابايت).",
        en="What you sent is more than this page takes ({most} MB).",
    )


class SentFromElsewhere(Refusal):
    """A form that some other site sent in the visitor's name."""

    says = Text(
        ar="وصل هذا الطلب من موقع آخر، لا من صفحاتنا، فلم ننفّذه.",
        en="This was sent from another site and not from our pages, so we did not do it.",
    )


class NotNow(Refusal):
    """The database is away or has no time."""

    says = Text(
        ar="الخدمة مشغولة أو متوقفة للحظات.",
        en="The service is busy or briefly unavailable.",
    )


class WentWrong(Refusal):
    """The hub failed; the words never say how."""

    says = Text(
        ar="حدث خطأ عندنا أثناء فتح هذه الصفحة، وليس الخطأ منك.",
        en="Something went wrong on our side while opening this page. It was not your fault.",
    )


class BadIdempotencyKey(Refusal):
    """The key is too short to be anybody's own, too long, or holds other characters."""

    says = Text(
        ar="يجب أن يتكون Idempotency-Key من {least} إلى {most} حرفًا أو رقمًا لاتينيًا، مثل UUID عشوائي.",
        en="An Idempotency-Key has {least} to {most} visible Latin characters; use a random UUID.",
    )


class KeyUsedForSomethingElse(Refusal):
    """The same Idempotency-Key came before with another request."""

    says = Text(
        ar="استُخدم هذا المفتاح Idempotency-Key من قبل مع طلب مختلف.",
        en="This Idempotency-Key was used before with a different request.",
    )
