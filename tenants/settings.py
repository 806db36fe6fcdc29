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
