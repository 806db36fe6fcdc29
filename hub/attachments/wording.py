"""What people read about a file that was not taken, in both languages."""

from __future__ import annotations

from typing import Final

from hub.attachments.kinds import RefusedBecause
from tenants.languages import Text

REASONS: Final[dict[RefusedBecause, Text]] = {
    RefusedBecause.UNKNOWN_KIND: Text(
        ar="هذا النوع من الملفات غير مقبول. يمكن إرفاق الصور (JPEG وPNG وWebP) وملفات PDF والنصوص بترميز UTF-8"
        " ومستندات Word وExcel (docx وxlsx) والتسجيلات الصوتية والمرئية الشائعة.",
        en="This kind of file is not accepted. Photos (JPEG, PNG, WebP), PDF, UTF-8 text, Word and Excel documents"
        " (docx, xlsx) and the usual audio and video recordings can be attached.",
    ),
    RefusedBecause.HEIC: Text(
        ar="لا يمكن فتح الصور بصيغة HEIC هنا. أرسل الصورة بصيغة JPEG، فالهاتف يستطيع حفظها كذلك.",
        en="Photos in HEIC format cannot be opened here. Send it as JPEG: the phone can save it that way.",
    ),
    RefusedBecause.ACTIVE: Text(
        ar="يحتوي الملف على صفحة أو رسم به تعليمات برمجية، ولا تُقبل هذه الملفات.",
        en="The file holds a web page, a drawing or a script that a program would act on; such files are not accepted.",
    ),
    RefusedBecause.TWO_KINDS: Text(
        ar="يخفي الملف محتوى من نوع آخر بداخله، لذلك لم يُقبل.",
        en="The file hides content of another kind inside it, so it was not accepted.",
    ),
    RefusedBecause.BROKEN: Text(
        ar="الملف تالف أو غير مكتمل، ولا يمكن فتحه. أرسله مرة أخرى من مصدره.",
        en="The file is damaged or incomplete and cannot be opened. Send it again from where it came.",
    ),
    RefusedBecause.TOO_MANY_PIXELS: Text(
        ar="أبعاد الصورة أكبر من المسموح به. أرسل نسخة أصغر منها.",
        en="The picture is larger than allowed. Send a smaller copy of it.",
    ),
    RefusedBecause.MACROS: Text(
        ar="يحتوي المستند على وحدات ماكرو أو كائنات مضمّنة أو روابط تُفتح تلقائيًا. احفظه بدونها ثم أرفقه من جديد.",
        en="The document holds macros, embedded objects or links that open by themselves. Save it without them and"
        " attach it again.",
    ),
    RefusedBecause.PACKED: Text(
        ar="المستند أكبر من المسموح به بعد فك ضغطه.",
        en="The document is larger than allowed once it is unpacked.",
    ),
    RefusedBecause.VIRUS: Text(
        ar="وجد فاحص الفيروسات في الملف ما يضر، فحُذف.",
        en="The virus scanner found something harmful in the file, and it was deleted.",
    ),
}
