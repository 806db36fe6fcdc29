from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.journal.errors import SealedElsewhere
from hub.journal.models import Seal
from hub.journal.sealing import Finding, Tampering, seal_tenant, sealed, unsealed, verify_tenant
from tenants.context import SYSTEM
from tenants.ids import new_id
from tenants.languages import Language
from tenants.servers import OwnServer
from tests.hub.journal.ledger import facts, in_tenant, seal, tampering, verify, write, write_all
from tests.world import World, undone

# A seal waits for every open transaction of the server, those of other workers' databases among them.
pytestmark = pytest.mark.alone


def seals(world: World, tenant_id: UUID) -> list[Seal]:
    with in_tenant(world, tenant_id) as context:
        return list(
            context.session.scalars(select(Seal).where(Seal.tenant_id == tenant_id).order_by(Seal.number))
        )


def test_a_clean_journal_gives_no_finding(shared_world: World) -> None:
    tenant = shared_world.water.id
    assert seal(shared_world, tenant) > 0
    write_all(shared_world, tenant, "a", "b")
    assert seal(shared_world, tenant) == 2
    assert verify(shared_world, tenant) == []
    with in_tenant(shared_world, tenant) as context:
        assert unsealed(context, tenant) == 0
        assert sealed(context, tenant) == sum(each.facts for each in seals(shared_world, tenant))


def test_nothing_new_makes_no_seal(shared_world: World) -> None:
    tenant = new_id()
    assert seal(shared_world, tenant) == 0
    write_all(shared_world, tenant, "a")
    assert seal(shared_world, tenant) == 1
    assert seal(shared_world, tenant) == 0
    assert len(seals(shared_world, tenant)) == 1


def test_tenants_are_sealed_each_for_themselves(shared_world: World, server: OwnServer) -> None:
    one, other = new_id(), new_id()
    for tenant in (one, other):
        write_all(shared_world, tenant, "a", "b")
    assert seal(shared_world, one) == 2
    assert seals(shared_world, other) == []
    assert seal(shared_world, other) == 2
    with tampering(server, shared_world) as anybody:
        anybody.execute("UPDATE journal SET kind = 'case.closed' WHERE tenant_id = %s", (other,))
    assert verify(shared_world, one) == []
    assert {finding.tenant_id for finding in verify(shared_world, other)} == {other}
    with in_tenant(shared_world, one) as context:
        # A context of the one tenant has no seals of the other to seal or verify by.
        assert unsealed(context, other) == 0
        assert seal_tenant(context, other) == 0


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "kind = 'case.closed'",
        "actor_kind = 'citizen'",
        "actor_id = gen_random_uuid()",
        "case_id = gen_random_uuid()",
        "ticket_id = gen_random_uuid()",
        "version = 7",
        """data = jsonb_set(data, '{external_id}', '"other"')""",
        "data = data || '{\"more\": null}'",
    ],
)
def test_a_changed_fact_is_named_whatever_was_changed(
    shared_world: World, server: OwnServer, change: str
) -> None:
    tenant = new_id()
    write_all(shared_world, tenant, "a", "b", "c")
    seal(shared_world, tenant)
    named = facts(shared_world, tenant)["b"]
    with tampering(server, shared_world) as anybody:
        anybody.execute(f"UPDATE journal SET {change} WHERE id = %s".encode(), (named,))
    assert verify(shared_world, tenant) == [Finding(tenant, 1, Tampering.EDITED, named)]


def test_a_deleted_fact_is_named(shared_world: World, server: OwnServer) -> None:
    tenant = new_id()
    write_all(shared_world, tenant, "a", "b")
    seal(shared_world, tenant)
    named = facts(shared_world, tenant)["a"]
    with tampering(server, shared_world) as anybody:
        anybody.execute("DELETE FROM journal WHERE id = %s", (named,))
    assert verify(shared_world, tenant) == [Finding(tenant, 1, Tampering.DELETED, named)]


def test_a_fact_slipped_in_behind_is_named(shared_world: World, server: OwnServer) -> None:
    tenant, slipped = new_id(), new_id()
    write_all(shared_world, tenant, "a")
    seal(shared_world, tenant)
    write_all(shared_world, tenant, "b")
    seal(shared_world, tenant)
    with tampering(server, shared_world) as anybody:
        anybody.execute(
            "INSERT INTO journal SELECT (jsonb_populate_record(j, jsonb_build_object('id', %s::text))).*"
            " FROM journal j WHERE id = %s",
            (str(slipped), facts(shared_world, tenant)["a"]),
        )
    assert verify(shared_world, tenant) == [Finding(tenant, 1, Tampering.INSERTED, slipped)]


def test_a_fact_moved_to_another_writer_is_missed_where_it_was(
    shared_world: World, server: OwnServer
) -> None:
    tenant = new_id()
    write_all(shared_world, tenant, "a")
    seal(shared_world, tenant)
    write_all(shared_world, tenant, "b")
    seal(shared_world, tenant)
    named = facts(shared_world, tenant)
    with tampering(server, shared_world) as anybody:
        anybody.execute(
            "UPDATE journal SET written_by = (SELECT written_by FROM journal WHERE id = %s) WHERE id = %s",
            (named["b"], named["a"]),
        )
    assert verify(shared_world, tenant) == [
        Finding(tenant, 1, Tampering.DELETED, named["a"]),
        Finding(tenant, 2, Tampering.INSERTED, named["a"]),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "sealed_at = sealed_at - interval '1 day'",
        "leaves = leaves || leaves",
        "leaves = ''",
        "facts = facts + 1",
        "digest = sha256('')",
    ],
)
def test_a_changed_seal_breaks_the_chain(shared_world: World, server: OwnServer, change: str) -> None:
    tenant = new_id()
    for word in "abc":
        write_all(shared_world, tenant, word)
        seal(shared_world, tenant)
    with tampering(server, shared_world) as anybody:
        anybody.execute(
            f"UPDATE journal_seals SET {change} WHERE tenant_id = %s AND number = 2".encode(), (tenant,)
        )
    found = verify(shared_world, tenant)
    assert Finding(tenant, 2, Tampering.CHAIN_BROKEN, None) in found
    assert {finding.seal for finding in found} <= {2, 3}


def test_a_seal_made_anew_over_edited_facts_breaks_the_chain_after_it(
    shared_world: World, server: OwnServer
) -> None:
    """Somebody edits a fact, takes its seal away and has the rest of the hub seal again, as if nothing had been."""
    tenant = new_id()
    for word in "abc":
        write_all(shared_world, tenant, word)
        seal(shared_world, tenant)
    later = seals(shared_world, tenant)[2]
    with tampering(server, shared_world) as anybody:
        anybody.execute("DELETE FROM journal_seals WHERE tenant_id = %s AND number > 1", (tenant,))
        anybody.execute(
            "UPDATE journal SET kind = 'case.closed' WHERE id = %s", (facts(shared_world, tenant)["b"],)
        )
    seal(shared_world, tenant)
    with tampering(server, shared_world) as anybody:
        anybody.execute(
            "UPDATE journal_seals SET to_writer = %s, facts = 1, leaves = substring(leaves FOR 32)"
            " WHERE tenant_id = %s AND number = 2",
            (later.from_writer, tenant),
        )
        anybody.execute(
            "INSERT INTO journal_seals (tenant_id, number, sealed_at, from_writer, to_writer, facts, leaves, digest)"
            " VALUES (%s, 3, %s, %s, %s, %s, %s, %s)",
            (
                tenant,
                later.sealed_at,
                later.from_writer,
                later.to_writer,
                later.facts,
                later.leaves,
                later.digest,
            ),
        )
    assert Finding(tenant, 3, Tampering.CHAIN_BROKEN, None) in verify(shared_world, tenant)


def test_a_seal_taken_out_of_the_middle_breaks_the_chain(shared_world: World, server: OwnServer) -> None:
    tenant = new_id()
    for word in "abc":
        write_all(shared_world, tenant, word)
        seal(shared_world, tenant)
    with tampering(server, shared_world) as anybody:
        anybody.execute("DELETE FROM journal_seals WHERE tenant_id = %s AND number = 2", (tenant,))
    assert Finding(tenant, 3, Tampering.CHAIN_BROKEN, None) in verify(shared_world, tenant)


def test_a_transaction_still_open_is_sealed_by_a_later_batch(shared_world: World) -> None:
    tenant = new_id()
    write_all(shared_world, tenant, "before")
    with in_tenant(shared_world, tenant) as open_one:
        write(open_one, tenant, "late")
        write_all(shared_world, tenant, "during")
        # What a younger transaction wrote waits too: no fact may join a sealed range.
        assert seal(shared_world, tenant) == 1
        assert seal(shared_world, tenant) == 0
        assert verify(shared_world, tenant) == []
    assert seal(shared_world, tenant) == 2
    assert verify(shared_world, tenant) == []
    assert [each.facts for each in seals(shared_world, tenant)] == [1, 2]


def test_a_transaction_that_failed_leaves_no_gap(shared_world: World) -> None:
    tenant = new_id()
    write_all(shared_world, tenant, "a")
    with undone(in_tenant(shared_world, tenant)) as context:
        write(context, tenant, "undone")
        assert seal(shared_world, tenant) == 1
    write_all(shared_world, tenant, "b")
    assert seal(shared_world, tenant) == 1
    assert verify(shared_world, tenant) == []


def test_two_sealers_at_once_seal_every_fact_once(shared_world: World) -> None:
    tenant = new_id()
    write_all(shared_world, tenant, *(str(number) for number in range(50)))
    counts: list[int] = []
    ready = threading.Barrier(4)

    def work() -> None:
        ready.wait()
        counts.append(seal(shared_world, tenant))

    sealers = [threading.Thread(target=work) for _ in range(4)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join()
    assert sorted(counts) == [0, 0, 0, 50]
    assert [(each.number, each.facts) for each in seals(shared_world, tenant)] == [(1, 50)]
    assert verify(shared_world, tenant) == []


def test_sealing_while_others_write_covers_every_fact_once(shared_world: World) -> None:
    tenant = new_id()
    writing = True

    def write_on(name: str) -> None:
        for number in range(25):
            write_all(shared_world, tenant, f"{name}{number}")

    def seal_on() -> None:
        while writing:
            seal(shared_world, tenant)

    writers = [threading.Thread(target=write_on, args=(name,)) for name in "ab"]
    sealer = threading.Thread(target=seal_on)
    for thread in (*writers, sealer):
        thread.start()
    for thread in writers:
        thread.join()
    writing = False
    sealer.join()
    seal(shared_world, tenant)
    assert sum(each.facts for each in seals(shared_world, tenant)) == 50
    assert verify(shared_world, tenant) == []


def test_sealing_does_not_depend_on_the_zone_of_the_session(shared_world: World) -> None:
    tenant = new_id()
    write_all(shared_world, tenant, "a")
    seal(shared_world, tenant)
    with in_tenant(shared_world, tenant) as context:
        context.session.connection().exec_driver_sql("SET LOCAL TIME ZONE 'Africa/Cairo'")
        assert list(verify_tenant(context, tenant)) == []


def test_after_a_restore_into_a_server_that_counted_less_nothing_is_sealed_in_silence(
    shared_world: World, server: OwnServer
) -> None:
    tenant = new_id()
    write_all(shared_world, tenant, "a")
    seal(shared_world, tenant)
    with tampering(server, shared_world) as restored:
        restored.execute(
            "UPDATE journal_seals SET to_writer = to_writer + %s WHERE tenant_id = %s", (5 * 2**32, tenant)
        )
    write_all(shared_world, tenant, "b")
    with pytest.raises(SealedElsewhere) as refused:
        seal(shared_world, tenant)
    assert len(seals(shared_world, tenant)) == 1
    assert refused.value.field == "journal"
    # An epoch beyond the last sealed number, so that every new transaction is beyond it too.
    assert refused.value.sentence(Language.ENGLISH).endswith("pg_resetwal --epoch=6")
    with shared_world.database.unit_of_work(actor=SYSTEM, tenants=(tenant,)) as context:
        assert unsealed(context, tenant) == 0


HARM = st.sampled_from([Tampering.EDITED, Tampering.DELETED, Tampering.INSERTED, None])


@given(batches=st.lists(st.lists(HARM, min_size=1, max_size=4), min_size=1, max_size=4))
@settings(
    max_examples=20,
    deadline=timedelta(seconds=10),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_verifying_finds_exactly_what_was_done(
    shared_world: World, server: OwnServer, batches: list[list[Tampering | None]]
) -> None:
    tenant = new_id()
    for number, batch in enumerate(batches):
        write_all(shared_world, tenant, *(f"{number}.{place}" for place in range(len(batch))))
        assert seal(shared_world, tenant) == len(batch)
    known = facts(shared_world, tenant)
    expected = set()
    with tampering(server, shared_world) as anybody:
        for number, batch in enumerate(batches):
            for place, harm in enumerate(batch):
                fact_id = known[f"{number}.{place}"]
                if harm is Tampering.EDITED:
                    anybody.execute("UPDATE journal SET version = 3 WHERE id = %s", (fact_id,))
                elif harm is Tampering.DELETED:
                    anybody.execute("DELETE FROM journal WHERE id = %s", (fact_id,))
                elif harm is Tampering.INSERTED:
                    like, fact_id = fact_id, new_id()
                    anybody.execute(
                        "INSERT INTO journal SELECT (jsonb_populate_record(j, jsonb_build_object('id', %s::text))).*"
                        " FROM journal j WHERE id = %s",
                        (str(fact_id), like),
                    )
                if harm is not None:
                    expected.add(Finding(tenant, number + 1, harm, fact_id))
    assert set(verify(shared_world, tenant)) == expected
