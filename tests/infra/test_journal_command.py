from __future__ import annotations

import pytest

from tests.factories.tickets import open_leak
from tests.infra.harm import harm
from tests.infra.processes import Command, Live

# A seal waits for every open transaction of the server, those of other workers' databases among them.
pytestmark = pytest.mark.alone


def test_a_sealed_journal_verifies_and_its_facts_are_counted(live: Live, hub: Command) -> None:
    open_leak(live.world)
    assert hub("journal", "seal")[:2][0] == 0
    opened = open_leak(live.world)
    status, out, err = hub("journal", "verify", "--tenant", "water")
    assert (status, err) == (0, "")
    unsealed = live.facts_of_ticket(live.world.water, opened)
    assert f", {unsealed} not yet.\n" in out
    assert out.endswith("The journal is as it was sealed.\n")


def test_an_edited_fact_is_named_and_the_exit_status_says_so(live: Live, hub: Command) -> None:
    opened = open_leak(live.world)
    hub("journal", "seal")
    harm(
        live,
        f"UPDATE journal SET actor_kind = 'citizen' WHERE ticket_id = '{opened.ticket_id}' AND version = 1",
    )
    status, out, err = hub("journal", "verify")
    assert status == 1
    edited = [line for line in out.splitlines() if line.endswith("was edited.")]
    assert len(edited) >= 1
    assert all(line.startswith("water: seal 1: fact ") for line in edited)
    assert f"in {len(edited)} places" in err


def test_a_deleted_fact_is_named(live: Live, hub: Command) -> None:
    opened = open_leak(live.world)
    hub("journal", "seal")
    harm(live, f"DELETE FROM journal WHERE ticket_id = '{opened.ticket_id}' AND kind = 'ticket.routed'")
    status, out, _ = hub("journal", "verify")
    assert status == 1
    assert "was deleted." in out


def test_tampering_with_one_body_leaves_the_other_clean(live: Live, hub: Command) -> None:
    open_leak(live.world)
    hub("journal", "seal")
    harm(live, f"UPDATE journal_seals SET digest = '\\x00' WHERE tenant_id = '{live.world.water.id}'")
    assert hub("journal", "verify", "--tenant", "tax")[0] == 0
    status, out, _ = hub("journal", "verify", "--tenant", "water")
    assert status == 1
    assert "the chain of seals is broken here" in out


def test_an_unknown_body_is_refused(hub: Command) -> None:
    assert hub("journal", "verify", "--tenant", "nobody") == (
        1,
        "",
        "There is no body with the code “nobody” on the hub.\n",
    )
