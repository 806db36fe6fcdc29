"""`hub serve`: one process that does it all, or a parent with its children."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.metrics import FOLDER_VARIABLE, exposed, forget_process
from infra.process import Hub, running_hub
from infra.serving.admin import serving_figures
from infra.serving.child import build_named
from infra.serving.children import Role
from infra.serving.server import address_of, listen
from infra.serving.supervisor import Supervisor
from infra.serving.web import serve_on
from infra.settings import WebSettings
from tenants.across import Across
from tenants.database import Database

HOUSE: Final = "infra.asgi:house"
_LAST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a serving hub is reached: by everybody, and by Prometheus."""

    public: str
    figures: str


def serve(
    settings: WebSettings,
    told: Callable[[Addresses], None],
    *,
    with_worker: bool = False,
    application: str = HOUSE,
) -> int:
    """Serve until TERM or an interrupt; gives the exit status.

    `told` is called when requests are answered. `application` names a function that makes the application of a hub.
    Raises `PortTaken` and the refusals of processes that cannot start.
    """
    with _listeners(settings) as (public, admin):
        if settings.workers == 1 and not with_worker:
            return _alone(settings, told, application, public, admin)
        return _with_children(settings, told, application, public, admin, with_worker=with_worker)


def _alone(
    settings: WebSettings,
    told: Callable[[Addresses], None],
    application: str,
    public: socket.socket,
    admin: socket.socket,
) -> int:
    with running_hub(connections=settings.database_connections) as hub, _figures(hub, admin) as figures:
        addresses = Addresses(address_of(public), figures)
        return serve_on(
            hub,
            build_named(application),
            public,
            settings,
            listening=lambda: told(addresses),
            every_second=lambda: None,
        )


def _with_children(
    settings: WebSettings,
    told: Callable[[Addresses], None],
    application: str,
    public: socket.socket,
    admin: socket.socket,
    *,
    with_worker: bool,
) -> int:
    # The parent holds a server of our own, so that it runs on while a child is replaced.
    with (
        running_hub(connections=1) as hub,
        _folder_for_figures() as folder,
        _figures(hub, admin, folder) as figures,
    ):
        addresses = Addresses(address_of(public), figures)
        web = Role(
            "web",
            ("web", "--socket", str(public.fileno()), "--application", application),
            files=(public.fileno(),),
            environment={FOLDER_VARIABLE: str(folder)},
            speaks=True,
        )
        roles = [web] * settings.workers + [Role("worker", ("worker",))] * with_worker
        supervisor = Supervisor(
            roles,
            stop_seconds=settings.stop_seconds,
            listening=lambda: told(addresses),
            gone=lambda pid: forget_process(pid, folder),
        )
        return supervisor.run()


@contextmanager
def _listeners(settings: WebSettings) -> Iterator[tuple[socket.socket, socket.socket]]:
    with listen(settings.host, settings.port, "HUB_WEB_PORT") as public:
        port = settings.admin_port
        if port is None:
            port = settings.port + 1 if 0 < settings.port < _LAST_PORT else 0
        with listen(settings.admin_host, port, "HUB_WEB_ADMIN_PORT") as admin:
            yield public, admin


@contextmanager
def _figures(hub: Hub, admin: socket.socket, folder: Path | None = None) -> Iterator[str]:
    # A connection of their own: figures are wanted most when all others are busy.
    database = Database.at(hub.urls.app.get_secret_value(), pool_size=1)
    try:
        with serving_figures(admin, exposed(Across(database), folder)) as address:
            yield address
    finally:
        database.dispose()


@contextmanager
def _folder_for_figures() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hub19-figures-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
