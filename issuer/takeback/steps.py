# SPDX-License-Identifier: Apache-2.0
"""What people decide about a takeback: start, agree, cancel, undo, hasten. The rows say it, the job does it.

Whoever starts types the number of credentials. Up to SECOND_PERSON within UNDO go on at once, whoever of the
organisation takes them back; above that, and where the window is to be left out, two people agree. Who
proposed it is never the second: the rule stands here and in the table. A token is neither of the two, since
nobody knows who holds it: what it proposes waits for a first person, whose proposal it is then, and for a
second. Before each of these everything is judged again, and if anything has changed since it was shown, it
does not go on and the new number is shown.

Nobody who undoes or cancels needs anybody else: that is the harmless direction.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from issuer import actors, second_person
from issuer.actors import PERSON, is_person
from issuer.errors import (
    NoSuchTakebackError,
    TakebackChangedError,
    TakebackCountError,
    TakebackSecondPersonError,
    TakebackStateError,
)
from issuer.mint import Mint
from issuer.store import takeback_orders as orders
from issuer.store import takebacks as rows
from issuer.takeback import judging, looking, working
from issuer.takeback.takeback import (
    AT_ONCE,
    JOB,
    LineState,
    Takeback,
    TakebackState,
)
from service import audit


def start(
    mint: Mint, id: str, *, number: int | None, actor: str, now: datetime, hasten: str = ""
) -> Takeback:
    """Start what was tried out, or propose it where a second person must agree; return it as it is then.

    Args:
        mint: The opened room.
        id: Of the takeback.
        number: What was typed: how many credentials.
        actor: Who asks.
        now: This moment.
        hasten: ``AT_ONCE`` to leave out the window; then a second person must agree.

    Raises:
        NoSuchTakebackError: There is none.
        TakebackStateError: It was started before, or there is nothing to take back.
        TakebackCountError: The number is another one, or the words are.
        TakebackChangedError: Something has changed since the dry run.
    """
    found = _required(mint, id, TakebackState.TRIAL)
    hastens = _hastens(hasten)
    _confirmed(mint, found, number)
    with mint.db.transaction() as session:
        found = _same(session, id, number)
        second = hastens or looking.needs_second(session, found, now=now)
        after = TakebackState.PROPOSED if second else TakebackState.SUSPENDING
        _step(
            session,
            found,
            (TakebackState.TRIAL,),
            after,
            needs_second=second,
            proposed_by=actor,
            proposed_at=now,
            hasten_by=actor if hastens else None,
        )
        _record(session, found, "proposed" if second else "started", actor=actor, now=now)
        found = looking.get(session, id, None)
        if second:
            second_person.tell_of_takeback(mint, session, found, now=now)
    mint.ring(second_person.MAIL_JOB if second else JOB)
    return found


def approve(
    mint: Mint, id: str, *, number: int | None, actor: str, now: datetime, hasten: str = ""
) -> Takeback:
    """Agree to what somebody else has proposed, so that it begins; return it as it is then.

    Where a program proposed it, the first who agrees becomes its proposer, and it waits for one more.

    Raises:
        NoSuchTakebackError: There is none.
        TakebackStateError: It does not wait for that, or whoever proposed it is no officer any more.
        TakebackSecondPersonError: The same person proposed it, or no person asks.
        TakebackCountError: The number is another one, or the words are missing.
        TakebackChangedError: Something has changed since it was shown.
    """
    found = _required(mint, id, TakebackState.PROPOSED)
    _require_person(actor)
    _require_another(found.proposed_by, actor, "proposed it")
    if found.hasten_by is not None and not _hastens(hasten):
        raise TakebackCountError(
            f"It is to be done {AT_ONCE}, without undo: type these words too.", expected=AT_ONCE
        )
    _confirmed(mint, found, number)
    with mint.db.transaction() as session:
        found = _same(session, id, number)
        _require_another(found.proposed_by, actor, "proposed it")
        if not is_person(found.proposed_by):
            return _taken_over(session, found, actor=actor, now=now)
        _require_officer(session, found)
        _step(
            session,
            found,
            (TakebackState.PROPOSED,),
            TakebackState.SUSPENDING,
            approved_by=actor,
            approved_at=now,
            hastened_by=actor if found.hasten_by is not None else None,
        )
        _record(session, found, "approved", actor=actor, now=now)
        found = looking.get(session, id, None)
    mint.ring(JOB)
    return found


def cancel(mint: Mint, id: str, *, actor: str, now: datetime) -> Takeback:
    """Let go of what nobody has agreed to yet; cancelled twice, it is the same.

    Raises:
        NoSuchTakebackError: There is none.
        TakebackStateError: It has begun; ``undo`` is what helps.
    """
    with mint.db.transaction() as session:
        found = looking.get(session, id, None)
        if found.state is not TakebackState.CANCELLED:
            before = tuple(each for each in TakebackState if each.is_early)
            _step(session, found, before, TakebackState.CANCELLED, ended_by=actor, ended_at=now)
            orders.drop(session, id)
            _record(session, found, "cancelled", actor=actor, now=now)
        return looking.get(session, id, None)


def undo(mint: Mint, id: str, *, actor: str, now: datetime) -> Takeback:
    """Let everything be as before: reviews end, and what was not under review stays in force.

    Raises:
        NoSuchTakebackError: There is none.
        TakebackStateError: The window has ended, or it had none.
    """
    with mint.db.transaction() as session:
        found = looking.get(session, id, None)
        if found.state not in (TakebackState.UNDOING, TakebackState.UNDONE):
            _require_open(found, now)
            before = (TakebackState.SUSPENDING, TakebackState.SUSPENDED)
            _step(session, found, before, TakebackState.UNDOING, ended_by=actor)
            _record(session, found, "undone", actor=actor, now=now)
        found = looking.get(session, id, None)
    mint.ring(JOB)
    return found


def undo_line(mint: Mint, id: str, number: int, *, actor: str, now: datetime) -> Takeback:
    """Let one credential go, and leave the others; done twice, it is the same.

    Raises:
        NoSuchTakebackError: There is none, or it has no such line.
        TakebackStateError: The window has ended, or the line is not among those to be withdrawn.
    """
    with working.unit(mint) as session:
        found = looking.get(session, id, None)
        line = rows.line(session, id, number)
        if line is None:
            raise NoSuchTakebackError("There is no such line here.")
        if line.state is not LineState.UNDONE:
            _require_open(found, now)
            if line.state not in rows.OPEN:
                raise TakebackStateError("This line is not among those that are to be withdrawn.")
            working.let_go(mint, session, found, (line,), now=now)
            _record(session, found, "line-undone", actor=actor, now=now, line=number)
    return found


def hasten(mint: Mint, id: str, *, words: str, actor: str, now: datetime) -> Takeback:
    """Ask that the window be left out, or agree to what somebody else has asked; return it as it is then.

    Raises:
        NoSuchTakebackError: There is none.
        TakebackCountError: The words are others.
        TakebackStateError: There is no window that could be left out.
        TakebackSecondPersonError: The same person asked, or no person does.
    """
    if not _hastens(words):
        raise TakebackCountError(f"Type the words “{AT_ONCE}”.", expected=AT_ONCE)
    with mint.db.transaction() as session:
        found = looking.get(session, id, None)
        _require_open(found, now)
        _require_person(actor)
        if found.hasten_by is None:
            _step(session, found, (found.state,), found.state, hasten_by=actor)
            _record(session, found, "hasten-asked", actor=actor, now=now)
            found = looking.get(session, id, None)
            second_person.tell_of_takeback(mint, session, found, now=now)
            return found
        _require_another(found.hasten_by, actor, "asked for it")
        ends = {"ends_at": now} if found.state is TakebackState.SUSPENDED else {}
        _step(session, found, (found.state,), found.state, hastened_by=actor, **ends)
        _record(session, found, "hastened", actor=actor, now=now)
        found = looking.get(session, id, None)
    mint.ring(JOB)
    return found


def _taken_over(session: Any, found: Takeback, *, actor: str, now: datetime) -> Takeback:
    """Let a person stand in the place of the program that proposed it."""
    _step(
        session,
        found,
        (TakebackState.PROPOSED,),
        TakebackState.PROPOSED,
        proposed_by=actor,
        proposed_at=now,
        hasten_by=actor if found.hasten_by is not None else None,
    )
    _record(session, found, "taken-over", actor=actor, now=now)
    return looking.get(session, found.id, None)


def _same(session: Any, id: str, number: int | None) -> Takeback:
    """Return the takeback for the step itself; its lines must be those that were judged and confirmed."""
    found = looking.get(session, id, None)
    waiting = rows.count(session, id)[LineState.WAITING]
    if found.state in (TakebackState.TRIAL, TakebackState.PROPOSED) and waiting != number:
        raise TakebackChangedError(
            f"Its lines have changed this moment. It is about {waiting:,} credentials now. Look again, and "
            "type that number.",
            expected=waiting,
        )
    return found


def _required(mint: Mint, id: str, state: TakebackState) -> Takeback:
    with mint.db.reading() as session:
        found = looking.get(session, id, None)
    if found.state is TakebackState.TRYING:
        raise TakebackStateError("It is still being tried out. Look again in a moment.", got=found.state)
    if found.state is not state:
        raise TakebackStateError(
            f"This cannot be done while it is {found.state}.", got=found.state, expected=state
        )
    return found


def _confirmed(mint: Mint, found: Takeback, number: int | None) -> None:
    """Judge everything again, and compare with what was typed."""
    fresh = judging.again(mint, found)
    if fresh.changed:
        raise TakebackChangedError(
            f"{fresh.changed:,} of the lines have changed since you looked. It is about {fresh.number:,} "
            "credentials now. Look again, and type that number.",
            expected=fresh.number,
        )
    if fresh.number == 0:
        raise TakebackStateError("There is nothing to take back.")
    if number != fresh.number:
        raise TakebackCountError(
            f"It is about {fresh.number:,} credentials. Type that number.", expected=fresh.number
        )


def _hastens(words: str) -> bool:
    """Tell whether these are the words; none are fine, others are a mistake.

    Raises:
        TakebackCountError: They are others.
    """
    said = " ".join(words.split()).casefold()
    if said not in ("", AT_ONCE):
        raise TakebackCountError(f"Type the words “{AT_ONCE}”, or leave the field empty.", expected=AT_ONCE)
    return bool(said)


def _require_person(actor: str) -> None:
    if not is_person(actor):
        raise TakebackSecondPersonError(
            "A person must agree to this, on the pages or at the terminal; a token cannot."
        )


def _require_another(first: str | None, actor: str, what: str) -> None:
    if first == actor:
        raise TakebackSecondPersonError(f"You have {what} yourself. A second person must agree.")


def _require_officer(session: Any, found: Takeback) -> None:
    """Refuse what was proposed by somebody whose role was taken back meanwhile."""
    first = found.proposed_by or ""
    if not first.startswith(PERSON):
        return
    if not actors.is_officer(session, first, found.organisation):
        raise TakebackStateError(
            "Whoever proposed this is not an officer of the organisation any more. "
            "Cancel it, and try it out again."
        )


def _require_open(found: Takeback, now: datetime) -> None:
    if not found.can_undo(now):
        raise TakebackStateError("This can be done only while the window is open.", got=found.state)


def _step(
    session: Any, found: Takeback, before: Collection[TakebackState], after: TakebackState, **changes: Any
) -> None:
    if not rows.step(session, found.id, before=before, after=after, **changes):
        raise TakebackStateError(f"This cannot be done while it is {found.state}.", got=found.state)


def _record(
    session: Any, found: Takeback, action: str, *, actor: str, now: datetime, line: int | None = None
) -> None:
    detail: dict[str, str | int | None] = {"organisation": found.organisation, "number": found.number}
    if line is not None:
        detail["line"] = line
    audit.record(
        session, actor=actor, action=f"takeback.{action}", subject=found.actor, detail=detail, now=now
    )
