"""Commands for the journal: has anybody touched the record?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.speech import say, warn
from tenants.languages import Text

if TYPE_CHECKING:
    from uuid import UUID

    from infra.process import Hub

_EDITED = Text(ar="عُدّلت", en="edited")
_DELETED = Text(ar="حُذفت", en="deleted")
_INSERTED = Text(ar="أُدخلت بعد الختم", en="inserted after the sealing")
_FACT = Text(
    ar="{tenant}: الختم {seal}: الواقعة {fact} {tampering}.",
    en="{tenant}: seal {seal}: fact {fact} was {tampering}.",
)
_CHAIN = Text(
    ar="{tenant}: الختم {seal}: انقطعت سلسلة الأختام عنده.",
    en="{tenant}: seal {seal}: the chain of seals is broken here.",
)
_COUNTS = Text(
    ar="{tenant}: الوقائع المختومة {sealed}، وغير المختومة بعد {unsealed}.",
    en="{tenant}: {sealed} facts sealed, {unsealed} not yet.",
)
_TAMPERED = Text(
    ar="السجل ليس كما خُتم: عدد المواضع {count}. احفظ قاعدة البيانات كما هي وأبلغ المسؤول عن الأمن.",
    en="The journal is not as it was sealed, in {count} places. Keep the database as it is and tell security.",
)
_CLEAN = Text(ar="السجل كما خُتم.", en="The journal is as it was sealed.")
_SEALED = Text(ar="عدد الوقائع التي خُتمت: {count}.", en="Facts sealed: {count}.")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(help="The record of every fact.", no_args_is_help=True)
    commands.command()(verify)
    commands.command()(seal)
    app.add_typer(commands, name="journal")


def verify(
    tenant: Annotated[str | None, typer.Option(help="Only this body, by its code.")] = None,
) -> None:
    """Compare every fact with its seal. Exit status 1 when anything was edited, deleted or inserted."""
    from infra.process import running_hub  # noqa: PLC0415 - help needs none of this

    with running_hub() as hub:
        count = sum(_verify(hub, code, tenant_id) for code, tenant_id in _tenants(hub, tenant))
    if count:
        warn(_TAMPERED, count=count)
        raise typer.Exit(1)
    say(_CLEAN)


def seal() -> None:
    """Seal now what has been written since the last sealing; the beat does it every minute."""
    from infra.beat import seal_all  # noqa: PLC0415 - help needs none of this
    from infra.process import running_hub  # noqa: PLC0415

    with running_hub() as hub:
        say(_SEALED, count=seal_all(hub))


def _tenants(hub: Hub, only: str | None) -> list[tuple[str, UUID]]:
    from infra.errors import UnknownTenant  # noqa: PLC0415 - help needs none of this
    from tenants.across import Purpose, codes_of_tenants  # noqa: PLC0415
    from tenants.context import SYSTEM  # noqa: PLC0415

    with hub.across.unit_of_work(Purpose.VERIFYING, actor=SYSTEM) as context:
        codes = codes_of_tenants(context)
    wanted = [(code, tenant_id) for tenant_id, code in codes.items() if only in (None, code)]
    if not wanted:
        raise UnknownTenant(field="tenant", code=only)
    return wanted


def _verify(hub: Hub, code: str, tenant_id: UUID) -> int:
    from hub.journal.sealing import Tampering, sealed, unsealed, verify_tenant  # noqa: PLC0415 - help needs none
    from tenants.context import SYSTEM  # noqa: PLC0415

    names = {Tampering.EDITED: _EDITED, Tampering.DELETED: _DELETED, Tampering.INSERTED: _INSERTED}
    count = 0
    with hub.database.unit_of_work(actor=SYSTEM, tenants=(tenant_id,)) as context:
        for finding in verify_tenant(context, tenant_id):
            count += 1
            if finding.tampering is Tampering.CHAIN_BROKEN:
                say(_CHAIN, tenant=code, seal=finding.seal)
            else:
                say(
                    _FACT,
                    tenant=code,
                    seal=finding.seal,
                    fact=finding.fact_id,
                    tampering=names[finding.tampering],
                )
        counts = {"sealed": sealed(context, tenant_id), "unsealed": unsealed(context, tenant_id)}
        say(_COUNTS, tenant=code, **counts)
    return count
