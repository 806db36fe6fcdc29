from __future__ import annotations

import time
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

from hub.attachments.images import PhotoPlace, drawn_anew, place_of
from hub.attachments.kinds import FileKind, NotAccepted, RefusedBecause
from tests.hub.attachments.making import (
    CANARY,
    PAGE,
    mp4,
    photo,
    picture,
    place_exif,
    png_saying,
    saved,
    webp_saying,
)

KINDS = {FileKind.JPEG: "JPEG", FileKind.PNG: "PNG", FileKind.WEBP: "WEBP"}
MOST = 1_000_000


def drawn(content: bytes, kind: FileKind) -> tuple[bytes, Image.Image]:
    result = drawn_anew(BytesIO(content), kind, MOST)
    image = Image.open(BytesIO(result))
    image.load()
    return result, image


def because(content: bytes, kind: FileKind) -> RefusedBecause:
    with pytest.raises(NotAccepted) as caught:
        drawn_anew(BytesIO(content), kind, MOST)
    return caught.value.because


def is_blue(image: Image.Image, at: tuple[int, int]) -> bool:
    pixel = image.convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    return pixel[2] > 150 and pixel[0] < 100


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_the_picture_is_left(kind: FileKind) -> None:
    before = photo(KINDS[kind])
    assert CANARY.encode() in before
    result, image = drawn(before + CANARY.encode() + PAGE, kind)
    assert CANARY.encode() not in result
    assert b"<html" not in result
    assert (image.format, image.size) == (KINDS[kind], (40, 30))
    assert not image.getexif()
    assert not {"exif", "xmp", "comment", "icc_profile", "Comment"} & image.info.keys()
    assert is_blue(image, (5, 5))
    assert not is_blue(image, (35, 25))


@pytest.mark.parametrize("kind", KINDS)
def test_colour_profiles_are_left_out(kind: FileKind) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, image = drawn(saved(picture(), KINDS[kind], icc_profile=profile), kind)
    assert "icc_profile" not in image.info


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("orientation", "size", "blue"),
    [
        (1, (40, 30), (5, 5)),
        (2, (40, 30), (35, 5)),
        (3, (40, 30), (35, 25)),
        (6, (30, 40), (25, 5)),
        (8, (30, 40), (5, 35)),
        (99, (40, 30), (5, 5)),
    ],
)
def test_a_picture_is_set_upright(
    kind: FileKind, orientation: int, size: tuple[int, int], blue: tuple[int, int]
) -> None:
    _, image = drawn(photo(KINDS[kind], place_exif(orientation=orientation)), kind)
    assert image.size == size
    assert is_blue(image, blue)


@pytest.mark.parametrize(
    ("content", "kind", "mode"),
    [
        (saved(picture(mode="L"), "JPEG"), FileKind.JPEG, "L"),
        (saved(picture(mode="CMYK"), "JPEG"), FileKind.JPEG, "RGB"),
        (saved(picture(mode="1"), "PNG"), FileKind.PNG, "1"),
        (saved(picture(mode="LA"), "PNG"), FileKind.PNG, "LA"),
        (saved(picture(mode="P"), "PNG"), FileKind.PNG, "RGB"),
        (saved(picture(mode="P"), "PNG", transparency=0), FileKind.PNG, "RGBA"),
        (saved(picture(mode="RGB"), "PNG", transparency=(220, 20, 20)), FileKind.PNG, "RGB"),
        (saved(picture(mode="RGBA"), "PNG"), FileKind.PNG, "RGBA"),
        (saved(picture(mode="RGBA"), "WEBP"), FileKind.WEBP, "RGB"),
    ],
)
def test_pictures_of_every_mode_are_drawn(content: bytes, kind: FileKind, mode: str) -> None:
    _, image = drawn(content, kind)
    assert image.size == (40, 30)
    assert image.mode == mode


def test_sixteen_bits_of_grey_become_eight() -> None:
    grey = Image.new("I;16", (40, 30), 30000)
    _, image = drawn(saved(grey, "PNG"), FileKind.PNG)
    assert (image.mode, image.getpixel((3, 3))) == ("L", 30000 // 257)


def test_of_several_pictures_the_first_is_kept() -> None:
    second = Image.new("RGB", (40, 30), (0, 255, 0))
    for kind in (FileKind.PNG, FileKind.WEBP):
        moving = saved(picture(), KINDS[kind], save_all=True, append_images=[second])
        _, image = drawn(moving, kind)
        assert getattr(image, "n_frames", 1) == 1
        assert is_blue(image, (5, 5))
    several = saved(picture(), "MPO", save_all=True, append_images=[second])
    _, image = drawn(several + mp4(), FileKind.JPEG)
    assert is_blue(image, (5, 5))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png_saying(1001, 1000), FileKind.PNG),
        (png_saying(60_000, 60_000), FileKind.PNG),
        (png_saying(2**31 - 1, 2**31 - 1), FileKind.PNG),
        (saved(Image.new("1", (12_000, 12_000)), "PNG"), FileKind.PNG),
        (saved(Image.new("L", (4000, 3000)), "JPEG"), FileKind.JPEG),
        (saved(Image.new("RGB", (4000, 3000)), "WEBP"), FileKind.WEBP),
    ],
)
def test_a_picture_too_large_is_refused_before_it_is_decoded(content: bytes, kind: FileKind) -> None:
    started = time.monotonic()
    assert because(content, kind) is RefusedBecause.TOO_MANY_PIXELS
    assert time.monotonic() - started < 2


def test_a_webp_that_promises_any_size_is_refused() -> None:
    started = time.monotonic()
    for side in (16_384, 60_000, 2**24):
        assert because(webp_saying(side, side), FileKind.WEBP) in (
            RefusedBecause.TOO_MANY_PIXELS,
            RefusedBecause.BROKEN,
        )
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_off_picture_is_broken(kind: FileKind) -> None:
    whole = saved(picture((400, 300)), KINDS[kind])
    for part in (12, len(whole) // 2, len(whole) - 60):
        assert because(whole[:part], kind) is RefusedBecause.BROKEN


def test_a_picture_of_another_kind_than_said_is_broken() -> None:
    assert because(photo("PNG"), FileKind.JPEG) is RefusedBecause.BROKEN
    assert because(b"\xff\xd8\xff" + PAGE, FileKind.JPEG) is RefusedBecause.BROKEN


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_whatever_is_changed_in_a_picture_it_is_drawn_or_refused(kind: FileKind, data: st.DataObject) -> None:
    content = bytearray(photo(KINDS[kind]))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    place_of(BytesIO(content), kind)
    with suppress(NotAccepted):
        assert drawn(bytes(content), kind)[1].width > 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_place_of_a_photo_is_read(kind: FileKind) -> None:
    assert place_of(BytesIO(photo(KINDS[kind])), kind) == PhotoPlace(30.0444, 31.2356)
    southwest = place_exif((33, 26, 0), (70, 39, 0), ("S", "W"))
    assert place_of(BytesIO(photo(KINDS[kind], southwest)), kind) == PhotoPlace(-33.433333, -70.65)


@pytest.mark.parametrize(
    "exif",
    [
        Image.Exif(),
        place_exif((0, 0, 0), (0, 0, 0)),
        place_exif((91, 0, 0)),
        place_exif((30, 0, 0), (181, 0, 0)),
        place_exif((30, 0, IFDRational(1, 0))),
        place_exif((30, 2)),
    ],
)
def test_no_place_is_offered_that_makes_no_sense(exif: Image.Exif) -> None:
    assert place_of(BytesIO(photo(exif=exif)), FileKind.JPEG) is None


def test_metadata_made_to_confuse_is_no_place_and_no_harm() -> None:
    for raw in (b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0nonsense"):
        content = saved(picture(), "JPEG", exif=raw)
        assert place_of(BytesIO(content), FileKind.JPEG) is None
        assert drawn(content, FileKind.JPEG)[1].size == (40, 30)
    assert place_of(BytesIO(b"\xff\xd8\xff"), FileKind.JPEG) is None
