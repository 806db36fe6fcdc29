"""What the keys to cases need from the environment."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class KeySettings(BaseSettings):
    """The hub's pepper and the patience with wrong PINs."""

    model_config = SettingsConfigDict(env_prefix="HUB_KEY_")

    pepper: SecretStr = Field(
        min_length=32,
        description="Secret mixed into the stored digests of PINs; keep it out of the database's backups",
    )
    free_attempts: int = Field(default=5, ge=1, description="Wrong PINs for one case before waiting begins")
    first_wait_seconds: float = Field(
        default=60,
        gt=0,
        description="Seconds of waiting after the free attempts; doubles with each wrong PIN",
    )
    longest_wait_seconds: float = Field(default=86400, gt=0, description="The longest waiting, in seconds")
    forgotten_after_seconds: float = Field(
        default=604800, gt=0, description="Seconds without an attempt after which wrong PINs are forgotten"
    )


@lru_cache(maxsize=1)
def key_settings() -> KeySettings:
    """The settings of this process, read once; a process without a pepper refuses to start."""
    return KeySettings.model_validate({})
