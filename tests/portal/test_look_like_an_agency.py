from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import update

from hub.looks.actions import save_look
from hub.looks.logos import Logo, read_logo
from hub.looks.models import LogoKind
from hub.promises.models import KeptPromises
from hub.web.colours import AA, contrast
from hub.web.pages import SANDBOXED
from portal.pages.looks import DAY, NIGHT
from tenants.models import Tenant, TenantState
from tests.hub.looks.test_clean_logos import png
from tests.hub.promises.test_say_how_promises_were_kept import row
from tests.pages.checker import parse
from tests.pages.visitors import Visitor, words_of
from tests.world import SUNDAY_TEN, World

DROP = read_logo(
    LogoKind.SVG, b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'
)
YELLOW = "#ffee88"


def dress(world: World, colour: str = YELLOW, logo: Logo | None = None) -> None:
    with world.as_system(world.water) as context:
        save_look(context, colour=colour, logo=logo)


def addresses(visitor: Visitor, path: str) -> dict[str, str]:
    page = visitor.see(path)
    sheets = [each.get("href", "") for each in page.iter("link") if "/look.css" in each.get("href", "")]
    logos = [each.get("src", "") for each in page.iter("img") if "/agencies/water/" in each.get("src", "")]
    return {"sheet": next(iter(sheets), ""), "logo": next(iter(logos), "")}


@pytest.mark.parametrize(
    "place", ["/agencies/water", "/agencies/water/services/leak", "/agencies/water/services/leak/report"]
)
def test_pages_of_an_agency_have_its_colour_and_logo(visitor: Visitor, world: World, place: str) -> None:
    dress(world, logo=DROP)
    for language in ("ar", "en"):
        found = addresses(visitor, f"/{language}{place}")
        sheet, logo = visitor.get(found["sheet"]), visitor.get(found["logo"])
        assert (sheet.headers["Content-Type"], logo.headers["Content-Type"]) == (
            "text/css; charset=utf-8",
            "image/svg+xml",
        )
        assert logo.content == DROP.content
        for answer in (sheet, logo):
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["Content-Security-Policy"] == SANDBOXED
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert addresses(visitor, "/ar")["logo"] == f"/ar{found['logo'].removeprefix('/en')}"


def test_whatever_the_colour_it_can_be_read_by_day_and_by_night(visitor: Visitor, world: World) -> None:
    for colour in (YELLOW, "#000000", "#ffffff", "#0b6e99", "#7f7f7f"):
        dress(world, colour)
        sheet = visitor.get(addresses(visitor, "/en/agencies/water")["sheet"]).text
        day, night = re.findall(r"--hub-tenant:(#[0-9a-f]{6})", sheet)
        assert contrast(day, DAY) >= AA
        assert contrast(night, NIGHT) >= AA


def test_the_grounds_that_colours_are_read_on_are_those_of_the_styles() -> None:
    (styles,) = (Path(__file__).parents[2] / "hub/web/built").glob("citizen-*.css")
    grounds = re.findall(r"--ds-color-neutral-surface-tinted:(#[0-9a-f]{6})", styles.read_text("utf-8"))
    assert grounds == [DAY, NIGHT]


def test_an_agency_without_a_logo_shows_its_initial_in_the_pages_language(
    visitor: Visitor, world: World
) -> None:
    arabic = visitor.get(addresses(visitor, "/ar/agencies/water")["logo"])
    english = visitor.get(addresses(visitor, "/en/agencies/water")["logo"])
    assert ">ش</text>" in arabic.text
    assert ">W</text>" in english.text
    # It never said what its colour is, so that there is no sheet for it.
    assert addresses(visitor, "/en/agencies/water")["sheet"] == ""
    assert visitor.get("/en/agencies/water/look.css").text == ""


def test_a_picture_is_served_as_one_and_a_logo_of_another_kind_is_no_page(
    visitor: Visitor, world: World
) -> None:
    dress(world, logo=read_logo(LogoKind.PNG, png(Image.new("RGB", (9, 9)))))
    found = addresses(visitor, "/ar/agencies/water")["logo"]
    assert "/logo.png?" in found
    assert visitor.get(found).headers["Content-Type"] == "image/png"
    assert visitor.get("/ar/agencies/water/logo.svg").status_code == 404


def test_only_the_version_that_is_in_force_is_kept_for_ever(visitor: Visitor, world: World) -> None:
    dress(world, logo=DROP)
    old = addresses(visitor, "/ar/agencies/water")["logo"]
    assert visitor.get(old).status_code == 200
    dress(world, "#0b6e99", DROP)
    new = addresses(visitor, "/ar/agencies/water")["logo"]
    assert new != old
    for path in (new.partition("?")[0], new.partition("?")[0] + "?v=x"):
        answer = visitor.get(path)
        assert answer.headers["Cache-Control"] == "public, no-cache"
        again = visitor.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("state", [TenantState.SUSPENDED, TenantState.PREPARING])
def test_who_does_not_work_here_shows_no_face_and_no_figures(
    visitor: Visitor, world: World, state: TenantState
) -> None:
    dress(world, logo=DROP)
    with world.as_system() as context:
        context.session.execute(update(Tenant).where(Tenant.id == world.water.id).values(state=state))
    for name in ("", "/look.css", "/logo.svg", "/logo.png"):
        assert visitor.get(f"/ar/agencies/water{name}").status_code == 404
    assert visitor.get("/ar/agencies/no-such/look.css").status_code == 404
    assert words_of(parse(visitor.get("/ar/agencies/tax").text).find(".//h1")) == "مصلحة الضرائب"


def test_an_agency_says_how_it_kept_its_promises_beside_all(visitor: Visitor, world: World) -> None:
    counts = {"answers_due": 40, "answers_kept": 38, "solutions_due": 30, "solutions_kept": 15}
    more = {"solved": 25, "reopened": 1, "voices": 21, "stars": 84}
    for agency, kept in ((world.water, {**counts, **more}), (world.tax, {"answers_due": 40})):
        with world.as_system(agency) as context:
            context.session.add(row(agency.id, SUNDAY_TEN.date() - timedelta(days=3), **kept))
    told = words_of(visitor.see("/en/agencies/water").find(".//main"))
    assert "last 30 days" in told
    for line in (
        "Answered in time 95% of 40 48% of 80",
        # Nothing came due for the only other one: everybody's figure would be this one's, or tell of a few.
        "Solved in time 50% of 30 too few to say",
        "Half were solved within 1 hour of 30 too few to say",
        "Reopened by citizens 4% of 25 too few to say",
        "Citizens’ rating 4 of 5 from 21 citizens",
        "What rests on fewer than 20 is not shown.",
    ):
        assert line in told
    arabic = words_of(visitor.see("/ar/agencies/water").find(".//main"))
    assert "الرد الأول في موعده ٩٥٪ من ٤٠" in arabic
    assert "من ٢١ مواطنًا" in arabic
    assert not [digit for digit in arabic if digit in "0123456789"]
    assert "too few to say" in words_of(visitor.see("/en/agencies/tax").find(".//main"))


def test_an_agency_of_which_little_is_known_says_so(visitor: Visitor, world: World) -> None:
    with world.as_system(world.water) as context:
        context.session.add(row(world.water.id, SUNDAY_TEN.date(), answers_due=19))
    page = visitor.see("/en/agencies/water")
    assert "Too little has come due here lately" in words_of(page.find(".//main"))
    assert page.find(".//table") is None


def test_a_suspended_bodys_figures_are_not_among_everybodys(visitor: Visitor, world: World) -> None:
    for agency in (world.water, world.tax):
        with world.as_system(agency) as context:
            context.session.add(row(agency.id, SUNDAY_TEN.date(), answers_due=40))
    with world.as_system() as context:
        context.session.execute(
            update(Tenant).where(Tenant.id == world.tax.id).values(state=TenantState.SUSPENDED)
        )
    assert "0% of 40 too few to say" in words_of(visitor.see("/en/agencies/water").find(".//main"))


def test_the_rows_name_nobody(world: World) -> None:
    names = set(KeptPromises.__table__.columns.keys())
    assert not {name for name in names if "person" in name or "case" in name or "ticket" in name}
