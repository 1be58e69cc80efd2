# SPDX-License-Identifier: Apache-2.0
"""F3: many processes take back, suspend and reinstate at once; rows, lists and answers must agree at the end.

``python -m tests.faults.revokers --database sqlite|postgresql [--changes N] [--processes N] [--chunk N]``

A house with credentials of usual size, a worker that publishes, and processes that share the changes: some
come twice, some are undone. Each writes down what was acknowledged to it. Meanwhile the public list is read
as strangers read it. Then, from outside:

- what was acknowledged is in the rows, and nothing else is; the audit log holds a line for each, unbroken;
- the published list shows the rows: no bit is missing, and none is set but those of decoys;
- no list that was read was older than one before it;
- how long a change took from its acknowledgement to the public list.

With ``--chunk 1`` each change is a decision and a commit of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

import app
from credentials import status_list
from issuer import revocation, status_publisher
from issuer.award import AwardState
from issuer.deciding import ACTION
from issuer.errors import StatusFinalError
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from issuer.status import LIST_ENTRIES
from issuer.store import status as rows
from issuer.store.status import Served
from issuer.store.tables import CredentialRow, StatusEntryRow
from service import audit, clock
from service.errors import DatabaseUnavailableError
from service.settings import Settings
from tests.issuer.house import make_house, open_mint

ISSUER = "example-education"
JSON_BYTES, JWT_BYTES = 6_300, 8_400  # of a usual credential
LOOK = 0.1  # seconds between two looks at the public list
PATIENCE = 5.0  # seconds within which a change is public
REASONS = {
    AwardState.REVOKED: Reason.ISSUED_IN_ERROR,
    AwardState.SUSPENDED: Reason.UNDER_REVIEW,
    AwardState.ISSUED: Reason.REVIEW_ENDED,
}


@dataclass(slots=True)
class Figures:
    """What came of it; the sentences in ``wrong`` say what should not be."""

    database: str
    processes: int
    chunk: int
    changes: int
    changed: int = 0
    already: int = 0
    refused: int = 0
    unavailable: int = 0  # how often the database did not answer in time, and was asked again
    seconds: float = 0.0
    cpu_seconds: float = 0.0  # of the processes that decide, without their start
    per_second: float = 0.0
    published: int = 0
    slowest_public: float = 0.0
    decoys: int = 0
    wrong: list[str] = field(default_factory=list)


def measure(*, database: str, changes: int, processes: int, chunk: int) -> Figures:
    """Run it once in a folder and on a database of its own."""
    with running_on(database), tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "house"
        team = _begin(folder, processes, chunk)  # before anything is open here: they are forks of this one
        make_house(folder)
        plan = _plan(fill(folder, changes), changes)
        (folder / "plan.json").write_text(json.dumps(plan))
        figures = Figures(database, processes, chunk, changes)
        _run(folder, team, figures)
        return figures


def _plan(keys: Sequence[str], changes: int) -> list[tuple[str, str]]:
    """Return the changes in a random order: four tenths withdraw, a tenth repeats, the rest come and go."""
    draw = random.Random(7)  # noqa: S311  the same order on every run
    withdrawn = keys[: changes * 4 // 10]
    moved = keys[len(withdrawn) :]
    wanted = [(key, "revoked") for key in withdrawn]
    wanted += [(key, "revoked") for key in withdrawn[: changes // 10]]
    while len(wanted) < changes:
        wanted.append((draw.choice(moved), draw.choice(("suspended", "issued", "suspended"))))
    draw.shuffle(wanted)
    return wanted


def fill(folder: Path, changes: int) -> list[str]:
    """Write down credentials of usual size with their places; they need no true signature for this."""
    mint = open_mint(folder)
    draw = random.Random(8)  # noqa: S311
    number = changes * 6 // 10
    keys = [f"00000000-0000-4000-8000-{each:012x}" for each in range(number)]
    now = clock.now()
    lists = {purpose: f"{each:032x}" for each, purpose in enumerate(("revocation", "suspension"))}
    positions = {purpose: draw.sample(range(LIST_ENTRIES), number) for purpose in lists}
    with mint.db.transaction() as session:
        for purpose, id in lists.items():
            rows.add_list(session, id=id, issuer=ISSUER, purpose=purpose, now=now)
        session.execute(
            insert(CredentialRow),
            [
                {
                    "key": key,
                    "issuer": ISSUER,
                    "credential_id": f"{mint.public_url}/credentials/{key}",
                    "kind": "award",
                    "state": AwardState.ISSUED,
                    "signed_json": draw.randbytes(JSON_BYTES),
                    "signed_jwt": draw.randbytes(JWT_BYTES),
                    "attempts": 0,
                    "created_at": now,
                    "issued_at": now,
                }
                for key in keys
            ],
        )
        session.execute(
            insert(StatusEntryRow),
            [
                {"list": id, "position": position, "credential": key, "purpose": purpose, "is_set": False}
                for purpose, id in lists.items()
                for key, position in zip(keys, positions[purpose], strict=True)
            ],
        )
        session.execute(text("UPDATE issuer_status_lists SET entries = :number"), {"number": number})
    status_publisher.publish_due(mint, now=now)
    mint.db.close()
    return keys


def _begin(folder: Path, processes: int, chunk: int) -> tuple[_Child, ...]:
    """Start who publishes, and those who decide; they wait until they are told that the house stands."""
    shares = [partial(_share, folder, each, processes, chunk) for each in range(processes)]
    return (_Child(partial(_work, folder)), *map(_Child, shares))


def _run(folder: Path, team: Sequence[_Child], figures: Figures) -> None:
    worker, *children = team
    for process in team:
        process.say("open")
    for process in team:
        process.expect("ready")
    begun = time.time()
    for process in children:
        process.say("go")
    mint = open_mint(folder)
    seen = _watch(mint, children)
    figures.seconds = round(time.time() - begun, 2)
    acknowledged = list(_acknowledged(folder))
    _until_public(mint, seen)
    worker.say("stop")
    for process in team:
        process.end()
    figures.cpu_seconds = round(sum(float(each.read_text()) for each in folder.glob("cpu-*")), 2)
    figures.unavailable = sum(int(each.read_text()) for each in folder.glob("unavailable-*"))
    figures.per_second = round(figures.changes / figures.seconds)
    if any(process.code for process in team):
        figures.wrong.append("a process ended with an error")
    _judge(mint, acknowledged, seen, figures)
    mint.db.close()


class _Seen:
    """The public lists as they were read: the versions, and when each bit was first seen to change."""

    def __init__(self) -> None:
        self.versions: dict[str, Served] = {}
        self.bits: dict[str, int] = {}
        self.times: dict[tuple[str, int], list[tuple[float, int]]] = defaultdict(list)
        self.older = 0
        self.number = 0

    def look(self, mint: Mint) -> None:
        for list_id in (f"{0:032x}", f"{1:032x}"):
            served = status_publisher.served(mint, list_id, now=clock.now())
            moment, last = time.time(), self.versions.get(list_id)
            if last is not None and served.version == last.version:
                continue
            if last is not None and (served.version < last.version or served.valid_from < last.valid_from):
                self.older += 1
            self.number += 1
            self.versions[list_id] = served
            bits = int.from_bytes(_bits(served), "big")
            turned = bits ^ self.bits.get(list_id, 0)
            self.bits[list_id] = bits
            while turned:
                low = turned & -turned
                position = LIST_ENTRIES - low.bit_length()
                self.times[list_id, position].append((moment, int(bool(bits & low))))
                turned ^= low


def _bits(served: Served) -> bytes:
    return status_list.decode(json.loads(served.body)["credentialSubject"]["encodedList"])


def _watch(mint: Mint, children: Sequence[_Child]) -> _Seen:
    seen = _Seen()
    while any(process.code is None for process in children):
        seen.look(mint)
        time.sleep(LOOK)
    return seen


def _until_public(mint: Mint, seen: _Seen) -> None:
    end = time.time() + PATIENCE
    while time.time() < end:
        seen.look(mint)
        with mint.db.reading() as session:
            waits = text("SELECT count(*) FROM issuer_status_lists WHERE waiting_since IS NOT NULL")
            if session.execute(waits).scalar_one() == 0:
                break
        time.sleep(LOOK)
    seen.look(mint)


def _judge(mint: Mint, acknowledged: Sequence[Mapping[str, Any]], seen: _Seen, figures: Figures) -> None:
    said = Counter(each["effect"] for each in acknowledged)
    figures.changed, figures.already, figures.refused = said["changed"], said["already"], said["refused"]
    figures.published = seen.number
    if len(acknowledged) != figures.changes:
        figures.wrong.append(f"{figures.changes - len(acknowledged)} changes have no answer")
    if seen.older:
        figures.wrong.append(f"{seen.older} lists were older than what was served before")
    with mint.db.reading() as session:
        _judge_rows(session, acknowledged, figures)
        places = _judge_lists(session, seen, figures)
    withdrawn = [each for each in acknowledged if (each["effect"], each["wanted"]) == ("changed", "revoked")]
    waits = [
        seen.times[places[each["key"]]][0][0] - each["at"]
        for each in withdrawn
        if seen.times[places[each["key"]]]
    ]
    if len(waits) != len(withdrawn):
        figures.wrong.append(f"{len(withdrawn) - len(waits)} withdrawals were never seen in the public list")
    figures.slowest_public = round(max(waits, default=0.0), 2)
    if figures.slowest_public > PATIENCE:
        figures.wrong.append(f"a withdrawal was public after {figures.slowest_public} s")


def _judge_rows(session: Any, acknowledged: Sequence[Mapping[str, Any]], figures: Figures) -> None:
    """Compare what was acknowledged with decisions, states and audit lines."""
    told = Counter((each["key"], each["wanted"]) for each in acknowledged if each["effect"] == "changed")
    changes = session.execute(text("SELECT credential, state FROM issuer_status_changes ORDER BY id")).all()
    kept = Counter((key, state) for key, state in changes)
    lost, extra = sum((told - kept).values()), sum((kept - told).values())
    if lost or extra:
        figures.wrong.append(f"rows are not what was acknowledged: {lost} lost, {extra} extra")
    found = session.execute(text("SELECT subject, action FROM audit_log WHERE subject LIKE '00000000-%'"))
    lines = Counter((key, action.removeprefix("credential.")) for key, action in found)
    if lines != Counter({(key, ACTION[AwardState(state)]): many for (key, state), many in kept.items()}):
        figures.wrong.append("the audit log is not what was done")
    if audit.check(session) is not None:
        figures.wrong.append("the audit log is broken")
    states = _states(session)
    last: dict[str, str] = dict(tuple(row) for row in changes)
    if any(states[key] != state for key, state in last.items()):
        figures.wrong.append("a state is not that of the last decision")


def _judge_lists(session: Any, seen: _Seen, figures: Figures) -> dict[str, tuple[str, int]]:
    """Compare states, bits in rows and published bits; return where each credential is withdrawn."""
    states = _states(session)
    expected: dict[str, int] = defaultdict(int)
    places: dict[str, tuple[str, int]] = {}
    wrong = 0
    for list_id, position, credential, purpose, is_set in session.execute(
        text("SELECT list, position, credential, purpose, is_set FROM issuer_status_entries")
    ):
        if is_set:
            expected[list_id] |= 1 << (LIST_ENTRIES - 1 - position)
        if credential is None:
            figures.decoys += bool(is_set)
        elif purpose == "revocation":
            places[credential] = (list_id, position)
            wrong += bool(is_set) != (states[credential] == "revoked")
        elif states[credential] != "revoked":
            wrong += bool(is_set) != (states[credential] == "suspended")
    if wrong:
        figures.wrong.append(f"{wrong} bits are not as the state of their credential")
    if any(seen.bits.get(list_id, 0) != bits for list_id, bits in expected.items()):
        figures.wrong.append("a published list is not what the rows say")
    return places


def _states(session: Any) -> dict[str, str]:
    return dict(map(tuple, session.execute(text("SELECT key, state FROM issuer_credentials"))))


# -- the processes -----------------------------------------------------------------------------------------


class _Child:
    """A process that waits until it is told to begin, and what is said to it and by it."""

    def __init__(self, task: Callable[[Connection], None]) -> None:
        context = multiprocessing.get_context("fork")
        self._line, its = context.Pipe()
        self._process = context.Process(target=_told, args=(task, its))
        self._process.start()
        its.close()

    @property
    def code(self) -> int | None:
        """How it ended; None: it runs."""
        return self._process.exitcode

    def say(self, word: str) -> None:
        self._line.send(word)

    def expect(self, word: str) -> None:
        assert self._line.recv() == word

    def end(self) -> None:
        """Wait until it has ended."""
        self._process.join()


def _told(task: Callable[[Connection], None], line: Connection) -> None:
    line.recv()  # "open"
    task(line)


def _work(folder: Path, line: Connection) -> None:
    """Publish what bells ask for, until told to stop."""
    house = app.open_house(Settings(data=folder))
    with house.jobs.working(1):
        line.send("ready")
        line.recv()
    house.db.close()


def _share(folder: Path, number: int, of: int, chunk: int, line: Connection) -> None:
    """Carry out one share of the plan, and write down what was acknowledged."""
    mint = open_mint(folder)
    plan = json.loads((folder / "plan.json").read_text())[number::of]
    decisions = {state: Decision(state, reason) for state, reason in REASONS.items()}
    wanted = [(key, decisions[AwardState(state)]) for key, state in plan]
    while _decide(mint, [("nothing", decisions[AwardState.REVOKED])] * 2) is None:  # Statements are compiled.
        pass
    line.send("ready")
    line.recv()
    used = resource.getrusage(resource.RUSAGE_SELF)
    before, unavailable = used.ru_utime + used.ru_stime, 0
    with (folder / f"acknowledged-{number}").open("w") as kept:
        for start in range(0, len(wanted), chunk):
            some = wanted[start : start + chunk]
            while (effects := _decide(mint, some)) is None:
                unavailable += 1
            for (key, decision), effect in zip(some, effects, strict=True):
                said = {"key": key, "wanted": decision.wanted, "effect": effect, "at": time.time()}
                kept.write(json.dumps(said) + "\n")
    used = resource.getrusage(resource.RUSAGE_SELF)
    (folder / f"unavailable-{number}").write_text(str(unavailable))
    (folder / f"cpu-{number}").write_text(str(used.ru_utime + used.ru_stime - before))
    mint.db.close()


def _decide(mint: Mint, wanted: Sequence[tuple[str, Decision]]) -> list[str] | None:
    """Return what was acknowledged; None: the database did not answer, and it is asked again."""
    key, decision = wanted[0]
    try:
        if len(wanted) > 1:
            return [each.effect for each in revocation.decide_many(mint, wanted, now=clock.now(), actor="f3")]
        return [revocation.decide(mint, key, decision, now=clock.now(), actor="f3").effect]
    except StatusFinalError:
        return ["refused"]
    except DatabaseUnavailableError:
        return None


def _acknowledged(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.glob("acknowledged-*")):
        for line in path.read_text().splitlines():
            yield json.loads(line)


@contextmanager
def running_on(name: str) -> Iterator[None]:
    """Start a PostgreSQL of our own for this run, unless the run of the tests has one already."""
    from tests import postgres

    if name == "sqlite" or postgres.ADDRESS in os.environ:
        yield
        return
    server = postgres.begin()
    postgres.use(postgres.Databases(os.environ[postgres.ADDRESS]))
    try:
        yield
    finally:
        server.stop()


def main() -> int:
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(description="Many processes decide about credentials at once (F3).")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--chunk", type=int, default=50)
    asked = parser.parse_args()
    figures = measure(
        database=asked.database, changes=asked.changes, processes=asked.processes, chunk=asked.chunk
    )
    print(json.dumps(asdict(figures), indent=2))
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
