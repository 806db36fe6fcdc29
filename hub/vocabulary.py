"""Words that every feature shares: kinds of case, priorities, channels."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a citizen wants of a body (glossary: kind)."""

    COMPLAINT = "complaint"
    INQUIRY = "inquiry"
    REQUEST = "request"
    SUGGESTION = "suggestion"
    COMPLIMENT = "compliment"


class Priority(StrEnum):
    """How much faster than usual a ticket is to be worked, lowest first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Channel(StrEnum):
    """The way by which a case reached the hub."""

    PHONE = "phone"
    WEB = "web"
    MOBILE = "mobile"
    EMAIL = "email"
    SMS = "sms"
    CHAT = "chat"
    SOCIAL = "social"
    COUNTER = "counter"
    LETTER = "letter"
    STAFF = "staff"
    INTEGRATION = "integration"
    UNKNOWN = "unknown"
