"""The strings of templates in the reader's language, from Babel's catalogues.

A template says a string in English; `locale/ar/LC_MESSAGES/<package>.po` beside the templates has it in Arabic, with all
six plurals. `make words` brings the catalogues up to date with the templates, and a test fails while one lacks a string.
"""

from __future__ import annotations

from collections.abc import Sequence
from gettext import NullTranslations
from importlib import resources
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from tenants.languages import Language


def read_catalogue(package: str, language: Language) -> Catalog:
    """The catalogue of one package's templates."""
    name = package.rpartition(".")[2]
    path = resources.files(package) / "locale" / language.value / "LC_MESSAGES" / f"{name}.po"
    with path.open("rb") as file:
        return read_po(file, locale=language.value)


def translations(packages: Sequence[str], language: Language) -> NullTranslations:
    """The strings of several packages' templates in a language; English ones are themselves."""
    found: NullTranslations = NullTranslations()
    if language is Language.ENGLISH:
        return found
    for package in packages:
        written = BytesIO()
        write_mo(written, read_catalogue(package, language))
        written.seek(0)
        read = Translations(written)
        read.add_fallback(found)
        found = read
    return found
