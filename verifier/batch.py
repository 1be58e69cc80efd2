# SPDX-License-Identifier: Apache-2.0
"""What a batch is: many things brought at once, and how far each has come. Its rows: ``store.batches``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

OPEN: Final = "open"
DONE: Final = "done"
CANCELLED: Final = "cancelled"


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch, with what was asked."""

    id: str
    label: str
    state: str
    issuers: str | None
    cycle_from: date | None
    cycle_until: date | None
    made_at: datetime
    ends_at: datetime
    begun_at: datetime | None = None
    done_at: datetime | None = None
    receipt: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be checked."""
        return self.state == OPEN


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a batch; ``verdict`` is None until it is checked."""

    position: int
    place: str
    reference: str = ""
    found: bool = False
    url: str | None = None
    file: str | None = None
    size: int = 0
    recipient: str | None = None
    asks_recipient: bool = False
    verdict: str | None = None
    needs_you: bool = False
    answer: bytes | None = None
    taken_until: datetime | None = None
    tries: int = 0
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of a batch there are of each kind."""

    total: int = 0
    done: int = 0
    needs_you: int = 0
    words: dict[str, int] = field(default_factory=dict)
