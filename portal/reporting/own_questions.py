"""What every report is asked beside the questions of its service: what happened, where, files, and about you.

They are forms like those of services, so that they are shown, read and checked in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from hub.forms.definition import read_form
from hub.forms.shape import MOST_FILES, Form, Option
from hub.reference import cities, countries, governorates
from hub.tickets.texts import LONGEST
from hub.vocabulary import Kind
from tenants.languages import Text

DESCRIPTION: Final = "description"
SUBJECT: Final = "subject"
GOVERNORATE: Final = "governorate"
DISTRICT: Final = "district"
ADDRESS: Final = "address"
COORDINATES: Final = ("latitude", "longitude")
FILES: Final = "attachments"
NAME: Final = "name"
PHONE: Final = "phone"
EMAIL: Final = "email"
CONFIDENTIAL: Final = "confidential"

AUTOCOMPLETE: Final[Mapping[str, str]] = {NAME: "name", PHONE: "tel", EMAIL: "email"}
"""What browsers may fill in by themselves."""

WHAT_HAPPENED: Final[Mapping[Kind, Text]] = {
    Kind.COMPLAINT: Text(ar="ما الذي حدث؟", en="What happened?"),
    Kind.INQUIRY: Text(ar="ما الذي تريد أن تعرفه؟", en="What would you like to know?"),
    Kind.REQUEST: Text(ar="ما الذي تحتاج إليه؟", en="What do you need?"),
    Kind.SUGGESTION: Text(ar="ما الذي تقترحه؟", en="What do you suggest?"),
    Kind.COMPLIMENT: Text(ar="ما الذي أعجبك؟", en="What went well?"),
}
WHERE: Final = Text(ar="أين؟", en="Where is it?")
PHOTOS: Final = Text(ar="صور وملفات", en="Photos and files")
ABOUT_YOU: Final = Text(ar="بياناتك", en="About you")


@cache
def what_form(kind: Kind) -> Form:
    """What it is about, in the citizen's own words."""
    return _form(
        WHAT_HAPPENED[kind],
        {
            "name": DESCRIPTION,
            "kind": "long_text",
            "label": {"ar": "اكتبها بكلماتك", "en": "Tell us in your own words"},
            "help": {
                "ar": "يكفي أن تكتب كما تحكي لشخص أمامك. ما تكتبه هنا تقرؤه الجهة المختصة.",
                "en": "Write it as you would tell it to somebody. The agency responsible reads it.",
            },
            "required": True,
            "limits": {"max_length": LONGEST},
        },
        {
            "name": SUBJECT,
            "kind": "text",
            "label": {"ar": "عنوان قصير", "en": "A short title"},
            "limits": {"max_length": 200},
        },
    )


def known_place(country: str | None, governorate: str) -> tuple[str | None, str]:
    """A country and governorate as far as the hub knows them, so that nothing made up is worked with."""
    if country is None or country not in countries():
        return None, ""
    return country, governorate if governorate in governorates(country) else ""


@cache
def governorates_on_offer(country: str | None) -> tuple[Option, ...]:
    """The governorates of a country to choose from; none where the hub knows no such country."""
    known = governorates(country) if country in countries() and country is not None else {}
    return tuple(Option.model_validate(_option(code, each.name)) for code, each in known.items())


@cache
def place_form(country: str | None, governorate: str) -> Form:
    """Where it is: a governorate and district from the country's own list, an address in words, a point."""
    known = governorates(country) if country else {}
    questions: list[dict[str, Any]] = []
    if len(known) > 1:
        questions.append(
            {
                "name": GOVERNORATE,
                "kind": "choice",
                "label": {"ar": "المحافظة", "en": "Governorate"},
                "options": [_option(code, each.name) for code, each in known.items()],
            }
        )
    districts = [
        _option(code, city.name)
        for code, city in (cities(country).items() if country else ())
        if city.governorate == governorate
    ]
    if len(districts) > 1:
        questions.append(
            {
                "name": DISTRICT,
                "kind": "choice",
                "label": {"ar": "المدينة أو الحي", "en": "District or city"},
                "options": districts,
            }
        )
    questions.append(
        {
            "name": ADDRESS,
            "kind": "text",
            "label": {"ar": "الشارع وأقرب علامة مميزة", "en": "Street and nearest landmark"},
            "limits": {"max_length": 300},
        }
    )
    for name, furthest in zip(COORDINATES, (90, 180), strict=True):
        questions.append(
            {
                "name": name,
                "kind": "number",
                "label": {"ar": "المكان على الخريطة", "en": "Place on the map"},
                "limits": {"minimum": -furthest, "maximum": furthest},
            }
        )
    return _form(WHERE, *questions)


@cache
def files_form() -> Form:
    """Photos and papers that show it."""
    return _form(
        PHOTOS,
        {
            "name": FILES,
            "kind": "file",
            "label": {"ar": "أضف صورًا أو ملفات", "en": "Add photos or files"},
            "help": {
                "ar": "صورة واضحة تساعد الجهة على الفهم سريعًا. يمكنك أيضًا المتابعة من دون ملفات.",
                "en": "A clear photo helps the agency understand quickly. You can also go on without any.",
            },
            "limits": {"at_most": MOST_FILES},
        },
    )


@cache
def you_form(*, may_be_confidential: bool) -> Form:
    """Who tells it and how to reach them, none of it demanded."""
    questions: list[dict[str, Any]] = [
        {"name": NAME, "kind": "text", "label": {"ar": "الاسم", "en": "Name"}, "limits": {"max_length": 200}},
        {
            "name": PHONE,
            "kind": "phone",
            "label": {"ar": "رقم الهاتف", "en": "Phone number"},
            "help": {
                "ar": "قد تتصل بك الجهة إذا احتاجت إلى توضيح.",
                "en": "The agency may call you if something is unclear.",
            },
        },
        {
            "name": EMAIL,
            "kind": "email",
            "label": {"ar": "البريد الإلكتروني", "en": "E-mail address"},
            "help": {
                "ar": "تستطيع به أن ترى كل حالاتك معًا فيما بعد.",
                "en": "With it you can see all your cases together later on.",
            },
        },
    ]
    if may_be_confidential:
        questions.append(
            {
                "name": CONFIDENTIAL,
                "kind": "yes_no",
                "label": {
                    "ar": "هل تريد ألا تعرف الجهة من أنت؟",
                    "en": "Should the agency not learn who you are?",
                },
                "help": {
                    "ar": "إذا اخترت «نعم» فسترى الجهة ما كتبته، ولن ترى اسمك ولا هاتفك ولا بريدك. تبقى بياناتك لدى"
                    " المنظومة وحدها لتتمكن من متابعة حالتك. فلا تذكر اسمك فيما كتبته ولا في الصور.",
                    "en": "If you choose “Yes”, the agency sees what you wrote, and neither your name, your phone nor"
                    " your e-mail. Only the hub keeps them, so that you can follow your case. Then leave your name out of"
                    " what you write and out of your photos too.",
                },
            }
        )
    return _form(ABOUT_YOU, *questions)


def _form(title: Text, *questions: dict[str, Any]) -> Form:
    words = {"ar": title.ar, "en": title.en}
    return read_form({"format": 1, "title": words, "pages": [{"title": words, "questions": list(questions)}]})


def _option(code: str, name: Text) -> dict[str, Any]:
    return {"value": code, "label": {"ar": name.ar, "en": name.en}}
