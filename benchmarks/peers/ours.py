# SPDX-License-Identifier: Apache-2.0
"""Hallmark's own paths, as ``benchmarks.adapter`` gives them, and the whole verifier."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks import adapter
from benchmarks.fixture import LIST, Fixture
from benchmarks.protocol import Call, Operation, serve
from credentials import status_list
from credentials.baking import png
from credentials.canonicalize import canonicalize
from credentials.did import public_key
from credentials.proofs import jose, vc_jwt
from credentials.proofs.batch import Batch
from keys.custody import unsafe_signer_from_seed
from service import clock, qr
from tests.credentials.signers import KeySigner
from verifier.intake import read
from verifier.ports import ACCEPT_JSON, Fetched, Source
from verifier.verdict import Verdict
from verifier.verify import examine

RSA_EXPONENT = 65_537
KEYS: dict[str, Callable[[bytes], Any]] = {
    "EdDSA": Ed25519PrivateKey.from_private_bytes,
    "ES256": lambda seed: ec.derive_private_key(int.from_bytes(seed, "big"), ec.SECP256R1()),
    "RS256": lambda _seed: rsa.generate_private_key(RSA_EXPONENT, 2048),
}


def issue(fixture: Fixture) -> Call:
    """One document, walked, hashed, signed, as bytes."""
    adapter.setup({"seed": fixture.seed})
    members = fixture.unsigned
    return lambda: adapter.issue(members)


def by_template(fixture: Fixture, *, is_verified: bool = False) -> Call:
    """The next document of many, by the stencil that they share."""
    signer = unsafe_signer_from_seed(fixture.seed, fixture.key["method"])
    key: Any = public_key(fixture.key["did"]) if is_verified else adapter.NoCheck()
    batch = Batch(signer, key, clock.now().replace(microsecond=0))
    following = cycle(fixture.many)
    return lambda: batch.sign(next(following))


def by_template_verified(fixture: Fixture) -> Call:
    """The same, and each signature is verified before it is given out, as bulk issuing does."""
    return by_template(fixture, is_verified=True)


def verify(fixture: Fixture) -> Call:
    """Parse, walk, hash, check the signature with the issuer's did:key."""
    raw = fixture.raw
    return lambda: adapter.verify(raw)


def verify_all(fixture: Fixture) -> Call:
    """The whole verifier: all checks, and a status list that lies ready."""
    raw, listed = ((fixture.folder / name).read_bytes() for name in ("issued.json", "status.json"))

    def fetch(name: str, *, max_bytes: int, accept: str = ACCEPT_JSON) -> Fetched:
        del max_bytes, accept
        return Fetched(name, 200 if name == LIST else 404, "application/json", listed, Source.OFFLINE)

    def call() -> bool:
        report = examine(read(raw), now=clock.now(), fetch=fetch)
        return report.verdict is Verdict.VALID

    return call


def canonical(fixture: Fixture) -> Call:
    """Document to canonical N-Quads."""
    members = fixture.unsigned
    return lambda: canonicalize(members)


def bake(fixture: Fixture) -> Call:
    """The next credential into a badge image that was checked before: a chunk goes in, no pixel is read."""
    blank, text = png.prepare((fixture.folder / "picture.png").read_bytes()), fixture.raw.decode()
    return lambda: blank.bake(text)


def bake_unseen(fixture: Fixture) -> Call:
    """The credential into a PNG that was never seen: all its checksums are looked at first."""
    picture, text = (fixture.folder / "picture.png").read_bytes(), fixture.raw.decode()
    return lambda: png.bake(picture, text)


def draw_qr(fixture: Fixture) -> Call:
    """The code that leads to the credential's page, as SVG."""
    link = fixture.unsigned["id"]
    return lambda: qr.svg(link)


def read_bit(fixture: Fixture) -> Call:
    """One bit of a decoded list."""
    del fixture
    bits = status_list.decode(status_list.encode((7, 4_711)))
    return lambda: status_list.read_status(bits, 4_711)


def sign_jwt(algorithm: str) -> Operation:
    """Return the operation that signs the document as a VC-JWT."""

    def prepare(fixture: Fixture) -> Call:
        members = fixture.unsigned
        signer = KeySigner(KEYS[algorithm](fixture.seed), fixture.key["method"])
        return lambda: vc_jwt.encode(members, signer=signer)

    return prepare


def verify_jwt(algorithm: str) -> Operation:
    """Return the operation that reads a VC-JWT and checks its signature."""

    def prepare(fixture: Fixture) -> Call:
        signer = KeySigner(KEYS[algorithm](fixture.seed), fixture.key["method"])
        text = vc_jwt.encode(fixture.unsigned, signer=signer)
        key = signer.public_key

        def call() -> bool:
            parsed = vc_jwt.parse_jwt(text)
            vc_jwt.check_header(parsed)
            jose.verify_token(parsed.token, public_key=key)
            return True

        return call

    return prepare


OPERATIONS: dict[str, Operation] = {
    "issue": issue,
    "issue-template": by_template,
    "issue-template-verified": by_template_verified,
    "verify": verify,
    "verify-all": verify_all,
    "canonicalize": canonical,
    "bake": bake,
    "bake-unseen": bake_unseen,
    "qr": draw_qr,
    "read-bit": read_bit,
    **{f"sign-jwt-{name}": sign_jwt(name) for name in KEYS},
    **{f"verify-jwt-{name}": verify_jwt(name) for name in KEYS},
}

if __name__ == "__main__":
    serve("Hallmark", {}, OPERATIONS)
