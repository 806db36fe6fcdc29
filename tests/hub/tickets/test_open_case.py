from __future__ import annotations

import pytest

from hub.catalogue.errors import UnknownService
from hub.forms.errors import AnswersRefused
from hub.tickets import numbers
from hub.tickets.errors import ConfidentialNotOffered
from hub.tickets.models import Case, Ticket
from tests.factories.tickets import open_bill, open_leak, ticket_of
from tests.world import World


def test_a_case_becomes_a_ticket_with_a_readable_number(world: World) -> None:
    opened = open_leak(world)
    assert numbers.is_number(opened.number)
    ticket = ticket_of(world, opened)
    assert ticket.status == "received"
    assert ticket.case_number == opened.number
    assert ticket.answers == {"hazard": False}
    assert ticket.form_version == 1


def test_a_ticket_is_routed_with_the_reason_kept(world: World) -> None:
    opened = open_leak(world, answers={"hazard": True, "hazard_kind": "هبوط أرضي"})
    ticket = ticket_of(world, opened)
    assert ticket.routed_by is not None
    assert ticket.routed_by["position"] == 1
    assert "Danger" in ticket.routed_by["reason"]["en"]


def test_an_unscreened_service_goes_to_its_team_at_once(world: World) -> None:
    ticket = ticket_of(world, open_bill(world))
    assert ticket.status == "assigned"
    assert ticket.team_id is not None


def test_an_unknown_service_is_refused_and_nothing_is_kept(world: World) -> None:
    with pytest.raises(UnknownService) as refused:
        open_leak(world, service="nothing")
    assert refused.value.field == "service"
    with world.as_system(world.water, world.tax) as context:
        assert context.session.query(Ticket).count() == 0
        assert context.session.query(Case).count() == 0


def test_answers_that_break_the_form_are_refused(world: World) -> None:
    with pytest.raises(AnswersRefused):
        open_leak(world, answers={"hazard": True})


def test_a_confidential_citizen_is_hidden_from_the_tenant(world: World) -> None:
    ticket = ticket_of(world, open_leak(world, confidential=True))
    assert ticket.person_id is None
    with pytest.raises(ConfidentialNotOffered):
        open_bill(world, confidential=True)
