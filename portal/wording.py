"""What citizens read of kinds of service and of how a case stands, in plain words of both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.nearby.rough import Stage
from hub.tickets.lifecycle import Status
from hub.vocabulary import Kind
from tenants.languages import Text

KINDS: Final[Mapping[Kind, Text]] = {
    Kind.COMPLAINT: Text(ar="شكوى", en="Complaint"),
    Kind.INQUIRY: Text(ar="استفسار", en="Question"),
    Kind.REQUEST: Text(ar="طلب", en="Request"),
    Kind.SUGGESTION: Text(ar="اقتراح", en="Suggestion"),
    Kind.COMPLIMENT: Text(ar="شكر", en="Thanks"),
}

WAITING_FOR_YOU: Final = Text(ar="في انتظار ردك", en="Waiting for you")

STATUSES: Final[Mapping[Status, Text]] = {
    Status.RECEIVED: Text(ar="وصلت", en="Received"),
    Status.ASSIGNED: Text(ar="لدى الفريق المختص", en="With the right team"),
    Status.IN_PROGRESS: Text(ar="يجري العمل عليها", en="Being worked on"),
    Status.WAITING: Text(ar="في انتظار جهة أخرى", en="Waiting for others"),
    Status.RESOLVED: Text(ar="حُلّت، في انتظار تأكيدك", en="Solved, waiting for your word"),
    Status.CLOSED: Text(ar="أُغلقت", en="Closed"),
    Status.REJECTED: Text(ar="اعتذرت الجهة عنها", en="Not taken up"),
    Status.ARCHIVED: Text(ar="حُفظت", en="Put aside"),
    Status.DUPLICATE: Text(ar="ضُمّت إلى بلاغ مماثل", en="Joined to a similar report"),
    Status.TRANSFERRED: Text(ar="أُحيلت إلى جهة أخرى", en="Passed on"),
    Status.WITHDRAWN: Text(ar="سُحب الطلب", en="Withdrawn"),
    Status.REOPENED: Text(ar="أُعيد فتحها", en="Reopened"),
}

# What that means for whoever waits; `{agency}` has the case.
MEANINGS: Final[Mapping[Status, Text]] = {
    Status.RECEIVED: Text(
        ar="وصلت حالتك، وتُراجَع الآن لتصل إلى الفريق المختص.",
        en="Your case has arrived and is being read, so that it reaches the right team.",
    ),
    Status.ASSIGNED: Text(
        ar="حالتك لدى الفريق المختص، وسيبدأ العمل عليها.", en="The right team has your case and will begin."
    ),
    Status.IN_PROGRESS: Text(ar="تعمل الجهة على حالتك الآن.", en="The agency is working on it now."),
    Status.WAITING: Text(
        ar="تنتظر الجهة ردًا من خارجها، ولا يُطلب منك شيء.",
        en="The agency waits to hear from somebody outside it. You need do nothing.",
    ),
    Status.RESOLVED: Text(
        ar="تقول الجهة إن المشكلة حُلّت. هل حُلّت فعلًا؟ الكلمة الأخيرة لك.",
        en="The agency says that it is solved. Is it? You have the last word.",
    ),
    Status.CLOSED: Text(ar="انتهى العمل على هذه الحالة.", en="This is finished."),
    Status.REJECTED: Text(
        ar="لم تستطع الجهة أن تعمل على هذه الحالة، وذكرت السبب أدناه.",
        en="The agency could not take this up; its reason is below.",
    ),
    Status.ARCHIVED: Text(
        ar="راجعنا ما أرسلته ولم نجد فيه ما يُطلب عمله.",
        en="We read what you sent and found nothing that could be done.",
    ),
    Status.DUPLICATE: Text(
        ar="أبلغ غيرك عن المشكلة نفسها، فتعمل الجهة عليهما معًا، وتصلك النتيجة هنا، ونسألك أنت قبل إغلاق حالتك.",
        en="Others reported the same thing. The agency works on both together, and you will read here what comes of it."
        " You are asked yourself before yours is closed.",
    ),
    Status.TRANSFERRED: Text(
        ar="هذه الحالة من اختصاص جهة أخرى، فأُحيلت إليها. رقمك كما هو، والموعد الساري مكتوب أعلى الصفحة.",
        en="This was another agency’s job and was passed on to it. Your number stays the same, and the date that holds"
        " now stands above.",
    ),
    Status.WITHDRAWN: Text(ar="سحبت هذا الطلب.", en="You took this back."),
    Status.REOPENED: Text(
        ar="أعدت فتح الحالة، وعادت الجهة إلى العمل عليها.",
        en="You reopened it, and the agency is working on it again.",
    ),
}
WAITING_MEANS: Final = Text(
    ar="لدى الجهة سؤال لك، وينتظر العمل إجابتك.",
    en="The agency has a question for you and waits for your answer.",
)

# How far others' reports have come, as people nearby are told.
STAGES: Final[Mapping[Stage, Text]] = {
    Stage.REPORTED: Text(ar="أُبلغ عنها", en="Reported"),
    Stage.WORKED_ON: Text(ar="يجري العمل عليها", en="Being worked on"),
    Stage.SOLVED: Text(ar="حُلّت", en="Solved"),
}

# Colours of Designsystemet for how a case stands; the words beside them say the same.
COLOURS: Final[Mapping[Status, str]] = {
    Status.RESOLVED: "success",
    Status.CLOSED: "neutral",
    Status.REJECTED: "neutral",
    Status.ARCHIVED: "neutral",
    Status.TRANSFERRED: "neutral",
    Status.WITHDRAWN: "neutral",
}

# What happened, by the kind of fact; facts of other kinds are the body's own affair and not told.
HAPPENED: Final[Mapping[str, Text]] = {
    "ticket.opened": Text(ar="وصلت الحالة إلى الجهة", en="The agency received it"),
    "ticket.forwarded": Text(ar="وصلت إلى الفريق المختص", en="It reached the right team"),
    "ticket.started": Text(ar="بدأ العمل عليها", en="Work began"),
    "ticket.reply_sent": Text(ar="كتبت لك الجهة", en="The agency wrote to you"),
    "ticket.question_asked": Text(ar="سألتك الجهة", en="The agency asked you"),
    "ticket.question_answered": Text(ar="أجبت", en="You answered"),
    "ticket.information_added": Text(ar="أضفت معلومات", en="You added information"),
    "ticket.waiting_started": Text(
        ar="تنتظر الجهة ردًا من خارجها", en="The agency waits for somebody outside it"
    ),
    "ticket.waiting_ended": Text(ar="انتهى الانتظار", en="The waiting ended"),
    "ticket.joined": Text(ar="ضُمّت إلى بلاغ مماثل", en="It was joined to a similar report"),
    "ticket.released": Text(
        ar="فُصلت عن البلاغ المماثل ويُنظر فيها وحدها", en="It is looked at by itself again"
    ),
    "ticket.resolved": Text(ar="قالت الجهة إنها حُلّت", en="The agency said that it is solved"),
    "ticket.rejected": Text(ar="اعتذرت الجهة عنها", en="The agency did not take it up"),
    "ticket.archived": Text(ar="حُفظت بلا عمل مطلوب", en="It was put aside"),
    "ticket.transferred": Text(ar="أُحيلت إلى جهة أخرى", en="It was passed on to another agency"),
    "ticket.tenant_added": Text(ar="شاركت فيها جهة أخرى", en="Another agency joined in"),
    "ticket.closed": Text(ar="أُغلقت", en="It was closed"),
    "ticket.reopened": Text(ar="أعدت فتحها", en="You reopened it"),
    "ticket.withdrawn": Text(ar="سحبت الطلب", en="You took it back"),
}
CONFIRMED: Final = Text(ar="أكدت أنها حُلّت، فأُغلقت", en="You confirmed that it is solved, and it was closed")
SILENT: Final = Text(
    ar="لم يصل منك رد في المدة المحددة، فأُغلقت",
    en="There was no word from you in the set time, and it was closed",
)
UNREACHABLE: Final = Text(ar="تعذر الوصول إليك، فأُغلقت", en="You could not be reached, and it was closed")
