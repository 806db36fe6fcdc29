"""What a page says when it cannot show what was asked for: a title, what was kept, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from hub.attachments import errors as files
from hub.catalogue.errors import UnknownTenant
from hub.tickets import errors as tickets
from hub.web import errors, statuses
from tenants.errors import NotFound, Refusal
from tenants.languages import Language, Text


@dataclass(frozen=True, slots=True)
class Face:
    """The words around a refusal's own sentence."""

    title: Text
    kept: Text
    to_do: Text


_NOTHING_DONE: Final = Text(
    ar="لم يتغير شيء، وما أرسلته من قبل محفوظ كما هو.",
    en="Nothing was changed, and what you sent before is kept as it is.",
)
_TYPED_IS_THERE: Final = Text(
    ar="ما كتبته باقٍ في الصفحة السابقة: ارجع إليها بزر الرجوع في المتصفح.",
    en="What you typed is still on the page before: go back to it with your browser’s back button.",
)

FACES: Final[Mapping[HTTPStatus, Face]] = {
    HTTPStatus.BAD_REQUEST: Face(
        Text(ar="لم نتمكن من قراءة طلبك", en="We could not read your request"),
        _TYPED_IS_THERE,
        Text(
            ar="ارجع إلى الصفحة السابقة وأعد الإرسال. إن تكرر ذلك فابدأ من الصفحة الرئيسية.",
            en="Go back and send it again. If this happens again, start from the home page.",
        ),
    ),
    HTTPStatus.UNAUTHORIZED: Face(
        Text(ar="البيانات غير مطابقة", en="The details do not match"),
        _NOTHING_DONE,
        Text(
            ar="راجع رقم الحالة والرقم السري كما وردا في إيصالك، ثم حاول مرة أخرى.",
            en="Check the case number and the PIN on your receipt, then try again.",
        ),
    ),
    HTTPStatus.FORBIDDEN: Face(
        Text(ar="هذا الإجراء غير متاح لك", en="You cannot do this"),
        _NOTHING_DONE,
        Text(
            ar="افتح الصفحة من موقعنا مباشرة، ثم أعد المحاولة.",
            en="Open the page on our site directly, then try again.",
        ),
    ),
    HTTPStatus.NOT_FOUND: Face(
        Text(ar="الصفحة غير موجودة", en="Page not found"),
        _NOTHING_DONE,
        Text(
            ar="راجع العنوان، أو ابحث عن الخدمة التي تريدها من الصفحة الرئيسية.",
            en="Check the address, or look for the service you need from the home page.",
        ),
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: Face(
        Text(ar="لا يمكن فتح الصفحة بهذه الطريقة", en="This page does not open this way"),
        _NOTHING_DONE,
        Text(ar="ابدأ من الصفحة الرئيسية.", en="Start from the home page."),
    ),
    HTTPStatus.CONFLICT: Face(
        Text(ar="لم يعد هذا ممكنًا", en="This is no longer possible"),
        _NOTHING_DONE,
        Text(
            ar="تغيّر الوضع منذ أن فتحت الصفحة. أعد فتحها لترى آخر ما حدث.",
            en="Things have changed since you opened the page. Open it again to see where they stand.",
        ),
    ),
    HTTPStatus.PRECONDITION_FAILED: Face(
        Text(ar="تغيّرت البيانات أثناء عملك", en="This changed while you were working"),
        _TYPED_IS_THERE,
        Text(
            ar="أعد فتح الصفحة لترى آخر ما حدث، ثم كرّر ما أردت.",
            en="Open the page again to see what happened, then repeat what you wanted.",
        ),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Face(
        Text(ar="ما أرسلته كبير جدًا", en="What you sent is too large"),
        _TYPED_IS_THERE,
        Text(
            ar="أرسل ملفات أقل أو صورًا أصغر، ثم أعد المحاولة.",
            en="Send fewer files or smaller pictures, then try again.",
        ),
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: Face(
        Text(ar="لم نتمكن من تنفيذ طلبك", en="We could not do this"),
        _TYPED_IS_THERE,
        Text(
            ar="صحّح ما ذُكر أعلاه ثم أعد الإرسال.",
            en="Correct what is named above, then send it again.",
        ),
    ),
    HTTPStatus.TOO_MANY_REQUESTS: Face(
        Text(ar="محاولات كثيرة في وقت قصير", en="Too many tries in a short time"),
        _TYPED_IS_THERE,
        Text(
            ar="انتظر قليلًا ثم أعد المحاولة. هذا الحد يُبقي الصفحات متاحة للجميع.",
            en="Wait a little, then try again. The limit keeps these pages open to everybody.",
        ),
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: Face(
        Text(ar="حدث خطأ عندنا", en="Something went wrong"),
        Text(
            ar="لم يُنفَّذ طلبك هذا، وما أرسلته من قبل محفوظ. وما كتبته باقٍ في الصفحة السابقة.",
            en="This request was not carried out; what you sent before is kept. What you typed is on the page before.",
        ),
        Text(
            ar="أعد المحاولة بعد قليل. إن تكرر الخطأ فأبلغنا به واذكر رقم الطلب أدناه.",
            en="Try again in a little while. If it happens again, tell us and give the request number below.",
        ),
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Face(
        Text(ar="الخدمة غير متاحة الآن", en="Not available right now"),
        _TYPED_IS_THERE,
        Text(
            ar="أعد المحاولة بعد نصف دقيقة. حالاتك محفوظة ومواعيدها سارية.",
            en="Try again in half a minute. Your cases are kept, and their promised dates still stand.",
        ),
    ),
}

# Where a status alone does not say what to do.
_FACES_OF_THEIR_OWN: Final[Mapping[type[Refusal], Face]] = {
    tickets.Throttled: Face(
        Text(ar="محاولات كثيرة في وقت قصير", en="Too many tries in a short time"),
        _TYPED_IS_THERE,
        Text(
            ar="انتظر قليلًا ثم أعد المحاولة. هذا الانتظار يحمي حالات الناس ممن يخمّنون أرقامها.",
            en="Wait a little, then try again. The wait protects people’s cases from those who guess their numbers.",
        ),
    ),
    files.TooManyBytesToday: Face(
        Text(ar="لا تستقبل الجهة ملفات أخرى اليوم", en="No more files can be taken today"),
        _TYPED_IS_THERE,
        Text(
            ar="ارجع إلى الصفحة السابقة وتابع من دون الملف.",
            en="Go back to the page before and go on without the file.",
        ),
    ),
}

STATUSES: Final[Mapping[type[Refusal], HTTPStatus]] = {
    **statuses.STATUSES,
    errors.NotReadable: HTTPStatus.BAD_REQUEST,
    errors.SentFromElsewhere: HTTPStatus.FORBIDDEN,
    errors.NoSuchPage: HTTPStatus.NOT_FOUND,
    errors.NotThisWay: HTTPStatus.METHOD_NOT_ALLOWED,
    errors.TooMuchSent: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.WentWrong: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.NotNow: HTTPStatus.SERVICE_UNAVAILABLE,
}


_MISSING: Final = frozenset({NotFound, UnknownTenant})


def status_of(refusal: Refusal) -> HTTPStatus:
    """The status that a page answers with in the place of what was refused."""
    return STATUSES.get(type(refusal), statuses.USUAL_STATUS)


def face_of(refusal: Refusal) -> Face:
    """The words around what was refused."""
    return _FACES_OF_THEIR_OWN.get(type(refusal)) or FACES[status_of(refusal)]


def retry_seconds(refusal: Refusal) -> int | None:
    """After how many seconds asking again makes sense, where the refusal itself says so."""
    return statuses.RETRY_SECONDS if isinstance(refusal, errors.NotNow) else statuses.retry_seconds(refusal)


def sentence_of(refusal: Refusal) -> Text:
    """What happened, as a page tells it."""
    # To somebody who followed a link, what is not there is a page.
    said = errors.NoSuchPage() if type(refusal) in _MISSING else refusal
    return Text(ar=said.sentence(Language.ARABIC), en=said.sentence(Language.ENGLISH))
