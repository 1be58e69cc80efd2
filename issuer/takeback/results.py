# SPDX-License-Identifier: Apache-2.0
"""What would happen to each line, or has happened to it, as a table; and a takeback as JSON.

The table is written while it is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from credentials.dates import format_datetime
from issuer.issuance import credential_url
from issuer.mint import Mint
from issuer.takeback import looking
from issuer.takeback.takeback import PAGES, TAKES_BACK, Line, LineState, Outlook, Takeback, TakebackState
from service import spreadsheet

HEAD: Final = ("line", "brought", "credential", "achievement", "email", "outlook", "state", "what")
PART: Final = 500  # lines that are read together

WORDS: Final[Mapping[LineState, str]] = {
    LineState.REFUSED: "Not taken back",
    LineState.WAITING: "In force",
    LineState.SUSPENDED: "Under review",
    LineState.REVOKED: "Withdrawn",
    LineState.UNDONE: "As before",
    LineState.KEPT: "Decided otherwise",
}
_HAPPENED: Final[Mapping[LineState, str]] = {
    LineState.SUSPENDED: "It is under review, and withdrawn when the window ends.",
    LineState.REVOKED: "It is withdrawn.",
    LineState.UNDONE: "It was let go, and stands as before.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Some of the lines: a word for the address, a label, and which."""

    name: str
    label: str
    states: tuple[LineState, ...] | None = None
    outlooks: tuple[Outlook, ...] | None = None


SHOWS: Final = (
    Shown("bad", "Not taken back", (LineState.REFUSED,)),
    Shown("late", "In force until the end", (LineState.WAITING,), (Outlook.NO_SUSPENSION,)),
    Shown("good", "To be withdrawn", (LineState.WAITING, LineState.SUSPENDED), TAKES_BACK),
    Shown("kept", "Decided otherwise", (LineState.KEPT,)),
    Shown("undone", "As before", (LineState.UNDONE,)),
    Shown("withdrawn", "Withdrawn", (LineState.REVOKED,)),
    Shown("all", "All"),
)


def first(takeback: Takeback) -> str:
    """Return which lines a page begins with, if there are some: what can still be mended, or undone."""
    if takeback.state.is_early or takeback.state is TakebackState.CANCELLED:
        return "bad"
    return {TakebackState.DONE: "withdrawn", TakebackState.UNDONE: "undone"}.get(takeback.state, "good")


def shown(name: str) -> Shown | None:
    """Return the filter of this name, or None."""
    return next((each for each in SHOWS if each.name == name), None)


def numbers(mint: Mint, view: looking.View) -> tuple[tuple[Shown, int], ...]:
    """Return the filters that show something, each with how many lines."""
    found: list[tuple[Shown, int]] = []
    for each in SHOWS:
        if each.states is None:
            number = sum(view.states.values())
        elif each.name == "late":
            number = looking.number(mint, view.takeback.id, states=each.states, outlooks=each.outlooks or ())
        else:
            number = sum(view.states[state] for state in each.states)
        if number:
            found.append((each, number))
    return tuple(found)


def sentence(line: Line) -> str:
    """Return what has happened to a line, or what would."""
    if line.state is LineState.KEPT or line.state not in _HAPPENED:
        return line.sentence
    return _HAPPENED[line.state]


def table(mint: Mint, takeback: Takeback, show: Shown | None = None) -> Iterator[bytes]:
    """Yield the lines as CSV in parts; no cell begins like a formula."""
    after = 0
    while True:
        some = looking.lines(
            mint,
            takeback.id,
            states=show.states if show else None,
            outlooks=show.outlooks if show else None,
            after=after,
            limit=PART,
        )
        known = looking.awards(mint, takeback, some)
        rows = [_cells(mint, takeback, line, known.get(line.key or "", ("", ""))) for line in some]
        part = spreadsheet.write(HEAD, rows, mark=after == 0)
        yield part if after == 0 else part.split(b"\r\n", 1)[1]
        if len(some) < PART:
            return
        after = some[-1].number


def link(mint: Mint, line: Line) -> str:
    """Return the link of the credential, or ""; of another organisation's what was brought is enough."""
    if line.key is None or line.outlook is Outlook.ELSEWHERE:
        return ""
    return credential_url(mint, line.key)


def members(mint: Mint, view: looking.View, *, now: datetime) -> dict[str, Any]:
    """Return how far a takeback is, as the API says it."""
    found, here = view.takeback, address(mint, view.takeback)
    can_undo = found.can_undo(now) and found.ends_at is not None
    return {
        "id": found.id,
        "label": found.label,
        "issuer": found.organisation,
        "chosen": found.chosen,
        "state": str(found.state),
        "reason": str(found.reason),
        "public_reason": found.public_reason,
        "done": view.done,
        "total": view.total,
        "needs_attention": view.bad + view.states[LineState.KEPT],
        "number": found.number,
        "earners": view.earners,
        "older_issues": view.issues,
        "outlooks": {str(word): number for word, number in view.outlooks.items() if number},
        "states": {str(state): number for state, number in view.states.items() if number},
        "tells_earners": found.tells,
        "needs_second_person": view.needs_second,
        "approve_at": f"{mint.public_url}{PAGES}/{found.id}"
        if found.state is TakebackState.PROPOSED
        else None,
        "undo_until": format_datetime(found.ends_at) if can_undo and found.ends_at is not None else None,
        "at_once": found.hasten_by is not None,
        "made_at": format_datetime(found.made_at),
        "ended_at": None if found.ended_at is None else format_datetime(found.ended_at),
        "lines": f"{here}/lines",
        "result": f"{here}/result.csv",
    }


def address(mint: Mint, found: Takeback) -> str:
    """Return the address of a takeback."""
    return f"{mint.public_url}/takebacks/{found.id}"


def is_trial(takeback: Takeback) -> bool:
    """Tell whether nothing has happened yet."""
    return takeback.state.is_early


def _cells(
    mint: Mint, takeback: Takeback, line: Line, award: tuple[str, str]
) -> tuple[spreadsheet.Cell, ...]:
    state = "" if is_trial(takeback) else str(line.state)
    return (line.number, line.brought, link(mint, line), *award, str(line.outlook), state, sentence(line))
