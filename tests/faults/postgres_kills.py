# SPDX-License-Identifier: Apache-2.0
"""Kills PostgreSQL (signal 9) under a load of awards and revocations, again and again (goal R2, F2).

``python -m tests.faults.postgres_kills --cycles 10`` starts a server of its own and the real command, sends
awards and revocations from several threads, kills all processes of the server, starts it again, and prints
what was acknowledged, what was lost, how long refusals took, and how soon things were well again. With
``--bulk 5000`` the jobs of the command issue a bulk meanwhile; each of its rows has to be one credential.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

import app
from issuer import issuance, programme
from issuer.award import AwardRequest
from issuer.bulk import content, engine
from issuer.bulk.bulk import LEASE, Bulk, BulkState
from issuer.mint import Mint
from issuer.store import bulks
from issuer.store import credentials as rows
from service import audit, clock, tokens
from service.settings import Settings, write_file
from tests import postgres

ROOT = Path(__file__).resolve().parent.parent.parent
AWARDERS = 3  # threads that award; one more revokes
LOAD_SECONDS = 1.5  # before each kill
AWAY_SECONDS = 0.7  # how long the database is away
# The command, but that a program may take back as many in a day as it likes without a second person.
_SERVE = "import hallmark, issuer.takeback.alone as alone; alone.SECOND_PERSON = 10**9; hallmark.main()"
START_SECONDS = 120.0  # within which the command serves, also on a machine with much else to do
PATIENCE = 30.0  # seconds after which something that should be well is not


@dataclass
class Figures:
    """What a run has shown."""

    awarded: dict[str, str] = field(default_factory=dict)  # idempotency key → id; acknowledged with 201
    revoked: list[str] = field(default_factory=list)  # ids; acknowledged with 200
    refused: list[float] = field(default_factory=list)  # seconds until each 503
    healed: list[float] = field(
        default_factory=list
    )  # seconds from its return to the first success, per kill
    back: list[float] = field(default_factory=list)  # seconds until the server itself took connections again
    faults: list[str] = field(default_factory=list)  # what must not happen, in words
    lost: list[str] = field(default_factory=list)  # what was acknowledged and is not there
    by_then: int = 0  # rows of the bulk that were issued when the command ended
    bulk: engine.Progress | None = None  # how far the bulk came when it was driven to its end


class Load:
    """Clients that remember every acknowledgement."""

    def __init__(self, address: str, token: str, figures: Figures) -> None:
        self._host = address.removeprefix("http://")
        self._token = token
        self._figures = figures
        self._stop = threading.Event()
        self._given: queue.Queue[str] = queue.Queue()
        self._threads = [
            *(threading.Thread(target=self._award, args=(number,)) for number in range(AWARDERS)),
            threading.Thread(target=self._revoke),
        ]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send while the block runs."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    @property
    def successes(self) -> tuple[int, int]:
        """How many awards and revocations were acknowledged so far."""
        return len(self._figures.awarded), len(self._figures.revoked)

    @property
    def faults(self) -> list[str]:
        """What went wrong so far, in words."""
        return self._figures.faults

    def _award(self, number: int) -> None:
        count = 0
        while not self._stop.is_set():
            key = f"client-{number}-{count}"
            body = {"achievement": "SEL1", "recipient": {"email": f"{key}@school.example"}, "submission": key}
            status, answer = self._send("/credentials", body, key=key)
            if status == 201:
                self._figures.awarded[key] = answer["id"]
                self._given.put(answer["id"])
                count += 1
            elif status != 503:
                self._figures.faults.append(f"an award was answered with {status}: {str(answer)[:300]}")
                return

    def _revoke(self) -> None:
        while not self._stop.is_set():
            try:
                id = self._given.get(timeout=0.1)
            except queue.Empty:
                continue
            doubted = False
            while not self._stop.is_set():
                path = f"/credentials/{id.rpartition('/')[2]}/status"
                status, answer = self._send(path, {"status": "revoked", "reason": "other"})
                if status == 200:
                    self._figures.revoked.append(id)
                elif status == 503:
                    doubted = True
                    continue
                elif (
                    not doubted
                ):  # After a 503 it may have been done already, which is said with another code.
                    self._figures.faults.append(f"a revocation was answered with {status}: {answer}")
                break

    def _send(self, path: str, body: dict[str, Any], *, key: str | None = None) -> tuple[int, Any]:
        """Send once; what is not an answer of ours at all is a fault."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        if key is not None:
            headers |= {"Idempotency-Key": key, "Accept": "application/json"}
        begun = time.monotonic()
        connection = http.client.HTTPConnection(self._host, timeout=PATIENCE)
        try:
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._figures.faults.append(f"no answer: {error!r}")
            time.sleep(0.1)
            return 503, None
        finally:
            connection.close()
        if answer.status == 503:
            self._figures.refused.append(time.monotonic() - begun)
            problem = answer.headers.get_content_type() == "application/problem+json"
            if not problem or not answer.headers.get("Retry-After"):
                self._figures.faults.append(f"a refusal is no problem of ours: {raw[:300]!r}")
            time.sleep(0.05)
        return answer.status, json.loads(raw)


def run(folder: Path, *, cycles: int, processes: int = 1, bulk: int = 0) -> Figures:
    """Kill the database ``cycles`` times under load and a bulk of so many rows; look at what is left."""
    figures = Figures()
    with postgres.own_server() as server:
        databases = postgres.Databases(server.admin)
        databases.prepare()
        url = databases.create("hallmark", template=postgres.TEMPLATE)
        token, id = _make_house(folder, url, bulk=bulk)
        with _serving(folder, processes, figures) as address:
            load = Load(address, token, figures)
            with load.running():
                for _ in range(cycles):
                    _one_kill(server, load, figures)
                time.sleep(LOAD_SECONDS)
        _look(folder, url, figures, id=id)
    return figures


def _one_kill(server: postgres.Server, load: Load, figures: Figures) -> None:
    _until(lambda before: all(now > was for now, was in zip(load.successes, before, strict=True)), load)
    time.sleep(LOAD_SECONDS)
    server.kill()
    time.sleep(AWAY_SECONDS)
    begun = time.monotonic()
    server.start()
    figures.back.append(time.monotonic() - begun)
    begun = time.monotonic()
    _until(lambda before: all(now > was for now, was in zip(load.successes, before, strict=True)), load)
    figures.healed.append(time.monotonic() - begun)


def _until(is_well: Any, load: Load) -> None:
    before, end = load.successes, time.monotonic() + PATIENCE
    while not is_well(before):
        if time.monotonic() > end:
            raise AssertionError(f"not well again after {PATIENCE} seconds: {load.faults[-5:]}")
        time.sleep(0.005)


def _make_house(folder: Path, url: str, *, bulk: int) -> tuple[str, str | None]:
    """Make a house with the sample programme; return an access token, and the id of a bulk that runs."""
    (folder / "hallmark.toml").write_text(write_file({"database_url": url, "port": 0}), encoding="utf-8")
    house = app.open_house(Settings(data=folder, database_url=url))
    now = clock.now()
    programme.seed(house.mint, now=now)
    with house.db.transaction() as session:
        scopes = ("credentials:write", "status:write")
        _, token = tokens.new(session, label="load", scopes=scopes, actor="test", now=now)
    id = _begin_bulk(house.mint, bulk) if bulk else None
    house.db.close()
    house.jobs.close()
    return token, id


def _begin_bulk(mint: Mint, number: int) -> str:
    id, now = str(uuid.uuid4()), clock.now()
    made = Bulk(id, "A year", BulkState.TRIAL, number, sends_mail=False, made_by="cli", made_at=now)
    asked = (
        AwardRequest("SEL1-v1", f"b{each}@school.example", f"bulk-{each}", now) for each in range(number)
    )
    with mint.db.transaction() as session:
        bulks.add(session, made, [(place, content.write(each)) for place, each in enumerate(asked, start=2)])
        bulks.step(session, id, before=BulkState.TRIAL, after=BulkState.RUNNING, now=now)
    return id


@contextmanager
def _serving(folder: Path, processes: int, figures: Figures) -> Iterator[str]:
    """Run ``hallmark serve``, and look through its log at the end."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HALLMARK_")}
    command = [sys.executable, "-c", _SERVE, "serve"]
    command += ["--data", str(folder), "--processes", str(processes)]
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=log)
        try:
            yield _address(folder / "log", process)
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)
        said = (folder / "log").read_text(encoding="utf-8")
    for word in ("Traceback", '"event": "mistake"'):
        if word in said:
            figures.faults.append(f"the log has {word}: {said[said.index(word) :][:1500]}")


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        for line in log.read_text(encoding="utf-8").splitlines():
            if line.startswith("Serving "):
                return line.split()[-1]
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))


def _look(folder: Path, url: str, figures: Figures, *, id: str | None) -> None:
    """Compare what was acknowledged with what is in the database."""
    house = app.open_house(Settings(data=folder, database_url=url))
    if id is not None:
        figures.by_then = engine.progress(house.mint, id).issued
        figures.bulk = engine.run(house.mint, id, now=clock.now() + LEASE)
        if figures.bulk.issued != figures.bulk.total:
            figures.faults.append(f"rows of the bulk are not issued: {figures.bulk}")
    issuance.resume(house.mint, now=clock.now())
    with house.db.reading() as session:
        if audit.check(session) is not None:
            figures.faults.append("the audit log is broken")
        if rows.unfinished(session):
            figures.faults.append("something stays unfinished")
        counted = {
            "doubled": "SELECT count(*) FROM (SELECT 1 FROM issuer_awards GROUP BY idempotency_key "
            "HAVING count(*) > 1) AS x",
            "signed but not in the log": "SELECT count(*) FROM issuer_credentials "
            "WHERE signed_json IS NOT NULL AND key NOT IN "
            "(SELECT subject FROM audit_log WHERE action = 'credential.issued') AND key NOT IN "
            "(SELECT award FROM issuer_bulk_items WHERE award IS NOT NULL)",
            "rows of the bulk that share a credential": "SELECT count(award) - count(DISTINCT award) "
            "FROM issuer_bulk_items",
        }
        for what, query in counted.items():
            if session.execute(text(query)).scalar_one():
                figures.faults.append(what)
        known = text("SELECT credential_id, state FROM issuer_credentials WHERE signed_json IS NOT NULL")
        stated: dict[str, str] = {row[0]: row[1] for row in session.execute(known)}
    figures.lost += [id for id in figures.awarded.values() if id not in stated]
    figures.lost += [f"the revocation of {id}" for id in figures.revoked if stated.get(id) != "revoked"]
    house.db.close()
    house.jobs.close()


def main() -> None:
    """Print the figures of one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=10)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--bulk", type=int, default=0, help="Rows of a bulk that is issued meanwhile.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(folder), cycles=asked.cycles, processes=asked.processes, bulk=asked.bulk)
    print(f"{len(found.healed)} kills under load")
    print(f"acknowledged: {len(found.awarded)} awards, {len(found.revoked)} revocations")
    print(f"lost: {len(found.lost)}")
    print(f"refused with 503: {len(found.refused)}, the slowest after {max(found.refused, default=0):.2f} s")
    print(f"the server was back after at most {max(found.back, default=0):.2f} s")
    print(
        f"the first award and the first revocation after that: at most {max(found.healed, default=0):.2f} s"
    )
    if found.bulk is not None:
        print(f"rows of the bulk: {found.bulk.total}; issued meanwhile: {found.by_then}", end="")
        print(f", when it was driven to its end: {found.bulk.issued}")
    for line in [*found.lost, *found.faults]:
        print(f"FAULT: {line}")
    sys.exit(bool(found.lost or found.faults))


if __name__ == "__main__":
    main()
