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
from service import forms
from service.errors import FieldsError, Finding

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


_WORD: Final = {"type": "string", "default": ""}
NEW: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A list of credentials, or all that are each of what is given.",
    "required": ["issuer", "reason"],
    "additionalProperties": False,
    "properties": {
        "issuer": {**_TEXT, "description": "Short name of the issuer whose credentials they are."},
        "reason": {"type": "string", "enum": list(REASONS)},
        "credentials": {
            "type": "array",
            "items": _TEXT,
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
_KINDS: Final[Mapping[str, tuple[type, str, str]]] = {
    "string": (str, "field.string-type", "This must be a text."),
    "integer": (int, "field.int-type", "This must be a whole number."),
    "boolean": (bool, "field.bool-type", "This must be true or false."),
    "array": (list, "field.list-type", "This must be a list."),
}


def read(schema: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a body, strictly read by its schema, with defaults in the place of missing ones.

    Raises:
        FieldsError: A member is missing, unknown or of another kind.
    """
    known = schema["properties"]
    findings = [
        Finding(f"/{name}", "field.extra-forbidden", "There is no such member.")
        for name in members
        if name not in known
    ]
    for name, kind in known.items():
        if name not in members:
            if name in schema["required"]:
                findings.append(Finding(f"/{name}", "field.missing", "This is missing."))
            continue
        findings += _findings(f"/{name}", kind, members[name])
    if findings:
        word = "One field needs" if len(findings) == 1 else "Some fields need"
        raise FieldsError(f"{word} another look.", findings=findings[: forms.FINDINGS])
    return {name: members.get(name, kind.get("default")) for name, kind in known.items()}


def _findings(place: str, kind: Mapping[str, Any], value: object) -> list[Finding]:
    """Return what is wrong with a value; a word that is none of a list is the room's matter."""
    wanted, code, words = _KINDS[kind["type"]]
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        return [Finding(place, code, words)]
    if not isinstance(value, list):
        return []
    return [each for at, one in enumerate(value) for each in _findings(f"{place}/{at}", kind["items"], one)]


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
