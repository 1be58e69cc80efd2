# SPDX-License-Identifier: Apache-2.0
"""The dry run: what is to be taken back is read, looked up and judged, and nothing changes.

Until the last line is written down it is ``trying``, and nobody can start it. The lines are kept, so that
the page that is agreed to is the page that was looked at. They are judged and written down in parts, so that
nobody else waits for long and memory stays small.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from issuer import profiles
from issuer.errors import TakebackRequestError, TakebackStateError
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
    TRYING,
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

    With a key that came before it may be ``trying`` still, by another request. What that one left behind for
    longer than TRYING is forgotten, and begun again.

    Raises:
        TakebackRequestError: The order is not clear, or nothing is selected.
        NoSuchIssuerError: There is no such organisation.
        IdempotencyKeyReusedError: The key stands for another order.
        TakebackStateError: It was cancelled while it was tried out.
    """
    profiles.get(mint, order.organisation)
    takeback = _takeback(order, now=now, actor=actor)
    key = None if idempotency_key is None else f"{actor} {idempotency_key}"
    with mint.db.transaction() as session:
        before = None if key is None else rows.by_key(session, key)
        repeated = None if before is None else _repeated(session, before, digest, now=now)
        if repeated is not None:
            return repeated, False
        rows.add(session, takeback, idempotency_key=key, request_digest=digest)
    try:
        return _written(mint, takeback, order, now=now, actor=actor), True
    except TakebackRequestError:
        with mint.db.transaction() as session:
            rows.drop(session, takeback.id)
        raise


def _written(mint: Mint, takeback: Takeback, order: Order, *, now: datetime, actor: str) -> Takeback:
    """Write down all lines, and in the last commit that these are all."""
    number = total = 0
    for some in _judged(mint, takeback, order):
        total += len(some)
        number += sum(line.outlook.takes_back for line in some)
    if total == 0:
        raise TakebackRequestError("Nothing that was issued here is like that.", path="selection")
    with mint.db.transaction() as session:
        totals = {"lines": total, "number": number}
        before = (TakebackState.TRYING,)
        if not rows.step(session, takeback.id, before=before, after=TakebackState.TRIAL, **totals):
            raise _given_up()
        detail: dict[str, str | int] = {"organisation": takeback.organisation, **totals}
        audit.record(
            session, actor=actor, action="takeback.tried", subject=takeback.actor, detail=detail, now=now
        )
    return replace(takeback, state=TakebackState.TRIAL, lines=total, number=number)


def _keep(session: Any, takeback: Takeback, lines: list[Line]) -> None:
    """Keep lines, as long as the dry run is still being written."""
    found = rows.get(session, takeback.id)
    if found is None or found.state is not TakebackState.TRYING:
        raise _given_up()
    rows.add_lines(session, lines)


def _given_up() -> TakebackStateError:
    return TakebackStateError("It was cancelled while it was tried out.")


def _repeated(session: Any, before: tuple[str, str], digest: str | None, *, now: datetime) -> Takeback | None:
    """Return what this key stands for; None when that was left half written and is forgotten now."""
    found = rows.get(session, before[0])
    if found is None or before[1] != (digest or ""):
        raise IdempotencyKeyReusedError("This Idempotency-Key stands for another request already.")
    if found.state is TakebackState.TRYING and found.made_at <= now - TRYING:
        rows.drop(session, found.id)
        return None
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
                _keep(session, takeback, lines)
            after = keys[-1]
            yield lines
        raise TakebackRequestError(f"These are {NUMBER:,} or more. Choose fewer.", path="selection")
    for start in range(0, len(order.chosen), judging.JUDGED):
        with mint.db.transaction() as session:
            some = order.chosen[start : start + judging.JUDGED]
            lines = judging.lines_of_names(session, mint, takeback, some, seen)
            _keep(session, takeback, lines)
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
        state=TakebackState.TRYING,
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
