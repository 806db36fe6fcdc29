"""Every act, asked for by somebody who has nothing to do with the ticket, answers as if the ticket did not exist.

That nothing was written is what the fixture `populated` looks at after each test.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hub.tickets.access import ticket_for
from tenants.context import CITIZEN, SYSTEM, Actor, ActorKind, Context
from tenants.errors import Refusal
from tenants.ids import new_id
from tenants.languages import Language
from tenants.permissions import Permission
from tests.promises.acts import ACTS, NAMES, WORDS, arguments_of, functions, parameters
from tests.promises.populated import Holdings, Populated
from tests.world import undone

ON_A_TICKET = sorted(name for name in functions() if "ticket_id" in parameters(name))


@dataclass(frozen=True, slots=True)
class Refused:
    """Everything that somebody refused gets to know."""

    kind: str
    field: str | None
    arabic: str
    english: str


@contextmanager
def unit_of_work(
    populated: Populated, mine: Holdings, who: str, *, case_id: UUID | None = None
) -> Iterator[Context]:
    everything = {mine.agency.id: frozenset(Permission)}
    actor = {
        "citizen": CITIZEN,
        "system": SYSTEM,
        "lead": mine.agency["lead"],
        "manager": mine.agency["manager"],
        "almighty": Actor(ActorKind.STAFF, mine.agency["lead"].id, everything),
        "key": Actor(ActorKind.API_KEY, new_id(), everything),
        "nobody": Actor(ActorKind.STAFF, mine.agency["lead"].id, {}),
    }[who]
    with populated.world.database.unit_of_work(
        actor=actor, tenants=(mine.agency.id,), case_id=case_id, clock=populated.world.clock
    ) as context:
        yield context


def attempt(
    populated: Populated,
    mine: Holdings,
    who: str,
    name: str,
    given: dict[str, Any],
    *,
    case_id: UUID | None = None,
    hide: str = "",
) -> Refused:
    """What an act answers; what it wrote before it refused, if anything, is kept and so is seen."""
    with unit_of_work(populated, mine, who, case_id=case_id) as context:
        try:
            answer = functions()[name](context, **given)
        except Refusal as refusal:
            return Refused(
                type(refusal).__name__,
                refusal.field,
                refusal.sentence(Language.ARABIC).replace(hide or "\0", "…"),
                refusal.sentence(Language.ENGLISH).replace(hide or "\0", "…"),
            )
    pytest.fail(f"{name} by {who} gave {answer!r}")


def test_every_act_is_in_the_table_of_acts() -> None:
    assert ACTS.keys() == functions().keys()
    for name in functions():
        unknown = set(parameters(name)) - NAMES - WORDS
        assert not unknown, (
            f"{name} takes {unknown}: say in tests/promises/acts.py whether it names something"
        )


@pytest.mark.parametrize("name", sorted(functions()))
def test_the_rightful_caller_is_not_refused(populated: Populated, name: str) -> None:
    act, mine = ACTS[name], populated.water
    case_id = mine.tickets[act.stage].case_id if act.by == "citizen" and act.stage else None
    with undone(unit_of_work(populated, mine, act.by, case_id=case_id)) as context:
        functions()[name](context, **arguments_of(populated, name, mine))


@pytest.mark.parametrize("who", ["lead", "almighty", "key", "system", "citizen"])
@pytest.mark.parametrize("name", ON_A_TICKET)
def test_the_other_tenant_is_answered_as_if_the_ticket_were_not(
    populated: Populated, name: str, who: str
) -> None:
    given = arguments_of(populated, name, populated.water)
    case_id = populated.tax.tickets["received"].case_id if who == "citizen" else None
    on_theirs = attempt(populated, populated.tax, who, name, given, case_id=case_id)
    on_none = attempt(populated, populated.tax, who, name, given | {"ticket_id": new_id()}, case_id=case_id)
    assert on_theirs == on_none
    assert on_theirs.kind == "NotFound"


@pytest.mark.parametrize("name", ON_A_TICKET)
def test_the_citizen_of_another_case_is_answered_as_if_the_ticket_were_not(
    populated: Populated, name: str
) -> None:
    mine = populated.water
    given = arguments_of(populated, name, mine)
    for case_id in (mine.tickets["confidential"].case_id, None):
        on_theirs = attempt(populated, mine, "citizen", name, given, case_id=case_id)
        on_none = attempt(populated, mine, "citizen", name, given | {"ticket_id": new_id()}, case_id=case_id)
        assert on_theirs == on_none
        assert on_theirs.kind == "NotFound"


@pytest.mark.parametrize("name", ON_A_TICKET)
def test_staff_without_the_right_to_read_are_answered_as_if_the_ticket_were_not(
    populated: Populated, name: str
) -> None:
    given = arguments_of(populated, name, populated.water)
    on_it = attempt(populated, populated.water, "nobody", name, given)
    on_none = attempt(populated, populated.water, "nobody", name, given | {"ticket_id": new_id()})
    assert on_it == on_none
    assert on_it.kind == "NotFound"


NAMING = sorted((name, parameter) for name in functions() for parameter in set(parameters(name)) & NAMES)


@pytest.mark.parametrize(("name", "parameter"), [pair for pair in NAMING if pair[1] != "ticket_id"])
def test_what_only_the_other_tenant_has_is_answered_as_if_it_were_not(
    populated: Populated, name: str, parameter: str
) -> None:
    mine, other = populated.water, populated.tax
    theirs: dict[str, Any] = {
        "assignee": other.agency.cast["field"].id,
        "attachments": [other.upload_id],
        "earlier": other.tickets["shared"].ticket_id,
        "main_id": other.tickets["in_progress"].ticket_id,
        "main_ticket": other.tickets["in_progress"].ticket_id,
        # In a transfer the service is the other tenant's: then ours is the strange one.
        "service": mine.own_code if "tenant" in parameters(name) else other.own_code,
        "stage": other.own_code,
        "team": other.own_code,
        "tenant": populated.preparing,
        "tenant_id": other.agency.id,
    }
    given = arguments_of(populated, name, mine)
    value = theirs[parameter]
    unknown: Any = new_id() if isinstance(value, UUID) else "no-such-code"
    if parameter == "attachments":
        unknown = [new_id()]
    if name == "settle_duplicates" and parameter == "tenant_id":
        # It settles what follows a ticket of the context's own: of another tenant that is nothing.
        with unit_of_work(populated, mine, "system") as context:
            assert functions()[name](context, **given | {parameter: value}) == 0
            assert functions()[name](context, **given | {parameter: unknown}) == 0
    else:
        act = ACTS[name]
        case_id = mine.tickets[act.stage].case_id if act.by == "citizen" and act.stage else None
        on_theirs, on_none = (
            attempt(populated, mine, act.by, name, given | {parameter: each}, case_id=case_id, hide=str(each))
            for each in (value, unknown)
        )
        assert on_theirs.kind != "NotFound" or parameter != "attachments"
        assert on_theirs == on_none


def test_silence_closes_only_what_is_the_context_s(populated: Populated) -> None:
    a_year_on = populated.world.clock.moment + timedelta(days=365)
    with undone(unit_of_work(populated, populated.tax, "system")) as context:
        assert functions()["close_after_silence"](replace(context, now=a_year_on)) == 1
        closed = ticket_for(context, populated.tax.tickets["resolved"].ticket_id)
        assert closed.closure == "silent"
