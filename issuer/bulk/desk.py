# SPDX-License-Identifier: Apache-2.0
"""The steps of bulk issuing: brought, tried, proposed, started, cancelled; each with its audit line.

Rules kept here (threats I3):

- Nothing is signed before the whole file was tried (``trial``), and the one who brought it has typed the
  number of its good rows. Bad rows are left out only if that was said, otherwise the file is corrected.
- More than ``ALONE`` awards of an organisation, in one file or in several within a day, are started by a
  second person, who types the number too. Whoever brought the file never approves it; the database says so
  as well. A token is a program, and two tokens may lie in one drawer: it never is the second person. The
  operator at the terminal is one person, and is the second one for others only.
- Decision and audit line are one commit; the bell of the engine is rung afterwards.
- The same file again is told; the same Idempotency-Key gives the same bulk.
- What nobody decides about is forgotten after ``UNDECIDED``; what a file said of people, ``KEPT`` after the
  end at the latest, of issued rows at once. Results stay: they tell what the awards say.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from credentials.digests import sha256_hex
from issuer import achievements, actors, profiles, second_person
from issuer.bulk import engine, guards, reading, trial
from issuer.bulk.bulk import ALONE, DAY, JOB, Bulk, BulkState
from issuer.bulk.reading import Kind, Reading
from issuer.bulk.trial import FILE_BYTES, Progress
from issuer.errors import (
    BulkCountError,
    BulkFileError,
    BulkRowsBadError,
    BulkStateError,
    NoSuchAchievementError,
    NoSuchBulkError,
    SecondPersonError,
)
from issuer.mint import Mint
from issuer.store import bulk_decisions as decisions
from issuer.store import bulk_trials as rows
from issuer.store.bulk_trials import Trial
from service import audit
from service.errors import IdempotencyKeyReusedError
from service.text import count as count_of

TIDY_JOB: Final = "bulks-tidy"
AT_ONCE: Final = 65_536  # bytes of a file that is tried while whoever brings it waits: under a second
UNDECIDED: Final = timedelta(days=14)  # a file that nobody decided about
FIRST: Final = 100  # rows that are looked at for whose awards a file holds
KEPT: Final = timedelta(days=30)  # what a file said of people, after the end
LABEL_CHARS: Final = 120


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as it came: how it is written, its bytes, and what it is called."""

    kind: Kind
    data: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key, and the digest of the request that came with it."""

    text: str
    request_digest: str


def propose(
    mint: Mint,
    brought: Brought,
    *,
    issuer: str | None,
    sends_mail: bool,
    actor: str,
    now: datetime,
    key: Key | None = None,
    at_once: bool = True,
    progress: Progress | None = None,
) -> tuple[str, bool]:
    """Keep a file to be tried; return its bulk, and whether it is new.

    Args:
        mint: The opened room.
        brought: The file.
        issuer: Whose awards it may hold; None: those of its first award.
        sends_mail: Whether earners are to be written to.
        actor: Who brings it.
        now: This moment.
        key: Under which name of the request.
        at_once: Whether a small file is tried before this returns; larger ones are a job.
        progress: Told how far the trial came; then it is done here, however large the file is.

    Raises:
        BulkFileError: The file as a whole cannot be used.
        NoSuchIssuerError: There is no such organisation.
        IdempotencyKeyReusedError: The key was used for another file.
        BulkStateError: Too many files of the same maker wait.
    """
    if len(brought.data) > FILE_BYTES:
        raise BulkFileError(
            f"This file has {len(brought.data):,} bytes; up to {FILE_BYTES:,} fit. Split it into several.",
            expected=FILE_BYTES,
        )
    read = reading.read(brought.kind, brought.data, now=now)  # refuses headings that cannot be meant
    if issuer is None:
        issuer = _issuer(mint, read)
    else:
        profiles.get(mint, issuer)
    label = "".join(sign for sign in brought.name if sign.isprintable())[-LABEL_CHARS:].strip()
    bulk = Bulk(
        id=str(uuid.uuid4()),
        label=label or "awards",
        state=BulkState.TRIAL,
        rows=0,
        sends_mail=sends_mail,
        made_by=actor,
        made_at=now,
    )
    digest = digest_of(brought)
    known = Trial(bulk.id, issuer, brought.kind, digest, reading.count(brought.kind, brought.data))
    name = None if key is None else f"{actor} {key.text}"
    packed = trial.pack(brought.data)
    with mint.db.transaction() as session:
        before = None if name is None else rows.by_key(session, name)
        if before is not None and key is not None:
            if before[1] != key.request_digest:
                raise IdempotencyKeyReusedError("This Idempotency-Key was used for another file.")
            return before[0], False
        guards.require_room(decisions.undecided(session, actor))
        rows.add(
            session,
            bulk,
            known,
            file=packed,
            key=name,
            request_digest=None if key is None else key.request_digest,
        )
        _record(session, "bulk.brought", bulk.id, actor=actor, now=now, sha256=digest)
    if progress is not None or (at_once and len(brought.data) <= AT_ONCE):
        trial.try_file(mint, bulk.id, now=now, progress=progress)
    else:
        mint.ring(trial.JOB)
    return bulk.id, True


def tried_before(mint: Mint, data: bytes, *, issuer: str | None, sends_mail: bool, actor: str) -> str | None:
    """Return the bulk of the same bytes that somebody tried and has not decided about, if it still holds.

    Args:
        mint: The opened room.
        data: The file.
        issuer: Whose awards it must hold; None: anybody's.
        sends_mail: Whether earners are to be written to.
        actor: Who asks; only what they brought themselves is meant.
    """
    with mint.db.reading() as session:
        id = decisions.tried_before(session, sha256_hex(data), actor, sends_mail=sends_mail)
        found = None if id is None else rows.get(session, id)
    if found is None or issuer not in (None, found[1].issuer):
        return None
    return None if guards.changed(mint, found[1]) else id


def confirm(mint: Mint, id: str, *, count: int, leaves_out: bool, actor: str, now: datetime) -> Bulk:
    """Let whoever brought a file start it, or propose it to a second person.

    Raises:
        NoSuchBulkError: There is none.
        BulkStateError: It is not tried yet, holds no good row, was decided already, or something that is
            signed with each row has changed.
        SecondPersonError: Somebody else brought it.
        BulkRowsBadError: There are bad rows, and nobody said that they are left out.
        BulkCountError: The number is another one.
    """
    with mint.db.transaction() as session:
        bulk, tried = _get(session, id)
        if bulk.state is not BulkState.TRIAL:
            raise BulkStateError(_DECIDED[bulk.state], got=bulk.state)
        if tried.tried_at is None:
            raise BulkStateError("The file is still being looked at. Wait until all of it was.")
        if not bulk.rows:
            raise BulkStateError("No row of this file can become an award. Correct it and bring it again.")
        if actor != bulk.made_by:
            raise SecondPersonError("Whoever brought the file decides about it first.")
        if tried.bad and not leaves_out:
            raise BulkRowsBadError(
                f"{count_of(tried.bad, 'row')} cannot become awards. Correct the file and bring it again, or "
                "say that they are left out."
            )
        _require(count, bulk)
        guards.require_whole(session, bulk)
        guards.require_same(mint, tried)
        alone = bulk.rows + decisions.alone(session, tried.issuer, since=now - DAY) <= ALONE
        if alone:
            decisions.start(session, id, before=BulkState.TRIAL, by=actor, leaves_out=leaves_out, now=now)
        else:
            decisions.propose(session, id, leaves_out=leaves_out)
            second_person.tell_of_bulk(mint, session, bulk, tried.issuer, now=now)
        action = "bulk.started" if alone else "bulk.proposed"
        _record(session, action, id, actor=actor, now=now, count=bulk.rows, left_out=tried.bad)
    mint.ring(JOB if alone else second_person.MAIL_JOB)
    return _now(mint, id)


def approve(mint: Mint, id: str, *, count: int, actor: str, now: datetime) -> Bulk:
    """Let a second person start what was proposed.

    Raises:
        NoSuchBulkError: There is none.
        BulkStateError: It is not proposed, or not any more; whoever proposed it may not issue any more; or
            something that is signed with each row has changed.
        SecondPersonError: It is the one who proposed it, or no person.
        BulkCountError: The number is another one.
    """
    with mint.db.transaction() as session:
        bulk, tried = _get(session, id)
        if bulk.state is not BulkState.PROPOSED:
            raise BulkStateError(_DECIDED.get(bulk.state, "It is not proposed yet."), got=bulk.state)
        require_second(bulk, actor)
        _require(count, bulk)
        guards.require_proposer(session, bulk, tried)
        guards.require_whole(session, bulk)
        guards.require_same(mint, tried)
        decisions.start(
            session, id, before=BulkState.PROPOSED, by=actor, leaves_out=tried.leaves_out, now=now
        )
        _record(session, "bulk.approved", id, actor=actor, now=now, count=bulk.rows, left_out=tried.bad)
    mint.ring(JOB)
    return _now(mint, id)


def require_second(bulk: Bulk, actor: str) -> None:
    """Refuse whoever cannot be the second person for a bulk.

    Raises:
        SecondPersonError: It is the same person, or a program.
    """
    if actor == bulk.made_by:
        raise SecondPersonError(
            f"More than {ALONE} awards are started by another person than the one who proposed them."
        )
    if not actors.is_person(actor):
        raise SecondPersonError(
            "An access token is no person. An officer of the organisation approves this, on the bulk's page."
        )


def cancel(mint: Mint, id: str, *, actor: str, now: datetime) -> Bulk:
    """End a bulk. What was issued stays, and what was begun is finished; twice changes nothing.

    Raises:
        NoSuchBulkError: There is none.
    """
    with mint.db.transaction() as session:
        _get(session, id)
        if decisions.cancel(session, id, now=now):
            _record(session, "bulk.cancelled", id, actor=actor, now=now)
            stopped = True
        else:
            stopped = False
    if not stopped:
        engine.cancel(mint, id, now=now, actor=actor)
    return _now(mint, id)


def tidy(mint: Mint, *, now: datetime) -> int:
    """Forget old trials, and what files said of people; the daily job. Return how many rows that were."""
    with mint.db.transaction() as session:
        return decisions.tidy(session, unstarted_before=now - UNDECIDED, ended_before=now - KEPT)


def digest_of(brought: Brought) -> str:
    """Return the digest by which the same file is known again."""
    return sha256_hex(brought.data)


def number(typed: str) -> int:
    """Return the number that somebody typed, in whatever way thousands are parted; -1 if it is none."""
    plain = re.sub(r"[\s,.’'\u00a0\u202f]", "", typed)
    return int(plain) if re.fullmatch(r"[0-9]{1,9}", plain) else -1


def _issuer(mint: Mint, read: Reading) -> str | None:
    """Return whose the first award is that can be found among the first rows, as the trial will say too."""
    try:
        for asked in islice(read.rows, FIRST):
            try:
                if asked.request is not None:
                    return achievements.find(mint, asked.achievement).issuer
            except NoSuchAchievementError:
                continue
    except BulkFileError:
        pass  # the trial tells it
    return None


_DECIDED: Final = {
    BulkState.PROPOSED: "It is proposed already, and waits for a second person.",
    BulkState.RUNNING: "It is being issued already.",
    BulkState.DONE: "It is issued already.",
    BulkState.CANCELLED: "It was cancelled. Bring the file again.",
}


def _require(count: int, bulk: Bulk) -> None:
    if count != bulk.rows:
        raise BulkCountError(
            "The number that was typed is not the number of awards in this file, so nothing was done. Look "
            "at it again.",
            expected=bulk.rows,
        )


def _get(session: object, id: str) -> tuple[Bulk, Trial]:
    found = rows.get(session, id)  # type: ignore[arg-type]  # the store knows what a session is
    if found is None:
        raise NoSuchBulkError("There is no bulk here with this number.", got=id[:64])
    return found


def _now(mint: Mint, id: str) -> Bulk:
    with mint.db.reading() as session:
        return _get(session, id)[0]


def _record(session: object, action: str, id: str, *, actor: str, now: datetime, **detail: str | int) -> None:
    audit.record(
        session,  # type: ignore[arg-type]
        actor=actor,
        action=action,
        subject=f"bulk:{id}",
        detail=detail,
        now=now,
    )
