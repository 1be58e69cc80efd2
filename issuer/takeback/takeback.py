# SPDX-License-Identifier: Apache-2.0
"""A takeback, the act of taking many credentials back: its states, and those of its lines (threats I3).

::

    takeback   trying → trial → proposed → suspending → suspended → revoking → done
               aside: cancelled, until it is agreed to; undoing → undone, until the window has ended
    line       waiting → suspended → revoked        aside: undone; kept as somebody else decided; refused

While it is ``trying`` its lines are being written; nobody starts what is not judged to its last line.

Above SECOND_PERSON credentials a second person agrees to what a first one proposed. Then all are put under
review at once, which no verifier overlooks, and for UNDO each of them can be let go as if nothing had been.
What carries no suspension entry cannot be put under review: it stays as it is until the window ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from issuer.award import AwardState
from issuer.revocation import Reason

SECOND_PERSON: Final = 25  # credentials that one person takes back alone within UNDO; one wrong CSV has more
UNDO: Final = timedelta(hours=24)  # how long everything can be undone: until the next working morning
TRYING: Final = timedelta(days=1)  # a dry run that is not at its end by then is forgotten
CHUNK: Final = 250  # lines that are committed together
TRIAL_DAYS: Final = timedelta(days=7)  # how long a dry run that nobody followed is kept
PROPOSED_DAYS: Final = timedelta(days=30)  # how long a proposal waits for a second person
BROUGHT_DAYS: Final = timedelta(
    days=90
)  # how long lines that were not ours to take back stay beside a result
LABEL_CHARS: Final = 200
SENTENCE_CHARS: Final = 500  # characters of what everybody may read
NOTE_CHARS: Final = 2_000
AT_ONCE: Final = "at once"  # the words that both type who leave out the window
JOB: Final = "takebacks"
TRIAL_JOB: Final = "takeback-trials"
PAGES: Final = "/taking-back"  # where officers find their takebacks

# A review is no reason to withdraw, and its end none either.
REASONS: Final = (
    Reason.ISSUED_IN_ERROR,
    Reason.EVIDENCE,
    Reason.EARNER_ASKED,
    Reason.REPLACED,
    Reason.OTHER,
)


class TakebackState(StrEnum):
    """Where a takeback is."""

    TRYING = "trying"
    TRIAL = "trial"
    PROPOSED = "proposed"
    SUSPENDING = "suspending"
    SUSPENDED = "suspended"
    REVOKING = "revoking"
    DONE = "done"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"

    @property
    def is_working(self) -> bool:
        """Whether the job has something to do for it, whatever the time is."""
        return self in (TakebackState.SUSPENDING, TakebackState.REVOKING, TakebackState.UNDOING)

    @property
    def is_early(self) -> bool:
        """Whether nothing has happened to a credential yet, and it can be cancelled."""
        return self in (TakebackState.TRYING, TakebackState.TRIAL, TakebackState.PROPOSED)

    @property
    def has_ended(self) -> bool:
        """Whether nothing happens any more."""
        return self in (TakebackState.DONE, TakebackState.CANCELLED, TakebackState.UNDONE)


class LineState(StrEnum):
    """Where a line is."""

    REFUSED = "refused"
    WAITING = "waiting"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    UNDONE = "undone"
    KEPT = "kept"


class Outlook(StrEnum):
    """What would happen to what a line names."""

    SUSPEND = "suspend"
    NO_SUSPENSION = "no-suspension"
    UNDER_REVIEW = "under-review"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"
    ELSEWHERE = "elsewhere"
    REPEATED = "repeated"
    NOT_ISSUED = "not-issued"
    NO_REVOCATION = "no-revocation"
    IN_ANOTHER = "in-another"

    @property
    def takes_back(self) -> bool:
        """Whether the credential would be withdrawn in the end."""
        return self in TAKES_BACK


TAKES_BACK: Final = (Outlook.SUSPEND, Outlook.NO_SUSPENSION, Outlook.UNDER_REVIEW)

# What a credential must be for a line to go on; anything else is somebody's own decision meanwhile.
EXPECTED: Final = {
    Outlook.SUSPEND: AwardState.ISSUED,
    Outlook.NO_SUSPENSION: AwardState.ISSUED,
    Outlook.UNDER_REVIEW: AwardState.SUSPENDED,
}

OUTLOOKS: Final = {
    Outlook.SUSPEND: "It is put under review at once, and withdrawn when the window ends.",
    Outlook.NO_SUSPENSION: "It carries no suspension entry, so it cannot be put under review. It stays in "
    "force until the window ends, and is withdrawn then.",
    Outlook.UNDER_REVIEW: "It is under review already. It stays so, and is withdrawn when the window ends.",
    Outlook.WITHDRAWN: "It is withdrawn already.",
    Outlook.UNKNOWN: "There is no credential with this link, key or submission.",
    Outlook.ELSEWHERE: "Another organisation has issued it.",
    Outlook.REPEATED: "The same credential is named by a line before.",
    Outlook.NOT_ISSUED: "It is not signed yet, so there is nothing to take back.",
    Outlook.NO_REVOCATION: "It carries no way to be withdrawn, so nobody would see it.",
    Outlook.IN_ANOTHER: "It is being taken back already, in another takeback.",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """All credentials of one organisation that are each of what is not None.

    Attributes:
        bulk: Issued by the bulk with this id.
        achievement: Of this version, such as ``SEL1-v1``.
        since, until: Issued between these moments; ``until`` itself is out.
    """

    bulk: str | None = None
    achievement: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Takeback:
    """One act of taking back.

    Attributes:
        id: UUID.
        organisation: Slug of the issuer whose credentials they are.
        label: What its maker calls it.
        chosen: In words, what was chosen: a list, a bulk, a version, a time.
        lines: How many lines were brought.
        number: How many credentials would be withdrawn, as judged last.
        tells: Whether earners are written to.
        proposed_by: Who typed the number; ``approved_by``: the second person, if there is one.
        needs_second: Whether there must be one.
        hasten_by: Who asked for it to be done at once, without the window.
        ends_at: When the window ends; None until all are under review.
    """

    id: str
    organisation: str
    label: str
    chosen: str
    state: TakebackState
    reason: Reason
    public_reason: str | None
    note: str | None
    tells: bool
    lines: int
    number: int
    made_by: str
    made_at: datetime
    needs_second: bool = False
    proposed_by: str | None = None
    proposed_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    hasten_by: str | None = None
    hastened_by: str | None = None
    ends_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None

    @property
    def actor(self) -> str:
        """Who stands beside each change of a credential; the takeback itself names the people."""
        return f"takeback:{self.id}"

    @property
    def is_hastened(self) -> bool:
        """Whether two have agreed to leave out the window."""
        return self.hastened_by is not None

    def can_undo(self, now: datetime) -> bool:
        """Tell whether everything, or a single line, can still be undone."""
        if self.state is TakebackState.SUSPENDING:
            return not self.is_hastened
        return self.state is TakebackState.SUSPENDED and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        number: As a spreadsheet program shows it; of a selection, counted from 1.
        brought: As it was brought; "" of a selection.
        key: Key of the credential: the newest issue of the award that was named.
        outlook: What would happen, as judged last.
        detail: What more there is to say about it.
        issues: How many older issues of the same award are met too.
        last_change: Id of the last decision about it that this takeback knows; another one is somebody's own.
        told: What its earner was told last by mail, or "".
    """

    takeback: str
    number: int
    brought: str
    state: LineState
    outlook: Outlook
    key: str | None = None
    detail: str = ""
    issues: int = 0
    last_change: int | None = None
    told: str = ""

    @property
    def sentence(self) -> str:
        """What would happen, or has happened, in a sentence."""
        return self.detail or OUTLOOKS[self.outlook]
