# SPDX-License-Identifier: Apache-2.0
"""What the API says of takebacks, and what it takes: shapes, and how they are filled."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from issuer.mint import Mint
from issuer.takeback import ordering, reading, results, trial
from issuer.takeback.takeback import (
    AT_ONCE,
    REASONS,
    Line,
    LineState,
    Outlook,
    TakebackState,
)

_TEXT: Final = {"type": "string"}
_MAYBE: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}
TAKEBACK: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "label", "issuer", "state", "done", "total", "needs_attention", "result"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "label": _TEXT,
        "issuer": _TEXT,
        "chosen": {**_TEXT, "description": "What was chosen, in words."},
        "state": {"type": "string", "enum": list(TakebackState)},
        "reason": {"type": "string", "enum": list(REASONS)},
        "public_reason": _MAYBE,
        "done": {**_COUNT, "description": "Credentials with which the step that runs has dealt."},
        "total": _COUNT,
        "needs_attention": {
            **_COUNT,
            "description": "Lines not taken back, and credentials that somebody decided about otherwise.",
        },
        "number": {**_COUNT, "description": "Credentials to be withdrawn: what an approval names."},
        "earners": _COUNT,
        "older_issues": {**_COUNT, "description": "Older issues of the same awards, which are met too."},
        "outlooks": {"type": "object", "additionalProperties": _COUNT},
        "states": {"type": "object", "additionalProperties": _COUNT},
        "tells_earners": {"type": "boolean"},
        "needs_second_person": {"type": "boolean"},
        "approve_at": {**_MAYBE, "description": "Where an officer agrees, while it waits for one."},
        "undo_until": {**_MAYBE, "description": "Until when DELETE undoes everything."},
        "at_once": {
            "type": "boolean",
            "description": "Whether the window in which it can be undone is left out.",
        },
        "made_at": _TEXT,
        "ended_at": _MAYBE,
        "lines": {**_TEXT, "format": "uri"},
        "result": {**_TEXT, "format": "uri", "description": "All lines as CSV."},
    },
}
LINE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "line": _COUNT,
        "brought": _TEXT,
        "id": {**_MAYBE, "description": "The credential."},
        "outlook": {"type": "string", "enum": list(Outlook)},
        "state": {"type": "string", "enum": list(LineState)},
        "sentence": _TEXT,
        "older_issues": _COUNT,
    },
}
_NEXT: Final = {"next": {**_MAYBE, "format": "uri"}}
TAKEBACKS: Final = {"type": "object", "properties": {"items": {"type": "array", "items": TAKEBACK}, **_NEXT}}
LINES: Final = {"type": "object", "properties": {"items": {"type": "array", "items": LINE}, **_NEXT}}


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class NewTakeback(_Strict):
    """What to take back and why: a list of credentials, or all that are each of what is given."""

    issuer: str = Field(description="Short name of the issuer whose credentials they are.")
    reason: str = Field(description=f"One of {', '.join(REASONS)}.")
    credentials: list[str] = Field(default_factory=list, description="Links, ids, keys or submissions.")
    bulk: str = Field(default="", description="All that this bulk has issued.")
    achievement: str = Field(default="", description="All of this version.")
    issued_from: str = Field(default="", description="All issued from this UTC day on, as 2026-05-04.")
    issued_until: str = Field(default="", description="All issued until this UTC day, which is in.")
    public_reason: str = Field(default="", description="A sentence that everybody may read.")
    note: str = Field(default="", description="What only the issuer keeps.")
    label: str = Field(default="", description="What you call it.")
    tells_earners: bool = Field(default=True, description="Whether earners are written to.")


class Approval(_Strict):
    """The number that it is about, and the words that leave out the window."""

    count: int
    hasten: str = Field(
        default="", description=f"“{AT_ONCE}”: without undo; then a second person must agree."
    )


def order(mint: Mint, body: NewTakeback) -> trial.Order:
    """Return what is to be taken back."""
    return ordering.order(
        mint,
        organisation=body.issuer,
        reason=body.reason,
        names=reading.of(body.credentials) if body.credentials else (),
        bulk=body.bulk,
        achievement=body.achievement,
        first=ordering.day(body.issued_from, "since"),
        last=ordering.day(body.issued_until, "until"),
        label=body.label,
        public_reason=body.public_reason,
        note=body.note,
        tells=body.tells_earners,
    )


# What the room calls a field, and what a request does.
FIELDS: Final = {"list": "credentials", "since": "issued_from", "until": "issued_until", "selection": ""}


def line_of(mint: Mint, line: Line) -> dict[str, Any]:
    """Return what has happened to a line, or what would."""
    return {
        "line": line.number,
        "brought": line.brought,
        "id": results.link(mint, line) or None,
        "outlook": str(line.outlook),
        "state": str(line.state),
        "sentence": results.sentence(line),
        "older_issues": line.issues,
    }
