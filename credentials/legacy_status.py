# SPDX-License-Identifier: Apache-2.0
"""Older kinds of status that the field still uses: StatusList2021 and 1EdTechRevocationList. Read only.

- ``StatusList2021Entry`` (W3C CCG draft, Open edX and others): the forerunner of the Bitstring Status List.
  Same rules; the bits are base64url without a multibase letter, with or without padding.
- ``1EdTechRevocationList`` (Open Badges 3.0, deprecated by #602, still in use): the entry's ``id`` answers
  with ``{"revokedCredential": [{"id", "revoked"?, "revocationReason"?}]}``. The list is unsigned: who asks
  must have got it over https from the issuer's own origin. The text of VCRL 1.0 is not public; what is read
  here is what 1EdTech's public validator reads.

Nothing here is ever issued.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from credentials.document import Json, pointer
from credentials.errors import (
    MultibaseError,
    StatusEncodingError,
    StatusEntryError,
    StatusListError,
    StatusTypeError,
)
from credentials.multibase import unbase64url
from credentials.status_list import (
    STATUS_ENCODED_CHARS,
    BitstringStatusList,
    BitstringStatusListEntry,
    inflate,
    read_entry,
    read_list,
)

STATUS_LIST_2021_ENTRY: Final = "StatusList2021Entry"
REVOCATION_LIST: Final = "1EdTechRevocationList"


@dataclass(frozen=True, slots=True)
class Revocation:
    """What a 1EdTechRevocationList says about one credential that it lists as revoked."""

    credential_id: str
    reason: str | None


def read_entry_2021(members: Mapping[str, Json]) -> BitstringStatusListEntry:
    """Read a ``StatusList2021Entry``; errors as ``status_list.read_entry``."""
    return read_entry(members, expected_type=STATUS_LIST_2021_ENTRY)


def read_list_2021(members: Mapping[str, Json]) -> BitstringStatusList:
    """Read a ``StatusList2021Credential``; errors as ``status_list.read_list``."""
    return read_list(
        members, expected_type="StatusList2021Credential", expected_subject_type="StatusList2021"
    )


def decode_2021(encoded: str) -> bytes:
    """Return the bits of a StatusList2021 ``encodedList``; bounded like ``status_list.decode``.

    A value with the letter of the newer specification does not begin like gzip: the two cannot be mixed up.

    Raises:
        StatusListError: A leaf says what is wrong: encoding, too long, or fewer entries than the minimum.
    """
    if len(encoded) > STATUS_ENCODED_CHARS:
        raise StatusEncodingError("The bits of the status list are too long.", expected=STATUS_ENCODED_CHARS)
    text = encoded.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return inflate(unbase64url(text))
    except MultibaseError as error:
        raise StatusEncodingError(f"The bits of the status list cannot be read: {error.message}") from error


def revocation_list_address(members: Mapping[str, Json]) -> str:
    """Return where a ``1EdTechRevocationList`` entry says that its list stands.

    Raises:
        StatusTypeError: The entry is of another type.
        StatusEntryError: It has no address.
    """
    kinds = members.get("type")
    if REVOCATION_LIST not in (kinds if isinstance(kinds, list) else [kinds]):
        raise StatusTypeError("This kind of status is not one that we read.", path="/type")
    address = members.get("id")
    if not isinstance(address, str) or not address:
        raise StatusEntryError("The status entry does not say where its list is.", path="/id")
    return address


def find_revocation(members: Mapping[str, Json], *, credential_id: str) -> Revocation | None:
    """Return the revocation of ``credential_id`` in a list, or None when the list proves that there is none.

    An entry counts when its ``revoked`` is absent or true. Ids are compared as Open Badges 3.0, "Credential
    equality", compares them: after percent-decoding and trimming.

    Raises:
        StatusListError: The list is not of this form, so that it proves nothing.
    """
    entries = members.get("revokedCredential")
    if not isinstance(entries, list):
        raise StatusListError("The revocation list lists nothing.", path="/revokedCredential")
    wanted = _comparable(credential_id)
    found: Revocation | None = None
    for index, entry in enumerate(entries):
        name = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(name, str):
            raise StatusListError(
                "An entry of the revocation list names no credential.",
                path=pointer("revokedCredential", index),
            )
        revoked = entry.get("revoked", True)
        if not isinstance(revoked, bool):
            raise StatusListError(
                "An entry of the revocation list says neither yes nor no.",
                path=pointer("revokedCredential", index, "revoked"),
            )
        if revoked and found is None and _comparable(name) == wanted:
            reason = entry.get("revocationReason")
            found = Revocation(credential_id=name, reason=reason if isinstance(reason, str) else None)
    return found


def _comparable(name: str) -> str:
    return unquote(name).strip()
