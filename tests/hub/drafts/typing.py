"""What a citizen types on the way to a report, and their unit of work before there is a case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from hub.drafts.content import Draft
from tenants.context import CITIZEN, Context
from tests.world import World

FILE = UUID("0193a5d0-0000-7000-8000-000000000001")

TYPED = Draft(
    tenant="water",
    service="leak",
    form_version=1,
    page="what-happened",
    answers={"hazard": "yes", "hazard_kind": "  أسلاك\nمكشوفة ", "odd": ["a", {"b": None}], "nul": "\0"},
    words={"description": "ماسورة مكسورة", "confidential": "on"},
    files={"photo": (FILE,), "attachments": ()},
    reporter={"name": "منى", "email": "mona@@example"},
    place={"latitude": "30.0x", "district": "الدقي"},
)


@contextmanager
def as_visitor(world: World) -> Iterator[Context]:
    """A unit of work of a citizen who has not sent anything yet."""
    with world.database.unit_of_work(actor=CITIZEN, tenants=(world.water.id,), clock=world.clock) as context:
        yield context


def typed(**changes: Any) -> Draft:
    """A small draft."""
    return Draft(**{"tenant": "water", "service": "leak", **changes})
