"""Which team a ticket goes to, and what it is told about why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.routing.errors import BrokenRouting
from hub.routing.rules import Outcome, RoutingFacts, RuleSet, parse_rules
from hub.vocabulary import Channel, Kind, Priority
from tests.hub.routing.known import KNOWN, catch_all, facts, rule


def rules(*entries: dict[str, Any]) -> RuleSet:
    return parse_rules([*entries, catch_all()], KNOWN)


def test_the_first_rule_that_matches_decides() -> None:
    both = rules(rule({"priority": "urgent"}, "crews"), rule({"service": "bill"}, "laboratory"))

    assert both.route(facts(service="bill", priority=Priority.URGENT)).team == "crews"
    assert both.route(facts(service="bill")).team == "laboratory"


def test_all_demands_of_a_rule_must_be_met() -> None:
    one = rules(rule({"service": "leak", "governorate": "cairo"}))

    assert one.route(facts(governorate="cairo")).team == "crews"
    assert one.route(facts(governorate="giza")).team == "office"
    assert one.route(facts(service="bill", governorate="cairo")).team == "office"


def test_a_list_means_any_of() -> None:
    one = rules(rule({"district": ["cairo-maadi", "giza-dokki"]}))

    assert {one.route(facts(district=code)).team for code in ("cairo-maadi", "giza-dokki")} == {"crews"}
    assert one.route(facts(district="giza-imbaba")).team == "office"


def test_a_ticket_without_a_place_fails_a_demand_on_the_place() -> None:
    assert rules(rule({"governorate": "cairo"})).route(facts()).team == "office"


def test_yes_and_no_are_answers_of_their_own_and_no_is_not_silence() -> None:
    no = rules(rule({"service": "leak", "answers": {"hazard": False}}))

    assert no.route(facts(answers={"hazard": False})).team == "crews"
    assert no.route(facts(answers={"hazard": True})).team == "office"
    assert no.route(facts()).team == "office"


def test_the_number_one_is_not_yes() -> None:
    yes = rules(rule({"service": "leak", "answers": {"hazard": True}}))

    assert yes.route(facts(answers={"hazard": 1})).team == "office"


def test_one_of_several_choices_is_enough() -> None:
    smell = rules(rule({"service": "quality", "answers": {"changes": "smell"}}))

    assert smell.route(facts(service="quality", answers={"changes": ["colour", "smell"]})).team == "crews"
    assert smell.route(facts(service="quality", answers={"changes": ["colour"]})).team == "laboratory"


def test_answers_of_any_shape_route_somewhere() -> None:
    one = rules(rule({"service": "leak", "answers": {"source": "pipe"}}))

    odd_answers: tuple[object, ...] = (None, {"latitude": 30.0}, [{"a": 1}], [[]], 3.5)
    for odd in odd_answers:
        assert one.route(facts(answers={"source": odd})).team == "office"


def test_what_no_rule_takes_goes_to_the_services_own_team_and_else_to_the_catch_all() -> None:
    one = rules(rule({"priority": "urgent"}))

    own, everything_else = one.route(facts(service="quality")), one.route(facts(service="bill"))

    assert (own.team, own.position, own.rule_name.en) == ("laboratory", 2, "The service's own team")
    assert (everything_else.team, everything_else.position) == ("office", 2)
    assert everything_else.reason.ar == "لم تنطبق أي قاعدة، فأخذها الفريق المخصص لكل ما عدا ذلك."


def test_the_reason_names_the_rule_and_the_values_in_both_languages() -> None:
    routed = rules(
        rule({"priority": "urgent"}),
        rule(
            {"service": "leak", "governorate": ["cairo", "giza"], "answers": {"hazard": True}}, name="Danger"
        ),
    ).route(facts(governorate="giza", answers={"hazard": True}))

    assert (routed.position, routed.rule_name.en) == (2, "Danger")
    assert routed.reason.en == (
        "Rule 2 “Danger” matched (service: Leak; governorate: Giza; Is there danger?: yes)."
    )
    assert routed.reason.ar == (
        "انطبقت القاعدة 2 «قاعدة» "
        "(الخدمة: Leak بالعربية؛ المحافظة: Giza بالعربية؛ Is there danger? بالعربية: نعم)."
    )


def test_explaining_says_of_each_rule_what_became_of_it() -> None:
    tried = rules(
        rule({"priority": ["high", "urgent"]}, name="first"),
        rule({"service": "leak"}, name="second"),
        rule({"kind": "complaint", "channel": "web"}, name="third"),
        rule({"service": "quality", "answers": {"changes": "smell"}}, name="fourth"),
    ).explain(facts())

    assert [(one.position, one.outcome, one.failed_on) for one in tried] == [
        (1, Outcome.FAILED, "priority"),
        (2, Outcome.TOOK_IT, None),
        (3, Outcome.CAME_TOO_LATE, None),
        (4, Outcome.FAILED, "service"),
        (5, Outcome.CAME_TOO_LATE, None),
    ]
    assert tried[0].reason.en == "Did not match: “priority” would have to be high, urgent."
    assert tried[2].reason.en == "Would have matched, but rule 2 came first."


def test_explaining_names_the_question_that_a_rule_failed_on() -> None:
    (tried, end) = rules(rule({"service": "leak", "answers": {"source": "meter"}})).explain(
        facts(answers={"source": "pipe"})
    )

    assert tried.failed_on == "answers.source"
    assert (end.team, end.outcome) == ("office", Outcome.TOOK_IT)


# --- properties: against a reference that reads the written rules naively -------------------------------

_SERVICES = st.sampled_from(sorted(KNOWN.services))
_TEAMS = st.sampled_from(sorted(KNOWN.teams))


def _some(values: list[Any]) -> st.SearchStrategy[Any]:
    """A single value, or a list of several."""
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values), min_size=1, max_size=3))


_WHEN = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "service": _some(sorted(KNOWN.services)),
            "governorate": _some(["cairo", "giza"]),
            "kind": _some([kind.value for kind in Kind]),
            "priority": _some([priority.value for priority in Priority]),
            "channel": _some([channel.value for channel in Channel]),
            "answers": st.fixed_dictionaries({"hazard": st.booleans()}),
        },
    ),
    st.fixed_dictionaries(
        {"service": st.just("leak"), "answers": st.fixed_dictionaries({"source": _some(["pipe", "meter"])})}
    ),
    st.fixed_dictionaries({"district": _some(["cairo-maadi", "giza-dokki"])}),
)
_RULES = st.lists(st.builds(rule, _WHEN, _TEAMS), max_size=6)
_FACTS = st.builds(
    RoutingFacts,
    service=_SERVICES,
    kind=st.sampled_from(Kind),
    priority=st.sampled_from(Priority),
    channel=st.sampled_from(Channel),
    governorate=st.sampled_from([None, "cairo", "giza", "elsewhere"]),
    district=st.sampled_from([None, "cairo-maadi", "giza-dokki"]),
    answers=st.fixed_dictionaries(
        {},
        optional={
            "hazard": st.booleans(),
            "source": st.sampled_from(["pipe", "meter"]),
            "changes": st.lists(st.sampled_from(["colour", "smell"]), max_size=2),
        },
    ),
)


def _kept(written: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], RuleSet]:
    """The written rules without those that are refused, and what they are read as."""
    kept: list[dict[str, Any]] = []
    for entry in written:
        try:
            parse_rules([*kept, entry, catch_all()], KNOWN)
        except BrokenRouting:
            continue
        kept.append(entry)
    return kept, parse_rules([*kept, catch_all()], KNOWN)


def _holds_naively(when: dict[str, Any], ticket: RoutingFacts) -> bool:
    for key, wanted in when.items():
        if key == "answers":
            if not all(
                ticket.answers.get(question) in (value if isinstance(value, list) else [value])
                for question, value in wanted.items()
            ):
                return False
        elif getattr(ticket, key) not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


@given(_RULES, _FACTS)
def test_every_ticket_goes_where_a_naive_reading_of_the_rules_sends_it(
    written: list[dict[str, Any]], ticket: RoutingFacts
) -> None:
    kept, read = _kept(written)
    matching = [index for index, entry in enumerate(kept) if _holds_naively(entry["when"], ticket)]

    routed = read.route(ticket)

    if matching:
        assert (routed.position, routed.team) == (matching[0] + 1, kept[matching[0]]["team"])
    else:
        own = KNOWN.services[ticket.service].team
        assert (routed.position, routed.team) == (len(kept) + 1, own or "office")


@given(_RULES, _FACTS)
def test_explaining_and_routing_agree(written: list[dict[str, Any]], ticket: RoutingFacts) -> None:
    kept, read = _kept(written)
    tried, routed = read.explain(ticket), read.route(ticket)

    (took_it,) = [one for one in tried if one.outcome is Outcome.TOOK_IT]
    assert (took_it.position, took_it.team, took_it.reason) == (routed.position, routed.team, routed.reason)
    for entry, one in zip(kept, tried, strict=False):
        assert (one.outcome is Outcome.FAILED) == (not _holds_naively(entry["when"], ticket))
        assert (one.failed_on is None) == (one.outcome is not Outcome.FAILED)


@given(_RULES, _FACTS)
def test_a_rule_refused_as_shadowed_would_never_have_taken_a_ticket(
    written: list[dict[str, Any]], ticket: RoutingFacts
) -> None:
    kept: list[dict[str, Any]] = []
    for entry in written:
        try:
            parse_rules([entry, catch_all()], KNOWN)
        except BrokenRouting:
            continue
        try:
            parse_rules([*kept, entry, catch_all()], KNOWN)
        except BrokenRouting:
            shadowed = _holds_naively(entry["when"], ticket)
            assert not shadowed or any(_holds_naively(earlier["when"], ticket) for earlier in kept)
        else:
            kept.append(entry)


def test_routing_does_not_change_with_the_order_in_which_values_are_written() -> None:
    one = rules(rule({"governorate": ["cairo", "giza"], "service": "leak"}))
    other = rules(rule({"service": "leak", "governorate": ["giza", "cairo"]}))
    ticket = replace(facts(), governorate="giza")

    assert one.route(ticket) == other.route(ticket)
