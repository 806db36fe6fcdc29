"""What people nearby reported lately, in numbers: where one looks for what one sees, before reporting it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends
from starlette.responses import Response

from hub.catalogue.queries import tenants_on_offer
from hub.finder.queries import looking_everywhere
from hub.nearby.queries import TOLD_FOR, ReportedHere, reported_near
from hub.reference import City, Governorate, cities, countries, governorates
from hub.web.guards import Anybody
from hub.web.routing import page_router
from hub.web.visits import Visit
from portal.reporting.charts import chart_of
from tenants.languages import Text

router = page_router()
_Anybody = Annotated[Visit, Depends(Anybody())]


@dataclass(frozen=True, slots=True)
class Matter:
    """One service of which something was reported: how much in which district, and where to report the same."""

    first: ReportedHere
    rows: list[tuple[Text | None, ReportedHere]] = field(default_factory=list)
    report: str = ""


@router.get("/near")
def near(visit: _Anybody) -> Response:
    """What was reported in a governorate, or in one of its districts, in the last days."""
    visit.admitted()
    with looking_everywhere(visit.database, language=visit.language) as context:
        # Bodies may be of countries whose places the hub does not know.
        offered = {each.country for each in tenants_on_offer(context)}
        mapped = [country for country in countries() if country in offered]
        known = {code: each for country in mapped for code, each in governorates(country).items()}
        asked = known.get(visit.asked("governorate"))
        districts = _districts(mapped, asked)
        district = visit.asked("district") if visit.asked("district") in districts else None
        found = reported_near(context, asked.code, district=district) if asked else []
    return visit.page(
        "near.html",
        governorates=known,
        asked=asked,
        districts=districts,
        district=district,
        matters=_matters(visit, found, districts, asked),
        days=TOLD_FOR.days,
        chart=next((chart for country in mapped if (chart := chart_of(country))), ""),
    )


def _districts(mapped: Sequence[str], governorate: Governorate | None) -> Mapping[str, City]:
    if governorate is None:
        return {}
    return {
        code: each
        for country in mapped
        for code, each in cities(country).items()
        if each.governorate == governorate.code
    }


def _matters(
    visit: Visit,
    found: Sequence[ReportedHere],
    districts: Mapping[str, City],
    governorate: Governorate | None,
) -> Sequence[Matter]:
    matters: dict[tuple[str, str], Matter] = {}
    for each in found:
        key = each.tenant, each.service
        if key not in matters:
            place = {"governorate": governorate.code if governorate else ""}
            if visit.asked("district") in districts:
                place["district"] = visit.asked("district")
            path = f"/agencies/{each.tenant}/services/{each.service}?{urlencode(place)}"
            matters[key] = Matter(each, report=path)
        named = districts.get(each.district or "")
        matters[key].rows.append((named.name if named else None, each))
    return list(matters.values())
