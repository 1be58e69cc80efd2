# SPDX-License-Identifier: Apache-2.0
"""A credential laid open: claims taken out, its canonical form made or refused. What all checks read from.

The same is done for status lists and embedded endorsements: they are credentials too. Nothing is decided
here; what could not be done is kept as the error that says why, and each check turns it into its own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from credentials.canonicalize import canonicalize
from credentials.document import Json
from credentials.errors import HallmarkError
from credentials.proofs import vc_jwt
from credentials.proofs.vc_jwt import CREDENTIALS_V1, Claims
from verifier.errors import ANSWERS
from verifier.intake import Presented


@dataclass(frozen=True, slots=True)
class Opened:
    """One credential, ready for the checks.

    Attributes:
        presented: As it came.
        members: The credential, without the claims of a JWT.
        claims: What the claims of a JWT say.
        claims_error: Why they are not as they must be.
        canonical: Canonical N-Quads of the credential without its proofs.
        canonical_error: Why there are none.
    """

    presented: Presented
    members: Mapping[str, Json]
    claims: Claims | None
    claims_error: HallmarkError | None
    canonical: bytes | None
    canonical_error: HallmarkError | None

    @property
    def is_v1(self) -> bool:
        """Whether it follows VCDM 1.1: its first context says so."""
        contexts = self.members.get("@context")
        return (contexts[0] if isinstance(contexts, list) and contexts else contexts) == CREDENTIALS_V1

    @property
    def issuer_id(self) -> str | None:
        """Whom the credential names as its issuer."""
        issuer = self.members.get("issuer")
        value = issuer.get("id") if isinstance(issuer, dict) else issuer
        return value if isinstance(value, str) and value else None

    @property
    def id(self) -> str | None:
        """The id of the credential."""
        value = self.members.get("id")
        return value if isinstance(value, str) and value else None


def open_credential(presented: Presented, *, general: bool = True) -> Opened:
    """Take the claims out and make the canonical form, as far as it goes.

    Args:
        presented: From intake.
        general: Whether the slow general path may help; see ``canonicalize``.
    """
    members: Mapping[str, Json] = presented.document.members
    claims: Claims | None = None
    claims_error: HallmarkError | None = None
    if presented.jwt is not None:
        try:
            claims = vc_jwt.read_claims(presented.jwt)
        except ANSWERS as error:
            claims_error = error
        try:
            members = vc_jwt.credential_members(presented.jwt)
        except ANSWERS as error:
            claims_error = claims_error or error
    canonical: bytes | None = None
    canonical_error: HallmarkError | None = None
    try:
        canonical = canonicalize(without_proof(members), general=general)
    except ANSWERS as error:
        canonical_error = error
    return Opened(presented, members, claims, claims_error, canonical, canonical_error)


def without_proof(members: Mapping[str, Json]) -> dict[str, Json]:
    """Return the members that a proof covers."""
    return {name: value for name, value in members.items() if name != "proof"}


def in_words(error: HallmarkError) -> str:
    """Return what ``error`` says, with its place."""
    return f"{error.message} ({error.path})" if error.path else error.message


def latest(*moments: datetime | None) -> datetime | None:
    """Return the latest of those that are there."""
    return max((moment for moment in moments if moment is not None), default=None)


def earliest(*moments: datetime | None) -> datetime | None:
    """Return the earliest of those that are there."""
    return min((moment for moment in moments if moment is not None), default=None)
