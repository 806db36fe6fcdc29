"""What somebody has looked at and found right: each entry is an exception to a promise, with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MINE: Final = "(tenant_id = ANY (current_tenants::uuid[]))"
_HUB: Final = "'00000000-0000-7000-8000-000000000019'::uuid"
_THE_HUB_ITSELF: Final = f"({_HUB} = ANY (current_tenants::uuid[]))"
_ANY_CONTEXT: Final = "((cardinality(current_tenants) > 0) OR (current_case IS NOT NULL))"
_BOUND: Final = "(case_id = current_case)"
_CONCERNED: Final = (
    f"(EXISTS ( SELECT 1 FROM case_tenants c WHERE ((c.case_id = {{column}}) AND (c.{_MINE[1:-1]}))))"
)


def _one_case(column: str, or_shown: str = "false") -> tuple[str, ...]:
    same = f"CASE WHEN (current_case IS NULL) THEN true ELSE ({column} = current_case) END"
    return (
        f"RESTRICTIVE SELECT USING ({same} OR {or_shown})",
        f"RESTRICTIVE INSERT CHECK ({same} OR ({column} IS NULL))",
        f"RESTRICTIVE UPDATE USING {same} CHECK {same}",
        f"RESTRICTIVE DELETE USING {same}",
    )


@dataclass(frozen=True, slots=True)
class HubWide:
    """A table fenced by conditions of its own: why, and by exactly which policies."""

    why: str
    policies: tuple[str, ...]


# Schemas beside `public`.
OTHER_SCHEMAS: Final = {
    "pgmq": "the broker's queues: messages of ids, made and emptied by Celery's transport",
}

# Tables without row-level security.
UNFENCED: Final = {
    "alembic_version": "one row: the name of the last migration",
}

# Tables whose rows of the hub's own every tenant may read.
MINE_OR_THE_HUBS: Final = f"({_MINE} OR ((tenant_id = {_HUB}) AND {_ANY_CONTEXT}))"
SHARED: Final = {
    "calendars": "the floor is counted on the hub's calendar",
    "calendar_versions": "the floor is counted on the hub's calendar",
    "service_levels": "the hub's promises are the floor under every tenant's",
    "set_up_stamps": "the stamp of the floor; a stamp says no more than that something was changed",
}

_SHOWN_BY_A_TICKET: Final = (
    f"(EXISTS ( SELECT 1 FROM tickets t WHERE ((t.person_id = people.id) AND (t.{_MINE[1:-1]}))))"
)
_THE_REPORTER: Final = (
    "(EXISTS ( SELECT 1 FROM case_keys k WHERE ((k.person_id = people.id) AND (k.case_id = current_case))))"
)
_ASKED_FOR: Final = "((number)::text = current_number)"
_CASE_CONCERNED: Final = f"((id = current_case) OR {_CONCERNED.format(column='cases.id')}"
_CLOCK_CONCERNED: Final = f"({_BOUND} OR {_CONCERNED.format(column='case_clocks.case_id')})"
_NOT_STAFF: Final = f"({_BOUND} AND (current_actor IS NULL))"

_SAME_CASE: Final = "CASE WHEN (current_case IS NULL) THEN true ELSE (case_id = current_case) END"
_OWN_KEY: Final = "(id = current_key)"
_NAMED_ANSWER: Final = "(name = decode(current_answer, 'hex'::text))"
_NAMED_DRAFT: Final = "((name = decode(current_draft, 'hex'::text)) AND (current_actor IS NULL))"
_NAMED_PROOF: Final = "((name = decode(current_proof, 'hex'::text)) AND (current_actor IS NULL))"
_THE_HUB_WITHOUT_STAFF: Final = f"({_THE_HUB_ITSELF} AND (current_actor IS NULL))"
_COUNTED: Final = "(subject = ANY (current_subjects::bytea[]))"

HUB_WIDE: Final = {
    "across_uses": HubWide(
        "looks across tenants are the hub's own record",
        (
            f"PERMISSIVE SELECT USING {_THE_HUB_ITSELF}",
            f"PERMISSIVE INSERT CHECK {_THE_HUB_ITSELF}",
            "PERMISSIVE UPDATE USING false CHECK false",
        ),
    ),
    "api_keys": HubWide(
        "whoever presents a key holds its random id and has it looked up, before it is known whose it is",
        (
            f"PERMISSIVE SELECT USING ({_MINE} OR {_OWN_KEY})",
            f"PERMISSIVE INSERT CHECK {_MINE}",
            f"PERMISSIVE UPDATE USING {_MINE} CHECK {_MINE}",
        ),
    ),
    "case_clocks": HubWide(
        "the citizen's clock runs on through transfers; the tenants concerned see it",
        (
            f"PERMISSIVE SELECT USING {_CLOCK_CONCERNED}",
            f"PERMISSIVE INSERT CHECK {_CLOCK_CONCERNED}",
            f"PERMISSIVE UPDATE USING {_CLOCK_CONCERNED} CHECK {_CLOCK_CONCERNED}",
            *_one_case("case_id"),
        ),
    ),
    "case_keys": HubWide(
        "who opened a case and what opens it for them; bound to the case, and never for staff",
        (
            f"PERMISSIVE SELECT USING {_NOT_STAFF}",
            # The keys of one record are followed by its id, inside `cases_of_email` alone.
            "PERMISSIVE SELECT USING ((person_id = current_person) AND (current_actor IS NULL)"
            " AND (current_case IS NULL))",
            f"PERMISSIVE INSERT CHECK {_BOUND}",
            f"PERMISSIVE UPDATE USING {_NOT_STAFF} CHECK {_NOT_STAFF}",
        ),
    ),
    "case_tenants": HubWide(
        "whom a case concerns; written only by a context bound to that case",
        (
            f"PERMISSIVE SELECT USING ({_MINE} OR {_BOUND})",
            f"PERMISSIVE INSERT CHECK ({_MINE} AND {_BOUND})",
            "PERMISSIVE UPDATE USING false CHECK false",
            *_one_case("case_id"),
        ),
    ),
    "cases": HubWide(
        "a case belongs to the citizen; the tenants concerned see it, and whoever knows its number finds it",
        (
            f"PERMISSIVE SELECT USING {_CASE_CONCERNED} OR {_ASKED_FOR})",
            f"PERMISSIVE INSERT CHECK {_ANY_CONTEXT}",
            f"PERMISSIVE UPDATE USING {_CASE_CONCERNED}) CHECK {_CASE_CONCERNED})",
            *_one_case("id", _ASKED_FOR),
        ),
    ),
    "drafts": HubWide(
        "unsent reports under digests that only their citizens' own secrets give; only the hub forgets them",
        (
            f"PERMISSIVE SELECT USING ({_NAMED_DRAFT} OR {_THE_HUB_WITHOUT_STAFF})",
            f"PERMISSIVE INSERT CHECK {_NAMED_DRAFT}",
            f"PERMISSIVE UPDATE USING ({_NAMED_DRAFT} OR {_THE_HUB_WITHOUT_STAFF})"
            f" CHECK ({_NAMED_DRAFT} OR {_THE_HUB_WITHOUT_STAFF})",
            f"PERMISSIVE DELETE USING {_THE_HUB_WITHOUT_STAFF}",
        ),
    ),
    "kept_answers": HubWide(
        "answers under digests that only their callers' own keys give; only the hub forgets them",
        (
            f"PERMISSIVE SELECT USING ({_NAMED_ANSWER} OR {_THE_HUB_ITSELF})",
            f"PERMISSIVE INSERT CHECK {_NAMED_ANSWER}",
            f"PERMISSIVE UPDATE USING ({_NAMED_ANSWER} OR {_THE_HUB_ITSELF})"
            f" CHECK ({_NAMED_ANSWER} OR {_THE_HUB_ITSELF})",
            f"PERMISSIVE DELETE USING {_THE_HUB_ITSELF}",
        ),
    ),
    "memberships": HubWide(
        "somebody's own memberships are theirs to see, in whatever tenant they work now",
        (
            f"PERMISSIVE SELECT USING ({_MINE} OR (user_id = current_actor))",
            f"PERMISSIVE INSERT CHECK {_MINE}",
            f"PERMISSIVE UPDATE USING {_MINE} CHECK {_MINE}",
        ),
    ),
    "people": HubWide(
        "people are known hub-wide; a tenant sees those its tickets show, a citizen themselves",
        (
            f"PERMISSIVE SELECT USING ({_SHOWN_BY_A_TICKET} OR {_THE_REPORTER} OR"
            " ((current_contact = (phone)::text) OR (current_contact = (email)::text)))",
            # One record is followed to another by its id, inside `person_behind` and `join_people` alone.
            "PERMISSIVE SELECT USING (id = current_person)",
            "PERMISSIVE UPDATE USING (id = current_person)",
            f"PERMISSIVE INSERT CHECK {_ANY_CONTEXT}",
            f"PERMISSIVE UPDATE USING ({_SHOWN_BY_A_TICKET} OR {_THE_REPORTER})"
            f" CHECK ({_SHOWN_BY_A_TICKET} OR {_THE_REPORTER})",
        ),
    ),
    "proofs": HubWide(
        "codes under digests that only the asking browsers' own secrets give; no staff, and only the hub forgets them",
        (
            f"PERMISSIVE SELECT USING ({_NAMED_PROOF} OR {_THE_HUB_WITHOUT_STAFF})",
            f"PERMISSIVE INSERT CHECK {_NAMED_PROOF}",
            f"PERMISSIVE UPDATE USING ({_NAMED_PROOF} OR {_THE_HUB_WITHOUT_STAFF})"
            f" CHECK ({_NAMED_PROOF} OR {_THE_HUB_WITHOUT_STAFF})",
            f"PERMISSIVE DELETE USING {_THE_HUB_WITHOUT_STAFF}",
        ),
    ),
    "rate_counts": HubWide(
        "counts of use under digests, taken before it is known who asks; only the hub sweeps them",
        (
            f"PERMISSIVE SELECT USING ({_COUNTED} OR {_THE_HUB_ITSELF})",
            f"PERMISSIVE INSERT CHECK {_COUNTED}",
            f"PERMISSIVE UPDATE USING ({_COUNTED} OR {_THE_HUB_ITSELF}) CHECK ({_COUNTED} OR {_THE_HUB_ITSELF})",
            f"PERMISSIVE DELETE USING {_THE_HUB_ITSELF}",
        ),
    ),
    "ticket_words": HubWide(
        "shown only to the search that a ticket answers; in the fence itself, so that the search finds its index",
        (
            f"PERMISSIVE SELECT USING ({_MINE} AND (words @@ current_words) AND {_SAME_CASE})",
            f"PERMISSIVE INSERT CHECK ({_MINE} AND {_SAME_CASE})",
            f"PERMISSIVE UPDATE USING ({_MINE} AND {_SAME_CASE}) CHECK ({_MINE} AND {_SAME_CASE})",
        ),
    ),
    "tenants": HubWide(
        "the list of bodies is public to everybody the hub works for",
        (
            f"PERMISSIVE SELECT USING {_ANY_CONTEXT}",
            f"PERMISSIVE INSERT CHECK {_THE_HUB_ITSELF}",
            f"PERMISSIVE UPDATE USING ({_THE_HUB_ITSELF} OR (id = ANY (current_tenants::uuid[])))"
            f" CHECK ({_THE_HUB_ITSELF} OR (id = ANY (current_tenants::uuid[])))",
        ),
    ),
    "users": HubWide(
        "staff are known hub-wide; a tenant sees its own members, everybody themselves",
        (
            f"PERMISSIVE SELECT USING ({_THE_HUB_ITSELF} OR (id = current_actor)"
            " OR (EXISTS ( SELECT 1 FROM memberships m WHERE (m.user_id = users.id))))",
            f"PERMISSIVE INSERT CHECK {_THE_HUB_ITSELF}",
            f"PERMISSIVE UPDATE USING {_THE_HUB_ITSELF} CHECK {_THE_HUB_ITSELF}",
        ),
    ),
}

# Tables with a case that need no fence of one case.
CASES_BY_OTHER_MEANS: Final = {
    "case_keys": "its policies name the case, but for one record's keys inside `cases_of_email`",
    "ticket_words": "every one of its policies names the case",
}

# Unique indexes that do not begin with the tenant: they tell nothing, or nothing that is not public.
GLOBAL_KEYS: Final = {
    "pk_across_uses": "a random id",
    "pk_case_clocks": "a case's random id",
    "pk_case_keys": "a case's random id",
    "pk_cases": "a random id",
    "pk_drafts": "a digest",
    "pk_kept_answers": "a digest",
    "pk_people": "a random id",
    "pk_proofs": "a digest",
    "pk_rate_counts": "a digest",
    "pk_tenants": "a random id",
    "pk_users": "a random id",
    "uq_api_keys_id": "a random id",
    "uq_cases_number": "random digits",
    "uq_tenants_code": "the list of bodies is public",
    "uq_users_user_name": "only the hub makes users, and it may know them all",
}

# Foreign keys that do not begin with the tenant: they lead to hub-wide tables, fenced by concern.
GLOBAL_REFERENCES: Final = {
    "fk_case_clocks_case_id": "a case's clock belongs to no tenant",
    "fk_case_keys_case_id": "a case's key belongs to no tenant",
    "fk_case_keys_person_id": "who opened a case is no tenant's",
    "fk_case_tenants_case_id": "the tenant's way to a case; writing it needs a context bound to the case",
    "fk_memberships_user_id": "staff are known hub-wide; a membership is what makes them a tenant's",
    "fk_people_joined_to": "people are known hub-wide",
    "fk_tickets_person_id": "people are known hub-wide; opening and handing on alone write it",
}

# Tables that take new rows and nothing else.
APPEND_ONLY: Final = {
    "across_uses": "a record",
    "calendar_versions": "old deadlines are explained by them",
    "form_versions": "old answers are read by them",
    "journal": "the record",
    "journal_seals": "what shows tampering with the record",
    "routing_rules": "old routing is explained by them",
    "ticket_entries": "what was said was said",
}

# Tables that the processes may delete from.
DELETED_FROM: Final = {
    "drafts": "unsent reports are kept for a week",
    "jobs": "a job's row goes with the work",
    "kept_answers": "answers are kept for a day",
    "kept_promises": "days that no page shows any more; whatever is in them is made of tickets",
    "key_attempts": "guesses at PINs are forgotten in time",
    "proofs": "codes that are over",
    "rate_counts": "counts that are over",
    "team_members": "people leave teams; the journal of their work stays",
}

# Where an interface looks after a table of its own.
TABLES_OF_SURFACES: Final = {
    "hub/web/kept_answers.py": "answers are kept in the transaction of what they answer, and are nobody else's",
}

# Columns that figures are made of.
FIGURES: Final = {
    "across_uses": ("id", "at", "purpose", "actor_kind", "actor_id", "tenants"),
    "services": ("tenant_id", "id", "code", "name", "kind"),
    "teams": ("tenant_id", "id", "code", "name"),
    "tenants": (
        "id",
        "code",
        "name",
        "short_name",
        "about",
        "zone",
        "state",
        "silence_days",
        "reopen_days",
        "country",
        "created_at",
    ),
    "ticket_clocks": (
        "tenant_id",
        "id",
        "ticket_id",
        "kind",
        "target",
        "started_at",
        "due_at",
        "paused_at",
        "spent",
        "met_at",
        "stopped_at",
        "breached_at",
    ),
    "tickets": (
        "tenant_id",
        "id",
        "case_id",
        "service_id",
        "team_id",
        "kind",
        "priority",
        "channel",
        "channel_label",
        "status",
        "closure",
        "governorate",
        "district",
        "opened_at",
        "first_response_at",
        "resolved_at",
        "closed_at",
        "reopened",
    ),
}

# Columns that name or describe a person, or what they said: never a figure.
PERSONAL: Final = {
    "api_keys": ("digest", "created_by"),
    "attachments": ("case_id", "name", "uploaded_by", "sha256", "stored_sha256"),
    "case_keys": ("case_id", "person_id", "confidential", "pin_digest", "secret_digest"),
    "drafts": ("name", "sealed"),
    "messages": ("sealed",),
    "people": ("id", "name", "language", "phone", "email", "joined_to"),
    "proofs": ("name", "sealed", "code_digest"),
    "ratings": ("case_id", "comment"),
    "ticket_entries": ("text", "author_id"),
    "tickets": (
        "case_number",
        "person_id",
        "assignee_id",
        "subject",
        "description",
        "answers",
        "carried_answers",
        "latitude",
        "longitude",
        "address",
        "resolution",
        "external_id",
    ),
    "ticket_words": ("case_id", "words"),
    "users": ("id", "user_name", "name"),
    "journal": ("actor_id", "data"),
}
