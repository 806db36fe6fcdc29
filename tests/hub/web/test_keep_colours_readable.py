from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hub.web.colours import AA, NotAColour, contrast, readable_on

COLOURS = some.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_what_the_guidelines_say_it_is() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@given(colour=COLOURS, background=COLOURS)
def test_every_colour_can_be_read_on_every_background_afterwards(colour: str, background: str) -> None:
    assert contrast(readable_on(colour, background), background) >= AA


@given(colour=COLOURS)
def test_a_colour_that_can_be_read_stays_what_it_is(colour: str) -> None:
    if contrast(colour, "#ffffff") >= AA:
        assert readable_on(colour.upper()) == colour


def test_a_colour_is_changed_no_further_than_it_has_to_be() -> None:
    assert AA <= contrast(readable_on("#ffcc00"), "#ffffff") < AA + 0.3


@pytest.mark.parametrize("wrong", ["", "red", "#fff", "#12345g", "#1234567", "url(x)", "#١٢٣٤٥٦"])
def test_what_is_no_colour_is_refused(wrong: str) -> None:
    with pytest.raises(NotAColour):
        readable_on(wrong)
