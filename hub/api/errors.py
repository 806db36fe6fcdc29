"""What the API refuses before anything of the hub is asked."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class NotJson(Refusal):
    """The body is declared to be something else than JSON in UTF-8, or nothing at all."""

    says = Text(
        ar="أرسل المحتوى بصيغة JSON مع الترويسة Content-Type: application/json.",
        en="Send the body as JSON, with Content-Type: application/json.",
    )


class MalformedJson(Refusal):
    """The body is no JSON, or holds what is no text or number."""

    says = Text(
        ar="تعذّرت قراءة المحتوى لأنه ليس JSON سليمًا.", en="The body could not be read: it is not valid JSON."
    )


class DoubledField(Refusal):
    """One object names a field twice; which of the two is meant cannot be known."""

    says = Text(ar="ورد هذا الحقل مرتين في المحتوى.", en="This field appears twice in the body.")


class TooDeep(Refusal):
    """Objects within objects beyond any use."""

    says = Text(
        ar="المحتوى متداخل أكثر من {most} مستوى.", en="The body is nested more than {most} levels deep."
    )


class BodyTooLarge(Refusal):
    """The body is larger than anything this operation takes."""

    says = Text(
        ar="المحتوى أكبر من المسموح به: الحد الأقصى {most} بايت.",
        en="The body is larger than this operation takes: at most {most} bytes.",
    )


class BodyRefused(Refusal):
    """Fields of the request that are missing, unknown or of the wrong kind; `problems` holds each."""

    says = Text(ar="{problem}", en="{problem}")

    def __init__(self, problems: tuple[tuple[str, Text], ...]) -> None:
        self.problems = problems
        super().__init__(field=problems[0][0], problem=problems[0][1])


class NoSuchPlace(Refusal):
    """There is nothing at this address."""

    says = Text(ar="لا يوجد شيء في هذا العنوان.", en="There is nothing at this address.")


class MethodNotOffered(Refusal):
    """The address is right, the method is not."""

    says = Text(ar="هذا العنوان لا يقبل هذه الطريقة.", en="This address does not take this method.")


class KeyNeeded(Refusal):
    """The operation is for machines of a body, which present an API key."""

    says = Text(
        ar="هذه العملية تتطلب مفتاح واجهة برمجية في الترويسة Authorization: Bearer.",
        en="This operation needs an API key, in the header Authorization: Bearer.",
    )


class CaseKeyNeeded(Refusal):
    """The operation is for the case's citizen, who knows its PIN or holds its link."""

    says = Text(
        ar="أرسل الرقم السري للحالة في الترويسة Hub-Case-Pin أو رمز الرابط في الترويسة Hub-Case-Secret.",
        en="Send the case's PIN in the header Hub-Case-Pin, or the secret of its link in Hub-Case-Secret.",
    )


class VersionNeeded(Refusal):
    """An act has to say which version of the ticket it was decided on."""

    says = Text(
        ar="أرسل في الترويسة If-Match قيمة ETag للتذكرة كما قرأتها.",
        en="Send the ETag of the ticket as you read it, in the header If-Match.",
    )


class VersionNotUnderstood(Refusal):
    """If-Match holds nothing that a ticket was ever read as."""

    says = Text(ar="قيمة If-Match ليست ETag لتذكرة.", en="The value of If-Match is not the ETag of a ticket.")


class HubUnavailable(Refusal):
    """The database is away or has no time; nothing was done, or the answer got lost."""

    says = Text(
        ar="الخدمة غير متاحة مؤقتًا. أعد المحاولة بعد {seconds} ثانية؛ وإن أرسلت Idempotency-Key فلن يتكرر شيء.",
        en="The hub is not available for the moment. Try again in {seconds} seconds; with an Idempotency-Key nothing is"
        " done twice.",
    )


class SomethingBroke(Refusal):
    """The hub failed; the words never say how."""

    says = Text(
        ar="حدث خطأ في المنظومة ولم يتغير شيء. اذكر رقم الطلب {request_id} عند إبلاغنا به.",
        en="The hub failed, and nothing was changed. If you tell us about it, give the request id {request_id}.",
    )


class PositionNotUnderstood(Refusal):
    """Last-Event-ID is not the id of any event."""

    says = Text(
        ar="قيمة Last-Event-ID ليست معرّف حدث سبق إرساله.",
        en="The value of Last-Event-ID is not the id of an event that was sent.",
    )


class TooManyStreams(Refusal):
    """A body listens in too many places at once."""

    says = Text(
        ar="عدد الاتصالات المفتوحة للأحداث المباشرة بلغ الحد الأقصى {most}. أغلق أحدها ثم أعد المحاولة.",
        en="{most} streams of live events are open already. Close one and try again.",
    )
