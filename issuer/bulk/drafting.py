# SPDX-License-Identifier: Apache-2.0
"""From rows of a bulk to awards, and from awards to documents with random places in status lists.

Nothing is written here. What is the same for many rows is looked up once for a chunk.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from credentials.dates import format_datetime
from credentials.document import Json
from credentials.errors import BrokenError, HallmarkError
from credentials.identity import EMAIL_ADDRESS, normalised
from issuer import achievements, issuance, profiles, status_publisher
from issuer.achievement import Achievement
from issuer.award import SALT_BYTES, Award, AwardState
from issuer.bulk import content, sketch
from issuer.bulk.bulk import Row
from issuer.compose import compose
from issuer.errors import StatusListError
from issuer.mint import Mint
from issuer.status import DRAWS, LIST_ENTRIES
from issuer.store import status as status_rows
from issuer.store.status import Place

_POSITION_BYTES: Final = 4  # drawn for one position; what would make some likelier than others is thrown away
_EVEN: Final = 2 ** (8 * _POSITION_BYTES) // LIST_ENTRIES * LIST_ENTRIES


@dataclass(frozen=True, slots=True)
class Wanted:
    """The award that a row asks for, under a key of its own."""

    number: int
    award: Award
    recipient: str
    credential_id: str
    achievement: Achievement


@dataclass(slots=True)
class Drafting:
    """Reads rows, draws places and composes; one for each chunk.

    Attributes:
        mint: The opened room.
        now: When the chunk is worked on.
        known: Achievements that were looked up; they never change, so chunks may share them.
    """

    mint: Mint
    now: datetime
    known: dict[str, Achievement] = field(repr=False)
    _issuers: dict[str, Mapping[str, Json]] = field(default_factory=dict, repr=False)
    _reached: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[str, ...]] = field(
        default_factory=dict, repr=False
    )
    _lists: dict[str, str] = field(default_factory=dict, repr=False)
    _valid_from: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Write the time once."""
        self._valid_from = format_datetime(self.now)

    def read(self, taken: Sequence[Row]) -> tuple[list[Wanted], dict[int, str]]:
        """Return the awards that rows ask for, and why others are none, by row number."""
        wanted: list[Wanted] = []
        refused: dict[int, str] = {}
        drawn = memoryview(secrets.token_bytes((_KEY_BYTES + SALT_BYTES) * len(taken)))
        for place, row in enumerate(taken):
            try:
                request = content.read(row.content, idempotency_key=row.idempotency_key)
                achievement = self._achievement(request.achievement)
                self._check(request.achievement, request.levels, achievement)
            except BrokenError:
                raise  # what we cannot do at the moment is no fault of the row
            except HallmarkError as error:
                refused[row.number] = error.message
                continue
            at = (_KEY_BYTES + SALT_BYTES) * place
            key = str(uuid.UUID(bytes=bytes(drawn[at : at + _KEY_BYTES]), version=4))
            salt = drawn[at + _KEY_BYTES : at + _KEY_BYTES + SALT_BYTES].hex()
            award = Award(key, achievement.issuer, request, salt, AwardState.AWARDED)
            recipient = normalised(request.email, EMAIL_ADDRESS)
            wanted.append(
                Wanted(row.number, award, recipient, issuance.credential_url(self.mint, key), achievement)
            )
        return wanted, refused

    def compose(self, each: Wanted, places: Sequence[Place]) -> dict[str, Json]:
        """Return the document of an award, without proof."""
        return compose(
            each.award,
            credential_id=each.credential_id,
            issuer=self.issuer(each.award.issuer),
            achievement=each.achievement,
            entries=status_publisher.entries(self.mint, tuple(places)),
            valid_from=self.now,
        )

    def values(self, each: Wanted, places: Sequence[Place]) -> list[str]:
        """Return what stands in the slots of that document (``sketch``)."""
        request = each.award.request
        for place in places:
            if place.list not in self._lists:
                self._lists[place.list] = status_publisher.list_url(self.mint, place.list)
        return sketch.values(
            each.award,
            credential_id=each.credential_id,
            recipient=each.recipient,
            valid_from=self._valid_from,
            reached=self._reached[request.achievement, request.levels],
            places=places,
            lists=self._lists,
        )

    def issuer(self, slug: str) -> Mapping[str, Json]:
        """Return what every credential says of its issuer."""
        if slug not in self._issuers:
            self._issuers[slug] = profiles.get(self.mint, slug).members(public_url=self.mint.public_url)
        return self._issuers[slug]

    def draw(self, slug: str, count: int) -> list[tuple[Place, ...]]:
        """Return free random places for ``count`` awards of an issuer, revocation first.

        Others may take some of them before they are written down.
        """
        purposes = status_publisher.purposes(profiles.get(self.mint, slug))
        lists = [status_publisher.list_for(self.mint, slug, purpose, now=self.now) for purpose in purposes]
        each_purpose = [
            self._draw_in(list_id, purpose, count) for list_id, purpose in zip(lists, purposes, strict=True)
        ]
        return list(zip(*each_purpose, strict=True))

    def draw_again(
        self,
        places: Sequence[Place],
        taken: Mapping[str, Collection[int]],
        drawn: Mapping[str, list[int]],
    ) -> tuple[Place, ...]:
        """Return places in the same lists, for an award some of whose are ``taken``.

        Args:
            places: Its places.
            taken: Positions that others have, by list.
            drawn: All positions of the chunk, by list; the new ones are added.
        """
        found: list[Place] = []
        for each in places:
            free = each
            if each.position in taken[each.list]:
                free = self._free(each, drawn[each.list])
                drawn[each.list].append(free.position)
            found.append(free)
        return tuple(found)

    def _draw_in(self, list_id: str, purpose: str, count: int) -> list[Place]:
        found: list[Place] = []
        seen: set[int] = set()
        while len(found) < count:
            drawn = _positions(count - len(found))
            with self.mint.db.reading() as session:
                seen |= status_rows.taken_positions(session, list_id, drawn)
            for position in drawn:
                if position not in seen:
                    found.append(Place(list_id, position, purpose, is_set=False))
                    seen.add(position)
        return found

    def _free(self, place: Place, avoid: Collection[int]) -> Place:
        """Return another place in the same list; called in the transaction that takes it."""
        for _ in range(DRAWS):
            (position,) = _positions(1)
            with self.mint.db.reading() as session:
                if position not in avoid and not status_rows.taken_positions(
                    session, place.list, (position,)
                ):
                    return Place(place.list, position, place.purpose, is_set=False)
        raise StatusListError("No free place was found in the status list.")

    def _check(self, key: str, levels: tuple[tuple[str, str], ...], achievement: Achievement) -> None:
        """Refuse levels that make no award; what was looked at once is not looked at again."""
        if (key, levels) not in self._reached:
            self._reached[key, levels] = sketch.reached(achievement, levels)

    def _achievement(self, key: str) -> Achievement:
        if key not in self.known:
            self.known[key] = achievements.get(self.mint, key)
        return self.known[key]


_KEY_BYTES: Final = 16  # of a UUID, of which 122 bits are random


def _positions(count: int) -> list[int]:
    """Return random positions, each as likely as any other."""
    found: list[int] = []
    while len(found) < count:
        drawn = secrets.token_bytes(_POSITION_BYTES * (count - len(found)))
        numbers = memoryview(drawn).cast("I")
        found += [each % LIST_ENTRIES for each in numbers if each < _EVEN]
    return found
