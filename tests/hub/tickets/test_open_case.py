from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from hub.catalogue.actions import ServiceDescription, save_service
from hub.catalogue.errors import UnknownService
from hub.forms.actions import publish_form
from hub.forms.errors import AnswersRefused, NoFormToAnswer
from hub.journal.models import Fact
from hub.people.actions import Reporter
from hub.people.errors import EmailRefused, NameRefused, PhoneRefused, ShortPhoneRefused
from hub.people.models import Person
from hub.tickets import actions, numbers
from hub.tickets.actions import Place
from hub.tickets.errors import BadPlace, BadText, ConfidentialNotOffered, TooLong
from hub.tickets.models import CaseTenant, Ticket
from hub.vocabulary import Channel, Kind, Priority
from tenants.context import CITIZEN
from tenants.errors import NotAllowed, Refusal
from tenants.languages import Language, Text
from tenants.servers import OwnServer
from tests.factories.tickets import case_of, facts_of, kinds_of, open_bill, open_leak, ticket_of
from tests.hub.tickets.refusals import refused
from tests.hub.tickets.seeing import everything
from tests.world import World


def test_a_case_becomes_a_ticket_with_a_readable_number(world: World) -> None:
    opened = open_leak(world)
    assert numbers.is_number(opened.number)
    ticket = ticket_of(world, opened)
    assert ticket.status == "received"
    assert ticket.case_number == opened.number
    assert ticket.answers == {"hazard": False}
    assert ticket.form_version == 1
    assert (ticket.version, ticket.opened_at, ticket.subject) == (1, world.clock.moment, "Burst pipe")
    case = case_of(world, opened)
    assert (case.open_tickets, case.at_work, case.closed_at) == (1, 1, None)


def test_opening_stands_in_the_journal(world: World) -> None:
    opened = open_leak(world)
    assert kinds_of(world, opened) == ["case.opened", "ticket.opened", "ticket.routed"]
    first = facts_of(world, opened)[0]
    assert (first.actor_id, first.data) == (world.water["agent"].id, {"channel": "phone"})


def test_a_ticket_is_routed_with_the_reason_kept(world: World) -> None:
    opened = open_leak(world, answers={"hazard": True, "hazard_kind": "هبوط أرضي"})
    ticket = ticket_of(world, opened)
    assert ticket.routed_by is not None
    assert ticket.routed_by["position"] == 1
    assert "Danger" in ticket.routed_by["reason"]["en"]


def test_an_unscreened_service_goes_to_its_team_at_once(world: World) -> None:
    opened = open_bill(world)
    ticket = ticket_of(world, opened)
    assert (ticket.status, ticket.version) == ("assigned", 2)
    assert ticket.team_id is not None
    forwarded = facts_of(world, opened)[-1]
    assert (forwarded.kind, forwarded.actor_kind) == ("ticket.forwarded", "system")


def test_a_citizen_opens_a_case_without_any_staff(world: World) -> None:
    with world.database.unit_of_work(actor=CITIZEN, tenants=(world.water.id,), clock=world.clock) as context:
        opened = actions.open_case(context, service="bill", description="فاتورتي مرتفعة", channel=Channel.WEB)
    ticket = ticket_of(world, opened)
    assert (ticket.person_id, ticket.language, ticket.subject) == (None, "ar", "استفسار عن فاتورة")
    assert facts_of(world, opened)[0].actor_kind == "citizen"


def test_field_staff_open_no_cases(world: World) -> None:
    with refused(NotAllowed, None), world.as_staff(world.water, "field") as context:
        actions.open_case(context, service="bill", description="فاتورة", channel=Channel.PHONE)


def test_what_the_caller_says_overrules_the_service(world: World) -> None:
    opened = open_leak(world, priority=Priority.LOW, subject=" كسر  ", language=Language.ARABIC)
    ticket = ticket_of(world, opened)
    assert (ticket.priority, ticket.subject, ticket.language) == ("low", "كسر", "ar")


BAD: list[tuple[dict[str, Any], type[Refusal], str]] = [
    ({"service": "nothing"}, UnknownService, "service"),
    ({"service": "\0"}, UnknownService, "service"),
    ({"service": "\ud800"}, UnknownService, "service"),
    ({"answers": {"hazard": True}}, AnswersRefused, "hazard_kind"),
    ({"answers": {"hazard": True, "hazard_kind": "a\0b"}}, AnswersRefused, "hazard_kind"),
    ({"answers": {"hazard": True, "hazard_kind": "\udc00"}}, AnswersRefused, "hazard_kind"),
    ({"answers": {"hazard": False, "other": 1}}, AnswersRefused, "other"),
    ({"service": "bill", "answers": {"hazard": True}}, NoFormToAnswer, "answers"),
    ({"subject": "س" * 201}, TooLong, "subject"),
    ({"subject": "a\0"}, BadText, "subject"),
    ({"place": Place(latitude=30.0)}, BadPlace, "place"),
    ({"place": Place(longitude=31.0)}, BadPlace, "place"),
    ({"place": Place(latitude=90.1, longitude=0.0)}, BadPlace, "place"),
    ({"place": Place(latitude=0.0, longitude=-180.1)}, BadPlace, "place"),
    ({"place": Place(latitude=float("nan"), longitude=0.0)}, BadPlace, "place"),
    ({"place": Place(latitude=0.0, longitude=float("inf"))}, BadPlace, "place"),
    ({"place": Place(district="ح" * 201)}, TooLong, "district"),
    ({"place": Place(address="\0")}, BadText, "address"),
    ({"reporter": Reporter(phone="123")}, ShortPhoneRefused, "phone"),
    ({"reporter": Reporter(phone="لا أعرف")}, PhoneRefused, "phone"),
    ({"reporter": Reporter(email="mona@")}, EmailRefused, "email"),
    ({"reporter": Reporter(name="م\nن")}, NameRefused, "name"),
    ({"service": "bill", "answers": None, "confidential": True}, ConfidentialNotOffered, "confidential"),
]


@pytest.mark.parametrize(("changes", "refusal", "field"), BAD)
def test_bad_input_is_refused_and_nothing_is_kept(
    world: World, changes: dict[str, Any], refusal: type[Refusal], field: str
) -> None:
    with refused(refusal, field):
        open_leak(world, **changes)
    assert _rows(world) == [0, 0, 0]


def test_a_refused_case_leaves_nothing_even_if_the_work_goes_on(own_world: World, server: OwnServer) -> None:
    world = own_world
    right: dict[str, Any] = {"service": "bill", "description": "فاتورة", "channel": Channel.PHONE}
    wrong: list[dict[str, Any]] = [
        {"subject": "س" * 201},
        {"reporter": Reporter(phone="1")},
        {"service": "nothing"},
        {"place": Place(latitude=1.0)},
    ]
    with world.as_staff(world.water) as context:
        for changes in wrong:
            with pytest.raises(Refusal):
                actions.open_case(context, **{**right, **changes})
    with everything(world, server) as see:
        for table in ("cases", "case_keys", "case_tenants", "tickets", "people"):
            assert see(f"SELECT count(*) FROM {table}") == [(0,)]


def test_the_place_answered_in_the_form_is_the_cases_place(world: World) -> None:
    question = {"name": "where", "kind": "place", "label": {"ar": "أين؟", "en": "Where?"}}
    titles = {"title": {"ar": "المكان", "en": "Place"}}
    with world.as_staff(world.water, "manager") as context:
        definition = {"format": 1, **titles, "pages": [{**titles, "questions": [question]}]}
        publish_form(context, code="where", definition=definition)
        save_service(
            context,
            ServiceDescription(
                code="lamp",
                kind=Kind.COMPLAINT,
                name=Text(ar="عمود إنارة", en="Street lamp"),
                description=Text(ar="أبلغ عن عمود", en="Report a lamp"),
                form="where",
            ),
        )
    told = {"governorate": "cairo", "district": "عابدين", "address": "شارع محمد فريد"}
    ticket = ticket_of(world, open_leak(world, service="lamp", answers={"where": told}))
    assert (ticket.governorate, ticket.district, ticket.address) == tuple(told.values())
    shown = {"latitude": 30.04, "longitude": 31.24}
    ticket = ticket_of(world, open_leak(world, service="lamp", answers={"where": shown}))
    assert (ticket.latitude, ticket.longitude) == (30.04, 31.24)
    said = Place(district="الدقي")
    ticket = ticket_of(world, open_leak(world, service="lamp", answers={"where": shown}, place=said))
    assert (ticket.latitude, ticket.district) == (None, "الدقي")


def test_a_confidential_citizen_is_hidden_from_the_tenant(world: World) -> None:
    opened = open_leak(world, confidential=True)
    ticket = ticket_of(world, opened)
    assert (ticket.person_id, ticket.confidential) == (None, True)
    with world.as_staff(world.water) as context:
        assert context.session.scalar(select(func.count()).select_from(Person)) == 0
    with world.as_citizen(opened.case_id) as context:
        assert context.session.scalars(select(Person.name)).all() == ["منى"]


def test_numbers_of_cases_differ(world: World) -> None:
    assert len({open_bill(world).number for _ in range(20)}) == 20


def test_pin_and_secret_are_shown_to_the_citizen_alone(world: World) -> None:
    opened = open_leak(world)
    assert opened.pin not in repr(opened)
    assert opened.secret not in repr(opened)
    for fact in facts_of(world, opened):
        assert opened.secret not in str(fact.data)
        assert opened.pin not in [str(value) for value in fact.data.values()]


def _rows(world: World) -> list[int]:
    """Counted before and after in all that opening writes; services' own facts are not the case's."""
    with world.as_system(world.water, world.tax) as context:
        counted = [
            context.session.scalar(select(func.count()).select_from(table)) for table in (Ticket, CaseTenant)
        ]
        facts = context.session.scalar(
            select(func.count()).select_from(Fact).where(Fact.case_id.is_not(None))
        )
    return [each or 0 for each in [*counted, facts]]
