# SPDX-License-Identifier: Apache-2.0
"""Many at once without a batch: for whoever waits for the answers, as the terminal does.

Like ``batch_work``, but nothing is kept: things are opened and examined side by side, and told in the order
in which they were brought, as soon as all before them are known. What holds several claims is told claim by
claim.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from credentials.errors import HallmarkError
from service import clock
from verifier import lines as reading
from verifier import triage
from verifier.asked import Asked
from verifier.desk import Desk
from verifier.lines import Brought, Line, of_claim
from verifier.patience import Silence, patient
from verifier.report import Report
from verifier.unpack import Claim, is_archive, split, unpack
from verifier.verify import unexamined

WORKERS: Final = 16  # things looked at side by side; most of them wait for a host
COMPUTING: Final = 2  # of them that compute at the same moment
TRIES: Final = 4  # times that a host is asked which we are asking too often already
PATIENCE: Final = 60.0  # seconds that a file waits for its turn to be opened


@dataclass(frozen=True, slots=True)
class Late:
    """A file that is read only when its turn has come, so that many do not fill the memory.

    Attributes:
        place: How it was named.
        read: Reads it; a ``HallmarkError`` becomes the answer about this file alone.
    """

    place: str
    read: Callable[[], Brought]


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of one thing: always a report, and the error if there was nothing to examine."""

    line: Line
    report: Report
    error: HallmarkError | None = None

    @property
    def is_beside(self) -> bool:
        """Whether it is one of many links in a document, and leads to no credential."""
        return self.error is not None and not self.row().needs_you

    def row(self) -> triage.RowAnswer:
        """Return the row that it makes."""
        if self.error is None:
            return triage.of_report(self.report)
        return triage.of_error(self.error, now=self.report.verified_at, found=self.line.found)


def look_at_all(
    desk: Desk, things: Iterable[Line | Late], *, asked: Asked, now: datetime
) -> Iterator[Looked]:
    """Yield what comes of each thing, in the order in which they were brought.

    Args:
        desk: Who examines.
        things: What was brought; a line with a recipient of its own is asked that.
        asked: What is asked about each.
        now: When it begins; each answer is of its own moment.
    """
    many = _Many(desk, asked, now)
    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="many")
    try:
        waiting: deque[Future[Looked | tuple[Line, ...]]] = deque(
            pool.submit(many.step, thing) for thing in things
        )
        while waiting:
            found = waiting.popleft().result()
            if isinstance(found, Looked):
                yield found
            else:
                waiting.extendleft([pool.submit(many.step, line) for line in found][::-1])
    finally:
        pool.shutdown(cancel_futures=True)


class _Many:
    """One run over many things; its methods run in several threads."""

    def __init__(self, desk: Desk, asked: Asked, now: datetime) -> None:
        self._desk = desk
        self._asked = asked
        self._begun_at = now
        self._begun = clock.monotonic()
        self._places = threading.BoundedSemaphore(COMPUTING)
        self._silence = Silence()

    def step(self, thing: Line | Late) -> Looked | tuple[Line, ...]:
        """Look at one thing: examine it, or find out what is in it."""
        if isinstance(thing, Late):
            try:
                file = thing.read()
            except HallmarkError as error:
                return Looked(Line(thing.place, trouble=error), unexamined(error, now=self._now), error)
            lines = tuple(reading.of_file(file))
            if len(lines) != 1:
                return lines
            # The terminal names a file as it was typed.
            thing = replace(lines[0], place=file.name) if lines[0].raw is file.body else lines[0]
        try:
            inside = self._inside(thing)
            if len(inside) > 1:
                return tuple(inside)
            return self._examine(thing, self._claims(thing))
        except HallmarkError as error:
            return Looked(thing, unexamined(error, now=self._now), error)

    @property
    def _now(self) -> datetime:
        return self._begun_at + timedelta(seconds=clock.monotonic() - self._begun)

    def _inside(self, line: Line) -> list[Line]:
        """Return the files of an archive."""
        if line.raw is None or not is_archive(line.raw):
            return []
        return [
            Line(
                f"{member.place.removesuffix(' in the archive')} in {line.place}",
                raw=member.content,
                trouble=member.trouble,
            )
            for member in split(line.raw, place_seconds=PATIENCE)
        ]

    def _claims(self, line: Line) -> tuple[Claim, ...]:
        if line.trouble is not None:
            raise line.trouble
        if line.raw is None:
            return (Claim("", None, line.url, None, ""),)
        return unpack(line.raw, name=line.place, place_seconds=PATIENCE)

    def _examine(self, line: Line, claims: tuple[Claim, ...]) -> Looked | tuple[Line, ...]:
        if len(claims) > 1:
            return tuple(
                replace(
                    of_claim(claim, inside=line.place), reference=line.reference, recipient=line.recipient
                )
                for claim in claims
            )
        (claim,) = claims
        if claim.place:
            line = replace(of_claim(claim, inside=line.place), reference=line.reference)
        asked = replace(self._asked, recipient=line.recipient or self._asked.recipient)
        looked, was_busy = self._look_at(line, claim, asked)
        for _ in range(TRIES - 1):
            if not was_busy:
                break
            looked, was_busy = self._look_at(line, claim, asked)
        return looked

    def _look_at(self, line: Line, claim: Claim, asked: Asked) -> tuple[Looked, bool]:
        """Examine one claim; the second says whether a host was left out because it is asked too often."""
        with self._places:
            desk, network = patient(self._desk, self._places, self._silence)
            try:
                looked = Looked(line, desk.look_at(claim, now=self._now, asked=asked))
            except HallmarkError as error:
                looked = Looked(line, unexamined(error, now=self._now), error)
        return looked, network is not None and network.was_busy
