# SPDX-License-Identifier: Apache-2.0
"""The job ``batches``: takes rows, examines them side by side, and writes each answer as soon as it is there.

Examining is waiting for other hosts, and some computing. So many threads wait, and few compute at a time:
pages are served by the same process. Rules kept:

1. A row is taken for LEASE by compare-and-set; after a crash anybody takes it again, at most TRIES times.
2. What was found is written in one transaction with forgetting what was brought; the file is deleted then.
3. Of rows whose address is at one host, HOST_ROWS are examined at a time; the others let those of other hosts
   pass. A host that stays silent for STRIKES of one batch is not asked for it any more in this shift (V14).
4. A shift ends after SHIFT seconds, so that other jobs get their turn, and rings for the next.
5. All open batches advance side by side: a small one does not wait for a large one, nor for many others.
"""

from __future__ import annotations

import logging
import secrets
import threading
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from typing import Final

from credentials.digests import sha256_hex
from credentials.errors import BrokenError, HallmarkError
from service import clock, log
from service.fetch import HOST_CONNECTIONS
from verifier import batching, receipt, receipt_record, table, triage
from verifier.asked import Asked
from verifier.batch import Batch, Item
from verifier.batch_room import Room
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.errors import TooManyItemsError, TooMuchInsideError
from verifier.lines import BATCH_ITEMS, PLACE_CHARS, Line, of_claim
from verifier.patience import Silence, host_of_url, patient
from verifier.store import batch_work as rows
from verifier.store import batches
from verifier.unpack import Claim, is_archive, split, unpack

WORKERS: Final = 16  # rows examined side by side; most of them wait for a host
COMPUTING: Final = 2  # of them that compute at the same moment, beside the pages
SHIFT: Final = 25.0  # seconds after which no further row is begun: 500 rows take one; mails wait as long
LEASE: Final = timedelta(seconds=90)  # three times what the slowest row takes
TRIES: Final = 5  # times that a row is taken; what brings a worker down is not tried for ever
HOST_ROWS: Final = HOST_CONNECTIONS  # more would only wait for each other, and give up
HURRIED: Final = 2  # times that a row is taken for which no time was left
LOOK_ROWS: Final = 2_000  # rows that are looked at together; of each batch at least WORKERS
LOOK_AGAIN: Final = 0.5  # seconds between two looks for rows that are due
PATIENCE: Final = 30.0  # seconds that a file waits for its turn to be opened
STEPS: Final = ("taken", "examined", "written")

Reached = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Task:
    """One row that is being examined."""

    batch: Batch
    item: Item
    host: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What came of it: an answer, or rows of what was inside; nothing, and it is tried again."""

    answered: Item | None = None
    inside: Sequence[Item] = ()


def work(bureau: Bureau, *, now: datetime, reached: Reached = lambda _step: None) -> int:
    """Examine rows that are due, for a shift; return how many were answered.

    Args:
        bureau: The room.
        now: When the shift begins.
        reached: Told each of STEPS when it is done, for tests.
    """
    return _Shift(bureau, now, reached).work()


class _Shift:
    """One run of the job."""

    def __init__(self, bureau: Bureau, now: datetime, reached: Reached) -> None:
        self._bureau = bureau
        self._begun_at = now
        self._begun = clock.monotonic()
        self._reached = reached
        self._places = threading.BoundedSemaphore(COMPUTING)
        self._silences: dict[str, Silence] = {}  # of each batch its own: none may spoil another
        self._running: dict[Future[_Found], _Task] = {}
        self._at_host: Counter[str] = Counter()
        self._due: deque[_Task] = deque()
        self._looked: float | None = None
        self._answered = 0
        self._room = Room(bureau)

    @property
    def _now(self) -> datetime:
        return self._begun_at + timedelta(seconds=clock.monotonic() - self._begun)

    def work(self) -> int:
        """Examine until the shift is over or nothing is due."""
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="batch") as pool:
            while True:
                is_over = clock.monotonic() - self._begun > SHIFT
                if not is_over:
                    self._begin(pool)
                if not self._running:
                    break
                done, _ = wait(self._running, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
                unused = self._write(done)
                if unused:
                    pool.submit(batching.forget_files, self._bureau, unused)
        if self._due or is_over:
            self._bureau.ring(batching.JOB)
        return self._answered

    # -- taking --------------------------------------------------------------------------------------------

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        """Take as many rows as there are free threads, and begin with them."""
        picked = self._pick()
        if not picked:
            self._look()
            picked = self._pick()
        if not picked:
            return
        now = self._now
        with self._bureau.db.transaction() as session:
            taken = [
                task
                for task in picked
                if rows.take(session, task.batch.id, task.item, now=now, until=now + LEASE)
            ]
        self._reached("taken")
        for task in taken:
            self._at_host[task.host] += 1
            self._running[pool.submit(self._examine, task)] = task

    def _pick(self) -> list[_Task]:
        """Take tasks from those that are due, so that no host is asked by more than HOST_ROWS of them."""
        picked: list[_Task] = []
        passed: deque[_Task] = deque()
        hosts = Counter(self._at_host)
        while self._due and len(picked) + len(self._running) < WORKERS:
            task = self._due.popleft()
            if task.host and hosts[task.host] >= HOST_ROWS:
                passed.append(task)
            else:
                hosts[task.host] += 1
                picked.append(task)
        self._due.extendleft(reversed(passed))
        return picked

    def _look(self) -> None:
        """Look what is due, batch by batch in turn; not at each step, since rows seldom come."""
        moment = clock.monotonic()
        if self._looked is not None and moment - self._looked < LOOK_AGAIN and self._running:
            return
        self._looked = moment
        with self._bureau.db.reading() as session:
            found = rows.due(session, now=self._now, together=LOOK_ROWS, least=WORKERS)
        tasks = [
            [_Task(batch, item, self._host(item.url)) for item in items] for batch, items in found.items()
        ]
        first = secrets.randbelow(len(tasks)) if tasks else 0  # so that none is always the last
        tasks = tasks[first:] + tasks[:first]
        self._due = deque(task for task in chain.from_iterable(zip_longest(*tasks)) if task is not None)

    def _host(self, url: str | None) -> str:
        """Return the host that is asked for a row; "" for what is answered here."""
        desk = self._bureau.desk
        is_here = desk.offline is not None or (url or "").startswith(tuple(desk.own))
        return "" if is_here else host_of_url(url)

    # -- examining, in a thread of its own ------------------------------------------------------------------

    def _examine(self, task: _Task) -> _Found:
        """Find out what comes of a row."""
        item, is_last = task.item, task.item.tries + 1 >= TRIES
        if item.tries >= TRIES:
            error = BrokenError("It could not be examined: each time that we tried, something broke here.")
            return self._say(item, triage.of_error(error, now=self._now))
        try:
            raw = self._bureau.files.get(item.file) if item.file is not None else None
            if raw is not None and is_archive(raw):
                return self._inside(task, self._members(item, raw))
            claims = self._claims(item, raw)
        except BrokenError as error:
            return self._say(item, triage.of_error(error, now=self._now)) if is_last else _Found()
        except HallmarkError as error:
            return self._say(item, triage.of_error(error, now=self._now, found=item.found))
        lines = [of_claim(claim, inside=item.place) if item.url is None else None for claim in claims]
        if len(claims) > 1:
            return self._unpacked(task, [line for line in lines if line is not None])
        line = lines[0]
        if line is not None:
            item = replace(item, place=line.place, url=line.url, found=line.found)
        with self._places:
            silence = self._silences.setdefault(task.batch.id, Silence())
            desk, network = patient(self._bureau.desk, self._places, silence)
            found = self._look_at(desk, task.batch, item, claims[0])
        if found is None or (network is not None and network.was_busy and not is_last):
            return _Found()
        if network is not None and network.had_no_time and item.tries + 1 < HURRIED:
            return _Found()
        return self._say(item, found)

    def _unpacked(self, task: _Task, lines: Iterable[Line]) -> _Found:
        try:
            return self._inside(task, lines)
        except HallmarkError as error:
            return self._say(task.item, triage.of_error(error, now=self._now))

    def _inside(self, task: _Task, lines: Iterable[Line]) -> _Found:
        """Make rows of what was found inside one, each written before the next is taken."""
        item = task.item
        step = table.step_inside(item.position)
        if step is None:
            error = TooMuchInsideError("This lies too deep inside other things. Bring it by itself.")
            return self._say(item, triage.of_error(error, now=self._now))
        made: list[Item] = []
        is_whole = False
        try:
            for number, line in enumerate(lines, start=1):
                admitted = self._room.admit(task.batch.id, replace(line, reference=item.reference))
                position = item.position + number * step
                made.append(
                    batching.item_of(
                        self._bureau, admitted, position, recipient=item.recipient, now=self._now
                    )
                )
            is_whole = True
        finally:
            if not is_whole:
                batching.forget_files(self._bureau, [each.file for each in made if each.file is not None])
                self._room.settled(task.batch.id, made)
        return _Found(inside=tuple(made))

    def _members(self, item: Item, raw: bytes) -> Iterator[Line]:
        """Yield the files of an archive, each of which becomes a row and is opened by itself."""
        for member in split(raw, place_seconds=PATIENCE):
            yield Line(
                place=f"{member.place.removesuffix(' in the archive')} in {item.place}"[:PLACE_CHARS],
                raw=member.content,
                trouble=member.trouble,
            )

    def _claims(self, item: Item, raw: bytes | None) -> tuple[Claim, ...]:
        if raw is None:
            return (Claim("", None, item.url, None, ""),)
        return unpack(raw, name=item.place, place_seconds=PATIENCE)

    def _look_at(self, desk: Desk, batch: Batch, item: Item, claim: Claim) -> triage.RowAnswer | None:
        """Examine one claim; None if our side is broken and it may be tried again."""
        now = self._now
        asked = Asked(
            item.recipient, batch.cycle_from, batch.cycle_until, batch.issuers, asker=f"batch {batch.id}"
        )
        try:
            if claim.trouble is not None:
                return triage.of_error(claim.trouble, now=now, found=item.found)
            bureau = replace(self._bureau, desk=desk)
            looked = receipt.look(bureau, asked, presented=claim.presented, url=claim.url, now=now)
        except BrokenError as error:
            return triage.of_error(error, now=now) if item.tries + 1 >= TRIES else None
        except HallmarkError as error:
            return triage.of_error(error, now=now, found=item.found)
        found = triage.of_report(looked.report)
        beside: dict[str, object] = {"list": looked.list_title, "sha256": None}
        if looked.presented is not None:
            beside["sha256"] = sha256_hex(looked.presented.raw)
        if item.recipient is not None:
            check = next((each for each in looked.report.checks if each.check == "recipient"), None)
            beside["whose_it_is"] = receipt_record.recipient(check)
        return replace(found, members={**found.members, **beside})

    def _say(self, item: Item, found: triage.RowAnswer) -> _Found:
        return _Found(
            replace(
                item,
                verdict=found.word,
                needs_you=found.needs_you,
                answer=batching.stored_answer(found.members),
                done_at=self._now,
            )
        )

    # -- writing -------------------------------------------------------------------------------------------

    def _write(self, done: Iterable[Future[_Found]]) -> list[str]:
        """Write what is there, in one transaction; return the files that nobody needs any more."""
        found = [(self._running.pop(future), future) for future in done]
        if not found:
            return []
        self._reached("examined")
        unused: list[str] = []
        with self._bureau.db.transaction() as session:
            for task, future in found:
                self._at_host[task.host] -= 1
                unused += self._write_one(task, self._result(task, future))
            rows.finish(session, now=self._now)
        for task, future in found:
            if future.exception() is None:
                self._room.settled(task.batch.id, future.result().inside)
        self._reached("written")
        return unused

    def _result(self, task: _Task, future: Future[_Found]) -> _Found:
        """Return what came of a row; a mistake of ours has its number and is told once, like any answer."""
        mistake = future.exception()
        if mistake is None:
            return future.result()
        number = str(uuid.uuid4())
        log.event("batch-row.mistake", level=logging.ERROR, error=mistake, id=number)
        error = BrokenError(f"Our mistake, number {number}. It says nothing about the credential.")
        return self._say(task.item, triage.of_error(error, now=self._now))

    def _write_one(self, task: _Task, found: _Found) -> list[str]:
        """Write one row; return the files that nobody needs any more."""
        batch, item = task.batch.id, task.item
        own = [item.file] if item.file is not None else []
        new = [each.file for each in found.inside if each.file is not None]
        with self._bureau.db.transaction() as session:
            answered = found.answered
            if found.inside:
                room = BATCH_ITEMS - batches.count(session, batch).total + 1
                if len(found.inside) <= room:
                    self._looked = None
                    return own if rows.replace(session, batch, item.position, found.inside) else new
                error = TooManyItemsError(
                    f"{len(found.inside)} things are in it, and up to {BATCH_ITEMS} are checked at once. "
                    "Bring it by itself."
                )
                answered = self._say(item, triage.of_error(error, now=self._now)).answered
            if answered is None:
                rows.give_back(session, batch, item.position)
            elif rows.answer(session, batch, answered):
                self._answered += 1
                return own + new
            return new
