"""What statuses and moves are called, in both languages."""

from __future__ import annotations

from hub.tickets.lifecycle import MoveName, Status
from tenants.languages import Text

STATUS_NAMES: dict[Status, Text] = {
    Status.RECEIVED: Text(ar="واردة", en="received"),
    Status.ASSIGNED: Text(ar="مسندة", en="assigned"),
    Status.IN_PROGRESS: Text(ar="قيد التنفيذ", en="in progress"),
    Status.WAITING: Text(ar="في الانتظار", en="waiting"),
    Status.RESOLVED: Text(ar="محلولة", en="resolved"),
    Status.CLOSED: Text(ar="مغلقة", en="closed"),
    Status.REJECTED: Text(ar="مرفوضة", en="rejected"),
    Status.ARCHIVED: Text(ar="محفوظة", en="archived"),
    Status.DUPLICATE: Text(ar="مكررة", en="duplicate"),
    Status.TRANSFERRED: Text(ar="محوّلة", en="transferred"),
    Status.WITHDRAWN: Text(ar="مسحوبة", en="withdrawn"),
    Status.REOPENED: Text(ar="معاد فتحها", en="reopened"),
}

NO_SUCH_VERSION = Text(ar="لا توجد نسخة بهذا الرقم", en="there is no version of this number")
WORKED_ON = Text(ar="عملت الجهة عليها", en="the body worked on it")
# To who joined an earlier case by themselves: what was written to its citizen is for that one alone.
SOLVED_FOR_ALL = Text(
    ar="تقول الجهة إن المشكلة التي أبلغت عنها أنت وآخرون قد حُلّت.",
    en="The agency says that what you and others reported is solved.",
)
WAITING_OUTSIDE = Text(ar="في انتظار جهة خارجية", en="waiting for somebody outside")

MOVE_NAMES: dict[MoveName, Text] = {
    MoveName.FORWARD: Text(ar="إحالة", en="forward"),
    MoveName.ARCHIVE: Text(ar="حفظ", en="archive"),
    MoveName.REJECT: Text(ar="رفض", en="reject"),
    MoveName.ASSIGN: Text(ar="إسناد", en="assign"),
    MoveName.START: Text(ar="بدء العمل", en="start work"),
    MoveName.ENTER_STAGE: Text(ar="الانتقال إلى مرحلة", en="enter a stage"),
    MoveName.ASK: Text(ar="سؤال المواطن", en="ask the citizen"),
    MoveName.ANSWER: Text(ar="الإجابة", en="answer"),
    MoveName.WAIT: Text(ar="انتظار جهة خارجية", en="wait for somebody outside"),
    MoveName.GO_ON: Text(ar="متابعة العمل", en="go on"),
    MoveName.TRANSFER: Text(ar="تحويل", en="transfer"),
    MoveName.JOIN: Text(ar="ضم إلى تذكرة مماثلة", en="join to another ticket"),
    MoveName.RELEASE: Text(ar="فصل عن التذكرة المماثلة", en="release"),
    MoveName.RESOLVE: Text(ar="حل", en="resolve"),
    MoveName.FOLLOW: Text(ar="حل مع التذكرة الرئيسية", en="resolve with the main ticket"),
    MoveName.CONFIRM: Text(ar="تأكيد الحل", en="confirm"),
    MoveName.REOPEN: Text(ar="إعادة فتح", en="reopen"),
    MoveName.WITHDRAW: Text(ar="سحب", en="withdraw"),
    MoveName.CLOSE_SILENT: Text(ar="إغلاق لعدم الرد", en="close after silence"),
    MoveName.CLOSE_UNREACHABLE: Text(ar="إغلاق لتعذر الاتصال", en="close as unreachable"),
}
