# SPDX-License-Identifier: Apache-2.0
"""What stands in the slots of an award's document, without composing the document.

Of ten thousand awards of one achievement only the slots differ (``credentials.stencil``). Awards of one
*shape* share a frame; the first of a shape that a worker has in hand is composed whole and parted, and tells
the frame, until its issuer's profile changes. Of the others only the values are written down, in the order in
which ``stencil.part`` finds them.

The law: ``values`` gives what parting the composed document gives. It is compared for that first one; where
it is not so, every one of that shape is composed. A test shows it for all that an award may hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from credentials.dates import format_datetime
from credentials.identity import EMAIL_ADDRESS, NAME, identity_hash, normalised
from issuer.achievement import Achievement, achieved_level_id
from issuer.award import Award, results
from issuer.store.status import Place

_PIECE: Final = ("name", "description", "narrative", "genre", "audience")

Shape = tuple[object, ...]


def shape(award: Award, places: Sequence[Place]) -> Shape:
    """Return what awards with one frame have in common; together with their issuer's profile, all of it."""
    request = award.request
    return (
        award.issuer,
        request.achievement,
        request.levels,
        request.name is not None,
        request.hides_name,
        request.narrative is None,
        request.activity_start is None,
        request.activity_end is None,
        tuple(
            (piece.url is None, *(getattr(piece, name) is None for name in _PIECE))
            for piece in request.evidence
        ),
        tuple(place.purpose for place in places),
    )


def reached(achievement: Achievement, levels: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return the ids of the levels that an award of a shape has reached, in the document's order."""
    criteria = {criterion.id: criterion for criterion in achievement.micro_credential.criteria}
    return tuple(
        achieved_level_id(achievement.id, criteria[name], level)
        for name, level in results(achievement.micro_credential, levels)
    )


def values(
    award: Award,
    *,
    credential_id: str,
    recipient: str,
    valid_from: str,
    reached: Sequence[str],
    places: Sequence[Place],
    lists: Mapping[str, str],
) -> list[str]:
    """Return the values of the slots.

    Args:
        award: The award.
        credential_id: Its link.
        recipient: The address as it is hashed.
        valid_from: As it is written.
        reached: The ids of the levels.
        places: Its places in status lists.
        lists: The address of each list.
    """
    request, salt = award.request, award.salt
    found = [
        credential_id,
        valid_from,
        format_datetime(request.awarded_at),
        identity_hash(normalised(recipient, EMAIL_ADDRESS), salt),
        salt,
    ]
    if request.name is not None and request.hides_name:
        found += (identity_hash(normalised(request.name, NAME), salt), salt)
    elif request.name is not None:
        found.append(request.name.strip())
    if request.activity_start is not None:
        found.append(format_datetime(request.activity_start))
    if request.activity_end is not None:
        found.append(format_datetime(request.activity_end))
    if request.narrative is not None:
        found.append(request.narrative)
    found += reached
    for piece in request.evidence:
        if piece.url is not None:
            found.append(piece.url)
        found += (text for name in _PIECE if (text := getattr(piece, name)) is not None)
        found.append(piece.digest)
    for place in places:
        address = lists[place.list]
        found += (f"{address}#{place.position}", str(place.position), address)
    return found
