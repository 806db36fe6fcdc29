"""What the API's routes and pages promise alike: every one declares one guard, and none does without."""

from __future__ import annotations

from typing import TypeVar

from fastapi.routing import RouteContext

_Guard = TypeVar("_Guard")


class RouteWithoutGuard(RuntimeError):  # noqa: N818 - says what is wrong
    """A route was declared without saying who may call it."""


def the_guard(route: RouteContext, kind: type[_Guard]) -> _Guard:
    """The one guard of a route; raises `RouteWithoutGuard`."""
    guards = [each.call for each in route.dependant.dependencies if isinstance(each.call, kind)]
    if len(guards) != 1:
        raise RouteWithoutGuard(f"{route.path} of {route.name} declares {len(guards)} guards")
    return guards[0]
