# SPDX-License-Identifier: Apache-2.0
"""Controller documents (DID documents too): read them, build ours, and decide which key may speak for whom.

CID 1.0, "Data Model" and "Retrieve Verification Method"
(https://www.w3.org/TR/cid-1.0/#retrieve-verification-method). Documents are read as plain JSON; fetching them
is not done here. Rules kept:

- A key counts only when it is reached from the document of whom it signs for (``assertion_key``).
- A method that we cannot read is no reason to refuse its neighbours; asking for it gives its own error.
- Two methods with one id are refused, unless they are equal: readers would disagree about which is meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from credentials import did as dids
from credentials.document import Document, Json, pointer
from credentials.errors import (
    ControllerDocumentError,
    ControllerDocumentIdError,
    HallmarkError,
    MethodControllerError,
    MethodExpiredError,
    MethodNotForAssertionsError,
    MethodNotFoundError,
    MethodRevokedError,
)
from credentials.verification_method import PublicKey, VerificationMethod

KEPT_DIDS = 256  # expanded ones that are kept; a DID that is its own document never says anything else
KEPT_DID_CHARS = 256  # of a longer one nothing is kept
METHODS = 256  # in one document; a key a month for twenty years

# DID 1.0 requires its own context first; the two others define the types of our methods.
CONTEXT = (
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/jwk/v1",
)
RELATIONSHIPS = (
    "assertionMethod",
    "authentication",
    "keyAgreement",
    "capabilityInvocation",
    "capabilityDelegation",
)


@dataclass(frozen=True, slots=True)
class ControllerDocument:
    """What an identifier says about its keys.

    Attributes:
        id: The identifier that the document speaks of.
        methods: The verification methods that we can read, by their absolute id.
        relationships: For each verification relationship the ids listed under it, by reference or by value.
        unreadable: For each method that we cannot read, why.
    """

    id: str
    methods: Mapping[str, VerificationMethod]
    relationships: Mapping[str, frozenset[str]]
    unreadable: Mapping[str, HallmarkError] = field(default_factory=dict)

    @property
    def assertion_method(self) -> frozenset[str]:
        """Ids of the methods that may sign credentials."""
        return self.relationships.get("assertionMethod", frozenset())

    def method_for(self, public_key: PublicKey) -> str | None:
        """Return the id of the assertion method with this very key, if there is one."""
        return next(
            (
                method.id
                for method in self.methods.values()
                if method.id in self.assertion_method and method.public_key == public_key
            ),
            None,
        )


def read(document: Document) -> ControllerDocument:
    """Read a controller document.

    Raises:
        ControllerDocumentError: No id, wrong JSON types, more methods than the limit, or two with one id.
    """
    members = document.members
    own_id = members.get("id")
    if not isinstance(own_id, str) or not own_id:
        raise ControllerDocumentError("A controller document has no id.", path="/id")
    methods: dict[str, VerificationMethod] = {}
    unreadable: dict[str, HallmarkError] = {}
    seen: dict[str, str] = {}
    relationships: dict[str, set[str]] = {name: set() for name in RELATIONSHIPS}
    for name in ("verificationMethod", *RELATIONSHIPS):
        for path, entry in _entries(members, name):
            if isinstance(entry, str) and name in relationships:
                relationships[name].add(_absolute(entry, own_id))
                continue
            method_id = entry.get("id") if isinstance(entry, dict) else None
            if not isinstance(entry, dict) or not isinstance(method_id, str):
                raise ControllerDocumentError("A verification method is no object with an id.", path=path)
            method_id = _absolute(method_id, own_id)
            if name in relationships:
                relationships[name].add(method_id)
            text = json.dumps({**entry, "id": method_id}, sort_keys=True)
            if method_id in seen:
                if seen[method_id] != text:
                    raise ControllerDocumentError("Two verification methods have one id.", path=path)
                continue
            if len(seen) >= METHODS:
                raise ControllerDocumentError(f"There are more than {METHODS} verification methods.")
            seen[method_id] = text
            try:
                methods[method_id] = VerificationMethod.read(entry, base=own_id)
            except HallmarkError as error:
                error.path = path + (error.path or "")
                unreadable[method_id] = error
    return ControllerDocument(
        id=own_id,
        methods=MappingProxyType(methods),
        relationships=MappingProxyType({name: frozenset(ids) for name, ids in relationships.items()}),
        unreadable=MappingProxyType(unreadable),
    )


def build(
    *,
    did: str,
    methods: Sequence[VerificationMethod],
    also_known_as: Sequence[str] = (),
    by_value: bool = False,
) -> dict[str, Json]:
    """Return the members of the controller document of ``did``, with every method listed for assertions.

    Methods are written once and referred to by id, or with ``by_value`` under ``assertionMethod`` itself.
    """
    shown: list[Json] = [method.to_members() for method in methods]
    ids: list[Json] = [method.id for method in methods]
    members: dict[str, Json] = {"@context": list(CONTEXT), "id": did}
    if also_known_as:
        members["alsoKnownAs"] = list(also_known_as)
    if by_value:
        return members | {"assertionMethod": shown}
    return members | {"verificationMethod": shown, "assertionMethod": ids}


def expand(did: str) -> ControllerDocument:
    """Return the document that a did:key or did:jwk is by itself.

    The one method of a did:key has the key as its fragment, that of a did:jwk has "0".

    Raises:
        UnknownDIDMethodError: Another method, whose document has to be fetched.
        HallmarkError: As ``did.public_key``.
    """
    return _expand_kept(did) if len(did) <= KEPT_DID_CHARS else _expand(did)


def _expand(did: str) -> ControllerDocument:
    parsed = dids.parse(did)
    public_key = dids.public_key(did)
    if parsed.method == "key":
        method = VerificationMethod(f"{did}#{parsed.specific_id}", "Multikey", did, public_key)
    else:
        method = VerificationMethod(f"{did}#0", "JsonWebKey", did, public_key)
    return ControllerDocument(
        id=did,
        methods=MappingProxyType({method.id: method}),
        relationships=MappingProxyType({"assertionMethod": frozenset({method.id})}),
    )


_expand_kept = lru_cache(maxsize=KEPT_DIDS)(_expand)


def assertion_key(
    document: ControllerDocument, method_id: str, *, expected_controller: str, at: datetime
) -> PublicKey:
    """Return the key of ``method_id``, if ``document`` lets it make assertions for ``expected_controller``.

    CID 1.0, "Retrieve Verification Method"; Data Integrity, "Verification Method Binding".

    Args:
        document: The document that was retrieved for ``method_id`` without its fragment.
        method_id: The verification method that the proof or the JWT names.
        expected_controller: Whom the key must belong to: the issuer of the credential.
        at: When the proof was made by its own word; now, if it does not say.

    Raises:
        ControllerDocumentIdError: The document speaks of another identifier.
        MethodNotFoundError: It does not contain the method.
        MethodControllerError: The method, or the document, belongs to somebody else.
        MethodNotForAssertionsError: The method is there, but not for assertions.
        MethodExpiredError: It had expired by then.
        MethodRevokedError: It had been revoked by then.
        HallmarkError: Why the method cannot be read.
    """
    identifier, _, _ = method_id.partition("#")
    if document.id != identifier:
        raise ControllerDocumentIdError(
            "The document found for the key speaks of another identifier.",
            got=document.id,
            expected=identifier,
        )
    if method_id in document.unreadable:
        raise document.unreadable[method_id]
    if method_id not in document.methods:
        raise MethodNotFoundError("The issuer's document does not contain this key.", got=method_id)
    method = document.methods[method_id]
    if method.controller != document.id:
        raise MethodControllerError(
            "The key belongs to somebody else than its document says.",
            got=method.controller,
            expected=document.id,
        )
    if method.controller != expected_controller:
        raise MethodControllerError(
            "The key is not one of the issuer's own.", got=method.controller, expected=expected_controller
        )
    if method_id not in document.assertion_method:
        others = [name for name, ids in document.relationships.items() if method_id in ids]
        raise MethodNotForAssertionsError(
            "The issuer's document does not list this key for making assertions.",
            got=", ".join(others) or None,
            expected="assertionMethod",
        )
    if method.revoked is not None and at >= method.revoked:
        raise MethodRevokedError("The key had been revoked when the proof was made.", got=method_id)
    if method.expires is not None and at >= method.expires:
        raise MethodExpiredError("The key had expired when the proof was made.", got=method_id)
    return method.public_key


def _entries(members: Mapping[str, Json], name: str) -> Iterator[tuple[str, Json]]:
    """Yield the entries of a member with their places; one value is a list of one, null is none."""
    value = members.get(name)
    if value is None:
        return
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield pointer(name, index), entry
    else:
        yield pointer(name), value


def _absolute(method_id: str, base: str) -> str:
    """Complete an id that is only a fragment (DID 1.0, "Relative DID URLs")."""
    return base + method_id if method_id.startswith("#") else method_id
