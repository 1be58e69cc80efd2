# SPDX-License-Identifier: Apache-2.0
"""The W3C vectors for eddsa-rdfc-2022, proof sets and proof chains reproduce exactly, step by step.

w3c/vc-di-eddsa, ``TestVectors``. Their documents use an examples context with ``@vocab``, which the product
does not carry: the tests hand it in. Where not even that is published, they start from the canonical text.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from credentials.canonicalize import canonicalize
from credentials.controller_document import assertion_key, expand
from credentials.errors import HallmarkError, ProofInvalidError, UncarriedSuiteError, UnknownContextError
from credentials.jsonld.contexts import ContextStore
from credentials.multibase import decode_base58btc
from credentials.proofs import data_integrity
from credentials.proofs.data_integrity import SUITES, proofs, verify_proof
from credentials.verification_method import KeyAlgorithm
from tests.credentials.signers import KeySigner, ed25519
from tests.vectors import shared

NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)
SUITE = SUITES["eddsa-rdfc-2022"]
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
SECRET_HEADER = b"\x80\x26"  # Multikey of an Ed25519 secret key


@pytest.fixture
def canonical() -> Any:
    """The product's ``canonicalize`` with the examples context beside the carried ones."""
    store = ContextStore({EXAMPLES: shared("contexts/credentials-examples-v2.json").read_bytes()})
    return partial(canonicalize, store=store, general=True)


@pytest.fixture
def with_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``verify_proof`` find the suite with that context store in the allow-list."""
    store = ContextStore({EXAMPLES: shared("contexts/credentials-examples-v2.json").read_bytes()})
    row = {SUITE.name: replace(SUITE, canonicalize=partial(canonicalize, store=store))}
    monkeypatch.setattr(data_integrity, "SUITES", row)


def folder() -> Path:
    return shared("vc-di-eddsa")


def load(name: str) -> dict[str, Any]:
    members: dict[str, Any] = json.loads((folder() / name).read_bytes())
    return members


def text(name: str) -> str:
    return (folder() / name).read_text(encoding="utf-8").strip()


def signer(key_pair: dict[str, str]) -> KeySigner:
    secret = decode_base58btc(key_pair["privateKeyMultibase"])
    assert secret.startswith(SECRET_HEADER)
    found = ed25519(secret.removeprefix(SECRET_HEADER))
    assert found.public_key.to_multikey() == key_pair["publicKeyMultibase"]
    return found


def without(members: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in members.items() if key != name}


def verify(members: dict[str, Any]) -> int:
    found = proofs(members)
    for proof in found:
        did = proof.verification_method.partition("#")[0]
        key = assertion_key(expand(did), proof.verification_method, expected_controller=did, at=NOW)
        verify_proof(members, proof, public_key=key, now=NOW)
    return len(found)


def test_document_and_options_canonicalise_to_the_published_text(canonical: Any) -> None:
    signed = load("eddsa-rdfc-2022/signedDataInt.json")
    document = canonical(without(signed, "proof")).decode()
    assert document == (folder() / "eddsa-rdfc-2022/canonDocDataInt.txt").read_text(encoding="utf-8")
    assert canonical(load("unsigned.json")).decode() == document
    options = canonical(load("eddsa-rdfc-2022/proofConfigDataInt.json")).decode()
    assert options == (folder() / "eddsa-rdfc-2022/proofCanonDataInt.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["eddsa-rdfc-2022", "eddsa-rdfc-2022/employ"])
def test_the_canonical_texts_hash_and_sign_to_the_published_values(place: str) -> None:
    document = (folder() / place / "canonDocDataInt.txt").read_bytes()
    options = (folder() / place / "proofCanonDataInt.txt").read_bytes()
    assert hashlib.sha256(document).hexdigest() == text(f"{place}/docHashDataInt.txt")
    assert hashlib.sha256(options).hexdigest() == text(f"{place}/proofHashDataInt.txt")
    data = SUITE.signing_input(options, document, algorithm=KeyAlgorithm.ED25519)
    assert data.hex() == text(f"{place}/combinedHashDataInt.txt")
    signature = signer(load("keyPair.json")).sign(data)
    assert signature.hex() == text(f"{place}/sigHexDataInt.txt")
    assert SUITE.encode_value(signature) == text(f"{place}/sigBTC58DataInt.txt")
    assert SUITE.encode_value(signature) == load(f"{place}/signedDataInt.json")["proof"]["proofValue"]


@pytest.mark.usefixtures("with_examples")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("eddsa-rdfc-2022/signedDataInt.json", 1),
        ("proof-set-chain/signedProofSet1.json", 1),
        ("proof-set-chain/signedProofSet2.json", 2),
        ("proof-set-chain/signedProofChain1.json", 3),
        ("proof-set-chain/signedProofChain2.json", 4),
    ],
)
def test_signed_documents_verify_and_changed_ones_do_not(name: str, count: int) -> None:
    signed = load(name)
    assert verify(signed) == count
    with pytest.raises(ProofInvalidError):
        verify(signed | {"name": "Other"})


@pytest.mark.usefixtures("with_examples")
@pytest.mark.parametrize(
    "chain", ["proof-set-chain/signedProofChain1.json", "proof-set-chain/signedProofChain2.json"]
)
def test_a_chain_with_one_proof_changed_or_taken_away_does_not_verify(chain: str) -> None:
    signed = load(chain)
    # The last proof is built upon by none: without it the rest is a chain of its own.
    for index in range(len(signed["proof"]) - 1):
        rest = [*signed["proof"][:index], *signed["proof"][index + 1 :]]
        with pytest.raises(HallmarkError):
            verify(signed | {"proof": rest})
    for index, proof in enumerate(signed["proof"]):
        changed = [*signed["proof"]]
        changed[index] = proof | {"created": "2023-02-26T22:06:39Z"}
        with pytest.raises(ProofInvalidError):
            verify(signed | {"proof": changed})


@pytest.mark.parametrize(
    ("options", "key", "previous", "proof"),
    [
        ("proofSetConfig1.json", "keyPair1", [], "proofSetConfigSigned1.json"),
        ("proofSetConfig2.json", "keyPair2", [], "proofSetConfigSigned2.json"),
        (
            "proofChainConfig1.json",
            "keyPair3",
            ["proofSetConfigSigned1.json", "proofSetConfigSigned2.json"],
            "proofChainConfigSigned1.json",
        ),
        (
            "proofChainConfig2.json",
            "keyPair4",
            ["proofChainConfigSigned1.json"],
            "proofChainConfigSigned2.json",
        ),
    ],
)
def test_sets_and_chains_sign_to_the_published_proofs(
    options: str, key: str, previous: list[str], proof: str, canonical: Any
) -> None:
    document = load("proof-set-chain/unsigned.json")
    context = document["@context"]
    if previous:
        document["proof"] = [load(f"proof-set-chain/{name}") for name in previous]
    configuration = load(f"proof-set-chain/{options}")
    data = SUITE.signing_input(
        canonical({**configuration, "@context": context}), canonical(document), algorithm=KeyAlgorithm.ED25519
    )
    signature = signer(load("proof-set-chain/multiKeyPairs.json")[key]).sign(data)
    expected = load(f"proof-set-chain/{proof}")
    assert SUITE.encode_value(signature) == expected["proofValue"]
    assert configuration == without(without(expected, "proofValue"), "@context")


def test_the_product_alone_does_not_know_the_examples_context() -> None:
    with pytest.raises(UnknownContextError):
        verify(load("eddsa-rdfc-2022/signedDataInt.json"))


def test_the_older_signature_suite_is_known_by_name_only() -> None:
    with pytest.raises(UncarriedSuiteError):
        verify(load("Ed25519Signature2020/signedEdSig.json"))
