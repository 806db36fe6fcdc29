"""Templates made into pages: found beside the code of their package, in the language of their reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from hub.web.assets import Assets
from hub.web.catalogues import translations
from hub.web.formats import Formats
from hub.web.languages import other_language
from hub.web.settings import PageSettings
from tenants.languages import Language, Text

KIT: Final = "hub.web"
DIRECTIONS: Final[Mapping[Language, str]] = {Language.ARABIC: "rtl", Language.ENGLISH: "ltr"}


class Pages:
    """The templates of some packages and of the kit, one environment for each language."""

    def __init__(self, packages: Sequence[str], assets: Assets, settings: PageSettings) -> None:
        self.assets = assets
        self.settings = settings
        self._packages = (*packages, KIT)
        self._environments = {language: self._environment(language) for language in Language}

    def render(
        self, template: str, language: Language, *, here: Mapping[str, str], view: Mapping[str, Any]
    ) -> bytes:
        """A page as it is sent; a name that the view does not give is an error, never an empty place."""
        return self._environments[language].get_template(template).render(here=here, **view).encode()

    def _environment(self, language: Language) -> Environment:
        made = Environment(
            loader=ChoiceLoader([PackageLoader(package) for package in self._packages]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        words = translations(self._packages, language)
        formats = Formats(language, self.settings.zone)

        def say(message: str, **facts: object) -> Markup:
            """One of our sentences in the reader's language; facts are escaped, numbers as the reader writes them."""
            return Markup(words.gettext(message)) % _facts(facts)  # noqa: S704 - from our own catalogue

        def count(one: str, many: str, number: int, **facts: object) -> Markup:
            """One of our sentences about a number of things; `%(count)s` is the number."""
            return Markup(words.ngettext(one, many, number)) % _facts({"count": number, **facts})  # noqa: S704

        def _facts(facts: Mapping[str, object]) -> dict[str, object]:
            return {name: _fact(fact) for name, fact in facts.items()}

        def _fact(fact: object) -> object:
            if isinstance(fact, bool) or not isinstance(fact, int | float | datetime | date | Text):
                return fact
            if isinstance(fact, int | float):
                return formats.number(fact)
            if isinstance(fact, Text):
                return fact.in_language(language)
            return formats.moment(fact) if isinstance(fact, datetime) else formats.day(fact)

        def text(both: Text) -> str:
            """A text of both languages in the page's."""
            return both.in_language(language)

        made.globals.update(
            language=language.value,
            direction=DIRECTIONS[language],
            other_language=other_language(language).value,
            asset=self.assets,
            say=say,
            count=count,
            text=text,
            said=said,
            link=lambda path: f"/{language.value}{path}",
            styleguide=self.settings.styleguide,
            offline=self.settings.offline,
        )
        made.filters.update(
            number=formats.number,
            percent=formats.percent,
            day=formats.day,
            moment=formats.moment,
            time=formats.time,
            digits=formats.written,
        )
        return made


def said(words: str) -> Markup:
    """What a person wrote, in its own direction whatever stands around it, its lines kept."""
    return Markup('<bdi class="hub-said" dir="auto">{}</bdi>').format(escape(words))
