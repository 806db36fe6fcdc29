"""Every setting of the hub in one table, found by walking the code, so that no document can lag behind it."""

from __future__ import annotations

import json
import os
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

PACKAGES: Final = ("tenants", "hub", "portal", "infra")
MASK: Final = "••••"

_KINDS: Final = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
    SecretStr: "secret",
}
_BOUNDS: Final = (
    ("ge", "from"),
    ("gt", "above"),
    ("le", "to"),
    ("lt", "below"),
    ("min_length", "length from"),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of the environment: what it holds, what holds without it, and what it is for."""

    name: str
    kind: str
    default: str
    description: str
    secret: bool

    @property
    def in_force(self) -> str:
        """What the environment says of it at this moment; nothing of a secret but that it is set."""
        given = os.environ.get(self.name, "")
        return MASK if given and self.secret else given


def all_settings() -> list[Setting]:
    """All settings, by the names of their variables; one that several features read comes once, as its owner has it."""
    found: dict[str, Setting] = {}
    for borrowed in (True, False):
        for owner in settings_classes():
            found |= {each.name: each for each in _settings_of(owner, borrowed=borrowed)}
    return [found[name] for name in sorted(found)]


def settings_classes() -> list[type[BaseSettings]]:
    """The classes of settings of all packages."""
    modules = set(_modules())
    for module in sorted(modules):
        import_module(module)
    return sorted(
        (owner for owner in _subclasses(BaseSettings) if owner.__module__ in modules),
        key=lambda owner: (owner.__module__, owner.__name__),
    )


def as_markdown(settings: Sequence[Setting]) -> str:
    """The table as docs/settings.md has it."""
    lines = [
        "# Settings",
        "",
        "All variables of the environment that the hub reads. This page is made by `hub settings --markdown`.",
        "",
        "| variable | holds | without it | |",
        "| --- | --- | --- | --- |",
    ]
    for each in settings:
        default = f"`{each.default}`" if each.default else ""
        cells = (f"`{each.name}`", each.kind, default, each.description)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _modules() -> Iterator[str]:
    """The modules in which settings may be declared: those that speak of their base."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            spec = find_spec(found.name)
            if (
                spec is not None
                and spec.origin
                and BaseSettings.__name__ in Path(spec.origin).read_text("utf-8")
            ):
                yield found.name


def _subclasses(owner: type[Any]) -> Iterator[type[Any]]:
    for each in owner.__subclasses__():
        yield each
        yield from _subclasses(each)


def _settings_of(owner: type[BaseSettings], *, borrowed: bool) -> Iterator[Setting]:
    """The settings of a class: those under its own prefix, or those that it borrows by their full names."""
    prefix = owner.model_config.get("env_prefix", "")
    for name, field in owner.model_fields.items():
        alias = field.validation_alias
        if (alias is not None) is not borrowed:
            continue
        secret = SecretStr in _members(field.annotation)
        yield Setting(
            name=(alias if isinstance(alias, str) else f"{prefix}{name}").upper(),
            kind=_kind(field),
            default=_default(field),
            description=(field.description or "").rstrip("."),
            secret=secret,
        )


def _members(annotation: Any) -> tuple[Any, ...]:
    """The types a value may have, none aside."""
    if get_origin(annotation) in (Union, UnionType):
        return tuple(member for member in get_args(annotation) if member is not NoneType)
    return (annotation,)


def _kind(field: FieldInfo) -> str:
    (member,) = _members(field.annotation)
    if isinstance(member, type) and issubclass(member, Enum):
        return ", ".join(str(each.value) for each in member)
    if get_origin(member) is tuple:
        return "list"
    limits = [
        f"{word} {getattr(bound, name)}"
        for bound in field.metadata
        for name, word in _BOUNDS
        if getattr(bound, name, None) is not None
    ]
    return " ".join([_KINDS[member], *limits])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default()
    if default is None or default == ():
        return ""
    if isinstance(default, bool):
        return json.dumps(default)
    return str(default.value if isinstance(default, Enum) else default)
