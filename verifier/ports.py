# SPDX-License-Identifier: Apache-2.0
"""What this room needs from outside, as shapes; ``app.py`` and ``tests/world.py`` hand the functions in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from credentials.document import Json

ACCEPT_CREDENTIAL = (
    "application/vc+ld+json, application/vc, application/json, "
    "application/vc+jwt, application/jwt, text/plain, image/png, image/svg+xml"
)
ACCEPT_JSON = "application/json, application/did+json, application/ld+json"


class Source(StrEnum):
    """Where a document came from."""

    NETWORK = "its own address"
    OWN = "this site itself"
    OFFLINE = "a folder of documents kept here"
    OVERLAY = "a document laid over it"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What stands under a name.

    Attributes:
        name: The URL or DID that was asked for.
        status: HTTP status; 404 for a name that does not exist, wherever we looked.
        media_type: Media type without parameters, in lower case; "" when unknown.
        body: The bytes.
        source: Who handed it over; another host, where nothing else is said.
    """

    name: str
    status: int
    media_type: str
    body: bytes
    source: Source = Source.NETWORK


class Fetch(Protocol):
    """Reads a document by its name, a URL or a DID."""

    def __call__(self, name: str, *, max_bytes: int, accept: str = ACCEPT_JSON) -> Fetched:
        """Return what stands under ``name``; raise an ``UnknownError`` when it could not be asked."""


class Answer(Protocol):
    """An answer of another host, or an own document as a stranger would get it."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def media_type(self) -> str:
        """Media type."""

    @property
    def body(self) -> bytes:
        """The bytes, decompressed and bounded."""


class Network(Protocol):
    """The one way out (``service.fetch``), with the budget of one verification."""

    def __call__(self, url: str, *, max_bytes: int, accept: str) -> Answer:
        """Return the answer of the host; raise an ``UnknownError`` when there is none."""


class Published(Protocol):
    """Our own documents by name, without the network."""

    def __call__(self, name: str, *, now: datetime) -> tuple[str, bytes] | None:
        """Return media type and bytes of the own document ``name``, or None."""


class StatusMemory(Protocol):
    """Remembers how new the newest status list was that we have seen at each address."""

    def newest(self, issuer: str, url: str) -> datetime | None:
        """Return the newest ``validFrom`` seen there, or None."""

    def remember(self, issuer: str, url: str, valid_from: datetime, *, now: datetime) -> None:
        """Keep ``valid_from`` if it is newer than what is known, or that is from the future."""


@dataclass(frozen=True, slots=True)
class KnownIssuer:
    """An issuer that the reader knows."""

    did: str
    name: str


class Registry(Protocol):
    """Whom the reader recognises. Never part of the verdict."""

    @property
    def title(self) -> str | None:
        """What the list is called, "" for one without a name; None: there is no list."""

    def recognises(self, issuer_id: str) -> bool | None:
        """Return True or False, or None when there is no list; an ``UnknownError`` when it was not loaded."""

    def known(self) -> Sequence[KnownIssuer]:
        """Return all issuers that the reader knows, for comparing names."""


class Newer(Protocol):
    """Which of our own credentials was replaced: a public fact of ours that no status list can say."""

    def __call__(self, credential_id: str, *, issuer_id: str) -> str | None:
        """Return the address of the newest issue that took its place; None for anything else."""


class Seal(Protocol):
    """Signs in the name of whoever answers for this service: the issuer's whole cycle, no bare signature."""

    def issuer(self) -> Mapping[str, Json] | None:
        """Return id, type, name and url of whoever signs, as an OB 3.0 Profile; None: nobody can."""

    def __call__(self, members: Mapping[str, Json], *, now: datetime) -> bytes:
        """Return the unsigned OB 3.0 document ``members`` signed, with an embedded proof."""

    def let_go(self, start: str, *, now: datetime) -> None:
        """Keep no copy of what was signed under ids that begin with ``start``: it is kept here."""
