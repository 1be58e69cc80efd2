# SPDX-License-Identifier: Apache-2.0
"""From an entry of ``credentialStatus`` to a bit that is proven.

Bitstring Status List 1.0, "Validate Algorithm"
(https://www.w3.org/TR/vc-bitstring-status-list/#validate-algorithm), and the rules of
``security/threats.md``, rows V6 and V7. Whatever prevents reading the bit is an ``UnknownError``: only a
proven zero bit is clear. A list is believed when

1. it stands at the address of the entry, as JSON or as JWT, and bears that id, if any;
2. it is signed by the full rules, by the issuer of the credential (delegation is not configured here);
3. it is of the right type and purpose, in its validity period, and long enough;
4. it is no older than the newest one that we have seen at that address (rollback). Nothing from the future is
   remembered, and what was, by a clock of ours that ran ahead, counts no more when it is put right.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Generic, TypeVar

from credentials.document import Json, parse
from credentials.errors import DateError, DocumentError, HallmarkError, MalformedError
from credentials.legacy_status import (
    STATUS_LIST_2021_ENTRY,
    Revocation,
    decode_2021,
    find_revocation,
    read_list_2021,
)
from credentials.status_list import (
    BitstringStatusListEntry,
    decode,
    read_list,
    read_status,
)
from verifier.checks.issuer import check_issuer
from verifier.checks.proof import check_proof
from verifier.checks.signed_content import check_signed_content
from verifier.checks.validity import CLOCK_SKEW, period
from verifier.errors import ANSWERS, StatusUntrustedError, UnresolvableError
from verifier.intake import Container, check_url, read
from verifier.opened import Opened, earliest, latest, open_credential
from verifier.outcome import Outcome
from verifier.party import host_of
from verifier.ports import Fetch, Fetched, Source, StatusMemory
from verifier.securing import Fits, Signatures, check_signatures

STATUS_LIST_BYTES = 2_097_152  # bytes of a list credential; 16 million entries compress to less
STATUS_LISTS = 8  # of one examination, endorsements included; each costs a fetch and a verification
LIST_PROOFS = 2  # of one list: the issuer's, and perhaps a co-signature
DECODED_BYTES = 16_777_216  # bytes of decoded bits kept; a thousand lists of the usual size
OPENED_BYTES = 4_194_304  # bytes of lists of which is kept what their bytes say; some two thousand usual ones
ACCEPT_LIST = "application/vc+ld+json, application/vc, application/json, application/vc+jwt"

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a status list says about one entry.

    Attributes:
        is_set: Whether the bit is set.
        as_of: How new the list is.
        reason: Why it is set, where the list says so.
        until: When the list ends, if it says so.
        source: Who handed the list over.
    """

    is_set: bool
    as_of: datetime | None
    reason: str | None = None
    until: datetime | None = None
    source: Source = Source.NETWORK


@dataclass(slots=True)
class NoMemory:
    """Remembers for one run of a program only: the terminal without a data folder, lint, tests."""

    seen: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def newest(self, issuer: str, url: str) -> datetime | None:
        """Return the newest ``validFrom`` seen there, or None."""
        return self.seen.get((issuer, url))

    def remember(self, issuer: str, url: str, valid_from: datetime, *, now: datetime) -> None:
        """Keep ``valid_from``."""
        del now
        self.seen[issuer, url] = valid_from


@dataclass(frozen=True, slots=True)
class _Verified:
    """A list, its signatures, why they do not show that it is its issuer's, and where it came from."""

    opened: Opened
    signatures: Signatures
    doubt: str | None
    source: Source


@dataclass(frozen=True, slots=True)
class _Read:
    """What the bytes of a list say, whenever they are read, and by which keys they are known to be signed."""

    opened: Opened
    fits: Fits


@dataclass(frozen=True, slots=True)
class StatusLists:
    """The status lists of one examination: each is fetched, opened and verified at most once.

    A badge and the endorsements in it may name one list in many entries. What a list is worth is kept with
    its address, also when it is worth nothing, and no more than ``STATUS_LISTS`` are looked at.
    """

    fetch: Fetch
    now: datetime
    memory: StatusMemory
    _verified: dict[str, _Verified | HallmarkError] = field(default_factory=dict)
    _unsigned: dict[str, Mapping[str, Json] | HallmarkError] = field(default_factory=dict)

    def read_bit(self, entry: BitstringStatusListEntry, *, issuer_id: str) -> Reading:
        """Return what the list of ``entry`` says, once everything about the list is proven.

        Raises:
            UnknownError: Anything at all that keeps the bit from being known.
        """
        is_2021 = entry.type == STATUS_LIST_2021_ENTRY
        url = _address(entry.status_list_credential)
        found = self._once(self._verified, url, self._verify)
        opened = found.opened
        if opened.issuer_id != issuer_id:
            raise StatusUntrustedError("The status list is by somebody else than the credential.")
        if found.doubt is not None:
            raise StatusUntrustedError(f"The status list is not shown to be genuine. {found.doubt}")
        said = (read_list_2021 if is_2021 else read_list)(opened.members)
        if said.id is not None and said.id != url:
            raise StatusUntrustedError(
                "The list found there is another list.", got=said.id[:200], expected=url
            )
        if entry.status_purpose not in said.status_purposes:
            raise StatusUntrustedError(
                "The list is for another purpose.",
                got=", ".join(said.status_purposes)[:80],
                expected=entry.status_purpose[:80],
            )
        as_of, until = _check_time(opened, found.signatures, now=self.now)
        newest = self.memory.newest(issuer_id, url)
        if newest is not None and self.now + CLOCK_SKEW < newest:
            newest = (
                None  # It was believed while our own clock ran ahead; that must not lock out the true one.
            )
        if newest is not None and (as_of is None or as_of < newest):
            raise StatusUntrustedError("The list is older than one that was seen before.", expected=newest)
        bits = _decoded(said.encoded_list, decode_2021 if is_2021 else decode)
        is_set = bool(read_status(bits, entry.status_list_index))
        if as_of is not None and newest != as_of:
            self.memory.remember(issuer_id, url, as_of, now=self.now)
        return Reading(is_set=is_set, as_of=as_of, until=until, source=found.source)

    def read_revocation_list(self, address: str, *, credential_id: str, issuer_id: str) -> Reading:
        """Return what a 1EdTechRevocationList says. It is unsigned: only the issuer's own origin is believed.

        Raises:
            UnknownError: Anything at all that keeps it from being known.
        """
        host = host_of(issuer_id)
        if host is None or host_of(address) != host:
            raise StatusUntrustedError("The list is unsigned and does not stand at the issuer's own address.")
        members = self._once(self._unsigned, _address(address), self._get_unsigned)
        found: Revocation | None = find_revocation(members, credential_id=credential_id)
        return Reading(is_set=found is not None, as_of=None, reason=found.reason if found else None)

    def _once(self, kept: dict[str, Kept | HallmarkError], url: str, make: Callable[[str], Kept]) -> Kept:
        """Return what ``make`` found at ``url`` the first time, or raise what it raised."""
        if url not in kept:
            if len(self._verified) + len(self._unsigned) >= STATUS_LISTS:
                raise UnresolvableError(f"Of one credential no more than {STATUS_LISTS} lists are read.")
            try:
                kept[url] = make(url)
            except ANSWERS as error:
                kept[url] = error
        found = kept[url]
        if isinstance(found, HallmarkError):
            raise found
        return found

    def _verify(self, url: str) -> _Verified:
        """Hold the list to the full rules; whose it must be is asked by the entry."""
        answer = self._get(url)
        found = _open(answer)
        opened = found.opened
        if opened.claims_error is not None:
            raise StatusUntrustedError(f"The status list is not genuine. {opened.claims_error.message}")
        if opened.presented.jwt is not None and opened.canonical_error is not None:
            raise StatusUntrustedError(f"The status list is not genuine. {opened.canonical_error.message}")
        signatures = check_signatures(
            opened, fetch=self.fetch, now=self.now, max_proofs=LIST_PROOFS, fits=found.fits
        )
        checks = (
            check_signed_content(opened, signatures),
            check_proof(opened, signatures),
            check_issuer(opened, signatures),
        )
        doubts = (check.explanation for check in checks if check.outcome is not Outcome.PASS)
        return _Verified(opened, signatures, next(doubts, None), answer.source)

    def _get_unsigned(self, url: str) -> Mapping[str, Json]:
        try:
            return parse(self._get(url).body, max_bytes=STATUS_LIST_BYTES).members
        except DocumentError as error:
            raise StatusUntrustedError(f"The status list is not readable. {error.message}") from error

    def _get(self, url: str) -> Fetched:
        answer = self.fetch(url, max_bytes=STATUS_LIST_BYTES, accept=ACCEPT_LIST)
        if answer.status != 200:
            raise UnresolvableError(f"The status list was answered with the status {answer.status}.")
        return answer


def _address(text: str) -> str:
    try:
        return check_url(text)
    except MalformedError as error:
        raise StatusUntrustedError(f"A status list has no such address. {error.message}") from error


def _open(answer: Fetched) -> _Read:
    """Open a list, or take what the same bytes gave before: a thousand badges name one list."""
    key = sha256(f"{answer.media_type}\0".encode() + answer.body).digest()
    kept = _lists.get(key)
    if kept is not None:
        return kept
    try:
        presented = read(answer.body, media_type=answer.media_type, max_bytes=STATUS_LIST_BYTES)
    except MalformedError as error:
        raise StatusUntrustedError(f"What stands there is no status list. {error.message}") from error
    if presented.container not in (Container.JSON, Container.JWT):
        raise StatusUntrustedError("What stands there is no status list.")
    # Lists use few words, all of which the strict walk knows; what strangers host gets no slower path.
    made = _Read(open_credential(presented, general=False), set())
    return _lists.keep(key, made, len(answer.body))


def _check_time(
    opened: Opened, signatures: Signatures, *, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Check the validity period of the list; return how new it is and when it ends."""
    claims = opened.claims
    try:
        own = period(opened)
    except DateError as error:
        raise StatusUntrustedError(f"The status list has no readable date. {error.message}") from error
    begin = latest(own.begin, claims.not_before if claims is not None else None)
    end = earliest(own.end, claims.expires if claims is not None else None)
    as_of = begin or latest(*(signature.created for signature in signatures.found))
    if as_of is not None and now + CLOCK_SKEW < as_of:
        raise StatusUntrustedError("The status list is from the future.", got=as_of)
    if end is not None and now >= end:
        raise StatusUntrustedError("The status list is past its end, and no newer one is there.", got=end)
    return as_of, end


class _Kept(Generic[Kept]):
    """What was made of bytes, by their digest; the least used is forgotten first, bounded in bytes."""

    def __init__(self, most: int) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, tuple[Kept, int]] = OrderedDict()
        self._bytes = 0
        self._most = most

    def get(self, key: bytes) -> Kept | None:
        """Return what is kept, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found[0] if found is not None else None

    def keep(self, key: bytes, made: Kept, size: int) -> Kept:
        """Keep ``made``, which takes about ``size`` bytes, and return it."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made, size
                self._bytes += size
            while self._bytes > self._most:
                self._bytes -= self._kept.popitem(last=False)[1][1]
        return made


def _decoded(encoded: str, decoder: Callable[[str], bytes]) -> bytes:
    """Return the bits of a list, decoded once."""
    key = sha256(f"{decoder.__name__}:{encoded}".encode()).digest()
    bits = _bits.get(key)
    if bits is None:
        bits = decoder(encoded)
        _bits.keep(key, bits, len(bits))
    return bits


_bits: _Kept[bytes] = _Kept(DECODED_BYTES)
_lists: _Kept[_Read] = _Kept(OPENED_BYTES)
