"""What has to be said in a second place is said there: reactions, jobs, names, moves, refusals."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import TypeVar

import pytest

import hub
import infra
import portal
import tenants
from hub.events import EVENTS, Event
from hub.journal.registry import Reaction
from hub.journal.tasks import JOBS
from hub.journal.words import FACT_NAMES
from hub.reactions import REACTIONS
from hub.tickets.lifecycle import MOVES, MoveName, Status
from hub.tickets.words import MOVE_NAMES, STATUS_NAMES
from tenants.errors import Refusal
from tenants.languages import Text
from tests.promises import reviewed

_Class = TypeVar("_Class")
ROOT = Path(__file__).parents[2]
MODULES = [
    import_module(found.name)
    for package in (tenants, hub, portal, infra)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    # A program, not a module: importing it would start it.
    if not found.name.endswith("__main__")
]


def subclasses(of: type[_Class]) -> Iterator[type[_Class]]:
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


def constants(module: ModuleType, holder: str) -> set[str]:
    """The attributes of a name that a module mentions: `MoveName.ASK` gives `ASK`."""
    return {
        node.attr
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == holder
    }


def is_whole(text: Text) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for letter in text.ar) and any(
        "a" <= letter.lower() <= "z" for letter in text.en
    )


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_fact_says_what_follows_from_it() -> None:
    assert set(REACTIONS) == set(subclasses(Event))


def test_every_fact_has_a_kind_of_its_own() -> None:
    events = list(subclasses(Event))
    assert sorted(EVENTS) == sorted(event.kind for event in events)
    assert len(EVENTS) == len(events)


def test_every_fact_has_a_name_in_both_languages() -> None:
    assert FACT_NAMES.keys() == EVENTS.keys()
    assert [kind for kind, name in FACT_NAMES.items() if not is_whole(name)] == []


def test_every_job_promised_is_declared_and_every_declared_job_promised() -> None:
    promised = {task for reaction in REACTIONS.values() for task in reaction.later}
    assert promised == set(JOBS)


def test_reactions_stand_on_one_page() -> None:
    users = {
        module.__name__
        for module in MODULES
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == Reaction.__name__
    }
    assert users == {"hub.reactions"}
    installers = {module.__name__ for module in MODULES if "registry.install(" in inspect.getsource(module)}
    assert installers == {"hub.reactions"}


# Hooks that hear of connections and statements, never of rows: nothing follows from them that a fact is about.
REVIEWED_HOOKS = {
    "infra.serving.reviving": "brings the hub's own server back when a connection broke",
    "infra.telemetry": "measures statements for traces",
    "tenants.database": "tries a connection that rested before it is used again",
}


def test_no_effect_hides_in_a_hook() -> None:
    """SQLAlchemy's and Celery's signals would be effects that no page of ours shows."""
    hooks = {
        module.__name__
        for module in MODULES
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in {("event", "listen"), ("event", "listens_for")}
    }
    assert hooks == REVIEWED_HOOKS.keys()


def test_every_move_is_in_the_table_and_has_a_name() -> None:
    assert set(MOVES) == set(MoveName) == set(MOVE_NAMES)
    assert set(STATUS_NAMES) == set(Status)
    assert [word for word in (*MOVE_NAMES.values(), *STATUS_NAMES.values()) if not is_whole(word)] == []


def test_every_move_is_made_by_an_act() -> None:
    made: set[str] = set()
    for module in MODULES:
        if module.__name__.startswith("hub.tickets.actions."):
            made |= constants(module, "MoveName")
    assert made == {move.name for move in MoveName}


def test_every_move_can_be_made_by_somebody_from_somewhere() -> None:
    for move in MOVES.values():
        assert move.origins, move.name
        assert move.staff is not None or move.citizen or move.system, move.name


REFUSALS = sorted(
    (each for each in subclasses(Refusal) if each.__module__.split(".")[0] in ("tenants", "hub", "infra")),
    key=lambda each: (each.__module__, each.__name__),
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: each.__name__)
def test_every_refusal_is_a_sentence_in_both_languages(refusal: type[Refusal]) -> None:
    if not hasattr(refusal, "says"):
        # A family of refusals: it is never raised itself.
        assert refusal.__subclasses__()
        return
    assert fields(refusal.says.ar) == fields(refusal.says.en)
    # A sentence that is nothing but its facts is as whole as they are.
    if refusal.says.ar != refusal.says.en:
        assert is_whole(refusal.says)
        for text in (refusal.says.ar, refusal.says.en):
            # A command to be copied stands last, with nothing behind it.
            assert text[-1] in ".}?؟" or re.search(r": [ -~]+$", text), text


def calls_of(attribute: str) -> set[str]:
    return {
        module.__name__
        for module in MODULES
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == attribute
    }


def test_nothing_commits_but_the_unit_of_work_and_the_migrations() -> None:
    assert calls_of("commit") <= {"tenants.database", "infra.migrate"}


def test_surfaces_send_no_statements_themselves() -> None:
    """Pages, interfaces and commands call an act or a query; what they may not import cannot be got round either."""
    statements = {"execute", "scalar", "scalars", "exec_driver_sql"}
    surfaces = [
        path
        for folder in ("portal", "admin_console", "hub/web", "hub/api", "infra/cli")
        for path in (ROOT / folder).rglob("*.py")
        if str(path.relative_to(ROOT)) not in reviewed.TABLES_OF_SURFACES
    ]
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in surfaces
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in statements
    ]
    assert found == []
