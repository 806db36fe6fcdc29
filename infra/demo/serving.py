"""The end of a demonstration: its hub stays, served in real time, for everybody to try."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.keys.access import keys_of
from hub.keys.actions import create_key, revoke_key
from infra.demo.mailbox import mailbox
from infra.demo.printing import Telling
from infra.demo.stage import Body
from infra.errors import PortTaken
from infra.process import Hub
from infra.serving.serve import Addresses, serve
from infra.serving.server import listen
from infra.settings import WebSettings
from tenants.context import SYSTEM
from tenants.languages import Language, Text
from tenants.permissions import PERMISSIONS_OF_ROLE, Role

_KEY_NAME = "demonstration"
_STANDARD_ERROR = 2
_SERVICE = "suggestion"
_SUGGESTION = Text(
    ar="أرسلوا رسالة قصيرة قبل قطع المياه بيوم.",
    en="Please send a text message a day before the water is cut off.",
)


def serve_demonstration(hub: Hub, telling: Telling, body: Body, folder: Path, port: int | None) -> None:
    """Serve the hub with a worker and its beat until TERM or an interrupt, having told how to try it."""
    key = _key_of(hub, body)
    # From here on people's own cases come in: what is acknowledged is on the disk.
    os.environ.pop("PGOPTIONS", None)
    telling.title(Text(ar="المنظومة تعمل الآن", en="The hub is running now"))
    telling.say(
        Text(ar="بدء خدمة البوابة وواجهة البرمجة…", en="Beginning to serve the portal and the API…"), "dim"
    )

    log = folder / "serving.log"
    with mailbox(telling.language) as (catcher, mail), _logging_into(log):

        def told(addresses: Addresses) -> None:
            _tell(telling, addresses, mail, body, key, log)

        # Whatever the hub writes to citizens is caught here, by all of its processes.
        os.environ |= catcher.environment
        settings = _settings(port)
        if settings.port:
            os.environ["HUB_PAGES_ADDRESS"] = f"http://{settings.host}:{settings.port}"
        serve(settings, told, with_worker=True)
    telling.say(Text(ar="توقفت المنظومة.", en="The hub has stopped."), "yellow")


def _key_of(hub: Hub, body: Body) -> str:
    """A fresh key for machines of a body, in the place of earlier demonstrations' keys."""
    with hub.database.unit_of_work(actor=SYSTEM, tenants=(body.id,)) as context:
        for earlier in keys_of(context):
            if earlier.name == _KEY_NAME:
                revoke_key(context, earlier.id)
        scopes = sorted(permission.value for permission in PERMISSIONS_OF_ROLE[Role.FOLLOW_UP_OFFICER])
        return create_key(context, name=_KEY_NAME, scopes=scopes).key


def _settings(port: int | None) -> WebSettings:
    """Where to serve: as asked, else where it is usual, else wherever there is room."""
    if port is not None:
        return WebSettings.model_validate({"port": port})
    usual = WebSettings()
    for wanted in (usual.port, usual.port + 1 if usual.admin_port is None else usual.admin_port):
        try:
            listen(usual.host, wanted, "HUB_WEB_PORT").close()
        except PortTaken:
            return WebSettings.model_validate({"port": 0, "admin_port": 0})
    return usual


@contextmanager
def _logging_into(log: Path) -> Iterator[None]:
    """Have what all processes log go into a file, because the terminal shows what people are to do."""
    terminal = os.dup(_STANDARD_ERROR)
    try:
        with log.open("ab") as file:
            os.dup2(file.fileno(), _STANDARD_ERROR)
        yield
    finally:
        os.dup2(terminal, _STANDARD_ERROR)
        os.close(terminal)


def _tell(telling: Telling, addresses: Addresses, mail: str, body: Body, key: str, log: Path) -> None:
    arabic = telling.language is Language.ARABIC
    language = f"Accept-Language: {telling.language.value}"
    case = {"service": _SERVICE, "description": _SUGGESTION.ar if arabic else _SUGGESTION.en}
    code = body.pack.tenant.code
    api = f"{addresses.public}/api/v1"
    key_header = shlex.quote(f"Authorization: Bearer {key}")
    telling.say(
        Text(
            ar=f"بوابة المواطنين، افتحها في المتصفح: {addresses.public}/ar",
            en=f"The citizens’ portal, to be opened in a browser: {addresses.public}/en",
        ),
        "bold green",
    )
    telling.say(
        Text(
            ar=f"ما ترسله المنظومة بالبريد الإلكتروني إلى المواطنين يُقرأ هنا: {mail}",
            en=f"What the hub sends to citizens by e-mail is to be read here: {mail}",
        ),
        "bold green",
    )
    telling.say(
        Text(
            ar=f"واجهة البرمجة على {addresses.public}، وأرقام التشغيل على {addresses.figures}.",
            en=f"The API is at {addresses.public}, figures for operators at {addresses.figures}.",
        ),
        "bold green",
    )
    telling.commands(
        (
            (
                Text(
                    ar="مواطن يفتح حالة لدى شركة المياه:", en="A citizen opens a case with the water company:"
                ),
                f"curl -s {api}/tenants/{code}/cases -H 'Content-Type: application/json' -H {shlex.quote(language)}"
                f" -d {shlex.quote(json.dumps(case, ensure_ascii=False))}",
            ),
            (
                Text(
                    ar="نظام شركة المياه يقرأ تذاكره بمفتاح أُنشئ لهذا العرض:",
                    en="The water company's own system reads its tickets, by a key made for this demonstration:",
                ),
                f"curl -s '{api}/tickets?limit=3' -H {shlex.quote(language)} -H {key_header}",
            ),
            (
                Text(ar="ما يحدث لحظة وقوعه:", en="What happens, as it happens:"),
                f"curl -sN {api}/events -H {key_header}",
            ),
            (
                Text(ar="ما تكتبه العمليات عن نفسها:", en="What the processes write about themselves:"),
                f"tail -f {shlex.quote(str(log))}",
            ),
            (
                Text(ar="وصف الواجهة كاملًا:", en="All of the API, described:"),
                f"curl -s {api}/openapi.json",
            ),
        )
    )
    telling.say(Text(ar="تعمل حتى تضغط Ctrl+C.", en="It runs until you press Ctrl+C."), "bold")
    telling.console.file.flush()
