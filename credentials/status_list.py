# SPDX-License-Identifier: Apache-2.0
"""Bitstring Status List v1.0: write and read entries and lists, bounded; fetch nothing, decide nothing.

https://www.w3.org/TR/vc-bitstring-status-list/. A credential's ``credentialStatus`` entry names a list and an
index; the list is itself a credential whose subject holds the bits. Bit 0 is the left-most one, the most
significant bit of the first byte. Whatever prevents reading a bit is an ``UnknownError``: only a proven zero
bit is clear. The list's proof, issuer, address and age are the verifier's business
(``verifier.checks.status``); older kinds of status are in ``legacy_status``.

    >>> bits = decode(encode([7]))
    >>> read_status(bits, 7), read_status(bits, 8)
    (1, 0)
"""

from __future__ import annotations

import re
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credentials.dates import format_datetime, parse_datetime
from credentials.document import Json
from credentials.errors import (
    DateError,
    MultibaseError,
    StatusEncodingError,
    StatusEntryError,
    StatusIndexError,
    StatusListError,
    StatusListTooLongError,
    StatusListTooShortError,
    StatusSizeError,
    StatusTypeError,
)
from credentials.multibase import decode_base64url, encode_base64url

STATUS_ENTRIES_MIN = 131_072  # entries; below that a look-up tells too much ("Validate Algorithm", step 9)
STATUS_INFLATED = 2_097_152  # bytes; 16,777,216 entries. 1 GiB of zeros is a gzip of 1 MB
STATUS_ENCODED_CHARS = 3_145_728  # characters; what STATUS_INFLATED needs when it does not compress at all
INDEX_CHARS = 20  # characters; STATUS_INFLATED allows eight digits

CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
ENTRY_TYPE: Final = "BitstringStatusListEntry"
REVOCATION: Final = "revocation"
SUSPENSION: Final = "suspension"
INFORMATIVE_PURPOSES: Final = frozenset({"refresh", "message"})  # shown, never a reason to refuse

DENSE: Final = 32  # one set entry in so many, from which on a byte for each entry is quicker than its bit

_CANONICAL_INDEX = re.compile(r"0|[1-9][0-9]*")
_GZIP = 31  # zlib's window bits for exactly one gzip wrapper


@dataclass(frozen=True, slots=True, kw_only=True)
class BitstringStatusListEntry:
    """One entry of ``credentialStatus``: where the bit stands and what it means.

    https://www.w3.org/TR/vc-bitstring-status-list/#bitstringstatuslistentry

    Attributes:
        id: Name of the entry; Open Badges 3.0 requires it, this specification does not.
        warnings: What is odd about the entry and does not change what it says.
    """

    id: str | None
    status_purpose: str
    status_list_index: int
    status_list_credential: str
    type: str = ENTRY_TYPE
    warnings: tuple[str, ...] = ()

    def to_members(self) -> dict[str, Json]:
        """Return the entry as it stands in a credential; the index is a text (base 10)."""
        members: dict[str, Json] = {} if self.id is None else {"id": self.id}
        return members | {
            "type": self.type,
            "statusPurpose": self.status_purpose,
            "statusListIndex": str(self.status_list_index),
            "statusListCredential": self.status_list_credential,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BitstringStatusList:
    """What a list credential says, its bits still encoded.

    https://www.w3.org/TR/vc-bitstring-status-list/#bitstringstatuslistcredential
    """

    id: str | None
    issuer_id: str
    status_purposes: tuple[str, ...]
    encoded_list: str
    valid_from: datetime | None
    valid_until: datetime | None
    ttl_ms: int | None


def encode(set_indices: Iterable[int], *, length: int = STATUS_ENTRIES_MIN) -> str:
    """Return the ``encodedList`` of ``length`` entries in which exactly ``set_indices`` are set.

    "Bitstring Generation Algorithm". The same bits always give the same text: no name, no time, level 6, and
    of repetitions only runs of one byte. Places are random, so that there are no others to be found: it takes
    a tenth of the time, and is smaller at every share of set entries.

    Raises:
        StatusListTooShortError: ``length`` is below the minimum.
        StatusListTooLongError: ``length`` is above what we read ourselves.
        StatusIndexError: An index lies outside the list.
    """
    if length < STATUS_ENTRIES_MIN:
        raise StatusListTooShortError(
            "A status list needs more entries.", got=length, expected=STATUS_ENTRIES_MIN
        )
    if length > STATUS_INFLATED * 8:
        raise StatusListTooLongError("A status list is too long.", got=length, expected=STATUS_INFLATED * 8)
    try:
        places = array("I", set_indices)
    except OverflowError as error:
        raise StatusIndexError("An index lies outside the status list.", expected=length) from error
    if max(places, default=0) >= length:
        raise StatusIndexError("An index lies outside the status list.", got=max(places), expected=length)
    deflate = zlib.compressobj(6, zlib.DEFLATED, _GZIP, strategy=zlib.Z_RLE)
    return encode_base64url(deflate.compress(_bits(places, length)) + deflate.flush())


def _bits(places: Sequence[int], length: int) -> bytes | bytearray:
    """Return ``length`` bits, the left-most one first, exactly ``places`` of them set; O(length + set)."""
    size = (length + 7) // 8
    if len(places) * DENSE < length:
        bits = bytearray(size)
        for place in places:
            bits[place >> 3] |= 0x80 >> (place & 7)
        return bits
    digits = bytearray(b"0") * (size * 8)  # a number in base 2, one digit for each entry
    for place in places:
        digits[place] = 0x31
    return int(digits, 2).to_bytes(size, "big")


def decode(encoded: str) -> bytes:
    """Return the bits of an ``encodedList``.

    "Bitstring Expansion Algorithm": multibase base64url (``u``) of one gzip member.

    Raises:
        StatusListError: A leaf says what is wrong: encoding, too long, or fewer entries than the minimum.
    """
    try:
        data = decode_base64url(encoded, max_chars=STATUS_ENCODED_CHARS)
    except MultibaseError as error:
        raise StatusEncodingError(f"The bits of the status list cannot be read: {error.message}") from error
    return inflate(data)


def inflate(data: bytes) -> bytes:
    """Return what one gzip member holds, inflating no more than ``STATUS_INFLATED`` bytes.

    Raises:
        StatusEncodingError: Not gzip, cut off, or something follows the member.
        StatusListTooLongError: There is more than the limit.
        StatusListTooShortError: Fewer than ``STATUS_ENTRIES_MIN`` entries.
    """
    stream = zlib.decompressobj(_GZIP)
    try:
        bits = stream.decompress(data, STATUS_INFLATED + 1)
    except zlib.error as error:
        raise StatusEncodingError("The bits of the status list are not gzip data.") from error
    if len(bits) > STATUS_INFLATED:
        raise StatusListTooLongError(
            "The status list inflates to more than we read.", expected=STATUS_INFLATED
        )
    if not stream.eof:
        raise StatusEncodingError("The bits of the status list are cut off.")
    if stream.unused_data:
        raise StatusEncodingError("Something follows the bits of the status list.")
    if len(bits) * 8 < STATUS_ENTRIES_MIN:
        raise StatusListTooShortError(
            "The status list has too few entries.", got=len(bits) * 8, expected=STATUS_ENTRIES_MIN
        )
    return bits


def read_status(bits: bytes, index: int) -> int:
    """Return the bit of ``index``: 1 is set, 0 is clear.

    "Validate Algorithm", the step that reads the value at the index; ``statusSize`` is 1.

    Raises:
        StatusIndexError: The index lies outside the list (RANGE_ERROR).
    """
    if not 0 <= index < len(bits) * 8:
        raise StatusIndexError("The index lies outside the status list.", got=index, expected=len(bits) * 8)
    return bits[index >> 3] >> (7 - (index & 7)) & 1


def read_entry(members: Mapping[str, Json], *, expected_type: str = ENTRY_TYPE) -> BitstringStatusListEntry:
    """Read one entry of ``credentialStatus``.

    The index is a canonical base-10 text. Whole JSON numbers occur in the field and in an official sample:
    they are taken with a warning. Anything else is refused, because readers would disagree about it.

    Raises:
        StatusTypeError: The entry is of another type.
        StatusEntryError: A member is missing or of another form (MALFORMED_VALUE_ERROR).
        StatusSizeError: More than one bit per entry, for a purpose that counts.
    """
    if expected_type not in _texts(members.get("type")):
        raise StatusTypeError("This kind of status is not one that we read.", got=_short(members.get("type")))
    warnings: list[str] = []
    name = members.get("id")
    if name is not None and not isinstance(name, str):
        raise StatusEntryError("The id of a status entry is not a text.", path="/id")
    address = _text(members, "statusListCredential")
    purpose = _text(members, "statusPurpose")
    if name == address:
        warnings.append("The id of the status entry is the address of the list itself.")
    raw_index = members.get("statusListIndex")
    if isinstance(raw_index, int) and not isinstance(raw_index, bool):
        warnings.append("The index of the status entry is a number and should be a text.")
    index = _index(raw_index)
    size = members.get("statusSize", 1)
    if (type(size) is not int or size != 1) and purpose not in INFORMATIVE_PURPOSES:
        raise StatusSizeError("The status takes more than one bit.", path="/statusSize", got=_short(size))
    return BitstringStatusListEntry(
        id=name,
        status_purpose=purpose,
        status_list_index=index,
        status_list_credential=address,
        type=expected_type,
        warnings=tuple(warnings),
    )


def compose_list(
    *,
    id: str,
    issuer_members: Mapping[str, Json],
    status_purpose: str,
    encoded_list: str,
    valid_from: datetime,
    valid_until: datetime,
    ttl_ms: int = 60_000,
) -> dict[str, Json]:
    """Return the unsigned list credential.

    Of the issuer only ``id`` and ``name`` are taken: the list uses the base context alone, in which a Profile
    is not defined.
    """
    issuer: dict[str, Json] = {key: issuer_members[key] for key in ("id", "name") if key in issuer_members}
    return {
        "@context": [CONTEXT],
        "id": id,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": format_datetime(valid_from),
        "validUntil": format_datetime(valid_until),
        "credentialSubject": {
            "id": f"{id}#list",
            "type": "BitstringStatusList",
            "statusPurpose": status_purpose,
            "encodedList": encoded_list,
            "ttl": ttl_ms,
        },
    }


def read_list(
    members: Mapping[str, Json],
    *,
    expected_type: str = "BitstringStatusListCredential",
    expected_subject_type: str = "BitstringStatusList",
) -> BitstringStatusList:
    """Read the members of a list credential; its proof has been, or will be, checked by the caller.

    Dates of both VCDM versions are read, because a 1.1 credential may point to such a list. Where both stand
    there, the later beginning and the earlier end count: one must not hide the other.

    Raises:
        StatusListError: It is of another type, or a member is missing or of another form.
    """
    if expected_type not in _texts(members.get("type")):
        raise StatusListError("The document is not a status list credential.", path="/type")
    subject = members.get("credentialSubject")
    if not isinstance(subject, dict):
        raise StatusListError("The status list has no subject.", path="/credentialSubject")
    if expected_subject_type not in _texts(subject.get("type")):
        raise StatusListError("The subject is not a status list.", path="/credentialSubject/type")
    purposes = _texts(subject.get("statusPurpose"))
    if not purposes:
        raise StatusListError("The status list has no purpose.", path="/credentialSubject/statusPurpose")
    encoded = subject.get("encodedList")
    if not isinstance(encoded, str):
        raise StatusListError("The status list has no bits.", path="/credentialSubject/encodedList")
    issuer = members.get("issuer")
    issuer_id = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(issuer_id, str):
        raise StatusListError("The status list names no issuer.", path="/issuer")
    name = members.get("id")
    if name is not None and not isinstance(name, str):
        raise StatusListError("The id of the status list is not a text.", path="/id")
    return BitstringStatusList(
        id=name,
        issuer_id=issuer_id,
        status_purposes=purposes,
        encoded_list=encoded,
        valid_from=max(_moments(members, "validFrom", "issuanceDate"), default=None),
        valid_until=min(_moments(members, "validUntil", "expirationDate"), default=None),
        ttl_ms=_ttl(subject.get("ttl")),
    )


def _index(value: Json) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        if value >= 0:
            return value
    elif (
        isinstance(value, str)
        and len(value) <= INDEX_CHARS
        and value.isascii()
        and _CANONICAL_INDEX.fullmatch(value)
    ):
        return int(value)
    raise StatusEntryError(
        "The index of a status entry is not a whole number in base 10.",
        path="/statusListIndex",
        got=_short(value),
    )


def _text(members: Mapping[str, Json], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise StatusEntryError(f'The status entry has no text for "{name}".', path=f"/{name}")
    return value


def _texts(value: Json) -> tuple[str, ...]:
    """Return a text, or the texts of an array; an array that holds anything else gives nothing."""
    if isinstance(value, str):
        return (value,)
    texts = tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
    return texts if isinstance(value, list) and len(texts) == len(value) else ()


def _moments(members: Mapping[str, Json], *names: str) -> Iterator[datetime]:
    for name in names:
        if name in members:
            try:
                yield parse_datetime(members[name])
            except DateError as error:
                raise StatusListError(
                    f"The status list has no readable date: {error.message}", path=f"/{name}"
                ) from error


def _ttl(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _short(value: Json) -> str:
    return repr(value)[:80]
