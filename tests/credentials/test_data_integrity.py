# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from credentials.canonicalize import canonicalize
from credentials.document import Json
from credentials.errors import (
    HallmarkError,
    NoProofError,
    ProofChainError,
    ProofError,
    ProofExpiredError,
    ProofInvalidError,
    ProofPurposeError,
    TooManyProofsError,
    UncarriedSuiteError,
    UnregisteredSuiteError,
    UnsignedContentError,
)
from credentials.multibase import encode_base58btc, encode_base64url
from credentials.proofs.data_integrity import (
    PROOF_VALUE_CHARS,
    PROOFS,
    SUITES,
    Proof,
    add_proof,
    proofs,
    verify_proof,
)
from credentials.proofs.suite import REGISTERED_SUITES
from tests.credentials.signers import KeySigner, ed25519, p256

NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)
SIGNER, OTHER = ed25519(), ed25519(bytes(32))
KEYS = {signer.verification_method: signer.public_key for signer in (SIGNER, OTHER)}
UNSIGNED: dict[str, Json] = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ],
    "id": "https://example.org/credentials/1",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": "https://example.org/issuers/1", "type": ["Profile"], "name": "Union"},
    "validFrom": "2026-02-27T09:30:00Z",
    "name": "Teamwork",
    "credentialSubject": {
        "id": "did:example:ada",
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "https://example.org/achievements/1",
            "type": ["Achievement"],
            "name": "Teamwork",
            "description": "Works together.",
            "criteria": {"narrative": "Nominated by peers."},
        },
    },
}


def signed(*signers: KeySigner) -> dict[str, Json]:
    members = UNSIGNED
    for signer in signers or (SIGNER,):
        members = add_proof(members, signer=signer, created=NOW)
    return members


def with_proof(**changes: Json) -> dict[str, Json]:
    """A signed document whose proof says something else; a change to None takes the member away."""
    members = copy.deepcopy(signed())
    proof = one(members)
    for name, value in changes.items():
        if value is None:
            del proof[name]
        else:
            proof[name] = value
    return members


def one(members: dict[str, Json], index: int = 0) -> dict[str, Json]:
    entries = members["proof"]
    assert isinstance(entries, list)
    entry = entries[index]
    assert isinstance(entry, dict)
    return entry


def resigned(
    options: dict[str, Json], *, signer: KeySigner = SIGNER, base: dict[str, Json] = UNSIGNED
) -> dict[str, Json]:
    """A document with a proof made over exactly these options, and over ``base`` with the proofs in it."""
    suite = SUITES["eddsa-rdfc-2022"]
    context = base["@context"]
    data = suite.signing_input(
        canonicalize({"@context": context, **options}, general=True),
        canonicalize(base, general=True),
        algorithm=signer.algorithm,
    )
    return {**options, "proofValue": encode_base58btc(signer.sign(data))}


def options(**changes: Json) -> dict[str, Json]:
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-02-27T09:30:00Z",
        "verificationMethod": SIGNER.verification_method,
        "proofPurpose": "assertionMethod",
        **changes,
    }


def verify(members: dict[str, Json], *, now: datetime = NOW, canonical: bytes | None = None) -> None:
    for proof in proofs(members):
        verify_proof(members, proof, public_key=KEYS[proof.verification_method], now=now, canonical=canonical)


def test_a_signed_document_verifies_and_the_given_one_is_unchanged() -> None:
    before = copy.deepcopy(UNSIGNED)
    members = signed()
    verify(members)
    assert before == UNSIGNED
    assert list(members) == [*UNSIGNED, "proof"]
    assert one(members) == {**options(), "proofValue": one(members)["proofValue"]}


def test_what_a_proof_says_is_read() -> None:
    (proof,) = proofs(with_proof(id="urn:example:1", expires="2027-01-01T00:00:00Z"))
    assert (proof.path, proof.id, proof.name) == ("/proof/0", "urn:example:1", "eddsa-rdfc-2022")
    assert (proof.created, proof.expires) == (NOW, datetime(2027, 1, 1, tzinfo=UTC))
    assert proof.verification_method == SIGNER.verification_method


def test_a_single_proof_need_not_stand_in_an_array() -> None:
    members = signed()
    verify(members | {"proof": one(members)})


def test_a_known_canonical_form_saves_the_walk_and_changes_no_answer() -> None:
    canonical = canonicalize(UNSIGNED)
    members = add_proof(UNSIGNED, signer=SIGNER, created=NOW, canonical=canonical)
    assert members == signed()
    verify(members, canonical=canonical)
    with pytest.raises(ProofInvalidError):
        verify(members, canonical=canonical + b"\n")


def leaves(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path


@pytest.mark.parametrize("path", list(leaves(signed())), ids=lambda path: "/".join(map(str, path)))
def test_every_changed_leaf_is_noticed(path: tuple[str | int, ...]) -> None:
    members: Json = copy.deepcopy(signed())
    place: Json = members
    for step in path[:-1]:
        place = place[step]  # type: ignore[index]
    assert isinstance(place, dict | list)
    value = place[path[-1]]  # type: ignore[index]
    assert isinstance(value, str)
    place[path[-1]] = value[:-1] + ("1" if value[-1] != "1" else "2")  # type: ignore[index]
    assert isinstance(members, dict)
    with pytest.raises((HallmarkError, KeyError)):  # KeyError: a verification method that nobody has
        verify(members)


@pytest.mark.parametrize("name", ["nonsense", "foaf:name", "https://example.org/x"])
def test_a_member_of_the_proof_that_no_signature_covers_is_refused(name: str) -> None:
    with pytest.raises(UnsignedContentError) as refusal:
        verify(with_proof(**{name: "x"}))
    assert refusal.value.path is not None
    assert refusal.value.path.startswith("/proof/0")


def test_a_proof_does_not_bring_its_own_contexts() -> None:
    with pytest.raises(ProofError):
        verify(with_proof(**{"@context": UNSIGNED["@context"]}))


@pytest.mark.parametrize("proof", [None, [], {}, "", "proof", 7, True, [None], ["x"], [[]], [{}], [[{}]]])
def test_no_proof_is_no_proof(proof: Json) -> None:
    with pytest.raises(NoProofError):
        proofs(UNSIGNED | {"proof": proof})


def test_a_stripped_proof_is_missed() -> None:
    with pytest.raises(NoProofError):
        proofs(UNSIGNED)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"type": None}, ProofError),
        ({"type": 7}, ProofError),
        ({"type": ["DataIntegrityProof"]}, ProofError),
        ({"cryptosuite": None}, ProofError),
        ({"cryptosuite": ["eddsa-rdfc-2022"]}, ProofError),
        ({"verificationMethod": None}, ProofError),
        ({"verificationMethod": {"id": "x"}}, ProofError),
        ({"verificationMethod": ""}, ProofError),
        ({"proofPurpose": None}, ProofError),
        ({"proofPurpose": "authentication"}, ProofPurposeError),
        ({"proofPurpose": "https://w3id.org/security#assertionMethod"}, ProofPurposeError),
        ({"proofPurpose": ["assertionMethod"]}, ProofError),
        ({"created": "2026-02-27"}, ProofError),
        ({"created": "2026-02-27T09:30:00"}, ProofError),
        ({"created": 7}, ProofError),
        ({"expires": "never"}, ProofError),
        ({"id": 7}, ProofError),
        ({"proofValue": 7}, ProofError),
        ({"proofValue": "z" * (PROOF_VALUE_CHARS + 1)}, ProofError),
        ({"previousProof": 7}, ProofChainError),
        ({"previousProof": [7]}, ProofChainError),
        ({"previousProof": ["urn:example:absent"]}, ProofChainError),
        ({"previousProof": "urn:example:absent"}, ProofChainError),
        ({"previousProof": "/proof/0"}, ProofChainError),
        ({"id": "urn:example:1", "previousProof": "urn:example:1"}, ProofChainError),
    ],
)
def test_a_proof_of_another_form_is_refused(changes: dict[str, Json], error: type[HallmarkError]) -> None:
    with pytest.raises(error):
        proofs(with_proof(**changes))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "z",
        "nonsense",
        "z0",
        encode_base58btc(bytes(63)),
        encode_base58btc(bytes(64)),
        encode_base58btc(bytes(65)),
        encode_base64url(bytes(64)),
        "z" + "2" * 256,
        "z" + "2" * (PROOF_VALUE_CHARS - 1),
    ],
)
def test_another_proof_value_is_refused(value: str) -> None:
    with pytest.raises(ProofError):
        verify(with_proof(proofValue=value))


def test_a_proof_without_a_value_is_refused() -> None:
    with pytest.raises(ProofError):
        verify(with_proof(proofValue=None))


def test_a_signature_by_another_key_is_refused() -> None:
    members = signed()
    (proof,) = proofs(members)
    with pytest.raises(ProofInvalidError):
        verify_proof(members, proof, public_key=OTHER.public_key, now=NOW)
    with pytest.raises(ProofError):
        verify_proof(members, proof, public_key=p256().public_key, now=NOW)


def test_a_key_of_another_kind_cannot_sign() -> None:
    with pytest.raises(ProofError):
        add_proof(UNSIGNED, signer=p256(), created=NOW)


@pytest.mark.parametrize("name", sorted(REGISTERED_SUITES - SUITES.keys()))
def test_a_registered_suite_that_we_do_not_carry_is_unknown(name: str) -> None:
    with pytest.raises(UncarriedSuiteError):
        verify(with_proof(cryptosuite=name))


def test_an_older_kind_of_proof_is_unknown() -> None:
    with pytest.raises(UncarriedSuiteError):
        verify(with_proof(type="Ed25519Signature2020", cryptosuite=None))


@pytest.mark.parametrize(
    "changes",
    [
        {"cryptosuite": "rot13-2022"},
        {"cryptosuite": "EDDSA-RDFC-2022"},
        {"cryptosuite": "eddsa-rdfc-2022 "},
        {"cryptosuite": "eddsa-rdf-2022"},
        {"type": "MadeUpSignature2030"},
        {"type": "eddsa-rdfc-2022"},
        {"type": "eddsa-2022"},
    ],
)
def test_a_name_that_nobody_registered_is_wrong(changes: dict[str, Json]) -> None:
    with pytest.raises(UnregisteredSuiteError):
        verify(with_proof(**changes))


def test_we_carry_only_registered_suites() -> None:
    assert SUITES.keys() <= REGISTERED_SUITES


def test_a_proof_holds_until_its_end() -> None:
    end = NOW + timedelta(days=1)
    members = UNSIGNED | {"proof": [resigned(options(expires="2026-02-28T09:30:00Z"))]}
    verify(members, now=end - timedelta(microseconds=1))
    with pytest.raises(ProofExpiredError):
        verify(members, now=end)


def test_a_proof_need_not_say_when_it_was_made() -> None:
    bare = options()
    del bare["created"]
    members: dict[str, Json] = UNSIGNED | {"proof": [resigned(bare)]}
    verify(members)
    assert proofs(members)[0].created is None


def test_every_proof_of_a_set_is_checked() -> None:
    members = signed(SIGNER, OTHER)
    verify(members)
    for index in (0, 1):
        broken = copy.deepcopy(members)
        one(broken, index)["created"] = "2026-02-27T09:30:01Z"
        with pytest.raises(ProofInvalidError):
            verify(broken)


def test_a_proof_is_added_beside_a_single_one() -> None:
    members = signed()
    both = add_proof(members | {"proof": one(members)}, signer=OTHER, created=NOW)
    assert both == signed(SIGNER, OTHER)


def test_the_number_of_proofs_is_limited() -> None:
    members = signed(*[SIGNER] * PROOFS)
    verify(members)
    with pytest.raises(TooManyProofsError):
        add_proof(members, signer=SIGNER, created=NOW)
    entries = members["proof"]
    assert isinstance(entries, list)
    with pytest.raises(TooManyProofsError):
        proofs(members | {"proof": [*entries, entries[0]]})


def chain() -> dict[str, Json]:
    """First ← second ← third, the last without an id of its own."""
    first = resigned(options(id="urn:example:1"))
    second = resigned(
        options(
            id="urn:example:2", previousProof="urn:example:1", verificationMethod=OTHER.verification_method
        ),
        signer=OTHER,
        base=UNSIGNED | {"proof": [first]},
    )
    third = resigned(
        options(previousProof=["urn:example:1", "urn:example:2"]), base=UNSIGNED | {"proof": [first, second]}
    )
    return UNSIGNED | {"proof": [first, second, third]}


def previous(proof: Proof) -> list[Json]:
    return [members["id"] for members in proof.previous]


def test_a_chained_proof_covers_the_proofs_it_builds_on() -> None:
    members = chain()
    assert [previous(proof) for proof in proofs(members)] == [
        [],
        ["urn:example:1"],
        ["urn:example:1", "urn:example:2"],
    ]
    verify(members)
    verify(members, canonical=canonicalize(UNSIGNED))


def test_a_chain_in_another_order_is_the_same_chain() -> None:
    members = chain()
    entries = members["proof"]
    assert isinstance(entries, list)
    verify(members | {"proof": entries[::-1]})


def test_an_exchanged_earlier_proof_breaks_the_chain() -> None:
    members = chain()
    entries = members["proof"]
    assert isinstance(entries, list)
    other = resigned(options(id="urn:example:1", created="2026-02-27T09:30:01Z"))
    with pytest.raises(ProofInvalidError):
        verify(members | {"proof": [other, *entries[1:]]})
    with pytest.raises(ProofChainError):
        verify(members | {"proof": entries[1:]})


def test_a_link_taken_away_or_invented_breaks_the_chain() -> None:
    members = copy.deepcopy(chain())
    del one(members, 1)["previousProof"]
    with pytest.raises(ProofInvalidError):
        verify(members)
    members = copy.deepcopy(chain())
    one(members, 0)["previousProof"] = "urn:example:2"
    with pytest.raises(ProofChainError):
        verify(members)


def test_two_proofs_with_one_id_are_refused() -> None:
    first = resigned(options(id="urn:example:1"))
    with pytest.raises(ProofChainError):
        proofs(UNSIGNED | {"proof": [first, first]})


def test_nothing_is_signed_that_a_signature_would_not_cover() -> None:
    with pytest.raises(UnsignedContentError):
        add_proof(UNSIGNED | {"nonsense": "x"}, signer=SIGNER, created=NOW)
