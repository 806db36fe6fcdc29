"""What each kind of fact is called, in both languages."""

from __future__ import annotations

from collections.abc import Iterable

from tenants.languages import Text

FACT_NAMES: dict[str, Text] = {
    "api_key.created": Text(ar="أُنشئ مفتاح واجهة برمجية", en="API key created"),
    "api_key.revoked": Text(ar="أُلغي مفتاح واجهة برمجية", en="API key revoked"),
    "api_key.rotated": Text(ar="استُبدل مفتاح واجهة برمجية", en="API key replaced"),
    "attachment.added": Text(ar="أُرفق ملف", en="file attached"),
    "attachment.carried": Text(ar="انتقل ملف مع الحالة", en="file came along with the case"),
    "attachment.erased": Text(ar="حُذف ملف", en="file deleted"),
    "attachment.ready": Text(ar="اكتمل فحص ملف", en="file examined"),
    "attachment.refused": Text(ar="رُفض ملف", en="file refused"),
    "attachment.uploaded": Text(ar="رُفع ملف", en="file uploaded"),
    "calendar.changed": Text(ar="تغيّر التقويم", en="calendar changed"),
    "case.closed": Text(ar="أُغلقت الحالة", en="case closed"),
    "case.keys_throttled": Text(ar="أُوقفت محاولات الدخول مؤقتًا", en="attempts to open the case paused"),
    "case.opened": Text(ar="فُتحت الحالة", en="case opened"),
    "case.reopened": Text(ar="أُعيد فتح الحالة", en="case reopened"),
    "case.rested": Text(ar="الحالة في انتظار المواطن", en="case waits for the citizen"),
    "case.taken_up": Text(ar="استؤنف العمل على الحالة", en="work on the case goes on"),
    "clock.moved": Text(ar="تغيّر الموعد", en="deadline moved"),
    "clock.rung_reached": Text(ar="تصعيد بسبب الموعد", en="deadline escalated"),
    "form.published": Text(ar="نُشر النموذج", en="form published"),
    "look.changed": Text(ar="تغيّر لون الجهة أو شعارها", en="colour or logo of the body changed"),
    "message.given_up": Text(ar="تعذّر إرسال رسالة إلى المواطن", en="e-mail to the citizen not sent"),
    "message.promised": Text(ar="ستُرسل رسالة إلى المواطن", en="e-mail to the citizen promised"),
    "message.sent": Text(ar="أُرسلت رسالة إلى المواطن", en="e-mail to the citizen sent"),
    "person.contact_verified": Text(ar="تأكدت وسيلة الاتصال", en="contact verified"),
    "person.joined": Text(ar="ضُمّ سجلان لشخص واحد", en="two records joined as one person"),
    "routing.changed": Text(ar="تغيّرت قواعد التوزيع", en="routing rules changed"),
    "service.saved": Text(ar="حُفظت الخدمة", en="service saved"),
    "service_levels.changed": Text(ar="تغيّرت مستويات الخدمة", en="service levels changed"),
    "tenant.provisioned": Text(ar="انضمت الجهة إلى المنصة", en="body came onto the hub"),
    "tenant.state_changed": Text(ar="تغيّرت حالة الجهة", en="state of the body changed"),
    "ticket.archived": Text(ar="حُفظت التذكرة", en="ticket archived"),
    "ticket.assigned": Text(ar="أُسندت التذكرة", en="ticket assigned"),
    "ticket.closed": Text(ar="أُغلقت التذكرة", en="ticket closed"),
    "ticket.forwarded": Text(ar="أُحيلت التذكرة إلى الفريق", en="ticket forwarded to its team"),
    "ticket.imported": Text(ar="استُوردت التذكرة", en="ticket imported"),
    "ticket.information_added": Text(ar="أضاف المواطن معلومات", en="citizen added information"),
    "ticket.joined": Text(ar="ضُمّت إلى تذكرة مماثلة", en="joined to another ticket"),
    "ticket.note_added": Text(ar="أُضيفت ملاحظة داخلية", en="internal note added"),
    "ticket.opened": Text(ar="فُتحت التذكرة", en="ticket opened"),
    "ticket.priority_changed": Text(ar="تغيّرت الأولوية", en="priority changed"),
    "ticket.question_answered": Text(ar="أجاب المواطن عن السؤال", en="citizen answered"),
    "ticket.question_asked": Text(ar="سُئل المواطن", en="citizen asked"),
    "ticket.rated": Text(ar="قيّم المواطن الخدمة", en="rated by the citizen"),
    "ticket.rejected": Text(ar="رُفضت التذكرة", en="ticket rejected"),
    "ticket.released": Text(ar="انفصلت عن التذكرة المماثلة", en="released from the ticket it followed"),
    "ticket.reopened": Text(ar="أُعيد فتح التذكرة", en="ticket reopened"),
    "ticket.reply_sent": Text(ar="أُرسل رد إلى المواطن", en="reply sent to the citizen"),
    "ticket.resolved": Text(ar="حُلّت التذكرة", en="ticket resolved"),
    "ticket.routed": Text(ar="حُدّد الفريق", en="ticket routed"),
    "ticket.stage_entered": Text(ar="دخلت مرحلة عمل", en="stage of work entered"),
    "ticket.started": Text(ar="بدأ العمل", en="work started"),
    "ticket.tenant_added": Text(ar="أُشركت جهة أخرى", en="another body added"),
    "ticket.transferred": Text(ar="حُوّلت إلى جهة أخرى", en="transferred to another body"),
    "ticket.waiting_ended": Text(ar="انتهى الانتظار", en="waiting ended"),
    "ticket.waiting_started": Text(ar="في انتظار جهة خارجية", en="waiting for somebody outside"),
    "ticket.withdrawn": Text(ar="سحب المواطن التذكرة", en="withdrawn by the citizen"),
}


def named(kinds: Iterable[str]) -> Text:
    """Several kinds of fact as one list in both languages, each once, in order."""
    names = [FACT_NAMES[kind] for kind in dict.fromkeys(kinds)]
    return Text(ar="، ".join(name.ar for name in names), en=", ".join(name.en for name in names))
