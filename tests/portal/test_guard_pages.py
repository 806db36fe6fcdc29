from __future__ import annotations

from fastapi.routing import APIRoute, iter_route_contexts

from hub.web.guarding import the_guard
from hub.web.guards import PageGuard
from hub.web.settings import PageSettings
from portal.app import create_portal
from tests.hub.api.callers import AMPLE
from tests.pages.visitors import Visitor, visiting
from tests.portal.reviewed import REVIEWED, UNGUARDED
from tests.world import World


def test_every_page_is_guarded_as_somebody_found_right(world: World) -> None:
    portal = create_portal(world.database, rates=AMPLE, settings=PageSettings(styleguide=True))
    guarded, others = {}, set()
    for route in iter_route_contexts(portal.routes):
        for method in sorted((route.methods or set()) - {"HEAD"}):
            name = f"{method} {(route.path or '').replace(':language', '')}"
            if isinstance(route.original_route, APIRoute):
                guarded[name] = type(the_guard(route, PageGuard))  # type: ignore[type-abstract] # only asked what it is
            else:
                others.add(name)
    assert guarded == REVIEWED
    assert others == UNGUARDED


def test_the_parts_of_pages_are_shown_only_where_a_setting_allows_it(visitor: Visitor, world: World) -> None:
    assert visitor.get("/en/styleguide").status_code == 404
    shown = create_portal(world.database, rates=AMPLE, settings=PageSettings(styleguide=True))
    with visiting(shown) as developer:
        assert developer.get("/en/styleguide").status_code == 200
        assert developer.get("/ar/styleguide").status_code == 200


def test_the_parts_of_pages_are_found_without_a_language_where_they_are_shown(
    visitor: Visitor, world: World
) -> None:
    assert visitor.get("/styleguide").status_code == 404
    shown = create_portal(world.database, rates=AMPLE, settings=PageSettings(styleguide=True))
    with visiting(shown) as developer:
        answer = developer.get("/styleguide", headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/en/styleguide")
        assert developer.get("/", headers={"Accept-Language": "ar"}).headers["Location"] == "/ar"
