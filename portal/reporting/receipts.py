"""What a citizen takes home: kept with the sending, and opened by the secret of the browser that sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

import orjson
import segno
from markupsafe import Markup

from hub.drafts.secrets import drawer_for
from hub.tickets.actions import Opened
from hub.web.kept_answers import (
    KeptAnswer,
    Promise,
    answer_kept,
    answered_before,
    keep,
    promise_for,
)
from hub.web.visits import Visit
from tenants.context import Context

SHOWN_FOR: Final = timedelta(hours=1)
_ASKED: Final = b"a report's receipt"
_CALLER: Final = "report"
_WHETHER_SENT: Final = b"whether a report was sent"
_BY_MARK: Final = "report by its mark"
# A device asks for a week whether what it kept has arrived, also page by page, and forgets it then.
_KEPT_FOR: Final = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The number and what opens the case with it; `mailed` says that an e-mail was promised.

    `alone` says that the earlier case which it was to go together with had ended.
    """

    case_id: UUID
    number: str
    pin: str = field(repr=False)
    secret: str = field(repr=False)
    at: datetime
    mailed: bool
    alone: bool = False


def promised_to(visit: Visit, secret: str) -> Promise:
    """The promise to send what is kept under a secret once; raises `RuntimeError` for what is no secret of ours."""
    if drawer_for(secret) is None:
        raise RuntimeError("a receipt is kept under the secret of a report")
    pepper = visit.state.rates.pepper.get_secret_value().encode()
    return promise_for(pepper, _CALLER, secret, _ASKED)


def receipt_kept(context: Context, promise: Promise) -> Receipt | None:
    """The receipt of a report that was sent before; a parallel sending waits here until that one is decided.

    The receipt of a first sending will be kept for eight days.
    """
    answer = answered_before(context, promise, kept_for=_KEPT_FOR)
    return None if answer is None else _read(answer)


def claim_mark(visit: Visit, context: Context, mark: str) -> bool:
    """Keep in this unit of work that the report of a mark is sent; False if it was before, by whatever secret."""
    promise = _by_mark(visit, mark)
    if answered_before(context, promise, kept_for=_KEPT_FOR) is not None:
        return False
    keep(context, promise, KeptAnswer(int(HTTPStatus.CREATED), {}, b""))
    return True


def was_sent(visit: Visit, context: Context, mark: str) -> bool:
    """Whether the report of a mark was sent; for who knows no more of it."""
    return answer_kept(context, _by_mark(visit, mark)) is not None


def _by_mark(visit: Visit, mark: str) -> Promise:
    return promise_for(visit.state.rates.pepper.get_secret_value().encode(), _BY_MARK, mark, _WHETHER_SENT)


def _read(answer: KeptAnswer) -> Receipt:
    told = orjson.loads(answer.body)
    return Receipt(
        case_id=UUID(told["case_id"]),
        number=told["number"],
        pin=told["pin"],
        secret=told["secret"],
        at=datetime.fromisoformat(told["at"]),
        mailed=told["mailed"],
        alone=told.get("alone", False),
    )


def keep_receipt(
    context: Context, promise: Promise, opened: Opened, *, mailed: bool, alone: bool = False
) -> None:
    """Keep the receipt of a report in the unit of work that sends it."""
    told = {
        "case_id": opened.case_id,
        "number": opened.number,
        "pin": opened.pin,
        "secret": opened.secret,
        "at": context.now,
        "mailed": mailed,
        "alone": alone,
    }
    keep(context, promise, KeptAnswer(int(HTTPStatus.CREATED), {}, orjson.dumps(told)))


def receipt_of(visit: Visit, secret: str | None) -> Receipt | None:
    """The receipt that a browser may still be shown by its secret, for an hour after the sending."""
    if secret is None or drawer_for(secret) is None:
        return None
    with visit.work() as context:
        receipt = receipt_in_keeping(visit, context, secret)
        return receipt if receipt is not None and context.now <= receipt.at + SHOWN_FOR else None


def receipt_in_keeping(visit: Visit, context: Context, secret: str) -> Receipt | None:
    """The receipt of what was sent under a secret, for as long as it is kept; for who asks whether it has arrived."""
    answer = answer_kept(context, promised_to(visit, secret))
    return None if answer is None else _read(answer)


def case_link(visit: Visit, receipt: Receipt | Opened) -> str:
    """The whole address that opens a case by its secret, for the visitor's own page."""
    url = visit.request.url
    return _link(visit, receipt, visit.state.pages.settings.address or f"{url.scheme}://{url.netloc}")


def link_in_letters(visit: Visit, receipt: Receipt | Opened) -> str | None:
    """The address that opens a case by its secret, for a letter; None where the portal's own address is not set.

    Never the host that the visitor says to have come to: a letter of ours would lead whoever gets it to any place.
    """
    address = visit.state.pages.settings.address
    return _link(visit, receipt, address) if address else None


def _link(visit: Visit, receipt: Receipt | Opened, address: str) -> str:
    return f"{address}{visit.address(f'/cases/{receipt.number}/{receipt.secret}')}"


def drawn(link: str) -> Markup:
    """A link as a QR code (ISO/IEC 18004), as SVG to stand in a page: dark on light by day and by night."""
    code = segno.make(link, error="m", micro=False)
    return Markup(  # noqa: S704 - drawn here, of nothing but squares
        code.svg_inline(
            scale=4, border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
        )
    )
