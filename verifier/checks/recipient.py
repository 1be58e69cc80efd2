# SPDX-License-Identifier: Apache-2.0
"""Was it issued to whom the reader asked about?

Open Badges 3.0, "Verification" and "IdentityObject"
(https://www.imsglobal.org/spec/ob/v3p0/#identityobject): the subject's id must be equal, or the hash of one
of its identifiers. Compared in constant time; similar is not equal.

What was typed is an address, an id, a name, or a single word that may be an id or a name. A kind can only be
compared with its own: a typed name says nothing about a hashed address. A name alone proves less than the
others, because two people may share it; that is said, and ``Finding.NAME_ONLY`` stands with it. What was
typed is never repeated in an answer.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from credentials import identity
from credentials.document import Json
from credentials.errors import IdentityError
from credentials.identity import EMAIL_ADDRESS, NAME, IdentityObject
from verifier import explain
from verifier.opened import Opened
from verifier.outcome import Check

IDENTIFIERS = 16  # of one subject; each costs a few hashes
_MAILTO = "mailto:"
_ID_SCHEMES = ("http:", "https:", "did:", "urn:")


class Kind(Enum):
    """What was typed, or what an identifier is."""

    MAIL = auto()
    ID = auto()
    NAME = auto()
    WORD = auto()


@dataclass(frozen=True, slots=True)
class Comparison:
    """One way in which the subject is named, compared with what was typed.

    Attributes:
        path: Where it stands.
        kind: What was compared.
        fits: Whether it fits; None: it is unreadable.
        hint: What is odd about it.
    """

    path: str
    kind: Kind
    fits: bool | None
    hint: str = ""


_SAME = {
    Kind.MAIL: explain.RECIPIENT_SAME,
    Kind.ID: explain.RECIPIENT_SAME_ID,
    Kind.WORD: explain.RECIPIENT_SAME_ID,
    Kind.NAME: explain.RECIPIENT_SAME_NAME,
}
_OTHER = {
    Kind.MAIL: explain.RECIPIENT_OTHER,
    Kind.ID: explain.RECIPIENT_OTHER_ID,
    Kind.WORD: explain.RECIPIENT_OTHER_ID,
    Kind.NAME: explain.RECIPIENT_OTHER_NAME,
}


def check_recipient(opened: Opened, *, expected_recipient: str | None, may_compare: bool = True) -> Check:
    """Compare ``expected_recipient`` (an e-mail address, id or name) with the subject, if it may be."""
    if expected_recipient is None:
        return explain.say(explain.RECIPIENT_NOT_ASKED)
    if not may_compare:
        return explain.say(explain.RECIPIENT_TOO_OFTEN)
    expected = expected_recipient.strip()
    typed = kind_of(expected)
    made = list(_comparisons(opened.members, expected, typed))
    # An id that fits says more than a name that fits.
    for comparison in sorted(made, key=lambda each: each.kind is Kind.NAME):
        if comparison.fits:
            return explain.say(_SAME[comparison.kind], path=comparison.path, hint=comparison.hint)
    # A single word that is not the name may be an id, or a part of the name.
    telling = [
        each for each in made if each.fits is False and not (typed is Kind.WORD and each.kind is Kind.NAME)
    ]
    return explain.say(_OTHER[telling[0].kind] if telling else explain.RECIPIENT_UNKNOWN)


def kind_of(typed: str) -> Kind:
    """Tell what somebody typed."""
    if typed.startswith(_ID_SCHEMES):
        return Kind.ID
    if "@" in typed:
        return Kind.MAIL
    return Kind.NAME if len(typed.split()) > 1 and any(char.isalpha() for char in typed) else Kind.WORD


def _comparisons(members: Mapping[str, Json], expected: str, typed: Kind) -> Iterator[Comparison]:
    """Yield each way in which the subject is named that can be compared with what was typed."""
    value = members.get("credentialSubject")
    subjects = value if isinstance(value, list) else [value]
    if len(subjects) != 1 or not isinstance(subjects[0], dict):
        return  # Several subjects: nobody is meant alone.
    subject = subjects[0]
    own_id = subject.get("id")
    if isinstance(own_id, str):
        # Typed without its scheme, a mail address is still the same identifier.
        same = _equal(own_id, expected) or _equal(own_id, _MAILTO + expected)
        kind = Kind.MAIL if own_id.startswith(_MAILTO) else Kind.ID
        if same or kind is typed:
            # An id of another kind than was typed says nothing about it.
            yield Comparison("/credentialSubject/id", kind, same)
    entries = subject.get("identifier", [])
    for index, entry in enumerate((entries if isinstance(entries, list) else [entries])[:IDENTIFIERS]):
        path = f"/credentialSubject/identifier/{index}"
        try:
            named = IdentityObject.read(entry if isinstance(entry, dict) else {})
            comparable = _comparable(named, typed)
            if comparable is not None:
                fits = identity.matches(named, expected)
                hint = "" if comparable is Kind.NAME else " ".join(named.weaknesses)
                yield Comparison(path, comparable, fits, hint)
        except IdentityError:
            yield Comparison(path, typed, None)


def _comparable(named: IdentityObject, typed: Kind) -> Kind | None:
    """Return as what the identity can be compared with what was typed; None: not at all."""
    if named.identity_type == NAME:
        return Kind.NAME if typed in (Kind.NAME, Kind.WORD) else None
    if named.identity_type == EMAIL_ADDRESS:
        return Kind.MAIL if typed is Kind.MAIL else None
    if typed is Kind.NAME:
        return None
    # An identifier of any other type may hold an address, an id or a word; in clear it shows which.
    return (
        typed if named.hashed or (kind_of(named.identity_hash) is Kind.MAIL) == (typed is Kind.MAIL) else None
    )


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8"), other.encode("utf-8"))
