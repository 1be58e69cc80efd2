# SPDX-License-Identifier: Apache-2.0
"""Was it issued to whom the reader asked about?

Open Badges 3.0, "Verification" and "IdentityObject"
(https://www.imsglobal.org/spec/ob/v3p0/#identityobject): the subject's id must be equal, or the hash of one
of its identifiers. Compared in constant time; similar is not equal.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping

from credentials import identity
from credentials.document import Json
from credentials.errors import IdentityError
from credentials.identity import EMAIL_ADDRESS, IdentityObject
from verifier import explain
from verifier.opened import Opened
from verifier.outcome import Check

IDENTIFIERS = 16  # of one subject; each costs a few hashes
_MAILTO = "mailto:"


def check_recipient(opened: Opened, *, expected_recipient: str | None) -> Check:
    """Compare ``expected_recipient`` (an e-mail address or id) with the subject."""
    if expected_recipient is None:
        return explain.say(explain.RECIPIENT_NOT_ASKED)
    compared = False
    for path, match, hint in _comparisons(opened.members, expected_recipient.strip()):
        if match:
            return explain.say(explain.RECIPIENT_SAME, path=path, hint=hint)
        compared = compared or match is False
    return explain.say(explain.RECIPIENT_OTHER if compared else explain.RECIPIENT_UNKNOWN)


def _comparisons(members: Mapping[str, Json], expected: str) -> Iterator[tuple[str, bool | None, str]]:
    """Yield for each way in which the subject is named: place, whether it fits (None: unreadable), a hint."""
    value = members.get("credentialSubject")
    subjects = value if isinstance(value, list) else [value]
    if len(subjects) != 1 or not isinstance(subjects[0], dict):
        return  # Several subjects: nobody is meant alone.
    subject = subjects[0]
    own_id = subject.get("id")
    if isinstance(own_id, str):
        # Typed without its scheme, a mail address is still the same identifier.
        same = _equal(own_id, expected) or _equal(own_id, _MAILTO + expected)
        if same:
            yield "/credentialSubject/id", True, ""
        elif _is_mail(own_id) == _is_mail(expected):
            # An id of another kind than was typed says nothing about it.
            yield "/credentialSubject/id", False, ""
    entries = subject.get("identifier", [])
    for index, entry in enumerate((entries if isinstance(entries, list) else [entries])[:IDENTIFIERS]):
        path = f"/credentialSubject/identifier/{index}"
        try:
            named = IdentityObject.read(entry if isinstance(entry, dict) else {})
            if not _comparable(named, expected):
                continue
            yield path, identity.matches(named, expected), " ".join(named.weaknesses)
        except IdentityError:
            yield path, None, ""


def _comparable(named: IdentityObject, expected: str) -> bool:
    """Tell whether the identity can say anything about what was typed.

    A name never can: two people may share it, and it stands on the badge for everybody to copy.
    """
    if named.identity_type == "name":
        return False
    if named.identity_type == EMAIL_ADDRESS and not _is_mail(expected):
        return False
    return named.hashed or _is_mail(named.identity_hash) == _is_mail(expected)


def _is_mail(text: str) -> bool:
    return "@" in text and not text.startswith(("http:", "https:", "did:"))


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8"), other.encode("utf-8"))
