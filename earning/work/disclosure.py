# SPDX-License-Identifier: Apache-2.0
"""Who may see a piece of evidence, and what of it is signed. Rules only.

- Every piece is private unless its educator says otherwise, piece by piece, and confirms it a second time.
  Private pieces are seen by the educator, and by the reviewers of the work while they review it.
- A signature is for ever, so nothing that an educator typed about a piece is signed: not its description,
  not its link, not the name of its file. What is signed are the assignment's own words and a digest.
- The digest of a private piece is salted with 128 random bits of its own, so that neither guessing nor
  comparing tells anything. A public one has its address with us and a plain digest of what lies there: of the
  bytes of a file, or of a link's address in UTF-8. Anybody can compare.
- What was signed as public is shown from the award on, for as long as its educator keeps it open, nobody has
  set it aside and the credential stands. Closing it hides the piece; the signed digest stays. What was signed
  as private cannot be made public later: the credential says neither where it would be nor what it must be.
- From the award on a piece may also be shown by links for evaluators only (``earning.sharing``), whatever was
  signed: whoever has such a link gets the salt beside the bytes, and can compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from earning.work.submissions import LINK, Artefact, Submission, asked_at
from issuer.award import AwardState
from issuer.micro_credential import MicroCredential

# A credential whose place another one has taken has the same evidence, so it shows it, too.
STANDING: Final = frozenset({AwardState.ISSUED, AwardState.SUPERSEDED})


class Standing(StrEnum):
    """What became of a piece with the award."""

    PRIVATE = "private"  # signed as private, and shown to nobody
    LINK = "link"  # by the links of evaluators only, whatever was signed
    OPEN = "open"
    CLOSED = "closed"  # signed as public, and shown to nobody
    SET_ASIDE = "set-aside"


@dataclass(frozen=True, slots=True)
class SignedWords:
    """What a credential says of a piece of evidence."""

    name: str
    description: str | None
    genre: str


def signed_words(assignment: MicroCredential, sent: Submission, piece: Artefact) -> SignedWords:
    """Return the words for ``piece`` of ``sent``: the assignment's own, numbered if there are several."""
    asked, beside = asked_at(assignment, piece.place), sent.at(piece.place)
    label = asked.label if asked is not None else "Evidence"
    return SignedWords(
        name=label if len(beside) == 1 else f"{label} {beside.index(piece) + 1}",
        description=asked.text if asked is not None else None,
        genre="Link" if piece.kind == "link" else "File",
    )


def address(public_url: str, id: str) -> str:
    """Return where the public piece ``id`` is shown; it is signed as the piece's id."""
    return f"{public_url}/evidence/{id}"


def standing(sent: Artefact, now: Artefact | None) -> Standing:
    """Return what became of a piece: ``sent`` as it was sent and signed, ``now`` as it is, None if gone."""
    if now is None or now.state != "ready":
        return Standing.SET_ASIDE
    if now.disclosure == LINK:
        return Standing.LINK
    if not sent.is_public:
        return Standing.PRIVATE
    return Standing.OPEN if now.is_public else Standing.CLOSED


def is_shown(found: Standing, award: AwardState | None) -> bool:
    """Tell whether everybody may see a piece; ``award`` is the state of the credential, None before it."""
    return found is Standing.OPEN and award in STANDING


def is_shown_by_link(found: Standing, award: AwardState | None) -> bool:
    """Tell whether a good link for evaluators shows a piece; ``award`` as for ``is_shown``."""
    return found in (Standing.LINK, Standing.OPEN) and award in STANDING
