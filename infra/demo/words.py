"""What citizens and staff say in the demonstration, read from `words.yaml`."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from ruamel.yaml import YAML

from tenants.languages import Text

# Stands in what citizens tell, where the name of the district belongs.
PLACE = "((place))"

_Text = Annotated[Text, BeforeValidator(lambda data: Text(**data))]
Texts = tuple[_Text, ...]


class HandingOn(BaseModel):
    """That a service of one body is often another body's job: (body, service) to (body, service), and why."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    origin: tuple[str, str] = Field(alias="from")
    target: tuple[str, str] = Field(alias="to")
    reason: _Text


class Words(BaseModel):
    """All texts of the demonstration; `told` by body and service, `done` by body."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    first_names: Texts
    last_names: Texts
    streets: Texts
    told: dict[str, dict[str, Texts]]
    first_words: Texts
    questions: Texts
    answers: Texts
    outside: Texts
    done: dict[str, Texts]
    not_solved: Texts
    declined: Texts
    put_aside: Texts
    withdrawn: Texts
    unreachable: Texts
    handed_on: tuple[HandingOn, ...]


@cache
def words() -> Words:
    """The texts, read once."""
    file = resources.files("infra.demo") / "words.yaml"
    return Words.model_validate(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")))
