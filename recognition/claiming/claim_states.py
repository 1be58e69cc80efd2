# SPDX-License-Identifier: Apache-2.0
"""What a claim is, and how it may go from state to state.

::

    planned → reserved → submitted → approved | refused | needs-more → used → reversal-needed → reversed

*Planned* is a plan and no claim yet. *Reserved* keeps its awards from another claim of the same person; the
educator undoes it without a word. *Entered* was typed by a recognizer for somebody who has an account: it
waits until that person agrees (*submitted*) or declines (*withdrawn*). *Submitted* left the educator's
hands, with consent; it can be taken back as long as nobody has decided. *Approved* was decided without
anything to count (a supporting document), *used* was decided and stands in the ledger. Rules only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from credentials.document import Json
from recognition.errors import ClaimStateError

AWARDS: Final = 500  # credentials of one claim; as many as one request may bring
MESSAGE_CHARS: Final = 2_000  # characters of what one says to the other
MESSAGES: Final = 50  # of one claim


class ClaimState(StrEnum):
    """Where a claim is."""

    PLANNED = "planned"
    RESERVED = "reserved"
    ENTERED = "entered"
    SUBMITTED = "submitted"
    NEEDS_MORE = "needs-more"
    APPROVED = "approved"
    REFUSED = "refused"
    USED = "used"
    REVERSAL_NEEDED = "reversal-needed"
    REVERSED = "reversed"
    WITHDRAWN = "withdrawn"


# Claims that keep their awards: another one of the same person, for the same purpose, cannot have them.
HOLDING: Final = (ClaimState.RESERVED, ClaimState.ENTERED, ClaimState.SUBMITTED, ClaimState.NEEDS_MORE)
# Claims that wait for the recognizer.
WAITING: Final = (ClaimState.SUBMITTED,)
# Claims that a recognizer sees: whatever is only reserved is the educator's alone.
SEEN: Final = tuple(
    each for each in ClaimState if each not in (ClaimState.PLANNED, ClaimState.RESERVED, ClaimState.WITHDRAWN)
)
_DECIDED: Final = frozenset({ClaimState.APPROVED, ClaimState.REFUSED, ClaimState.USED})
_MAY: Final[Mapping[ClaimState, frozenset[ClaimState]]] = {
    ClaimState.PLANNED: frozenset({ClaimState.RESERVED}),
    ClaimState.RESERVED: frozenset({ClaimState.SUBMITTED, ClaimState.WITHDRAWN}),
    ClaimState.ENTERED: frozenset({ClaimState.SUBMITTED, ClaimState.WITHDRAWN}),
    ClaimState.SUBMITTED: frozenset({ClaimState.NEEDS_MORE, ClaimState.WITHDRAWN, *_DECIDED}),
    ClaimState.NEEDS_MORE: frozenset({ClaimState.SUBMITTED, ClaimState.WITHDRAWN, *_DECIDED}),
    ClaimState.APPROVED: _DECIDED,  # by a correction
    ClaimState.REFUSED: _DECIDED,
    ClaimState.USED: _DECIDED | {ClaimState.REVERSAL_NEEDED, ClaimState.REVERSED},
    ClaimState.REVERSAL_NEEDED: _DECIDED | {ClaimState.REVERSED},
    ClaimState.REVERSED: _DECIDED,
    ClaimState.WITHDRAWN: frozenset(),
}
_WORDS: Final[Mapping[ClaimState, str]] = {
    ClaimState.PLANNED: "planned",
    ClaimState.RESERVED: "kept, and not sent yet",
    ClaimState.ENTERED: "entered by the office, and waiting for the educator’s consent",
    ClaimState.SUBMITTED: "waiting for an answer",
    ClaimState.NEEDS_MORE: "asked for more",
    ClaimState.APPROVED: "approved",
    ClaimState.REFUSED: "refused",
    ClaimState.USED: "approved and counted",
    ClaimState.REVERSAL_NEEDED: "counted, and needs a second look",
    ClaimState.REVERSED: "taken back",
    ClaimState.WITHDRAWN: "withdrawn by the educator",
}


@dataclass(frozen=True, slots=True)
class ClaimAward:
    """One credential of a claim.

    Attributes:
        url: Its link, or the name of the file it was brought as.
        body: The file's bytes; None for a link.
        key: Key of the award; "" until it was verified once.
    """

    position: int
    url: str
    body: bytes | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What one says to the other. ``by`` is ``educator`` or ``recognizer``."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What somebody asks a recognizer to count.

    Attributes:
        person: Id of the account; None where the recognizer entered it, until its educator has agreed.
        person_key: The normalised e-mail address; ``person_name`` as it was given.
        address: The e-mail address as it was typed, with which awards are compared; issuers may have hashed
            it with its capital letters.
        facts: What the person gave for this claim, in the form of a facts file, and nothing else.
        decision: Id of the newest decision about it.
        entered_by: Who made it, as audit lines name people.
        show_publicly: Whether its educator agrees that the recognition stands beside the award.
    """

    id: str
    organisation: str
    policy: str
    purpose: str
    person: str | None
    person_key: str
    person_name: str
    address: str = ""
    state: ClaimState
    facts: Mapping[str, Json] = field(repr=False)
    awards: tuple[ClaimAward, ...] = ()
    messages: tuple[Message, ...] = field(default=(), repr=False)
    decision: str | None = None
    entered_by: str
    created_at: datetime
    submitted_at: datetime | None = None
    changed_at: datetime
    show_publicly: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided it, and it was not taken back."""
        return self.state in HOLDING

    @property
    def is_decided(self) -> bool:
        """Whether there is a decision about it."""
        return self.decision is not None

    @property
    def is_entered(self) -> bool:
        """Whether somebody else than its educator made it: a recognizer did, by hand."""
        return self.entered_by not in ("erased", f"person:{self.person}")

    @property
    def words(self) -> str:
        """Its state in words."""
        return words(self.state)


def words(state: ClaimState) -> str:
    """Return a state in words."""
    return _WORDS[state]


def may(state: ClaimState, to: ClaimState) -> bool:
    """Tell whether a claim in ``state`` may become ``to``."""
    return to in _MAY[state]


def require(claim: Claim, to: ClaimState) -> None:
    """Refuse a step that the state of a claim does not allow.

    Raises:
        ClaimStateError: It says in which state the claim is.
    """
    if not may(claim.state, to):
        raise ClaimStateError(
            f"This claim is {words(claim.state)}, so that cannot be done any more. Look at it again.",
            got=str(claim.state),
            expected=str(to),
        )
