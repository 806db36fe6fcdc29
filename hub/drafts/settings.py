"""What sealing unsent reports needs from the environment."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class DraftSettings(BaseSettings):
    """The hub's pepper, as unsent reports are sealed with it."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    pepper: SecretStr = Field(
        validation_alias="HUB_KEY_PEPPER",
        min_length=32,
        description="The hub's pepper, mixed into what seals unsent reports",
    )


@lru_cache(maxsize=1)
def draft_settings() -> DraftSettings:
    """The settings of this process, read once."""
    return DraftSettings.model_validate({})
