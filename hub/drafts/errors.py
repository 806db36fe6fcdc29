"""Why the hub will not keep an unsent report as it was given."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class DraftChangedElsewhere(Refusal):
    """Another tab or device of the same citizen kept something later; what is kept was left as it is."""

    says = Text(
        ar="تغيّر هذا البلاغ في نافذة أخرى مفتوحة لديك، فلم نحفظ هذه الصفحة فوقه. ما كتبته في النافذتين باقٍ كما هو.",
        en="This report was changed in another window you have open, so we did not save this page over it."
        " What you typed in both windows is still there.",
    )


class DraftOver(Refusal):
    """The report was sent or discarded in the meantime; a new one takes a new secret."""

    says = Text(
        ar="أُرسل هذا البلاغ أو أُلغي من قبل. يمكنك بدء بلاغ جديد إن أردت.",
        en="This report was already sent or discarded. You can start a new one if you like.",
    )


class DraftTooLarge(Refusal):
    """More text than is kept of an unsent report."""

    says = Text(
        ar="النص أطول مما يمكننا حفظه قبل الإرسال (الحد الأقصى {most} كيلوبايت). يُرجى اختصاره أو إرفاقه في ملف.",
        en="This is more text than we can keep before it is sent (at most {most} kB)."
        " Please shorten it, or attach it as a file.",
    )


class DraftUnreadable(Refusal):
    """Something in it is no text, number or choice that can be written down."""

    says = Text(
        ar="في البلاغ رموز لا يمكن حفظها. يُرجى حذفها وإعادة كتابتها.",
        en="The report contains characters that cannot be saved. Please remove them and type them again.",
    )
