# SPDX-License-Identifier: Apache-2.0
"""Where documents come from: an overlay, an offline map, our own house, the network; in this order.

Documents have names: a URL or a DID. One ``Documents`` serves one verification: each name is read once, and
the network's budget (``service.fetch``) is that of one session. Rules kept:

- With an offline map nothing else is looked up, and a name that is not in it does not exist (404).
- A name under our own addresses is answered by the house, or is a 404; the network is never asked for it.
- Trouble of the house with a document of its own is no answer about the credential (``UnknownError``).
- The grammar of a did:web is checked before anything is looked up under it.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from credentials.did import did_web_url
from credentials.document import DOCUMENT_BYTES, parse
from credentials.errors import BrokenError, DocumentError, RefusedError, UnknownError
from service import log
from verifier.errors import OfflineMapError, UnresolvableError
from verifier.ports import ACCEPT_JSON, Fetched, Network, Published, Source

MAP_BYTES = 16 * DOCUMENT_BYTES  # of map.json; a hundred thousand names fit
MAP_FILE = "map.json"
DID_WEB = "did:web:"

_MEDIA_TYPES = {
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".jwt": "application/vc+jwt",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".html": "text/html",
}
# What a path can do wrong; Python says ValueError to NUL, and RuntimeError to links that go round in a ring.
_UNREADABLE = (OSError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class OfflineMap:
    """A folder with a ``map.json``, ``{"<URL or DID>": "<path inside the folder>"}``; nothing else exists."""

    folder: Path
    files: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path) -> OfflineMap:
        """Read the map of ``folder``.

        Raises:
            OfflineMapError: No readable map, or a path that leaves the folder.
        """
        try:
            folder = folder.resolve()
            members = parse(_read_regular(folder / MAP_FILE, MAP_BYTES), max_bytes=MAP_BYTES).members
        except _UNREADABLE as error:
            raise OfflineMapError(f"There is no readable {MAP_FILE} in {folder}.") from error
        except DocumentError as error:
            raise OfflineMapError(f"{MAP_FILE} is not readable. {error.message}") from error
        files: dict[str, str] = {}
        for name, path in members.items():
            if not isinstance(path, str) or _inside(folder, path) is None:
                raise OfflineMapError(f"{MAP_FILE} names something outside its folder.", got=name[:200])
            files[name] = path
        return cls(folder=folder, files=files)

    def read(self, name: str, *, max_bytes: int) -> Fetched:
        """Return the file under ``name``, or under the URL of a did:web; 404 when there is none."""
        path = self.files.get(name)
        if path is None and name.startswith(DID_WEB):
            path = self.files.get(did_web_url(name))
        if path is None:
            return Fetched(name, 404, "", b"")
        file = _inside(self.folder, path)
        if file is None:  # A link that was turned round since the map was read.
            raise UnresolvableError("A file of the offline documents lies outside their folder.", got=path)
        try:
            body = _read_regular(file, max_bytes)
        except _UNREADABLE as error:
            raise UnresolvableError("A file of the offline documents cannot be read.", got=path) from error
        if len(body) > max_bytes:
            raise UnresolvableError(f"An offline document is larger than {max_bytes:,} bytes.", got=path)
        return Fetched(name, 200, _MEDIA_TYPES.get(file.suffix.lower(), ""), body, Source.OFFLINE)


@dataclass(frozen=True, slots=True)
class Documents:
    """Implements ``Fetch`` for one verification.

    Attributes:
        now: The time of the verification, for documents of ours that depend on it.
        overlay: Names that somebody lays over everything else: lint's did.json of a throw-away key.
        offline: If given, the whole world.
        published: Our own documents.
        own: How names of ours begin; each ends where a name may go on (with "/", ":" or "#").
        network: The way out; without it, foreign names could not be asked.
    """

    now: datetime
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    offline: OfflineMap | None = None
    published: Published | None = None
    own: Sequence[str] = ()
    network: Network | None = None
    _read: dict[str, Fetched | UnknownError] = field(default_factory=dict)

    def __call__(self, name: str, *, max_bytes: int, accept: str = ACCEPT_JSON) -> Fetched:
        """Return what stands under ``name``, asked for at most once.

        Raises:
            MalformedDIDError: A did:web that breaks its grammar; nothing was asked.
            UnknownError: It could not be asked.
        """
        name = name.partition("#")[0]
        if name.startswith(DID_WEB):
            did_web_url(name)
        if name not in self._read:
            try:
                self._read[name] = self._look_up(name, max_bytes=max_bytes, accept=accept)
            except UnknownError as error:
                self._read[name] = error
        known = self._read[name]
        if isinstance(known, UnknownError):
            raise known
        if len(known.body) > max_bytes:
            raise UnresolvableError(f"A document is larger than {max_bytes:,} bytes.", got=name[:200])
        return known

    def _look_up(self, name: str, *, max_bytes: int, accept: str) -> Fetched:
        if name in self.overlay:
            return Fetched(name, 200, "application/json", self.overlay[name], Source.OVERLAY)
        if self.offline is not None:
            return self.offline.read(name, max_bytes=max_bytes)
        own = self._own(name)
        if own is not None:
            return Fetched(name, 200, *own, Source.OWN)
        if any(f"{name}/".startswith(prefix) or f"{name}:".startswith(prefix) for prefix in self.own):
            return Fetched(name, 404, "", b"")
        if self.network is None:
            raise UnresolvableError("No other host is asked here.", got=name[:200])
        url = did_web_url(name) if name.startswith(DID_WEB) else name
        answer = self.network(url, max_bytes=max_bytes, accept=accept)
        media_type = answer.media_type.partition(";")[0].strip().lower()
        return Fetched(name, answer.status, media_type, answer.body)

    def _own(self, name: str) -> tuple[str, bytes] | None:
        """Return our own document; what keeps us from making it is no fault of whoever asks."""
        if self.published is None:
            return None
        try:
            return self.published(name, now=self.now)
        except (BrokenError, RefusedError) as error:
            log.event("own-document-not-made", level=logging.ERROR, error=error)
            raise UnresolvableError(
                "This site could not make a document of its own.", got=name[:200]
            ) from error


def _inside(folder: Path, path: str) -> Path | None:
    """Return the file that ``path`` leads to, links followed; None when it is none inside ``folder``."""
    try:
        file = (folder / path).resolve()
    except _UNREADABLE:
        return None
    return file if file.is_relative_to(folder) else None


def _read_regular(file: Path, max_bytes: int) -> bytes:
    """Read ``max_bytes`` and one more of a regular file; a pipe could keep us waiting for ever."""
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(f"{file} is no regular file")
        return stream.read(max_bytes + 1)
