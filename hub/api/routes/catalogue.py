"""What the hub offers: bodies, their services, and the forms of these."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from hub.api import receipts
from hub.api.calls import Answer, Call
from hub.api.guards import Anybody
from hub.api.routing import StrictRoute
from hub.catalogue.errors import UnknownService
from hub.catalogue.queries import (
    ServiceOnOffer,
    TenantOnOffer,
    service_on_offer,
    services_on_offer,
    tenant_on_offer,
    tenants_on_offer,
)
from hub.forms.access import form_in_force
from hub.forms.compile import compile_form
from hub.stories.views import Named
from tenants.context import Context
from tenants.errors import NotFound

router = APIRouter(route_class=StrictRoute, tags=["Catalogue"])
_Anybody = Annotated[Call, Depends(Anybody())]


@router.get("/tenants", response_model=receipts.Tenants)
def list_tenants(call: _Anybody) -> Response:
    """List the bodies that work on the hub."""

    def look(context: Context) -> Answer:
        return Answer(
            receipts.Tenants(tenants=[_tenant(context, each) for each in tenants_on_offer(context)])
        )

    return call.read(look)


@router.get("/tenants/{tenant}", response_model=receipts.TenantView)
def read_tenant(call: _Anybody, tenant: str) -> Response:
    """Read what one body is there for."""
    return call.read(lambda context: Answer(_tenant(context, tenant_on_offer(context))))


@router.get("/tenants/{tenant}/services", response_model=receipts.Services)
def list_services(call: _Anybody, tenant: str) -> Response:
    """List what a body offers."""

    def look(context: Context) -> Answer:
        listed = [receipts.ServiceListed(**_listed(context, each)) for each in services_on_offer(context)]
        return Answer(receipts.Services(services=listed))

    return call.read(look)


@router.get("/tenants/{tenant}/services/{service}", response_model=receipts.ServiceView)
def read_service(call: _Anybody, tenant: str, service: str) -> Response:
    """Read one service, with its form as JSON Schema in the caller's language."""

    def look(context: Context) -> Answer:
        try:
            found = service_on_offer(context, service)
        except UnknownService:
            # In a body it would be a field to be mended; here there is nothing at the address.
            raise NotFound(field="service") from None
        version, form = None, None
        if found.form_id is not None:
            version, definition = form_in_force(context, context.tenant_id, found.form_id)
            form = compile_form(definition, context.language)
        return Answer(
            receipts.ServiceView(
                **_listed(context, found), priority=found.priority, form_version=version, form=form
            )
        )

    return call.read(look)


def _tenant(context: Context, tenant: TenantOnOffer) -> receipts.TenantView:
    return receipts.TenantView(
        code=tenant.code,
        name=tenant.name.in_language(context.language),
        short_name=tenant.short_name.in_language(context.language),
        about=tenant.about.in_language(context.language),
        zone=tenant.zone,
    )


def _listed(context: Context, service: ServiceOnOffer) -> dict[str, Any]:
    of_class = None
    if service.class_code is not None and service.class_name is not None:
        of_class = Named(code=service.class_code, name=service.class_name.in_language(context.language))
    return {
        "code": service.code,
        "name": service.name.in_language(context.language),
        "description": service.description.in_language(context.language),
        "kind": service.kind,
        "service_class": of_class,
        "life_events": list(service.life_events),
        "confidential_allowed": service.confidential_allowed,
    }
