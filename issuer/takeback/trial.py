# SPDX-License-Identifier: Apache-2.0
"""The dry run: what is to be taken back is read, looked up and judged, and nothing changes.

Until the last line is written down it is ``trying``, and nobody can start it. The lines are kept, so that
the page that is agreed to is the page that was looked at. They are judged and written down in parts, so that
nobody else waits for long and memory stays small. Many of them are a job's: what is asked for is kept until
the last line, and a run that was killed is begun again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from issuer import profiles
from issuer.errors import TakebackRequestError, TakebackStateError
from issuer.mint import Mint
from issuer.revocation import SENTENCES, Reason
from issuer.store import takeback_finds as finds
from issuer.store import takeback_orders as orders
from issuer.store import takebacks as rows
from issuer.takeback import judging, ordered
from issuer.takeback.reading import Name, checked
from issuer.takeback.takeback import (
    LABEL_CHARS,
    NOTE_CHARS,
    REASONS,
    SENTENCE_CHARS,
    TRIAL_JOB,
    Line,
    Selection,
    Takeback,
    TakebackState,
)
from service import audit, clock
from service.errors import IdempotencyKeyReusedError
from service.text import day

NUMBER: Final = 100_000  # credentials of one selection, as many as a bulk has rows
AT_ONCE: Final = 2_000  # lines that are judged while whoever asks waits: 0.2 s of work
UNTRIED_MAX: Final = 10  # dry runs of one maker that are not at their end
LEASE: Final = timedelta(seconds=90)  # how long a dry run is somebody's; a part takes less than a second
STEP: Final = "takeback-tried"  # after the commit of each part

Progress = Callable[[int, int], None]
_Part = Callable[[Any, int], list[Line]]


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
    progress: Progress | None = None,
) -> tuple[Takeback, bool]:
    """Return a takeback, and whether it is new. No credential changes.

    Up to AT_ONCE lines are judged before this returns. More are the job's (``work_all``), and it is
    ``trying`` until the last one is; so may be what came before with the same key.

    Args:
        mint: The opened room.
        order: What to take back.
        now: This moment.
        actor: Who asks.
        idempotency_key: A name of the request, so that it is tried out once.
        digest: Of that request.
        progress: Told how many lines of how many are judged; then all of it is done here.

    Raises:
        TakebackRequestError: The order is not clear, nothing is selected, or too much.
        NoSuchIssuerError: There is no such organisation.
        IdempotencyKeyReusedError: The key stands for another order.
        TakebackStateError: It was cancelled while it was tried out, or many others wait.
    """
    profiles.get(mint, order.organisation)
    takeback = _takeback(order, now=now, actor=actor)
    with mint.db.reading() as session:
        takeback = replace(takeback, lines=_size(session, order))
    key = None if idempotency_key is None else f"{actor} {idempotency_key}"
    with mint.db.transaction() as session:
        before = None if key is None else rows.by_key(session, key)
        if before is not None:
            return _repeated(session, before, digest), False
        if orders.untried(session, actor) >= UNTRIED_MAX:
            raise TakebackStateError(f"{UNTRIED_MAX} of your dry runs are not at their end. Wait for one.")
        rows.add(session, takeback, idempotency_key=key, request_digest=digest)
        orders.add(session, takeback.id, ordered.pack(order.chosen))
    if progress is None and takeback.lines > AT_ONCE:
        mint.ring(TRIAL_JOB)
        return takeback, True
    if not try_lines(mint, takeback.id, now=now, progress=progress):
        raise TakebackStateError("It was cancelled while it was tried out.")
    with mint.db.reading() as session:
        return rows.get(session, takeback.id) or takeback, True


def work_all(mint: Mint, *, now: datetime) -> int:
    """Try out everything that waits for it; return how many lines that were."""
    begun = clock.monotonic()
    with mint.db.reading() as session:
        waiting = orders.waiting(session, now=now)
    return sum(try_lines(mint, id, now=now + timedelta(seconds=clock.monotonic() - begun)) for id in waiting)


def try_lines(mint: Mint, id: str, *, now: datetime, progress: Progress | None = None) -> int:
    """Judge all lines of one dry run; return how many. 0: another does it, or it was cancelled.

    Killed anywhere, it begins again when the lease has lapsed; who comes back afterwards writes nothing.
    """
    run, begun = str(uuid.uuid4()), clock.monotonic()
    with mint.db.transaction() as session:
        packed = orders.take(session, id, by=run, now=now, until=now + LEASE)
        takeback = rows.get(session, id)
    if packed is None or takeback is None:
        return 0
    number = total = 0
    for part in _parts(mint, takeback, ordered.unpack(packed)):
        moment = now + timedelta(seconds=clock.monotonic() - begun)
        with mint.db.transaction() as session:
            if not orders.hold(session, id, by=run, until=moment + LEASE):
                return 0
            lines = part(session, total)
            rows.add_lines(session, lines)
        total += len(lines)
        number += sum(line.outlook.takes_back for line in lines)
        mint.reached(STEP)
        if progress is not None:
            progress(total, takeback.lines)
    return total if _finish(mint, takeback, run, total, number, now=now) else 0


def _finish(mint: Mint, takeback: Takeback, run: str, total: int, number: int, *, now: datetime) -> bool:
    """Say that these are all lines; tell whether it is still this run's."""
    with mint.db.transaction() as session:
        if not orders.hold(session, takeback.id, by=run, until=now):
            return False
        orders.drop(session, takeback.id)
        totals = {"lines": total, "number": number}
        rows.step(session, takeback.id, before=(TakebackState.TRYING,), after=TakebackState.TRIAL, **totals)
        detail: dict[str, str | int] = {"organisation": takeback.organisation, **totals}
        audit.record(
            session,
            actor=takeback.made_by,
            action="takeback.tried",
            subject=takeback.actor,
            detail=detail,
            now=now,
        )
    return True


def _size(session: Any, order: Order) -> int:
    """Return how many lines there will be.

    Raises:
        TakebackRequestError: None, or more than NUMBER.
    """
    if not isinstance(order.chosen, Selection):
        return len(order.chosen)
    size = finds.selected_number(session, order.chosen, issuer=order.organisation, most=NUMBER + 1)
    if not size:
        raise TakebackRequestError("Nothing that was issued here is like that.", path="selection")
    if size > NUMBER:
        raise TakebackRequestError(f"These are more than {NUMBER:,}. Choose fewer.", path="selection")
    return size


def _repeated(session: Any, before: tuple[str, str], digest: str | None) -> Takeback:
    """Return what this key stands for."""
    found = rows.get(session, before[0])
    if found is None or before[1] != (digest or ""):
        raise IdempotencyKeyReusedError("This Idempotency-Key stands for another request already.")
    return found


def _parts(mint: Mint, takeback: Takeback, chosen: tuple[Name, ...] | Selection) -> Iterator[_Part]:
    """Yield what judges each part of the lines in a commit of its own, told how many there are before."""
    seen: set[str] = set()
    if isinstance(chosen, Selection):
        after = ""
        while True:
            with mint.db.reading() as session:
                keys = finds.selected(
                    session, chosen, issuer=takeback.organisation, after=after, limit=judging.JUDGED
                )
            if not keys or len(seen) >= NUMBER:
                return
            after = keys[-1]
            yield partial(_of_keys, takeback, keys, seen)
    for start in range(0, len(chosen), judging.JUDGED):
        yield partial(_of_names, mint, takeback, chosen[start : start + judging.JUDGED], seen)


def _of_keys(
    takeback: Takeback, keys: Sequence[str], seen: set[str], session: Any, before: int
) -> list[Line]:
    return judging.lines_of_keys(session, takeback, keys, first=before + 1, seen=seen)


def _of_names(
    mint: Mint, takeback: Takeback, names: Sequence[Name], seen: set[str], session: Any, _before: int
) -> list[Line]:
    return judging.lines_of_names(session, mint, takeback, names, seen)


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
        label=order.label.strip() or _label(order, now),
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


def _label(order: Order, now: datetime) -> str:
    """Return what an order is called by itself: what was chosen, or of a list the day."""
    if isinstance(order.chosen, Selection):
        return order.words[:LABEL_CHARS]
    return f"List of {day(now)}"


def _check(selection: Selection) -> None:
    if selection == Selection():
        raise TakebackRequestError("Bring a list, or choose a bulk, a version or days.", path="list")
    if selection.since and selection.until and selection.since >= selection.until:
        raise TakebackRequestError("The last day lies before the first one.", path="until")
