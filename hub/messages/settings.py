"""Which mail server sends to citizens, and as whom; from the environment."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.emails import NotAnEmail, read_email
from hub.messages.errors import BadMailSender, MailPasswordUnprotected, MailSenderMissing
from tenants.languages import Language


class Security(StrEnum):
    """How the way to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


# RFC 6409 (submission), RFC 8314 (submission over TLS), RFC 5321.
_PORTS: Final = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


class MailSettings(BaseSettings):
    """The mail server; without one no e-mail is promised to anybody.

    Raises `MailSenderMissing`, `BadMailSender` or `MailPasswordUnprotected` when the values cannot be used.
    """

    model_config = SettingsConfigDict(
        env_prefix="HUB_MAIL_", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    host: str | None = Field(
        default=None, description="Name of the mail server (SMTP); without one no e-mail is sent"
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65_535,
        description="Its port; left out it is 587 for starttls, 465 for tls and 25 for none",
    )
    security: Security = Field(
        default=Security.STARTTLS,
        description="Protection of the way to it; none only inside one machine or network",
    )
    user: str | None = Field(default=None, description="Name to sign in with; without one nobody signs in")
    password: SecretStr | None = Field(default=None, description="Password to sign in with")
    sender: str | None = Field(default=None, description="Address that e-mails come from")
    sender_name_ar: str = Field(default="المنظومة ١٩", description="Name that e-mails in Arabic come from")
    sender_name_en: str = Field(default="Hub19", description="Name that e-mails in English come from")
    ca_file: Path | None = Field(
        default=None,
        description="File of the authorities that its certificate is checked by; without one the machine's own",
    )
    timeout_seconds: float = Field(
        default=10, gt=0, le=30, description="Seconds to wait for each of its answers"
    )
    receipts_per_hour: int = Field(
        default=1, ge=1, description="Receipts that one address is sent in an hour, whoever names it"
    )
    pepper: SecretStr = Field(
        validation_alias="HUB_KEY_PEPPER",
        min_length=32,
        description="The hub's pepper, which seals messages until they are sent",
    )

    @field_validator("sender")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        try:
            return None if value is None else read_email(value)
        except NotAnEmail:
            raise BadMailSender(field="HUB_MAIL_SENDER", name="HUB_MAIL_SENDER") from None

    @field_validator("sender_name_ar", "sender_name_en")
    @classmethod
    def _a_name(cls, value: str, info: ValidationInfo) -> str:
        if has_controls(value) or not value.strip():
            name = f"HUB_MAIL_{info.field_name}".upper()
            raise BadMailSender(field=name, name=name)
        return value.strip()

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.host is not None and self.sender is None:
            raise MailSenderMissing(field="HUB_MAIL_SENDER")
        if self.user is not None and self.security is Security.NONE:
            raise MailPasswordUnprotected(field="HUB_MAIL_SECURITY")
        return self

    @property
    def port_in_force(self) -> int:
        """The port that was set, or the usual one."""
        return self.port or _PORTS[self.security]

    def sender_name(self, language: Language) -> str:
        """Who e-mails in a language come from."""
        return self.sender_name_ar if language is Language.ARABIC else self.sender_name_en


def has_controls(text: str) -> bool:
    """Whether a text holds what would end a header's line, or what no text has: controls, line ends, lone surrogates."""
    return any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in text)


@lru_cache(maxsize=1)
def mail_settings() -> MailSettings:
    """The settings of this process, read once."""
    return MailSettings.model_validate({})
