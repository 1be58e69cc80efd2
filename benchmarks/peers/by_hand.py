# SPDX-License-Identifier: Apache-2.0
"""PyLD and cryptography by hand, as its README shows: normalise document and options, hash, sign or verify.

Warm: contexts are resolved once and kept. Nothing is checked but the signature; terms that PyLD drops are
dropped. Its stages are operations of their own.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pyld import jsonld

from benchmarks.fixture import Fixture
from benchmarks.protocol import Call, Operation, serve

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_PUBLIC = b"\xed\x01"  # multicodec


class Hands:
    """PyLD with the contexts of a fixture."""

    def __init__(self, contexts: dict[str, Any]) -> None:
        def load(url: str, _options: object = None) -> dict[str, Any]:
            return {"contextUrl": None, "documentUrl": url, "document": contexts[url], "tag": "static"}

        self.options = {
            "algorithm": "URDNA2015",
            "format": "application/n-quads",
            "base": None,
            "documentLoader": load,
            "contextResolver": jsonld.ContextResolver({}, load),
        }

    def hashed(self, members: dict[str, Any], options: dict[str, Any]) -> bytes:
        """Return what the signature is made over."""
        options = {"@context": members["@context"], **options}
        return b"".join(
            hashlib.sha256(jsonld.normalize(each, self.options).encode()).digest()
            for each in (options, members)
        )

    def issue(self, members: dict[str, Any], key: Ed25519PrivateKey, *, method: str, created: str) -> bytes:
        """Return ``members`` with a proof, as JSON."""
        proof = {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "created": created,
            "verificationMethod": method,
            "proofPurpose": "assertionMethod",
        }
        value = "z" + base58(key.sign(self.hashed(members, proof)))
        return json.dumps({**members, "proof": {**proof, "proofValue": value}}).encode()

    def verify(self, raw: bytes) -> bool:
        """Tell whether the signature fits the did:key of the issuer."""
        members = json.loads(raw)
        proof = members.pop("proof")
        if isinstance(proof, list):
            (proof,) = proof
        value = proof.pop("proofValue")
        issuer = members["issuer"]
        did = issuer["id"] if isinstance(issuer, dict) else issuer
        if proof["verificationMethod"].partition("#")[0] != did:
            return False
        encoded = unbase58(did.removeprefix("did:key:z"))
        if encoded[:2] != _ED25519_PUBLIC:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(encoded[2:]).verify(
                unbase58(value[1:]), self.hashed(members, proof)
            )
        except InvalidSignature:
            return False
        return True


def base58(data: bytes) -> str:
    """Return ``data`` in base58btc, without the multibase letter."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def unbase58(text: str) -> bytes:
    """Return the bytes of base58btc digits."""
    number = 0
    for letter in text:
        number = number * 58 + _ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def issue(fixture: Fixture) -> Call:
    """Issue by hand."""
    hands, members = Hands(fixture.contexts), fixture.unsigned
    key = Ed25519PrivateKey.from_private_bytes(fixture.seed)
    method, created = fixture.key["method"], fixture.key["created"]
    return lambda: hands.issue(members, key, method=method, created=created)


def verify(fixture: Fixture) -> Call:
    """Verify by hand."""
    hands, raw = Hands(fixture.contexts), fixture.raw
    return lambda: hands.verify(raw)


def normalize(fixture: Fixture) -> Call:
    """Document to canonical N-Quads."""
    hands, members = Hands(fixture.contexts), fixture.unsigned
    return lambda: jsonld.normalize(members, hands.options)


def stage_expand(fixture: Fixture) -> Call:
    """Stage: expansion."""
    hands, members = Hands(fixture.contexts), fixture.unsigned
    return lambda: bool(jsonld.expand(members, hands.options))


def stage_to_rdf(fixture: Fixture) -> Call:
    """Stage: expansion and quads."""
    hands, members = Hands(fixture.contexts), fixture.unsigned
    options = {name: value for name, value in hands.options.items() if name != "format"}
    return lambda: bool(jsonld.to_rdf(members, options))


def stage_canonize(fixture: Fixture) -> Call:
    """Stage: canonicalisation of ready quads."""
    hands = Hands(fixture.contexts)
    options = {name: value for name, value in hands.options.items() if name != "format"}
    dataset = jsonld.to_rdf(fixture.unsigned, options)
    canonize: Any = jsonld.URDNA2015  # type: ignore[attr-defined]  # not in the stub of what we use
    return lambda: canonize().main(dataset, {"format": "application/n-quads"})


OPERATIONS: dict[str, Operation] = {
    "issue": issue,
    "verify": verify,
    "canonicalize": normalize,
    "stage-expand": stage_expand,
    "stage-to-rdf": stage_to_rdf,
    "stage-canonize": stage_canonize,
}

if __name__ == "__main__":
    serve("PyLD by hand", {name: version(name) for name in ("PyLD", "cryptography")}, OPERATIONS)
