# SPDX-License-Identifier: Apache-2.0
"""What the headings of a CSV file of awards mean: in any case and order, by the names that offices use.

A heading leads to a place in an award as the API takes it (``issuer.api.NewAward``), such as
``/recipient/email``. One that looks like a misspelt one of ours is refused, since its column would be content
that nobody sees; one that has nothing to do with it is named, and left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from issuer.award import EVIDENCE_MAX
from issuer.errors import BulkFileError

ACHIEVEMENT: Final = "/achievement"
EMAIL: Final = "/recipient/email"
NAME: Final = "/recipient/name"
FIRST_NAME: Final = "/recipient/first"
LAST_NAME: Final = "/recipient/last"
RESULTS: Final = "/results"
SHOWN_CHARS: Final = 60  # characters of a stranger's heading that a sentence repeats
FAULTS: Final = 10  # headings of which something is told
HEADING_CHARS: Final = 500  # characters of a heading that are looked at; a rubric's criterion has a few
ALIKE: Final = 0.75  # how much a heading looks like one of ours before we ask whether it is meant

# The first word of each is the one that we tell people.
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    ACHIEVEMENT: (
        "achievement",
        "micro credential",
        "microcredential",
        "achievement id",
        "achievement code",
        "code",
        "badge",
    ),
    EMAIL: ("email", "e mail", "email address", "e mail address", "mail", "recipient email", "recipient"),
    NAME: ("name", "full name", "recipient name", "educator"),
    FIRST_NAME: ("first name", "given name"),
    LAST_NAME: ("last name", "family name", "surname"),
    "/awarded_date": ("awarded", "awarded date", "award date", "date awarded", "awarded on", "date"),
    "/submission": ("submission", "submission id"),
    RESULTS: ("results", "levels"),
    "/narrative": ("narrative",),
    "/activity/start": ("activity start", "start", "start date", "activity from"),
    "/activity/end": ("activity end", "end", "end date", "activity until"),
}
_EVIDENCE: Final[Mapping[str, str]] = {
    "": "name",
    "name": "name",
    "title": "name",
    "url": "url",
    "link": "url",
    "description": "description",
    "narrative": "narrative",
    "genre": "genre",
    "kind": "genre",
    "audience": "audience",
    "text": "text",
    "digest": "digest_multibase",
    "digest multibase": "digest_multibase",
    "sha256": "sha256",
    "sha 256": "sha256",
}
_PLACES: Final = {word: place for place, words in WORDS.items() for word in words}
_PIECE: Final = re.compile(
    r"evidence(?: (?P<first>\d{1,2}))?(?: (?P<word>[a-z][a-z0-9 ]*?))??(?: (?P<last>\d{1,2}))?"
)
_LEVEL: Final = re.compile(r"(?:level|result)s? ?[:.] ?(?P<criterion>.+)|(?:level|result) (?P<plain>.+)")
_COMMON: Final = frozenset(("e", "id", "address", "recipient"))  # words of many a heading
_KNOWN: Final = (*_PLACES, *(f"evidence {word}".strip() for word in _EVIDENCE))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading as it was written, and its place in an award."""

    heading: str
    place: str


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns; None is one that is not read.

    Attributes:
        unread: The headings that we do not know.
    """

    columns: tuple[Column | None, ...]
    unread: tuple[str, ...]


def columns(headings: Sequence[str], *, row: int) -> Columns:
    """Return what the headings of a file mean.

    Raises:
        BulkFileError: Some look like misspelt ones of ours, stand twice, or needed ones are missing; its
            sentences, a line each, name all of them, since a file is brought again once.
    """
    found: list[Column | None] = []
    unread: list[tuple[int, str]] = []
    for number, heading in enumerate(headings, start=1):
        place = _place(_plain(heading))
        if place is None and heading:
            unread.append((number, heading))
        found.append(None if place is None else Column(heading[:SHOWN_CHARS], place))
    faults = [*_misspelt(unread), *_twice(found), *_missing(found, [heading for _, heading in unread])]
    if faults:
        told = [f"The headings in row {row} need another look.", *faults[:FAULTS]]
        told += [f"And {len(faults) - FAULTS} more."] if len(faults) > FAULTS else []
        raise BulkFileError("\n".join([*told, _told(found, unread)]), got=len(faults))
    return Columns(tuple(found), tuple(heading[:SHOWN_CHARS] for _, heading in unread))


def _misspelt(unread: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Yield a sentence for each heading that looks like one of ours; its column would be lost unseen."""
    for number, heading in unread:
        meant = _meant(heading)
        if meant:
            yield (
                f"Column {number}: we do not know “{heading[:SHOWN_CHARS]}”; did you mean “{meant}”? If not, "
                "give it a name that has nothing to do with that."
            )


def _meant(heading: str) -> str:
    """Return which heading of ours one looks like, or ""."""
    close = get_close_matches(_plain(heading), _KNOWN, n=1, cutoff=ALIKE)
    if not close:
        return ""
    return WORDS[_PLACES[close[0]]][0] if close[0] in _PLACES else close[0]


def _twice(found: Sequence[Column | None]) -> Iterator[str]:
    first: dict[str, str] = {}
    for column in found:
        if column is not None and column.place in first:
            yield f"“{first[column.place]}” and “{column.heading}” are two columns of one meaning."
        elif column is not None:
            first[column.place] = column.heading


def _missing(found: Sequence[Column | None], unread: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each needed column that is not there, with the headings that may be meant."""
    places = {each.place for each in found if each is not None}
    meant = {_meant(heading) for heading in unread}
    for needed in (ACHIEVEMENT, EMAIL):
        if needed in places or WORDS[needed][0] in meant:
            continue
        known = {part for word in WORDS[needed] for part in word.split()} - _COMMON
        near = [each for each in unread if known.intersection(_plain(each).split()) and not _meant(each)]
        hint = f" If {_named(near)} is meant, call it so." if near else ""
        yield f"“{WORDS[needed][0]}” is missing, and needed.{hint}"


def _told(found: Sequence[Column | None], unread: Sequence[tuple[int, str]]) -> str:
    """Return which headings the file has."""
    known = [each.heading for each in found if each is not None]
    told = f"Known: {_named(known)}." if known else "It holds no heading that we know."
    return f"{told} Not known: {_named([heading for _, heading in unread])}." if unread else told


def _named(headings: Sequence[str]) -> str:
    more = f" and {len(headings) - 20} more" if len(headings) > 20 else ""
    return ", ".join(f"“{each[:SHOWN_CHARS]}”" for each in headings[:20]) + more


def _plain(heading: str) -> str:
    return " ".join(re.sub(r"[_\-\s]+", " ", heading[:HEADING_CHARS].casefold()).split())


def _place(heading: str) -> str | None:
    if heading in _PLACES:
        return _PLACES[heading]
    level = _LEVEL.fullmatch(heading)
    if level:
        criterion = (level["criterion"] or level["plain"]).strip().replace(" ", "-")
        return f"{RESULTS}/{criterion}"
    piece = _PIECE.fullmatch(heading)
    if piece and not (piece["first"] and piece["last"]) and (piece["word"] or "") in _EVIDENCE:
        number = int(piece["first"] or piece["last"] or 1)
        if 1 <= number <= EVIDENCE_MAX:
            return f"/evidence/{number - 1}/{_EVIDENCE[piece['word'] or '']}"
    return None
