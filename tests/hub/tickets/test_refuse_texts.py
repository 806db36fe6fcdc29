from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.tickets import actions
from hub.tickets.errors import BadText, Missing, TooLong
from hub.tickets.texts import LONGEST, NAMES, read_optional_text, read_text
from tenants.context import Context
from tenants.errors import Refusal
from tests.factories.tickets import entries_of, open_leak, ticket_of, version_of, work_on
from tests.hub.tickets.refusals import refused
from tests.world import World

Act = Callable[[Context, Any, int, str], object]

BY_STAFF: dict[str, tuple[str, Act]] = {
    "archive": ("reason", lambda c, t, v, x: actions.archive(c, t, v, reason=x)),
    "reject": ("reason", lambda c, t, v, x: actions.reject(c, t, v, reason=x)),
    "note": ("text", lambda c, t, v, x: actions.add_note(c, t, v, text=x)),
    "reply": ("text", lambda c, t, v, x: actions.reply(c, t, v, text=x)),
    "ask": ("text", lambda c, t, v, x: actions.ask(c, t, v, text=x)),
    "resolve": ("resolution", lambda c, t, v, x: actions.resolve(c, t, v, resolution=x)),
    "transfer": (
        "reason",
        lambda c, t, v, x: actions.transfer(c, t, v, tenant="tax", service="leak", reason=x),
    ),
    "add_tenant": (
        "reason",
        lambda c, t, v, x: actions.add_tenant(c, t, v, tenant="tax", service="leak", reason=x),
    ),
}
BAD: list[tuple[str, type[Refusal]]] = [
    ("", Missing),
    (" \t\r\n\u00a0\u2003", Missing),
    ("ما\0ء", BadText),
    ("\ud800", BadText),
    ("نص \udfff", BadText),
    ("ن" * (LONGEST + 1), TooLong),
]


@pytest.mark.parametrize("verb", BY_STAFF)
def test_bad_texts_are_refused_by_every_verb(world: World, verb: str) -> None:
    opened = open_leak(world)
    field, act = BY_STAFF[verb]
    for text, refusal in BAD:
        with refused(refusal, field), world.as_staff(world.water, "manager") as context:
            act(context, opened.ticket_id, 1, text)
    assert (version_of(world, opened), entries_of(world, opened)) == (1, [])


def test_bad_descriptions_open_no_case(world: World) -> None:
    for text, refusal in BAD:
        with refused(refusal, "description"):
            open_leak(world, description=text)


def test_the_longest_text_is_kept_whole(world: World) -> None:
    opened = open_leak(world, description="ن" * LONGEST)
    assert len(ticket_of(world, opened).description) == LONGEST == 8000


def test_directions_and_scripts_are_kept_as_they_were_written(world: World) -> None:
    text = "قال \u202eabc\u202c و\u2067א\u2069 \u200fثم😀 <script>alert(1)</script> {{7*7}} '; DROP TABLE cases;--"
    opened = open_leak(world, description=text)
    version = work_on(world, opened)
    with world.as_staff(world.water) as context:
        actions.add_note(context, opened.ticket_id, version, text=text)
    assert ticket_of(world, opened).description == text
    assert entries_of(world, opened)[0].text == text


def test_texts_are_kept_in_one_normal_form() -> None:
    assert read_text("text", " e\u0301 ") == "\u00e9"
    assert read_text("text", "أ") == read_text("text", "ا\u0654")


@given(st.text(max_size=50))
def test_what_is_read_once_reads_the_same_again(text: str) -> None:
    try:
        kept = read_text("text", text)
    except (Missing, BadText):
        assert read_optional_or_refused(text)
        return
    assert read_text("text", kept) == kept
    assert kept.encode()
    assert "\0" not in kept


def read_optional_or_refused(text: str) -> bool:
    try:
        return read_optional_text("text", text) is None
    except BadText:
        return True


def test_every_field_of_text_has_its_name_in_both_languages() -> None:
    assert (
        len({name.ar for name in NAMES.values()}) == len({name.en for name in NAMES.values()}) == len(NAMES)
    )
