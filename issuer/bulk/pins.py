# SPDX-License-Identifier: Apache-2.0
"""What rows of a file have in common and what is signed with each: the issuer's profile, the achievements.

A trial writes down their digests. If one has changed when somebody decides, this is not what was tried.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from credentials.digests import sha256_hex
from issuer import achievements, profiles
from issuer.achievement import Achievement
from issuer.mint import Mint

_PROFILE: Final = "profile:"


def profile(slug: str) -> str:
    """Return the name under which the digest of an issuer's profile is kept."""
    return f"{_PROFILE}{slug}"


def of_members(members: Mapping[str, Any]) -> str:
    """Return the digest of what is signed."""
    return sha256_hex(json.dumps(members, sort_keys=True, ensure_ascii=True).encode("ascii"))


def of_achievement(achievement: Achievement) -> str:
    """Return the digest of what every credential says of an achievement."""
    return of_members({"members": achievement.members, "related": achievement.related})


def changed(mint: Mint, pinned: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is not as it was when it was pinned, in words for people."""
    return tuple(sorted(_words(name) for name, digest in pinned.items() if _now(mint, name) != digest))


def _now(mint: Mint, name: str) -> str:
    if name.startswith(_PROFILE):
        owner = profiles.get(mint, name.removeprefix(_PROFILE))
        return of_members(owner.members(public_url=mint.public_url))
    return of_achievement(achievements.get(mint, name))


def _words(name: str) -> str:
    return "the profile of the organisation" if name.startswith(_PROFILE) else name
