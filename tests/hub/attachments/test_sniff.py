from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.attachments.kinds import EXTENSIONS, FileKind, NotAccepted, RefusedBecause
from hub.attachments.sniffing import sniff
from hub.attachments.wording import REASONS
from tests.hub.attachments.making import (
    PAGE,
    PDF,
    archive,
    document,
    mp3,
    mp4,
    noise,
    photo,
    picture,
    saved,
    spreadsheet,
    wav,
)

TAKEN = [
    (photo("JPEG"), FileKind.JPEG),
    (photo("PNG"), FileKind.PNG),
    (photo("WEBP"), FileKind.WEBP),
    (PDF, FileKind.PDF),
    ("شكوى\nمن سطرين\t.".encode(), FileKind.TEXT),
    ("\ufeffشكوى".encode(), FileKind.TEXT),
    ("شكوى".encode("utf-16"), FileKind.TEXT),
    (b"5 < 6 <3", FileKind.TEXT),
    (document(), FileKind.WORD),
    (spreadsheet(), FileKind.EXCEL),
    (mp4(), FileKind.MP4),
    (mp4(b"iso6"), FileKind.MP4),
    (mp4(b"qt  "), FileKind.QUICKTIME),
    (mp4(b"3gp5"), FileKind.THREE_GP),
    (mp4(b"M4A "), FileKind.M4A),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + noise(99), FileKind.WEBM),
    (b"OggS\x00\x02" + noise(99), FileKind.OGG),
    (wav(), FileKind.WAV),
    (b"#!AMR\n" + noise(99), FileKind.AMR),
    (mp3(), FileKind.MP3),
    (b"ID3\x04\x00\x00\x00\x00\x00\x0aTIT2abcdef" + mp3(), FileKind.MP3),
]


@pytest.mark.parametrize(("content", "kind"), TAKEN)
def test_a_file_is_what_its_bytes_say(content: bytes, kind: FileKind) -> None:
    assert sniff(content) is kind


def test_every_kind_is_recognised_somehow_and_has_an_ending() -> None:
    assert {kind for _, kind in TAKEN} == set(FileKind) == set(EXTENSIONS)


NOT_TAKEN = [
    (b"MZ" + noise(500), RefusedBecause.UNKNOWN_KIND),
    (b"\x7fELF" + noise(500), RefusedBecause.UNKNOWN_KIND),
    (saved(picture(), "GIF"), RefusedBecause.UNKNOWN_KIND),
    (saved(picture(), "TIFF"), RefusedBecause.UNKNOWN_KIND),
    (saved(picture(), "AVIF"), RefusedBecause.UNKNOWN_KIND),
    (archive(), RefusedBecause.UNKNOWN_KIND),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise(500), RefusedBecause.UNKNOWN_KIND),
    (b"a text with a \x00 in it", RefusedBecause.UNKNOWN_KIND),
    ("شكوى".encode("windows-1256"), RefusedBecause.UNKNOWN_KIND),
    (b"\xff\xfb\x90\x00" + noise(900), RefusedBecause.UNKNOWN_KIND),
    (mp4(b"heic"), RefusedBecause.HEIC),
    (mp4(b"mif1"), RefusedBecause.HEIC),
    (PAGE, RefusedBecause.ACTIVE),
    (b"\xef\xbb\xbf \n" + PAGE, RefusedBecause.ACTIVE),
    (PAGE.decode().encode("utf-16"), RefusedBecause.ACTIVE),
    (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', RefusedBecause.ACTIVE),
    (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', RefusedBecause.ACTIVE),
    (b"<!-- a comment first --><p>", RefusedBecause.ACTIVE),
    (b"#!/bin/sh\nrm -rf /\n", RefusedBecause.ACTIVE),
    (b"{\\rtf1\\object}", RefusedBecause.ACTIVE),
    (b"first some words, then <SCRIPT\tsrc=//x></script>", RefusedBecause.ACTIVE),
    (b"\xe9\xe8 <html >", RefusedBecause.ACTIVE),
    (PDF.replace(b"%%EOF", b""), RefusedBecause.BROKEN),
    (b"PK\x03\x04" + noise(100), RefusedBecause.BROKEN),
]


@pytest.mark.parametrize(("content", "because"), NOT_TAKEN)
def test_other_kinds_are_not_taken(content: bytes, because: RefusedBecause) -> None:
    with pytest.raises(NotAccepted) as caught:
        sniff(content)
    assert caught.value.because is because


@pytest.mark.parametrize(
    "content",
    [
        photo() + PAGE,
        photo("JPEG")[:2] + b"\xff\xfe" + (len(PAGE) + 2).to_bytes(2, "big") + PAGE + photo("JPEG")[2:],
        photo("PNG") + b"<?php system($_GET[0]); ?>",
        photo("WEBP") + archive(),
        photo() + archive() + b" a comment of the zip's",
        photo()[:600] + PDF + photo()[600:],
        PDF + archive(),
        PDF[:-6] + b"<svg onload=x xmlns='http://www.w3.org/2000/svg'>%%EOF",
        mp4() + b"Rar!\x1a\x07\x00" + noise(50),
        wav() + b"7z\xbc\xaf\x27\x1c" + noise(50),
        mp3() + b"<iframe src=x>",
        document({"word/page.txt": "x"}).replace(b"PK\x01\x02", b"PK\x01\x02", 1) + PAGE,
        photo() + b"__HALT_COMPILER();",
    ],
)
def test_a_file_of_two_kinds_is_not_taken(content: bytes) -> None:
    with pytest.raises(NotAccepted) as caught:
        sniff(content)
    assert caught.value.because is RefusedBecause.TWO_KINDS


def test_what_phones_put_behind_a_photo_is_no_second_kind() -> None:
    assert sniff(photo() + mp4() + noise(5000)) is FileKind.JPEG


@given(st.binary(), st.sampled_from([content for content, _ in TAKEN]), st.integers(0, 40))
def test_any_bytes_get_an_answer(noise_given: bytes, real: bytes, cut: int) -> None:
    for content in (noise_given, real[:cut] + noise_given, real[: len(real) - cut] + noise_given):
        with suppress(NotAccepted):
            assert sniff(content) in FileKind


def test_noise_is_hardly_ever_taken_for_a_second_kind() -> None:
    assert sniff(b"\xff\xd8\xff" + noise(25_000_000)) is FileKind.JPEG


@pytest.mark.parametrize(
    "unit", [b"<svg ", b"<!doctype ", b" ", b"PK\x05\x06", b"<html", b"\xff\xfb\x90\x00"]
)
def test_no_file_takes_long_to_look_at(unit: bytes) -> None:
    started = time.monotonic()
    for head in (b"\xff\xd8\xff", b""):
        with suppress(NotAccepted):
            sniff(head + unit * (20_000_000 // len(unit)))
    assert time.monotonic() - started < 20


def test_every_reason_has_words() -> None:
    assert set(REASONS) == set(RefusedBecause)
