"""What a routing rule may ask of a ticket, how it is read and when it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hub.routing.errors import BrokenRouting
from hub.vocabulary import Channel, Kind, Priority
from tenants.languages import Text

Place = tuple[str | int, ...]
Value = str | bool
MOST_SHOWN = 12

KINDS: Mapping[Value, Text] = {
    Kind.COMPLAINT: Text(ar="شكوى", en="complaint"),
    Kind.INQUIRY: Text(ar="استفسار", en="inquiry"),
    Kind.REQUEST: Text(ar="طلب", en="request"),
    Kind.SUGGESTION: Text(ar="اقتراح", en="suggestion"),
    Kind.COMPLIMENT: Text(ar="إشادة", en="compliment"),
}
PRIORITIES: Mapping[Value, Text] = {
    Priority.LOW: Text(ar="منخفضة", en="low"),
    Priority.NORMAL: Text(ar="عادية", en="normal"),
    Priority.HIGH: Text(ar="مرتفعة", en="high"),
    Priority.URGENT: Text(ar="عاجلة", en="urgent"),
}
CHANNELS: Mapping[Value, Text] = {
    Channel.PHONE: Text(ar="الهاتف", en="phone"),
    Channel.WEB: Text(ar="الموقع الإلكتروني", en="web"),
    Channel.MOBILE: Text(ar="تطبيق الهاتف", en="mobile"),
    Channel.EMAIL: Text(ar="البريد الإلكتروني", en="e-mail"),
    Channel.SMS: Text(ar="رسالة نصية", en="SMS"),
    Channel.CHAT: Text(ar="المحادثة", en="chat"),
    Channel.SOCIAL: Text(ar="وسائل التواصل", en="social media"),
    Channel.COUNTER: Text(ar="شباك الخدمة", en="counter"),
    Channel.LETTER: Text(ar="خطاب", en="letter"),
    Channel.STAFF: Text(ar="موظف", en="staff"),
    Channel.INTEGRATION: Text(ar="نظام مرتبط", en="connected system"),
    Channel.UNKNOWN: Text(ar="غير معروفة", en="unknown"),
}
YES_OR_NO: Mapping[Value, Text] = {True: Text(ar="نعم", en="yes"), False: Text(ar="لا", en="no")}

LABELS = {
    "service": Text(ar="الخدمة", en="service"),
    "governorate": Text(ar="المحافظة", en="governorate"),
    "district": Text(ar="المدينة أو الحي", en="district"),
    "kind": Text(ar="نوع الحالة", en="kind"),
    "priority": Text(ar="الأولوية", en="priority"),
    "channel": Text(ar="قناة الورود", en="channel"),
}


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question of a service's form; `options` is None when its answers cannot be listed."""

    label: Text
    options: Mapping[Value, Text] | None


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service of the tenant, the questions of its form by name, and the team it belongs to, if any."""

    name: Text
    questions: Mapping[str, KnownQuestion] = field(default_factory=dict)
    team: str | None = None


@dataclass(frozen=True, slots=True)
class KnownDistrict:
    """A district and the governorate that it lies in."""

    name: Text
    governorate: str


@dataclass(frozen=True, slots=True)
class Known:
    """All that a tenant's rules may speak of, by code.

    Places are checked against `governorates` and `districts` only where the hub has a list of them.
    """

    services: Mapping[str, KnownService]
    teams: Mapping[str, Text]
    governorates: Mapping[str, Text] | None = None
    districts: Mapping[str, KnownDistrict] | None = None


@dataclass(frozen=True, slots=True)
class RoutingFacts:
    """What is known of a ticket when a team is chosen for it. Answers are as the form checked them."""

    service: str
    kind: Kind
    priority: Priority
    channel: Channel
    governorate: str | None = None
    district: str | None = None
    answers: Mapping[str, object] = field(default_factory=dict)


class Part(StrEnum):
    """What part of a ticket a demand looks at: the keys of `when`."""

    SERVICE = "service"
    GOVERNORATE = "governorate"
    DISTRICT = "district"
    KIND = "kind"
    PRIORITY = "priority"
    CHANNEL = "channel"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand of a condition: this fact of the ticket is any of these values."""

    part: Part
    question: str | None
    label: Text
    any_of: Mapping[Value, Text]

    @property
    def key(self) -> str:
        """The demand's place in the condition: `district`, `answers.hazard`."""
        return self.part.value if self.question is None else f"{self.part.value}.{self.question}"

    def met_by(self, facts: RoutingFacts) -> list[Value]:
        """Those of the ticket's values that meet the demand; none when it fails.

        A question with several choices meets it when any of the choices does.
        """
        fact = facts.answers.get(self.question) if self.question else getattr(facts, self.part.value)
        values = fact if isinstance(fact, list | tuple | set | frozenset) else [fact]
        return [value for value in values if isinstance(value, str | bool) and value in self.any_of]

    def takes_all_of(self, other: Demand) -> bool:
        """True when every ticket that meets `other`, a demand on the same key, meets this one."""
        return other.any_of.keys() <= self.any_of.keys()

    def always_met(self) -> bool:
        """True when no ticket can fail it: it lists every word of a vocabulary that all tickets have."""
        whole = {Part.KIND: KINDS, Part.PRIORITY: PRIORITIES, Part.CHANNEL: CHANNELS}.get(self.part)
        return whole is not None and self.any_of.keys() >= whole.keys()


@dataclass(frozen=True, slots=True)
class Condition:
    """Demands that must all be met."""

    demands: tuple[Demand, ...]

    def failed_demand(self, facts: RoutingFacts) -> Demand | None:
        """The first demand that the ticket does not meet; None when the condition holds."""
        for demand in self.demands:
            if not demand.met_by(facts):
                return demand
        return None

    def takes_all_of(self, other: Condition) -> bool:
        """True when it can be proved that every ticket `other` takes is taken by this one too."""
        others = {demand.key: demand for demand in other.demands}
        return all(
            demand.key in others and demand.takes_all_of(others[demand.key])
            for demand in self.demands
            if not demand.always_met()
        )


def read_condition(data: object, path: Place, known: Known) -> Condition:
    """Read the `when` of a rule, for `parse_rules`. Raises BrokenRouting with the place and the reason."""
    if not isinstance(data, dict):
        raise BrokenRouting(path, Text(ar="المطلوب مفاتيح بقيمها.", en="Keys with values are expected here."))
    for key in data:
        if key not in list(Part):
            raise BrokenRouting(
                (*path, str(key)),
                Text(ar=f"لا يعرف التوجيه المفتاح «{key}».", en=f"Routing knows no key “{key}”."),
            )
    services = _read_simple(
        Part.SERVICE, data, path, _named((code, service.name) for code, service in known.services.items())
    )
    governorates = _read_simple(
        Part.GOVERNORATE,
        data,
        path,
        None if known.governorates is None else _named(known.governorates.items()),
    )
    districts = _read_simple(
        Part.DISTRICT,
        data,
        path,
        None
        if known.districts is None
        else _named((code, district.name) for code, district in known.districts.items()),
    )
    if governorates and districts and known.districts is not None:
        for code in districts.any_of:
            if known.districts[str(code)].governorate not in governorates.any_of:
                raise BrokenRouting(
                    (*path, "district"),
                    Text(
                        ar=f"«{code}» لا تقع في أي من محافظات القاعدة، فلن تنطبق عليها أبدًا.",
                        en=f"“{code}” lies in none of the rule's governorates, so it could never match.",
                    ),
                )
    demands = [
        services,
        governorates,
        districts,
        _read_simple(Part.KIND, data, path, KINDS),
        _read_simple(Part.PRIORITY, data, path, PRIORITIES),
        _read_simple(Part.CHANNEL, data, path, CHANNELS),
        *_read_answers(data, path, known, services),
    ]
    return Condition(tuple(demand for demand in demands if demand is not None))


def _named(names: Iterable[tuple[str, Text]]) -> Mapping[Value, Text]:
    return dict(names)


def _read_simple(
    part: Part,
    data: dict[object, object],
    path: Place,
    names: Mapping[Value, Text] | None,
) -> Demand | None:
    if part.value not in data:
        return None
    path = (*path, part.value)
    values = _read_values(data[part.value], path)
    lookup: dict[Value, Text] = dict(names or {})
    for value in values:
        if names is None and isinstance(value, str):
            lookup[value] = Text(ar=value, en=value)
        elif isinstance(value, bool) or value not in lookup:
            raise BrokenRouting(path, _unknown(LABELS[part.value], value, lookup))
    return Demand(part, None, LABELS[part.value], {value: lookup[value] for value in values})


def _read_answers(
    data: dict[object, object], path: Place, known: Known, services: Demand | None
) -> Iterable[Demand]:
    if Part.ANSWERS.value not in data:
        return
    path = (*path, Part.ANSWERS.value)
    answers = data[Part.ANSWERS.value]
    if not isinstance(answers, dict) or not answers:
        raise BrokenRouting(
            path, Text(ar="المطلوب أسئلة بإجاباتها.", en="Questions with their answers are expected here.")
        )
    meant = [str(code) for code in services.any_of] if services else list(known.services)
    for question, wanted in answers.items():
        yield _read_answer(str(question), wanted, (*path, str(question)), known, meant, services is not None)


def _read_answer(
    name: str, wanted: object, path: Place, known: Known, meant: list[str], named: bool
) -> Demand:
    """Read the demand on one question; `named` when the rule names the services that must ask it."""
    asked = {
        code: known.services[code].questions[name] for code in meant if name in known.services[code].questions
    }
    silent = [code for code in meant if code not in asked]
    if not asked or (named and silent):
        raise BrokenRouting(
            path,
            Text(
                ar=f"لا يسأل نموذج «{silent[0]}» السؤال «{name}».",
                en=f"The form of “{silent[0]}” does not ask “{name}”.",
            )
            if named
            else Text(ar=f"لا يسأل أي نموذج السؤال «{name}».", en=f"No form asks a question “{name}”."),
        )
    options: dict[Value, Text] = {}
    for question in asked.values():
        if question.options is None:
            raise BrokenRouting(
                path,
                Text(
                    ar=f"لا يمكن التوجيه بالسؤال «{name}» لأن إجابته ليست من خيارات محددة.",
                    en=f"“{name}” cannot be routed on: its answers are not a list of options.",
                ),
            )
        options.update(question.options)
    values = _read_values(wanted, path)
    label = next(iter(asked.values())).label
    for value in values:
        if not any(_is_option(value, question.options) for question in asked.values()):
            raise BrokenRouting(path, _unknown(label, value, options))
    for code, question in asked.items():
        if named and not any(_is_option(value, question.options) for value in values):
            raise BrokenRouting(
                path,
                Text(
                    ar=f"ليست أي من هذه القيم خيارًا في نموذج «{code}».",
                    en=f"None of these values is an option in the form of “{code}”.",
                ),
            )
    return Demand(Part.ANSWERS, name, label, {value: options[value] for value in values})


def _is_option(value: Value, options: Mapping[Value, Text] | None) -> bool:
    return value in (options or {})


def _read_values(data: object, path: Place) -> list[Value]:
    values = data if isinstance(data, list) else [data]
    if not values:
        raise BrokenRouting(
            path,
            Text(
                ar="القائمة فارغة، فلن تنطبق القاعدة أبدًا.",
                en="The list is empty, so the rule could never match.",
            ),
        )
    for value in values:
        if not isinstance(value, str | bool):
            raise BrokenRouting(
                path,
                Text(
                    ar="المطلوب قيمة أو قائمة قيم مكتوبة، أو true/false.",
                    en="A value or a list of values is expected: text, or true/false.",
                ),
            )
    return list(dict.fromkeys(values))


def _unknown(label: Text, value: Value, known: Mapping[Value, Text]) -> Text:
    names = [str(name).lower() if isinstance(name, bool) else str(name) for name in known]
    shown = ", ".join(names[:MOST_SHOWN])
    more = ", …" if len(names) > MOST_SHOWN else ""
    return Text(
        ar=f"«{value}» ليست من قيم «{label.ar}» المعروفة: {shown}{more}.",
        en=f"“{value}” is not a known value of “{label.en}”; known are: {shown}{more}.",
    )
