"""Commands for API keys: making, listing, replacing and revoking them.

A key itself is printed once and alone on standard output, so that it can be piped to where it is kept; everything else
that is said while making one goes to standard error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.speech import Format, print_json, print_table, say, sentence, warn
from tenants.languages import Text

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from hub.keys.actions import IssuedKey
    from infra.process import Hub
    from tenants.models import ApiKey, Tenant

_COLUMNS = (
    Text(ar="المعرّف", en="id"),
    Text(ar="الجهة", en="body"),
    Text(ar="الاسم", en="name"),
    Text(ar="الصلاحيات", en="scopes"),
    Text(ar="العناوين", en="addresses"),
    Text(ar="ينتهي", en="expires"),
    Text(ar="آخر استخدام", en="last used"),
    Text(ar="الحالة", en="state"),
)
_STATES = {
    "valid": Text(ar="صالح", en="valid"),
    "expired": Text(ar="منتهٍ", en="expired"),
    "revoked": Text(ar="ملغى", en="revoked"),
}
_ANY = Text(ar="الكل", en="any")
_NEVER = Text(ar="لم يُستخدم", en="never")
_NO_KEYS = Text(ar="لا توجد مفاتيح.", en="There are no keys.")
_CREATED = Text(
    ar="أُنشئ المفتاح {id} للجهة {tenant}، وهو صالح حتى {until}. لن يُعرض مرة أخرى؛ احفظه الآن.",
    en="Made the key {id} of {tenant}, valid until {until}. It will not be shown again: keep it now.",
)
_REPLACED = Text(
    ar="يظل المفتاح القديم {id} صالحًا حتى {until}.", en="The old key {id} stays valid until {until}."
)
_ASK = Text(
    ar="إلغاء المفتاح {id} «{name}» الخاص بالجهة {tenant}؟ ستُرفض فورًا كل الأنظمة التي تستخدمه.",
    en="Revoke the key {id} “{name}” of {tenant}? Whatever uses it is refused at once.",
)
_REVOKED = Text(ar="أُلغي المفتاح {id}.", en="Revoked the key {id}.")
_REVOKED_BEFORE = Text(ar="المفتاح {id} ملغى من قبل.", en="The key {id} had been revoked before.")
_UNCHANGED = Text(ar="لم يتغير شيء.", en="Nothing was changed.")

_KeyId = Annotated[str, typer.Argument(help="The key's id, or the key's beginning, hub_live_...")]
_WHEN = "2027-06-30 (its beginning, in the body's zone) or 2027-06-30T12:00"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(help="API keys, by which machines sign in.", no_args_is_help=True)
    commands.command()(create)
    commands.command(name="list")(list_keys)
    commands.command()(rotate)
    commands.command()(revoke)
    app.add_typer(commands, name="key")


def create(
    tenant: Annotated[str, typer.Option(help="The body whose key it is, by its code.")],
    name: Annotated[str, typer.Option(help="What the key is for, as people will recognise it.")],
    scope: Annotated[
        list[str], typer.Option(help="What it may do, such as tickets:read; given once for each.")
    ],
    expires: Annotated[
        str | None, typer.Option(help=f"Until when: {_WHEN}. A year if not given, two at most.")
    ] = None,
    address: Annotated[
        list[str] | None,
        typer.Option(help="A range it may be used from, such as 192.0.2.0/24; none means any."),
    ] = None,
) -> None:
    """Make a key and print it, this once."""
    from hub.keys.actions import create_key  # noqa: PLC0415 - help needs none of this
    from infra.process import running_hub  # noqa: PLC0415
    from tenants.context import SYSTEM  # noqa: PLC0415

    with running_hub() as hub:
        owner = _tenant_called(hub, tenant)
        until = _moment("expires", expires, owner)
        with hub.database.unit_of_work(actor=SYSTEM, tenants=(owner.id,)) as context:
            issued = create_key(context, name=name, scopes=scope, expires_at=until, addresses=address or ())
    _hand_out(issued, owner)


def list_keys(
    tenant: Annotated[str | None, typer.Option(help="Only this body, by its code.")] = None,
    form: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TABLE,
) -> None:
    """List keys with what they may do and when they were last used; never what opens them."""
    from infra.process import running_hub  # noqa: PLC0415 - help needs none of this

    with running_hub() as hub:
        now, codes, keys = _keys(hub, tenant)
    if form is Format.JSON:
        print_json(
            [
                {
                    "id": key.id,
                    "tenant": codes[key.tenant_id],
                    "name": key.name,
                    "scopes": key.scopes,
                    "addresses": key.addresses,
                    "state": _state(key, now),
                    "created_at": key.created_at.isoformat(),
                    "expires_at": key.expires_at.isoformat(),
                    "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
                    "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
                    "replaces": key.replaces,
                }
                for key in keys
            ]
        )
    elif not keys:
        say(_NO_KEYS)
    else:
        print_table(
            _COLUMNS,
            [
                (
                    key.id,
                    codes[key.tenant_id],
                    key.name,
                    ", ".join(key.scopes),
                    ", ".join(key.addresses) or sentence(_ANY),
                    _told(key.expires_at),
                    _told(key.last_used_at) if key.last_used_at else sentence(_NEVER),
                    sentence(_STATES[_state(key, now)]),
                )
                for key in keys
            ],
        )


def rotate(
    key: _KeyId,
    until: Annotated[
        str | None, typer.Option(help=f"How long the old key still works: {_WHEN}. A week if not given.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help=f"Until when the new key works: {_WHEN}. A year if not given.")
    ] = None,
) -> None:
    """Replace a key by a new one that may do the same, and print that; for a while both work."""
    from hub.keys.actions import rotate_key  # noqa: PLC0415 - help needs none of this
    from infra.process import running_hub  # noqa: PLC0415
    from tenants.context import SYSTEM  # noqa: PLC0415

    key_id = _read_id(key)
    with running_hub() as hub:
        owner = _owner_of(hub, key_id)
        old_until, new_until = _moment("until", until, owner), _moment("expires", expires, owner)
        with hub.database.unit_of_work(actor=SYSTEM, tenants=(owner.id,)) as context:
            issued, ends = rotate_key(context, key_id, old_until=old_until, expires_at=new_until)
    _hand_out(issued, owner)
    warn(_REPLACED, id=key_id, until=_told(ends, owner))


def revoke(key: _KeyId, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """End a key at once and for good."""
    from hub.keys.access import key_for  # noqa: PLC0415 - help needs none of this
    from hub.keys.actions import revoke_key  # noqa: PLC0415
    from infra.process import running_hub  # noqa: PLC0415
    from tenants.context import SYSTEM  # noqa: PLC0415

    key_id = _read_id(key)
    with running_hub() as hub:
        owner = _owner_of(hub, key_id)
        with hub.database.unit_of_work(actor=SYSTEM, tenants=(owner.id,)) as context:
            name = key_for(context, key_id).name
        question = sentence(_ASK, id=key_id, name=name, tenant=owner.code)
        if not yes and not typer.confirm(question, err=True):
            warn(_UNCHANGED)
            raise typer.Exit(1)
        with hub.database.unit_of_work(actor=SYSTEM, tenants=(owner.id,)) as context:
            changed = revoke_key(context, key_id)
    say(_REVOKED if changed else _REVOKED_BEFORE, id=key_id)


def _hand_out(issued: IssuedKey, owner: Tenant) -> None:
    warn(_CREATED, id=issued.id, tenant=owner.code, until=_told(issued.expires_at, owner))
    print(issued.key)


def _read_id(given: str) -> UUID:
    from infra.errors import BadKeyId  # noqa: PLC0415 - help needs none of this
    from tenants.key_format import read_key_id  # noqa: PLC0415

    key_id = read_key_id(given)
    if key_id is None:
        # What was given may hold a secret: it is not repeated.
        raise BadKeyId(field="key")
    return key_id


def _tenant_called(hub: Hub, code: str) -> Tenant:
    from hub.codes import echoed  # noqa: PLC0415 - help needs none of this
    from infra.errors import UnknownTenant  # noqa: PLC0415
    from tenants.across import codes_of_tenants  # noqa: PLC0415
    from tenants.context import SYSTEM  # noqa: PLC0415
    from tenants.ids import HUB  # noqa: PLC0415
    from tenants.models import Tenant  # noqa: PLC0415

    with hub.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        for tenant_id, each in codes_of_tenants(context).items():
            if each == code:
                return context.session.get_one(Tenant, tenant_id)
    raise UnknownTenant(field="tenant", code=echoed(code))


def _owner_of(hub: Hub, key_id: UUID) -> Tenant:
    from tenants.api_keys import tenant_of_key  # noqa: PLC0415 - help needs none of this
    from tenants.context import SYSTEM  # noqa: PLC0415
    from tenants.errors import NotFound  # noqa: PLC0415
    from tenants.models import Tenant  # noqa: PLC0415

    tenant_id = tenant_of_key(hub.database, key_id)
    if tenant_id is None:
        raise NotFound(field="key")
    with hub.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
        return context.session.get_one(Tenant, tenant_id)


def _keys(hub: Hub, code: str | None) -> tuple[datetime, dict[UUID, str], list[ApiKey]]:
    from hub.keys.access import keys_of  # noqa: PLC0415 - help needs none of this
    from tenants.across import Purpose, codes_of_tenants  # noqa: PLC0415
    from tenants.context import SYSTEM  # noqa: PLC0415

    if code is not None:
        owner = _tenant_called(hub, code)
        with hub.database.unit_of_work(actor=SYSTEM, tenants=(owner.id,)) as context:
            return context.now, {owner.id: owner.code}, list(keys_of(context))
    with hub.across.unit_of_work(Purpose.KEYS, actor=SYSTEM) as context:
        return context.now, codes_of_tenants(context), list(keys_of(context))


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at <= now else "valid"


def _moment(option: str, given: str | None, owner: Tenant) -> datetime | None:
    from hub.oversight.periods import read_moment  # noqa: PLC0415 - help needs none of this

    return None if given is None else read_moment(option, given, _zone(owner))


def _told(moment: datetime, owner: Tenant | None = None) -> str:
    if owner is None:
        return f"{moment:%Y-%m-%d %H:%M} UTC"
    return f"{moment.astimezone(_zone(owner)):%Y-%m-%d %H:%M} ({owner.zone})"


def _zone(owner: Tenant) -> ZoneInfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - help needs none of this

    return ZoneInfo(owner.zone)
