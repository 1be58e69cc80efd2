# SPDX-License-Identifier: Apache-2.0
"""What we mint, independent verifiers accept; what they mint, we accept; a changed byte nobody accepts.

The oracles are openbadgeslib 4.6.3 and openvc-core 1.37.0. They get our public documents by name, byte for
byte as ``hallmark export`` writes them, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3 import Achievement, Issuer, OpenBadgeCredential
from openbadgeslib.ob3.did import did_key_from_pem
from openbadgeslib.ob3.ldp import OB3LdpSigner, OB3LdpVerifier
from openbadgeslib.ob3.signer import OB3Signer
from openbadgeslib.ob3.verifier import OB3Verifier
from openvc.did.base import DidResolverRegistry
from openvc.did.did_web import DidWebResolver
from openvc.errors import OpenvcError
from openvc.verify import VerificationPolicy, verify_credential

from app import House, open_house
from credentials.baking import png, svg
from credentials.document import parse
from credentials.jsonld.contexts import OPEN_BADGES, PACKAGED
from issuer import issuance, programme, publish, revocation
from issuer.award import AwardRequest, AwardState, evidence_of
from issuer.revocation import Decision, Reason
from service import clock
from service.settings import Settings
from tests.running import tables
from verifier import intake


@dataclass(frozen=True)
class Shown:
    """A house with one issued badge, and the download that a stranger uses."""

    house: House
    key: str
    json: bytes
    jwt: str
    download: Callable[[str], bytes]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    settings = Settings(data=tmp_path_factory.mktemp("house"), public_url="https://badges.union.example")
    house = open_house(settings)
    tables(house.db)
    now = clock.now()
    programme.seed(house.mint, now=now)
    request = AwardRequest(
        achievement="SEL1-v1",
        email="zoe@teachers.example",
        name="Zoë Ünïcode 😀 “quoted” \u202e",
        submission="one",
        awarded_at=now - timedelta(days=3),
        evidence=(evidence_of(b"a journal", name="Journal", salt=bytes(range(16))),),
    )
    written = issuance.award(house.mint, request, now=now)
    found = issuance.issue(house.mint, written.award.key, now=now)

    def download(url: str, *_: Any, **__: Any) -> bytes:
        # openbadgeslib only checks the signature of status lists that are tokens; ours are served as both.
        name = f"{url}.jwt" if "/status/" in url else url
        published = publish.published(house.mint, name, now=clock.now())
        assert published is not None, url
        return published.body

    yield Shown(
        house=house,
        key=found.key,
        json=found.signed_json or b"",
        jwt=(found.signed_jwt or b"").decode(),
        download=download,
    )
    house.db.close()


def test_openbadgeslib_accepts_our_proof_our_key_and_our_status_list(shown: Shown) -> None:
    credential = OB3LdpVerifier().verify(shown.json, check_status=True, download=shown.download)
    assert credential.issuer.id == "did:web:badges.union.example"


def test_openbadgeslib_accepts_our_token(shown: Shown) -> None:
    verifier = OB3Verifier.for_issuer_did("did:web:badges.union.example", shown.download)
    credential = verifier.verify(shown.jwt, check_status=False)
    assert credential.issuer.id == "did:web:badges.union.example"


def test_openbadgeslib_takes_our_credential_out_of_our_pictures(shown: Shown) -> None:
    found = publish.find(shown.house.mint, shown.key)
    for form, take_out in (
        ("png", OB3Verifier.extract_token_from_png),
        ("svg", OB3Verifier.extract_token_from_svg),
    ):
        picture = publish.picture(shown.house.mint, found, form=form)
        assert take_out(picture).encode() == shown.json, form


def verify_by_openvc(shown: Shown, members: dict[str, Any]) -> str | None:
    """Openvc-core knows ``proof`` only as one object; an array of one means the same (VCDM 2.0)."""
    return verify_credential(
        {**members, "proof": members["proof"][0]},
        policy=VerificationPolicy(require_status=False),
        resolver=DidResolverRegistry([DidWebResolver(lambda url: json.loads(shown.download(url)))]),
        extra_contexts={OPEN_BADGES: PACKAGED.load(OPEN_BADGES)},
    ).issuer


def test_openvc_accepts_our_proof(shown: Shown) -> None:
    assert verify_by_openvc(shown, json.loads(shown.json)) == "did:web:badges.union.example"


@pytest.mark.parametrize(
    "change",
    [
        ("name", "Something else"),
        ("validFrom", "2020-01-01T00:00:00Z"),
        ("id", "https://badges.union.example/credentials/other"),
    ],
)
def test_nobody_accepts_a_changed_credential(shown: Shown, change: tuple[str, str]) -> None:
    members = json.loads(shown.json)
    members[change[0]] = change[1]
    changed = json.dumps(members).encode()
    with pytest.raises(LibOpenBadgesException):
        OB3LdpVerifier().verify(changed, download=shown.download)
    with pytest.raises(OpenvcError):
        verify_by_openvc(shown, members)
    assert shown.house.desk.examine(changed, now=clock.now()).verdict == "invalid"


def test_openbadgeslib_refuses_what_we_withdrew(shown: Shown) -> None:
    now = clock.now()
    request = AwardRequest(
        achievement="DECC1-v1", email="cleo@teachers.example", submission="two", awarded_at=now
    )
    key = issuance.award(shown.house.mint, request, now=now).award.key
    signed = issuance.issue(shown.house.mint, key, now=now).signed_json or b""
    OB3LdpVerifier().verify(signed, check_status=True, download=shown.download)
    decision = Decision(wanted=AwardState.REVOKED, reason=Reason.ISSUED_IN_ERROR)
    revocation.decide(shown.house.mint, key, decision, now=now)
    with pytest.raises(LibOpenBadgesException, match="'revocation' is set"):
        OB3LdpVerifier().verify(signed, check_status=True, download=shown.download)


def theirs(issuer_id: str) -> OpenBadgeCredential:
    """A credential as openbadgeslib's users write it."""
    return OpenBadgeCredential(
        id="urn:uuid:6f1b2c64-6a0a-4a4f-9a36-6d2b8d1b8f35",
        issuer=Issuer(id=issuer_id, name="Somebody else", url="https://elsewhere.example"),
        recipient_id="mailto:zoe@teachers.example",
        achievement=Achievement(
            id="https://elsewhere.example/achievements/1",
            name="Quotes “and” ünicode 😀",
            description="Made by another implementation.",
            criteria_narrative="It was shown.",
        ),
        issuance_date=datetime(2026, 1, 5, 8, 0, tzinfo=UTC),
        name="Made elsewhere",
    )


def pem_pair(key: Any) -> tuple[bytes, bytes]:
    return (
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    )


def test_we_accept_what_openbadgeslib_signs(shown: Shown, tmp_path: Path) -> None:
    private, public = pem_pair(Ed25519PrivateKey.generate())
    did = did_key_from_pem(public)
    signed = OB3LdpSigner(private, f"{did}#{did.removeprefix('did:key:')}").sign_to_json(theirs(did)).encode()
    report = shown.house.desk.examine(signed, now=clock.now())
    assert report.verdict == "valid", report.sentence
    assert report.recognised_issuer is None


def test_we_accept_the_token_that_openbadgeslib_signs(shown: Shown) -> None:
    private, public = pem_pair(generate_private_key(SECP256R1()))
    # It names its key in the header only (jwk); a did:key issuer is that very key.
    token = OB3Signer(private, "ES256").sign(theirs(did_key_from_pem(public)))
    report = shown.house.desk.examine(token.encode(), now=clock.now())
    assert report.verdict == "valid", report.sentence


def test_we_take_their_credential_out_of_their_pictures(shown: Shown) -> None:
    private, public = pem_pair(Ed25519PrivateKey.generate())
    did = did_key_from_pem(public)
    signer = OB3LdpSigner(private, f"{did}#{did.removeprefix('did:key:')}")
    found = publish.published(
        shown.house.mint, "https://badges.union.example/achievements/SEL1-v1/image.png", now=clock.now()
    )
    drawn = publish.published(
        shown.house.mint, "https://badges.union.example/achievements/SEL1-v1/image.svg", now=clock.now()
    )
    assert found is not None
    assert drawn is not None
    for picture, unbake in (
        (signer.sign_into_png(theirs(did), found.body), png.unbake),
        (signer.sign_into_svg(theirs(did), drawn.body), svg.unbake),
    ):
        assert parse(unbake(picture).encode()).members["name"] == "Made elsewhere"
        report = shown.house.desk.look(intake.read(picture), now=clock.now())
        assert report.verdict == "valid", report.sentence
