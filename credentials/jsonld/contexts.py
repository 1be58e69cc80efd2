# SPDX-License-Identifier: Apache-2.0
"""The JSON-LD contexts that we carry, and which arrays of them a document may name.

Nothing is ever fetched. The files stand in ``credentials/contexts`` with their origin in SOURCES.md; each is
compared with the digest below when it is first read.

Rules for ``@context`` (VCDM 2.0, section "Contexts"; OB 3.0, section "Serialization"):

- an array of addresses, at most ``CONTEXTS`` of them, none twice; no inline object, no single text;
- first a base context, which says the version of the data model; never another one behind it;
- then, for a badge, the Open Badges context, one that can be combined with that base;
- then extensions, each one that can be combined with that base.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import cast

from credentials.document import Json, pointer
from credentials.errors import ContextDamagedError, ContextRefusedError, UnknownContextError

CONTEXTS = 8  # addresses in one array; the most seen is 4, and each costs a compilation on first sight

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OPEN_BADGES_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
STATUS_LIST_2021 = "https://w3id.org/vc/status-list/2021/v1"
DID_V1 = "https://www.w3.org/ns/did/v1"
MULTIKEY_V1 = "https://w3id.org/security/multikey/v1"
JWK_V1 = "https://w3id.org/security/jwk/v1"

# What we write ourselves. Controller documents are read as plain JSON and never canonicalised.
ISSUED_BADGE = (CREDENTIALS_V2, OPEN_BADGES)
ISSUED_BADGE_WITH_EXTENSIONS = (CREDENTIALS_V2, OPEN_BADGES, OPEN_BADGES_EXTENSIONS)
ISSUED_STATUS_LIST = (CREDENTIALS_V2,)
CONTROLLER_DOCUMENT = (DID_V1, MULTIKEY_V1, JWK_V1)


class Role(Enum):
    """Where in the array a context may stand."""

    BASE = "first, and nowhere else"
    BADGE = "second"
    EXTENSION = "after these"


@dataclass(frozen=True, slots=True)
class Pin:
    """One context that we carry.

    Attributes:
        file: Its name in ``credentials/contexts``.
        sha256: Digest of its bytes.
        role: Where it may stand.
        bases: The base contexts it can be combined with; the others redefine protected terms.
    """

    file: str
    sha256: str
    role: Role
    bases: frozenset[str]


_V1 = frozenset({CREDENTIALS_V1})
_BOTH = frozenset({CREDENTIALS_V1, CREDENTIALS_V2})
_OB = "https://purl.imsglobal.org/spec/ob/v3p0/"
_SECURITY = "https://w3id.org/security/"

PINS: Mapping[str, Pin] = {
    CREDENTIALS_V2: Pin(
        "credentials-v2.json",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        Role.BASE,
        frozenset({CREDENTIALS_V2}),
    ),
    CREDENTIALS_V1: Pin(
        "credentials-v1.json",
        "00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8",
        Role.BASE,
        _V1,
    ),
    OPEN_BADGES: Pin(
        "ob-v3p0-context-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
        Role.BADGE,
        _BOTH,
    ),
    _OB + "context-3.0.2.json": Pin(
        "ob-v3p0-context-3.0.2.json",
        "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53",
        Role.BADGE,
        _BOTH,
    ),
    _OB + "context-3.0.1.json": Pin(
        "ob-v3p0-context-3.0.1.json",
        "af095468326d3449160509b26ca71576e6321d13c85b0369cfe3b654c9a48fba",
        Role.BADGE,
        _V1,
    ),
    _OB + "context.json": Pin(
        "ob-v3p0-context.json",
        "9f1c8f9f361ba2994b9b50701f41149919542c50c7b7455b2846d87959295d72",
        Role.BADGE,
        _V1,
    ),
    OPEN_BADGES_EXTENSIONS: Pin(
        "ob-v3p0-extensions.json",
        "146f85aa16effd7ca1da8056eb443f53ce1eca8a34186cb062832c0a97d889c3",
        Role.EXTENSION,
        _BOTH,
    ),
    _SECURITY + "data-integrity/v2": Pin(
        "data-integrity-v2.json",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
        Role.EXTENSION,
        _BOTH,
    ),
    _SECURITY + "data-integrity/v1": Pin(
        "data-integrity-v1.json",
        "b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554",
        Role.EXTENSION,
        _V1,
    ),
    MULTIKEY_V1: Pin(
        "multikey-v1.json",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
        Role.EXTENSION,
        _BOTH,
    ),
    _SECURITY + "suites/ed25519-2020/v1": Pin(
        "ed25519-2020-v1.json",
        "67646fbc0d6582ad7fbf08ccf0d3a4bedbb4177fd2d63385de52dc1b092ed6c5",
        Role.EXTENSION,
        _BOTH,
    ),
    STATUS_LIST_2021: Pin(
        "status-list-2021-v1.json",
        "634d71c159289f068c96012e4511c657fdf82ac4231900081bda3ba24e2e1160",
        Role.EXTENSION,
        _BOTH,
    ),
}

_FOLDER = Path(__file__).resolve().parent.parent / "contexts"


class ContextStore:
    """Contexts by address. The product has one, ``PACKAGED``; tests add to a copy of it.

    Args:
        unsafe_extra: Bytes of further contexts by address, allowed as extensions. Only for published test
            vectors: a context with ``@vocab`` turns every spelling mistake into a signed word.
    """

    def __init__(self, unsafe_extra: Mapping[str, bytes] | None = None) -> None:
        self._pins = dict(PINS)
        self._bytes: dict[str, bytes] = {}
        for url, raw in (unsafe_extra or {}).items():
            digest = hashlib.sha256(raw).hexdigest()
            self._pins[url] = Pin("", digest, Role.EXTENSION, _BOTH)
            self._bytes[url] = raw

    def pin(self, url: str) -> Pin | None:
        """Return what we know about the context ``url``, or None where we do not carry it."""
        return self._pins.get(url)

    def key(self, urls: Iterable[str]) -> tuple[str, ...]:
        """Return the digests of ``urls``: tables are kept by what a context says, not by its address."""
        return tuple(self._pins[url].sha256 for url in urls)

    def load(self, url: str) -> Json:
        """Return the context document ``url``, a fresh copy.

        Raises:
            UnknownContextError: We do not carry it.
            ContextDamagedError: Our file is not what it was.
        """
        pin = self._pins.get(url)
        if pin is None:
            raise UnknownContextError("A context is not among those we carry.", got=url[:200])
        raw = self._bytes.get(url) or (_FOLDER / pin.file).read_bytes()
        if hashlib.sha256(raw).hexdigest() != pin.sha256:
            raise ContextDamagedError(f"Our copy of the context {url} has changed.", expected=pin.sha256)
        return cast(Json, json.loads(raw))


PACKAGED = ContextStore()


def read(
    value: Json, *, path: tuple[str | int, ...] = ("@context",), store: ContextStore = PACKAGED
) -> tuple[str, ...]:
    """Return the addresses in the ``@context`` array ``value``, all of them carried and well placed.

    Raises:
        ContextRefusedError: Not an array of addresses, or not in an order that we accept.
        UnknownContextError: An address that we do not carry.
    """
    if not isinstance(value, list) or not value:
        raise ContextRefusedError("@context is not an array of addresses.", path=pointer(*path))
    if len(value) > CONTEXTS:
        raise ContextRefusedError(
            f"@context names more than {CONTEXTS} contexts (limit CONTEXTS).", path=pointer(*path)
        )
    urls: list[str] = []
    for index, url in enumerate(value):
        if not isinstance(url, str):
            raise ContextRefusedError(
                "A context is written into the document. Contexts are taken by address only.",
                path=pointer(*path, index),
            )
        if url in urls:
            raise ContextRefusedError("A context is named twice.", path=pointer(*path, index), got=url[:200])
        pin = store.pin(url)
        if pin is None:
            raise UnknownContextError(
                "A context is not among those we carry, and we never fetch one.",
                path=pointer(*path, index),
                got=url[:200],
            )
        _check_place(pin, index, base=urls[0] if urls else url, path=path)
        urls.append(url)
    return tuple(urls)


def _check_place(pin: Pin, index: int, *, base: str, path: tuple[str | int, ...]) -> None:
    if index == 0:
        fits = pin.role is Role.BASE
    elif index == 1:
        fits = pin.role is not Role.BASE
    else:
        fits = pin.role is Role.EXTENSION
    if not fits:
        raise ContextRefusedError(
            "The contexts do not stand in the order of the specification.",
            path=pointer(*path, index),
            expected=pin.role.value,
        )
    if base not in pin.bases:
        raise ContextRefusedError(
            "A context does not go together with the first one.", path=pointer(*path, index), got=base
        )
