"""A hundred questions as citizens type them, over the six agencies, the hub itself and the national portal's pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from hub.finder.queries import find_services, looking_everywhere
from hub.onboarding.actions import load_pack
from hub.onboarding.pack import read_pack
from tenants.database import Database
from tenants.languages import Language
from tenants.servers import OwnServer
from tests.conftest import copy_of_world
from tests.hub.finder.portal_pages import FILE, load_pages
from tests.hub.onboarding.packs import HUB_PACK, PACKS, SLUGS

HERE = Path(__file__).parent


def questions(file: str) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = YAML(typ="safe").load(HERE / file)
    return asked


@pytest.fixture(scope="module")
def everything(server: OwnServer, template: str, run_folder: Path) -> Iterator[Database]:
    """All packs and, where the shared data is, all pages; for tests that leave them as they are."""
    with copy_of_world(server, template, run_folder) as name:
        database = Database.at(server.urls(name).app.get_secret_value())
        for slug in (HUB_PACK, *SLUGS):
            load_pack(database, read_pack(PACKS / slug))
        if FILE.exists():
            assert load_pages(database) == 155
        yield database
        database.dispose()


def missed(database: Database, asked: list[dict[str, Any]]) -> list[str]:
    """The questions whose answer is not among the first three services, with what was there instead."""
    found = []
    with looking_everywhere(database, language=Language.ARABIC) as context:
        for question in asked:
            services = [each.service for each in find_services(context, question["ask"], limit=3).services]
            names = [
                each.code.replace("_", "/")
                if each.code.startswith("page_")
                else f"{each.tenant_code}/{each.code}"
                for each in services
            ]
            if not set(names) & set(question["right"]):
                found.append(f"{question['ask']}: {names}")
    return found


@pytest.mark.skipif(not FILE.exists(), reason="the portal's pages are shared data, which is not here")
@pytest.mark.parametrize(("file", "number"), [("questions.yaml", 60), ("unseen_questions.yaml", 40)])
def test_nine_of_ten_questions_are_answered_by_one_of_the_first_three_services(
    everything: Database, file: str, number: int
) -> None:
    asked = questions(file)
    assert len(asked) == number
    found = missed(everything, asked)
    assert len(found) <= number // 10, found


def test_nine_of_ten_questions_of_the_packs_are_answered_without_the_shared_data(
    everything: Database,
) -> None:
    asked = [
        question
        for file in ("questions.yaml", "unseen_questions.yaml")
        for question in questions(file)
        if not question["right"][0].startswith("page/")
    ]
    assert len(asked) == 70
    found = missed(everything, asked)
    assert len(found) <= len(asked) // 10, found
