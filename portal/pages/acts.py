"""The acts of citizens on their case, in words, and which of them are possible as it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hub.stories.views import CitizenTicket
from hub.tickets import actions
from hub.tickets.lifecycle import ENDED, MoveName, Status
from tenants.languages import Text


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a citizen may do: its words, what it asks for, and what it comes to in the journal."""

    name: str
    fact: str
    title: Text
    about: Text
    send: Text
    done: Text
    perform: Callable[..., object]
    move: MoveName | None = None
    asks: Text | None = None
    empty: Text | None = None
    words: str = "text"
    takes_files: bool = False
    danger: bool = False


ACTS: Final[Mapping[str, Act]] = {
    act.name: act
    for act in (
        Act(
            name="answer",
            fact="ticket.question_answered",
            title=Text(ar="الإجابة عن سؤال الجهة", en="Answer the agency’s question"),
            about=Text(
                ar="تعود الجهة إلى العمل فور وصول إجابتك.",
                en="The agency goes on as soon as your answer is there.",
            ),
            asks=Text(ar="إجابتك", en="Your answer"),
            empty=Text(ar="اكتب إجابتك.", en="Write your answer."),
            send=Text(ar="أرسل الإجابة", en="Send the answer"),
            done=Text(ar="وصلت إجابتك إلى الجهة.", en="Your answer has reached the agency."),
            perform=actions.answer,
            move=MoveName.ANSWER,
            takes_files=True,
        ),
        Act(
            name="add-information",
            fact="ticket.information_added",
            title=Text(ar="إضافة معلومات", en="Add information"),
            about=Text(
                ar="اكتب ما استجد، أو أرفق صورًا أو مستندات. لا يتغير الموعد المحدد.",
                en="Write what is new, or attach photos or papers. The promised date does not change.",
            ),
            asks=Text(ar="ما تريد إضافته", en="What you want to add"),
            empty=Text(ar="اكتب ما تريد إضافته.", en="Write what you want to add."),
            send=Text(ar="أضف إلى الحالة", en="Add it to the case"),
            done=Text(ar="أُضيف ما كتبته إلى الحالة.", en="What you wrote was added to the case."),
            perform=actions.add_information,
            takes_files=True,
        ),
        Act(
            name="confirm",
            fact="ticket.closed",
            title=Text(ar="هل حُلّت المشكلة؟", en="Is it solved?"),
            about=Text(
                ar="بتأكيدك تُغلق الحالة لدى هذه الجهة. يمكنك إعادة فتحها لاحقًا إن عادت المشكلة.",
                en="If you confirm, the agency’s part is closed. Should the problem come back, you can reopen it.",
            ),
            send=Text(ar="نعم، حُلّت", en="Yes, it is solved"),
            done=Text(
                ar="شكرًا لك. أُغلقت الحالة لدى هذه الجهة بتأكيدك.",
                en="Thank you. The agency’s part is closed, as you confirmed.",
            ),
            perform=actions.confirm,
            move=MoveName.CONFIRM,
        ),
        Act(
            name="reopen",
            fact="ticket.reopened",
            title=Text(ar="إعادة فتح الحالة", en="Reopen the case"),
            about=Text(
                ar="تعود الجهة إلى العمل عليها، ويبقى الرقم والتاريخ كما هما.",
                en="The agency works on it again; the number and the history stay the same.",
            ),
            asks=Text(ar="ما الذي لم يُحل؟", en="What is not solved?"),
            empty=Text(ar="اكتب ما الذي لم يُحل.", en="Write what is not solved."),
            send=Text(ar="أعد فتح الحالة", en="Reopen the case"),
            done=Text(
                ar="أُعيد فتح الحالة، وعرفت الجهة السبب.",
                en="The case is open again, and the agency knows why.",
            ),
            perform=actions.reopen,
            move=MoveName.REOPEN,
            words="reason",
            takes_files=True,
        ),
        Act(
            name="withdraw",
            fact="ticket.withdrawn",
            title=Text(ar="سحب الطلب", en="Withdraw"),
            about=Text(
                ar="تتوقف هذه الجهة عن العمل على حالتك، ولا يمكن التراجع عن السحب. يبقى ما كُتب محفوظًا.",
                en="This agency stops working on your case, and that cannot be undone. What was written is kept.",
            ),
            asks=Text(ar="السبب", en="Why"),
            send=Text(ar="اسحب الطلب", en="Withdraw"),
            done=Text(ar="سُحب الطلب من هذه الجهة.", en="You took it back from this agency."),
            perform=actions.withdraw,
            move=MoveName.WITHDRAW,
            words="reason",
            danger=True,
        ),
    )
}


def open_acts(ticket: CitizenTicket) -> Mapping[str, Act]:
    """What the citizen may do on a body's part of the case now."""
    return {name: act for name, act in ACTS.items() if is_open(act, ticket)}


def is_open(act: Act, ticket: CitizenTicket) -> bool:
    """Whether an act is possible on a body's part of the case as it stands."""
    if act.move is None:
        return ticket.status not in ENDED and not ticket.waiting_for_you and ticket.status != Status.RESOLVED
    return act.move in ticket.moves
