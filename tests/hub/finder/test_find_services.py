"""Finding services in the catalogue: those on offer now, of the bodies of the context that are live, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, update

from hub.catalogue.actions import ServiceDescription, retire_services, save_class, save_service
from hub.catalogue.models import Service
from hub.finder.errors import UnknownLifeEvent, WrongNumberOfServices
from hub.finder.queries import (
    MOST,
    find_services,
    life_events_on_offer,
    looking_everywhere,
    services_for_life_event,
)
from hub.finder.views import Findings
from hub.forms.actions import publish_form
from hub.onboarding.actions import load_pack
from hub.onboarding.pack import read_pack
from hub.vocabulary import Kind
from tenants.context import CITIZEN, SYSTEM, Context
from tenants.ids import HUB
from tenants.languages import Language, Text
from tenants.models import Tenant, TenantState
from tenants.provisioning import set_state
from tests.hub.onboarding.packs import HUB_PACK, PACKS
from tests.hub.tickets.refusals import refused
from tests.world import LEAK_FORM, Agency, World, undone


@contextmanager
def everywhere(world: World) -> Iterator[Context]:
    with looking_everywhere(world.database, language=Language.ARABIC, clock=world.clock) as context:
        yield context


def find(world: World, typed: str) -> Findings:
    with everywhere(world) as context:
        return find_services(context, typed)


def found(world: World, typed: str) -> list[str]:
    return [f"{each.service.tenant_code}/{each.service.code}" for each in find(world, typed).services]


def offer(world: World, agency: Agency, code: str, name: Text, **more: object) -> UUID:
    with world.as_system(agency) as context:
        return save_service(
            context,
            ServiceDescription(
                code=code,
                kind=Kind.COMPLAINT,
                name=name,
                description=name,
                **more,  # type: ignore[arg-type]
            ),
        )


def test_a_service_of_each_body_is_found_with_its_body(world: World) -> None:
    (first, second) = find(world, "ماسوره مكسورة").services
    assert [first.service.tenant_code, second.service.tenant_code] == ["tax", "water"]
    assert (second.service.tenant_id, second.service.tenant_name.en) == (world.water.id, "Water company")
    assert (second.service.code, second.service.name.ar, second.service.kind) == (
        "leak",
        "كسر ماسورة",
        Kind.COMPLAINT,
    )
    assert found(world, "burst pipes of the water company")[0] == "water/leak"


def test_search_words_forms_classes_life_events_and_kinds_are_searched(world: World) -> None:
    with world.as_system(world.tax) as context:
        save_class(context, code="refunds", name=Text(ar="الاسترداد", en="Reimbursements"))
    offer(
        world,
        world.tax,
        "refund",
        Text(ar="خدمة", en="Service"),
        words={"ar": ["قرنبيط"], "en": ["cauliflower"]},
        service_class="refunds",
        life_events=("bereavement",),
        form="leak",
    )
    for typed in ("القرنبيط", "cauliflowers", "reimbursement", "وفاه قريبي", "bereavement"):
        assert found(world, typed)[0] == "tax/refund", typed
    assert {"tax/refund", "water/leak"} <= set(found(world, "is anybody in danger"))
    assert "water/leak" in found(world, "complaint")


def test_a_change_is_found_at_once_and_what_it_was_no_longer(world: World) -> None:
    assert found(world, "قرنبيط") == []
    for word, other in (("قرنبيط", "باذنجان"), ("باذنجان", "قرنبيط")):
        offer(world, world.water, "vegetable", Text(ar=word, en="Vegetable"))
        assert found(world, word) == ["water/vegetable"]
        assert found(world, other) == []


def test_a_change_is_found_in_its_own_unit_of_work_and_nowhere_once_it_was_undone(world: World) -> None:
    with undone(world.as_system(world.water)) as context:
        for word in ("قرنبيط", "باذنجان"):
            name = Text(ar=word, en="Vegetable")
            save_service(
                context,
                ServiceDescription(code="vegetable", kind=Kind.COMPLAINT, name=name, description=name),
            )
            assert [each.service.name.ar for each in find_services(context, word).services] == [word]
    assert found(world, "قرنبيط") == found(world, "باذنجان") == []


def test_a_changed_form_is_found_by_its_new_words(world: World) -> None:
    question = LEAK_FORM["pages"][0]["questions"][0]  # type: ignore[index]
    changed = {**question, "label": {"ar": "هل هناك قرنبيط؟", "en": "Is there any cauliflower?"}}
    assert found(world, "cauliflower") == []
    with world.as_system(world.water) as context:
        page = {"title": {"ar": "صفحة", "en": "Page"}, "questions": [changed]}
        publish_form(context, code="leak", definition={**LEAK_FORM, "pages": [page]})
    assert found(world, "cauliflower") == ["water/leak"]


def test_a_retired_service_is_not_found_whoever_retired_it(world: World) -> None:
    assert "water/bill" in found(world, "فاتورة")
    with world.as_system(world.water) as context:
        retire_services(context, still_offered=["leak"])
    assert found(world, "فاتورة") == ["tax/bill"]
    with world.as_system(world.tax) as context:
        context.session.execute(
            update(Service)
            .where(Service.tenant_id == world.tax.id, Service.code == "bill")
            .values(retired_at=world.clock.moment)
        )
    assert found(world, "فاتورة") == []


@pytest.mark.parametrize("state", [TenantState.SUSPENDED, TenantState.PREPARING])
def test_services_of_a_body_that_is_not_live_are_not_found_even_by_who_looks_already(
    world: World, state: TenantState
) -> None:
    tenants = {HUB, world.water.id, world.tax.id}
    with world.database.unit_of_work(actor=CITIZEN, tenants=tenants) as context:
        assert len(find_services(context, "فاتورة").services) == 2
    with world.as_system() as context:
        set_state(context, world.water.id, state)
    with world.database.unit_of_work(actor=CITIZEN, tenants=tenants) as context:
        assert [each.service.tenant_code for each in find_services(context, "فاتورة").services] == ["tax"]
    assert found(world, "فاتورة") == ["tax/bill"]
    with world.as_system() as context:
        set_state(context, world.water.id, TenantState.LIVE)
    assert len(found(world, "فاتورة")) == 2


def test_a_context_of_one_body_finds_that_body_s_alone(world: World) -> None:
    assert len(found(world, "فاتورة")) == 2
    with world.as_staff(world.water) as context:
        assert {each.service.tenant_id for each in find_services(context, "فاتورة").services} == {
            world.water.id
        }
    with world.as_system(world.water, world.tax) as context:
        narrow = context.narrowed(world.tax.id)
        assert {each.service.tenant_id for each in find_services(narrow, "فاتورة").services} == {world.tax.id}


def test_what_nobody_wrote_to_is_not_read_again(world: World) -> None:
    find(world, "فاتورة")
    asked: list[str] = []

    def look(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    with everywhere(world) as context:
        event.listen(Engine, "before_cursor_execute", look)
        try:
            find_services(context, "مياه")
            find_services(context, "bill")
        finally:
            event.remove(Engine, "before_cursor_execute", look)
    assert len(asked) == 2
    assert all("description" not in statement for statement in asked)


def test_after_a_change_only_the_body_that_changed_is_read(world: World) -> None:
    find(world, "فاتورة")
    offer(world, world.water, "vegetable", Text(ar="قرنبيط", en="Vegetable"))
    read: list[object] = []

    def look(
        _connection: object, _cursor: object, statement: str, values: dict[str, object], *_rest: object
    ) -> None:
        if "services.description" in statement:
            read.append(values["tenants"])

    event.listen(Engine, "before_cursor_execute", look)
    try:
        assert found(world, "قرنبيط") == ["water/vegetable"]
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    assert read == [[world.water.id]]


def test_askers_at_once_all_see_what_was_committed_last(own_world: World) -> None:
    with ThreadPoolExecutor(4) as askers:
        for number in range(8):
            word = "قرنبيط" if number % 2 else "باذنجان"
            offer(own_world, own_world.water, "vegetable", Text(ar=f"{word} {number}", en="Vegetable"))
            answers = list(askers.map(lambda _: find(own_world, "vegetable").services, range(8)))
            assert {tuple(each.service.name.ar for each in answer) for answer in answers} == {
                (f"{word} {number}",)
            }


def test_where_to_go_when_none_is_right_is_the_hub_s_own_service(world: World) -> None:
    assert find(world, "شيء لا يعرفه أحد").not_sure is None
    load_pack(world.database, read_pack(PACKS / HUB_PACK), clock=world.clock)
    nothing = find(world, "xyzzyx")
    assert (nothing.services, nothing.understood) == ((), ("xyzzyx",))
    assert nothing.not_sure is not None
    assert (nothing.not_sure.tenant_id, nothing.not_sure.code) == (HUB, "unsure")
    with world.as_staff(world.water) as context:
        assert find_services(context, "فاتورة").not_sure is None


def test_the_words_found_are_marked_in_the_service_s_texts(world: World) -> None:
    service = find(world, "المواسير مكسوره").services[0]
    assert [(piece.text, piece.matched) for piece in service.marked("أبلغ عن كَسر ماسورةٍ!")] == [
        ("أبلغ عن ", False),
        ("كَسر", True),
        (" ", False),
        ("ماسورةٍ", True),
        ("!", False),
    ]
    for text in ("", "\0\ud800", "لا شيء", "x" * 10_000):
        assert "".join(piece.text for piece in service.marked(text)) == text


@pytest.mark.parametrize(
    "typed",
    ["", " ", "\0", "\ud800", "؟؟؟", "في من على", "the of", "\u064e", "😀", "a" * 10_000, "\0" * 10_000],
)
def test_a_text_that_says_nothing_finds_nothing(world: World, typed: str) -> None:
    assert find(world, typed).services == ()


@pytest.mark.parametrize(
    "typed",
    [
        "فاتورة\0",
        "\ud800فاتورة",
        "فاتورة" + " كلمة" * 3_000,
        "'; DROP TABLE services; -- فاتورة",
        "<b>فاتورة</b>",
        "فاتورة%_\\",
    ],
)
def test_what_else_was_typed_does_no_harm(world: World, typed: str) -> None:
    assert found(world, typed)[:2] == ["tax/bill", "water/bill"]


@pytest.mark.parametrize("limit", [0, -1, MOST + 1])
def test_a_wrong_number_of_services_is_refused(world: World, limit: int) -> None:
    with refused(WrongNumberOfServices, "limit"), everywhere(world) as context:
        find_services(context, "فاتورة", limit=limit)


def test_services_are_found_by_an_event_of_a_life(world: World) -> None:
    with everywhere(world) as context:
        assert life_events_on_offer(context) == []
    name = Text(ar="شهادة", en="Certificate")
    offer(world, world.water, "certificate", name, life_events=("birth", "marriage"))
    offer(world, world.tax, "certificate", name, life_events=("birth",))
    with everywhere(world) as context:
        events = life_events_on_offer(context)
        assert [(each.code, each.name.en, each.services) for each in events] == [
            ("birth", "Having a child", 2),
            ("marriage", "Marriage", 1),
        ]
        services = services_for_life_event(context, "birth")
        assert [(each.tenant_code, each.code) for each in services] == [
            ("tax", "certificate"),
            ("water", "certificate"),
        ]
        assert services_for_life_event(context, "travelling") == ()


@pytest.mark.parametrize("code", ["", "nothing", "BIRTH", "birth\0", "\ud800", "x" * 100_000])
def test_an_unknown_event_is_refused(world: World, code: str) -> None:
    with refused(UnknownLifeEvent, "life_event") as caught, everywhere(world) as context:
        services_for_life_event(context, code)
    assert len(str(caught.value)) < 200
    assert str(caught.value).encode()


def test_a_new_body_is_found_once_it_is_live(world: World) -> None:
    with world.as_system() as context:
        set_state(context, world.water.id, TenantState.PREPARING)
        assert context.session.get_one(Tenant, world.water.id).state == TenantState.PREPARING
    assert found(world, "ماسورة") == ["tax/leak"]
    with world.database.unit_of_work(actor=SYSTEM, tenants=(HUB,)) as context:
        set_state(context, world.water.id, TenantState.LIVE)
    assert found(world, "ماسورة") == ["tax/leak", "water/leak"]
