"""Settings of the hub's processes: which broker, and how often each round."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.errors import BadBrokerUrl


class BrokerKind(StrEnum):
    """The brokers that messages may go through."""

    POSTGRESQL = "pgmq"
    RABBITMQ = "amqp"
    REDIS = "redis"


# The schemes of an address and what stands behind them.
SCHEMES = {
    "amqp": BrokerKind.RABBITMQ,
    "amqps": BrokerKind.RABBITMQ,
    "redis": BrokerKind.REDIS,
    "rediss": BrokerKind.REDIS,
}


class BrokerSettings(BaseSettings):
    """Which broker carries the messages; nothing set means the hub's own database.

    Raises `BadBrokerUrl` for an address that is no broker's.
    """

    model_config = SettingsConfigDict(
        env_prefix="HUB_BROKER_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    url: SecretStr | None = Field(
        default=None,
        description="Address of a broker of its own (amqp://, amqps://, redis://, rediss://)",
    )
    visibility_seconds: int = Field(
        default=60,
        ge=1,
        description="Seconds until a message that a worker took and never finished may be taken again",
    )

    @field_validator("url")
    @classmethod
    def _known_broker(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None and value.get_secret_value().partition("://")[0].lower() not in SCHEMES:
            raise BadBrokerUrl(field="HUB_BROKER_URL")
        return value


class RoundSettings(BaseSettings):
    """How often `hub beat` makes each of its rounds."""

    model_config = SettingsConfigDict(
        env_prefix="HUB_ROUND_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    relay_seconds: float = Field(default=0.5, gt=0, description="Seconds between looks for promised jobs")
    sweep_seconds: float = Field(default=1, gt=0, description="Seconds between looks for deadlines reached")
    silence_seconds: float = Field(
        default=30, gt=0, description="Seconds between looks for citizens who stayed silent"
    )
    sealing_seconds: float = Field(default=60, gt=0, description="Seconds between sealings of the journal")
    counts_seconds: float = Field(
        default=60, gt=0, description="Seconds between removals of rate limits' old counts"
    )
    files_seconds: float = Field(
        default=3600, gt=0, description="Seconds between sweeps of files that nobody uses"
    )
    longest_wait_seconds: float = Field(
        default=5, gt=0, description="Longest additional wait of a round that keeps failing"
    )
