# SPDX-License-Identifier: Apache-2.0
"""Many at once: a batch is opened here, looked at, cancelled, deleted, and reported with a signature.

A batch is a row for each thing brought (``verifier.lines``); the job ``batches`` examines them
(``verifier.batch_work``). Rules kept:

- Whoever has the address may see, cancel and delete it: 122 random bits, said to be so on its page.
- What was brought, and whose it should be, is kept only until it is checked. Answers are kept for
  ``batch_days``, then the daily job deletes them.
- The house takes no more than there is room for (``verifier.batch_room``), whoever it comes from.
- A row is truth, the bell is none: a batch goes on after any crash, and no row is answered twice.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from service import log
from service.errors import StorageUnavailableError
from verifier import batch_room, receipt, table, triage
from verifier import lines as reading
from verifier.asked import NOTHING, Asked
from verifier.batch import CANCELLED, OPEN, Batch, Count, Item
from verifier.bureau import Bureau
from verifier.errors import BatchQuestionError, NoSuchBatchError, TooManyItemsError
from verifier.lines import BATCH_ITEMS, FoundClaim, Line
from verifier.receipt import Receipt
from verifier.receipt_record import BatchLine, BatchSummary
from verifier.store import batch_work as work
from verifier.store import batches as rows
from verifier.verdict import Verdict

JOB: Final = "batches"
TIDY_JOB: Final = "batches-tidy"
WRITERS: Final = 8  # files written side by side; each waits for the disk
LABEL_CHARS: Final = 200
LEFT_BEHIND: Final = timedelta(hours=6)  # a file without a row is of a crash, not of a batch being opened
GUESS_AFTER: Final = 5  # rows after which we say how long it will take
NOT_CHECKED: Final = "Not checked: the batch was stopped before its turn came."
ENOUGH_LEFT: Final = 1.0  # seconds; below that nothing is said about them

FILE_TYPE: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class View:
    """A batch as it is now.

    Attributes:
        count: How many rows of each kind.
        seconds_left: A guess; None when there is nothing to guess from.
    """

    batch: Batch
    count: Count
    seconds_left: float | None

    @property
    def asked(self) -> Asked:
        """What was asked about everything in it, but whose each should be."""
        batch = self.batch
        return Asked(cycle_from=batch.cycle_from, cycle_until=batch.cycle_until, issuers=batch.issuers)


def open(
    bureau: Bureau,
    brought: Sequence[Line] | Iterable[FoundClaim],
    *,
    asked: Asked = NOTHING,
    label: str,
    now: datetime,
    opener: str | None = None,
) -> str:
    """Open a batch, and return its id; the job examines it.

    Args:
        bureau: The room.
        brought: Lines, or the claims of one thing that was unpacked.
        asked: What is asked about each; a line with a recipient of its own is asked that.
        label: What to call it: the name of a file, "12 links".
        now: The moment.
        opener: From which address it comes; None: it is the operator's, and has no share.

    Raises:
        TooManyItemsError: More than BATCH_ITEMS.
        BatchesFullError: Too much waits already, in this house or from this address.
        BatchQuestionError: The list to compare with does not exist.
    """
    found = tuple(each if isinstance(each, Line) else reading.of_claim(each) for each in brought)
    if len(found) > BATCH_ITEMS:
        raise TooManyItemsError(
            f"These are {len(found):,} things. Bring up to {BATCH_ITEMS} at once.", expected=BATCH_ITEMS
        )
    _check(bureau, asked)
    batch_room.require(bureau, found, opener=opener)
    batch = Batch(
        id=str(uuid.uuid4()),
        label=label[:LABEL_CHARS],
        state=OPEN,
        issuers=asked.issuers,
        cycle_from=asked.cycle_from,
        cycle_until=asked.cycle_until,
        made_at=now,
        ends_at=now + timedelta(days=bureau.settings.batch_days),
    )
    items: list[Item] = []
    is_open = False
    try:
        items = _items(bureau, found, asked, now=now)
        with bureau.db.transaction() as session:
            rows.add(session, batch)
            rows.add_items(session, batch.id, items)
            work.finish(session, now=now)  # if nothing in it can even be begun
        is_open = True
    finally:
        if not is_open:
            forget_files(bureau, [item.file for item in items if item.file is not None])
    if opener is not None:
        bureau.shares.add(opener, batch.id)
    bureau.ring(JOB)
    return batch.id


def _items(bureau: Bureau, lines: Sequence[Line], asked: Asked, *, now: datetime) -> list[Item]:
    """Return the rows of all lines; their files are forced to the disk side by side."""

    def make(numbered: tuple[int, Line]) -> Item:
        number, line = numbered
        return item_of(bureau, line, number * table.STEPS[0], recipient=asked.recipient, now=now)

    with ThreadPoolExecutor(WRITERS, thread_name_prefix="bring") as pool:
        return list(pool.map(make, enumerate(lines, start=1)))


def item_of(bureau: Bureau, line: Line, position: int, *, recipient: str | None, now: datetime) -> Item:
    """Return the row of a line, with its bytes stored; what has trouble already is answered already."""
    answer = triage.of_error(line.trouble, now=now, found=line.found) if line.trouble is not None else None
    wanted = (line.recipient or recipient) if answer is None else None
    stored = bureau.files.put(line.raw, media_type=FILE_TYPE) if line.raw is not None else None
    return Item(
        position=position,
        place=line.place or line.url or "",
        reference=line.reference,
        found=line.found,
        url=line.url,
        file=stored.id if stored is not None else None,
        size=stored.size if stored is not None else 0,
        recipient=wanted,
        asks_recipient=wanted is not None,
        verdict=answer.word if answer is not None else None,
        needs_you=answer is not None and answer.needs_you,
        answer=stored_answer(answer.members) if answer is not None else None,
        done_at=now if answer is not None else None,
    )


def stored_answer(members: Any) -> bytes:
    """Return an answer as it is kept."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8", errors="replace")


def view(bureau: Bureau, id: str, *, now: datetime) -> View:
    """Return a batch as it is now.

    Raises:
        NoSuchBatchError: There is none, or it has ended.
    """
    with bureau.db.reading() as session:
        batch = rows.get(session, id)
        if batch is None or batch.ends_at <= now:
            raise NoSuchBatchError(
                "There is nothing here: it was deleted, it has ended, or the link is not complete."
            )
        count = rows.count(session, id)
    return View(batch, count, _seconds_left(batch, count, now=now))


def lines_of(
    bureau: Bureau,
    id: str,
    *,
    show: str | None = None,
    after: int = -1,
    skip: int = 0,
    limit: int | None = None,
) -> tuple[table.Line, ...]:
    """Return rows of a batch in their order: those of a filter (``triage.FILTERS``), or all."""
    with bureau.db.reading() as session:
        found = rows.items(session, id, **_filter(show), after=after, skip=skip, limit=limit)
    return tuple(_answered(item) for item in found)


def line_of(bureau: Bureau, id: str, number: str) -> table.Line:
    """Return the row with this number.

    Raises:
        NoSuchBatchError: There is none.
    """
    position = table.position_of(number)
    with bureau.db.reading() as session:
        found = rows.item(session, id, position) if position is not None else None
    if found is None:
        raise NoSuchBatchError("There is no such row here.")
    return _answered(found)


def cancel(bureau: Bureau, id: str, *, now: datetime) -> None:
    """Check nothing more of a batch; what has been answered stays."""
    with bureau.db.transaction() as session:
        files = rows.cancel(session, id, now=now)
    forget_files(bureau, files)


def remove(bureau: Bureau, id: str) -> None:
    """Delete a batch with everything in it, now."""
    with bureau.db.transaction() as session:
        files = rows.remove(session, id)
    forget_files(bureau, files)


def report(bureau: Bureau, id: str, *, now: datetime) -> Receipt:
    """Keep one signed report of a batch that is finished; asked twice, it is the same.

    Raises:
        NoSuchBatchError: There is none.
        BatchQuestionError: It is not finished yet.
        HallmarkError: Whoever signs could not; nothing is kept then.
    """
    found = view(bureau, id, now=now)
    if found.batch.is_open:
        raise BatchQuestionError("There is a report once everything is checked. Wait, or cancel the rest.")
    if found.batch.receipt is not None:
        return receipt.find(bureau, found.batch.receipt, now=now)
    every = [_reported(row) for row in lines_of(bureau, id)]
    summary = BatchSummary(
        id,
        found.batch.label,
        found.asked,
        title_of(bureau, found.asked),
        is_cancelled=found.batch.state == CANCELLED,
    )
    kept = receipt.keep_batch(bureau, summary, every, now=now)
    with bureau.db.transaction() as session:
        rows.set_receipt(session, id, kept.id)
    return kept


def tidy(bureau: Bureau, *, now: datetime) -> int:
    """Delete batches that have ended, and files that a crash left behind; the daily job."""
    with bureau.db.transaction() as session:
        ended = rows.ended(session, now=now)
        files = [file for id in ended for file in rows.remove(session, id)]
        files += rows.forget_closed(session)
    forget_files(bureau, files)
    with bureau.db.reading() as session:
        known = rows.files(session)
    orphans = tuple(bureau.files.orphans(known, before=now - LEFT_BEHIND))
    forget_files(bureau, orphans)
    return len(ended) + len(orphans)


def forget_files(bureau: Bureau, files: Iterable[str]) -> None:
    """Delete files that no row names any more; one that cannot be deleted now, ``tidy`` finds."""
    for file in files:
        try:
            bureau.files.delete(file)
        except StorageUnavailableError as error:
            log.event("batch-file-not-deleted", level=logging.WARNING, error=error)


def title_of(bureau: Bureau, asked: Asked) -> str | None:
    """Return the name of the list that was compared with."""
    desk = bureau.desk if asked.issuers is None else bureau.desk.against(asked.issuers)
    return desk.registry.title


def _check(bureau: Bureau, asked: Asked) -> None:
    title_of(bureau, asked)  # refuses a list that does not exist
    if (
        asked.cycle_from is not None
        and asked.cycle_until is not None
        and asked.cycle_from > asked.cycle_until
    ):
        raise BatchQuestionError("The period ends before it begins. Look at the two days again.")


def _seconds_left(batch: Batch, count: Count, *, now: datetime) -> float | None:
    if not batch.is_open or batch.begun_at is None or count.done < GUESS_AFTER:
        return None
    spent = (now - batch.begun_at).total_seconds()
    left = spent / count.done * (count.total - count.done)
    return left if left >= ENOUGH_LEFT else None


def _filter(show: str | None) -> dict[str, Any]:
    if show is None:
        return {}
    return {"words": triage.FILTERS[show], "needs_you": triage.FILTERS[show] is None}


def _answered(item: Item) -> table.Line:
    return table.Line(item, json.loads(item.answer) if item.answer else {})


def _reported(row: table.Line) -> BatchLine:
    """Return a row as the report tells it: of what is not proven, only the verdict."""
    is_checked = row.item.verdict is not None
    word, proven = row.item.verdict or "", row.is_confirmed
    return BatchLine(
        place=row.item.place,
        reference=row.item.reference,
        verdict=Verdict(word) if word in set(Verdict) else None,
        sentence=row.sentence if is_checked else NOT_CHECKED,
        credential_id=row.said("credential", "id") if proven else None,
        title=row.said("credential", "name") if proven else None,
        issuer=row.said("issuer", "address") if proven else None,
        recognised=row.is_recognised if proven else None,
        sha256=row.said("sha256") or "",
        needs_you=row.item.needs_you or not is_checked,
        checked_at=row.item.done_at,
        number=row.number,
        recipient=_recipient(row) if row.item.asks_recipient else "not-asked",
    )


def _recipient(row: table.Line) -> str:
    """Return what came of the question whose it is, in the words of a receipt."""
    if row.item.verdict is None:
        return "not-checked"
    return str(row.said("whose_it_is") or "could-not-say")
