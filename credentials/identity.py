# SPDX-License-Identifier: Apache-2.0
"""IdentityObject: to whom a credential was given, without writing the address into it.

Open Badges 3.0, "IdentityObject" (https://www.imsglobal.org/spec/ob/v3p0/#identityobject): the hash is of the
identifier followed by the salt, both as UTF-8, and is written as the name of the function, ``$`` and
hexadecimal digits. A salt stops tables and linking between credentials, not a guess by somebody who holds the
document.

E-mail addresses are the one identifier that people write in several ways. We issue with spaces around it
removed and the domain in lower case (RFC 5321 section 2.4: only the domain ignores case). On verifying, the
address as typed and all in lower case are tried too, because other issuers hash those. In a name, white space
counts as one space, and letters are compared as typed and composed (NFC), never by what they look like.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from credentials.document import Json, pointer
from credentials.errors import IdentityError

EMAIL_ADDRESS = "emailAddress"
NAME = "name"
SALT_CHARS = 22  # characters of base64url; that many hold 128 bits, which are not guessable
IDENTIFIER_CHARS = 1_024  # characters; an address has at most 254

_HASH = re.compile(r"(?P<algorithm>sha256|md5)\$(?P<digits>[0-9A-Fa-f]+)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DIGITS = {"sha256": 64, "md5": 32}


@dataclass(frozen=True, slots=True)
class IdentityObject:
    """How a credential names its recipient.

    Attributes:
        identity_type: What kind of identifier, such as ``emailAddress``.
        identity_hash: The hash, or the identifier itself if it is not hashed.
        hashed: Whether it is hashed.
        salt: What was added before hashing.
    """

    identity_type: str
    identity_hash: str
    hashed: bool
    salt: str | None = None

    @classmethod
    def create(cls, identifier: str, *, salt: str, identity_type: str = EMAIL_ADDRESS) -> IdentityObject:
        """Name a recipient by a hash, as we issue it: SHA-256, with a random salt of 128 bits or more."""
        if len(salt) < SALT_CHARS:
            raise ValueError(f"a salt has at least {SALT_CHARS} characters")
        text = normalised(identifier, identity_type)
        return cls(identity_type, identity_hash(text, salt), hashed=True, salt=salt)

    @classmethod
    def read(cls, members: Mapping[str, Json]) -> IdentityObject:
        """Read the members of an IdentityObject.

        Raises:
            IdentityError: A required member is missing or of the wrong JSON type, or the hash is not one.
        """
        hashed, salt = members.get("hashed"), members.get("salt")
        if not isinstance(hashed, bool):
            raise IdentityError("An identity does not say whether it is hashed.", path="/hashed")
        if salt is not None and not isinstance(salt, str):
            raise IdentityError("The salt of an identity is no text.", path="/salt")
        identity = cls(
            _text(members, "identityType"), _text(members, "identityHash"), hashed=hashed, salt=salt
        )
        if hashed:
            _split(identity.identity_hash)
        return identity

    def to_members(self) -> dict[str, Json]:
        """Return the members as a credential shows them."""
        members: dict[str, Json] = {
            "type": "IdentityObject",
            "hashed": self.hashed,
            "identityHash": self.identity_hash,
            "identityType": self.identity_type,
        }
        return members if self.salt is None else members | {"salt": self.salt}

    @property
    def weaknesses(self) -> tuple[str, ...]:
        """Sentences about why the hash hides the identifier badly; none if it is as it should be."""
        if not self.hashed:
            return ("The recipient's identifier is written openly.",)
        found = [] if self.salt else ["The recipient's identifier is hashed without a salt."]
        if self.identity_hash.startswith("md5$"):
            found.append("The recipient's identifier is hashed with MD5.")
        return tuple(found)


def identity_hash(identifier: str, salt: str = "", *, algorithm: str = "sha256") -> str:
    """Return ``identityHash``: "sha256$" (or "md5$") and the digits of H(identifier ‖ salt)."""
    if algorithm not in _DIGITS:
        raise ValueError(f"no such hash for an identity: {algorithm}")
    digest = hashlib.new(algorithm, (identifier + salt).encode(), usedforsecurity=False)
    return f"{algorithm}${digest.hexdigest()}"


def normalised(identifier: str, identity_type: str = EMAIL_ADDRESS) -> str:
    """Return the identifier as we hash it; see the module's second paragraph."""
    text = identifier.strip()
    if identity_type == NAME:
        return " ".join(text.split())
    local, at_sign, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}" if identity_type == EMAIL_ADDRESS and at_sign else text


def matches(identity: IdentityObject, identifier: str) -> bool:
    """Tell whether ``identifier`` is the one that ``identity`` names, compared in constant time.

    Raises:
        IdentityError: ``identity`` holds no hash that we can compute, or the identifier is too long or not
            to be written as UTF-8.
    """
    if len(identifier) > IDENTIFIER_CHARS:
        raise IdentityError(f"An identifier has more than {IDENTIFIER_CHARS:,} characters.")
    for text in (identifier, identity.identity_hash, identity.salt or ""):
        if _SURROGATE.search(text):
            raise IdentityError("An identifier holds half a character.")
    candidates = {identifier, identifier.strip(), normalised(identifier, identity.identity_type)}
    if identity.identity_type == EMAIL_ADDRESS:
        candidates.add(identifier.strip().lower())
    if identity.identity_type == NAME:
        # Two keyboards may write one letter in two ways; the same letters are the same name.
        candidates.add(unicodedata.normalize("NFC", normalised(identifier, NAME)))
    expected = normalised(identity.identity_hash, identity.identity_type)
    if identity.hashed:
        algorithm, expected = _split(identity.identity_hash)
        candidates = {
            identity_hash(text, identity.salt or "", algorithm=algorithm).partition("$")[2]
            for text in candidates
        }
    found = False
    for candidate in candidates:
        found |= hmac.compare_digest(candidate.encode(), expected.encode())
    return found


def _split(text: str) -> tuple[str, str]:
    """Return the name of the hash and its digits in lower case."""
    match = _HASH.fullmatch(text) if len(text) <= IDENTIFIER_CHARS else None
    if match is None or len(match["digits"]) != _DIGITS[match["algorithm"]]:
        raise IdentityError("The hash of an identity is not readable.", path="/identityHash", got=text[:80])
    return match["algorithm"], match["digits"].lower()


def _text(members: Mapping[str, Json], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise IdentityError(f"An identity has no {name}.", path=pointer(name))
    return value
