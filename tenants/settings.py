"""Settings of the ground: which database server to use, and with which logins."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tenants.server_errors import BadDatabaseUrl, UnknownServerChoice

_SCHEMES = {"postgresql", "postgres", "postgresql+psycopg"}


class ServerChoice(StrEnum):
    """Whose PostgreSQL programs the hub's own server runs on."""

    MACHINE = "machine"
    EMBEDDED = "embedded"


class DatabaseSettings(BaseSettings):
    """The environment's word on the database; nothing set means the hub runs a server of its own.

    Raises `BadDatabaseUrl` or `UnknownServerChoice` when a value cannot be used.
    """

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: SecretStr | None = Field(
        default=None,
        description="Address of an outside server with the login of the hub's processes (hub_app).",
    )
    database_owner_url: SecretStr | None = Field(
        default=None,
        description="Address with the login of migrations (hub_migrate), which may SET ROLE hub_owner.",
    )
    database_kpi_url: SecretStr | None = Field(
        default=None,
        description="Address with the login of figures (hub_kpi), which never reads personal data.",
    )
    database_maintenance_url: SecretStr | None = Field(
        default=None,
        description="Address with the login of backups (hub_maint), which reads every tenant's rows.",
    )
    hub_data: Path | None = Field(
        default=None,
        description="Folder of the hub's own data, its own database among them; each account has a default.",
    )
    hub_database: ServerChoice | None = Field(
        default=None,
        description="Run an own server on the machine's PostgreSQL (machine) or the wheel's (embedded).",
    )

    @field_validator("database_url", "database_owner_url", "database_kpi_url", "database_maintenance_url")
    @classmethod
    def _usable_address(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None:
            return None
        name = str(info.field_name).upper()
        scheme, separator, rest = value.get_secret_value().strip().partition("://")
        if not separator or scheme.lower() not in _SCHEMES:
            raise BadDatabaseUrl(field=name, name=name)
        # One spelling: SQLAlchemy 2.1 and libpq both understand it.
        address = f"postgresql://{rest}"
        try:
            parts = urlsplit(address)
        except ValueError:
            raise BadDatabaseUrl(field=name, name=name) from None
        if not parts.path.strip("/") and "dbname=" not in parts.query:
            raise BadDatabaseUrl(field=name, name=name)
        return SecretStr(address)

    @field_validator("hub_database", mode="before")
    @classmethod
    def _known_choice(cls, value: object) -> object:
        if value is None or value in set(ServerChoice):
            return value
        raise UnknownServerChoice(field="HUB_DATABASE", choice=value)


class RateLimitSettings(BaseSettings):
    """How many requests are answered in a span of time, per API key, tenant and network address."""

    model_config = SettingsConfigDict(
        env_prefix="HUB_RATE_", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    seconds: int = Field(default=60, ge=1, le=3600, description="The span, in seconds")
    key_quota: int = Field(default=1_200, ge=1, description="Requests with one API key in a span")
    tenant_quota: int = Field(
        default=12_000, ge=1, description="Requests with all of a tenant's keys in a span"
    )
    address_quota: int = Field(
        default=1_200,
        ge=1,
        description="Requests from one network address (of IPv6 from one /64) in a span",
    )
    pepper: SecretStr = Field(
        validation_alias="HUB_KEY_PEPPER",
        min_length=32,
        description="The hub's pepper, mixed into the digests that addresses are counted under",
    )
