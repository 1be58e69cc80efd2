# SPDX-License-Identifier: Apache-2.0
"""Starts the peers, asks them, and ends every one of them; a peer that cannot run is told with its reason.

Peers on Node come from ``benchmarks/node``: exact versions, installed by npm into a cache outside the
checkout (``HALLMARK_BENCH_CACHE``, else ``~/.cache/hallmark-bench``), without running install scripts.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NODE = Path(__file__).parent / "node"
CHECKOUT = Path(__file__).parent.parent
INSTALL_SECONDS = 300.0
REASON_CHARS = 300

PYTHON_PEERS = {
    "Hallmark": "ours",
    "floor": "floor",
    "PyLD by hand": "by_hand",
    "openbadgeslib": "by_openbadgeslib",
    "openvc-core": "by_openvc",
    "PyJWT": "by_pyjwt",
    "Pillow": "by_pillow",
}
NODE_PEERS = {
    "@digitalbazaar/vc": "digitalbazaar.mjs",
    "@digitalcredentials/vc": "digitalcredentials.mjs",
    "jose": "jose.mjs",
}


class PeerError(Exception):
    """A peer cannot run, or did something wrong; the message is the reason that is shown."""


@dataclass(slots=True)
class Worker:
    """One peer in a process of its own."""

    peer: str
    process: subprocess.Popen[str]
    versions: Mapping[str, str] = field(default_factory=dict)
    ops: Sequence[str] = ()

    def ask(self, op: str, fixture: Path, seconds: float) -> dict[str, Any]:
        """Ask for one operation.

        Raises:
            PeerError: The worker has ended; its last words say why.
        """
        assert self.process.stdin is not None
        words = json.dumps({"op": op, "fixture": str(fixture), "seconds": seconds})
        try:
            self.process.stdin.write(words + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise PeerError(self._last_words()) from None
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """Return the next line of the worker."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise PeerError(self._last_words())
        said: dict[str, Any] = json.loads(line)
        return said

    def stop(self) -> None:
        """End the worker, whatever it is doing."""
        self.process.kill()
        self.process.communicate()

    def _last_words(self) -> str:
        assert self.process.stderr is not None
        self.process.wait(timeout=10)
        lines = [line.strip() for line in self.process.stderr.read().splitlines() if line.strip()]
        errors = [line for line in lines if "Error" in line]
        return (errors or lines or ["it ended without a word"])[-1][:REASON_CHARS]


def start(peer: str) -> Worker:
    """Start a peer, and hear what it can do.

    Raises:
        PeerError: It cannot run.
    """
    if peer in PYTHON_PEERS:
        command = [sys.executable, "-m", f"benchmarks.peers.{PYTHON_PEERS[peer]}"]
    else:
        command = [node(), str(node_folder() / NODE_PEERS[peer])]
    process = subprocess.Popen(
        command,
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": "0"},
    )
    worker = Worker(peer, process)
    try:
        hello = worker.hear()
    except PeerError:
        worker.stop()
        raise
    worker.versions, worker.ops = hello["versions"], hello["ops"]
    return worker


@contextmanager
def started(peers: Sequence[str]) -> Iterator[tuple[dict[str, Worker], dict[str, str]]]:
    """Start ``peers``; gives those that run, and why others do not. All are ended with the block."""
    running: dict[str, Worker] = {}
    not_run: dict[str, str] = {}
    try:
        for peer in peers:
            try:
                running[peer] = start(peer)
            except PeerError as error:
                not_run[peer] = str(error)
        yield running, not_run
    finally:
        for worker in running.values():
            worker.stop()


def node() -> str:
    """Return where Node is.

    Raises:
        PeerError: It is not here.
    """
    found = shutil.which("node")
    if found is None:
        raise PeerError("Node is not installed here")
    return found


def node_folder() -> Path:
    """Return the folder with the peers on Node and their libraries; install them if they are not there.

    Raises:
        PeerError: They cannot be installed.
    """
    lock = (NODE / "package-lock.json").read_bytes()
    cache = os.environ.get("HALLMARK_BENCH_CACHE", "") or "~/.cache/hallmark-bench"
    folder = Path(cache).expanduser() / f"node-{hashlib.sha256(lock).hexdigest()[:12]}"
    done = folder / ".installed"
    folder.mkdir(parents=True, exist_ok=True)
    for file in (*NODE.glob("*.mjs"), NODE / "package.json", NODE / "package-lock.json"):
        shutil.copyfile(file, folder / file.name)
    if not done.exists():
        _install(folder)
        done.touch()
    return folder


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise PeerError("npm is not installed here")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"]
    try:
        subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS
        )
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.splitlines() if "error" in line.lower()]
        raise PeerError(f"npm could not install it: {(lines or ['no word'])[0]}"[:REASON_CHARS]) from None
    except subprocess.TimeoutExpired:
        raise PeerError(f"npm did not install it within {INSTALL_SECONDS:.0f} s") from None
