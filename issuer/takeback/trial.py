# SPDX-License-Identifier: Apache-2.0
"""The dry run: what is to be taken back is read, looked up and judged, and nothing changes.

Its lines are kept, so that the page that is agreed to is the page that was looked at. They are judged and
written down in parts, so that nobody else waits for long and memory stays small.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from issuer import profiles
from issuer.errors import TakebackRequestError
from issuer.mint import Mint
from issuer.revocation import SENTENCES, Reason
from issuer.store import takeback_finds as finds
from issuer.store import takebacks as rows
from issuer.takeback import judging
from issuer.takeback.reading import Name, checked
from issuer.takeback.takeback import (
    LABEL_CHARS,
    NOTE_CHARS,
    REASONS,
    SENTENCE_CHARS,
    Line,
    Selection,
    Takeback,
    TakebackState,
)
from service import audit
from service.errors import IdempotencyKeyReusedError

NUMBER: Final = 100_000  # credentials of one selection, as many as a bulk has rows


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to take back, and why.

    Attributes:
        organisation: Slug of the issuer, checked to be one that whoever asks may speak for.
        chosen: Names of a list, or a selection.
        words: The same for people: "a list of 12 lines", "all of SEL1-v1".
        public_reason: A sentence for everybody; None gives the reason's own, if it has one.
        tells: Whether earners are written to.
    """

    organisation: str
    chosen: tuple[Name, ...] | Selection
    words: str
    reason: str
    label: str = ""
    public_reason: str | None = None
    note: str | None = None
    tells: bool = True


def try_out(
    mint: Mint,
    order: Order,
    *,
    now: datetime,
    actor: str,
    idempotency_key: str | None = None,
    digest: str | None = None,
) -> tuple[Takeback, bool]:
    """Return the takeback with every line judged, and whether it is new. No credential changes.

    Raises:
        TakebackRequestError: The order is not clear, or nothing is selected.
        NoSuchIssuerError: There is no such organisation.
        IdempotencyKeyReusedError: The key stands for another order.
    """
    profiles.get(mint, order.organisation)
    takeback = _takeback(order, now=now, actor=actor)
    key = None if idempotency_key is None else f"{actor} {idempotency_key}"
    with mint.db.transaction() as session:
        before = None if key is None else rows.by_key(session, key)
        if before is not None:
            return _repeated(session, before, digest), False
        rows.add(session, takeback, idempotency_key=key, request_digest=digest)
    number = total = 0
    for some in _judged(mint, takeback, order):
        total += len(some)
        number += sum(line.outlook.takes_back for line in some)
    with mint.db.transaction() as session:
        if total == 0:
            rows.drop(session, takeback.id)
        else:
            rows.set_totals(session, takeback.id, lines=total, number=number)
            audit.record(
                session,
                actor=actor,
                action="takeback.tried",
                subject=takeback.actor,
                detail={"organisation": takeback.organisation, "lines": total, "number": number},
                now=now,
            )
    if total == 0:
        raise TakebackRequestError("Nothing that was issued here is like that.", path="selection")
    return replace(takeback, lines=total, number=number), True


def _repeated(session: Any, before: tuple[str, str], digest: str | None) -> Takeback:
    found = rows.get(session, before[0])
    if found is None or before[1] != (digest or ""):
        raise IdempotencyKeyReusedError("This Idempotency-Key stands for another request already.")
    return found


def _judged(mint: Mint, takeback: Takeback, order: Order) -> Iterator[list[Line]]:
    """Judge all lines in parts, each written down in a commit of its own."""
    seen: set[str] = set()
    if isinstance(order.chosen, Selection):
        after = ""
        while len(seen) < NUMBER:
            with mint.db.transaction() as session:
                keys = finds.selected(
                    session,
                    order.chosen,
                    issuer=takeback.organisation,
                    after=after,
                    limit=judging.JUDGED,
                )
                if not keys:
                    return
                lines = judging.lines_of_keys(session, takeback, keys, first=len(seen) + 1, seen=seen)
                rows.add_lines(session, lines)
            after = keys[-1]
            yield lines
        raise TakebackRequestError(f"These are {NUMBER:,} or more. Choose fewer.", path="selection")
    for start in range(0, len(order.chosen), judging.JUDGED):
        with mint.db.transaction() as session:
            some = order.chosen[start : start + judging.JUDGED]
            lines = judging.lines_of_names(session, mint, takeback, some, seen)
            rows.add_lines(session, lines)
        yield lines


def _takeback(order: Order, *, now: datetime, actor: str) -> Takeback:
    if order.reason not in REASONS:
        raise TakebackRequestError(f"Say why: {', '.join(REASONS)}.", path="reason", got=order.reason[:40])
    public = (order.public_reason or "").strip() or None
    note = (order.note or "").strip() or None
    if public is None and Reason(order.reason) not in SENTENCES:
        raise TakebackRequestError(
            "Write a sentence that everybody may read: this reason has none of its own.", path="public_reason"
        )
    for text, most, path in (
        (public, SENTENCE_CHARS, "public_reason"),
        (note, NOTE_CHARS, "note"),
        (order.label, LABEL_CHARS, "label"),
    ):
        if text is not None and len(text) > most:
            raise TakebackRequestError(f"Up to {most:,} characters fit here.", path=path)
    if isinstance(order.chosen, Selection):
        _check(order.chosen)
    else:
        checked(list(order.chosen))
    return Takeback(
        id=str(uuid.uuid4()),
        organisation=order.organisation,
        label=order.label.strip() or order.words[:LABEL_CHARS],
        chosen=order.words[:300],
        state=TakebackState.TRIAL,
        reason=Reason(order.reason),
        public_reason=public,
        note=note,
        tells=order.tells,
        lines=0,
        number=0,
        made_by=actor,
        made_at=now,
    )


def _check(selection: Selection) -> None:
    if selection == Selection():
        raise TakebackRequestError("Bring a list, or choose a bulk, a version or days.", path="list")
    if selection.since and selection.until and selection.since >= selection.until:
        raise TakebackRequestError("The last day lies before the first one.", path="until")
