# SPDX-License-Identifier: Apache-2.0
"""Which lines of the ledger name an entry: looked up by name, so that a long ledger makes no answer slow."""

from __future__ import annotations

from recognition.judging.award import award_key
from recognition.judging.case import Case, Entry
from recognition.judging.facts import Used


def used_before(case: Case, entry: Entry) -> list[Used]:
    """Return the lines of the ledger that name this entry, for this purpose and stage."""
    lines, award = _lines_by_name(case), entry.award
    if award is None:
        named = [("item", entry.item), ("award", entry.key)]
    else:
        named = [("award", each) for each in (entry.credential_id, award.key, *award.also)]
        named += [("id", entry.credential_id)] if entry.credential_id else []
    found = {n: line for name in named for n, line in lines.get((entry.stage, *name), ())}
    if award is not None and award.also:
        # A file of facts names an award by its id; it may be that of another issue of the same award.
        found |= {
            n: line
            for (stage, kind, name), rows in lines.items()
            if name
            and kind != "item"
            and stage == entry.stage
            and _key(case, award.issuer_id, name) in award.also
            for n, line in rows
        }
    return [found[n] for n in sorted(found)]


def _lines_by_name(case: Case) -> dict[tuple[str, str, str], list[tuple[int, Used]]]:
    """Return the ledger's lines for this purpose by stage and by what they name, with their place."""
    lines: dict[tuple[str, str, str], list[tuple[int, Used]]] | None = case.known.get("used")
    if lines is None:
        lines = case.known["used"] = {}
        for number, line in enumerate(case.facts.used):
            for kind, name in (("item", line.item), ("award", line.award), ("id", line.credential_id)):
                if line.purpose in ("", case.purpose):
                    lines.setdefault((line.stage, kind, name), []).append((number, line))
    return lines


def _key(case: Case, issuer_id: str, name: str) -> str:
    key = ("award key", issuer_id, name)
    if key not in case.rules:
        case.rules[key] = award_key(issuer_id, name)
    found: str = case.rules[key]
    return found
