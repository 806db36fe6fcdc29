"""Settings of pages."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class PageSettings(BaseSettings):
    """How pages are shown."""

    model_config = SettingsConfigDict(
        env_prefix="HUB_PAGES_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    styleguide: bool = Field(
        default=False,
        description="Whether /styleguide shows all parts of pages to developers; never where citizens come",
    )
    address: str | None = Field(
        default=None,
        pattern=r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?$",
        description="Address of the portal as citizens reach it, such as https://19.gov.example; links in e-mails lead "
        "there, and without it e-mails hold none",
    )
    offline: bool = Field(
        default=True,
        description="Whether browsers keep what citizens need to write a report without a line; once it is off, they "
        "throw away what they kept, but no report that waits to be sent",
    )
    zone: str = Field(
        default="Africa/Cairo",
        min_length=1,
        description="Time zone that pages tell times in where no body's own zone is known",
    )
