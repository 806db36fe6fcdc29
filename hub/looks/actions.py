"""Saving how a body looks."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from sqlalchemy.dialects.postgresql import insert

from hub.events import LookChanged
from hub.journal.actions import record
from hub.looks.errors import BadColour
from hub.looks.logos import Logo
from hub.looks.models import Look
from tenants.context import Context
from tenants.permissions import Permission

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_VERSION_DIGITS: Final = 16


def save_look(context: Context, *, colour: str, logo: Logo | None = None) -> bool:
    """Give the context's body its colour (#rrggbb) and logo, or none; gives whether that was a change.

    Saying what is already so changes nothing and leaves no fact. Raises `BadColour`.
    """
    tenant_id = context.tenant_id
    context.demand(Permission.CATALOGUE_WRITE, tenant_id)
    written = colour.lower()
    if not _COLOUR.fullmatch(written):
        raise BadColour(field="colour", colour=colour[:40])
    version = _version(written, logo)
    values: dict[str, Any] = {
        "colour": written,
        "logo_kind": None if logo is None else logo.kind.value,
        "logo": None if logo is None else logo.content,
        "version": version,
    }
    changed = context.session.execute(
        insert(Look)
        .values(tenant_id=tenant_id, saved_at=context.now, **values)
        .on_conflict_do_update(
            index_elements=["tenant_id"],
            set_={**values, "saved_at": context.now},
            where=Look.version != version,
        )
        .returning(Look.tenant_id)
    ).one_or_none()
    if changed is None:
        return False
    record(context, LookChanged(tenant_id=tenant_id, colour=written, logo=values["logo_kind"], look=version))
    return True


def _version(colour: str, logo: Logo | None) -> str:
    said = (
        colour.encode() if logo is None else b"\0".join((colour.encode(), logo.kind.encode(), logo.content))
    )
    return hashlib.sha256(said).hexdigest()[:_VERSION_DIGITS]
