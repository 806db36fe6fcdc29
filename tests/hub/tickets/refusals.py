"""What every refusal of the hub has to be: one clear sentence in either language, naming the field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tenants.errors import Refusal
from tenants.languages import Language

_ARABIC = re.compile("[\u0621-\u064a]")


@contextmanager
def refused(kind: type[Refusal], field: str | None) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """A block that has to end in a refusal of this kind, about this field, said in both languages."""
    with pytest.raises(kind) as caught:
        yield caught
    refusal = caught.value
    assert refusal.field == field
    english, arabic = refusal.sentence(Language.ENGLISH), refusal.sentence(Language.ARABIC)
    assert re.search("[A-Za-z]", english)
    assert not _ARABIC.search(re.sub("“[^”]*”", "", english))
    assert _ARABIC.search(arabic)
    for sentence in (english, arabic):
        assert sentence[-1] in ".؟:" or sentence.endswith(")")
        assert not re.search(r"[{}]|\(\)|None", sentence)
