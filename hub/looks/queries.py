"""How bodies look, for the pages that show them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from hub.looks.logos import Logo
from hub.looks.models import LogoKind, Look
from tenants.context import Context
from tenants.languages import Text
from tenants.models import Tenant

# A new one whenever what is drawn or worked out from a look changes, so that nothing old is kept by browsers.
_DRAWN: Final = "1"
_VERSION_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Face:
    """A body by its name, its colour (none if it never said) and the kind of its logo (none if it has none).

    `version` is another one whenever anything of it changes.
    """

    code: str
    name: Text
    short_name: Text
    colour: str | None
    logo_kind: LogoKind | None
    version: str


def faces(context: Context) -> Mapping[str, Face]:
    """The faces of all bodies of the context, by their codes."""
    rows = context.session.execute(
        select(Tenant.code, Tenant.name, Tenant.short_name, Look.colour, Look.logo_kind, Look.version)
        .outerjoin(Look, (Look.tenant_id == Tenant.id) & Look.tenant_id.in_(context.tenants))
        .where(Tenant.id.in_(context.tenants))
        .order_by(Tenant.code)
    )
    return {
        row.code: Face(
            row.code,
            row.name,
            row.short_name,
            row.colour,
            LogoKind(row.logo_kind) if row.logo_kind else None,
            _version(row.version or "", row.short_name),
        )
        for row in rows
    }


def face(context: Context) -> Face:
    """The face of the body of the context."""
    (only,) = faces(context.narrowed(context.tenant_id)).values()
    return only


def logo(context: Context) -> Logo | None:
    """The logo of the body of the context, if it has one."""
    row = context.session.execute(
        select(Look.logo_kind, Look.logo).where(Look.tenant_id == context.tenant_id, Look.logo.is_not(None))
    ).one_or_none()
    return None if row is None else Logo(LogoKind(row.logo_kind), row.logo)


def _version(look: str, short_name: Text) -> str:
    said = "\0".join((_DRAWN, look, short_name.ar, short_name.en))
    return hashlib.sha256(said.encode()).hexdigest()[:_VERSION_DIGITS]
