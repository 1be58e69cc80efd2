# SPDX-License-Identifier: Apache-2.0
"""What a row would become, composed and linted as the engine does it; nothing is signed, placed or kept.

Key and status lists are stand-ins that exist here only (``keys.throwaway``). The lint runs whole for the
first document of each frame, and over the slots for the others (``issuer.bulk.chunk``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from credentials import status_list
from credentials.document import Json, write
from credentials.proofs.batch import Batch
from credentials.stencil import Stencil, part
from credentials.verification_method import KeyAlgorithm
from issuer import issuance, lint, profiles, status_publisher
from issuer.achievement import Achievement
from issuer.award import Award, AwardRequest, AwardState
from issuer.bulk import pins
from issuer.compose import compose
from issuer.mint import Mint
from issuer.status import LIST_ENTRIES
from keys.throwaway import throw_away

KEY: Final = "00000000-0000-4000-8000-000000000000"  # in the id of what is never issued
SALT: Final = "00" * 16


@dataclass(slots=True)
class _Stage:
    """What all rehearsals of one issuer share."""

    issuer: Mapping[str, Json]
    did: str
    entries: tuple[status_list.BitstringStatusListEntry, ...]
    lists: Mapping[str, bytes]
    batch: Batch


@dataclass(slots=True)
class Rehearsal:
    """Lints rows one after the other; remembers the frames that passed."""

    mint: Mint
    now: datetime
    _stages: dict[str, _Stage] = field(default_factory=dict, repr=False)
    _stencils: dict[bytes, Stencil | None] = field(default_factory=dict, repr=False)
    _passed: set[bytes] = field(default_factory=set, repr=False)
    _pins: dict[str, str] = field(default_factory=dict, repr=False)

    def lint(self, request: AwardRequest, achievement: Achievement) -> None:
        """Return if the credential of a row would verify everywhere.

        Raises:
            HallmarkError: The first thing that stands against it.
        """
        stage = self._stages.get(achievement.issuer)
        if stage is None:
            stage = self._stages[achievement.issuer] = self._set(achievement.issuer)
        if achievement.key not in self._pins:
            self._pins[achievement.key] = pins.of_achievement(achievement)
        members = self.compose(request, achievement)
        frame, values = part(members)
        if frame in self._passed and lint.are_plain(values) and not _is_odd(request):
            return
        prepared = stage.batch.prepare(members)
        if prepared.frame in self._passed and lint.are_plain(prepared.values):
            return
        lint.lint(
            members,
            did=stage.did,
            examine=self.mint.examine,
            now=self.now,
            lists=stage.lists,
            accepted=issuance.VALID,
        )
        if lint.are_plain([prepared.raw.decode()]):  # else its order may depend on what stands in the slots
            self._passed.add(prepared.frame)

    def pins(self) -> dict[str, str]:
        """Return digests of everything that the rows have in common, as it was when they were tried."""
        return dict(self._pins)

    def compose(self, request: AwardRequest, achievement: Achievement) -> dict[str, Any]:
        """Return what a row would become, with an id and places that nothing has."""
        stage = self._stages.get(achievement.issuer)
        if stage is None:
            stage = self._stages[achievement.issuer] = self._set(achievement.issuer)
        award = Award(KEY, achievement.issuer, request, SALT, AwardState.AWARDED)
        return compose(
            award,
            credential_id=issuance.credential_url(self.mint, KEY),
            issuer=stage.issuer,
            achievement=achievement,
            entries=stage.entries,
            valid_from=self.now,
        )

    def _set(self, slug: str) -> _Stage:
        owner = profiles.get(self.mint, slug)
        members = owner.members(public_url=self.mint.public_url)
        self._pins[pins.profile(slug)] = pins.of_members(members)
        lists: dict[str, bytes] = {}
        entries = []
        for number, purpose in enumerate(status_publisher.purposes(owner)):
            address = status_publisher.list_url(self.mint, f"{number:032}")
            entry = status_list.BitstringStatusListEntry(
                id=f"{address}#{number}",
                status_purpose=purpose,
                status_list_index=number,
                status_list_credential=address,
            )
            entries.append(entry)
            lists[address] = write(
                status_list.compose_list(
                    id=address,
                    issuer_members=members,
                    status_purpose=purpose,
                    encoded_list=status_list.encode((), length=LIST_ENTRIES),
                    valid_from=self.now.replace(microsecond=0),
                    valid_until=self.now.replace(microsecond=0) + status_publisher.LIFETIME,
                    ttl_ms=status_publisher.MAX_AGE * 1000,
                )
            )
        stand_in = throw_away(owner.did).signers[KeyAlgorithm.ED25519]
        created = self.now.replace(microsecond=0)
        batch = Batch(stand_in, stand_in.public_key, created, stencils=self._stencils)
        return _Stage(members, owner.did, tuple(entries), lists, batch)


def _is_odd(request: AwardRequest) -> bool:
    """Tell whether the walk may refuse what stands in the slots: a link, or two things that look alike."""
    return len(request.evidence) > 1 or any(piece.url is not None for piece in request.evidence)
