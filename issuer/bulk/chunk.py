# SPDX-License-Identifier: Apache-2.0
"""The issuing cycle for a chunk of a bulk: the steps of ``issuance``, each durable before the next begins.

1. Rows are taken for a while (``bulk.LEASE``).
2. *placed, intended*: awards with their random ids and random places are composed and linted; they, the
   exact bytes, the time and the key of the proofs are written down in one commit. Lint runs whole for the
   first of each frame (``credentials.stencil``), over the slots for the others.
3. *signed*: in memory; every signature is verified. The first of a chunk, and one in 250, goes from its
   bytes through the whole verifier.
4. *stored*: signed bytes, audit line, and the state ``issued`` in one commit, if the key is still active.

Killed anywhere, the rows say how far it came: what was intended is signed by whoever takes it next, the same
bytes again. If something is wrong with a chunk as a whole, its rows go one by one (``issuance.issue``): what
is wrong with one of them stands in nobody's way.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from credentials.errors import BrokenError, HallmarkError
from credentials.verification_method import KeyAlgorithm
from issuer import issuance
from issuer.achievement import Achievement
from issuer.bulk.bulk import CHUNK, LEASE, BulkState, Row, RowState
from issuer.bulk.drafting import Drafting, Wanted
from issuer.bulk.papers import Known, Paper, Press, written
from issuer.bulk.signing import Bench
from issuer.errors import ConflictingRowsError, DuplicateAwardError
from issuer.mint import Mint
from issuer.store import bulk_drafts as drafted
from issuer.store import bulk_work as rows
from issuer.store import bulks
from keys.custody import KeySigner
from keys.errors import KeyStateError, NoActiveKeyError
from service import audit, log

TRIES: Final = 5  # how often a chunk is written down when others write down the same at the same time
KNOWN: Final = "This submission has been awarded already."


@dataclass(slots=True)
class Worker:
    """One process at work on bulks: what it has cut and linted is kept for the next chunk.

    Attributes:
        actor: For audit lines.
        name: Under which its rows are taken.
    """

    mint: Mint
    actor: str = "bulk"
    name: str = field(default_factory=lambda: str(uuid.uuid4()))
    bench: Bench = field(init=False, repr=False)
    achievements: dict[str, Achievement] = field(default_factory=dict, repr=False)
    known: Known = field(default_factory=Known, repr=False)

    def __post_init__(self) -> None:
        """Set up the bench."""
        self.bench = Bench(self.mint, self.actor)

    def work(self, id: str, *, now: datetime) -> int:
        """Take one chunk of a bulk through the cycle; return how many rows were taken.

        0: nothing is left that nobody has in hand. The last one finished ends the bulk. What cannot be done
        at the moment stays taken, and is tried again when its lease ends.
        """
        taken = self._take(id, now=now)
        if taken:
            self.mint.reached("taken")
            try:
                if taken[0].state is RowState.BEGUN:
                    self.bench.finish(id, taken, now=now)
                else:
                    self._chunk(id, taken, now=now)
            except (KeyStateError, NoActiveKeyError) as error:  # nothing is wrong with the rows
                log.event("bulk", level=logging.WARNING, error=error, id=id, code=error.code)
        return len(taken)

    def _take(self, id: str, *, now: datetime) -> tuple[Row, ...]:
        """Take rows; if none is left to do, the bulk is done."""
        with self.mint.db.transaction() as session:
            bulk = bulks.get(session, id)
            if bulk is None or bulk.state not in (BulkState.RUNNING, BulkState.CANCELLED):
                return ()
            runs = bulk.state is BulkState.RUNNING
            states = (RowState.BEGUN, RowState.WAITING) if runs else (RowState.BEGUN,)
            taken = rows.take(
                session, id, by=self.name, states=states, limit=CHUNK, now=now, until=now + LEASE
            )
            if taken or not runs or not rows.is_finished(session, id):
                return taken
            bulks.step(session, id, before=BulkState.RUNNING, after=BulkState.DONE, now=now)
            audit.record(session, actor=self.actor, action="bulk.done", subject=f"bulk:{id}", now=now)
            return ()

    # -- rows that wait ----------------------------------------------------------------------------------

    def _chunk(self, id: str, taken: Sequence[Row], *, now: datetime) -> None:
        drafting = Drafting(self.mint, now, self.achievements)
        wanted, refused = drafting.read(taken)
        fresh = self._unknown(id, wanted, refused, now=now)
        if refused:
            with self.mint.db.transaction() as session:
                rows.refuse(session, id, refused)
        by_issuer: dict[str, list[Wanted]] = defaultdict(list)
        for each in fresh:
            by_issuer[each.award.issuer].append(each)
        for slug, its in by_issuer.items():
            self._issue(id, slug, its, drafting, now=now)

    def _unknown(
        self, id: str, wanted: Sequence[Wanted], refused: dict[int, str], *, now: datetime
    ) -> list[Wanted]:
        """Return the awards that are new; say in ``refused`` why others are not awarded again."""
        with self.mint.db.reading() as session:
            known = drafted.known_awards(
                session, [each.award for each in wanted], [each.recipient for each in wanted]
            )
        fresh: list[Wanted] = []
        seen: set[tuple[str, str, str]] = set()
        for place, each in enumerate(wanted):
            request = each.award.request
            mark = (request.achievement, each.recipient, request.submission)
            own = known.get(place)
            if own is not None:  # its award was written down, and the row does not say so
                if self._begin(id, each.number, own):
                    self.bench.alone(Row(id, each.number, RowState.BEGUN, "", own), now=now)
            elif place in known or mark in seen:
                refused[each.number] = KNOWN
            else:
                fresh.append(each)
            seen.add(mark)
        return fresh

    def _issue(
        self, id: str, slug: str, wanted: Sequence[Wanted], drafting: Drafting, *, now: datetime
    ) -> None:
        """Intend, sign and store awards of one issuer; those that are odd, one by one."""
        signer = self.mint.cabinet.batch_signer(slug, KeyAlgorithm.ED25519)
        batch = self.bench.batch(signer, now.replace(microsecond=0))
        press = Press(self.mint, batch, drafting, slug, now, self.known)
        odd: list[Wanted] = []
        papers: list[Paper] = []
        for _ in range(TRIES):
            papers = press.papers(wanted, odd)
            try:
                if papers:
                    self._intend(id, press, papers, signer=signer, now=now)
                break
            except ConflictingRowsError:
                wanted = self._still(id, [each.wanted for each in papers], now=now)
        else:
            odd += wanted
            papers = []
        if papers:
            self.mint.reached("placed")
            self.mint.reached("intended")
            items = [(each.wanted.number, each.wanted.award.key, each.prepared) for each in papers]
            try:
                self.bench.sign(id, slug, items, press.batch, signer=signer, now=now)
            except (BrokenError, KeyStateError):
                raise
            except HallmarkError:  # each goes its own way, and is halted with its own reason
                odd += [each.wanted for each in papers]
        self._each_alone(id, odd, now=now)

    def _intend(
        self, id: str, press: Press, papers: list[Paper], *, signer: KeySigner, now: datetime
    ) -> None:
        """Commit awards, places and exact bytes; those whose places others took meanwhile get new ones.

        Raises:
            ConflictingRowsError: Rows are in other hands, or somebody has awarded the same.
        """
        drafts, lines = written(papers)  # before it is this writer's turn
        with self.mint.db.transaction() as session, drafted.conflicts():
            if press.make_room(session, papers):
                drafts, lines = written(papers)
            drafted.intend(
                session,
                id,
                drafts,
                by=self.name,
                created=press.batch.created,
                method=signer.verification_method,
                now=now,
            )
            self.bench.record(session, "bulk.intended", id, lines, now=now)

    def _still(self, id: str, wanted: Sequence[Wanted], *, now: datetime) -> list[Wanted]:
        """Return what is still to be awarded by this worker, after others were in the way."""
        with self.mint.db.reading() as session:
            mine = rows.still_waiting(session, id, [each.number for each in wanted], by=self.name)
        refused: dict[int, str] = {}
        fresh = self._unknown(id, [each for each in wanted if each.number in mine], refused, now=now)
        with self.mint.db.transaction() as session:
            rows.refuse(session, id, refused)
        return fresh

    # -- one by one --------------------------------------------------------------------------------------

    def _each_alone(self, id: str, wanted: Sequence[Wanted], *, now: datetime) -> None:
        """Award and issue rows one by one, since they cannot be written down together."""
        for each in wanted:
            try:
                key = self._award(id, each, now=now)
            except ConflictingRowsError:
                continue  # it was cancelled, or another has it: it is not ours any more
            except DuplicateAwardError as error:
                with self.mint.db.transaction() as session:
                    if rows.still_waiting(session, id, [each.number], by=self.name):
                        rows.refuse(session, id, {each.number: error.message})
                continue
            self.bench.alone(Row(id, each.number, RowState.BEGUN, "", key), now=now)

    def _award(self, id: str, each: Wanted, *, now: datetime) -> str:
        """Write down an award and that its row is begun, in one commit; return its key.

        Raises:
            ConflictingRowsError: The row or its bulk was cancelled, or is in other hands.
            DuplicateAwardError: It is awarded already.
        """
        with self.mint.db.transaction() as session:
            if not rows.still_waiting(session, id, [each.number], by=self.name):
                raise ConflictingRowsError("The row is not in these hands any more.")
            written = issuance.award(self.mint, each.award.request, now=now, actor=self.actor)
            if not rows.mark_begun(session, id, each.number, award=written.award.key, by=self.name):
                raise ConflictingRowsError("The bulk does not run any more.")
        return written.award.key

    def _begin(self, id: str, number: int, key: str) -> bool:
        with self.mint.db.transaction() as session:
            return rows.mark_begun(session, id, number, award=key, by=self.name)
