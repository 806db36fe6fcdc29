"""The doors to forms: the version asked now, answers checked against it, and old answers in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cachetools import LRUCache
from sqlalchemy import select

from hub.forms.answers import check_answers
from hub.forms.definition import read_form
from hub.forms.errors import NoFormToAnswer
from hub.forms.models import Form, FormVersion
from hub.forms.shape import Form as FormDefinition
from hub.forms.shape import QuestionKind
from tenants.context import Context
from tenants.errors import NotFound
from tenants.languages import Text
from tenants.models import Tenant
from tenants.set_up import remembered


@dataclass(frozen=True, slots=True)
class Answered:
    """Checked answers and the version of the form they were given to; both None where there is no form.

    `files` are those that questions were answered with, by the question's name.
    """

    version: int | None
    answers: dict[str, Any] | None
    files: Mapping[str, Sequence[UUID]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """One answer beside its question in words."""

    name: str
    kind: QuestionKind
    question: Text
    answer: Any


def form_in_force(context: Context, tenant_id: UUID, form_id: UUID) -> tuple[int, FormDefinition]:
    """The version of a form that is asked now, and its definition.

    Raises `NotFound`.
    """
    version, definition, _ = _asked_now(context, tenant_id, form_id)
    return version, definition


def _asked_now(context: Context, tenant_id: UUID, form_id: UUID) -> tuple[int, FormDefinition, str]:
    """The version that is asked now, its definition, and the tenant's time zone."""
    if tenant_id not in context.tenants:
        raise NotFound(field="form")

    def read() -> tuple[int, FormDefinition, str] | None:
        row = context.session.execute(
            select(FormVersion.version, FormVersion.definition, Tenant.zone)
            .join(
                Form,
                (Form.tenant_id == FormVersion.tenant_id)
                & (Form.id == FormVersion.form_id)
                & (Form.version == FormVersion.version),
            )
            .join(Tenant, Tenant.id == FormVersion.tenant_id)
            .where(FormVersion.tenant_id == tenant_id, FormVersion.form_id == form_id)
        ).one_or_none()
        return row and (row.version, _definition(tenant_id, form_id, row.version, row.definition), row.zone)

    asked = remembered(context, (tenant_id,), ("forms.asked", form_id), read)
    if asked is None:
        raise NotFound(field="form")
    return asked


def form_version(context: Context, tenant_id: UUID, form_id: UUID, version: int) -> FormDefinition:
    """A form as it was in one version.

    Raises `NotFound`.
    """
    if tenant_id not in context.tenants:
        raise NotFound(field="form")

    def read() -> FormDefinition | None:
        row = context.session.get(FormVersion, (tenant_id, form_id, version))
        return None if row is None else _definition(tenant_id, form_id, version, row.definition)

    definition = remembered(context, (tenant_id,), ("forms.version", form_id, version), read)
    if definition is None:
        raise NotFound(field="form")
    return definition


def checked_answers(
    context: Context,
    tenant_id: UUID,
    form_id: UUID | None,
    answers: Mapping[str, Any] | None,
    *,
    version: int | None = None,
) -> Answered:
    """The answers to a service's form as they are stored.

    They are held to the version that is asked now, or to an earlier `version` that somebody began to answer.
    Raises `AnswersRefused`, `NoFormToAnswer` for answers where nothing was asked, and `NotFound` for no version.
    """
    if form_id is None:
        if answers:
            raise NoFormToAnswer(field="answers")
        return Answered(None, None)
    asked, definition, zone = _asked_now(context, tenant_id, form_id)
    if version is not None and version != asked:
        asked, definition = version, form_version(context, tenant_id, form_id, version)
    today = context.now.astimezone(ZoneInfo(zone)).date()
    checked: dict[str, Any] = check_answers(definition, answers or {}, today)
    files = {
        question.name: [UUID(one) for one in checked[question.name]]
        for question in definition.questions
        if question.kind is QuestionKind.FILE and question.name in checked
    }
    return Answered(asked, checked, files)


def read_answers(
    context: Context, tenant_id: UUID, form_id: UUID, version: int, answers: Mapping[str, Any]
) -> list[AnsweredQuestion]:
    """Stored answers beside their questions, in the form's order."""
    definition = form_version(context, tenant_id, form_id, version)
    return [
        AnsweredQuestion(question.name, question.kind, question.label, answers[question.name])
        for question in definition.questions
        if question.name in answers
    ]


# By what is stored: a version that was rolled back comes again with other questions.
_lock = Lock()
_definitions: LRUCache[tuple[UUID, UUID, int, str], FormDefinition] = LRUCache(maxsize=2000)


def _definition(tenant_id: UUID, form_id: UUID, version: int, stored: dict[str, Any]) -> FormDefinition:
    key = (tenant_id, form_id, version, json.dumps(stored, sort_keys=True))
    with _lock:
        definition = _definitions.get(key)
    if definition is None:
        definition = read_form(stored)
        with _lock:
            _definitions[key] = definition
    return definition
