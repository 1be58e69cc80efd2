# SPDX-License-Identifier: Apache-2.0
"""Files are kept whole or not at all, under names that nobody chose, readable by nobody else."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import FileMissingError, StorageFullError, StorageUnavailableError
from service.files import FileStore

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def failing(number: int) -> Callable[..., None]:
    def fail(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_gives_back_what_was_put_in(files: FileStore) -> None:
    stored = files.put(b"evidence", media_type="text/plain")
    assert files.get(stored.id) == b"evidence"
    assert (stored.size, stored.media_type) == (8, "text/plain")
    assert files.size(stored.id) == stored.size
    assert stored.sha256 == hashlib.sha256(b"evidence").hexdigest()
    assert files.exists(stored.id)


def test_the_same_content_twice_is_two_files(files: FileStore) -> None:
    first, second = (files.put(b"x", media_type="text/plain") for _ in range(2))
    files.delete(first.id)
    assert files.get(second.id) == b"x"


def test_nobody_else_may_read_files_or_list_them(files: FileStore, tmp_path: Path) -> None:
    files.put(b"x", media_type="text/plain")
    for path in (tmp_path / "files").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700


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
def test_what_is_no_name_of_ours_leads_nowhere(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    files = FileStore(tmp_path_factory.getbasetemp() / "nowhere")
    for ask in (files.get, files.size, files.delete):
        with pytest.raises(FileMissingError):
            ask(name)
    assert not files.exists(name)


@pytest.mark.parametrize("step", ["fsync", "rename", "write"])
def test_a_full_disk_leaves_nothing_half_stored(
    files: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    fail = failing(errno.ENOSPC)
    if step == "rename":
        monkeypatch.setattr(Path, "rename", fail)
    else:
        monkeypatch.setattr(os, "fsync" if step == "fsync" else "fdopen", fail)
    with pytest.raises(StorageFullError):
        files.put(b"x" * 100_000, media_type="text/plain")
    monkeypatch.undo()
    assert everything(tmp_path) == []


def test_a_store_that_cannot_be_written_is_our_trouble(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", failing(errno.EACCES))
    with pytest.raises(StorageUnavailableError):
        files.put(b"x", media_type="text/plain")


def test_finds_files_that_no_row_knows(files: FileStore, tmp_path: Path) -> None:
    known, lost = (files.put(b"x", media_type="text/plain").id for _ in range(2))
    part = tmp_path / "files" / known[:2] / (known[:2] + "0" * 30 + ".part")
    part.write_bytes(b"half")
    assert list(files.orphans({known}, before=LATER)) == [lost]
    assert not part.exists()
    assert files.exists(lost)


def test_a_file_that_was_stored_just_now_is_no_orphan_yet(files: FileStore) -> None:
    files.put(b"x", media_type="text/plain")
    assert list(files.orphans((), before=datetime.now(UTC) - timedelta(hours=1))) == []


def test_an_empty_store_has_no_orphans(files: FileStore) -> None:
    assert list(files.orphans((), before=LATER)) == []
