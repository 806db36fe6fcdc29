"""A version of a form that was taken back leaves nothing behind, not even in the process's memory."""

from __future__ import annotations

from typing import Any

import pytest

from hub.forms.access import form_in_force
from hub.forms.actions import publish_form
from tests.world import World


class TakenBack(Exception):  # noqa: N818 - says what happened
    """The transaction is given up."""


def one_question(name: str) -> dict[str, Any]:
    """A form that asks one thing."""
    return {
        "format": 1,
        "title": {"ar": "سؤال", "en": "Question"},
        "pages": [
            {
                "title": {"ar": "سؤال", "en": "Question"},
                "questions": [{"name": name, "kind": "text", "label": {"ar": "سؤال", "en": "Question"}}],
            }
        ],
    }


def asked(world: World, name: str, *, give_up: bool = False) -> tuple[int, list[str]]:
    """The version and questions of a form after publishing it with one question; all of it may then be given up."""
    with world.as_staff(world.water, "manager") as context:
        form_id = publish_form(context, code="new", definition=one_question(name))
        version, form = form_in_force(context, world.water.id, form_id)
        if give_up:
            raise TakenBack
    return version, [question.name for question in form.questions]


def test_the_next_form_of_that_version_is_read_anew(world: World) -> None:
    assert asked(world, "first") == (1, ["first"])
    with pytest.raises(TakenBack):
        asked(world, "second", give_up=True)

    assert asked(world, "third") == (2, ["third"])
