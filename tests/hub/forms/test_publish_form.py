from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from sqlalchemy import select

from hub.forms.access import checked_answers, form_in_force, form_version, read_answers
from hub.forms.actions import publish_form
from hub.forms.errors import BrokenForm
from hub.forms.models import Form, FormVersion
from hub.journal.models import Fact
from hub.routing.errors import BrokenRouting
from tenants.errors import NotAllowed, NotFound
from tests.factories.tickets import open_leak, ticket_of
from tests.hub.tickets.refusals import refused
from tests.world import LEAK_FORM, World


def test_a_new_definition_is_the_first_version(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        form_id = publish_form(context, code="new", definition=LEAK_FORM)
        version, definition = form_in_force(context, world.water.id, form_id)
        assert (version, [question.name for question in definition.questions]) == (
            1,
            ["hazard", "hazard_kind"],
        )
        facts = context.session.scalars(select(Fact).where(Fact.tenant_id == world.water.id)).all()
        said = [fact.data for fact in facts if fact.kind == "form.published"]
        assert said[-1] == {"form_id": str(form_id), "form_version": 1}


def test_a_changed_definition_is_a_new_version_and_the_old_one_stays(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        form_id = publish_form(context, code="leak", definition=_changed())
        assert form_in_force(context, world.water.id, form_id)[0] == 2
        old = form_version(context, world.water.id, form_id, 1)
        assert "depth" not in [question.name for question in old.questions]


def test_publishing_what_is_asked_already_changes_nothing(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        form_id = publish_form(context, code="leak", definition=deepcopy(LEAK_FORM))
        versions = context.session.scalars(
            select(FormVersion.version).where(
                FormVersion.tenant_id == world.water.id, FormVersion.form_id == form_id
            )
        ).all()
    assert versions == [1]


def test_answers_keep_the_version_they_were_given_to(world: World) -> None:
    before = open_leak(world, answers={"hazard": False})
    with world.as_staff(world.water, "manager") as context:
        form_id = publish_form(context, code="leak", definition=_changed())
    after = open_leak(world, answers={"hazard": False, "depth": 2})
    assert (ticket_of(world, before).form_version, ticket_of(world, after).form_version) == (1, 2)
    with world.as_staff(world.water) as context:
        for opened, names in ((before, ["hazard"]), (after, ["hazard", "depth"])):
            ticket = ticket_of(world, opened)
            assert ticket.form_version is not None
            answered = read_answers(
                context, world.water.id, form_id, ticket.form_version, ticket.answers or {}
            )
            assert [each.name for each in answered] == names


@pytest.mark.parametrize(
    "definition", [{}, {"format": 1}, {**LEAK_FORM, "pages": []}, {**LEAK_FORM, "unknown": 1}]
)
def test_a_broken_definition_is_refused_with_its_place_and_changes_nothing(
    world: World, definition: dict[str, Any]
) -> None:
    with pytest.raises(BrokenForm) as caught, world.as_staff(world.water, "manager") as context:
        publish_form(context, code="leak", definition=definition)
    assert caught.value.field == caught.value.place
    with world.as_staff(world.water) as context:
        versions = context.session.scalars(select(Form.version).where(Form.tenant_id == world.water.id))
        assert versions.all() == [1]


def test_a_form_the_routing_in_force_asks_for_cannot_lose_the_question(world: World) -> None:
    without = deepcopy(LEAK_FORM)
    label = {"ar": "ما الخطر؟", "en": "What is the danger?"}
    without["pages"][0]["questions"] = [{"name": "other", "kind": "text", "label": label}]  # type: ignore[index]
    with pytest.raises(BrokenRouting), world.as_staff(world.water, "manager") as context:
        publish_form(context, code="leak", definition=without)
    with world.as_staff(world.water) as context:
        versions = context.session.scalars(select(Form.version).where(Form.tenant_id == world.water.id))
        assert versions.all() == [1]


def test_only_those_who_keep_the_catalogue_publish(world: World) -> None:
    for who in ("agent", "officer", "field", "lead"):
        with refused(NotAllowed, None), world.as_staff(world.water, who) as context:
            publish_form(context, code="leak", definition=_changed())


def test_another_tenants_form_is_as_if_absent(world: World) -> None:
    with world.as_staff(world.water) as context:
        form_id = context.session.scalars(select(Form.id).where(Form.tenant_id == world.water.id)).one()
    with world.as_staff(world.tax, "manager") as context:
        assert publish_form(context, code="leak", definition=_changed()) != form_id
        for tenant_id in (world.water.id, world.tax.id):
            with refused(NotFound, "form"):
                form_in_force(context, tenant_id, form_id)
            with refused(NotFound, "form"):
                form_version(context, tenant_id, form_id, 1)
            with refused(NotFound, "form"):
                checked_answers(context, tenant_id, form_id, {})
    with world.as_staff(world.water) as context:
        assert form_in_force(context, world.water.id, form_id)[0] == 1


def _changed() -> dict[str, Any]:
    definition: dict[str, Any] = deepcopy(LEAK_FORM)
    label = {"ar": "العمق بالمتر", "en": "Depth in metres"}
    definition["pages"][0]["questions"].append({"name": "depth", "kind": "number", "label": label})
    return definition
