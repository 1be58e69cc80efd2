# SPDX-License-Identifier: Apache-2.0
"""A recognizer's rule as values: the format ``recognition-policy/1``, one class for each of its tables.

Read by ``policy_reader``, which refuses whatever is not as agreed; nothing here is ever built from a text
that was not checked. Amounts are ``Decimal`` in the policy's own unit, days are days in its own time zone. An
empty tuple means "not stated", and for ``Accept.issuers`` and ``Accept.kinds``, which must be stated,
"nobody".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

FORMAT: Final = "recognition-policy/1"
ANYBODY: Final = "*"  # every issuer on the recognizer's trust list
AWARDED_STAGE: Final = "awarded"
SUBMISSION_STAGE: Final = "complete-submission"

# ``when`` and ``waived_when``: all facts must match, each by any of its values.
When = Mapping[str, tuple[str, ...]]


class Status(StrEnum):
    """How far a policy's text is agreed. Only ``in-force`` may lead to an approval."""

    EXAMPLE = "example"
    DRAFT = "draft"
    IN_FORCE = "in-force"
    RETIRED = "retired"


class Overlap(StrEnum):
    """Whether one group may fill the needs of several buckets it is eligible for."""

    FORBIDDEN = "forbidden"
    ALLOWED = "allowed"  # the whole amount fills every one of them, and counts once in the total
    SPLIT = "split"  # the amount may be divided among them
    UNKNOWN = "unknown"  # acts as forbidden, and says that nobody has decided it


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, both inclusive; None is open."""

    first: date
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Unit:
    """The recognizer's measure; ``id`` carries its place (``PDP-MA``). Never added across ids."""

    id: str
    name: str
    clock_hours: Decimal | None = None  # informs only, never used to convert


@dataclass(frozen=True, slots=True)
class Conversion:
    """Units into credits of the same recognizer: ``per`` units make one; done once, on the cycle's sum."""

    to: str
    per: Decimal
    rounding: str  # "down" or "none"
    remainder: str  # "carry" or "lost"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rule is stated, and what is stated there."""

    ref: str
    kind: str  # "programme", "public-page", "regulation" or "agreement"
    says: str


@dataclass(frozen=True, slots=True)
class Accept:
    """Which awards count at all. ``issuers`` are DIDs, short names of the trust list, or ``*``."""

    issuers: tuple[str, ...]
    kinds: tuple[str, ...]
    stacks: tuple[str, ...] = ()
    not_stacks: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that the claim must carry, such as a PPID of seven digits."""

    name: str
    digits: int


@dataclass(frozen=True, slots=True)
class Otherwise:
    """The answer for somebody for whom ``who.when`` does not hold."""

    when: When
    outcome: str  # "learning-only", "ask-local" or "supporting-document"
    say: str


@dataclass(frozen=True, slots=True)
class Who:
    """Whom the rule is for."""

    when: When | None = None
    identifier: Identifier | None = None
    otherwise: tuple[Otherwise, ...] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """The cycle in which the award's (or the claim's) date must lie."""

    cycle_years: int
    date: str  # "awarded" or "claimed"
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """What the recognizer means by "related"."""

    id: str
    stacks: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedItem:
    """A micro-credential on an accepted list, with the days on which it stands there."""

    code: str
    on: Period


@dataclass(frozen=True, slots=True)
class AcceptedList:
    """An accepted list; membership is judged on the award date."""

    id: str
    title: str
    items: tuple[ListedItem, ...]


@dataclass(frozen=True, slots=True)
class Attendance:
    """Units that attendance itself grants; ``count`` is ``once`` or ``each``."""

    amount: Decimal
    into: str
    count: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """An attestation that must exist.

    Attributes:
        times: ``once-ever``, ``per-credential``, or how often.
        before: ``enrolled``, ``submitted``, ``awarded`` or ``claimed``; None: whenever.
    """

    event: str
    times: str | int
    before: str | None = None
    grants: Attendance | None = None
    say: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A season of the recognizer's units: a school year (``2023-24``) with its two last days."""

    school_year: str
    submit_by: date
    revise_by: date


@dataclass(frozen=True, slots=True)
class Deadline:
    """Claim at most so many days after ``awarded`` or ``enrolled``."""

    claim_within_days: int
    after: str


@dataclass(frozen=True, slots=True)
class Present:
    """What the desk must be able to show."""

    what: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Eligible:
    """Which awards a bucket is open to; any one of the three fits."""

    lists: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Then:
    """What is issued on approval: a ``pd-certificate`` over ``amount`` units."""

    issue: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Grant:
    """What groups of exactly ``take`` awards give.

    Attributes:
        into: The buckets a group may go into, in order of preference.
        amount: Units per group; None: ``amount_from`` says where the number comes from.
        related_by: ``area``, ``stack`` or ``list``: a common one is needed; None: any awards make a group.
        leftover: ``none``, or ``pro-rata`` (amount / take for each award left over).
        eligible: By bucket; a bucket that is not named is open to all.
    """

    id: str
    take: int
    into: tuple[str, ...]
    amount: Decimal | None = None
    amount_from: str | None = None
    stage: str = AWARDED_STAGE
    related_by: str | None = None
    leftover: str = "none"
    eligible: Mapping[str, Eligible] = field(default_factory=dict)
    overlap: Overlap = Overlap.FORBIDDEN
    outcome: str = "granted"
    approval: str | None = None
    then: Then | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What a bucket must be filled with; with ``each`` once per value of that fact."""

    bucket: str
    amount: Decimal
    each: str | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class PerAdditional:
    """More for the second, third … value of the fact ``of``."""

    of: str
    amount: Decimal
    needs: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Total:
    """The sum to reach; the first row that holds."""

    amount: Decimal
    when: When | None = None
    waived_when: When | None = None
    per_additional: PerAdditional | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """An upper limit per ``cycle``, ``ever``, or value of a fact, counting the ledger."""

    amount: Decimal
    per: str
    bucket: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Never:
    """A purpose that is always refused, with this sentence."""

    purpose: str
    say: str
    examples: tuple[str, ...] = ()
    in_force: Period | None = None


@dataclass(frozen=True, slots=True)
class Also:
    """A further purpose that has an answer but no units."""

    purpose: str
    outcome: str
    say: str


@dataclass(frozen=True, slots=True)
class Turnaround:
    """A promise of time."""

    within_days: int
    after: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask: an office, not a person."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of one rule.

    Attributes:
        version: The recognizer's label for this text; opaque, never ordered.
        basis: ``awarded`` or ``claimed``: which date selects the version.
        unverified: Places whose value is ours and not the source's.
        sha256: Of its exact bytes, lower-case hexadecimal.
        source: Its exact bytes, TOML.
    """

    id: str
    version: str
    title: str
    status: Status
    purpose: str
    jurisdiction: str
    recognizer: str
    timezone: str
    in_force: Period
    basis: str
    unit: Unit
    sources: tuple[Source, ...]
    unverified: tuple[str, ...]
    accept: Accept
    grants: tuple[Grant, ...]
    convert: Conversion | None = None
    who: Who = field(default_factory=Who)
    clocks: tuple[Clock, ...] = ()
    areas: tuple[Area, ...] = ()
    lists: tuple[AcceptedList, ...] = ()
    requires: tuple[Requirement, ...] = ()
    windows: tuple[Window, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    presents: tuple[Present, ...] = ()
    needs: tuple[Need, ...] = ()
    totals: tuple[Total, ...] = ()
    caps: tuple[Cap, ...] = ()
    nevers: tuple[Never, ...] = ()
    alsos: tuple[Also, ...] = ()
    turnaround: Turnaround | None = None
    contact: Contact | None = None
    sha256: str = ""
    source: bytes = field(default=b"", repr=False)

    @property
    def buckets(self) -> tuple[str, ...]:
        """Every bucket that a grant fills, in the order in which grants name them."""
        return tuple(dict.fromkeys(each for grant in self.grants for each in grant.into))

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that grants pay at, in the order in which they are allocated."""
        return tuple(dict.fromkeys(grant.stage for grant in self.grants))
