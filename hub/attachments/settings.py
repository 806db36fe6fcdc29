"""Where files are kept, how much of them is taken, and who scans them; from the environment."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.attachments.errors import BadScannerAddress, BadStoreAddress
from hub.attachments.kinds import Limits
from hub.attachments.scanner import is_address

_MEBIBYTE: Final = 1024 * 1024
_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9._/-]*)?")


class FileSettings(BaseSettings):
    """Files of all tenants of this hub.

    Raises `BadStoreAddress` or `BadScannerAddress` when a value cannot be used.
    """

    model_config = SettingsConfigDict(
        env_prefix="HUB_FILES_", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    folder: Path | None = Field(
        default=None, description="Folder that files are kept in; without one, `files` in the hub's own data"
    )
    s3_url: str | None = Field(
        default=None, description="Bucket that files are kept in instead of a folder: s3://bucket/prefix"
    )
    s3_endpoint: str | None = Field(
        default=None, description="Address of an S3 service that is not Amazon's, such as https://host:9000"
    )
    s3_region: str | None = Field(default=None, description="Region of the bucket")
    s3_access_key: str | None = Field(
        default=None, description="Access key of the bucket; without one, what the machine itself may do"
    )
    s3_secret_key: SecretStr | None = Field(default=None, description="Secret key of the bucket")
    s3_allow_http: bool = Field(
        default=False, description="Whether the endpoint may be spoken to without TLS, inside one network"
    )
    bytes_per_file: int = Field(default=25 * _MEBIBYTE, ge=1, description="The largest file, in bytes")
    bytes_per_piece: int = Field(
        default=8 * _MEBIBYTE, ge=1, description="The largest piece of a file, in bytes"
    )
    pieces_per_file: int = Field(
        default=400, ge=1, le=10_000, description="The most pieces a file may come in"
    )
    bytes_per_day: int = Field(
        default=20 * 1024 * _MEBIBYTE, ge=1, description="What one tenant takes in a day (UTC), in bytes"
    )
    files_per_answer: int = Field(default=20, ge=1, description="The most files of one answer or message")
    pixels: int = Field(
        default=50_000_000,
        ge=1,
        description="The largest picture; drawing one anew takes up to 8 bytes a pixel",
    )
    packed_files: int = Field(
        default=5_000, ge=1, description="The most files inside a document of Word or Excel"
    )
    unpacked_bytes: int = Field(
        default=256 * _MEBIBYTE, ge=1, description="What a document of Word or Excel may unpack to, in bytes"
    )
    scanner: str | None = Field(
        default=None,
        description="ClamAV's daemon, tcp://host:port or unix:///path; with it nothing is handed out unscanned",
    )
    scanner_seconds: float = Field(
        default=30, gt=0, le=45, description="The longest a scan may take, in seconds"
    )
    unfinished_hours: float = Field(
        default=24, gt=0, description="Hours after which an upload that was not finished is given up"
    )
    unclaimed_hours: float = Field(
        default=360,
        gt=0,
        description="Hours after which a file that no ticket claimed is erased; a report that is not sent yet is kept"
        " for 168 after its last page, so twice that and more",
    )
    orphan_hours: float = Field(
        default=24, ge=1, description="Hours after which stored bytes that belong to no file are removed"
    )
    link_seconds: int = Field(default=300, ge=1, le=86_400, description="How long a download link works")
    pepper: SecretStr = Field(
        validation_alias="HUB_KEY_PEPPER",
        min_length=32,
        description="The hub's pepper, which signs download links",
    )

    @field_validator("s3_url")
    @classmethod
    def _a_bucket(cls, value: str | None) -> str | None:
        if value is not None and not _BUCKET.fullmatch(value):
            raise BadStoreAddress(field="HUB_FILES_S3_URL")
        return value

    @field_validator("scanner")
    @classmethod
    def _a_scanner(cls, value: str | None) -> str | None:
        if value is not None and not is_address(value):
            raise BadScannerAddress(field="HUB_FILES_SCANNER")
        return value

    @property
    def limits(self) -> Limits:
        """How much an opened file may hold."""
        return Limits(self.pixels, self.packed_files, self.unpacked_bytes)


@lru_cache(maxsize=1)
def file_settings() -> FileSettings:
    """The settings of this process, read once."""
    return FileSettings.model_validate({})
