# SPDX-License-Identifier: Apache-2.0
"""What the API says of takebacks, and what it takes: shapes, and how they are filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

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
from issuer.web import many
from issuer.web.many import COUNT, MAYBE, TEXT

TAKEBACK: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "label", "issuer", "state", "done", "total", "needs_attention", "result"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "label": TEXT,
        "issuer": TEXT,
        "chosen": {**TEXT, "description": "What was chosen, in words."},
        "state": {"type": "string", "enum": list(TakebackState)},
        "reason": {"type": "string", "enum": list(REASONS)},
        "public_reason": MAYBE,
        "done": {**COUNT, "description": "Credentials with which the step that runs has dealt."},
        "total": COUNT,
        "needs_attention": {
            **COUNT,
            "description": "Lines not taken back, and credentials that somebody decided about otherwise.",
        },
        "number": {**COUNT, "description": "Credentials to be withdrawn: what an approval names."},
        "earners": COUNT,
        "older_issues": {**COUNT, "description": "Older issues of the same awards, which are met too."},
        "outlooks": {"type": "object", "additionalProperties": COUNT},
        "states": {"type": "object", "additionalProperties": COUNT},
        "tells_earners": {"type": "boolean"},
        "needs_second_person": {"type": "boolean"},
        "approve_at": {**MAYBE, "description": "Where an officer agrees, while it waits for one."},
        "undo_until": {**MAYBE, "description": "Until when DELETE undoes everything."},
        "at_once": {
            "type": "boolean",
            "description": "Whether the window in which it can be undone is left out.",
        },
        "made_at": TEXT,
        "ended_at": MAYBE,
        "lines": {**TEXT, "format": "uri"},
        "result": {**TEXT, "format": "uri", "description": "All lines as CSV."},
    },
}
LINE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "line": COUNT,
        "brought": TEXT,
        "id": {**MAYBE, "description": "The credential."},
        "outlook": {"type": "string", "enum": list(Outlook)},
        "state": {"type": "string", "enum": list(LineState)},
        "sentence": TEXT,
        "older_issues": COUNT,
    },
}
TAKEBACKS: Final = many.listing(TAKEBACK)
LINES: Final = many.listing(LINE)


_WORD: Final = {"type": "string", "default": ""}
NEW: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A list of credentials, or all that are each of what is given.",
    "required": ["issuer", "reason"],
    "additionalProperties": False,
    "properties": {
        "issuer": {**TEXT, "description": "Short name of the issuer whose credentials they are."},
        "reason": {"type": "string", "enum": list(REASONS)},
        "credentials": {
            "type": "array",
            "items": TEXT,
            "default": [],
            "description": "Links, ids, keys or submissions.",
        },
        "bulk": {**_WORD, "description": "All that this bulk has issued."},
        "achievement": {**_WORD, "description": "All of this version."},
        "issued_from": {**_WORD, "description": "All issued from this UTC day on, as 2026-05-04."},
        "issued_until": {**_WORD, "description": "All issued until this UTC day, which is in."},
        "public_reason": {**_WORD, "description": "A sentence that everybody may read."},
        "note": {**_WORD, "description": "What only the issuer keeps."},
        "label": {**_WORD, "description": "What you call it."},
        "tells_earners": {"type": "boolean", "default": True, "description": "Whether earners are told."},
    },
}
APPROVAL: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["count"],
    "additionalProperties": False,
    "properties": {
        "count": {"type": "integer", "description": "The number that it is about."},
        "hasten": {
            **_WORD,
            "description": f"“{AT_ONCE}”: without undo; then a second person must agree.",
        },
    },
}


def order(mint: Mint, body: Mapping[str, Any]) -> trial.Order:
    """Return what is to be taken back."""
    return ordering.order(
        mint,
        organisation=body["issuer"],
        reason=body["reason"],
        names=reading.of(body["credentials"]) if body["credentials"] else (),
        bulk=body["bulk"],
        achievement=body["achievement"],
        first=ordering.day(body["issued_from"], "since"),
        last=ordering.day(body["issued_until"], "until"),
        label=body["label"],
        public_reason=body["public_reason"],
        note=body["note"],
        tells=body["tells_earners"],
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
