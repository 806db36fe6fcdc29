"""What must be true between the files of a pack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_OID, UUID, uuid5

from hub.calendars.errors import BrokenCalendar
from hub.calendars.working_time import working_time
from hub.forms.shape import Form, Question, QuestionKind
from hub.onboarding.errors import Problem
from hub.onboarding.pack_parts import (
    CalendarPart,
    ClassPart,
    ServiceLevelPart,
    ServicePart,
    TeamPart,
    TenantPart,
    UserPart,
)
from hub.onboarding.yaml_files import Place, YamlFile
from hub.reference import cities, governorates
from hub.routing.conditions import YES_OR_NO, Value
from hub.routing.rules import Known, KnownDistrict, KnownQuestion, KnownService
from hub.sla.errors import BrokenServiceLevel
from hub.sla.levels import ClockKind, ServiceLevel, choose_level
from hub.vocabulary import Priority
from tenants.languages import Text

_TENANT_ID = uuid5(NAMESPACE_OID, "the tenant of the pack")
_NO_HUB = uuid5(NAMESPACE_OID, "a hub without a floor of its own")


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of a pack, each of which stands for itself."""

    files: Mapping[str, YamlFile]
    tenant: TenantPart
    calendars: tuple[CalendarPart, ...]
    teams: tuple[TeamPart, ...]
    classes: tuple[ClassPart, ...]
    services: tuple[ServicePart, ...]
    forms: Mapping[str, Form]
    service_levels: tuple[ServiceLevelPart, ...]
    users: tuple[UserPart, ...]

    def known_to_routing(self) -> Known:
        """All that the tenant's routing rules may speak of: its own things, and places that it serves."""
        country, served = self.tenant.country, set(self.tenant.serves)
        return Known(
            services={
                service.code: KnownService(
                    service.name,
                    self._questions_of(service),
                    service.team,
                )
                for service in self.services
            },
            teams={team.code: team.name for team in self.teams},
            governorates={
                code: governorate.name
                for code, governorate in governorates(country).items()
                if code in served
            },
            districts={
                code: KnownDistrict(city.name, city.governorate)
                for code, city in cities(country).items()
                if city.governorate in served
            },
        )

    def _questions_of(self, service: ServicePart) -> dict[str, KnownQuestion]:
        form = self.forms.get(service.form or "")
        if form is None:
            return {}
        return {
            question.name: KnownQuestion(question.label, _options(question)) for question in form.questions
        }


_CASE_IS_THE_HUBS = Text(
    ar="موعد الحالة كلها تحدده المنظومة وحدها، لأنه موعد المواطن لدى جميع الجهات.",
    en="Only the hub's own pack sets the target of a whole case: it is the citizen's, across all bodies.",
)
_CASE_OF_NO_SERVICE = Text(
    ar="موعد الحالة كلها لا يخص خدمة بعينها.", en="The target of a whole case belongs to no single service."
)


def problems_between(parts: Parts) -> Iterator[Problem]:
    """Every problem between the files of a pack, routing apart, which checks itself."""
    yield from _codes_twice(parts)
    yield from _tenant(parts)
    yield from _calendars(parts)
    yield from _services(parts)
    yield from _service_levels(parts)
    yield from _users(parts)


def _codes_twice(parts: Parts) -> Iterator[Problem]:
    named: Sequence[tuple[str, str, list[str]]] = (
        ("calendars.yaml", "code", [part.code for part in parts.calendars]),
        ("teams.yaml", "code", [part.code for part in parts.teams]),
        ("classes.yaml", "code", [part.code for part in parts.classes]),
        ("services.yaml", "code", [part.code for part in parts.services]),
        ("users.yaml", "user_name", [part.user_name for part in parts.users]),
    )
    for name, key, codes in named:
        for index, code in enumerate(codes):
            if code in codes[:index]:
                reason = Text(ar=f"«{code}» مكرر في هذا الملف.", en=f"“{code}” is in this file twice.")
                yield parts.files[name].problem((index, key), reason)


def _tenant(parts: Parts) -> Iterator[Problem]:
    known = governorates(parts.tenant.country)
    for index, code in enumerate(parts.tenant.serves):
        if code not in known:
            yield _absent(
                parts, "tenant.yaml", ("governorates", index), ("محافظة", "governorate"), code, known
            )


def _calendars(parts: Parts) -> Iterator[Problem]:
    for index, part in enumerate(parts.calendars):
        try:
            working_time(part.opening_hours, part.holiday_dates, parts.tenant.zone)
        except BrokenCalendar as broken:
            yield parts.files["calendars.yaml"].problem((index, "opening_hours"), _reason_of(broken))


def _services(parts: Parts) -> Iterator[Problem]:
    classes = [part.code for part in parts.classes]
    teams = [part.code for part in parts.teams]
    for index, part in enumerate(parts.services):
        if part.category not in classes:
            yield _absent(
                parts, "services.yaml", (index, "class"), ("تصنيف", "class"), part.category, classes
            )
        if part.team is not None and part.team not in teams:
            yield _absent(parts, "services.yaml", (index, "team"), ("فريق", "team"), part.team, teams)
        if part.form is not None and part.form not in parts.forms:
            yield _absent(parts, "services.yaml", (index, "form"), ("نموذج", "form"), part.form, parts.forms)
    asked_for = {part.form for part in parts.services}
    # A form that is missing under one name and unused under another is one mistake, not two.
    unused = parts.forms.keys() - asked_for if asked_for <= {None, *parts.forms} else ()
    for stem in sorted(unused):
        reason = Text(ar="لا تستخدم أي خدمة هذا النموذج.", en="No service uses this form.")
        yield parts.files[f"forms/{stem}.yaml"].problem((), reason)


def _service_levels(parts: Parts) -> Iterator[Problem]:
    file = parts.files["service_levels.yaml"]
    calendars = [part.code for part in parts.calendars]
    services = [part.code for part in parts.services]
    seen: set[tuple[str | None, Priority | None]] = set()
    levels: list[ServiceLevel] = []
    for index, part in enumerate(parts.service_levels):
        if part.service is not None and part.service not in services:
            yield _absent(parts, file.name, (index, "service"), ("خدمة", "service"), part.service, services)
        if part.calendar not in calendars:
            yield _absent(
                parts, file.name, (index, "calendar"), ("تقويم", "calendar"), part.calendar, calendars
            )
        if (part.service, part.priority) in seen:
            reason = Text(
                ar="يوجد مستوى آخر لهذه الخدمة وهذه الأولوية.",
                en="There is another level for this service and priority.",
            )
            yield file.problem((index,), reason)
        seen.add((part.service, part.priority))
        if part.case is not None and not parts.tenant.is_the_hub:
            yield file.problem((index, "case"), _CASE_IS_THE_HUBS)
        elif part.case is not None and part.service is not None:
            yield file.problem((index, "case"), _CASE_OF_NO_SERVICE)
        try:
            levels.append(_level(part, index))
        except BrokenServiceLevel as broken:
            yield file.problem((index, broken.field or ""), _reason_of(broken))
    if (None, None) not in seen:
        reason = Text(
            ar="ينقص مستوى عام بلا خدمة ولا أولوية.",
            en="A general level, without service and priority, is missing.",
        )
        yield file.problem((), reason)
    elif len(levels) == len(parts.service_levels):
        yield from _services_without_target(parts, levels)


def _services_without_target(parts: Parts, levels: list[ServiceLevel]) -> Iterator[Problem]:
    for index, service in enumerate(parts.services):
        for priority in Priority:
            found = choose_level(
                levels,
                tenant_id=_TENANT_ID,
                service_id=_id("service", service.code),
                priority=priority,
                hub_tenant_id=_NO_HUB,
            )
            missing = [
                kind for kind in (ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION) if found[kind] is None
            ]
            if missing:
                yield parts.files["services.yaml"].problem(
                    (index,),
                    Text(
                        ar=f"لا هدف زمني ({missing[0].value}) لهذه الخدمة عند الأولوية {priority.value}.",
                        en=f"This service has no target ({missing[0].value}) at priority {priority.value}.",
                    ),
                )
                break


def _users(parts: Parts) -> Iterator[Problem]:
    teams = [part.code for part in parts.teams]
    for index, part in enumerate(parts.users):
        for position, team in enumerate(part.teams):
            if team not in teams:
                yield _absent(parts, "users.yaml", (index, "teams", position), ("فريق", "team"), team, teams)


def _level(part: ServiceLevelPart, index: int) -> ServiceLevel:
    return ServiceLevel(
        id=_id("level", str(index)),
        version=1,
        tenant_id=_TENANT_ID,
        service_id=_id("service", part.service) if part.service else None,
        priority=part.priority,
        first_response=part.first_response,
        resolution=part.resolution,
        calendar_id=_id("calendar", part.calendar),
        ladder=part.rungs,
        case=part.case,
    )


def _id(kind: str, code: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"{kind}/{code}")


def _options(question: Question) -> Mapping[Value, Text] | None:
    if question.kind is QuestionKind.YES_NO:
        return YES_OR_NO
    if question.kind in (QuestionKind.CHOICE, QuestionKind.CHOICES):
        return {option.value: option.label for option in question.options}
    return None


def _reason_of(broken: BrokenCalendar | BrokenServiceLevel) -> Text:
    reason = broken.facts["reason"]
    if not isinstance(reason, Text):
        raise TypeError("the refusal states no reason")
    return reason


def _absent(
    parts: Parts, file: str, path: Place, what: tuple[str, str], code: str, known: Iterable[str]
) -> Problem:
    arabic, english = what
    listed = ", ".join(known) or "-"
    return parts.files[file].problem(
        path,
        Text(
            ar=f"لا يوجد {arabic} بالرمز «{code}». المعروف: {listed}.",
            en=f"There is no {english} “{code}”; known are: {listed}.",
        ),
    )
