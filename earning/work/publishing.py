# SPDX-License-Identifier: Apache-2.0
"""Evidence that is to be public: chosen piece by piece when work is sent in.

What becomes of it after the award is in ``earning.sharing.evidence``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from earning.work.submissions import Artefact, asked_at
from earning.work.work import Workplace


@dataclass(frozen=True, slots=True)
class Choice:
    """A piece before it is sent: the assignment's words for it, and what is chosen."""

    piece: Artefact
    label: str
    is_public: bool


def choices(work: Workplace, public: Collection[str]) -> tuple[Choice, ...]:
    """Return every piece that would be sent, with ``public`` the ids of those chosen to be public."""
    made = []
    for piece in work.artefacts:
        if piece.state == "ready":
            asked = asked_at(work.assignment, piece.place)
            made.append(Choice(piece, asked.label if asked else "Evidence", piece.id in public))
    return tuple(made)
