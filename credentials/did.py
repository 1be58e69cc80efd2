# SPDX-License-Identifier: Apache-2.0
"""Decentralised identifiers: the grammar of did:web, did:key and did:jwk, and what each of them names.

DID 1.0, "DID Syntax" (https://www.w3.org/TR/did-1.0/#did-syntax); did:web
(https://w3c-ccg.github.io/did-method-web/); did:key (https://w3c-ccg.github.io/did-key-spec/); did:jwk
(https://github.com/quartzjer/did-jwk). Nothing is fetched here. A did:web that names an IP address, a local
host or another path than it shows never becomes a URL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from credentials.document import parse as parse_document
from credentials.document import write
from credentials.errors import (
    DocumentError,
    MalformedDIDError,
    MultibaseError,
    PublicKeyError,
    UnknownDIDMethodError,
)
from credentials.multibase import base64url, unbase64url
from credentials.verification_method import PublicKey

DID_CHARS = 2_048  # characters, as for any IRI that we sign; a did:jwk with a 4,096-bit key needs 1,000
HOST_CHARS = 253  # characters (RFC 1035, section 2.3.4, without the final dot)
KEPT = 256  # keys of did:key that are kept; such a name never means another key
KEPT_CHARS = 256  # characters; of a longer name nothing is kept
METHODS = ("web", "key", "jwk")  # what we can resolve

_DID = re.compile(r"did:(?P<method>[a-z0-9]+):(?P<specific_id>(?:[A-Za-z0-9._:-]|%[0-9A-Fa-f]{2})+)(?<!:)")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER_LABEL = re.compile(r"0x[0-9a-f]*|[0-9]+")  # as last label it makes resolvers read an IPv4 address
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_PATH_PART = re.compile(r"(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+")
# What a percent sign may not hide in a path part: separators, dots, itself, controls and space.
_HIDDEN = frozenset(b'%./:\\?#@[]"<>') | frozenset(range(0x21)) | {0x7F}


@dataclass(frozen=True, slots=True)
class DID:
    """A syntactically right DID; two are the same when their texts are.

    Attributes:
        text: The whole identifier.
        method: Its method, such as "web".
        specific_id: What follows the method.
    """

    text: str
    method: str
    specific_id: str

    def __str__(self) -> str:
        return self.text


def parse(text: str) -> DID:
    """Read a DID without path, query and fragment.

    Raises:
        MalformedDIDError: It breaks the grammar.
    """
    match = _DID.fullmatch(text) if len(text) <= DID_CHARS else None
    if match is None:
        raise MalformedDIDError("This is not a decentralised identifier.", got=text[:120])
    return DID(text=text, method=match["method"], specific_id=match["specific_id"])


def did_web_url(did: str) -> str:
    """Return the https URL of the DID document of a did:web (did:web method, "Read (Resolve)").

    Raises:
        MalformedDIDError: Not a did:web, or its host is no lower-case DNS name of at least two labels, or a
            port or path part is not plain.
    """
    parsed = parse(did)
    if parsed.method != "web":
        raise MalformedDIDError("This is not a did:web.", got=did[:120])
    authority, *path = parsed.specific_id.split(":")
    host, encoded_colon, port = authority.partition("%3A")
    _check_host(host)
    if encoded_colon:
        if _PORT.fullmatch(port) is None or int(port) > 65_535:
            raise MalformedDIDError("The port of a did:web is no port.", got=port[:20])
        host += ":" + port
    for part in path:
        _check_path_part(part)
    return f"https://{host}/{'/'.join(path) if path else '.well-known'}/did.json"


def did_web_for(host: str, *path: str) -> str:
    """Return the did:web for a host (with a port after ":" if need be) and path parts.

    An internationalised name has to be given in its punycode form (``xn--…``).

    Raises:
        MalformedDIDError: As ``did_web_url``.
    """
    did = ":".join(("did", "web", host.replace(":", "%3A"), *path))
    did_web_url(did)
    return did


def did_key_for(public_key: PublicKey) -> str:
    """Return the did:key of a key that has a Multikey form."""
    return f"did:key:{public_key.to_multikey()}"


def did_key_public_key(did: str) -> PublicKey:
    """Return the key that a did:key is (did:key method, "Expand").

    Raises:
        MalformedDIDError: Not a did:key, or not a readable key.
        UnsupportedKeyError: A kind of key that we do not carry.
        WeakKeyError: A key that proves nothing.
    """
    return _kept_key(did) if len(did) <= KEPT_CHARS else _read_key(did)


def _read_key(did: str) -> PublicKey:
    parsed = parse(did)
    if parsed.method != "key":
        raise MalformedDIDError("This is not a did:key.", got=did[:120])
    try:
        return PublicKey.from_multikey(parsed.specific_id)
    except PublicKeyError as error:
        raise MalformedDIDError(f"The key in a did:key is not readable. {error.message}") from error


_kept_key = lru_cache(maxsize=KEPT)(_read_key)


def did_jwk_for(public_key: PublicKey) -> str:
    """Return the did:jwk of a key."""
    return f"did:jwk:{base64url(write(public_key.to_jwk()))}"


def did_jwk_public_key(did: str) -> PublicKey:
    """Return the key that a did:jwk is (did:jwk method, "Read").

    Raises:
        MalformedDIDError: Not a did:jwk, or not a readable key.
        UnsupportedKeyError: A kind of key that we do not carry.
        WrongError: What ``PublicKey.from_jwk`` refuses.
    """
    parsed = parse(did)
    if parsed.method != "jwk":
        raise MalformedDIDError("This is not a did:jwk.", got=did[:120])
    try:
        members = parse_document(unbase64url(parsed.specific_id)).members
        return PublicKey.from_jwk(members)
    except (MultibaseError, DocumentError, PublicKeyError) as error:
        raise MalformedDIDError(f"The key in a did:jwk is not readable. {error.message}") from error


def public_key(did: str) -> PublicKey:
    """Return the key of a DID that is its own document.

    Raises:
        UnknownDIDMethodError: The method is neither ``key`` nor ``jwk``.
        HallmarkError: As ``did_key_public_key`` and ``did_jwk_public_key``.
    """
    match parse(did).method:
        case "key":
            return did_key_public_key(did)
        case "jwk":
            return did_jwk_public_key(did)
        case method:
            raise UnknownDIDMethodError(f"A did:{method} is not its own document.", got=method)


def _check_host(host: str) -> None:
    """Refuse what is no public DNS name: upper case, one label, an IP address, a local name, bad punycode."""
    labels = host.split(".")
    if (
        len(host) > HOST_CHARS
        or len(labels) < 2
        or labels[-1] == "localhost"
        or not all(_LABEL.fullmatch(label) for label in labels)
        or _NUMBER_LABEL.fullmatch(labels[-1])
    ):
        raise MalformedDIDError(
            "The host of a did:web must be a lower-case DNS name, not an IP address or a local name.",
            got=host[:120],
        )
    for label in labels:
        if label.startswith("xn--"):
            _check_punycode(label)


def _check_punycode(label: str) -> None:
    try:
        text = label[4:].encode("ascii").decode("punycode")
        honest = not text.isascii() and text.encode("punycode").decode("ascii") == label[4:]
    except (UnicodeError, ValueError, OverflowError):
        honest = False
    if not honest:
        raise MalformedDIDError("A label of a did:web host is no punycode.", got=label)


def _check_path_part(part: str) -> None:
    if _PATH_PART.fullmatch(part) is None or part in (".", ".."):
        raise MalformedDIDError("A path part of a did:web is empty or not plain.", got=part[:120])
    for code in re.findall("%([0-9A-F]{2})", part):
        if int(code, 16) in _HIDDEN:
            raise MalformedDIDError(f"A path part of a did:web hides the character %{code}.", got=part[:120])
