# SPDX-License-Identifier: Apache-2.0
"""Where the wings are joined: what the public wing has signed, the private wing signs, by its whole cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from credentials.document import Json, parse, write
from issuer import given, issuance, profiles, retention, revocation
from issuer.award import AwardState
from issuer.mint import Mint


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs receipts in the name of one of our issuers (``verifier.ports.Seal``)."""

    mint: Mint

    def issuer(self) -> Mapping[str, Json] | None:
        """Return whose name it is: the settings' issuer, or the first that awards; None without issuers."""
        wanted = self.mint.settings.receipt_issuer
        # Recognizers, who award nothing, come last: they may have been named at the same moment.
        for each in sorted(profiles.every(self.mint), key=lambda issuer: issuer.profile.recognizer):
            if wanted in ("", each.slug):
                return {
                    "id": each.did,
                    "type": ["Profile"],
                    "name": each.profile.name,
                    "url": each.profile.url or self.mint.public_url + each.profile.path(),
                }
        return None

    def __call__(self, members: Mapping[str, Json], *, now: datetime) -> bytes:
        """Sign by the issuer's whole cycle."""
        return issuance.sign_document(self.mint, parse(write(members)), now=now, actor="verifier")

    def let_go(self, start: str, *, now: datetime) -> None:
        """Drop the issuer's copies; not of this hour, which may still be in the middle of the cycle."""
        before = now - timedelta(hours=1)
        retention.let_go(self.mint, start, before=before, now=now, actor="verifier")


@dataclass(frozen=True, slots=True)
class Sign:
    """Signs in the name of a recognizer or an affiliate that has keys here (``recognition.ports.Sign``)."""

    mint: Mint

    def issuer(self, slug: str, /) -> Mapping[str, Json] | None:
        """Return the whole profile of the organisation; None: it has no keys here."""
        known = {each.slug: each for each in profiles.every(self.mint)}
        found = known.get(slug)
        return None if found is None else found.members(public_url=self.mint.public_url)

    def __call__(self, members: Mapping[str, Json], *, slug: str, now: datetime) -> bytes:
        """Sign by the issuer's whole cycle, so that it can be withdrawn."""
        return issuance.sign_document(
            self.mint, parse(write(members)), slug=slug, revocable=True, now=now, actor="recognition"
        )

    def withdraw(
        self, credential_id: str, *, slug: str, public_reason: str, now: datetime, actor: str
    ) -> None:
        """Revoke what was signed under this id, in the name of ``slug`` alone."""
        key = given.key_of(self.mint, credential_id, slug=slug)
        wanted = revocation.Decision(AwardState.REVOKED, revocation.Reason.OTHER, public_reason=public_reason)
        revocation.decide(self.mint, key, wanted, now=now, actor=actor)
