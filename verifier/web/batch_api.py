# SPDX-License-Identifier: Apache-2.0
"""What the API says of a batch: how far it is, and its rows; the shape, and the values."""

from __future__ import annotations

from typing import Any, Final

from credentials.dates import format_datetime
from service import openapi
from verifier import table, triage
from verifier.batching import View
from verifier.bureau import Bureau

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_TIME = {"type": "string", "format": "date-time"}
_MAYBE = {"type": ["string", "null"]}
BATCH: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "label", "state", "done", "total", "needs_attention", "verdicts", "result"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "label": _TEXT,
        "state": {"type": "string", "enum": ["open", "done", "cancelled"]},
        "done": _COUNT,
        "total": {**_COUNT, "description": "Grows when archives and PDFs are opened."},
        "needs_attention": {**_COUNT, "description": "Rows that a person must look at."},
        "verdicts": {"type": "object", "additionalProperties": _COUNT},
        "seconds_left": {"type": ["number", "null"], "description": "A guess."},
        "summary": {**_TEXT, "description": "How far it is, in words."},
        "made_at": _TIME,
        "ends_at": {**_TIME, "description": "When everything about it is deleted."},
        "result": {**_TEXT, "format": "uri", "description": "All rows as CSV."},
        "report": {**_MAYBE, "description": "The signed report, if one was asked for."},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["row", "place", "reference", "verdict", "needs_you", "answer"],
                "properties": {
                    "row": {**_TEXT, "description": "“7”, or “7.2” for the second thing in the seventh."},
                    "place": _TEXT,
                    "reference": _TEXT,
                    "verdict": {"enum": [*triage.WORDS, None], "description": "null while it waits."},
                    "needs_you": {"type": "boolean"},
                    "sentence": _MAYBE,
                    "name": _MAYBE,
                    "title": _MAYBE,
                    "confirmed": {
                        "type": "boolean",
                        "description": "Whether name, title and issuer are shown to be the issuer's word.",
                    },
                    "url": _MAYBE,
                    "checked_at": _MAYBE,
                    "answer": {**_MAYBE, "description": "Where the whole answer about it stands."},
                },
            },
        },
        "next": {**_MAYBE, "description": "Where the next rows stand."},
    },
}
REPLY: Final = openapi.Reply("How far it is, and rows.", {"application/json": BATCH, "text/html": None})


def address_of(bureau: Bureau, id: str) -> str:
    """Return the address of a batch."""
    return f"{bureau.public_url}/verify/batches/{id}"


def members_of(bureau: Bureau, view: View) -> dict[str, Any]:
    """Return how far a batch is."""
    batch, count = view.batch, view.count
    here = address_of(bureau, batch.id)
    report = f"{bureau.public_url}/verify/receipts/{batch.receipt}" if batch.receipt else None
    return {
        "id": batch.id,
        "label": batch.label,
        "state": batch.state,
        "done": count.done,
        "total": count.total,
        "needs_attention": count.needs_you,
        "verdicts": count.words,
        "seconds_left": view.seconds_left,
        "summary": table.summary(count, seconds_left=view.seconds_left),
        "made_at": format_datetime(batch.made_at),
        "ends_at": format_datetime(batch.ends_at),
        "result": f"{here}.csv",
        "report": report,
    }
