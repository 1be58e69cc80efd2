# SPDX-License-Identifier: Apache-2.0
"""``file:NAME`` — a sealed key in the house's own folder; and the passphrase file beside it.

Written so that a power failure leaves the whole file or none: temporary file (0600), fsync, rename, fsync of
the folder. A temporary file that a crash left behind is harmless: it is sealed, and nothing names it. The
folder is 0700. A file that others may read is not used, even though it is sealed. Errors name files without
their folders: they may be shown to strangers.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from pathlib import Path

from keys import sealed
from keys.errors import CustodyError, UnreadableKeyError, WeakKeyError
from keys.private_key import PrivateKey, from_pkcs8
from keys.sealed import Passphrase

SCHEME = "file"
SUFFIX = ".key"
OWN_FILE = 0o600
OWN_FOLDER = 0o700
PASSPHRASE_FILE_BYTES = 4_096  # bytes; one line

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.key")


def write(folder: Path, name: str, key: PrivateKey, passphrase: Passphrase) -> str:
    """Seal ``key`` into ``folder`` as ``name``, durably, and return its custody URI.

    Raises:
        CustodyError: The folder or the file could not be written.
    """
    _path(folder, name)
    label = {"algorithm": str(key.algorithm), "thumbprint": key.public_key.thumbprint()}
    make_folder(folder)
    write_durably(folder / name, sealed.seal(key.unsafe_pkcs8(), passphrase, label=label))
    return f"{SCHEME}:{name}"


def read(folder: Path, name: str, passphrase: Passphrase) -> PrivateKey:
    """Open the sealed key ``name``.

    Raises:
        CustodyError: It is not there, others may read it, or it does not open.
    """
    envelope = _read(
        _path(folder, name), limit=sealed.SEALED_BYTES, what=f"The key file {name}", private=True
    )
    secret, label = sealed.unseal(envelope, passphrase)
    try:
        key = from_pkcs8(secret)
    except (UnreadableKeyError, WeakKeyError):
        key = None
    if key is None or label.get("thumbprint") != key.public_key.thumbprint():
        raise CustodyError(f"The key file {name} holds something else than it says.")
    return key


def read_passphrase(path: Path, *, what: str) -> Passphrase:
    """Read the passphrase from the first line of a file, which errors call ``what``.

    Raises:
        CustodyError: The file cannot be read or holds none.
    """
    raw = _read(path, limit=PASSPHRASE_FILE_BYTES, what=what, private=False)
    lines = raw.decode("utf-8", "replace").splitlines()
    return Passphrase(lines[0].strip() if lines else "")


def generate_passphrase(path: Path) -> bool:
    """Write a new passphrase file unless there is one; tell whether it was written.

    Two processes may try at once: the one that links its file first wins, and both go on with that one.
    """
    make_folder(path.parent, mode=None)
    temporary = _write_temporary(path, Passphrase.unsafe_generate().encode("ascii") + b"\n")
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as error:
        raise CustodyError(f"The file {path.name} cannot be written: {error.strerror}.") from error
    finally:
        _discard(temporary)
    _sync_folder(path.parent)
    return True


def has_keys(folder: Path) -> bool:
    """Tell whether any sealed key lies in ``folder``."""
    return folder.is_dir() and any(path.suffix == SUFFIX for path in folder.iterdir())


def make_folder(folder: Path, *, mode: int | None = OWN_FOLDER) -> None:
    """Make ``folder`` with ``mode``; an existing one is given that mode too."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=mode or 0o777)
        if mode is not None:
            folder.chmod(mode)
    except OSError as error:
        raise CustodyError(f"The folder {folder.name} cannot be made private: {error.strerror}.") from error


def write_durably(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` (0600); afterwards it is on the disk, or an error says it is not."""
    temporary = _write_temporary(path, content)
    try:
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        _discard(temporary)
        raise CustodyError(f"The file {path.name} cannot be written: {error.strerror}.") from error


def _path(folder: Path, name: str) -> Path:
    if _NAME.fullmatch(name) is None:
        raise CustodyError("A key file is named by letters, digits, dots and hyphens, and ends in .key.")
    return folder / name


def _write_temporary(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f".{secrets.token_hex(16)}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWN_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        _discard(temporary)
        raise CustodyError(f"The file {path.name} cannot be written: {error.strerror}.") from error
    return temporary


def _discard(temporary: Path) -> None:
    with contextlib.suppress(OSError):  # The error that brought us here is the one to tell.
        temporary.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path, *, limit: int, what: str, private: bool) -> bytes:
    try:
        # A private file is never reached through a link; a passphrase often is one, as container secrets are.
        descriptor = os.open(path, os.O_RDONLY | (os.O_NOFOLLOW if private else 0))
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(limit + 1)
    except OSError as error:
        raise CustodyError(f"{what} cannot be read: {error.strerror}.") from error
    if private and stat.S_IMODE(mode) & 0o077:
        raise CustodyError(f"{what} may be read by others; it must be yours alone (mode 600).")
    if len(content) > limit:
        raise CustodyError(f"{what} is larger than {limit:,} bytes.")
    return content
