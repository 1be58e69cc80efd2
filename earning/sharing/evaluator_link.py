# SPDX-License-Identifier: Apache-2.0
"""Links for evaluators: what one is, when it is good, and what was typed about it. Rules only.

- A link shows the pieces of one award that are public or shown by link, for as long as the award stands,
  until its end date or until its educator withdraws it; both act at once and neither can be taken back.
- The secret in it has 128 random bits. Only its digest is kept, so it is shown once and to nobody else.
- A use is written down as when and which piece, never who or from where. Opening the same again within
  SAME_USE is the same use: readers reload, and fetch a file in portions.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from earning.errors import SharingFieldError

SECRET_BYTES: Final = 16  # bytes; 128 bits are not guessable
LABEL_CHARS: Final = 120  # characters
LASTS: Final = timedelta(days=30)  # what a link gets if nobody says otherwise
LASTS_MAX: Final = timedelta(days=365)  # a forgotten link must end by itself
LIVING_MAX: Final = 20  # links of one award that are good at the same time
EVER_MAX: Final = 200  # links of one award that are kept in the list
SAME_USE: Final = timedelta(minutes=10)
ENDS_SOON: Final = timedelta(days=3)  # when its educator is told that it will end
KEPT: Final = timedelta(days=365)  # how long a link that is over stays in the list, with its uses
ANSWERS: Final = "answers"  # stands for what was written, where others stand by id

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}")


class LinkState(StrEnum):
    """What became of a link."""

    GOOD = "good"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class EvaluatorLink:
    """One link, without its secret.

    Attributes:
        label: For whom it is, in its educator's words; nobody else sees it.
        shows_name: Whether it tells the educator's name, also where the public page does not.
        shows_answers: Whether it shows what was written, too.
        told_at: When its educator was told that it will end.
    """

    id: str
    application: str
    label: str
    shows_name: bool
    shows_answers: bool
    made_at: datetime
    ends_at: datetime
    withdrawn_at: datetime | None = None
    told_at: datetime | None = None

    def state(self, now: datetime) -> LinkState:
        """Return what became of it."""
        if self.withdrawn_at is not None:
            return LinkState.WITHDRAWN
        return LinkState.GOOD if now < self.ends_at else LinkState.ENDED


@dataclass(frozen=True, slots=True)
class Use:
    """One use: of a piece by its id, of the written answers, or of the page with all of them (None)."""

    link: str
    piece: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Fields:
    """What its educator says about a link; ``ends_on`` is its last day."""

    label: str
    ends_on: date
    shows_name: bool = False
    shows_answers: bool = False


def read(label: str, ends_on: str, *, shows_name: bool, shows_answers: bool, today: date) -> Fields:
    """Return what was typed about a new link; ``today`` is the day where its educator is.

    Raises:
        SharingFieldError: A field does not fit; ``path`` names it.
    """
    tidy = " ".join(label.split())
    if not 0 < len(tidy) <= LABEL_CHARS or not tidy.isprintable():
        raise SharingFieldError(
            f"Write for whom the link is, in up to {LABEL_CHARS} characters, like “District office”.",
            path="label",
        )
    latest = today + LASTS_MAX
    try:
        day = date.fromisoformat(ends_on.strip()) if ends_on.strip() else today + LASTS
    except ValueError:
        raise SharingFieldError(
            f"Write the last day like {today + LASTS:%Y-%m-%d}.", path="ends_on", got=ends_on[:20]
        ) from None
    if not today <= day <= latest:
        raise SharingFieldError(
            f"The last day is today at the earliest, and {latest:%Y-%m-%d} at the latest.", path="ends_on"
        )
    return Fields(tidy, day, shows_name, shows_answers)


def digest(token: str) -> str | None:
    """Return what is kept of a secret, or None for what cannot be one."""
    return hashlib.sha256(token.encode()).hexdigest() if _TOKEN.fullmatch(token) else None


def path(token: str) -> str:
    """Return the address of a link on our site."""
    return f"/shared/{token}"
