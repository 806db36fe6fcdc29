"""The secret that only a citizen's browser holds, and the drawer it leads to."""

from __future__ import annotations

import re
import secrets
from typing import Final

from hub.drafts.settings import draft_settings
from hub.sealing import Drawer, drawer_of

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def new_draft_secret() -> str:
    """A fresh secret of 256 bits for one report, to be kept in the browser and nowhere else."""
    return secrets.token_urlsafe(32)


def drawer_for(secret: str) -> Drawer | None:
    """The drawer of a secret; None for what is no secret of ours, such as a cookie somebody made up."""
    if _SECRET.fullmatch(secret) is None:
        return None
    return drawer_of(draft_settings().pepper.get_secret_value().encode(), f"draft {secret}")
