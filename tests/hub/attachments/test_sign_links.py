from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from hub.attachments.links import FileLink, read_link, write_link

PEPPER = b"p" * 32
LINKS = st.builds(
    FileLink,
    st.uuids(),
    st.uuids(),
    st.datetimes(datetime(2020, 1, 1), datetime(2120, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
        lambda moment: moment.replace(microsecond=0)
    ),
)
LINK = FileLink(UUID(int=1), UUID(int=2), datetime(2026, 11, 22, tzinfo=UTC))


@given(LINKS)
def test_a_link_reads_back_as_it_was_written(link: FileLink) -> None:
    token = write_link(PEPPER, link)
    assert read_link(PEPPER, token) == link
    assert token.isascii()
    assert len(token) == 96


@given(LINKS, st.integers(0, 95), st.sampled_from("ABCXYZabcxyz0189-_"))
def test_a_changed_link_opens_nothing(link: FileLink, place: int, letter: str) -> None:
    token = write_link(PEPPER, link)
    changed = token[:place] + letter + token[place + 1 :]
    assert (read_link(PEPPER, changed) is None) == (changed != token)


@given(st.text() | st.text(alphabet="Aa0-_=+/", min_size=90, max_size=100))
def test_whatever_is_no_link_opens_nothing(token: str) -> None:
    assert read_link(PEPPER, token) is None


def test_a_link_of_another_pepper_opens_nothing() -> None:
    assert read_link(b"q" * 32, write_link(PEPPER, LINK)) is None


def test_a_link_is_written_in_one_way_only() -> None:
    token = write_link(PEPPER, LINK)
    for other in (token + "=", token + "\n", " " + token, token.replace("A", "B", 1)):
        assert read_link(PEPPER, other) is None
