# SPDX-License-Identifier: Apache-2.0
"""F4: whoever builds a list is killed between building, signing and swapping; what is served stays right.

``python -m tests.faults.publisher_kills [--cycles 100] [--gets 100]``: in each cycle a process that revokes
and publishes is killed at a step, while the list is read as strangers read it. Everything that was read must
verify and be no older than what was read before; what was acknowledged is public five seconds later.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

from credentials import status_list
from credentials.document import parse
from credentials.proofs import data_integrity, vc_jwt
from credentials.verification_method import KeyAlgorithm
from issuer import status_publisher
from issuer.mint import Mint
from issuer.store import status as rows
from issuer.store.status import Served
from service import clock
from tests.faults import publisher_crash
from tests.faults.revokers import fill, running_on
from tests.issuer.house import make_house, open_mint

STEPS = ("list-read", "list-signed", "list-swapped")
PAUSE = 0.002  # seconds between two readings
LIST = f"{0:032x}"  # that ``fill`` makes for withdrawals
ISSUER = "example-education"


@dataclass(slots=True)
class Figures:
    """What came of it; the sentences in ``wrong`` say what should not be."""

    cycles: int
    killed: int = 0
    gets: int = 0
    versions: int = 0
    acknowledged: int = 0
    wrong: list[str] = field(default_factory=list)


def measure(*, cycles: int, gets: int, on: str = "sqlite") -> Figures:
    """Run so many kills, with so many readings in each, in a house of its own."""
    figures = Figures(cycles)
    # They are forked from a process that has read the programme and opened nothing.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.faults.publisher_crash"])
    with running_on(on), tempfile.TemporaryDirectory() as place:
        folder = make_house(Path(place) / "house")
        keys = fill(folder, max(cycles * 4, 10))
        mint = open_mint(folder)
        reader = _Reader(mint, figures)
        given = iter(keys)
        for cycle in range(cycles):
            its = [next(given) for _ in range(2)]
            told = folder / f"told-{cycle}"
            told.touch()
            process = processes.Process(
                target=publisher_crash.main, args=(folder, STEPS[cycle % 3], 1 + cycle % 2, its, told)
            )
            process.start()
            for number in count():
                if process.exitcode is not None and number >= gets:
                    break
                reader.look(now=clock.now())
                time.sleep(PAUSE)
            figures.killed += (process.exitcode or 0) < 0
            said = told.read_text().split()
            figures.acknowledged += len(said)
            late = clock.now() + timedelta(seconds=5)
            reader.look(now=late)
            reader.shows(said)
        mint.db.close()
    return figures


class _Reader:
    """Reads the list as strangers do, and judges each version once."""

    def __init__(self, mint: Mint, figures: Figures) -> None:
        self._mint = mint
        self._figures = figures
        self._last: Served | None = None
        self._bits = b""

    def look(self, *, now: object) -> None:
        served = status_publisher.served(self._mint, LIST, now=now)  # type: ignore[arg-type]
        self._figures.gets += 1
        last, self._last = self._last, served
        if last is not None and served == last:
            return
        self._figures.versions += 1
        if last is not None and (served.version, served.valid_from) < (last.version, last.valid_from):
            self._figures.wrong.append("an older list was served after a newer one")
        self._verify(served)
        bits = status_list.decode(json.loads(served.body)["credentialSubject"]["encodedList"])
        lost = int.from_bytes(self._bits, "big") & ~int.from_bytes(bits, "big")
        if lost:
            self._figures.wrong.append(f"{lost.bit_count()} bits were rolled back")
        self._bits = bits

    def _verify(self, served: Served) -> None:
        ring = self._mint.cabinet.ring(ISSUER)
        document = dict(parse(served.body).members)
        proof = data_integrity.proofs(document)[0]
        key = ring.active(KeyAlgorithm.ED25519).public_key
        data_integrity.verify_proof(document, proof, public_key=key, now=clock.now() + timedelta(seconds=9))
        signed = vc_jwt.parse_jwt(served.jwt.decode("ascii"))
        vc_jwt.verify(signed, public_key=ring.active(KeyAlgorithm.P256).public_key)

    def shows(self, keys: list[str]) -> None:
        """Assert that the list that was read last shows these credentials as withdrawn."""
        for key in keys:
            with self._mint.db.reading() as session:
                place = rows.places(session, key)[0]
            if not status_list.read_status(self._bits, place.position):
                self._figures.wrong.append(f"{key} was acknowledged and is not public")


def main() -> int:
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(description="Whoever builds a status list is killed (F4).")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--gets", type=int, default=100)
    asked = parser.parse_args()
    figures = measure(cycles=asked.cycles, gets=asked.gets, on=asked.database)
    print(json.dumps(asdict(figures), indent=2))
    return 1 if figures.wrong or figures.killed != figures.cycles else 0


if __name__ == "__main__":
    sys.exit(main())
