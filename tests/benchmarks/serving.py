"""The process that a benchmark puts under load: an application served as `hub serve` serves the API."""

from __future__ import annotations

import sys

from infra.logs import configure_logs
from infra.serving.serve import Addresses, serve
from infra.settings import WebSettings


def main() -> None:
    """Serve as the arguments say: the number of processes, and the name of what makes the application."""
    configure_logs()

    def told(addresses: Addresses) -> None:
        sys.stdout.write(f"listens: {addresses.public} .\n")
        sys.stdout.flush()

    settings = WebSettings.model_validate({"port": 0, "workers": int(sys.argv[1])})
    sys.exit(serve(settings, told, application=sys.argv[2]))
