"""A tenant's ordered routing rules: read, checked and applied; the first that matches decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.routing.conditions import (
    Condition,
    Demand,
    Known,
    KnownDistrict,
    KnownQuestion,
    KnownService,
    RoutingFacts,
    read_condition,
)
from hub.routing.errors import BrokenRouting
from tenants.languages import Text

__all__ = [
    "Known",
    "KnownDistrict",
    "KnownQuestion",
    "KnownService",
    "Outcome",
    "Routed",
    "RoutingFacts",
    "Rule",
    "RuleSet",
    "Tried",
    "parse_rules",
]

MOST_RULES = 500
LONGEST_NAME = 200
OWN_TEAM_NAME = Text(ar="فريق الخدمة", en="The service's own team")
CATCH_ALL_NAME = Text(ar="كل ما عدا ذلك", en="Everything else")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: tickets that meet the condition go to the team."""

    name: Text
    when: Condition
    team: str


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a ticket goes and why. `position` counts from 1; it is past the last rule when none matched."""

    team: str
    rule_name: Text
    position: int
    reason: Text


class Outcome(StrEnum):
    """What became of a rule when a ticket was routed."""

    TOOK_IT = "took_it"
    FAILED = "failed"
    CAME_TOO_LATE = "came_too_late"


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule as a ticket met it: whether it took the ticket, and if not, the key that it failed on."""

    position: int
    name: Text
    team: str
    outcome: Outcome
    failed_on: str | None
    reason: Text


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A tenant's rules in order, and who takes what no rule does: the service's own team, where it has
    one, else the catch-all.
    """

    rules: tuple[Rule, ...]
    catch_all: str
    own_teams: Mapping[str, str]

    def route(self, facts: RoutingFacts) -> Routed:
        """The team for a ticket, with the reason to keep on it. Never fails: the catch-all takes the rest."""
        for position, rule in enumerate(self.rules, start=1):
            if rule.when.failed_demand(facts) is None:
                return Routed(rule.team, rule.name, position, _matched(position, rule, facts))
        return self._otherwise(facts)

    def _otherwise(self, facts: RoutingFacts) -> Routed:
        last = len(self.rules) + 1
        if facts.service in self.own_teams:
            return Routed(self.own_teams[facts.service], OWN_TEAM_NAME, last, _OWN_TEAM_TAKES_IT)
        return Routed(self.catch_all, CATCH_ALL_NAME, last, _NOTHING_ELSE_MATCHED)

    def explain(self, facts: RoutingFacts) -> tuple[Tried, ...]:
        """Every rule in order, with what became of it for this ticket: the one that took it, those that
        failed and on what, and those that would have matched but came later.
        """
        tried: list[Tried] = []
        taken_at: int | None = None
        for position, rule in enumerate(self.rules, start=1):
            failed = rule.when.failed_demand(facts)
            if failed is not None:
                outcome, reason = Outcome.FAILED, _failed(failed)
            elif taken_at is None:
                outcome, reason = Outcome.TOOK_IT, _matched(position, rule, facts)
                taken_at = position
            else:
                outcome, reason = Outcome.CAME_TOO_LATE, _came_too_late(taken_at)
            failed_on = failed.key if failed else None
            tried.append(Tried(position, rule.name, rule.team, outcome, failed_on, reason))
        end = self._otherwise(facts)
        outcome, reason = Outcome.TOOK_IT, end.reason
        if taken_at is not None:
            outcome, reason = Outcome.CAME_TOO_LATE, _came_too_late(taken_at)
        return (*tried, Tried(end.position, end.rule_name, end.team, outcome, None, reason))


def parse_rules(data: object, known: Known) -> RuleSet:
    """Read a tenant's rules as they are written down: a list of `{name, when, team}`, at its end
    `{catch_all: team}`.

    Raises BrokenRouting, with the place and the reason, for anything that is not understood or not
    known, for a rule that an earlier one provably leaves nothing, and for a missing, early or second
    catch-all.
    """
    if not isinstance(data, list) or not data:
        raise BrokenRouting((), Text(ar="المطلوب قائمة قواعد.", en="A list of rules is expected."))
    if len(data) > MOST_RULES:
        raise BrokenRouting(
            (), Text(ar=f"القواعد أكثر من {MOST_RULES}.", en=f"There are more than {MOST_RULES} rules.")
        )
    catch_all = _read_catch_all(data, known)
    rules: list[Rule] = []
    for index, entry in enumerate(data[:-1]):
        rule = _read_rule(entry, index, known)
        _refuse_shadowed(rule, index, rules)
        rules.append(rule)
    own_teams = {code: service.team for code, service in known.services.items() if service.team is not None}
    return RuleSet(tuple(rules), catch_all, own_teams)


def _read_catch_all(data: list[object], known: Known) -> str:
    places = [index for index, entry in enumerate(data) if isinstance(entry, dict) and "catch_all" in entry]
    last = len(data) - 1
    if not places:
        raise BrokenRouting(
            (last,),
            Text(
                ar="لا بد أن تنتهي القواعد بسطر «catch_all» يحدد فريقًا لكل ما عداها.",
                en="The rules must end with a “catch_all” that names a team for everything else.",
            ),
        )
    if len(places) > 1:
        raise BrokenRouting(
            (places[1],), Text(ar="يوجد أكثر من «catch_all» واحد.", en="There is more than one “catch_all”.")
        )
    if places[0] != last:
        raise BrokenRouting(
            (places[0],),
            Text(ar="يجب أن يكون «catch_all» آخر القواعد.", en="The “catch_all” must be the last rule."),
        )
    entry = data[last]
    _expect_keys(entry, ("catch_all",), (last,))
    return _read_team(entry, "catch_all", (last,), known)


def _read_rule(entry: object, index: int, known: Known) -> Rule:
    path = (index,)
    fields = _expect_keys(entry, ("name", "when", "team"), path)
    name = _read_name(fields["name"], (index, "name"))
    when = read_condition(fields["when"], (index, "when"), known)
    if all(demand.always_met() for demand in when.demands):
        raise BrokenRouting(
            (index, "when"),
            Text(
                ar="تنطبق هذه القاعدة على كل شيء، فاكتبها «catch_all» في آخر القواعد.",
                en="This rule takes everything: write it as the “catch_all” at the end.",
            ),
        )
    return Rule(name, when, _read_team(fields, "team", path, known))


def _expect_keys(entry: object, keys: tuple[str, ...], path: tuple[str | int, ...]) -> dict[str, object]:
    if not isinstance(entry, dict):
        listed = ", ".join(keys)
        raise BrokenRouting(
            path, Text(ar=f"المطلوب هنا المفاتيح: {listed}.", en=f"Expected here are the keys: {listed}.")
        )
    for key in entry:
        if key not in keys:
            raise BrokenRouting(
                (*path, str(key)),
                Text(ar=f"لا تعرف القاعدة المفتاح «{key}».", en=f"A rule has no key “{key}”."),
            )
    for key in keys:
        if key not in entry:
            raise BrokenRouting(path, Text(ar=f"ينقص المفتاح «{key}».", en=f"The key “{key}” is missing."))
    return entry


def _read_name(data: object, path: tuple[str | int, ...]) -> Text:
    fields = _expect_keys(data, ("ar", "en"), path)
    for language, words in fields.items():
        if not isinstance(words, str) or not words.strip() or len(words) > LONGEST_NAME:
            raise BrokenRouting(
                (*path, language),
                Text(
                    ar=f"المطلوب اسم من حرف إلى {LONGEST_NAME} حرف.",
                    en=f"A name of 1 to {LONGEST_NAME} characters is expected.",
                ),
            )
    return Text(ar=str(fields["ar"]).strip(), en=str(fields["en"]).strip())


def _read_team(entry: object, key: str, path: tuple[str | int, ...], known: Known) -> str:
    team = entry[key] if isinstance(entry, dict) else None
    if not isinstance(team, str) or team not in known.teams:
        listed = ", ".join(known.teams)
        raise BrokenRouting(
            (*path, key),
            Text(
                ar=f"لا يوجد فريق بالرمز «{team}». الفرق: {listed}.",
                en=f"There is no team “{team}”; the teams are: {listed}.",
            ),
        )
    return team


def _refuse_shadowed(rule: Rule, index: int, earlier: list[Rule]) -> None:
    for position, other in enumerate(earlier, start=1):
        if other.when.takes_all_of(rule.when):
            raise BrokenRouting(
                (index,),
                Text(
                    ar=f"لن تنطبق هذه القاعدة أبدًا، لأن القاعدة {position} «{other.name.ar}» تسبقها "
                    "إلى كل ما تأخذه.",
                    en=f"This rule could never match: rule {position} “{other.name.en}” comes before it and "
                    "takes everything that it would take.",
                ),
            )


_OWN_TEAM_TAKES_IT = Text(
    ar="لم تنطبق أي قاعدة، فأخذها الفريق المسؤول عن الخدمة.",
    en="No rule matched, so the team that the service belongs to takes it.",
)
_NOTHING_ELSE_MATCHED = Text(
    ar="لم تنطبق أي قاعدة، فأخذها الفريق المخصص لكل ما عدا ذلك.",
    en="No rule matched, so the team for everything else takes it.",
)


def _matched(position: int, rule: Rule, facts: RoutingFacts) -> Text:
    met = [(demand, [demand.any_of[value] for value in demand.met_by(facts)]) for demand in rule.when.demands]
    arabic = "؛ ".join(f"{demand.label.ar}: {'، '.join(name.ar for name in names)}" for demand, names in met)
    english = "; ".join(f"{demand.label.en}: {', '.join(name.en for name in names)}" for demand, names in met)
    return Text(
        ar=f"انطبقت القاعدة {position} «{rule.name.ar}» ({arabic}).",
        en=f"Rule {position} “{rule.name.en}” matched ({english}).",
    )


def _failed(demand: Demand) -> Text:
    arabic = "، ".join(name.ar for name in demand.any_of.values())
    english = ", ".join(name.en for name in demand.any_of.values())
    return Text(
        ar=f"لم تنطبق، لأن المطلوب في «{demand.label.ar}»: {arabic}.",
        en=f"Did not match: “{demand.label.en}” would have to be {english}.",
    )


def _came_too_late(taken_at: int) -> Text:
    return Text(
        ar=f"كانت ستنطبق، لكن القاعدة {taken_at} سبقتها.",
        en=f"Would have matched, but rule {taken_at} came first.",
    )
