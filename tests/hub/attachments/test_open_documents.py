from __future__ import annotations

import struct
import time
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.attachments.kinds import FileKind, Limits, NotAccepted, RefusedBecause
from hub.attachments.office import check_document
from tests.hub.attachments.making import OFFICE_RELATION, PAGE, document, relation, spreadsheet

LIMITS = Limits(pixels=1, packed_files=200, unpacked_bytes=2_000_000)
MACRO_TYPE = (
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.ms-word.document.macroEnabled.main+xml"/>'
)


def look(content: bytes, kind: FileKind = FileKind.WORD) -> RefusedBecause | None:
    try:
        check_document(BytesIO(content), kind, LIMITS)
    except NotAccepted as no:
        return no.because
    return None


def test_plain_documents_are_taken() -> None:
    assert look(document()) is None
    assert look(spreadsheet(), FileKind.EXCEL) is None


def test_links_that_are_clicked_pictures_and_charts_are_taken() -> None:
    assert (
        look(
            document(
                {
                    "word/_rels/document.xml.rels": relation("hyperlink", "https://example.org/"),
                    "word/media/image1.png": b"\x89PNG",
                    "word/embeddings/Sheet1.xlsx": spreadsheet(),
                }
            )
        )
        is None
    )


@pytest.mark.parametrize(
    "acting",
    [
        {"word/vbaProject.bin": b"x"},
        {"word/VBAPROJECT.BIN": b"x"},
        {"word/vbaData.xml": "<x/>"},
        {"word/activeX/activeX1.xml": "<x/>"},
        {"word/embeddings/oleObject1.bin": b"x"},
        {"word/embeddings/run.exe": b"MZ"},
        {"word/embeddings/sheet.xlsm": b"PK"},
        {"xl/macrosheets/sheet1.xml": "<x/>"},
        {"word/run.js": "x"},
        {"word/_rels/settings.xml.rels": relation("attachedTemplate", "https://example.org/t.dotm")},
        {"word/_rels/document.xml.rels": relation("oleObject", "https://example.org/x.html!")},
        {"word/_rels/document.xml.rels": relation("image", "https://example.org/seen.png")},
        {"word/_rels/document.xml.rels": relation("frame", "file://host/share", "external")},
        {"word/_rels/document.xml.rels": relation("frame", "x", "&#x45;xternal")},
    ],
)
def test_documents_that_act_by_themselves_are_not_taken(acting: dict[str, str | bytes]) -> None:
    assert look(document(acting)) is RefusedBecause.MACROS


def test_a_document_whose_types_say_macros_is_not_taken() -> None:
    assert look(document(types=MACRO_TYPE)) is RefusedBecause.MACROS


def test_what_unpacks_to_too_much_is_not_taken_and_not_unpacked() -> None:
    started = time.monotonic()
    assert look(document({"word/media/bomb.xml": bytes(50_000_000)})) is RefusedBecause.PACKED
    assert look(document({f"word/{number}.xml": b"x" for number in range(300)})) is RefusedBecause.PACKED
    assert time.monotonic() - started < 10


def test_a_bomb_that_lies_about_its_size_is_not_taken() -> None:
    content = document({"word/media/bomb.xml": bytes(50_000_000)})
    size = struct.pack("<I", 50_000_000)
    assert content.count(size) == 2
    assert look(content.replace(size, struct.pack("<I", 1000))) in (
        RefusedBecause.BROKEN,
        RefusedBecause.PACKED,
    )


def test_parts_that_are_read_whole_are_small() -> None:
    many = '<Default Extension="a" ContentType="b"/>' * 40_000
    assert look(document(types=many)) is RefusedBecause.PACKED or len(many) < LIMITS.unpacked_bytes


@pytest.mark.parametrize(
    "names",
    [
        ["../../etc/cron.d/x"],
        ["/etc/passwd"],
        ["C:\\x"],
        ["word/..\\..\\x"],
        ["word/DOCUMENT.xml"],
    ],
)
def test_parts_that_lead_out_or_stand_twice_are_not_taken(names: list[str]) -> None:
    assert look(document(dict.fromkeys(names, "x"))) is RefusedBecause.BROKEN


def test_a_document_type_of_its_own_is_not_taken() -> None:
    growing = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">&b;</Relationships>'
    )
    assert look(document({"word/_rels/document.xml.rels": growing})) is RefusedBecause.BROKEN
    hidden = relation("frame", "x").encode("utf-16")
    assert look(document({"word/_rels/document.xml.rels": hidden})) is RefusedBecause.BROKEN
    assert look(document({"word/_rels/document.xml.rels": "<a><b></a>"})) is RefusedBecause.BROKEN


def test_locked_and_cut_documents_are_not_taken() -> None:
    content = document()
    locked = bytearray(content)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[content.index(mark) + flags] |= 1
    assert look(bytes(locked)) is RefusedBecause.BROKEN
    for end in (0, 4, 21, len(content) // 2, len(content) - 1):
        assert look(content[:end]) in (RefusedBecause.BROKEN, RefusedBecause.TWO_KINDS)


def test_a_document_with_something_before_or_behind_it_is_not_taken() -> None:
    for content in (document() + PAGE, PAGE + document(), document() + b"\n"):
        assert look(content) is RefusedBecause.TWO_KINDS


def test_a_zip_without_a_document_in_it_is_not_taken() -> None:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", "x")
    assert look(file.getvalue()) is RefusedBecause.BROKEN
    assert look(document(), FileKind.EXCEL) is RefusedBecause.BROKEN


def test_a_changed_byte_is_noticed() -> None:
    content = bytearray(document({"word/media/image1.bin": b"x" * 5000}))
    content[content.index(b"image1.bin") + 14] ^= 0xFF
    assert look(bytes(content)) is RefusedBecause.BROKEN


@given(st.data())
def test_whatever_is_changed_in_a_document_it_is_taken_or_not(data: st.DataObject) -> None:
    content = bytearray(document({"word/_rels/document.xml.rels": relation("hyperlink", OFFICE_RELATION)}))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert look(bytes(content)) in (None, *RefusedBecause)
