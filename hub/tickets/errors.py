"""Why the hub will not do something to a case or ticket."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class StaleVersion(Refusal):
    """Somebody changed the ticket since the caller looked; `changes` names what came since."""

    says = Text(
        ar="تغيّرت التذكرة منذ أن اطّلعت عليها ({changes}). راجع التغييرات ثم أعد المحاولة.",
        en="The ticket has changed since you looked at it ({changes}). Look at the changes and try again.",
    )


class MoveNotAllowed(Refusal):
    """The life of a ticket has no such move from where it stands."""

    says = Text(
        ar="لا يمكن تنفيذ «{move}» لأن حالة التذكرة «{status}».",
        en="“{move}” is not possible while the ticket is “{status}”.",
    )


class CaseIsClosed(Refusal):
    """The ticket has ended, and the act needs an open one."""

    says = Text(
        ar="هذه الحالة مغلقة، ولا يمكن تعديلها إلا بعد إعادة فتحها.",
        en="This case is closed; it can only be changed after it is reopened.",
    )


class TooLateToReopen(Refusal):
    """The time in which the citizen could reopen is over."""

    says = Text(
        ar="انتهت مهلة إعادة الفتح في {until}. يمكنك فتح حالة جديدة تشير إلى رقم هذه الحالة.",
        en="Reopening was possible until {until}. You can open a new case and mention this case's number.",
    )


class Missing(Refusal):
    """The act needs something that was not given, or only blanks."""

    says = Text(ar="يُرجى ملء «{name}».", en="Please fill in “{name}”.")


class TooLong(Refusal):
    """A text is longer than anybody will read."""

    says = Text(
        ar="النص في «{name}» طويل جدًا: الحد الأقصى {most} حرف.",
        en="The text in “{name}” is too long: at most {most} characters.",
    )


class BadText(Refusal):
    """A text holds characters that are no text."""

    says = Text(
        ar="النص في «{name}» يحتوي على رموز غير صالحة.",
        en="The text in “{name}” contains characters that are not text.",
    )


class WrongNumber(Refusal):
    """What was typed is no case number: a slip, or never one."""

    says = Text(
        ar="رقم الحالة غير صحيح. تحقق من الأرقام العشرة وأعد المحاولة.",
        en="This is not a case number. Check its ten digits and try again.",
    )


class WrongKey(Refusal):
    """Number and PIN open no case; which of them is wrong is not said."""

    says = Text(ar="رقم الحالة والرقم السري لا يتطابقان.", en="The case number and the PIN do not match.")


class WrongLink(Refusal):
    """The link opens no case: cut off in copying, or never one."""

    says = Text(
        ar="هذا الرابط لا يفتح أي حالة. انسخه كاملًا كما وصلك، أو استخدم رقم الحالة والرقم السري.",
        en="This link opens no case. Copy the whole link as you received it, or use the case number and the PIN.",
    )


class Throttled(Refusal):
    """Too many wrong PINs: no further one is looked at for a while."""

    says = Text(
        ar="محاولات خاطئة كثيرة. عدد الدقائق المتبقية قبل إعادة المحاولة: {minutes}.",
        en="Too many wrong attempts. Minutes until you can try again: {minutes}.",
    )


class BadPlace(Refusal):
    """Coordinates that are on no map."""

    says = Text(ar="إحداثيات المكان غير صحيحة.", en="The coordinates of the place are not valid.")


class ConfidentialNotOffered(Refusal):
    """The service needs to know who asks."""

    says = Text(
        ar="لا يمكن إخفاء الهوية في هذه الخدمة لأنها تحتاج إلى معرفة مقدّم الطلب.",
        en="Your identity cannot be kept from this service: it needs to know who is asking.",
    )


class UnknownTeam(Refusal):
    """There is no such team in this tenant."""

    says = Text(ar="لا يوجد فريق بالرمز «{code}».", en="There is no team with the code “{code}”.")


class NotOfTheTeam(Refusal):
    """The person named is not in the team that has the ticket."""

    says = Text(ar="الموظف المختار ليس عضوًا في الفريق.", en="The person chosen is not a member of the team.")


class UnknownStage(Refusal):
    """The tenant has no such stage of work."""

    says = Text(
        ar="لا توجد مرحلة عمل بالرمز «{code}».", en="There is no stage of work with the code “{code}”."
    )


class SameTenant(Refusal):
    """A transfer leads to another body."""

    says = Text(
        ar="التحويل يكون إلى جهة أخرى. لتغيير الفريق استخدم «إسناد».",
        en="A transfer goes to another body. To change the team, assign the ticket.",
    )


class NotItsOwnDuplicate(Refusal):
    """A ticket joins another that is open and no duplicate itself."""

    says = Text(ar="لا يمكن ضم التذكرة إلى هذه التذكرة.", en="The ticket cannot be joined to that ticket.")


class AlreadyConcerned(Refusal):
    """The tenant has an open ticket on this case."""

    says = Text(
        ar="لدى هذه الجهة تذكرة مفتوحة في هذه الحالة.",
        en="That body already has an open ticket on this case.",
    )
