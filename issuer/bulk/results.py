# SPDX-License-Identifier: Apache-2.0
"""What became of the rows of a bulk: for pages, for the API, and as a table for offices.

With an award, name and address are what the award says today, so that a person who was forgotten is not told
here; without one they are what the file said, until that is forgotten too (``desk.KEPT``). No cell of a table
is taken for a formula.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from issuer import achievements
from issuer.award import AwardState
from issuer.bulk import content
from issuer.bulk.bulk import Bulk, BulkState, RowState
from issuer.mint import Mint
from issuer.retention import NOBODY
from issuer.store import bulk_outcomes as rows
from issuer.store.bulk_outcomes import Outcome
from service import spreadsheet

HEAD: Final = ("row", "email", "name", "micro-credential", "state", "link", "note")
STEP: Final = 1_000  # rows that are read together
PREVIEWED: Final = 10  # good rows that are shown in full before anything is issued

# What a list of rows may be asked for, and which states that means; None: whatever needs a look.
SHOWS: Final[Mapping[str, tuple[RowState, ...] | None]] = {
    "bad": (RowState.BAD,),
    "refused": (RowState.REFUSED,),
    "warned": None,
    "issued": (RowState.ISSUED,),
    "waiting": (RowState.WAITING, RowState.BEGUN),
    "cancelled": (RowState.CANCELLED,),
}
_WORDS: Final = {
    RowState.WAITING: "waiting",
    RowState.BEGUN: "being issued",
    RowState.ISSUED: "issued",
    RowState.REFUSED: "not issued",
    RowState.CANCELLED: "cancelled",
    RowState.BAD: "bad",
}
_TAKEABLE: Final = (AwardState.ISSUED, AwardState.SUSPENDED)
_STANDINGS: Final = {
    AwardState.REVOKED: "issued, then withdrawn",
    AwardState.SUSPENDED: "issued, under review",
    AwardState.SUPERSEDED: "issued, then replaced",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it is told.

    Attributes:
        word: Its state in words.
        notes: Why it is bad or was refused, or what somebody should look at.
        link: Of the credential, once it is issued.
        key: Of the credential, while it can be taken back.
    """

    number: int
    state: RowState
    word: str
    email: str
    name: str
    achievement: str
    notes: tuple[str, ...]
    link: str | None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What the credential of a good row will say."""

    number: int
    title: str
    email: str
    name: str | None
    awarded_at: datetime
    levels: tuple[tuple[str, str], ...]
    evidence: tuple[tuple[str, str | None], ...]
    narrative: str | None
    period: tuple[datetime | None, datetime | None]


def lines(mint: Mint, bulk: Bulk, *, show: str | None = None, after: int = 0, limit: int) -> tuple[Line, ...]:
    """Return rows in their order, behind the row ``after``: those of ``SHOWS``, or all."""
    states = SHOWS[show] if show is not None else None
    with mint.db.reading() as session:
        found = rows.outcomes(
            session,
            bulk.id,
            states=states,
            warned=show is not None and states is None,
            after=after,
            limit=limit,
        )
    return tuple(_line(bulk, each) for each in found)


def table(mint: Mint, bulk: Bulk, *, show: str | None = None) -> Iterator[bytes]:
    """Yield all rows as CSV, part by part, each part as of its moment."""
    yield spreadsheet.write(HEAD, ())
    after = 0
    while some := lines(mint, bulk, show=show, after=after, limit=STEP):
        yield spreadsheet.more([_cells(each) for each in some])
        after = some[-1].number


def previews(mint: Mint, bulk: Bulk) -> tuple[Preview, ...]:
    """Return what the first good rows will become."""
    with mint.db.reading() as session:
        found = rows.outcomes(session, bulk.id, states=(RowState.WAITING,), limit=PREVIEWED)
    return tuple(_preview(mint, each) for each in found if each.content)


def _preview(mint: Mint, outcome: Outcome) -> Preview:
    request = content.read(outcome.content, idempotency_key="preview")
    text = achievements.get(mint, request.achievement).micro_credential
    titles = {each.id: each.title for each in text.criteria}
    return Preview(
        number=outcome.number,
        title=text.title,
        email=request.email,
        name=request.name,
        awarded_at=request.awarded_at,
        levels=tuple((titles.get(criterion, criterion), level) for criterion, level in request.levels),
        evidence=tuple((piece.name, piece.url) for piece in request.evidence),
        narrative=request.narrative,
        period=(request.activity_start, request.activity_end),
    )


def _line(bulk: Bulk, outcome: Outcome) -> Line:
    said: Mapping[str, Any] = json.loads(outcome.content) if outcome.content else {}
    if outcome.award is not None:
        said = {**json.loads(outcome.award), "email": outcome.email, "achievement": outcome.achievement}
    if said.get("email") == NOBODY:
        said = {**said, "email": "", "name": None}
    return Line(
        number=outcome.number,
        state=outcome.state,
        word=_word(bulk, outcome),
        email=str(said.get("email") or ""),
        name=str(said.get("name") or ""),
        achievement=str(said.get("achievement") or ""),
        notes=tuple(filter(None, outcome.reason.split("\n"))),
        link=outcome.credential_id if outcome.state is RowState.ISSUED else None,
        key=outcome.key if outcome.standing in _TAKEABLE else None,
    )


def _word(bulk: Bulk, outcome: Outcome) -> str:
    if outcome.state is RowState.ISSUED and outcome.standing is not None:
        return _STANDINGS.get(AwardState(outcome.standing), _WORDS[outcome.state])
    if outcome.state is RowState.BAD and bulk.started_at is not None:
        return "left out"
    if outcome.state is RowState.WAITING and bulk.state in (BulkState.TRIAL, BulkState.PROPOSED):
        return "good"
    return _WORDS[outcome.state]


def _cells(line: Line) -> tuple[spreadsheet.Cell, ...]:
    return (
        line.number,
        line.email,
        line.name,
        line.achievement,
        line.word,
        line.link or "",
        " ".join(line.notes),
    )
