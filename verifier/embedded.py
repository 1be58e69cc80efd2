# SPDX-License-Identifier: Apache-2.0
"""Where endorsements stand inside a credential: below ``endorsement`` and ``endorsementJwt``, at any depth.

Open Badges 3.0, "EndorsementCredential" (https://www.imsglobal.org/spec/ob/v3p0/#endorsementcredential).
Only found here; they are verified in ``checks.endorsement``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from credentials.document import Json, pointer
from verifier.opened import Opened

ENDORSEMENTS = 16  # of one credential; each costs a canonicalisation, a signature and perhaps a fetch
ENDORSEMENT_PROOFS = 2  # of one endorsement: the endorser's, and perhaps a co-signature
_NAMES = frozenset({"endorsement", "endorsementJwt"})
NESTED = 1  # an endorsement may carry endorsements, these may not


@dataclass(frozen=True, slots=True)
class Embedded:
    """An endorsement where it stands: the place, how deep inside others, about which id, and itself."""

    path: str
    level: int
    endorsed_id: Json
    value: Json


def endorsements_in(opened: Opened) -> Iterator[Embedded]:
    """Yield every endorsement inside a credential."""
    raw = opened.presented.document.raw
    # No letter of a name can hide but in an escape with its number, so most bytes tell at once.
    if b"endorsement" not in raw and b"\\u" not in raw:
        return iter(())
    return embedded(opened.members)


def embedded(value: Json | Mapping[str, Json]) -> Iterator[Embedded]:
    """Yield every endorsement below ``value``."""
    return _embedded(value, (), level=0)


def _embedded(
    value: Json | Mapping[str, Json], path: tuple[str | int, ...], *, level: int
) -> Iterator[Embedded]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            if name not in _NAMES:
                yield from _embedded(member, (*path, name), level=level)
                continue
            for index, entry in enumerate(member if isinstance(member, list) else [member]):
                place = (*path, name, index)
                yield Embedded(pointer(*place), level, value.get("id"), entry)
                yield from _embedded(entry, place, level=level + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _embedded(item, (*path, index), level=level)
