# SPDX-License-Identifier: Apache-2.0
"""Every key of ``recognition-policy/1``, as data: what it may hold and how much of it.

Recognition rules, "The format recognition-policy/1", row by row. A key that is not in ``POLICY`` is unknown,
and that is an error. What must make sense together is ``policy_sense``'s; texts become values in
``policy_reader``. The limits are ours: the format states none, and a policy is a text of a stranger (threats
N3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from credentials.achievement import AchievementType
from recognition.judging.facts import EVENTS, FACTS
from recognition.rule.policy import AWARDED_STAGE, FORMAT, SUBMISSION_STAGE, Overlap, Status

SOURCE_BYTES: Final = 65_536  # bytes of one policy; the longest example has 5,100
NESTING: Final = 8  # brackets inside brackets; the format needs 4
DOTS: Final = 6  # dots in one key (``a.b.c``); the format needs 3
ROWS: Final = 200  # rows of one table, such as [[require]]
LIST_ROWS: Final = 2_000  # micro-credentials on one accepted list; the national catalogue has about 250
TEXTS: Final = 500  # texts of one array
LABEL_CHARS: Final = 80  # characters of ids, codes, versions and values of facts
LINE_CHARS: Final = 300  # characters of a title or a name
PROSE_CHARS: Final = 2_000  # characters of a sentence for people or of a quotation
ISSUER_CHARS: Final = 512  # characters of a DID, as in lists of issuers
URL_CHARS: Final = 2_048  # characters, as for any address
AMOUNT_MOST: Final = Decimal(1_000_000)  # units; no cycle of anybody has more
AMOUNT_PLACES: Final = 4  # digits after the point
GROUP_MOST: Final = 500  # awards of one group: as many as one request may bring
YEARS_MOST: Final = 60  # years of one cycle
DAYS_MOST: Final = 36_600  # days of a deadline: a hundred years
TIMES_MOST: Final = 100  # attestations of one event; an example has 10
GRANTS: Final = 20  # rows of [[grant]]; the longest example has 2
BUCKETS: Final = 40  # of all grants together; the longest example has 5
LISTS: Final = 40  # accepted lists
DIGITS_MOST: Final = 40  # digits of an identifier

PURPOSES: Final = frozenset(
    {
        "licence-renewal",
        "salary-lane",
        "rank-change",
        "add-licence",
        "licence-endorsement",
        "paraeducator-fundamental-course-of-study",
    }
)
NO_UNITS: Final = frozenset({"learning-only", "ask-local", "supporting-document"})
CALENDAR_CAPS: Final = frozenset({"cycle", "ever"})
EACH_TIME: Final = frozenset({"once-ever", "per-credential"})
PRESENTED: Final = frozenset(
    {"scored-rubric", "verification-link", "attendance-style-record", "certificate-pdf"}
)
KINDS: Final = frozenset(AchievementType)


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people; ``has_lines``: it may have several lines."""

    max_chars: int = LINE_CHARS
    has_lines: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A name for machines.

    Attributes:
        shape: ``id`` (letters and digits, joined by ``-`` or ``_``), ``slug`` (the same in lower case, joined
            by ``-`` alone), or ``version`` (may stand in the path of an address).
    """

    shape: str = "id"
    max_chars: int = LABEL_CHARS


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these texts."""

    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Day:
    """A date without time."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number above 0."""

    most: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A decimal above 0, at most ``AMOUNT_MOST``, with at most ``AMOUNT_PLACES`` digits after the point."""


@dataclass(frozen=True, slots=True)
class Texts:
    """An array of texts, none of them twice."""

    each: Text | Label | OneOf = Text(LABEL_CHARS)
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Times:
    """``once-ever``, ``per-credential``, or how often."""


@dataclass(frozen=True, slots=True)
class Facts:
    """``{fact = [values]}``."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """``{bucket = amount}``."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with keys that it must have and keys that it may have."""

    must: Mapping[str, Rule] = field(default_factory=dict)
    may: Mapping[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """A non-empty array of tables."""

    row: Table
    most: int = ROWS


@dataclass(frozen=True, slots=True)
class ByBucket:
    """A table of tables, by bucket."""

    table: Table


Rule = Text | Label | OneOf | Day | Whole | Amount | Texts | Times | Facts | Amounts | Table | Rows | ByBucket


def _one(*values: str) -> OneOf:
    return OneOf(frozenset(values))


ID: Final = Label()
SLUG: Final = Label("slug")
LINE: Final = Text()
SHORT: Final = Text(LABEL_CHARS)
PROSE: Final = Text(PROSE_CHARS, has_lines=True)
_CODES: Final = Texts(SHORT)
_FACT: Final = OneOf(frozenset(FACTS))
_PURPOSE: Final = OneOf(PURPOSES)
_NO_UNITS: Final = OneOf(NO_UNITS)
_AWARDED_OR_CLAIMED: Final = _one("awarded", "claimed")
_PERIOD: Final = Table(must={"from": Day()}, may={"until": Day()})

_ACCEPT: Final = Table(
    must={
        "issuers": Texts(Text(ISSUER_CHARS), may_be_empty=True),
        "kinds": Texts(SHORT, may_be_empty=True),
    },
    may={"stacks": _CODES, "not_stacks": _CODES, "items": _CODES},
)
_WHO: Final = Table(
    may={
        "when": Facts(),
        "identifier": Table(must={"name": SHORT, "digits": Whole(DIGITS_MOST)}),
        "otherwise": Rows(Table(must={"when": Facts(), "outcome": _NO_UNITS, "say": PROSE})),
    }
)
_LIST: Final = Table(
    must={
        "id": ID,
        "title": LINE,
        "items": Rows(Table(must={"code": SHORT, "from": Day()}, may={"until": Day()}), LIST_ROWS),
    }
)
_REQUIRE: Final = Table(
    must={"event": _one(*EVENTS), "times": Times()},
    may={
        "before": _one("enrolled", "submitted", "awarded", "claimed"),
        "grants": Table(must={"amount": Amount(), "into": ID, "count": _one("once", "each")}),
        "say": PROSE,
    },
)
_GRANT: Final = Table(
    must={"id": ID, "take": Whole(GROUP_MOST), "into": Texts(ID)},
    may={
        "stage": _one(AWARDED_STAGE, SUBMISSION_STAGE),
        "related_by": _one("area", "stack", "list"),
        "leftover": _one("none", "pro-rata"),
        "amount": Amount(),
        "amount_from": _one("stated-hours"),
        "eligible": ByBucket(Table(may={"lists": Texts(ID), "stacks": _CODES, "items": _CODES})),
        "overlap": _one(*Overlap),
        "outcome": _one("granted", "proposal"),
        "approval": _one("local", "district", "state"),
        "then": Table(must={"issue": _one("pd-certificate"), "amount": Amount()}),
    },
)
_TOTAL: Final = Table(
    must={"amount": Amount()},
    may={
        "when": Facts(),
        "waived_when": Facts(),
        "per_additional": Table(must={"of": _FACT, "amount": Amount()}, may={"needs": Amounts()}),
    },
)

POLICY: Final = Table(
    must={
        "format": _one(FORMAT),
        "id": SLUG,
        "version": Label("version"),
        "title": LINE,
        "status": _one(*Status),
        "purpose": _PURPOSE,
        "jurisdiction": SHORT,
        "recognizer": LINE,
        "timezone": SHORT,
        "in_force": _PERIOD,
        "basis": _AWARDED_OR_CLAIMED,
        "unit": Table(must={"id": ID, "name": LINE}, may={"clock_hours": Amount()}),
        "sources": Rows(
            Table(
                must={
                    "ref": LINE,
                    "kind": _one("programme", "public-page", "regulation", "agreement"),
                    "says": PROSE,
                }
            )
        ),
        "unverified": Texts(SHORT, may_be_empty=True),
        "accept": _ACCEPT,
        "grant": Rows(_GRANT, GRANTS),
    },
    may={
        "convert": Table(
            must={
                "to": LINE,
                "per": Amount(),
                "rounding": _one("down", "none"),
                "remainder": _one("carry", "lost"),
            }
        ),
        "who": _WHO,
        "clock": Rows(
            Table(must={"cycle_years": Whole(YEARS_MOST), "date": _AWARDED_OR_CLAIMED}, may={"when": Facts()})
        ),
        "area": Rows(Table(must={"id": ID}, may={"stacks": _CODES, "items": _CODES})),
        "list": Rows(_LIST, LISTS),
        "require": Rows(_REQUIRE),
        "window": Rows(Table(must={"school_year": SHORT, "submit_by": Day(), "revise_by": Day()})),
        "deadline": Rows(
            Table(must={"claim_within_days": Whole(DAYS_MOST), "after": _one("awarded", "enrolled")})
        ),
        "present": Rows(Table(must={"what": OneOf(PRESENTED)}, may={"fields": Texts(LINE)})),
        "need": Rows(Table(must={"bucket": ID, "amount": Amount()}, may={"each": _FACT, "when": Facts()})),
        "total": Rows(_TOTAL),
        "cap": Rows(
            Table(
                must={"amount": Amount(), "per": OneOf(CALENDAR_CAPS | frozenset(FACTS))},
                may={"bucket": ID, "values": Texts(SHORT)},
            )
        ),
        "never": Rows(
            Table(
                must={"purpose": _PURPOSE, "say": PROSE}, may={"examples": Texts(LINE), "in_force": _PERIOD}
            )
        ),
        "also": Rows(Table(must={"purpose": _PURPOSE, "outcome": _NO_UNITS, "say": PROSE})),
        "turnaround": Table(must={"within_days": Whole(DAYS_MOST), "after": LINE}),
        "contact": Table(must={"name": LINE}, may={"url": Text(URL_CHARS)}),
    },
)
