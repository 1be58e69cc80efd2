# SPDX-License-Identifier: Apache-2.0
"""The test vectors of the Open Badges 3.0 implementation guide reproduce exactly, step by step.

1EdTech/openbadges-specification, ``ob_v3p0/impl``: "Linked Data Proof Test Vector for Open Badges 3.0". The
same page for CLR 2.0 starts here from its canonical text, since we do not carry its context.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from credentials.canonicalize import canonicalize
from credentials.controller_document import assertion_key, build, read
from credentials.document import parse, write
from credentials.errors import ProofInvalidError
from credentials.multibase import encode_base58btc
from credentials.proofs.data_integrity import SUITES, add_proof, proofs, verify_proof
from credentials.verification_method import KeyAlgorithm, PublicKey, VerificationMethod
from tests.credentials.signers import KeySigner, ed25519
from tests.vectors import shared

CREATED = datetime(2010, 1, 1, 19, 23, 24, tzinfo=UTC)
ISSUER = "https://example.edu/issuers/565049"
SUITE = SUITES["eddsa-rdfc-2022"]


def folder() -> Path:
    return shared("ob-impl-testvector")


def published(page: str) -> dict[str, str]:
    """The values that the page shows, by the heading above each."""
    text = html.unescape(re.sub(r"<[^>]+>", "", (folder() / page).read_text(encoding="utf-8")))
    found = re.findall(
        r"((?:Public|Private) key|Document hash|Proof hash|Data to sign|Signature) \(hex\):?\s+([0-9a-f]+)",
        text,
    )
    value = re.search(r"Proof value \(hex\)\s+(z\w+)", text)
    multikey = re.search(r"publicKeyMultibase: '(z\w+)'", text)
    assert value is not None
    assert multikey is not None
    return dict(found) | {"Proof value": value[1], "Multikey": multikey[1]}


def signer(values: dict[str, str]) -> KeySigner:
    seed = bytes.fromhex(values["Private key"])[:32]
    return ed25519(seed, verification_method=f"{ISSUER}#{values['Multikey']}")


def credential() -> dict[str, Any]:
    members: dict[str, Any] = json.loads((folder() / "obv3p0/signed-credential.json").read_bytes())
    return members


def unsigned() -> dict[str, Any]:
    return {name: value for name, value in credential().items() if name != "proof"}


def test_the_published_key_reads_as_its_multikey() -> None:
    values = published("linked-data-proof-ob.html")
    key = signer(values).public_key
    assert key == PublicKey.from_multikey(values["Multikey"])
    assert key.material.hex() == values["Public key"]


def test_document_and_options_canonicalise_to_the_published_text() -> None:
    options = {name: value for name, value in credential()["proof"].items() if name != "proofValue"}
    context = credential()["@context"]
    assert canonicalize(unsigned()) == (folder() / "obv3p0/document-canon.txt").read_bytes()
    expected = (folder() / "obv3p0/proof-canon.txt").read_bytes()
    assert canonicalize({"@context": context, **options}) == expected


@pytest.mark.parametrize(
    ("page", "texts"), [("linked-data-proof-ob.html", "obv3p0"), ("linked-data-proof-clr.html", "clrv2p0")]
)
def test_the_canonical_texts_hash_and_sign_to_the_published_values(page: str, texts: str) -> None:
    values = published(page)
    document = (folder() / texts / "document-canon.txt").read_bytes()
    options = (folder() / texts / "proof-canon.txt").read_bytes()
    assert hashlib.sha256(document).hexdigest() == values["Document hash"]
    assert hashlib.sha256(options).hexdigest() == values["Proof hash"]
    data = SUITE.signing_input(options, document, algorithm=KeyAlgorithm.ED25519)
    assert data.hex() == values["Data to sign"]
    signature = signer(values).sign(data)
    assert signature.hex() == values["Signature"]
    assert encode_base58btc(signature) == values["Proof value"]


def test_our_proof_is_the_published_one() -> None:
    values = published("linked-data-proof-ob.html")
    members = add_proof(unsigned(), signer=signer(values), created=CREATED)
    assert members["proof"] == [credential()["proof"]]


def test_the_published_credential_verifies_when_its_issuer_publishes_the_key() -> None:
    values = published("linked-data-proof-ob.html")
    members = credential()
    (proof,) = proofs(members)
    key = PublicKey.from_multikey(values["Multikey"])
    method = VerificationMethod(proof.verification_method, "Multikey", ISSUER, key)
    document = read(parse(write(build(did=ISSUER, methods=[method]))))
    found = assertion_key(document, proof.verification_method, expected_controller=ISSUER, at=CREATED)
    verify_proof(members, proof, public_key=found, now=CREATED)
    with pytest.raises(ProofInvalidError):
        verify_proof(members | {"name": "Other"}, proof, public_key=found, now=CREATED)
