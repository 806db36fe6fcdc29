"""Settings of the hub's processes: how the web is served, which broker, how often each round, where traces go."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from infra.errors import BadBrokerUrl, BadProxyAddress
from tenants.languages import Language


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
        default=60,
        gt=0,
        description="Seconds between removals of what is over: counts of limits, kept answers, drafts, codes, messages",
    )
    promises_seconds: float = Field(
        default=120, gt=0, description="Seconds between reckonings of how bodies kept their promises"
    )
    files_seconds: float = Field(
        default=3600, gt=0, description="Seconds between sweeps of files that nobody uses"
    )
    longest_wait_seconds: float = Field(
        default=5, gt=0, description="Longest additional wait of a round that keeps failing"
    )


class WebSettings(BaseSettings):
    """How `hub serve` serves, and how long it bears with slow clients.

    Raises `BadProxyAddress` for a proxy that is no network address.
    """

    model_config = SettingsConfigDict(
        env_prefix="HUB_WEB_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    host: str = Field(
        default="127.0.0.1", description="Address to listen on; 0.0.0.0 or :: for every network"
    )
    port: int = Field(
        default=8019, ge=0, le=65_535, description="Port to listen on; 0 takes any that is free"
    )
    admin_host: str = Field(
        default="127.0.0.1",
        description="Address that figures for Prometheus are served on, never the public one",
    )
    admin_port: int | None = Field(
        default=None,
        ge=0,
        le=65_535,
        description="Port of the figures; 0 takes any that is free, and left out it is the one after the public port",
    )
    workers: int = Field(default=1, ge=1, le=64, description="Processes that answer requests")
    database_connections: int = Field(
        default=10,
        ge=1,
        le=200,
        description="Database connections a process keeps; at need it opens as many again",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses or networks, with commas between, whose X-Forwarded-For and -Proto are believed",
    )
    requests_at_once: int = Field(
        default=200,
        ge=1,
        description="Requests a process works on; further ones are told to come again (503)",
    )
    open_connections: int = Field(
        default=4_000,
        ge=10,
        description="Connections of a process; beyond, the one that has idled longest is closed",
    )
    keep_alive_seconds: int = Field(
        default=65,
        ge=1,
        description="Seconds an idle connection is kept; more than a proxy before us keeps it",
    )
    head_bytes: int = Field(default=32_768, ge=1_024, description="The largest head of a request, in bytes")
    head_seconds: float = Field(
        default=10, gt=0, description="Seconds within which a request's head has to be there"
    )
    body_seconds: float = Field(
        default=20,
        gt=0,
        description="Seconds within which a body has to be there, beside what its bytes are given",
    )
    body_bytes_per_second: int = Field(
        default=1_000, ge=1, description="The slowest line that a body may come over, in bytes a second"
    )
    reader_seconds: float = Field(
        default=30, gt=0, description="Seconds an answer may lie unread before its connection is cut"
    )
    stop_seconds: int = Field(
        default=30, ge=1, description="Seconds that requests under way are given when the hub is told to stop"
    )

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        given = (
            tuple(each.strip() for each in value.split(",") if each.strip())
            if isinstance(value, str)
            else value
        )
        for each in given if isinstance(given, tuple) else ():
            try:
                ip_network(each)
            except ValueError:
                raise BadProxyAddress(field="HUB_WEB_TRUSTED_PROXIES", given=each) from None
        return given


class TelemetrySettings(BaseSettings):
    """Where traces go; OpenTelemetry's own further variables (OTEL_...) count as well."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    endpoint: str | None = Field(
        default=None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="Address of an OpenTelemetry collector (OTLP over HTTP); without one nothing is traced",
    )
    service_name: str = Field(
        default="hub19",
        validation_alias="OTEL_SERVICE_NAME",
        description="The name that traces are sent under",
    )


class TerminalSettings(BaseSettings):
    """How the command line speaks."""

    model_config = SettingsConfigDict(env_prefix="HUB_", env_ignore_empty=True, extra="ignore", frozen=True)

    language: Language | None = Field(
        default=None,
        description="Language of the command line, ar or en; left out, or another, it is as LANG says",
    )

    @field_validator("language", mode="before")
    @classmethod
    def _a_language(cls, value: object) -> object:
        given = value.strip().lower() if isinstance(value, str) else value
        return given if given in set(Language) else None
