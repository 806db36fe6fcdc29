"""How patiently promised jobs are tried; from the environment."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

# Past these the longest wait rules anyway, and the power would leave the range of numbers.
_DOUBLINGS = 60


class JobSettings(BaseSettings):
    """Patience with jobs that were handed out or have failed."""

    model_config = SettingsConfigDict(env_prefix="HUB_JOB_")

    lease_seconds: float = Field(
        default=60,
        gt=0,
        description="Seconds until a handed-out job that nobody finished is handed out again",
    )
    attempts: int = Field(
        default=8, ge=1, description="Failures after which a job is set aside for an operator"
    )
    first_wait_seconds: float = Field(
        default=5, gt=0, description="Seconds after the first failure; doubles at each"
    )
    longest_wait_seconds: float = Field(
        default=3600, gt=0, description="The longest wait between two attempts"
    )

    def at_least(self, attempts: int | None) -> JobSettings:
        """The same patience, or more of it for a job that needs it."""
        wanted = max(self.attempts, attempts or 0)
        return self if wanted == self.attempts else self.model_copy(update={"attempts": wanted})

    def wait_after(self, failures: int) -> timedelta:
        """How long to wait after that many failures."""
        return timedelta(
            seconds=min(
                self.first_wait_seconds * 2 ** min(failures - 1, _DOUBLINGS), self.longest_wait_seconds
            )
        )
