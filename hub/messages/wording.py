"""What citizens are written: the receipt of a report, and the one-time code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

from hub.messages.letters import Block, Letter, Link, Paragraph, Value, compose, isolated
from hub.tickets.numbers import grouped
from tenants.languages import Language, Text

_INDIC: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_LOCALES: Final = {Language.ARABIC: Locale("ar", "EG"), Language.ENGLISH: Locale("en", "GB")}
_DAYS: Final = {Language.ARABIC: "EEEE، d MMMM y", Language.ENGLISH: "EEEE, d MMMM y"}

_AUTOMATIC: Final = Text(
    ar="هذه رسالة آلية، والرد عليها لا يصل إلى أحد.",
    en="This message was sent automatically. Nobody reads replies to it.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the receipt of a report says; nothing in it was written by whoever reported.

    `link` opens the case by its secret, None where no address is known to lead to; `due_at` is the promised date in
    `zone`, None where none is promised.
    """

    email: str = field(repr=False)
    number: str
    link: str | None = field(repr=False)
    service: Text
    body: Text
    due_at: datetime | None
    zone: str


def receipt_letter(receipt: Receipt, language: Language) -> Letter:
    """The receipt as a letter."""
    # In Latin digits also in Arabic: Arabic-Indic ones in groups are shown with the groups turned round.
    number = grouped(receipt.number)
    subject = Text(ar=f"رقم حالتك {isolated(number)}", en=f"Your case number is {number}")
    blocks: list[Block] = [
        Paragraph(
            Text(
                ar="وصل بلاغك، وشكرًا لك. احتفظ بهذه الرسالة لمتابعة حالتك.",
                en="We have received your report. Thank you. Please keep this message, so that you can follow your case.",
            ).in_language(language)
        ),
        Value(_said(language, "رقم الحالة", "Case number"), number, digits=True),
        Value(_said(language, "الخدمة", "Service"), receipt.service.in_language(language)),
        Value(_said(language, "الجهة", "Agency"), receipt.body.in_language(language)),
    ]
    if receipt.due_at is not None:
        blocks.append(
            Value(
                _said(language, "الموعد المحدد", "Promised date"),
                _day(receipt.due_at, receipt.zone, language),
            )
        )
    blocks += _way_in(receipt.link, language)
    blocks += [
        Paragraph(
            Text(
                ar="إذا لم ترسل أنت هذا البلاغ فقد كُتب عنوانك بالخطأ، ويمكنك حذف هذه الرسالة.",
                en="If you did not send this report, somebody gave your address by mistake. Just delete this message.",
            ).in_language(language)
        ),
        Paragraph(_AUTOMATIC.in_language(language)),
    ]
    return compose(receipt.email, language, subject.in_language(language), blocks)


def _way_in(link: str | None, language: Language) -> list[Block]:
    if link is None:
        by_number = Text(
            ar="تابع حالتك برقمها وبالرقم السري الذي ظهر لك بعد الإرسال.",
            en="Follow your case by its number and the PIN that you were shown after sending.",
        )
        return [Paragraph(by_number.in_language(language))]
    return [
        Link(
            _said(
                language,
                "تابع حالتك، وأجب عن الأسئلة، وأضف ما تريد من هذا الرابط",
                "Follow your case, answer questions and add to it here",
            ),
            link,
        ),
        Paragraph(
            Text(
                ar="كل من لديه هذا الرابط يستطيع قراءة حالتك، فلا ترسله إلى أحد.",
                en="Anybody who has this link can read your case. Please do not pass it on.",
            ).in_language(language)
        ),
    ]


def code_letter(email: str, code: str, valid_for: timedelta, language: Language) -> Letter:
    """A one-time code as a letter; it stands in the text and not in the subject, which locked screens show."""
    minutes = int(valid_for.total_seconds() // 60)
    subject = Text(ar="الرمز الذي طلبته", en="The code you asked for")
    return compose(
        email,
        language,
        subject.in_language(language),
        [
            Paragraph(
                _said(
                    language,
                    "اكتب هذا الرمز في الصفحة التي طلبته منها:",
                    "Type this code into the page where you asked for it:",
                )
            ),
            Value(_said(language, "الرمز", "Code"), code, digits=True),
            Paragraph(
                Text(
                    ar=f"يصلح الرمز لمدة {_minutes_in_arabic(minutes)}، ولمرة واحدة.",
                    en=f"It is valid for {minutes} {'minute' if minutes == 1 else 'minutes'} and works once.",
                ).in_language(language)
            ),
            Paragraph(
                Text(
                    ar="لا تُعطِ هذا الرمز لأحد، حتى إن قال إنه من العاملين في المنظومة.",
                    en="Do not give this code to anybody, not even to somebody who says they work for us.",
                ).in_language(language)
            ),
            Paragraph(
                Text(
                    ar="إذا لم تطلب هذا الرمز فيمكنك حذف الرسالة؛ لا يستطيع أحد أن يرى شيئًا من دونه.",
                    en="If you did not ask for it, you can delete this message: nobody sees anything without the code.",
                ).in_language(language)
            ),
            Paragraph(_AUTOMATIC.in_language(language)),
        ],
    )


def _said(language: Language, ar: str, en: str) -> str:
    return Text(ar=ar, en=en).in_language(language)


def _day(moment: datetime, zone: str, language: Language) -> str:
    written = format_date(moment.astimezone(ZoneInfo(zone)).date(), _DAYS[language], _LOCALES[language])
    return written.translate(_INDIC) if language is Language.ARABIC else written


def _minutes_in_arabic(minutes: int) -> str:
    few = range(3, 11)
    if minutes == 1:
        return "دقيقة واحدة"
    if minutes == 2:  # noqa: PLR2004 - the dual
        return "دقيقتين"
    counted = str(minutes).translate(_INDIC)
    return f"{counted} دقائق" if minutes % 100 in few else f"{counted} دقيقة"
