# SPDX-License-Identifier: Apache-2.0
"""A bulk of awards: its states, and those of its rows.

::

    bulk   trial → (proposed →) running → done    aside: cancelled, at any time before done
    row    waiting → begun → issued       aside: refused, with the reason; cancelled with its bulk
    row    bad: the trial found why it cannot become an award; it is left out, or the file is corrected

Rows are the queue: whoever works takes some for a while (``LEASE``) and writes down how far it came. Killed
anywhere, the lease lapses and another goes on from there. A row is awarded under an idempotency key of its
own, so that it cannot become two awards. *Begun* is a row whose award is written down with its places.

A bulk of more than ``ALONE`` rows is *proposed* by one and started by a second person (threats I3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

JOB: Final = "bulks"  # rows to awards, then the VC-JWT form of each
MAILS_JOB: Final = "bulk-mails"  # rung when all forms are made: a mail to each earner
CHUNK: Final = 500  # rows that are committed together: 0.3 s of work, three commits
LEASE: Final = timedelta(seconds=60)  # how long rows are somebody's; a chunk takes less than a second
ROWS: Final = 100_000  # rows of one bulk
DAY: Final = timedelta(hours=24)  # within which what is started alone in an organisation is counted together
ALONE: Final = 500  # awards that one person may start alone, in one bulk and in a day (threats, MASS_ACTION)


class BulkState(StrEnum):
    """Where a bulk is."""

    TRIAL = "trial"
    PROPOSED = "proposed"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class RowState(StrEnum):
    """Where a row is."""

    WAITING = "waiting"
    BEGUN = "begun"
    ISSUED = "issued"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Bulk:
    """One file of awards.

    Attributes:
        id: UUID.
        label: What its maker calls it.
        rows: How many rows it has that are to be issued; bad ones are not among them.
        sends_mail: Whether earners are written to when it is done.
        approved_by: Who started it: another than ``made_by``, or with up to ``ALONE`` rows the same.
    """

    id: str
    label: str
    state: BulkState
    rows: int
    sends_mail: bool
    made_by: str
    made_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        number: As a spreadsheet program shows it: the headings are row 1.
        content: The award as it was asked for, JSON.
        award: Key of the credential, once it is written down.
        reason: Why it was refused, or "".
    """

    bulk: str
    number: int
    state: RowState
    content: str
    award: str | None = None
    reason: str = ""

    @property
    def idempotency_key(self) -> str:
        """The key of the award that this row becomes."""
        return f"bulk:{self.bulk}:{self.number}"
