# SPDX-License-Identifier: Apache-2.0
"""Of each line what would happen, worked out for many at once; and again just before somebody agrees."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from credentials.errors import HallmarkError
from issuer.award import AwardState
from issuer.errors import TakebackStateError
from issuer.issuance import credential_url
from issuer.mint import Mint
from issuer.store import decisions
from issuer.store import takeback_finds as finds
from issuer.store import takebacks as rows
from issuer.store.takeback_finds import Facts
from issuer.takeback.reading import Name
from issuer.takeback.takeback import Line, LineState, Outlook, Takeback

JUDGED: Final = 500  # lines that are judged together

_UNDECIDED: Final = (LineState.WAITING, LineState.REFUSED)  # the others are the job's
_UNSIGNED: Final = (AwardState.AWARDED, AwardState.INTENDED)
_BY_STATE: Final = {AwardState.REVOKED: Outlook.WITHDRAWN, AwardState.SUSPENDED: Outlook.UNDER_REVIEW}


@dataclass(frozen=True, slots=True)
class Fresh:
    """What judging again came to: how many would be withdrawn, and how many lines changed."""

    number: int
    changed: int


def lines_of_names(
    session: Any, mint: Mint, takeback: Takeback, names: Collection[Name], seen: set[str]
) -> list[Line]:
    """Return the lines of some names; ``seen`` are the keys of the lines before, and grows."""
    asked = [each for each in names if not each.trouble]
    keys = {each.text: each.key for each in asked}
    known = finds.by_names(session, [each.text for each in asked], [key for key in keys.values() if key])
    # A key in a link of somebody else is a coincidence, or a game.
    named = {
        each.text: known.get(each.text) or (known.get(each.key or "") if _is_ours(mint, each) else None)
        for each in asked
        if each.key is not None or each.text in known
    }
    rest = [each.text for each in asked if not named.get(each.text)]
    submitted = finds.by_submissions(session, rest, issuer=takeback.organisation)
    found: dict[int, tuple[str | None, str]] = {}
    for each in names:
        several = submitted.get(each.text, ())
        key = named.get(each.text) or (several[0] if len(several) == 1 else None)
        detail = each.trouble
        if len(several) > 1:
            detail = f"{len(several)} awards have this submission. Name each by its link."
        found[each.number] = key, detail
    texts = {each.number: each.text for each in names}
    return _lines(session, takeback, found, texts, seen)


def lines_of_keys(
    session: Any, takeback: Takeback, keys: Iterable[str], *, first: int, seen: set[str]
) -> list[Line]:
    """Return the lines of credentials that were selected, numbered from ``first``."""
    found: dict[int, tuple[str | None, str]] = {
        number: (key, "") for number, key in enumerate(keys, start=first)
    }
    return _lines(session, takeback, found, {}, seen)


def again(mint: Mint, takeback: Takeback) -> Fresh:
    """Judge all lines once more, and write down what has changed since.

    Raises:
        TakebackStateError: Somebody let it go on meanwhile; its lines are the job's then.
    """
    after, number, changed = 0, 0, 0
    while True:
        with mint.db.transaction() as session:
            _require_same(session, takeback)
            some = rows.lines(session, takeback.id, after=after, limit=JUDGED)
            if not some:
                break
            fresh = _judged_again(session, takeback, some)
            moved = [new for new, old in zip(fresh, some, strict=True) if new != old]
            rows.write(session, moved)
        after = some[-1].number
        number += sum(each.outlook.takes_back for each in fresh)
        changed += len(moved)
    with mint.db.transaction() as session:
        _require_same(session, takeback)
        rows.set_number(session, takeback.id, number)
    return Fresh(number, changed)


def _require_same(session: Any, takeback: Takeback) -> None:
    found = rows.get(session, takeback.id)
    if found is None or found.state is not takeback.state:
        raise TakebackStateError(
            "Somebody has just started or cancelled it. Look again.",
            got=None if found is None else found.state,
        )


def _lines(
    session: Any,
    takeback: Takeback,
    found: Mapping[int, tuple[str | None, str]],
    texts: Mapping[int, str],
    seen: set[str],
) -> list[Line]:
    keys = [key for key, _ in found.values() if key is not None]
    facts = dict(finds.facts(session, keys))
    newest = _newest(session, facts)
    others = rows.in_others(session, takeback.id, list(newest.values()))
    older = _older(session, newest.values())
    lines = []
    for number, (named, detail) in found.items():
        key = newest.get(named) if named is not None else None
        line = Line(
            takeback.id, number, texts.get(number, ""), LineState.REFUSED, Outlook.UNKNOWN, detail=detail
        )
        if key is not None and key in seen:
            line = replace(line, outlook=Outlook.REPEATED)
        elif key is not None:
            seen.add(key)
            line = _judged(replace(line, key=key), takeback, facts.get(key), others)
            line = replace(line, issues=older.get(key, 0), detail=_issued_again(line, named, key))
        lines.append(line)
    return lines


def _judged_again(session: Any, takeback: Takeback, some: Collection[Line]) -> list[Line]:
    facts = dict(finds.facts(session, [each.key for each in some if each.key is not None]))
    newest = _newest(session, facts)
    others = rows.in_others(session, takeback.id, list(facts))
    fresh = []
    for line in some:
        if line.key is None or line.state not in _UNDECIDED:
            fresh.append(line)
        elif newest.get(line.key) != line.key:  # issued again since
            fresh.append(_refused(line, Outlook.UNKNOWN, "It was issued again since. Name the newer one."))
        else:
            fresh.append(_judged(line, takeback, facts.get(line.key), others))
    return fresh


def _judged(line: Line, takeback: Takeback, facts: Facts | None, others: Collection[str]) -> Line:
    if facts is None:
        return _refused(line, Outlook.UNKNOWN)
    outlook = _outlook(takeback, facts, others)
    state = LineState.WAITING if outlook.takes_back else LineState.REFUSED
    detail = line.detail if outlook is line.outlook else ""
    return replace(line, outlook=outlook, state=state, detail=detail, last_change=facts.last_change)


def _refused(line: Line, outlook: Outlook, detail: str = "") -> Line:
    return replace(line, outlook=outlook, state=LineState.REFUSED, detail=detail)


def _outlook(takeback: Takeback, facts: Facts, others: Collection[str]) -> Outlook:
    if facts.issuer != takeback.organisation:
        return Outlook.ELSEWHERE
    if facts.state in _UNSIGNED or not facts.is_signed:
        return Outlook.NOT_ISSUED
    if facts.state is AwardState.REVOKED:
        return Outlook.WITHDRAWN
    if facts.key in others:
        return Outlook.IN_ANOTHER
    if "revocation" not in facts.purposes:
        return Outlook.NO_REVOCATION
    if facts.state in _BY_STATE:
        return _BY_STATE[facts.state]
    return Outlook.SUSPEND if "suspension" in facts.purposes else Outlook.NO_SUSPENSION


def _newest(session: Any, facts: dict[str, Facts]) -> dict[str, str]:
    """Return for each key that of the newest issue of its award, and add the facts of those."""
    newest = {key: key for key in facts}
    while True:
        behind = {key: facts[at].superseded_by for key, at in newest.items() if facts[at].superseded_by}
        if not behind:
            return newest
        missing = {by for by in behind.values() if by is not None and by not in facts}
        facts.update(finds.facts(session, missing))
        for key, by in behind.items():
            if by is None or by not in facts:
                facts[newest[key]] = replace(facts[newest[key]], superseded_by=None)
            else:
                newest[key] = by


def _older(session: Any, keys: Collection[str]) -> dict[str, int]:
    """Return how many older issues of its award are met with each key."""
    found: dict[str, int] = {}
    for some in finds.batches(dict.fromkeys(keys)):
        for key, older in decisions.older(session, some).items():
            found[key] = len(older)
    return found


def _issued_again(line: Line, named: str | None, key: str) -> str:
    if named == key or not line.outlook.takes_back:
        return line.detail
    return "It was issued again. The newest issue is taken back, and the older ones with it."


def _is_ours(mint: Mint, name: Name) -> bool:
    """Tell whether the name is a key by itself, or a link or id of ours that ends with one."""
    if name.key is None:
        return False
    is_bare = name.text.lower() in (name.key, f"urn:uuid:{name.key}")
    return is_bare or name.text.startswith(credential_url(mint, name.key))


def why_kept(facts: Facts | None, error: HallmarkError | None = None) -> str:
    """Return the sentence about a credential that somebody else decided about meanwhile."""
    if error is not None:
        return error.message
    return "It is not here any more." if facts is None else _KEPT.get(facts.state, _KEPT[AwardState.ISSUED])


_KEPT: Final = {
    AwardState.ISSUED: "Somebody has decided about it meanwhile: it is in force, and stays so.",
    AwardState.SUSPENDED: "Somebody has put it under review meanwhile, and it stays so.",
    AwardState.REVOKED: "Somebody has withdrawn it meanwhile.",
    AwardState.SUPERSEDED: "It was issued again meanwhile. The newer one stays in force.",
}
