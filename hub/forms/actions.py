"""Publishing forms: each change is a new version; answers keep the version they were given to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from hub.events import FormPublished
from hub.forms.definition import read_form
from hub.forms.models import Form, FormVersion
from hub.journal.actions import record
from tenants.context import Context
from tenants.ids import new_id
from tenants.permissions import Permission
from tenants.set_up import wait_to_change_set_up


def publish_form(context: Context, *, code: str, definition: dict[str, Any]) -> UUID:
    """Make a definition the form asked under a code from now on; gives the form's id.

    Publishing what is already asked changes nothing. Raises `BrokenForm` with place and reason.
    """
    tenant_id = context.tenant_id
    context.demand(Permission.CATALOGUE_WRITE, tenant_id)
    data = read_form(definition).as_data()
    session = context.session
    wait_to_change_set_up(context, tenant_id)
    form = session.scalar(
        select(Form)
        .where(Form.tenant_id == tenant_id, Form.code == code)
        .execution_options(populate_existing=True)
    )
    if form is None:
        form_id, version = new_id(), 1
        session.execute(insert(Form).values(tenant_id=tenant_id, id=form_id, code=code, version=1))
    else:
        form_id, version = form.id, form.version + 1
        if session.get_one(FormVersion, (tenant_id, form_id, form.version)).definition == data:
            return form_id
        session.execute(
            update(Form).where(Form.tenant_id == tenant_id, Form.id == form_id).values(version=version)
        )
    session.execute(
        insert(FormVersion).values(
            tenant_id=tenant_id, form_id=form_id, version=version, definition=data, published_at=context.now
        )
    )
    record(context, FormPublished(tenant_id=tenant_id, form_id=form_id, form_version=version))
    return form_id
