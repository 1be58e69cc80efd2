# SPDX-License-Identifier: Apache-2.0
"""Many documents signed at once are the very bytes of each signed alone."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from credentials.document import parse, write
from credentials.errors import HallmarkError, ProofError, ProofInvalidError, UnsignedContentError
from credentials.proofs import batch, data_integrity
from credentials.proofs.batch import Batch
from credentials.verification_method import PublicKey
from tests.credentials import signers
from tests.credentials.badges import badge
from tests.credentials.signers import KeySigner
from tests.credentials.test_stencil import EXAMPLES, changed, signable

NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)


def begun(signer: KeySigner | None = None) -> Batch:
    signer = signer or signers.ed25519()
    return Batch(signer, signer.public_key, NOW)


def alone(members: dict[str, Any]) -> bytes | str:
    """Return the bytes that signing alone gives, or the error's code."""
    try:
        return write(data_integrity.add_proof(members, signer=signers.ed25519(), created=NOW))
    except HallmarkError as error:
        return error.code


def together(made: Batch, members: dict[str, Any]) -> bytes | str:
    try:
        return made.sign(members)
    except HallmarkError as error:
        return error.code


@pytest.mark.parametrize("first", range(0, EXAMPLES, 50))
def test_a_batch_gives_the_same_bytes_as_signing_one_by_one(first: int) -> None:
    made = begun()
    for number in range(first, first + 50):
        chance = random.Random(number)  # noqa: S311  a choice that can be repeated
        members = signable(number)
        for _ in range(3):
            other = changed(members, chance, how_many=chance.randrange(4))
            assert together(made, other) == alone(other), number
    assert made.filled > 10


def test_every_signature_of_a_batch_verifies() -> None:
    made, key = begun(), signers.ed25519().public_key
    for number in range(20):
        signed = parse(made.sign(badge(id=f"https://badges.example/credentials/{number}"))).members
        (proof,) = data_integrity.proofs(signed)
        data_integrity.verify_proof(signed, proof, public_key=key, now=NOW)


def test_a_signature_that_does_not_verify_is_not_given_out() -> None:
    other = signers.ed25519(bytes(range(1, 33)))
    with pytest.raises(ProofInvalidError):
        Batch(signers.ed25519(), other.public_key, NOW).sign(badge())


def test_a_document_with_a_proof_is_refused() -> None:
    with pytest.raises(ProofError):
        begun().sign(badge(proof=[{"type": "DataIntegrityProof"}]))


def test_another_kind_of_key_is_refused_at_once() -> None:
    with pytest.raises(ProofError):
        begun(signers.p256())


def test_what_may_not_be_signed_is_refused_in_a_batch_too() -> None:
    made = begun()
    made.sign(badge())
    with pytest.raises(UnsignedContentError):
        made.sign(badge(undefinedMember="x"))


def test_only_so_many_stencils_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "STENCILS", 3)
    made = begun()
    for number in range(9):
        members = badge(name=f"Title {number}")
        assert made.sign(members) == alone(members)
    assert len(made.stencils) == 3


@dataclass(frozen=True)
class _Counting:
    """A key that counts how often it is asked."""

    real: PublicKey
    asked: list[int]

    def verify(self, signature: bytes, data: bytes) -> None:
        self.asked.append(1)
        self.real.verify(signature, data)


def test_each_signature_is_verified_whichever_way_its_document_went() -> None:
    signer, asked = signers.ed25519(), list[int]()
    made = Batch(signer, _Counting(signer.public_key, asked), NOW)  # type: ignore[arg-type]
    made.sign(badge())
    made.sign(badge(name="urn:x-hallmark-slot:0:"))  # no stencil takes this
    assert (len(asked), made.filled) == (2, 1)
