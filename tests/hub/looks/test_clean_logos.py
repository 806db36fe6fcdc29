from __future__ import annotations

import zlib
from io import BytesIO
from random import Random
from xml.etree import ElementTree  # what these tests write themselves, or our own code wrote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from hub.looks.drawings import clean_drawing
from hub.looks.errors import BadLogo
from hub.looks.logos import read_logo
from hub.looks.models import LogoKind
from hub.looks.pictures import clean_picture
from tests.hub.looks.harmful import HARMFUL
from tests.hub.onboarding.packs import HUB_PACK, PACKS, SLUGS

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'
DRAWN = SVG.format(
    "<title>قطرة &amp; موجة</title><defs>"
    '<linearGradient id="g" gradientTransform="rotate(45)"><stop offset="0%" stop-color="#0b6e99"/>'
    "</linearGradient></defs>"
    '<g fill="none" stroke="currentColor"><path d="M1 1c2-1.5 3,4 5e0 6z" fill="url(#g)"/></g>'
)


def refusal_of(content: str | bytes) -> BadLogo:
    with pytest.raises(BadLogo) as refused:
        clean_drawing(content.encode() if isinstance(content, str) else content)
    return refused.value


def png(image: Image.Image, **more: object) -> bytes:
    written = BytesIO()
    image.save(written, "PNG", **more)
    return written.getvalue()


def test_shapes_paths_gradients_and_titles_are_kept_as_they_are() -> None:
    def told(drawing: str | bytes) -> list[tuple[str, dict[str, str], str]]:
        return [
            (each.tag, dict(each.attrib), each.text or "")
            for each in ElementTree.fromstring(drawing).iter()  # noqa: S314
        ]

    assert told(clean_drawing(DRAWN.encode())) == told(DRAWN)


@pytest.mark.parametrize("slug", [*SLUGS, HUB_PACK])
def test_the_examples_logos_are_small_and_cleaning_them_twice_changes_nothing(slug: str) -> None:
    clean = read_logo(LogoKind.SVG, (PACKS / slug / "logo.svg").read_bytes()).content
    assert len(zlib.compress(clean)) < 600
    assert clean_drawing(clean) == clean


@pytest.mark.parametrize("tries", HARMFUL)
def test_whatever_might_do_something_is_refused(tries: str) -> None:
    refused = refusal_of(HARMFUL[tries].replace("OUTSIDE", "http://outside.example"))
    assert refused.sentence_of_it.en.startswith("This file cannot be a logo: ")
    assert "لا يصلح هذا الملف شعارًا" in refused.sentence_of_it.ar


def test_comments_instructions_and_measures_are_left_out() -> None:
    drawn = (
        '<?xml version="1.0"?><?xml-stylesheet href="http://outside.example/a.css"?><!-- by somebody -->'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:more="urn:x" width="3cm" height="3cm" viewBox="0 0 9 9"'
        ' version="1.1"><!--<script/>--><rect width="9" height="9"/></svg>'
    )
    assert clean_drawing(drawn.encode()) == SVG.format('<rect height="9" width="9"></rect>').encode()


def test_the_line_of_what_is_wrong_is_told() -> None:
    refused = refusal_of(SVG.format('\n<rect width="1" height="1"/>\n<rect style="fill:red"/>'))
    assert (refused.line, "“style”" in refused.reason.en) == (3, True)


@pytest.mark.parametrize("box", ["", "0 0 9", "0 0 0 9", "0 0 9 -1", "a b c d", "0 0 9e9 9", "0 0 ... 9"])
def test_a_drawing_without_an_area_is_refused(box: str) -> None:
    assert "viewBox" in refusal_of(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"/>').reason.en


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PNG",
        b"<svg",
        b"\xff\xfe<",
        "<svg/>".encode("utf-16"),
        b'<?xml version="1.0" encoding="no-such"?><svg/>',
        SVG.format("<g>").encode(),
        b'{"a": 1}',
        b"\x00" * 100,
    ],
)
def test_what_is_no_drawing_is_refused(content: bytes) -> None:
    refusal_of(content)


def test_large_deep_and_rich_drawings_are_refused() -> None:
    assert "40 kB" in refusal_of(SVG.format(f'<path d="M{"1 " * 25_000}"/>')).reason.en
    chance = Random(1)  # noqa: S311
    noise = "".join(chance.choice("0123456789 ") for _ in range(30_000))
    assert "10 kB" in refusal_of(SVG.format(f'<path d="M{noise}"/>')).reason.en
    assert "too many" in refusal_of(SVG.format("<g/>" * 500)).reason.en
    assert "too deeply" in refusal_of(SVG.format("<g>" * 20 + "</g>" * 20)).reason.en
    assert "too long" in refusal_of(SVG.format(f"<title>{'a' * 300}</title>")).reason.en


@given(st.text(max_size=60), st.sampled_from(["fill", "d", "transform", "id", "stroke", "points", "opacity"]))
def test_whatever_stands_in_a_drawing_nothing_leads_out_of_it(value: str, name: str) -> None:
    drawing = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 9 9"})
    ElementTree.SubElement(drawing, "path", {name: value})
    ElementTree.SubElement(drawing, "title").text = value
    try:
        clean = clean_drawing(ElementTree.tostring(drawing))
    except BadLogo:
        return
    path = ElementTree.fromstring(clean)[0]  # noqa: S314
    written = path.get(name, "").lower()
    assert ":" not in written
    assert "/" not in written
    assert "url(" not in written or written.startswith("url(#")
    assert clean_drawing(clean) == clean


def test_a_picture_is_drawn_anew_small_and_without_what_else_was_in_the_file() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "secret")
    drawn = Image.new("RGBA", (1400, 700), "#0b6e9980")
    clean = clean_picture(png(drawn, pnginfo=told) + b"<script>alert(1)</script>")
    with Image.open(BytesIO(clean)) as seen:
        # Whoever is half seen through is reckoned with and back again.
        assert (seen.format, seen.size, seen.info.get("Comment")) == ("PNG", (512, 256), None)
        assert seen.convert("RGBA").getpixel((9, 9)) in {(11, 110, 153, 128), (11, 109, 153, 128)}
    assert b"script" not in clean
    assert b"secret" not in clean


def test_a_picture_with_much_detail_gets_smaller_until_it_comes_quickly() -> None:
    chance = Random(2)  # noqa: S311
    drawn = Image.frombytes("RGB", (24, 24), chance.randbytes(24 * 24 * 3))
    clean = clean_picture(png(drawn.resize((600, 600), Image.Resampling.BICUBIC)))
    assert len(clean) <= 10_000
    too_much = Image.frombytes("RGB", (512, 512), chance.randbytes(512 * 512 * 3))
    with pytest.raises(BadLogo, match="too much detail"):
        clean_picture(png(too_much))


def test_what_is_no_picture_or_a_bomb_is_refused() -> None:
    jpeg = BytesIO()
    Image.new("RGB", (9, 9)).save(jpeg, "JPEG")
    whole = png(Image.new("RGB", (99, 99)))
    for content in (b"", b"<svg/>", jpeg.getvalue(), whole[: len(whole) // 2]):
        with pytest.raises(BadLogo, match="not a whole PNG"):
            clean_picture(content)
    for content in (png(Image.new("1", (9_000, 9_000))), b"\x00" * 1_000_001):
        with pytest.raises(BadLogo, match="16 megapixels"):
            clean_picture(content)
