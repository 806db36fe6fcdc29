"""A mapping's YAML in sections: checked values, refused with their key and line where they are wrong."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLWarning

from hub.importing.errors import (
    NOTHING,
    BrokenMapping,
    MissingMappingKey,
    RepeatedMappingKey,
    UnknownMappingKey,
    WrongMappingValue,
    did_you_mean,
    excerpt,
    listed,
)
from tenants.languages import Text

_NOT_TEXT = Text(
    ar="المطلوب نص غير فارغ؛ ضع الأعداد وما يشبهها بين علامتي تنصيص.",
    en="It must be a text that is not empty; put numbers and the like in quotation marks.",
)
_NOT_A_LIST = Text(ar="المطلوب قائمة فيها نص واحد على الأقل.", en="It must be a list of at least one text.")
_NOT_A_SECTION = Text(
    ar="المطلوب قسم تحته مفاتيح وقيم.", en="It must be a section with keys and values below it."
)


def load(text: str) -> Section:
    """The whole of a mapping as one section. Raises `BrokenMapping` for what is not YAML."""
    try:
        with warnings.catch_warnings():
            # What YAML only warns of, such as an anchor given twice, is a mistake in a mapping.
            warnings.simplefilter("error", YAMLWarning)
            content = YAML(typ="rt").load(text)
    except DuplicateKeyError as problem:
        raise RepeatedMappingKey(line=_line_of(problem), field="mapping") from problem
    except MarkedYAMLError as problem:
        raise BrokenMapping(line=_line_of(problem), field="mapping") from problem
    except (YAMLError, YAMLWarning, RecursionError, ValueError) as problem:
        raise BrokenMapping(line=1, field="mapping") from problem
    if not isinstance(content, CommentedMap):
        raise MissingMappingKey(line=1, field="format", key="format")
    return Section(content, "")


def _line_of(problem: MarkedYAMLError) -> int:
    mark = problem.problem_mark or problem.context_mark
    return 1 if mark is None else int(mark.line) + 1


class Section:
    """One `key: value` section of the mapping: gives out checked values, refuses with key and line."""

    def __init__(self, content: CommentedMap, name: str) -> None:
        self._content = content
        self._name = name

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def names(self) -> list[str]:
        """The keys, all of them texts."""
        for key in self._content:
            if not isinstance(key, str) or not key.strip():
                raise self.wrong(key, _NOT_TEXT)
        return list(self._content)

    def only(self, *known: str) -> None:
        """Refuse any key but the known ones."""
        for key in self.names():
            if key not in known:
                raise UnknownMappingKey(
                    line=self.line(key),
                    field=self.path(key),
                    key=excerpt(key),
                    suggestion=did_you_mean(key, known),
                )

    def line(self, key: object) -> int:
        """Where a key stands in the file; the first line is 1."""
        places = self._content.lc.data or {}
        return int(places[key][0] if key in places else self._content.lc.line or 0) + 1

    def path(self, key: object) -> str:
        """The key with its section before it, as `section.key`."""
        return f"{self._name}.{key}" if self._name else str(key)

    def wrong(
        self, key: object, rule: Text, suggestion: Text = NOTHING, line: int | None = None
    ) -> WrongMappingValue:
        """The refusal of a value, with the sentence that says what would be right."""
        path = self.path(key)
        return WrongMappingValue(
            line=line or self.line(key), field=path, key=excerpt(path), rule=rule, suggestion=suggestion
        )

    def value(self, key: str) -> Any:
        """A value that must be there."""
        if key not in self._content:
            raise MissingMappingKey(
                line=int(self._content.lc.line or 0) + 1, field=self.path(key), key=self.path(key)
            )
        return self._content[key]

    def whole_number(self, key: str) -> int:
        """A whole number."""
        number = self.value(key)
        if not isinstance(number, int) or isinstance(number, bool):
            raise self.wrong(key, Text(ar="المطلوب عدد صحيح.", en="It must be a whole number."))
        return int(number)

    def text(self, key: str) -> str:
        """A text that is not empty, without white space around it."""
        text = self.value(key)
        if not isinstance(text, str) or not text.strip():
            raise self.wrong(key, _NOT_TEXT)
        return str(text).strip()

    def texts(self, key: str) -> list[str]:
        """A list of texts with at least one."""
        texts = self.value(key)
        if not isinstance(texts, CommentedSeq) or not texts:
            raise self.wrong(key, _NOT_A_LIST)
        for index, text in enumerate(texts):
            if not isinstance(text, str) or not text.strip():
                raise self.wrong(key, _NOT_TEXT, line=self._line_in(texts, index))
        return [str(text).strip() for text in texts]

    def line_in(self, key: str, index: int) -> int:
        """Where one entry of a list stands."""
        return self._line_in(self._content[key], index)

    @staticmethod
    def _line_in(texts: CommentedSeq, index: int) -> int:
        places = texts.lc.data or {}
        return int(places[index][0] if index in places else texts.lc.line or 0) + 1

    def choice(self, key: str, known: Iterable[str], default: str | None = None) -> str:
        """One of the known words."""
        if default is not None and key not in self._content:
            return default
        known = list(known)
        word = self.text(key)
        if word not in known:
            choices = listed(known)
            rule = Text(ar=f"القيم المقبولة: {choices.ar}.", en=f"It must be one of {choices.en}.")
            raise self.wrong(key, rule, did_you_mean(word, known))
        return word

    def holds_section(self, key: str) -> bool:
        """Whether a value is a section; it must be there."""
        return isinstance(self.value(key), CommentedMap)

    def section(self, key: str) -> Section:
        """The section under a key."""
        content = self.value(key)
        if not isinstance(content, CommentedMap) or not content:
            raise self.wrong(key, _NOT_A_SECTION)
        return Section(content, self.path(key))

    def bilingual(self, key: str) -> Text:
        """A text in both languages."""
        languages = self.section(key)
        languages.only("ar", "en")
        return Text(ar=languages.text("ar"), en=languages.text("en"))
