"""The doors to attached files; absent and forbidden give one answer."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, tuple_
from sqlalchemy.orm import aliased

from hub.attachments.models import Attachment, AttachmentState
from tenants.context import ActorKind, Context
from tenants.errors import NotFound
from tenants.permissions import Permission


def upload_for(context: Context, attachment_id: UUID, *, held: bool = True) -> Attachment:
    """A file for whoever uploads it; `held` keeps all others from it until the unit of work ends.

    Anonymous citizens are told apart by knowing its id. Raises `NotFound` in every other case.
    """
    wanted = select(Attachment).where(
        Attachment.tenant_id.in_(context.tenants), Attachment.id == attachment_id
    )
    if held:
        wanted = wanted.with_for_update()
    found = context.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None or found.state == AttachmentState.ERASED or not _uploaded_by(context, found):
        raise NotFound(field="attachment")
    return found


def attachment_for(context: Context, attachment_id: UUID) -> Attachment:
    """A file for whoever may see it: staff who may read its ticket, its case's citizen unless it is internal, and,
    until a ticket claims it, whoever uploaded it.

    Raises `NotFound` in every other case.
    """
    found = context.session.scalar(
        select(Attachment)
        .where(Attachment.tenant_id.in_(context.tenants), Attachment.id == attachment_id)
        .execution_options(populate_existing=True)
    )
    if found is None or found.state == AttachmentState.ERASED or not _may_see(context, found):
        raise NotFound(field="attachment")
    return found


def attachments_visible_to(context: Context) -> Select[Attachment]:
    """The claimed files somebody may list, to be filtered and ordered further."""
    if context.actor.kind is ActorKind.CITIZEN:
        tenants = context.tenants if context.case_id is not None else frozenset()
    else:
        tenants = frozenset(
            each for each in context.tenants if context.actor.may(Permission.TICKETS_READ, each)
        )
    visible = select(Attachment).where(
        Attachment.tenant_id.in_(tenants),
        Attachment.ticket_id.is_not(None),
        Attachment.state != AttachmentState.ERASED,
    )
    if context.case_id is not None:
        visible = visible.where(Attachment.case_id == context.case_id)
    if context.actor.kind is ActorKind.CITIZEN:
        visible = visible.where(Attachment.internal.is_(False), ~_shown_elsewhere(tenants))
    return visible


def files_going_along(context: Context, tenant_id: UUID, ticket_id: UUID) -> Sequence[Attachment]:
    """The files of a ticket that go where its case goes: what the citizen gave, unless it was refused or is gone."""
    return context.session.scalars(
        select(Attachment)
        .where(
            Attachment.tenant_id == tenant_id,
            Attachment.tenant_id.in_(context.tenants),
            Attachment.ticket_id == ticket_id,
            Attachment.from_citizen.is_(True),
            Attachment.internal.is_(False),
            Attachment.state.not_in([AttachmentState.REFUSED, AttachmentState.ERASED]),
        )
        .order_by(Attachment.claimed_at, Attachment.created_at, Attachment.id)
        .execution_options(populate_existing=True)
    ).all()


def attachment_of_link(context: Context, attachment_id: UUID) -> Attachment | None:
    """A file for the holder of a signed link to it, whose signature is all the right they need."""
    found = context.session.scalar(
        select(Attachment).where(Attachment.tenant_id == context.tenant_id, Attachment.id == attachment_id)
    )
    return found if found is not None and found.state == AttachmentState.READY else None


def held_attachment(context: Context, tenant_id: UUID, attachment_id: UUID) -> Attachment:
    """A file for the system's own work on it, held until the unit of work ends."""
    return context.session.scalars(
        select(Attachment)
        .where(Attachment.tenant_id == tenant_id, Attachment.id == attachment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _shown_elsewhere(tenants: frozenset[UUID]) -> ColumnElement[bool]:
    """Whether a citizen sees a copied file at another body already: the first, or else the copy made first."""
    other = aliased(Attachment)
    return (
        exists()
        .where(
            Attachment.origin.is_not(None),
            other.tenant_id.in_(tenants),
            other.case_id == Attachment.case_id,
            other.state != AttachmentState.ERASED,
            or_(
                other.id == Attachment.origin,
                and_(
                    other.origin == Attachment.origin,
                    tuple_(other.claimed_at, other.id) < tuple_(Attachment.claimed_at, Attachment.id),
                ),
            ),
        )
        .correlate(Attachment)
    )


def _uploaded_by(context: Context, attachment: Attachment) -> bool:
    actor = context.actor
    if actor.kind is ActorKind.SYSTEM:
        return True
    if (attachment.uploaded_by_kind, attachment.uploaded_by) != (actor.kind.value, actor.id):
        return False
    # A citizen's file of one case is not another case's citizen's, though both are nameless.
    return actor.kind is not ActorKind.CITIZEN or attachment.case_id in (None, context.case_id)


def _may_see(context: Context, attachment: Attachment) -> bool:
    if attachment.ticket_id is None:
        return _uploaded_by(context, attachment)
    if context.actor.kind is ActorKind.CITIZEN:
        return attachment.case_id == context.case_id and not attachment.internal
    return context.actor.may(Permission.TICKETS_READ, attachment.tenant_id)
