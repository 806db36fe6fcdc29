"""Pictures of pages, Arabic and English, wide and narrow, by day and by night: `make pictures`.

They are taken of the six example agencies, in a database that goes away again. To take some only: `make pictures
PICTURES="home help"`.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from hub import reactions
from hub.web.settings import PageSettings
from infra.demo.stage import load_bodies, read_packs
from infra.mail_catcher import MailCatcher
from infra.migrate import migrate
from portal.app import create_portal
from tenants.database import Database
from tenants.servers import OwnServer, find_server
from tenants.settings import DatabaseSettings
from tests.hub.api.callers import AMPLE
from tests.pages.browsers import EVERYBODY, looking, running_chromium, serving
from tests.pages.places import PLACES
from tests.pages.shown_cases import NAMES, Shown, show_cases, supply_answers
from tests.pages.shown_my_cases import MY_CASES, Mailbox
from tests.pages.shown_reports import REPORTS, go_to_report, report_nearby

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"
_HIGHEST: Final = 6_000
_QUALITY: Final = 60


def main(wanted: Collection[str]) -> None:
    """Take the pictures of the places wanted, or of all."""
    FOLDER.mkdir(exist_ok=True)
    with MailCatcher() as mail, _example(mail) as (database, shown):
        mailbox = Mailbox(database, mail, shown)
        portal = create_portal(database, rates=AMPLE, settings=PageSettings(styleguide=True))
        with serving(portal) as address, running_chromium() as browser:
            for how in EVERYBODY:
                with looking(browser, address, how) as page:
                    for name in wanted or (*PLACES, *NAMES, *REPORTS, *MY_CASES):
                        if name in PLACES:
                            page.goto(f"/{how.language.value}{PLACES[name]}")
                        elif name in REPORTS:
                            go_to_report(page, how.language, name)
                        elif name in MY_CASES:
                            mailbox.go_to(page, how.language, name)
                        else:
                            shown.go_to(page, how.language, name)
                        page.evaluate("document.fonts.ready")
                        _keep(page.screenshot(full_page=True), FOLDER / f"{name}-{how.name}.webp")
    sys.stdout.write(f"{FOLDER.relative_to(Path.cwd())}\n")


def _keep(picture: bytes, path: Path) -> None:
    """Write a picture small, and leave one alone that shows the same."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, _HIGHEST)))
    written = BytesIO()
    image.save(written, "WEBP", quality=_QUALITY, method=6)
    if not path.exists() or path.read_bytes() != written.getvalue():
        path.write_bytes(written.getvalue())


@contextmanager
def _example(mail: MailCatcher) -> Iterator[tuple[Database, Shown]]:
    os.environ.setdefault("HUB_KEY_PEPPER", secrets.token_hex(32))
    os.environ.update(mail.environment)
    reactions.install()
    with tempfile.TemporaryDirectory(prefix="hub19-pictures-") as folder:
        Path(folder).chmod(0o711)
        server = find_server(DatabaseSettings(database_url=None, hub_data=Path(folder)), durable=False)
        assert isinstance(server, OwnServer)
        with server:
            server.create_database("pictures")
            urls = server.urls("pictures")
            migrate(urls.owner.get_secret_value())
            database = Database.at(urls.app.get_secret_value())
            try:
                now = datetime.now(UTC)
                bodies = load_bodies(database, read_packs(), now - timedelta(days=2))
                water = bodies["water"]
                report_nearby(database, bodies["electricity"].id, now)
                lead = max(water.staff, key=lambda each: len(each.actor.grants[water.id]))
                answers = supply_answers((now - timedelta(days=1)).date())
                yield database, show_cases(database, water.id, lead.actor, "no_water", answers, now)
            finally:
                database.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
