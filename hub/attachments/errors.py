"""Why the hub will not take or hand out a file."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class FileEmpty(Refusal):
    """There is nothing in it."""

    says = Text(ar="الملف فارغ.", en="The file is empty.")


class FileTooLarge(Refusal):
    """One file is larger than allowed."""

    says = Text(
        ar="الملف أكبر من المسموح به: الحد الأقصى {most} ميغابايت.",
        en="The file is larger than allowed: at most {most} MB.",
    )


class TooManyBytesToday(Refusal):
    """The tenant has taken in all that it may in a day."""

    says = Text(
        ar="استُنفدت مساحة الملفات المتاحة لهذه الجهة اليوم. يمكنك إرسال طلبك دون الملف وإرفاقه غدًا.",
        en="This body has received all the files it can take today. You can go on without the file and attach it"
        " tomorrow.",
    )


class TooManyFiles(Refusal):
    """More files than one answer may have."""

    says = Text(ar="عدد الملفات المرفقة أكبر من {most}.", en="More than {most} files are attached.")


class WrongOffset(Refusal):
    """A piece that does not follow on what came before; `expected` is where the next one begins."""

    says = Text(
        ar="يجب أن تبدأ القطعة التالية من الملف عند البايت {expected}.",
        en="The next piece of the file has to begin at byte {expected}.",
    )


class PieceTooLarge(Refusal):
    """One piece is larger than allowed."""

    says = Text(
        ar="القطعة أكبر من المسموح به: الحد الأقصى {most} بايت.",
        en="The piece is larger than allowed: at most {most} bytes.",
    )


class TooManyPieces(Refusal):
    """The file was cut too small."""

    says = Text(
        ar="قُسّم الملف إلى أكثر من {most} قطعة. أعد رفعه بقطع أكبر.",
        en="The file came in more than {most} pieces. Upload it again in larger ones.",
    )


class MoreThanDeclared(Refusal):
    """More bytes than the upload said at its beginning."""

    says = Text(
        ar="وصلت بيانات أكثر من حجم الملف المعلن ({size} بايت).",
        en="There are more bytes than the size that was declared ({size}).",
    )


class UploadIncomplete(Refusal):
    """Bytes are missing."""

    says = Text(
        ar="لم يكتمل رفع الملف: وصل {received} من {size} بايت.",
        en="The upload is not complete: {received} of {size} bytes have arrived.",
    )


class UploadOver(Refusal):
    """The upload was finished before; nothing can be added."""

    says = Text(ar="اكتمل رفع هذا الملف من قبل.", en="The upload of this file was finished already.")


class BadChecksum(Refusal):
    """No SHA-256 at all."""

    says = Text(
        ar="يجب أن يكون المجموع الاختباري SHA-256 مكتوبًا في 64 خانة ست عشرية.",
        en="The checksum has to be a SHA-256 written as 64 hexadecimal digits.",
    )


class ChecksumDiffers(Refusal):
    """What arrived is not what was sent."""

    says = Text(
        ar="وصل الملف مختلفًا عمّا أُرسل. يُرجى رفعه من جديد.",
        en="The file arrived different from what was sent. Please upload it again.",
    )


class FilesNotKnown(Refusal):
    """A ticket was to get files that its sender has not uploaded, or that are gone."""

    says = Text(
        ar="بعض الملفات المرفقة غير معروفة أو انتهت مدة حفظها. يُرجى إرفاقها من جديد.",
        en="Some of the attached files are not known, or were kept too long unused. Please attach them again.",
    )


class FileNotFinished(Refusal):
    """A ticket was to get a file whose upload is not finished."""

    says = Text(
        ar="لم يكتمل رفع أحد الملفات المرفقة. انتظر حتى يكتمل ثم أعد المحاولة.",
        en="One of the attached files is still being uploaded. Wait until it is complete and try again.",
    )


class FileRefused(Refusal):
    """The file was examined and is not taken; `reason` says why."""

    says = Text(ar="{reason}", en="{reason}")


class FileNotReady(Refusal):
    """The file is still being examined."""

    says = Text(
        ar="ما زال الملف قيد الفحص. يُرجى المحاولة بعد قليل.",
        en="The file is still being examined. Please try again in a moment.",
    )


class FileInUse(Refusal):
    """A file that belongs to a ticket is part of its record."""

    says = Text(
        ar="هذا الملف جزء من سجل الحالة ولا يمكن حذفه.",
        en="This file is part of the case's record and cannot be deleted.",
    )


class DownloadLinkRefused(Refusal):
    """The link is over, was cut off in copying, or was never one."""

    says = Text(
        ar="رابط التنزيل لا يعمل أو انتهت مدته. افتح الحالة واطلب الملف منها من جديد.",
        en="This download link does not work or has expired. Open the case and ask for the file again.",
    )


class StoreUnavailable(Refusal):
    """The place that files are kept in does not answer; nothing was lost."""

    says = Text(
        ar="مخزن الملفات غير متاح حاليًا. يُرجى المحاولة بعد قليل.",
        en="The store of files is not available at the moment. Please try again shortly.",
    )


class BadStoreAddress(Refusal):
    """The environment names no bucket."""

    says = Text(
        ar="عنوان مخزن الملفات غير صالح؛ يُكتب هكذا: s3://bucket/prefix.",
        en="The address of the store of files cannot be used; it is written as s3://bucket/prefix.",
    )


class BadScannerAddress(Refusal):
    """The environment names no scanner."""

    says = Text(
        ar="عنوان فاحص الفيروسات غير صالح؛ يُكتب هكذا: tcp://host:3310 أو unix:///path.",
        en="The address of the virus scanner cannot be used; it is written as tcp://host:3310 or unix:///path.",
    )
