# SPDX-License-Identifier: Apache-2.0
"""What the API and ``--json`` say of a bulk and of its rows: the same words in both."""

from __future__ import annotations

from typing import Any, Final

from credentials.dates import format_datetime
from issuer.bulk.alike import Group
from issuer.bulk.bulk import Bulk, BulkState
from issuer.bulk.looking import View
from issuer.bulk.results import Line
from issuer.mint import Mint

PAGES: Final = "/issuing"  # where officers find their bulks
STATES: Final = ("trying", "tried", "proposed", "running", "done", "cancelled")


def address_of(mint: Mint, bulk: Bulk) -> str:
    """Return where programs find a bulk."""
    return f"{mint.public_url}/bulks/{bulk.id}"


def page_of(mint: Mint, bulk: Bulk) -> str:
    """Return where officers find a bulk."""
    return f"{mint.public_url}{PAGES}/{bulk.id}"


def members_of(mint: Mint, found: View) -> dict[str, Any]:
    """Return how far a bulk is."""
    bulk, tried = found.bulk, found.trial
    here = address_of(mint, bulk)
    refused = found.refused
    return {
        "id": bulk.id,
        "label": bulk.label,
        "issuer": tried.issuer,
        "state": state_of(found),
        "done": found.done,
        "total": found.total,
        "needs_attention": tried.bad + refused,
        "good": bulk.rows,
        "bad": tried.bad,
        "warned": tried.warned,
        "issued": found.issued,
        "refused": refused,
        "achievements": tried.summary.get("achievements", {}),
        "mails": tried.summary.get("mails", 0),
        "needs_second_person": found.needs_second,
        "approve_at": page_of(mint, bulk) if bulk.state is BulkState.PROPOSED else None,
        "same_file": [each.id for each in found.same_file],
        "notes": tried.summary.get("notes", []),
        "faults": [_group(each) for each in found.faults],
        "warnings": [_group(each) for each in found.warnings],
        "trouble": tried.trouble or None,
        "made_at": format_datetime(bulk.made_at),
        "rows": f"{here}/rows",
        "result": f"{here}/result.csv",
    }


def state_of(found: View) -> str:
    """Return the state of a bulk in one word."""
    if found.bulk.state is BulkState.TRIAL:
        return "tried" if found.is_tried else "trying"
    return str(found.bulk.state)


def row_of(line: Line) -> dict[str, Any]:
    """Return one row."""
    return {
        "row": line.number,
        "state": str(line.state),
        "email": line.email,
        "name": line.name,
        "achievement": line.achievement,
        "notes": list(line.notes),
        "id": line.link,
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "rows": group.rows,
        "where": group.where,
        "sentence": group.sentence,
        "varies": group.varies,
        "mend": group.mend or None,
    }
