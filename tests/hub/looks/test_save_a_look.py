from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.journal.models import Fact
from hub.looks.actions import save_look
from hub.looks.errors import BadColour
from hub.looks.logos import Logo, read_logo
from hub.looks.models import LogoKind
from hub.looks.queries import face, faces, logo
from tenants.errors import NotAllowed
from tenants.languages import Text
from tenants.provisioning import TenantDescription, save_tenant
from tests.world import World

DROP = read_logo(
    LogoKind.SVG, b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'
)


def changes(world: World) -> list[dict[str, object]]:
    with world.as_system(world.water) as context:
        return list(
            context.session.scalars(
                select(Fact.data)
                .where(Fact.tenant_id == world.water.id, Fact.kind == "look.changed")
                .order_by(Fact.id)
            )
        )


def test_a_body_has_its_colour_and_logo_and_each_change_is_recorded_once(world: World) -> None:
    with world.as_staff(world.water, "manager") as context:
        assert face(context).colour is None
        assert save_look(context, colour="#0B6E99", logo=DROP)
        assert not save_look(context, colour="#0b6e99", logo=DROP)
        told = face(context)
        assert (told.code, told.colour, told.logo_kind) == ("water", "#0b6e99", LogoKind.SVG)
        assert logo(context) == DROP
        assert save_look(context, colour="#0b6e99")
        assert logo(context) is None
        assert face(context).version != told.version
    assert [(each["colour"], each.get("logo")) for each in changes(world)] == [
        ("#0b6e99", "svg"),
        ("#0b6e99", None),
    ]


def test_a_version_follows_all_that_is_drawn_from_it(world: World) -> None:
    versions = set()
    for colour, name, drawn in (
        ("#0b6e99", "Water", None),
        ("#0b6e98", "Water", None),
        ("#0b6e98", "Rivers", None),
        ("#0b6e98", "Rivers", DROP),
        ("#0b6e98", "Rivers", Logo(LogoKind.PNG, DROP.content)),
    ):
        with world.as_system() as context:
            words = Text(ar="المياه", en=name)
            save_tenant(
                context,
                TenantDescription(
                    code="water", name=words, short_name=words, about=words, zone="Africa/Cairo"
                ),
            )
        with world.as_system(world.water) as context:
            save_look(context, colour=colour, logo=drawn)
            versions.add(face(context).version)
    assert len(versions) == 5


@pytest.mark.parametrize(
    "colour", ["", "red", "#0b6", "#0b6e9g", "0b6e99", "#0b6e99;}", "#0b6e99\n", "#٠b6e99"]
)
def test_what_is_no_colour_is_refused_and_nothing_is_kept(world: World, colour: str) -> None:
    with world.as_staff(world.water, "manager") as context:
        with pytest.raises(BadColour):
            save_look(context, colour=colour)
        assert face(context).colour is None


def test_only_who_sets_up_the_catalogue_may_say_how_it_looks(world: World) -> None:
    for who in ("agent", "officer", "field", "lead"):
        with world.as_staff(world.water, who) as context, pytest.raises(NotAllowed):
            save_look(context, colour="#0b6e99")


def test_nobody_sees_or_changes_anothers_look_but_where_both_are_shown(world: World) -> None:
    with world.as_system(world.water) as context:
        save_look(context, colour="#0b6e99", logo=DROP)
    with world.as_staff(world.tax, "manager") as context:
        save_look(context, colour="#112233")
        assert list(faces(context)) == ["tax"]
        assert logo(context) is None
    with world.as_system(world.water, world.tax) as context:
        assert {code: each.colour for code, each in faces(context).items()} == {
            "water": "#0b6e99",
            "tax": "#112233",
        }
