"""How the bodies of the demonstration differ: how much comes to them, by which ways, and how well they work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class Manner:
    """One body as its citizens find it; shares lie between 0 and 1, times are shares of the body's own targets.

    `volume` is its weight among all cases. `first_word` and `pace` are the middle of what it takes of its targets,
    `spread` how far apart its best and worst lie (the deviation of the logarithm). `services` weighs those asked
    for more or less often than once.
    """

    volume: float
    first_word: float
    pace: float
    spread: float
    asks: float
    waits: float
    reopened: float
    declines: float
    channels: Mapping[Channel, float]
    services: Mapping[str, float] = field(default_factory=dict)


_BY_PHONE = {
    Channel.PHONE: 62,
    Channel.WEB: 12,
    Channel.MOBILE: 16,
    Channel.SOCIAL: 6,
    Channel.SMS: 2,
    Channel.COUNTER: 2,
}
_BY_WEB = {Channel.PHONE: 26, Channel.WEB: 44, Channel.MOBILE: 18, Channel.EMAIL: 8, Channel.CHAT: 4}
_ON_PAPER = {Channel.PHONE: 30, Channel.WEB: 32, Channel.EMAIL: 14, Channel.COUNTER: 18, Channel.LETTER: 6}

HUB = "hub"

MANNERS: Mapping[str, Manner] = {
    "water": Manner(
        volume=27,
        first_word=0.5,
        pace=0.55,
        spread=0.6,
        asks=0.1,
        waits=0.05,
        reopened=0.07,
        declines=0.02,
        channels=_BY_PHONE,
        services={
            "water_leak": 7,
            "no_water": 6,
            "sewage_overflow": 4,
            "bill_dispute": 3,
            "missing_cover": 2,
        },
    ),
    "electricity": Manner(
        volume=24,
        first_word=0.45,
        pace=0.45,
        spread=0.55,
        asks=0.07,
        waits=0.04,
        reopened=0.05,
        declines=0.02,
        channels=_BY_PHONE,
        services={"power_cut": 9, "prepaid_meter_fault": 4, "reading_error": 4, "dangerous_wire": 2},
    ),
    "governorate": Manner(
        volume=23,
        first_word=0.8,
        pace=0.85,
        spread=0.65,
        asks=0.06,
        waits=0.06,
        reopened=0.16,
        declines=0.05,
        channels=_BY_PHONE,
        services={"rubbish_pile": 8, "pothole": 4, "street_light": 3, "street_occupation": 3, "rubble": 2},
    ),
    "health-hotline": Manner(
        volume=13,
        first_word=0.4,
        pace=0.4,
        spread=0.5,
        asks=0.05,
        waits=0.04,
        reopened=0.04,
        declines=0.02,
        channels={Channel.PHONE: 88, Channel.MOBILE: 7, Channel.WEB: 5},
        services={
            "medicine_shortage": 4,
            "hospital_complaint": 4,
            "medical_advice": 4,
            "intensive_care_bed": 2,
        },
    ),
    "university-enrolment": Manner(
        volume=5,
        first_word=0.55,
        pace=0.5,
        spread=0.6,
        asks=0.2,
        waits=0.02,
        reopened=0.06,
        declines=0.1,
        channels=_BY_WEB,
        services={"data_correction": 3, "sign_in_number": 2, "enrolment_question": 2},
    ),
    "tax": Manner(
        volume=8,
        first_word=0.9,
        pace=0.75,
        spread=0.55,
        asks=0.25,
        waits=0.1,
        reopened=0.1,
        declines=0.12,
        channels=_ON_PAPER,
        services={
            "portal_problem": 5,
            "filing_question": 4,
            "e_invoice_problem": 3,
            "payment_not_credited": 2,
        },
    ),
    HUB: Manner(
        volume=2,
        first_word=0.2,
        pace=0.2,
        spread=0.4,
        asks=0.0,
        waits=0.0,
        reopened=0.0,
        declines=0.0,
        channels={Channel.PHONE: 80, Channel.SOCIAL: 20},
    ),
}
AGENCIES = tuple(code for code in MANNERS if code != HUB)

# Where people live: weights of governorates, roughly by population; all others weigh 1.
GOVERNORATES: Mapping[str, float] = {
    "cairo": 22,
    "giza": 18,
    "alexandria": 9,
    "qaliubiya": 8,
    "sharkia": 6,
    "dakahlia": 6,
    "beheira": 4,
    "menofia": 4,
    "gharbiya": 4,
    "minya": 3,
    "sohag": 3,
    "assiut": 3,
}
# How much of a day's cases come at each hour, from midnight on.
HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 9, 8, 7, 7, 7, 7, 6, 6, 5, 3, 2)
# Monday to Sunday.
WEEKDAYS = (1.0, 1.0, 1.0, 0.95, 0.55, 0.75, 1.1)


@dataclass(frozen=True, slots=True)
class Burst:
    """Something that many people report within hours: which of them is first, the others join."""

    body: str
    service: str
    district: str
    share_of_month: float
    reports: int


BURSTS = (
    Burst("water", "water_leak", "giza-faisal", 0.18, 6),
    Burst("electricity", "power_cut", "cairo-maadi", 0.37, 8),
    Burst("water", "no_water", "cairo-ain-shams", 0.62, 7),
    Burst("governorate", "rubbish_pile", "giza-imbaba", 0.81, 5),
)
