from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from hub.people.actions import Reporter
from hub.tickets.models import Ticket
from hub.tickets.numbers import grouped
from hub.worklists.errors import WrongLimit
from hub.worklists.queries import search_tickets
from hub.worklists.searching import Meant
from tenants.context import CITIZEN, Actor, ActorKind, Context
from tenants.ids import HUB
from tenants.permissions import Permission
from tests.factories.clocks import act
from tests.factories.tickets import open_bill, open_leak, tickets_of
from tests.hub.tickets.refusals import refused
from tests.hub.worklists.making import copy_ticket, ids, moment_after
from tests.world import Agency, World

PIPE = "انكسرت ماسورة المياه أمام المدرسة منذ ٣ أيام"


def found(world: World, typed: str, agency: Agency | None = None) -> list[UUID]:
    with world.as_staff(agency or world.water) as context:
        return ids(search_tickets(context, typed).rows)


@pytest.mark.parametrize(
    "written",
    ["{0}", "{1}", " {0} ", "\u2067{1}\u2069", "{2}"],
    ids=["digits", "grouped", "blanks", "isolated", "Arabic digits"],
)
def test_a_case_number_finds_its_tickets_however_it_is_written(world: World, written: str) -> None:
    opened = open_leak(world)
    open_leak(world)
    arabic = grouped(opened.number).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    with world.as_staff(world.water) as context:
        result = search_tickets(context, written.format(opened.number, grouped(opened.number), arabic))
    assert (result.meant, ids(result.rows)) == (Meant.NUMBER, [opened.ticket_id])


def test_a_case_number_finds_the_tickets_of_the_context_s_tenants_alone(world: World) -> None:
    opened = open_leak(world)
    act(world, "transfer", opened, tenant="tax", service="bill", reason="لهم")
    first, second = tickets_of(world, opened)
    assert found(world, opened.number) == [first.id]
    assert found(world, opened.number, world.tax) == [second.id]
    with world.as_system(world.water, world.tax) as context:
        assert ids(search_tickets(context, opened.number).rows) == [second.id, first.id]
    other = open_leak(world, world.tax)
    assert found(world, other.number) == []


@pytest.mark.parametrize("typed", ["01001234567", "+20 100 123 4567", "٠١٠٠١٢٣٤٥٦٧", "0020-100-123-4567"])
def test_a_phone_number_finds_the_tickets_that_show_who_has_it(world: World, typed: str) -> None:
    first = open_leak(world)
    world.clock.advance(timedelta(minutes=1))
    second = open_bill(world, reporter=Reporter(phone="+201001234567", phone_verified=True))
    open_leak(world, reporter=Reporter(phone="01007654321"))
    open_leak(world, world.tax)
    with world.as_staff(world.water) as context:
        result = search_tickets(context, typed)
    assert (result.meant, ids(result.rows)) == (Meant.PHONE, [second.ticket_id, first.ticket_id])


def test_a_phone_number_never_finds_a_confidential_ticket(world: World) -> None:
    reporter = Reporter(name="كناري", phone="01001234567")
    hidden = open_leak(world, confidential=True, reporter=reporter)
    shown = open_leak(world, reporter=reporter)
    open_leak(world, world.tax, confidential=True, reporter=reporter)
    assert found(world, "01001234567") == [shown.ticket_id]
    assert found(world, "01001234567", world.tax) == []
    # It is found as any other by what was said.
    assert set(found(world, "المدرسة")) == {hidden.ticket_id, shown.ticket_id}


def test_a_number_that_nobody_has_may_still_be_a_word(world: World) -> None:
    opened = open_leak(world, description="العداد رقم ٠١٠٠٩٩٩٨٨٧٧ معطل")
    with world.as_staff(world.water) as context:
        result = search_tickets(context, "01009998877")
    assert (result.meant, ids(result.rows)) == (Meant.WORDS, [opened.ticket_id])


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        (PIPE, "ماسورة"),
        (PIPE, "المدرسه"),
        (PIPE, "مدرسة المياه"),
        (PIPE, "بالمدرسة والمياه"),
        (PIPE, "للمياه"),
        (PIPE, "مـــاســورة"),
        (PIPE, "مَاسُورَة"),
        (PIPE, "3 ايام"),
        (PIPE, "مدر"),
        (PIPE, "المدر"),
        (PIPE, "المي"),
        (PIPE, "ماسورة ﻣﻴﺎﻩ"),
        ("إلى المسئول عن شئون الأحياء", "مسؤول شؤون احياء"),
        ("البالوعة مسدودة", "بالوعة"),
        ("بالوعة مسدودة", "البالوعة"),
        ("مستشفى قصر العيني", "مستشفي العينى"),
        ("طلب في وزارة الصحة", "وبالوزارة"),
        ("کسر در خیابان", "كسر خيابان"),
        ("Broken PIPE at the Café, No. 12b", "cafe broken"),
        ("Broken PIPE at the Café, No. 12b", "no 12b pip"),
        ("O'Neil's \"gate\" & <fence>", "o'neil gate"),
        ("a\\b:c*d|e!f(g)", "a b c d e f g"),
        ("سعر الوحدة ١٬٢٠٠ جنيه", "1 200 جنيه"),
        ("شكوى،بلا؛فواصل؟", "شكوى بلا فواصل"),
        ("x" * 300, "x" * 120),
    ],
)
def test_words_are_found_however_they_are_spelt(world: World, written: str, typed: str) -> None:
    opened = open_leak(world, description=written)
    open_leak(world, description="شيء آخر تمامًا", subject="Another thing")
    with world.as_staff(world.water) as context:
        result = search_tickets(context, typed)
    assert (result.meant, ids(result.rows)) == (Meant.WORDS, [opened.ticket_id])


@pytest.mark.parametrize(
    "typed",
    ["ماسورة غاز", "اسورة", "ماسور مياه", "ماسورةمياه", "لله", "", " ", "ـ", "؟!", "\u200f", "\0", "في"],
)
def test_what_not_every_word_of_stands_there_finds_nothing(world: World, typed: str) -> None:
    open_leak(world, description=PIPE)
    with world.as_staff(world.water) as context:
        result = search_tickets(context, typed)
    assert (result.meant, result.rows) == (Meant.WORDS, ())


def test_the_subject_is_searched_too(world: World) -> None:
    opened = open_leak(world, subject="حفرة في الطريق", description=PIPE)
    open_leak(world, description=PIPE)
    assert found(world, "حفره مياه") == [opened.ticket_id]


def test_the_newest_are_found_first_and_no_more_than_asked_for(world: World) -> None:
    opened = open_leak(world, description=PIPE)
    with world.as_system(world.water) as context:
        copies = [
            copy_ticket(context, opened.ticket_id, opened_at=moment_after(context, -minutes))
            for minutes in (5, 3, 9)
        ]
    in_order = [opened.ticket_id, copies[1], copies[0], copies[2]]
    with world.as_staff(world.water) as context:
        for most in (1, 2, 4, 100):
            assert ids(search_tickets(context, "ماسورة", limit=most).rows) == in_order[:most]
        for limit in (0, 101):
            with refused(WrongLimit, "limit"):
                search_tickets(context, "ماسورة", limit=limit)


def test_old_tickets_are_found_behind_many_newer_ones_and_among_those_of_others(world: World) -> None:
    rare = {
        agency.id: open_leak(world, agency, description="كابل مكشوف").ticket_id
        for agency in (world.water, world.tax)
    }
    world.clock.advance(timedelta(days=1))
    with world.as_system(world.water, world.tax) as context:
        for agency in (world.water, world.tax):
            context.session.execute(
                text(
                    "INSERT INTO tickets SELECT (jsonb_populate_record(t, jsonb_build_object('id',"
                    " gen_random_uuid(), 'description', 'زحام', 'opened_at', t.opened_at + n * interval '1 second'))).*"
                    " FROM tickets t, generate_series(1, 1600) n WHERE t.tenant_id = :tenant AND t.id = :id"
                ),
                {"tenant": agency.id, "id": rare[agency.id]},
            )
        assert set(ids(search_tickets(context, "مكشوف").rows)) == set(rare.values())
        frequent = search_tickets(context, "زحام", limit=30).rows
        assert len(frequent) == 30
        assert [row.opened_at for row in frequent] == sorted(
            (row.opened_at for row in frequent), reverse=True
        )
        assert {row.opened_at for row in frequent} == {
            frequent[0].opened_at - timedelta(seconds=n) for n in range(15)
        }
        assert len(search_tickets(context, "كسر كابل مكشوف").rows) == 0
    with world.as_staff(world.water) as context:
        assert ids(search_tickets(context, "كابل").rows) == [rare[world.water.id]]
        # Sixteen hundred have it: some of the newest are found without the index, the rest by it.
        assert len(search_tickets(context, "زحام", limit=100).rows) == 100


def test_one_tenant_s_words_are_never_found_by_another(world: World) -> None:
    mine, other = open_leak(world, description=PIPE), open_leak(world, world.tax, description=PIPE)
    assert found(world, "ماسورة") == [mine.ticket_id]
    assert found(world, "ماسورة", world.tax) == [other.ticket_id]
    with world.as_system(world.water, world.tax) as context:
        both = {mine.ticket_id, other.ticket_id}
        assert set(ids(search_tickets(context, "ماسورة").rows)) == both
    with world.as_system() as context:
        assert context.tenants == {HUB}
        assert search_tickets(context, "ماسورة").rows == ()


def test_nobody_finds_what_they_may_not_read(world: World) -> None:
    opened = open_leak(world, description=PIPE)
    all_but = {world.water.id: frozenset(Permission) - {Permission.TICKETS_READ}}
    blind = Actor(ActorKind.STAFF, world.water["lead"].id, all_but)
    key = Actor(ActorKind.API_KEY, None, {world.water.id: frozenset({Permission.TICKETS_READ})})
    for actor, case_id, rows in (
        (blind, None, []),
        (CITIZEN, opened.case_id, []),
        (key, None, [opened.ticket_id]),
        (world.water["field"], None, [opened.ticket_id]),
        (world.water["field"], opened.case_id, [opened.ticket_id]),
        (world.water["field"], open_leak(world, description="غيرها").case_id, []),
    ):
        for typed in ("ماسورة", opened.number, "01001234567" if case_id is None else "مياه"):
            with world.database.unit_of_work(
                actor=actor, tenants=(world.water.id,), case_id=case_id, clock=world.clock
            ) as context:
                result = search_tickets(context, typed)
                assert (opened.ticket_id in ids(result.rows)) == bool(rows), typed


def test_a_text_that_is_changed_is_found_by_its_new_words_alone(world: World) -> None:
    opened = open_leak(world, description=PIPE)
    with world.as_system(world.water) as context:
        of_it = (Ticket.tenant_id == world.water.id, Ticket.id == opened.ticket_id)
        context.session.execute(update(Ticket).where(*of_it).values(description="؟"))
        context.session.execute(update(Ticket).where(*of_it).values(subject="حفرة"))
    assert found(world, "ماسورة") == []
    assert found(world, "حفرة") == [opened.ticket_id]
    # A context bound to the case may do it as well.
    with world.as_citizen(opened.case_id) as context:
        context.session.execute(update(Ticket).where(*of_it).values(description="مطب"))
        context.session.execute(
            update(Ticket).where(*of_it).values(opened_at=world.clock.moment - timedelta(days=9))
        )
    assert found(world, "حفرة مطب") == [opened.ticket_id]


def test_a_ticket_handed_on_is_found_in_both_tenants(world: World) -> None:
    opened = open_leak(world, description=PIPE)
    act(world, "transfer", opened, tenant="tax", service="bill", reason="لهم")
    first, second = tickets_of(world, opened)
    assert (found(world, "ماسورة"), found(world, "ماسورة", world.tax)) == ([first.id], [second.id])


def test_no_search_stays_open_behind_it(world: World) -> None:
    open_leak(world, description=PIPE)
    with world.as_staff(world.water) as context:
        for typed in ("ماسورة", "غاز"):
            search_tickets(context, typed)
            assert _words_shown(context) == 0


def _words_shown(context: Context) -> int:
    count: int = context.session.execute(
        text("SELECT count(*) FROM ticket_words WHERE tenant_id = ANY (:tenants)"),
        {"tenants": sorted(context.tenants)},
    ).scalar_one()
    return count


HOSTILE = [
    "\0",
    "\ud800",
    "a" * 10_000,
    "ا " * 5_000,
    "'",
    "''",
    "\\",
    "\\'",
    "' | !x & (",
    "x:*",
    "x:ABCD",
    "~x",
    "<->",
    "a <-> b",
    "!!a",
    "((((",
    "a\u202eb",
    "%_%",
    "$1",
    "%(tenants)s",
    "{}",
    "'); DROP TABLE tickets; --",
    "\U0001f6b0",
    "\u0300" * 300,
    "ﷺ" * 200,
    "١" * 200,
    "+" * 30,
    "-",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_no_text_is_an_error(world: World, typed: str) -> None:
    opened = open_leak(world, description=PIPE)
    with world.as_staff(world.water) as context:
        assert opened.ticket_id not in ids(search_tickets(context, typed).rows)
    assert found(world, "ماسورة") == [opened.ticket_id]


def test_no_text_of_any_kind_is_an_error_whether_written_or_typed(world: World) -> None:
    opened = open_leak(world)

    @settings(max_examples=150, deadline=None)
    @given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200))
    def check(said: str) -> None:
        with world.as_system(world.water) as context:
            context.session.execute(
                update(Ticket)
                .where(Ticket.tenant_id == world.water.id, Ticket.id == opened.ticket_id)
                .values(description=said, subject="")
            )
            words = context.session.execute(text("SELECT search_text(:said, 3)"), {"said": said}).scalar_one()
            # At most so many words are looked for: a text is found by itself, and by nothing that is no word.
            rows = ids(search_tickets(context, said).rows)
            assert rows == ([opened.ticket_id] if words.strip() else [])

    check()


def test_a_space_of_another_script_is_a_space(world: World) -> None:
    opened = open_leak(world, description="حفرة\u1680عميقة")
    assert found(world, "عميقة") == [opened.ticket_id]
    assert found(world, "\u1680") == []


def test_longer_words_and_texts_than_any_are_kept_by_their_beginning(world: World) -> None:
    long = "حفرة " + "ب" * 3000 + " " + "كلمة " * 900
    opened = open_leak(world, description=long)
    assert found(world, "حفرة " + "ب" * 100) == [opened.ticket_id]
