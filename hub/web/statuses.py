"""The HTTP status of what the hub refuses, whoever asked: the API and pages answer alike."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from hub.attachments import errors as files
from hub.catalogue.errors import UnknownTenant
from hub.drafts import errors as drafts
from hub.proofs import errors as proofs
from hub.ratings import errors as ratings
from hub.tickets import errors as tickets
from hub.web.errors import BadIdempotencyKey
from hub.worklists.errors import WrongCursor
from tenants.api_keys import KeyRefused
from tenants.errors import NotAllowed, NotFound, Refusal
from tenants.rate_limits import TooManyRequests

# Whatever is not listed is a request that was read and understood and cannot be done as it stands.
USUAL_STATUS: Final = HTTPStatus.UNPROCESSABLE_ENTITY
RETRY_SECONDS: Final = 2
_A_MINUTE: Final = 60

STATUSES: Final[Mapping[type[Refusal], HTTPStatus]] = {
    BadIdempotencyKey: HTTPStatus.BAD_REQUEST,
    WrongCursor: HTTPStatus.BAD_REQUEST,
    KeyRefused: HTTPStatus.UNAUTHORIZED,
    tickets.WrongKey: HTTPStatus.UNAUTHORIZED,
    tickets.WrongLink: HTTPStatus.UNAUTHORIZED,
    proofs.WrongCode: HTTPStatus.UNAUTHORIZED,
    proofs.CodeOver: HTTPStatus.UNAUTHORIZED,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    UnknownTenant: HTTPStatus.NOT_FOUND,
    tickets.WrongNumber: HTTPStatus.NOT_FOUND,
    files.DownloadLinkRefused: HTTPStatus.NOT_FOUND,
    tickets.MoveNotAllowed: HTTPStatus.CONFLICT,
    tickets.CaseIsClosed: HTTPStatus.CONFLICT,
    tickets.TooLateToReopen: HTTPStatus.CONFLICT,
    tickets.AlreadyConcerned: HTTPStatus.CONFLICT,
    files.WrongOffset: HTTPStatus.CONFLICT,
    files.UploadOver: HTTPStatus.CONFLICT,
    files.UploadIncomplete: HTTPStatus.CONFLICT,
    files.FileNotReady: HTTPStatus.CONFLICT,
    files.FileInUse: HTTPStatus.CONFLICT,
    drafts.DraftChangedElsewhere: HTTPStatus.CONFLICT,
    drafts.DraftOver: HTTPStatus.CONFLICT,
    ratings.RatingSettled: HTTPStatus.CONFLICT,
    ratings.NotToBeRatedYet: HTTPStatus.CONFLICT,
    tickets.StaleVersion: HTTPStatus.PRECONDITION_FAILED,
    files.FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    files.PieceTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    drafts.DraftTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    tickets.Throttled: HTTPStatus.TOO_MANY_REQUESTS,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    files.TooManyBytesToday: HTTPStatus.TOO_MANY_REQUESTS,
    files.StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    proofs.NoMailHere: HTTPStatus.SERVICE_UNAVAILABLE,
}


def retry_seconds(refusal: Refusal) -> int | None:
    """After how many seconds asking again makes sense, where the refusal itself says so."""
    if isinstance(refusal, files.StoreUnavailable):
        return RETRY_SECONDS
    if isinstance(refusal, tickets.Throttled):
        return int(str(refusal.facts["minutes"])) * _A_MINUTE
    return None
