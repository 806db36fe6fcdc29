"""The doors to attached files; absent and forbidden give one answer."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

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
        visible = visible.where(Attachment.internal.is_(False))
    return visible


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
