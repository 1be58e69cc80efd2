# SPDX-License-Identifier: Apache-2.0
"""The dry run of a file of awards: everything that stands against a row, told before anything is signed.

Nothing is awarded, placed or signed by it. For each row of the file:

1. What the row itself says (``reading``): all that is missing, misspelt or of the wrong kind.
2. Which version it means, and that it is this organisation's; levels of its rubric, at what it takes.
3. Dates that lie ahead, and private data in what would be public for ever.
4. The same award twice: in this file, and beside what is awarded already. The same person with the same
   micro-credential under another submission is a warning.
5. Lint of what it would become (``lint``): whole for the first of each frame, over the slots for the others,
   as the engine does it (``chunk``), in a list and with a key that exist for this trial only.

Good rows are kept as the rows of the bulk, bad ones beside them with all their reasons. Killed anywhere, the
trial begins again with the file, which is forgotten as soon as all of it was looked at.
"""

from __future__ import annotations

import json
import logging
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from credentials.errors import BrokenError, HallmarkError
from credentials.identity import EMAIL_ADDRESS, normalised
from issuer.bulk import content, faults, reading
from issuer.bulk.alike import Tally
from issuer.bulk.bulk import RowState
from issuer.bulk.reading import Asked, Kind, Reading
from issuer.bulk.rehearsal import Rehearsal
from issuer.bulk.row_rules import RowRules
from issuer.errors import BulkFileError
from issuer.mint import Mint
from issuer.store import bulk_decisions
from issuer.store import bulk_trials as rows
from issuer.store.bulk_trials import Trial, Tried
from service import audit, clock, log

JOB: Final = "bulk-trials"
STEP: Final = 500  # rows that are looked at and kept together
LEASE: Final = timedelta(seconds=90)  # how long a file is somebody's; a step takes less than a second
FILE_BYTES: Final = 27_262_976  # bytes of a file, 26 MiB: as much as the service takes in one request
ACTOR: Final = "bulk-trial"

Progress = Callable[[Trial], None]


def pack(data: bytes) -> bytes:
    """Return a file as it is kept until it was tried."""
    return zlib.compress(data, level=6)


def work_all(mint: Mint, *, now: datetime) -> int:
    """Look at every file that waits for it; return how many rows that were.

    Raises:
        HallmarkError: What kept the first of those that could not be looked at; the others are.
    """
    begun = clock.monotonic()
    with mint.db.reading() as session:
        waiting = rows.waiting(session, now=now)
    failed: HallmarkError | None = None
    done = 0
    for id in waiting:
        try:
            done += try_file(mint, id, now=now + timedelta(seconds=clock.monotonic() - begun))
        except BrokenError:
            raise  # it would be the same with the next
        except HallmarkError as error:  # one file is in no other's way
            log.event("bulk.not-tried", level=logging.ERROR, error=error, id=id)
            failed = failed or error
    if failed is not None:
        raise failed
    return done


def try_file(mint: Mint, id: str, *, now: datetime, progress: Progress | None = None) -> int:
    """Look at one file from its beginning; return how many rows it has. 0: another does it, or nobody need.

    Args:
        mint: The opened room.
        id: Its bulk.
        now: This moment.
        progress: Told again and again how far it came.
    """
    run = str(uuid.uuid4())
    with mint.db.transaction() as session:
        packed = rows.take(session, id, by=run, now=now, until=now + LEASE)
        found = rows.get(session, id)
    if packed is None or found is None:
        return 0
    bulk, trial = found
    shift = _Shift(mint, trial, run, now=now, progress=progress, sends_mail=bulk.sends_mail)
    return shift.work(zlib.decompress(packed))


@dataclass(slots=True)
class _Shift:
    """One run over one file; ``run`` is its name, under which it has the file."""

    mint: Mint
    trial: Trial
    run: str
    now: datetime
    progress: Progress | None
    sends_mail: bool
    begun: float = field(default_factory=clock.monotonic)
    good: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    against: Tally = field(default_factory=Tally)
    notable: Tally = field(default_factory=Tally)
    people: set[int] = field(default_factory=set)
    rehearsal: Rehearsal | None = None

    def work(self, data: bytes) -> int:
        notes: tuple[str, ...] = ()
        trouble = ""
        self.trial = replace(self.trial, tried=0, bad=0, warned=0)
        rules: RowRules | None = None
        try:
            read = reading.read(Kind(self.trial.kind), data, now=self.now)
            notes = read.notes
            rules = RowRules(self.mint, self.trial.issuer, read.headings, now=self.now)
            if not self._all(read, rules):
                return self.trial.tried
        except BulkFileError as error:
            trouble = error.message
        self._finish(rules, notes, trouble)
        return self.trial.tried

    def _all(self, read: Reading, rules: RowRules) -> bool:
        """Look at all rows; False: the trial was stopped meanwhile."""
        rehearsal = self.rehearsal = Rehearsal(self.mint, now=self.now)
        while some := list(islice(read.rows, STEP)):
            looked = list(self._look(some, rules, rehearsal))
            bad = sum(each.state is RowState.BAD for each in looked)
            warned = sum(bool(each.reason) and each.state is not RowState.BAD for each in looked)
            before = self.trial
            self.trial = replace(
                before,
                tried=before.tried + len(looked),
                bad=before.bad + bad,
                warned=before.warned + warned,
            )
            self.good += len(looked) - bad
            with self.mint.db.transaction() as session:
                if not rows.keep(session, self.trial, looked, by=self.run, until=self._moment() + LEASE):
                    return False
            if self.progress is not None:
                self.progress(self.trial)
        return True

    def _look(self, some: list[Asked], rules: RowRules, rehearsal: Rehearsal) -> Iterator[Tried]:
        for judged in rules.judge(some):
            asked, request, found = judged.asked, judged.request, judged.faults
            if request is not None and judged.achievement is not None and not found:
                try:
                    rehearsal.lint(request, judged.achievement)
                except BrokenError:
                    raise  # what we cannot do at the moment is no fault of the row
                except HallmarkError as error:
                    found = (error.message,)
            if request is None or found:
                shown = {"achievement": asked.achievement, "email": asked.email, "name": asked.name}
                kept = json.dumps(shown, ensure_ascii=False)
                self.against.add(asked.number, found)
                yield Tried(asked.number, RowState.BAD, kept, faults.told(found))
                continue
            self.codes[request.achievement] += 1
            self.notable.add(asked.number, judged.warnings)
            self.people.add(hash(normalised(request.email, EMAIL_ADDRESS)))
            yield Tried(asked.number, RowState.WAITING, content.write(request), faults.told(judged.warnings))

    def _finish(self, rules: RowRules | None, notes: tuple[str, ...], trouble: str) -> None:
        now = self._moment()
        summary = {
            "achievements": dict(sorted(self.codes.items())),
            "mails": len(self.people) if self.sends_mail else 0,
            "notes": list(notes),
            "faults": self.against.told(),
            "warnings": self.notable.told(),
            "pins": {} if self.rehearsal is None else self.rehearsal.pins(),
        }
        issuer = self.trial.issuer or (rules.issuer if rules is not None else None)
        self.trial = replace(
            self.trial, issuer=issuer, total=self.trial.tried, summary=summary, trouble=trouble
        )
        with self.mint.db.transaction() as session:
            good = 0 if trouble else self.good
            if not rows.finish(session, self.trial, by=self.run, rows=good, now=now):
                return
            if trouble:
                bulk_decisions.cancel(session, self.trial.bulk, now=now)
            audit.record(
                session,
                actor=ACTOR,
                action="bulk.tried",
                subject=f"bulk:{self.trial.bulk}",
                detail={"good": self.good, "bad": self.trial.bad, "sha256": self.trial.sha256},
                now=now,
            )

    def _moment(self) -> datetime:
        return self.now + timedelta(seconds=clock.monotonic() - self.begun)
