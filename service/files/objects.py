# SPDX-License-Identifier: Apache-2.0
"""Files in a bucket of an S3-compatible store, so that several machines share them.

- One PUT is one file, whole or not at all (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html),
  with ``If-None-Match: *``, so that nothing is ever overwritten. Nothing is sent in parts: a store could keep
  parts of what never became whole.
- The request is signed over the digest of the body (AWS Signature Version 4), so what arrives is what we
  sent. The digest is kept beside the object, and what comes back is held against it.
- Connections are TLS, except to this very machine. Each try, all tries together and the pauses between them
  are bounded; a thread of the server waits no longer than that.
- Only what stands in the settings counts: ``AWS_ENDPOINT_URL`` and its like lead our files nowhere.

The layout is that of the folder (``ab/ab12…``), so a folder can be copied into a bucket as it is. What was
copied so has no digest beside it; then the length alone is looked at.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NoReturn

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotSupportedError
from obstore.store import S3Store

from service import log
from service.errors import FileDamagedError, FileMissingError, SettingsError
from service.files.place import full, missing, unavailable
from service.settings import Settings

CONNECT_SECONDS: Final = 3.0
TRY_SECONDS: Final = 15.0  # one request with its body; the largest file has 26 MiB
ALL_SECONDS: Final = 12.0  # after which no further try begins
TRIES_AGAIN: Final = 2
OBJECT_BYTES: Final = 33_554_432  # bytes (32 MiB); what is larger was not stored by us, and is not read
PAUSE_SECONDS: Final = 0.1  # before the second try; doubled for the third

_OURS: Final = re.compile(r"(?:.*/)?([0-9a-f]{2})/(\1[0-9a-f]{30})")
_DIGEST: Final = "sha256"  # the name under which the digest is kept with the object
# How stores say that there is no room: the status (RFC 4918, section 11.5) and the codes of the field.
_FULL: Final = re.compile(r"status code: 507|QuotaExceeded|StorageFull|InsufficientStorage|NoSpaceLeft")
# Words in an error that tell an operator what to do; everything else may quote names of files.
_TOLD: Final = re.compile(
    r"status code: \d{3}|<Code>[A-Za-z]{1,40}</Code>|timed? ?out|error sending request", re.I
)


class Objects:
    """A bucket, and a prefix in it (``place.Place``). Safe to share between threads.

    It does not survive a fork: open it in the process that uses it.

    Args:
        settings: With ``files_url`` and the settings beside it.
        room: Last part of the prefix, ``files`` or ``brought``.
        try_seconds: How long one request may take.
    """

    def __init__(self, settings: Settings, room: str, *, try_seconds: float = TRY_SECONDS) -> None:
        bucket, _, prefix = settings.files_url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix}/{room}/" if prefix else f"{room}/"
        self._store = _store(settings, bucket, try_seconds=try_seconds)

    def write(self, name: str, data: bytes, *, sha256: str, media_type: str) -> None:
        """Keep ``data`` as one object."""
        path = self._path(name)
        attributes: Any = {"Content-Type": media_type, _DIGEST: sha256}

        def put(mode: Any) -> None:
            obstore.put(self._store, path, data, attributes=attributes, mode=mode, use_multipart=False)

        try:
            put("create")
        except AlreadyExistsError:
            # Only we know the name, so an earlier try arrived and its answer did not.
            self._require(name, sha256)
        except NotSupportedError:
            with self._understood("put", undo=name):
                put("overwrite")  # A store without the condition; 128 random bits are in nobody's way.
        except (BaseError, OSError, ValueError) as error:
            self._undo(name)
            _raise("put", error)

    def read(self, name: str) -> bytes:
        """Return the content, if it is what was stored; a wrong answer is asked for once more."""
        if (data := self._read(name)) is None and (data := self._read(name)) is None:
            raise FileDamagedError("This file came back damaged from where files are kept.", got=name)
        return data

    def size(self, name: str) -> int:
        """Return the bytes of an object."""
        with self._understood("head", missing_name=name):
            return int(obstore.head(self._store, self._path(name))["size"])

    def delete(self, name: str) -> None:
        """Delete an object."""
        try:
            with self._understood("delete", missing_name=name):
                obstore.delete(self._store, self._path(name))
        except FileMissingError:
            return

    def stored(self, *, before: datetime) -> Iterator[str]:
        """Yield the older objects, page by page."""
        with self._understood("list"):
            for page in obstore.list(self._store, prefix=self._prefix):
                for each in page:
                    found = _OURS.fullmatch(each["path"])
                    if found is not None and each["last_modified"] < before:
                        yield found[2]

    def _read(self, name: str) -> bytes | None:
        """Return the content, or None if it is not what was stored."""
        with self._understood("get", missing_name=name):
            answer = obstore.get(self._store, self._path(name))
            kept, size = dict(answer.attributes).get(_DIGEST), answer.meta["size"]
            data = bytes(answer.bytes()) if size <= OBJECT_BYTES else b""
        digest = hashlib.sha256(data).hexdigest()
        if len(data) == size and (kept is None or hmac.compare_digest(str(kept), digest)):
            return data
        log.event("files.damaged", level=logging.ERROR, id=name)
        return None

    def _require(self, name: str, sha256: str) -> None:
        """Raise StorageUnavailableError unless what is there is what we sent: a writer misses nothing."""
        try:
            with self._understood("get", missing_name=name):
                kept = dict(obstore.get(self._store, self._path(name)).attributes).get(_DIGEST)
        except FileMissingError as error:
            self._undo(name)  # The store said that it is there: it was deleted since, or is not shown yet.
            raise unavailable() from error
        if kept != sha256:
            raise unavailable()

    def _undo(self, name: str) -> None:
        """Delete what may have arrived although nobody said so. If that fails too, ``stored`` finds it."""
        try:
            obstore.delete(self._store, self._path(name))
        except FileNotFoundError:
            return
        except (BaseError, OSError, ValueError) as error:
            log.event("files.left-behind", level=logging.WARNING, id=name, error=error)

    @contextmanager
    def _understood(
        self, step: str, *, missing_name: str | None = None, undo: str | None = None
    ) -> Iterator[None]:
        """Turn what the library says into our errors."""
        try:
            yield
        except FileNotFoundError as error:
            if missing_name is None or "NoSuchBucket" in str(error):
                _raise(step, error)
            raise missing(missing_name) from error
        except (BaseError, OSError, ValueError) as error:
            if undo is not None:
                self._undo(undo)
            _raise(step, error)

    def _path(self, name: str) -> str:
        return f"{self._prefix}{name[:2]}/{name}"


def _store(settings: Settings, bucket: str, *, try_seconds: float) -> S3Store:
    """Open the store; nothing is asked yet."""
    client: Any = {
        "allow_http": settings.files_endpoint.startswith("http://"),
        "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
        "timeout": timedelta(seconds=try_seconds),
        "user_agent": "hallmark",
    }
    if settings.files_ca_file is not None:
        client["root_certificate"] = _content(settings.files_ca_file, "files_ca_file")
    config: Any = {
        "endpoint": settings.files_endpoint or f"https://s3.{settings.files_region}.amazonaws.com",
        "region": settings.files_region,
        "skip_signature": False,
        "unsigned_payload": False,
        "virtual_hosted_style_request": False,
        "disable_bulk_delete": True,  # one DELETE for one file, which every store knows
    }
    retries: Any = {
        "max_retries": TRIES_AGAIN,
        "retry_timeout": timedelta(seconds=ALL_SECONDS),
        "backoff": {
            "init_backoff": timedelta(seconds=PAUSE_SECONDS),
            "max_backoff": timedelta(seconds=4 * PAUSE_SECONDS),
            "base": 2,
        },
    }
    credentials = _credentials(settings)
    try:
        return S3Store(
            bucket,
            config=config,
            client_options=client,
            retry_config=retries,
            credential_provider=credentials,
        )
    except (BaseError, ValueError) as error:
        raise SettingsError(
            "The settings of the bucket do not fit: files_url, files_endpoint, files_region, or the "
            "certificates in files_ca_file.",
            path="files_url",
        ) from error


def _credentials(settings: Settings) -> Any:
    """Return what gives the library our credentials; None leaves it to ask for the role of this machine.

    They are handed over by a function, so that a token in the environment does not mix with them.
    """
    if not settings.files_access_key:
        return None
    secret = settings.files_secret_key
    if settings.files_secret_key_file is not None:
        raw = _content(settings.files_secret_key_file, "files_secret_key_file")
        secret = raw.decode("utf-8", "replace").strip()
    found = {"access_key_id": settings.files_access_key, "secret_access_key": secret, "expires_at": None}
    return lambda: found


def _content(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"The file that {setting} names cannot be read.", path=setting) from error


def _raise(step: str, error: Exception) -> NoReturn:
    """Log what the store said, without names, and raise our own error."""
    words = str(error).partition("Debug source")[0]
    reason = " ".join(_TOLD.findall(words)) or type(error).__name__
    log.event("files.unavailable", level=logging.ERROR, step=step, reason=reason)
    raise (full() if _FULL.search(words) else unavailable()) from error
