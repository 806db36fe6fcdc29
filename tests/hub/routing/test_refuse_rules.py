"""Rules that are refused when they are saved, with the place and the reason."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.routing.errors import BrokenRouting
from hub.routing.rules import Known, parse_rules
from hub.vocabulary import Channel, Kind
from tenants.languages import Language
from tests.hub.routing.known import KNOWN, catch_all, facts, rule

LEAK = {"service": "leak"}


@pytest.mark.parametrize(
    ("data", "place", "reason"),
    [
        (None, "rules", "A list of rules is expected."),
        ([], "rules", "A list of rules is expected."),
        ([rule(LEAK)] * 501, "rules", "There are more than 500 rules."),
        (["leak", catch_all()], "rules[0]", "Expected here are the keys: name, when, team."),
        ([rule(LEAK)], "rules[0]", "must end with a “catch_all”"),
        ([catch_all(), rule(LEAK)], "rules[0]", "must be the last rule"),
        ([catch_all(), catch_all()], "rules[1]", "more than one “catch_all”"),
        (
            [{"catch_all": "nobody"}],
            "rules[0].catch_all",
            "no team “nobody”; the teams are: crews, laboratory",
        ),
        ([{"catch_all": ["office"]}], "rules[0].catch_all", "There is no team"),
        ([{"catch_all": "office", "when": LEAK}], "rules[0].when", "A rule has no key “when”."),
        ([rule(LEAK) | {"until": "x"}, catch_all()], "rules[0].until", "A rule has no key “until”."),
        (
            [{"name": {"ar": "ا", "en": "a"}, "when": LEAK}, catch_all()],
            "rules[0]",
            "The key “team” is missing.",
        ),
        ([rule(LEAK) | {"name": {"en": "a"}}, catch_all()], "rules[0].name", "The key “ar” is missing."),
        ([rule(LEAK, name=" "), catch_all()], "rules[0].name.en", "A name of 1 to 200 characters"),
        ([rule(LEAK, name="a" * 201), catch_all()], "rules[0].name.en", "A name of 1 to 200 characters"),
        ([rule(LEAK, team="nobody"), catch_all()], "rules[0].team", "There is no team “nobody”"),
        ([rule({}), catch_all()], "rules[0].when", "This rule takes everything"),
        ([rule({"kind": [kind.value for kind in Kind]}), catch_all()], "rules[0].when", "takes everything"),
    ],
)
def test_rules_that_are_no_rules_are_refused(data: Any, place: str, reason: str) -> None:
    with pytest.raises(BrokenRouting) as refused:
        parse_rules(data, KNOWN)

    assert refused.value.field == place
    assert reason in refused.value.reason.en
    assert refused.value.reason.ar in refused.value.sentence(Language.ARABIC)


@pytest.mark.parametrize(
    ("when", "place", "reason"),
    [
        ("leak", "", "Keys with values are expected here."),
        ({"servce": "leak"}, ".servce", "Routing knows no key “servce”."),
        (
            {"service": "flood"},
            ".service",
            "“flood” is not a known value of “service”; known are: leak, quality",
        ),
        ({"service": []}, ".service", "The list is empty"),
        ({"service": [["leak"]]}, ".service", "A value or a list of values is expected"),
        ({"service": 5}, ".service", "A value or a list of values is expected"),
        ({"service": True}, ".service", "is not a known value"),
        ({"governorate": "atlantis"}, ".governorate", "“atlantis” is not a known value"),
        ({"district": "cairo-nowhere"}, ".district", "“cairo-nowhere” is not a known value"),
        (
            {"governorate": "cairo", "district": "giza-dokki"},
            ".district",
            "lies in none of the rule's governorates",
        ),
        ({"kind": "compliant"}, ".kind", "known are: complaint, inquiry"),
        ({"priority": "asap"}, ".priority", "“asap” is not a known value"),
        ({"channel": "pigeon"}, ".channel", "“pigeon” is not a known value"),
        ({"answers": {}}, ".answers", "Questions with their answers are expected"),
        ({"answers": "yes"}, ".answers", "Questions with their answers are expected"),
        ({"answers": {"mood": "good"}}, ".answers.mood", "No form asks a question “mood”."),
        (
            LEAK | {"answers": {"changes": "smell"}},
            ".answers.changes",
            "The form of “leak” does not ask “changes”.",
        ),
        (
            {"service": ["leak", "bill"], "answers": {"hazard": True}},
            ".answers.hazard",
            "The form of “bill” does not ask “hazard”.",
        ),
        (LEAK | {"answers": {"source": "sky"}}, ".answers.source", "“sky” is not a known value of “Source”"),
        (LEAK | {"answers": {"hazard": "yes"}}, ".answers.hazard", "known are: true, false"),
        (LEAK | {"answers": {"since": "today"}}, ".answers.since", "cannot be routed on"),
        (LEAK | {"answers": {"source": []}}, ".answers.source", "The list is empty"),
    ],
)
def test_conditions_on_what_is_not_known_are_refused(when: Any, place: str, reason: str) -> None:
    with pytest.raises(BrokenRouting) as refused:
        parse_rules([rule(LEAK), rule(when), catch_all()], KNOWN)

    assert refused.value.field == f"rules[1].when{place}"
    assert reason in refused.value.reason.en


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (LEAK, LEAK),
        (LEAK, {"service": "leak", "priority": "urgent"}),
        ({"service": ["leak", "bill"]}, {"service": "bill"}),
        ({"priority": ["high", "urgent"]}, {"priority": "urgent", "channel": "phone"}),
        (
            LEAK | {"answers": {"source": ["pipe", "meter"]}},
            LEAK | {"answers": {"source": "pipe", "hazard": True}},
        ),
        (LEAK | {"channel": [channel.value for channel in Channel]}, {"service": "leak", "kind": "request"}),
    ],
)
def test_a_rule_that_an_earlier_one_leaves_nothing_is_refused(
    earlier: dict[str, Any], later: dict[str, Any]
) -> None:
    with pytest.raises(BrokenRouting) as refused:
        parse_rules([rule(earlier, name="the first"), rule(later), catch_all()], KNOWN)

    assert refused.value.path == (1,)
    assert "rule 1 “the first” comes before it" in refused.value.reason.en


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"service": "leak", "priority": "urgent"}, LEAK),
        ({"service": "bill"}, {"service": ["leak", "bill"]}),
        ({"governorate": "giza"}, {"district": "giza-dokki"}),
        (LEAK | {"answers": {"hazard": True}}, LEAK | {"answers": {"hazard": False}}),
    ],
)
def test_a_rule_that_keeps_something_for_itself_is_taken(
    earlier: dict[str, Any], later: dict[str, Any]
) -> None:
    assert len(parse_rules([rule(earlier), rule(later), catch_all()], KNOWN).rules) == 2


def test_places_are_taken_as_written_where_the_hub_has_no_list_of_them() -> None:
    known = Known(services=KNOWN.services, teams=KNOWN.teams)
    rules = parse_rules([rule({"district": "Brooklyn", "governorate": "NY"}), catch_all()], known)

    routed = rules.route(facts(district="Brooklyn", governorate="NY"))

    assert routed.team == "crews"
    assert "district: Brooklyn" in routed.reason.en


def test_a_question_asked_by_several_forms_takes_the_options_of_all_of_them() -> None:
    read = parse_rules([rule({"answers": {"hazard": True}}), catch_all()], KNOWN)

    assert {
        read.route(facts(service=code, answers={"hazard": True})).team for code in ("leak", "quality")
    } == {"crews"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "when", "team", "catch_all", "service", "answers", "ar", "en", "hazard"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_anything_at_all_is_either_read_or_refused(data: Any) -> None:
    try:
        sentence = parse_rules(data, KNOWN).route(facts()).reason.ar
    except BrokenRouting as refused:
        sentence = refused.sentence(Language.ARABIC)
    assert sentence
