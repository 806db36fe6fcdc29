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
from hub.web.kept_answers import KeptAnswer, Promise, answer_kept, answered_before, keep, promise_for
from hub.web.visits import Visit
from tenants.context import Context

SHOWN_FOR: Final = timedelta(hours=1)
_ASKED: Final = b"a report's receipt"
_CALLER: Final = "report"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The number and what opens the case with it; `mailed` says that an e-mail was promised."""

    case_id: UUID
    number: str
    pin: str = field(repr=False)
    secret: str = field(repr=False)
    at: datetime
    mailed: bool


def promised_to(visit: Visit, secret: str) -> Promise:
    """The promise to send what is kept under a secret once; raises `RuntimeError` for what is no secret of ours."""
    if drawer_for(secret) is None:
        raise RuntimeError("a receipt is kept under the secret of a report")
    pepper = visit.state.rates.pepper.get_secret_value().encode()
    return promise_for(pepper, _CALLER, secret, _ASKED)


def receipt_kept(context: Context, promise: Promise) -> Receipt | None:
    """The receipt of a report that was sent before; a parallel sending waits here until that one is decided."""
    answer = answered_before(context, promise)
    return None if answer is None else _read(answer)


def _read(answer: KeptAnswer) -> Receipt:
    told = orjson.loads(answer.body)
    return Receipt(
        case_id=UUID(told["case_id"]),
        number=told["number"],
        pin=told["pin"],
        secret=told["secret"],
        at=datetime.fromisoformat(told["at"]),
        mailed=told["mailed"],
    )


def keep_receipt(context: Context, promise: Promise, opened: Opened, *, mailed: bool) -> None:
    """Keep the receipt of a report in the unit of work that sends it."""
    told = {
        "case_id": opened.case_id,
        "number": opened.number,
        "pin": opened.pin,
        "secret": opened.secret,
        "at": context.now,
        "mailed": mailed,
    }
    keep(context, promise, KeptAnswer(int(HTTPStatus.CREATED), {}, orjson.dumps(told)))


def receipt_of(visit: Visit, secret: str | None) -> Receipt | None:
    """The receipt that a browser may still be shown by its secret, for an hour after the sending."""
    if secret is None or drawer_for(secret) is None:
        return None
    with visit.work() as context:
        answer = answer_kept(context, promised_to(visit, secret))
        receipt = None if answer is None else _read(answer)
        return receipt if receipt is not None and context.now <= receipt.at + SHOWN_FOR else None


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
