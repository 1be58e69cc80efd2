# SPDX-License-Identifier: Apache-2.0
"""Files are kept whole or not at all, under names that nobody chose, wherever the settings want them.

What is promised for every place is tested over a folder and over a bucket; then what only one of them has.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service import log
from service.errors import (
    ExtraMissingError,
    FileDamagedError,
    FileMissingError,
    SettingsError,
    StorageFullError,
    StorageUnavailableError,
)
from service.files import FileStore, objects, open_files
from service.files.objects import Objects
from service.files.watch import EVERY, FilesWatch
from service.settings import Settings
from tests.service import s3
from tests.service.s3 import Bucket

LATER = datetime.now(UTC) + timedelta(days=1)
FOREIGN = "a" * 32


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    """One for each test: what somebody gave up in one test may still arrive in the next."""
    with s3.serving() as serving:
        yield serving


def of_bucket(data: Path, bucket: Bucket, **other: Any) -> Settings:
    return Settings(
        data=data,
        files_endpoint=bucket.url,
        files_region=s3.REGION,
        files_access_key=s3.ACCESS_KEY,
        **{"files_url": f"s3://{s3.BUCKET}/a/school", "files_secret_key": s3.SECRET_KEY, **other},
    )


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path, bucket: Bucket) -> FileStore:
    if request.param == "folder":
        return open_files(Settings(data=tmp_path), "files")
    return open_files(of_bucket(tmp_path, bucket), "files")


@pytest.fixture
def in_bucket(tmp_path: Path, bucket: Bucket) -> FileStore:
    return open_files(of_bucket(tmp_path, bucket), "files")


@pytest.fixture
def in_folder(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def failing(number: int) -> Callable[..., None]:
    def fail(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


# -- every place ------------------------------------------------------------------------------------------


def test_gives_back_what_was_put_in(files: FileStore) -> None:
    stored = files.put(b"evidence", media_type="text/plain")
    assert files.get(stored.id) == b"evidence"
    assert (stored.size, stored.media_type) == (8, "text/plain")
    assert files.size(stored.id) == stored.size
    assert stored.sha256 == hashlib.sha256(b"evidence").hexdigest()
    assert files.exists(stored.id)


@pytest.mark.parametrize("data", [b"", b"\x00\xff" * 3_500_000], ids=["empty", "large"])
def test_keeps_small_and_large_files(files: FileStore, data: bytes) -> None:
    assert files.get(files.put(data, media_type="application/pdf").id) == data


def test_the_same_content_twice_is_two_files(files: FileStore) -> None:
    first, second = (files.put(b"x", media_type="text/plain") for _ in range(2))
    files.delete(first.id)
    assert files.get(second.id) == b"x"


def test_a_deleted_file_is_gone_and_may_be_deleted_again(files: FileStore, tmp_path: Path) -> None:
    stored = files.put(b"x", media_type="text/plain")
    files.delete(stored.id)
    files.delete(stored.id)
    assert not files.exists(stored.id)
    assert everything(tmp_path) == []
    for ask in (files.get, files.size):
        with pytest.raises(FileMissingError):
            ask(stored.id)


@given(
    name=st.one_of(
        st.text(), st.sampled_from(["", "../x", "/etc/passwd", "a" * 31, "A" * 32, "0" * 32 + "\n"])
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_no_name_of_ours_leads_nowhere(files: FileStore, bucket: Bucket, name: str) -> None:
    for ask in (files.get, files.size, files.delete):
        with pytest.raises(FileMissingError):
            ask(name)
    assert not files.exists(name)
    assert bucket.asked == []


def test_finds_files_that_no_row_knows(files: FileStore) -> None:
    stored = [files.put(b"x", media_type="text/plain").id for _ in range(8)]  # several pages of a listing
    known, lost = stored[:2], stored[2:]
    assert list(files.orphans(known, before=LATER)) == sorted(lost)
    assert all(files.exists(each) for each in lost)


def test_a_file_that_was_stored_just_now_is_no_orphan_yet(files: FileStore) -> None:
    files.put(b"x", media_type="text/plain")
    assert list(files.orphans((), before=datetime.now(UTC) - timedelta(hours=1))) == []


def test_an_empty_store_has_no_orphans(files: FileStore) -> None:
    assert list(files.orphans((), before=LATER)) == []


# -- a folder ---------------------------------------------------------------------------------------------


def test_nobody_else_may_read_files_or_list_them(in_folder: FileStore, tmp_path: Path) -> None:
    in_folder.put(b"x", media_type="text/plain")
    for path in (tmp_path / "files").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("step", ["fsync", "rename", "write"])
def test_a_full_disk_leaves_nothing_half_stored(
    in_folder: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    fail = failing(errno.ENOSPC)
    if step == "rename":
        monkeypatch.setattr(Path, "rename", fail)
    else:
        monkeypatch.setattr(os, "fsync" if step == "fsync" else "fdopen", fail)
    with pytest.raises(StorageFullError):
        in_folder.put(b"x" * 100_000, media_type="text/plain")
    monkeypatch.undo()
    assert everything(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_our_trouble(
    in_folder: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", failing(errno.EACCES))
    with pytest.raises(StorageUnavailableError):
        in_folder.put(b"x", media_type="text/plain")


def test_what_a_crash_left_half_written_is_deleted(in_folder: FileStore, tmp_path: Path) -> None:
    known = in_folder.put(b"x", media_type="text/plain").id
    part = tmp_path / "files" / known[:2] / (known[:2] + "0" * 30 + ".part")
    part.write_bytes(b"half")
    assert list(in_folder.orphans({known}, before=LATER)) == []
    assert not part.exists()


# -- a bucket ---------------------------------------------------------------------------------------------


def test_objects_lie_as_files_in_a_folder_do(in_bucket: FileStore, bucket: Bucket) -> None:
    stored = in_bucket.put(b"x", media_type="text/plain")
    assert list(bucket.objects) == [f"a/school/files/{stored.id[:2]}/{stored.id}"]
    kept = bucket.objects[f"a/school/files/{stored.id[:2]}/{stored.id}"].headers
    assert kept == {"content-type": "text/plain", "x-amz-meta-sha256": stored.sha256}


def test_rooms_do_not_see_each_others_files(tmp_path: Path, bucket: Bucket) -> None:
    evidence, brought = (open_files(of_bucket(tmp_path, bucket), room) for room in ("files", "brought"))
    stored = evidence.put(b"x", media_type="text/plain")
    assert not brought.exists(stored.id)
    assert list(brought.orphans((), before=LATER)) == []


def test_what_is_no_file_of_ours_in_the_bucket_is_left_alone(in_bucket: FileStore, bucket: Bucket) -> None:
    in_bucket.put(b"x", media_type="text/plain")
    for other in ("notes.txt", f"aa/{FOREIGN}.part", f"bb/{FOREIGN}"):
        bucket.objects[f"a/school/files/{other}"] = s3.Kept(b"x", {}, datetime.now(UTC) - timedelta(days=9))
    assert list(in_bucket.orphans((), before=datetime.now(UTC) - timedelta(days=1))) == []


@pytest.mark.parametrize("fault", [s3.BUSY, s3.CUT, s3.WRONG])
def test_a_file_that_does_not_come_whole_is_asked_for_again(
    in_bucket: FileStore, bucket: Bucket, fault: str
) -> None:
    stored = in_bucket.put(b"evidence" * 99, media_type="text/plain")
    bucket.faults.append(("GET", fault))
    assert in_bucket.get(stored.id) == b"evidence" * 99


def test_a_file_that_stays_damaged_is_not_shown(in_bucket: FileStore, bucket: Bucket) -> None:
    stored = in_bucket.put(b"evidence", media_type="text/plain")
    bucket.faults.extend([("GET", s3.WRONG)] * 2)
    with pytest.raises(FileDamagedError):
        in_bucket.get(stored.id)


def test_an_object_that_is_larger_than_anything_of_ours_is_not_taken_into_memory(
    in_bucket: FileStore, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else who may write into the bucket puts gigabytes where a file of ours lies."""
    stored = in_bucket.put(b"evidence", media_type="text/plain")
    monkeypatch.setattr(objects, "OBJECT_BYTES", 8)
    assert in_bucket.get(stored.id) == b"evidence"
    monkeypatch.setattr(objects, "OBJECT_BYTES", 7)
    with pytest.raises(FileDamagedError):
        in_bucket.get(stored.id)


def test_an_object_that_was_copied_into_the_bucket_is_read(in_bucket: FileStore, bucket: Bucket) -> None:
    bucket.objects[f"a/school/files/aa/{FOREIGN}"] = s3.Kept(b"copied", {}, datetime.now(UTC))
    assert in_bucket.get(FOREIGN) == b"copied"


@pytest.mark.parametrize("fault", [s3.BUSY, s3.LOST])
def test_a_file_is_stored_once_when_an_answer_was_lost(
    in_bucket: FileStore, bucket: Bucket, fault: str
) -> None:
    bucket.faults.append(("PUT", fault))
    stored = in_bucket.put(b"evidence", media_type="text/plain")
    assert in_bucket.get(stored.id) == b"evidence"
    assert len(bucket.objects) == 1


def test_a_file_that_is_there_and_then_is_not_was_not_stored(
    in_bucket: FileStore, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = obstore.put

    def put_and_lose(*arguments: Any, **others: Any) -> None:
        """The answer of a first try is lost, and the second one meets its file; then the file goes."""
        put(*arguments, **others)
        try:
            put(*arguments, **others)
        finally:
            bucket.objects.clear()

    monkeypatch.setattr(obstore, "put", put_and_lose)
    with pytest.raises(StorageUnavailableError, match="Nothing of yours was lost"):
        in_bucket.put(b"evidence", media_type="text/plain")
    assert [line.split()[0] for line in bucket.asked] == ["PUT", "PUT", "GET", "DELETE"]


@pytest.mark.parametrize(
    ("fault", "times", "error"),
    [
        (s3.FULL, 20, StorageFullError),  # as long as it is asked: a busy machine asks once more
        (s3.BUSY, 20, StorageUnavailableError),
        (s3.DENIED, 1, StorageUnavailableError),
    ],
)
def test_a_store_that_takes_nothing_keeps_nothing(
    in_bucket: FileStore, bucket: Bucket, fault: str, times: int, error: type[Exception]
) -> None:
    bucket.faults.extend([("PUT", fault)] * times)
    with pytest.raises(error, match="Nothing of yours was lost"):
        in_bucket.put(b"evidence", media_type="text/plain")
    assert bucket.objects == {}


def test_a_store_that_is_silent_is_not_waited_for(tmp_path: Path, bucket: Bucket) -> None:
    slow = FileStore(Objects(of_bucket(tmp_path, bucket), "files", try_seconds=0.1))
    bucket.slow_seconds = 0.4
    bucket.faults.append(("PUT", s3.SLOW))
    with pytest.raises(StorageUnavailableError):
        slow.put(b"evidence", media_type="text/plain")
    assert [line.split()[0] for line in bucket.asked] == ["PUT", "DELETE"]


def test_a_bucket_that_is_away_is_told_and_told_no_more_when_it_is_back(
    tmp_path: Path, bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("info")
    now = datetime.now(UTC)
    watch = FilesWatch(of_bucket(tmp_path, bucket))
    bucket.faults.append(("HEAD", s3.DENIED))
    watch.attention(now)
    watch.wait(30)
    assert watch.attention(now + EVERY / 2) == ("files.unavailable",)
    assert "files.unavailable" in capsys.readouterr().err
    watch.attention(now + EVERY)
    watch.wait(30)
    assert watch.attention(now + EVERY) == ()
    assert len(bucket.asked) == 2


def test_a_service_starts_without_its_bucket_and_says_so(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path,
        files_url="s3://evidence",
        files_endpoint="http://127.0.0.1:9",
        files_access_key="key",
        files_secret_key="secret",
    )
    watch = FilesWatch(settings)
    now = datetime.now(UTC)
    assert watch.attention(now) == ()  # nobody waits for the answer
    watch.wait(30)
    assert watch.attention(now) == ("files.unavailable",)


def test_a_folder_is_not_watched(tmp_path: Path) -> None:
    assert FilesWatch(Settings(data=tmp_path)).attention(datetime.now(UTC)) == ()


@pytest.mark.parametrize("ask", ["get", "size", "delete", "exists"])
def test_a_refusal_is_not_taken_for_a_missing_file(in_bucket: FileStore, bucket: Bucket, ask: str) -> None:
    stored = in_bucket.put(b"evidence", media_type="text/plain")
    method = {"get": "GET", "delete": "DELETE"}.get(ask, "HEAD")
    bucket.faults.append((method, s3.DENIED))
    with pytest.raises(StorageUnavailableError):
        getattr(in_bucket, ask)(stored.id)
    assert in_bucket.exists(stored.id)


def test_a_listing_that_breaks_off_is_no_short_listing(in_bucket: FileStore, bucket: Bucket) -> None:
    for _ in range(5):
        in_bucket.put(b"x", media_type="text/plain")
    bucket.faults.extend([("GET", s3.DENIED)])
    with pytest.raises(StorageUnavailableError):
        list(in_bucket.orphans((), before=LATER))


def test_a_bucket_that_is_not_there_is_not_an_empty_one(tmp_path: Path, bucket: Bucket) -> None:
    other = open_files(of_bucket(tmp_path, bucket, files_url="s3://another"), "files")
    with pytest.raises(StorageUnavailableError):
        other.put(b"x", media_type="text/plain")
    with pytest.raises(StorageUnavailableError):
        other.get(FOREIGN)
    with pytest.raises(StorageUnavailableError):
        list(other.orphans((), before=LATER))


def test_nobody_listens_there(tmp_path: Path, bucket: Bucket) -> None:
    dead = Settings(
        data=tmp_path,
        files_url="s3://evidence",
        files_endpoint="http://127.0.0.1:1",
        files_access_key="a",
        files_secret_key="b",
    )
    with pytest.raises(StorageUnavailableError):
        open_files(dead, "files").put(b"x", media_type="text/plain")


def test_every_request_is_signed_and_with_our_key_only(
    in_bucket: FileStore, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_bucket.put(b"x", media_type="text/plain")
    assert bucket.refused == []
    other = open_files(of_bucket(tmp_path, bucket, files_secret_key="another"), "files")
    with pytest.raises(StorageUnavailableError):
        other.put(b"x", media_type="text/plain")
    assert set(bucket.refused) == {"the signature is wrong"}
    for name in ("AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SKIP_SIGNATURE"):
        monkeypatch.setenv(name, "http://127.0.0.1:1" if name.endswith("URL") else "true")
    bucket.refused.clear()
    open_files(of_bucket(tmp_path, bucket), "files").put(b"x", media_type="text/plain")
    assert bucket.refused == []


def test_the_secret_half_comes_from_a_file(tmp_path: Path, bucket: Bucket) -> None:
    (tmp_path / "secret").write_text(f"{s3.SECRET_KEY}\n", encoding="utf-8")
    chosen = of_bucket(tmp_path, bucket, files_secret_key="", files_secret_key_file=tmp_path / "secret")
    open_files(chosen, "files").put(b"x", media_type="text/plain")
    assert bucket.refused == []
    (tmp_path / "secret").unlink()
    with pytest.raises(SettingsError, match="files_secret_key_file"):
        open_files(chosen, "files")


def test_certificates_that_are_none_are_refused_when_it_opens(tmp_path: Path, bucket: Bucket) -> None:
    (tmp_path / "ca.pem").write_text("nothing of the kind", encoding="utf-8")
    with pytest.raises(SettingsError, match="files_ca_file"):
        open_files(of_bucket(tmp_path, bucket, files_ca_file=tmp_path / "ca.pem"), "files")


def test_trouble_is_logged_without_secrets_and_names(
    in_bucket: FileStore, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    bucket.faults.append(("PUT", s3.DENIED))
    with pytest.raises(StorageUnavailableError):
        in_bucket.put(b"x", media_type="text/plain")
    said = [record.__dict__["members"] for record in caplog.records if record.msg == "files.unavailable"]
    assert said == [{"step": "put", "reason": "status code: 403 <Code>AccessDenied</Code>"}]


def test_a_missing_extra_names_the_command(
    tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ExtraMissingError, match=r"pip install 'hallmark\[s3\]'"):
        open_files(of_bucket(tmp_path, bucket), "files")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"files_url": "https://bucket.example"}, "files_url"),
        ({"files_url": "s3://Bucket"}, "files_url"),
        ({"files_url": "s3://bucket/../x y"}, "files_url"),
        ({"files_url": "s3://bucket", "files_endpoint": "http://store.example"}, "files_endpoint"),
        ({"files_url": "s3://bucket", "files_endpoint": "https://store.example/path"}, "files_endpoint"),
        ({"files_url": "s3://bucket", "files_endpoint": "https://a:b@store.example"}, "files_endpoint"),
        ({"files_url": "s3://bucket", "files_endpoint": "https://store.example:x"}, "files_endpoint"),
        ({"files_url": "s3://bucket", "files_access_key": "a"}, "files_access_key"),
        ({"files_url": "s3://bucket", "files_secret_key": "a"}, "files_access_key"),
        (
            {
                "files_url": "s3://bucket",
                "files_access_key": "a",
                "files_secret_key": "b",
                "files_secret_key_file": Path("c"),
            },
            "files_secret_key_file",
        ),
        ({"files_endpoint": "https://store.example"}, "files_url"),
    ],
)
def test_settings_that_lead_nowhere_are_refused(given: dict[str, Any], wrong: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**given)
    assert caught.value.path == wrong


def test_the_secret_half_is_never_shown() -> None:
    shown = repr(Settings(files_url="s3://bucket", files_access_key="a", files_secret_key="do-not-tell"))
    assert "do-not-tell" not in shown
