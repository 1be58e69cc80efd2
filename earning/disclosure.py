# SPDX-License-Identifier: Apache-2.0
"""Who may see a piece of evidence, and what of it is signed. Rules only.

- Every piece is private unless its educator says otherwise, piece by piece. Private pieces are seen by the
  educator, and by the reviewers of the work while they review it.
- A signature is for ever, so nothing that an educator typed about a piece is signed: not its description,
  not its link, not the name of its file. What is signed are the assignment's own words and a digest,
  salted with 128 random bits of its own, so that neither guessing nor comparing tells anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from earning.submissions import Artefact
from issuer.micro_credential import Artefact as Asked


class Visibility(StrEnum):
    """Who may see a piece."""

    PRIVATE = "private"
    PUBLIC = "public"


DEFAULT = Visibility.PRIVATE


@dataclass(frozen=True, slots=True)
class SignedWords:
    """What a credential says of a piece of evidence."""

    name: str
    description: str | None
    genre: str


def signed_words(asked: Asked | None, piece: Artefact, *, number: int, total: int) -> SignedWords:
    """Return the words for ``piece``, number ``number`` of ``total`` at its place: the assignment's own."""
    label = asked.label if asked is not None else "Evidence"
    return SignedWords(
        name=label if total == 1 else f"{label} {number}",
        description=asked.text if asked is not None else None,
        genre="Link" if piece.kind == "link" else "File",
    )


def may_read(*, person: str, owner: str, reviewers: frozenset[str], visibility: Visibility = DEFAULT) -> bool:
    """Tell whether ``person`` may see a piece: its owner, whoever reviews it now, or everybody if public."""
    return visibility is Visibility.PUBLIC or person == owner or person in reviewers
