from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.importing.labels import TENANT_CODE_LENGTH, free_code, language_of
from tenants.languages import Language

# The rule of tenants.provisioning.
TENANT_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
LABELS = st.text(min_size=1, max_size=120)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("NYPD", "nypd"),
        ("Parks & Recreation Department", "parks-recreation-department"),
        ("Mayor's 24 Hour Hotline", "mayor-s-24-hour-hotline"),
        ("Hôpital Général", "hopital-general"),
        ("311", "n-311"),
    ],
)
def test_a_latin_label_is_its_own_code(label: str, code: str) -> None:
    assert free_code(label, set(), TENANT_CODE_LENGTH) == code


@given(LABELS, st.sets(st.text(max_size=20)))
def test_every_label_gets_a_code_that_is_valid_and_free(label: str, taken: set[str]) -> None:
    code = free_code(label, taken, TENANT_CODE_LENGTH)
    assert TENANT_CODE.fullmatch(code)
    assert code not in taken
    assert free_code(label, taken, TENANT_CODE_LENGTH) == code


@given(st.lists(LABELS, unique=True, max_size=30))
def test_labels_never_share_a_code(labels: list[str]) -> None:
    taken: set[str] = set()
    for label in labels:
        taken.add(free_code(label, taken, TENANT_CODE_LENGTH))
    assert len(taken) == len(labels)


def test_a_code_made_to_collide_stops_nothing() -> None:
    taken = {"water"}
    for _ in range(5):
        code = free_code("Water", taken, TENANT_CODE_LENGTH)
        assert code not in taken
        taken.add(code)


def test_an_arabic_letter_makes_a_text_arabic() -> None:
    assert language_of("Street lamp", None, "عمود إنارة") is Language.ARABIC
    assert language_of("Street lamp", "café №5", None) is Language.ENGLISH
