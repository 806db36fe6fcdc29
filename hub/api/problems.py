"""Refusals as problem details (RFC 9457), made here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.responses import Response

from hub.api import errors as api
from hub.attachments import errors as files
from hub.forms.errors import AnswersRefused
from hub.tickets import errors as tickets
from hub.web import statuses
from hub.web.statuses import RETRY_SECONDS
from tenants.api_keys import KeyRefused
from tenants.errors import Refusal
from tenants.languages import Language, Text

MEDIA_TYPE: Final = "application/problem+json"
STATUSES: Final[Mapping[type[Refusal], HTTPStatus]] = {
    **statuses.STATUSES,
    api.MalformedJson: HTTPStatus.BAD_REQUEST,
    api.DoubledField: HTTPStatus.BAD_REQUEST,
    api.TooDeep: HTTPStatus.BAD_REQUEST,
    api.VersionNotUnderstood: HTTPStatus.BAD_REQUEST,
    api.PositionNotUnderstood: HTTPStatus.BAD_REQUEST,
    api.KeyNeeded: HTTPStatus.UNAUTHORIZED,
    api.CaseKeyNeeded: HTTPStatus.UNAUTHORIZED,
    api.NoSuchPlace: HTTPStatus.NOT_FOUND,
    api.MethodNotOffered: HTTPStatus.METHOD_NOT_ALLOWED,
    api.BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    api.NotJson: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    api.VersionNeeded: HTTPStatus.PRECONDITION_REQUIRED,
    api.TooManyStreams: HTTPStatus.TOO_MANY_REQUESTS,
    api.SomethingBroke: HTTPStatus.INTERNAL_SERVER_ERROR,
    api.HubUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

TITLES: Final[Mapping[HTTPStatus, Text]] = {
    HTTPStatus.BAD_REQUEST: Text(ar="طلب غير مقروء", en="The request cannot be read"),
    HTTPStatus.UNAUTHORIZED: Text(ar="مطلوب إثبات الصلاحية", en="A key is needed"),
    HTTPStatus.FORBIDDEN: Text(ar="غير مسموح", en="Not allowed"),
    HTTPStatus.NOT_FOUND: Text(ar="غير موجود", en="Not found"),
    HTTPStatus.METHOD_NOT_ALLOWED: Text(ar="طريقة غير متاحة", en="Method not offered"),
    HTTPStatus.CONFLICT: Text(ar="لا يتفق مع الحالة الراهنة", en="Not possible as things stand"),
    HTTPStatus.PRECONDITION_FAILED: Text(ar="تغيّرت التذكرة", en="The ticket has changed"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Text(ar="أكبر من المسموح", en="Too large"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Text(ar="صيغة غير مدعومة", en="Format not supported"),
    HTTPStatus.UNPROCESSABLE_ENTITY: Text(ar="طلب غير مقبول", en="The request cannot be done"),
    HTTPStatus.PRECONDITION_REQUIRED: Text(ar="النسخة مطلوبة", en="The version is needed"),
    HTTPStatus.TOO_MANY_REQUESTS: Text(ar="طلبات كثيرة", en="Too many requests"),
    HTTPStatus.INTERNAL_SERVER_ERROR: Text(ar="خطأ في المنظومة", en="The hub failed"),
    HTTPStatus.SERVICE_UNAVAILABLE: Text(ar="الخدمة غير متاحة مؤقتًا", en="Not available for the moment"),
}

_CHALLENGES: Final[Mapping[type[Refusal], str]] = {
    api.KeyNeeded: "Bearer",
    KeyRefused: 'Bearer error="invalid_token"',
    api.CaseKeyNeeded: "HubCase",
    tickets.WrongKey: "HubCase",
    tickets.WrongLink: "HubCase",
}


def status_of(refusal: Refusal) -> HTTPStatus:
    """The HTTP status of a refusal."""
    return STATUSES.get(type(refusal), statuses.USUAL_STATUS)


def problem_response(
    refusal: Refusal, language: Language, request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A refusal as the caller gets it: in their language, naming what is to be mended, with the request's id."""
    status = status_of(refusal)
    response = Response(
        orjson.dumps(_body(refusal, status, language, request_id)), status_code=status, media_type=MEDIA_TYPE
    )
    response.headers["Content-Language"] = language.value
    response.headers["Cache-Control"] = "no-store"
    for name, value in (*_told_by_headers(refusal), *(headers or {}).items()):
        response.headers[name] = value
    return response


def _body(refusal: Refusal, status: HTTPStatus, language: Language, request_id: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        # Names the kind of problem; it is no address to be fetched (RFC 9457, 3.1.1, RFC 4151).
        "type": f"tag:hub19,2026:problem/{refusal.code}",
        "title": TITLES[status].in_language(language),
        "status": int(status),
        "detail": refusal.sentence(language),
        "code": refusal.code,
        "request_id": request_id,
    }
    if refusal.field is not None:
        body["field"] = refusal.field
    if isinstance(refusal, api.BodyRefused):
        body["problems"] = [
            {"field": field, "detail": says.in_language(language)} for field, says in refusal.problems
        ]
    if isinstance(refusal, AnswersRefused):
        body["problems"] = [
            {"field": f"answers.{each.field}", "detail": each.says.in_language(language)}
            for each in refusal.problems
        ]
    if isinstance(refusal, files.WrongOffset):
        body["expected_offset"] = refusal.facts["expected"]
    return body


def _told_by_headers(refusal: Refusal) -> Iterator[tuple[str, str]]:
    challenge = _CHALLENGES.get(type(refusal))
    if challenge is not None:
        yield "WWW-Authenticate", challenge
    seconds = RETRY_SECONDS if isinstance(refusal, api.HubUnavailable) else statuses.retry_seconds(refusal)
    if seconds is not None:
        yield "Retry-After", str(seconds)
