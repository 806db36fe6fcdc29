from __future__ import annotations

import pytest
from sqlalchemy import update

from tenants.languages import Language
from tenants.models import Tenant, TenantState
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.world import World


def test_the_first_page_asks_what_is_wrong_and_names_the_agencies(visitor: Visitor) -> None:
    page = visitor.see("/ar")
    assert words_of(page.find(".//h1")) == "ما المشكلة؟"
    links = {each.get("href"): words_of(each) for each in page.iter("a")}
    assert "شركة المياه" in links["/ar/agencies/water"]
    assert "مصلحة الضرائب" in links["/ar/agencies/tax"]
    form = page.find(".//form")
    assert form is not None
    assert (form.get("action"), form.get("method")) == ("/ar/find", "get")


def test_a_suspended_agency_is_not_named(visitor: Visitor, world: World) -> None:
    with world.as_system() as context:
        context.session.execute(
            update(Tenant).where(Tenant.id == world.tax.id).values(state=TenantState.SUSPENDED)
        )
    assert "/en/agencies/tax" not in {each.get("href") for each in visitor.see("/en").iter("a")}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("place", ["/help", "/privacy", "/accessibility", "/terms"])
def test_what_stands_at_the_foot_of_every_page_is_there(
    visitor: Visitor, language: Language, place: str
) -> None:
    assert f"/{language}{place}" in {each.get("href") for each in visitor.see(f"/{language}").iter("a")}
    assert words_of(visitor.see(f"/{language}{place}").find(".//h1"))


def test_every_page_switches_to_itself_in_the_other_language(visitor: Visitor) -> None:
    for here, there in (("/ar", "/en"), ("/en/help", "/ar/help"), ("/ar/no?q=مياه&b=2", "/en/no?q=")):
        answer = visitor.get(here)
        (switch,) = [each for each in parse(answer.text).iter("a") if each.get("hreflang")]
        assert (switch.get("href") or "").startswith(there)
        assert switch.get("lang") == there[1:3]
