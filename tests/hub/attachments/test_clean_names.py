from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.attachments.kinds import EXTENSIONS, FileKind
from hub.attachments.names import LONGEST, LONGEST_BYTES, NAMELESS, cleaned_name, truthful_name


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("صورة الحفرة.jpg", "صورة الحفرة.jpg"),
        ("x\u202efdp.exe", "xfdp.exe"),
        ("a\u2066b\u2069\u200e\u200f\ufeff.pdf", "ab.pdf"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\Windows\\win.ini", "win.ini"),
        ("C:\\boot.ini", "boot.ini"),
        ("folder/", "folder"),
        ("../..", NAMELESS),
        (".htaccess", "htaccess"),
        ("a.pdf. . .", "a.pdf"),
        ("photo.jpg            .exe", "photo.jpg.exe"),
        ("a\nb\0c\x7f\td.txt", "a bc d.txt"),
        ("\ud800half\udfff.txt", "half.txt"),
        ('a<b>c:d"e|f?g*h', "a_b_c_d_e_f_g_h"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Lpt1 .pdf", "_Lpt1.pdf"),
        ("com¹.txt", "_com1.txt"),
        ("console.log", "console.log"),
        ("invoice\uff0epdf\uff0eexe", "invoice.pdf.exe"),
        ("a\uff0fb", "b"),
        ("a\u2028b.txt", "a b.txt"),
        ("", NAMELESS),
        ("   ", NAMELESS),
        ("\u202e\u200b", NAMELESS),
    ],
)
def test_a_name_is_shown_for_what_it_is(given_name: str, shown: str) -> None:
    assert cleaned_name(given_name) == shown


@given(st.text() | st.text(alphabet="./\\:\u202e\u200f CON1ملف\ufdfa\ud800\0"))
def test_whatever_a_file_is_called_its_name_can_be_shown_and_saved_anywhere(given_name: str) -> None:
    name = cleaned_name(given_name)
    assert 0 < len(name) <= LONGEST
    assert len(name.encode()) <= LONGEST_BYTES
    assert not set(name) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(character)[0] == "C" for character in name)
    assert name == name.strip(" .")
    assert cleaned_name(name) == name


@given(st.text(), st.sampled_from(FileKind))
def test_every_name_ends_with_what_the_file_is(given_name: str, kind: FileKind) -> None:
    name = truthful_name(cleaned_name(given_name), kind)
    assert name.lower().endswith(EXTENSIONS[kind])
    assert len(name) <= LONGEST
    assert len(name.encode()) <= LONGEST_BYTES
    assert truthful_name(name, kind) == name


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("photo.JPEG", FileKind.JPEG, "photo.JPEG"),
        ("photo.png", FileKind.JPEG, "photo.png.jpg"),
        ("invoice.pdf.exe", FileKind.PDF, "invoice.pdf.exe.pdf"),
        ("attachment", FileKind.MP3, "attachment.mp3"),
        ("data.csv", FileKind.TEXT, "data.csv.txt"),
    ],
)
def test_what_a_name_claimed_before_stays_in_sight(name: str, kind: FileKind, shown: str) -> None:
    assert truthful_name(name, kind) == shown


def test_a_long_name_keeps_its_endings() -> None:
    assert truthful_name(cleaned_name("ط" * 300 + ".exe"), FileKind.PDF).endswith("ط.exe.pdf")
    assert cleaned_name("a" * 5000 + ".pdf")[-1] == "a"
