# SPDX-License-Identifier: Apache-2.0
"""Evidence: what was made or done, named in the credential and held to its digest.

Open Badges 3.0, "Evidence" (https://www.imsglobal.org/spec/ob/v3p0/#evidence). ``digestMultibase`` is a term
of VCDM 2.0, "Integrity of Related Resources", and stands beside it so that nothing can be swapped after the
award. ``id`` is an address and only there when the piece is public.
"""

from __future__ import annotations

from dataclasses import dataclass

from credentials.structure import Structure


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Structure):
    """One piece of evidence. https://www.imsglobal.org/spec/ob/v3p0/#evidence."""

    id: str | None = None
    type: tuple[str, ...] = ("Evidence",)
    name: str | None = None
    description: str | None = None
    narrative: str | None = None
    genre: str | None = None
    audience: str | None = None
    digest_multibase: str | None = None
