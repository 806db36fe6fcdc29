"""Clients who do everything over HTTP and, when no answer comes, ask again under the same Idempotency-Key."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx2

from hub.keys.actions import create_key
from tests.kill.clients import DESCRIPTION, PATIENCE_SECONDS, PAUSE_SECONDS, Client, Step
from tests.kill.ledger import Ledger, Told, opened_now
from tests.world import Agency, World

_SCOPES = (
    "tickets:open",
    "tickets:read",
    "tickets:screen",
    "tickets:work",
    "tickets:join",
    "tickets:resolve",
)
# The answers that say: come again.
_LATER = {429, 503}


def keys_of(world: World) -> dict[UUID, str]:
    """An API key for the machines of each tenant."""
    keys = {}
    for agency in (world.water, world.tax):
        with world.as_staff(agency, "manager") as context:
            keys[agency.id] = create_key(context, name="Kill test", scopes=_SCOPES).key
    return keys


class WebClient(Client):
    """One connection; it never looks into the database, and knows what it is told."""

    def __init__(
        self,
        world: World,
        ledger: Ledger,
        seed: int,
        stories: int,
        address: str,
        keys: Mapping[UUID, str],
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(world, ledger, seed, stories)
        self._patience = patience
        self._keys = keys
        # Without TLS there are no certificates to verify, and reading them takes longer than the requests.
        self._client = httpx2.Client(base_url=f"{address}/api/v1", timeout=30, verify=False)

    def run(self) -> None:
        """Tell the stories over one connection, which is closed in the end."""
        with self._client:
            super().run()

    def open(self, agency: Agency) -> Told:
        """Open a case, by the tenant's machine or as a citizen, until there is an answer."""
        by_machine = self.random.random() < 1 / 2
        body = {
            "service": "leak",
            "description": DESCRIPTION,
            "reporter": {"name": "منى", "phone": f"0100{self.random.randrange(10**7):07}"},
            "answers": {"hazard": False},
        }
        headers = self._machine(agency) if by_machine else {}
        answer = self._ask("POST", f"/tenants/{agency.code}/cases", headers, body)
        told = opened_now(agency, answer["number"], UUID(answer["ticket_id"]), secret=answer["secret"])
        return self.ledger.opened(told)

    def do(self, told: Told, step: Step) -> None:
        """Read the ticket, act on what was read, until there is an answer."""
        if step.by_citizen:
            story, headers = f"/cases/{told.number}", {"Hub-Case-Secret": told.secret}
            (ticket,) = self._ask("GET", story, headers)["tickets"]
            path = f"{story}/tickets/{told.ticket_id}/{step.act}"
        else:
            path, headers = f"/tickets/{told.ticket_id}", self._machine(told.agency)
            ticket = self._ask("GET", path, headers)
            path = f"{path}/{step.act}"
        version = f'"{ticket["version"]}"'
        words = {name: str(value) for name, value in step.words.items()}
        answer = self._ask("POST", path, {**headers, "If-Match": version}, words)
        status = answer["tickets"][0]["status"] if step.by_citizen else answer["status"]
        assert status == step.status

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: object | None = None
    ) -> dict[str, Any]:
        """What is answered in the end; whatever else than an answer or "later" comes fails the test."""
        give_up = time.monotonic() + self._patience
        asked = dict(headers)
        if method == "POST":
            asked["Idempotency-Key"] = str(uuid4())
        while True:
            self.breathe()
            try:
                answer = self._client.request(method, path, headers=asked, json=body)
            except httpx2.TransportError as problem:
                assert time.monotonic() < give_up, f"no answer from {path}"
                self.ledger.tried_again(type(problem).__name__)
            else:
                if answer.status_code not in _LATER:
                    assert answer.is_success, (method, path, answer.status_code, answer.text)
                    if answer.headers.get("Idempotency-Replayed"):
                        self.ledger.uncertain()
                    told: dict[str, Any] = answer.json()
                    return told
                assert int(answer.headers["Retry-After"]) > 0
                assert time.monotonic() < give_up, f"{path} stays {answer.status_code}"
                self.ledger.tried_again(str(answer.status_code))
            time.sleep(PAUSE_SECONDS)

    def _machine(self, agency: Agency) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._keys[agency.id]}"}
