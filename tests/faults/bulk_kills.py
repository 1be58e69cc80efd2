# SPDX-License-Identifier: Apache-2.0
"""Kill -9 while many awards are issued, again and again, and look from outside what is left (R1, F1, F8).

``python -m tests.faults.bulk_kills --cycles 200 --database sqlite|postgresql``. Each cycle starts the command
with its worker processes on bulks that are under way, and ends it at a random moment or at a named step: the
whole group, one worker, or the parent alone, whose workers then have to end by themselves. The next cycle
begins when the leases of the last have lapsed; its clock says so. ``--rows 10000 --cycles 10`` is the kill
part of F8: one bulk, ten kills, exactly ten thousand.

At the end nobody is killed, and it is looked at from outside: rows, awards, places, signatures, audit log.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import select
import signal
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

import app
from credentials.digests import sha256_hex
from credentials.document import parse
from credentials.errors import HallmarkError
from credentials.proofs import data_integrity, vc_jwt
from credentials.proofs.batch import Batch, Prepared
from credentials.verification_method import KeyAlgorithm
from issuer import issuance, programme
from issuer.award import AwardRequest
from issuer.bulk import content, engine
from issuer.bulk.bulk import LEASE, Bulk, BulkState, RowState
from issuer.mint import Mint
from issuer.store import bulks, credentials
from service import audit, clock
from service.settings import Settings

STEPS = ("taken", "placed", "intended", "signed", "stored", "formed", "forms-stored")
WAYS = ("all", "all", "worker", "parent", "step", "step")
SLUG = "example-education"
WAIT = 60.0  # seconds in which a cycle has to begin, and workers without a parent have to end
PROCESSES = 2

_begun = -1  # where the workers of this cycle say that they have taken rows
_step: tuple[str, int] | None = None  # at which step, reached so many times, a worker ends itself


@dataclass(slots=True)
class Figures:
    """What was seen; everything below ``verified`` has to be 0."""

    database: str = ""
    cycles: int = 0
    ways: dict[str, int] = field(default_factory=dict)
    bulks: int = 0
    rows: int = 0
    issued: int = 0
    verified: int = 0
    signatures: int = 0
    seconds: float = 0
    lost: int = 0
    duplicated: int = 0
    orphan_places: int = 0
    missing_places: int = 0
    signed_unrecorded: int = 0
    acknowledged_lost: int = 0
    invalid: int = 0
    formless: int = 0
    audit_faults: int = 0
    workers_left: int = 0

    @property
    def faults(self) -> int:
        """How much is wrong."""
        names = list(self.__slots__)
        return sum(getattr(self, name) for name in names[names.index("lost") :])


def opener(settings: Settings) -> Mint:
    """Open the room in a worker that tells when it has taken rows, and may end itself at a step."""
    seen: Counter[str] = Counter()

    def reached(step: str) -> None:
        seen[step] += 1
        if step == "taken" and _begun >= 0:
            with contextlib.suppress(OSError):
                os.write(_begun, b".")
        if _step == (step, seen[step]):
            os.kill(os.getpid(), signal.SIGKILL)

    return replace(app.open_mint(settings), reached=reached)


def note_signatures(path: Path) -> None:
    """Have every signature of this process and its children noted as soon as it exists."""
    log = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    finish = Batch.finish

    def noted(self: Batch, prepared: Prepared) -> bytes:
        signed = finish(self, prepared)
        os.write(log, f"{sha256_hex(signed)}\n".encode())
        return signed

    Batch.finish = noted  # type: ignore[method-assign]


class Harness:
    """A house, the bulks in it, and who kills."""

    def __init__(self, settings: Settings, *, rows: int, chunk_rows: int, seed: int) -> None:
        self.settings = settings
        self.rows = rows
        self.random = random.Random(seed)  # noqa: S311  moments of kills
        self.figures = Figures()
        self.ids: list[str] = []
        self.seen: dict[tuple[str, int], tuple[str, str]] = {}  # acknowledged: key and digest of each row
        self.now = clock.now() - timedelta(hours=12)
        engine.FEW = 0  # type: ignore[misc]  # always in processes
        for module in ("issuer.bulk.chunk", "issuer.bulk.engine"):
            vars(sys.modules[module])["CHUNK"] = chunk_rows
        self.signed = settings.data / "signed.log"
        note_signatures(self.signed)
        with self.open() as mint:
            mint.db.upgrade()
            programme.seed(mint, now=self.now - timedelta(days=1))
            first = AwardRequest("SEL1-v1", "first@teachers.example", "first", self.now)
            issuance.issue(mint, issuance.award(mint, first, now=self.now).award.key, now=self.now)

    @contextlib.contextmanager
    def open(self) -> Iterator[Mint]:
        """Open the room here; nothing of it is open when the block ends, so that a fork copies nothing."""
        house = app.open_house(self.settings)
        try:
            yield house.mint
        finally:
            house.db.close()
            house.jobs.close()

    def bring(self) -> str:
        """Begin another bulk, and return its id."""
        id, number = str(uuid.uuid4()), len(self.ids)
        made = Bulk(id, f"year {number}", BulkState.TRIAL, self.rows, False, "cli", self.now)
        requests = (
            AwardRequest("SEL1-v1", f"p{each}@teachers.example", f"{number}-{each}", self.now)
            for each in range(self.rows)
        )
        with self.open() as mint, mint.db.transaction() as session:
            contents = [(each, content.write(asked)) for each, asked in enumerate(requests, start=2)]
            bulks.add(session, made, contents)
            bulks.step(session, id, before=BulkState.TRIAL, after=BulkState.RUNNING, now=self.now)
        self.ids.append(id)
        return id

    def cycle(self) -> None:
        """Start the command, kill it somehow, and look at what was acknowledged."""
        global _begun, _step  # noqa: PLW0603  forked workers find them
        if not self.ids or self.is_done(self.ids[-1]):
            self.bring()
        way = self.random.choice(WAYS)
        self.now += LEASE + timedelta(seconds=1)
        begun = time.monotonic()
        _step = (self.random.choice(STEPS[:5]), self.random.randint(1, 4)) if way == "step" else None
        hears, _begun = os.pipe()
        context = multiprocessing.get_context("fork")
        parent = context.Process(target=_command, args=(self.settings, self.ids[-1], self.now))
        parent.start()
        os.close(_begun)
        group = parent.pid or 0
        select.select([hears], [], [], WAIT)  # until rows are taken, or everybody has ended
        self.pause()
        if way == "worker":
            for worker in _children(group)[:1]:
                _kill(worker)
            self.pause()
        if way == "parent":
            workers = _children(group)
            _kill(group)
            parent.join()
            self.figures.workers_left += not _end(workers)
        if way == "step":
            parent.join(1.0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        parent.join()
        os.close(hears)
        self.now += timedelta(seconds=time.monotonic() - begun)  # the clock of the killed went on as well
        _begun, _step = -1, None
        self.figures.ways[way] = self.figures.ways.get(way, 0) + 1
        self.figures.cycles += 1
        self.acknowledge()

    def pause(self) -> None:
        """Let them work for a moment that nobody knows."""
        time.sleep(self.random.uniform(0.05, 0.4))

    def is_done(self, id: str) -> bool:
        """Tell whether all rows of a bulk are issued and formed."""
        with self.open() as mint, mint.db.reading() as session:
            found = session.execute(text("SELECT formed_at FROM issuer_bulks WHERE id = :id"), {"id": id})
            return found.scalar_one() is not None

    def acknowledge(self) -> None:
        """Remember what is issued now; what was issued before has to be there still, as it was."""
        with self.open() as mint, mint.db.reading() as session:
            found = session.execute(
                text(
                    "SELECT i.bulk, i.number, i.award, c.signed_json FROM issuer_bulk_items i JOIN "
                    "issuer_credentials c ON c.key = i.award WHERE i.state = 'issued' AND i.bulk = :id"
                ),
                {"id": self.ids[-1]},
            )
            now = {(bulk, number): (award, sha256_hex(raw or b"")) for bulk, number, award, raw in found}
        before = {row: what for row, what in self.seen.items() if row[0] == self.ids[-1]}
        self.figures.acknowledged_lost += sum(now.get(row) != what for row, what in before.items())
        self.seen |= now

    def finish(self) -> Figures:
        """Let everything come to its end, and count from outside."""
        self.now += LEASE + timedelta(seconds=1)
        for id in self.ids:
            context = multiprocessing.get_context("fork")
            parent = context.Process(target=_command, args=(self.settings, id, self.now))
            parent.start()
            parent.join()
        with self.open() as mint:
            self._count(mint)
        return self.figures

    def _count(self, mint: Mint) -> None:
        figures = self.figures
        figures.bulks, figures.rows = len(self.ids), len(self.ids) * self.rows
        with mint.db.reading() as session:
            states: Counter[str] = Counter()
            keys: list[str] = []
            for id in self.ids:
                for row in bulks.rows(session, id, limit=1_000_000):
                    states[row.state] += 1
                    keys += [row.award] if row.award is not None else []
            awards = session.execute(
                text("SELECT 1 FROM issuer_awards GROUP BY recipient, submission HAVING count(*) > 1")
            ).all()
            made = session.execute(text("SELECT count(*) FROM issuer_awards")).scalar_one()
            orphans = session.execute(
                text(
                    "SELECT count(*) FROM issuer_status_entries e LEFT JOIN issuer_credentials c ON "
                    "c.key = e.credential WHERE e.credential IS NOT NULL AND "
                    "(c.key IS NULL OR c.state <> 'issued')"
                )
            ).scalar_one()
            placed = session.execute(
                text("SELECT count(*) FROM issuer_status_entries WHERE credential IS NOT NULL")
            ).scalar_one()
            purposes = session.execute(
                text("SELECT count(DISTINCT purpose) FROM issuer_status_entries")
            ).scalar_one()
            figures.audit_faults = int(audit.check(session) is not None)
        figures.issued = states[RowState.ISSUED]
        figures.lost = figures.rows - figures.issued
        figures.duplicated = len(awards) + (len(keys) - len(set(keys))) + max(0, made - 1 - figures.rows)
        figures.orphan_places = orphans
        figures.missing_places = abs(placed - purposes * made)
        self._verify(mint, keys)

    def _verify(self, mint: Mint, keys: list[str]) -> None:
        """Verify every credential from its stored bytes, both forms, and one in a hundred by the verifier."""
        cabinet, figures = mint.cabinet, self.figures
        embedded = cabinet.signer(SLUG, KeyAlgorithm.ED25519).public_key
        token = cabinet.signer(SLUG, KeyAlgorithm.P256).public_key
        recorded: set[str] = set()
        for number, key in enumerate(keys):
            with mint.db.reading() as session:
                found = credentials.get(session, key)
            raw = found.signed_json or b""
            recorded.add(sha256_hex(raw))
            figures.formless += found.signed_jwt is None
            try:
                members = parse(raw).members
                proof = data_integrity.proofs(members)[0]
                data_integrity.verify_proof(members, proof, public_key=embedded, now=self.now)
                parsed = vc_jwt.parse_jwt((found.signed_jwt or b"").decode())
                vc_jwt.verify(parsed, public_key=token)
            except HallmarkError:
                figures.invalid += 1
                continue
            if number % 100 == 0 and mint.examine(raw, now=self.now).verdict != "valid":
                figures.invalid += 1
            else:
                figures.verified += 1
        made = set(self.signed.read_text().split())
        figures.signatures = len(made)
        figures.signed_unrecorded = len(made - recorded)


def _command(settings: Settings, id: str, now: datetime) -> None:
    """Be the command: a process group of its own, and its workers."""
    os.setsid()
    os.dup2(os.open(settings.data / "said", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), 2)
    mint = replace(app.open_mint(settings), opener=opener)
    engine.run(mint, id, now=now, processes=PROCESSES)


def _children(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(each) for each in listed.split()]


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _end(pids: list[int]) -> bool:
    """Wait until all of these have ended by themselves; tell whether they did."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        if not any(Path(f"/proc/{pid}/status").exists() and _lives(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def _lives(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def campaign(
    settings: Settings,
    *,
    cycles: int,
    rows: int,
    chunk_rows: int,
    seed: int,
    tell: Callable[[str], None] = lambda _line: None,
) -> Figures:
    """Kill so many times, let everything come to its end, and return what is seen from outside."""
    begun = time.monotonic()
    harness = Harness(settings, rows=rows, chunk_rows=chunk_rows, seed=seed)
    for number in range(cycles):
        harness.cycle()
        if (number + 1) % 10 == 0:
            tell(f"{number + 1} kills, {len(harness.seen):,} acknowledged, {len(harness.ids)} bulks")
    figures = harness.finish()
    figures.database = settings.database_url.partition(":")[0]
    figures.seconds = round(time.monotonic() - begun, 1)
    return figures


@contextlib.contextmanager
def _house(database: str) -> Iterator[Settings]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallmark-kills-")))
        url = database if "://" in database else ""
        if database == "postgresql":
            from tests.postgres import Databases, own_server

            server = stack.enter_context(own_server())
            databases = Databases(server.admin)
            databases.prepare()
            url = databases.create("kills")
        yield Settings(data=folder, database_url=url)
        if (folder / "said").exists():
            sys.stderr.write((folder / "said").read_text()[-2_000:])


def main(arguments: list[str] | None = None) -> int:
    """Run a campaign and print its figures; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--database", default="sqlite", help="sqlite, postgresql, or the address of one")
    parser.add_argument("--rows", type=int, default=2_000, help="of each bulk")
    parser.add_argument("--chunk", type=int, default=50, help="rows that are committed together")
    parser.add_argument("--seed", type=int, default=0, help="of the moments; 0: another one each time")
    asked = parser.parse_args(arguments)
    seed = asked.seed or random.SystemRandom().randrange(1, 10**9)
    print(f"seed {seed}", flush=True)
    with _house(asked.database) as settings:
        figures = campaign(
            settings,
            cycles=asked.cycles,
            rows=asked.rows,
            chunk_rows=asked.chunk,
            seed=seed,
            tell=lambda line: print(line, flush=True),
        )
    print(json.dumps(asdict(figures), indent=2))
    print("nothing is wrong" if figures.faults == 0 else f"{figures.faults} FAULTS")
    return int(figures.faults > 0)


if __name__ == "__main__":
    sys.exit(main())
