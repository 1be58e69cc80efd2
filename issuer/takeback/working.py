# SPDX-License-Identifier: Apache-2.0
"""The job ``takebacks``: carries out, chunk by chunk, what people have decided. Lines are the queue.

A chunk is one commit: the lines are read, each credential must stand as this takeback left it, then bits,
states, audit lines and the lines themselves are written. So whoever is killed anywhere leaves nothing half
done, and two who work at the same time take turns. What somebody else has decided about a credential
meanwhile stays.

Bells are rung, and whoever counts awards is told, after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from issuer import revocation, status_publisher
from issuer.award import AwardState
from issuer.deciding import Effect
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from issuer.store import takeback_finds as finds
from issuer.store import takebacks as rows
from issuer.takeback.judging import why_kept
from issuer.takeback.takeback import (
    BROUGHT_DAYS,
    CHUNK,
    EXPECTED,
    JOB,
    PROPOSED_DAYS,
    TRIAL_DAYS,
    TRYING,
    UNDO,
    Line,
    LineState,
    Outlook,
    Takeback,
    TakebackState,
)
from service import audit, clock

TIDY_JOB: Final = "takebacks-tidy"
SHIFT: Final = 20.0  # seconds after which other jobs get their turn
STEPS: Final = ("takeback-chunk", "takeback-step")  # after each commit: of a chunk, of a takeback's own state


def work(mint: Mint, *, now: datetime) -> int:
    """Do what is due for all takebacks; return how many lines were dealt with."""
    until, done = clock.monotonic() + SHIFT, 0
    with mint.db.reading() as session:
        waiting = rows.due(session, now=now)
    for id in waiting:
        while clock.monotonic() < until:
            number = _go_on(mint, id, now=now)
            if number is None:
                break
            done += number
        else:
            mint.ring(JOB)
            break
    return done


def tidy(mint: Mint, *, now: datetime) -> int:
    """Forget dry runs that nobody followed, let go of proposals that nobody agreed to, and old names."""
    with mint.db.transaction() as session:
        done = rows.forget_trials(session, made_before=now - TRIAL_DAYS, begun_before=now - TRYING)
        for id in rows.stale(session, proposed_before=now - PROPOSED_DAYS):
            rows.step(
                session,
                id,
                before=(TakebackState.PROPOSED,),
                after=TakebackState.CANCELLED,
                ended_by="system",
                ended_at=now,
            )
            audit.record(
                session, actor="system", action="takeback.cancelled", subject=f"takeback:{id}", now=now
            )
            done += 1
        return done + rows.forget_brought(session, ended_before=now - BROUGHT_DAYS)


@contextmanager
def unit(mint: Mint) -> Iterator[Any]:
    """One commit; after it the lists are published, and whoever counts awards is told (``status_job``)."""
    with mint.db.transaction() as session:
        yield session
    mint.ring(status_publisher.JOB)


def let_go(mint: Mint, session: Any, takeback: Takeback, lines: Sequence[Line], *, now: datetime) -> None:
    """End the reviews that this takeback began, in the caller's commit (``unit``)."""
    waiting = [each for each in lines if each.state is LineState.WAITING]
    reviewed = finds.suspended_by(
        session, [each.key for each in waiting if each.key is not None], actor=takeback.actor
    )  # whatever a line says: what this takeback has put under review does not stay so
    ours = [each for each in lines if each.state is LineState.SUSPENDED]
    ours += [
        replace(each, state=LineState.SUSPENDED, last_change=reviewed[each.key or ""])
        for each in waiting
        if each.key in reviewed
    ]
    spared = [replace(each, state=LineState.UNDONE) for each in waiting if each.key not in reviewed]
    rows.write(session, spared)
    wanted = Decision(AwardState.ISSUED, Reason.REVIEW_ENDED, note=f"Takeback {takeback.id} was undone.")
    _decide(mint, session, takeback, ours, (wanted, LineState.UNDONE), now=now)


def _go_on(mint: Mint, id: str, *, now: datetime) -> int | None:
    """Do the next chunk or step; return how many lines were dealt with, None when nothing is due."""
    with unit(mint) as session:
        takeback = rows.get(session, id)
        turn = None if takeback is None else _TURNS.get(takeback.state)
        if takeback is None or turn is None:
            return None
        if takeback.state is TakebackState.SUSPENDED and (takeback.ends_at is None or now < takeback.ends_at):
            return None
        chunk = turn(session, takeback)
        if not chunk:
            _end_step(session, takeback, now=now)
        elif takeback.state is TakebackState.UNDOING:
            let_go(mint, session, takeback, chunk, now=now)
        else:
            _decide(mint, session, takeback, chunk, _DECISIONS[takeback.state](takeback), now=now)
    mint.reached(STEPS[0] if chunk else STEPS[1])
    return len(chunk)


def _decide(
    mint: Mint,
    session: Any,
    takeback: Takeback,
    lines: Sequence[Line],
    step: tuple[Decision, LineState],
    *,
    now: datetime,
) -> None:
    """Carry out a decision about what still stands as this takeback left it, in the caller's commit."""
    if not lines:
        return
    wanted, after = step
    facts = finds.facts(session, [each.key for each in lines if each.key is not None])
    written: list[Line] = []
    ready: list[tuple[Line, str]] = []
    for line in lines:
        found = facts.get(line.key or "")
        expected = AwardState.SUSPENDED if line.state is LineState.SUSPENDED else EXPECTED[line.outlook]
        if found is not None and (found.state, found.last_change) == (expected, line.last_change):
            ready.append((line, found.key))
        else:
            written.append(replace(line, state=LineState.KEPT, detail=why_kept(found)))
    outcomes = revocation.decide_many(
        mint, [(key, wanted) for _, key in ready], now=now, actor=takeback.actor
    )
    changes = finds.last_changes(session, [key for _, key in ready])
    for (line, key), outcome in zip(ready, outcomes, strict=True):
        if outcome.effect is Effect.REFUSED:
            written.append(replace(line, state=LineState.KEPT, detail=why_kept(facts[key], outcome.error)))
        else:
            written.append(replace(line, state=after, last_change=changes.get(key)))
    rows.write(session, written)


def _end_step(session: Any, takeback: Takeback, *, now: datetime) -> None:
    """Let the takeback go on: no line is left for what it was about."""
    ends = now if takeback.is_hastened else now + UNDO
    after, changes = {
        TakebackState.SUSPENDING: (TakebackState.SUSPENDED, {"ends_at": ends}),
        TakebackState.SUSPENDED: (TakebackState.REVOKING, {}),
        TakebackState.REVOKING: (TakebackState.DONE, {"ended_at": now}),
        TakebackState.UNDOING: (TakebackState.UNDONE, {"ended_at": now}),
    }[takeback.state]
    rows.step(session, takeback.id, before=(takeback.state,), after=after, **changes)
    if after is not TakebackState.REVOKING:
        audit.record(
            session,
            actor="system",
            action=f"takeback.{'all-' if after is TakebackState.SUSPENDED else ''}{after}",
            subject=takeback.actor,
            detail={state: number for state, number in rows.count(session, takeback.id).items() if number},
            now=now,
        )


def _suspending(session: Any, takeback: Takeback) -> tuple[Line, ...]:
    return rows.lines(
        session, takeback.id, states=(LineState.WAITING,), outlooks=(Outlook.SUSPEND,), limit=CHUNK
    )


def _ended(_session: Any, _takeback: Takeback) -> tuple[Line, ...]:
    return ()


def _open(session: Any, takeback: Takeback) -> tuple[Line, ...]:
    return rows.lines(session, takeback.id, states=rows.OPEN, limit=CHUNK)


def _to_suspend(takeback: Takeback) -> tuple[Decision, LineState]:
    note = f"Takeback {takeback.id}"
    return Decision(AwardState.SUSPENDED, Reason.UNDER_REVIEW, note=note), LineState.SUSPENDED


def _to_revoke(takeback: Takeback) -> tuple[Decision, LineState]:
    decision = Decision(
        AwardState.REVOKED, takeback.reason, public_reason=takeback.public_reason, note=takeback.note
    )
    return decision, LineState.REVOKED


_TURNS: Final[dict[TakebackState, Callable[[Any, Takeback], tuple[Line, ...]]]] = {
    TakebackState.SUSPENDING: _suspending,
    TakebackState.SUSPENDED: _ended,
    TakebackState.REVOKING: _open,
    TakebackState.UNDOING: _open,
}
_DECISIONS: Final[dict[TakebackState, Callable[[Takeback], tuple[Decision, LineState]]]] = {
    TakebackState.SUSPENDING: _to_suspend,
    TakebackState.REVOKING: _to_revoke,
}
