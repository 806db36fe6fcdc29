from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from hub.attachments import actions
from hub.attachments.errors import BadScannerAddress, BadStoreAddress, StoreUnavailable
from hub.attachments.queries import read
from hub.attachments.settings import file_settings
from hub.attachments.store import BytesMissing, FileStore, process_store, use_store
from tests.hub.attachments.acting import as_anybody, do_jobs, set_to, sha, taken_in
from tests.hub.attachments.making import noise
from tests.hub.tickets.refusals import refused
from tests.services.ports import free_port
from tests.services.s3 import RunningS3, running_s3
from tests.world import World


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningS3]:
    with running_s3(tmp_path_factory.mktemp("s3")) as service:
        yield service


def use_bucket(monkeypatch: pytest.MonkeyPatch, endpoint: str, prefix: str = "/of/the/hub") -> None:
    set_to(
        monkeypatch,
        s3_url=f"s3://hub-files{prefix}",
        s3_endpoint=endpoint,
        s3_region="eu-south-1",
        s3_access_key="tests",
        s3_secret_key="tests only",  # noqa: S106 - moto takes any
        s3_allow_http="true",
    )
    use_store(None)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FileStore:
    if request.param == "bucket":
        use_bucket(monkeypatch, request.getfixturevalue("s3").endpoint, f"/{uuid4()}")
    return process_store()


def test_what_is_written_is_read_listed_and_removed(store: FileStore) -> None:
    large = noise(7_000_000)
    store.write("a/b/one", b"1")
    store.write("a/b/large", large)
    store.write("a/bc/two", b"2")
    store.write("a/b/one", b"one")
    assert b"".join(store.read("a/b/one")) == b"one"
    assert b"".join(store.read("a/b/large")) == large
    assert sorted(store.under("a/b")) == ["a/b/large", "a/b/one"]
    everything = [each for batch in store.everything() for each in batch]
    assert sorted(each.key for each in everything) == ["a/b/large", "a/b/one", "a/bc/two"]
    assert all(abs(datetime.now(UTC) - each.written_at) < timedelta(minutes=5) for each in everything)
    store.remove(["a/b/one", "a/b/large", "a/b/was/never/there"])
    store.remove(["a/b/one"])
    assert store.under("a/b") == []
    with pytest.raises(BytesMissing):
        store.read("a/b/one")
    assert store.remove_unfinished(datetime.now(UTC) + timedelta(days=1)) == 0
    assert store.under("a") == ["a/bc/two"]


def test_a_file_goes_through_all_its_life_in_either_store(store: FileStore, world: World) -> None:
    content = b"%PDF-1.7\n" + noise(300_000) + b"\n%%EOF"
    with as_anybody(world) as context:
        mine = actions.begin_upload(context, name="a.pdf", size=len(content)).id
        for offset in range(0, len(content), 100_000):
            actions.put_piece(context, mine, offset=offset, content=content[offset : offset + 100_000])
        actions.finish_upload(context, mine, sha256=sha(content))
    assert len(store.under(str(world.water.id))) == 4
    do_jobs(world)
    assert len(store.under(str(world.water.id))) == 1
    with as_anybody(world) as context:
        assert b"".join(read(context, mine).chunks) == content
        actions.delete(context, mine)
    do_jobs(world)
    assert store.under(str(world.water.id)) == []


def test_the_folder_is_its_owners_alone(files: Path) -> None:
    process_store().write("a/b", b"x")
    assert stat.S_IMODE(files.stat().st_mode) == 0o700
    assert (files / "a" / "b").read_bytes() == b"x"


def test_empty_folders_do_not_pile_up(files: Path) -> None:
    process_store().write("tenant/file/one", b"x")
    process_store().remove(["tenant/file/one"])
    assert list(files.iterdir()) == []


def test_the_usual_folder_lies_in_the_hubs_own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_FILES_FOLDER")
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "data"))
    file_settings.cache_clear()
    use_store(None)
    process_store().write("a", b"x")
    assert (tmp_path / "data" / "files" / "a").read_bytes() == b"x"


def test_a_bucket_that_does_not_answer_is_said_so_and_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_bucket(monkeypatch, f"http://127.0.0.1:{free_port()}")
    with as_anybody(world) as context, refused(StoreUnavailable, "file"):
        taken_in(context, b"%PDF-1.7 %%EOF")


def test_wrong_credentials_or_buckets_are_no_loss_of_files(
    s3: RunningS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, s3_url="s3://not-made-by-anybody", s3_endpoint=s3.endpoint, s3_allow_http="true")
    set_to(monkeypatch, s3_access_key="x", s3_secret_key="y", s3_region="eu-south-1")  # noqa: S106
    use_store(None)
    with pytest.raises(StoreUnavailable):
        process_store().write("a", b"x")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can fill a file system of its own")
def test_a_full_disk_is_said_so(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        store = FileStore.in_folder(small)
        with pytest.raises(StoreUnavailable):
            store.write("a/b", noise(2_000_000))
        store.write("a/c", b"small enough")
        assert store.under("a") == ["a/c"]
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("s3_url", "http://bucket", BadStoreAddress),
        ("s3_url", "s3://", BadStoreAddress),
        ("s3_url", "s3://Bucket/x y", BadStoreAddress),
        ("scanner", "localhost:3310", BadScannerAddress),
        ("scanner", "tcp://", BadScannerAddress),
        ("scanner", "tcp://host:99999", BadScannerAddress),
        ("scanner", "unix://", BadScannerAddress),
        ("scanner", "http://host", BadScannerAddress),
    ],
)
def test_addresses_that_cannot_be_used_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, refusal: type
) -> None:
    set_to(monkeypatch, **{name: value})
    with refused(refusal, f"HUB_FILES_{name.upper()}"):
        file_settings()


def test_no_secret_shows_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, s3_secret_key="a secret key")  # noqa: S106
    assert "a secret key" not in repr(file_settings())
    assert "only for tests" not in repr(file_settings())
