# SPDX-License-Identifier: Apache-2.0
"""Verifying over HTTP: the tiny app on our walk and on PyLD, and the whole service, on this machine.

All servers are the product's own (waitress), each with as many processes; the generator is a process of its
own. Rounds alternate; answers per second are compared within a round.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.fixture import LIST, Fixture
from benchmarks.workers import CHECKOUT, PeerError

PROCESSES = 2
CLIENTS = 8
FIXED_RATE = 500.0  # per second, of the tiny app
SERVICE_RATE = 200.0  # per second, of the whole service
BESIDE_RATE = 50.0  # per second, of the service while a bulk runs
START_SECONDS = 60.0


def measure(good: Fixture, *, rounds: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Return answers per second of each app in each round, the ratio, and latencies at a fixed rate."""
    order = random.Random(rounds)  # noqa: S311  an order, no secret
    with ExitStack() as stack:
        urls = {
            "walk": stack.enter_context(tiny("walk", good)),
            "pyld": stack.enter_context(tiny("pyld", good)),
            "service": stack.enter_context(service(good)),
        }
        for url in urls.values():
            load(url, good, seconds=min(1.0, seconds))
        done: list[dict[str, Any]] = []
        for number in range(1, rounds + 1):
            names = list(urls)
            order.shuffle(names)
            done.append({name: load(urls[name], good, seconds=seconds) for name in names})
            done[-1]["fixed"] = load(urls["walk"], good, seconds=seconds, rate=FIXED_RATE)
            done[-1]["service_fixed"] = load(urls["service"], good, seconds=seconds, rate=SERVICE_RATE)
            found = ", ".join(f"{name} {done[-1][name]['per_second']:,.0f}/s" for name in urls)
            tiny_p99, service_p99 = (done[-1][name]["p99"] for name in ("fixed", "service_fixed"))
            tails = f"{tiny_p99:.1f} ms of the first at 500/s, {service_p99:.1f} ms of the last at 200/s"
            say(f"HTTP round {number} of {rounds}: {found}; p99 {tails}")
    return {
        "rounds": done,
        "ratio": [each["walk"]["per_second"] / each["pyld"]["per_second"] for each in done],
        "service_ratio": [each["service"]["per_second"] / each["pyld"]["per_second"] for each in done],
        "p99_fixed": [each["fixed"]["p99"] for each in done],
        "service_p99_fixed": [each["service_fixed"]["p99"] for each in done],
        "errors": sum(run["errors"] for each in done for run in each.values()),
    }


def beside(
    good: Fixture, work: Callable[[], subprocess.Popen[str]], *, seconds: float, say: Callable[[str], None]
) -> dict[str, Any]:
    """Return latencies of the whole service at a fixed rate while ``work`` keeps the machine busy."""
    with service(good) as url:
        load(url, good, seconds=1.0, rate=BESIDE_RATE)
        alone = load(url, good, seconds=min(seconds, 3.0), rate=BESIDE_RATE)
        busy = work()
        assert busy.stdout is not None
        busy.stdout.readline()  # its house is ready, and the rows are being issued
        try:
            found = load(url, good, seconds=seconds, rate=BESIDE_RATE)
            was_busy = busy.poll() is None
        finally:
            busy.kill()
            _, errors = busy.communicate()
    if not was_busy and busy.returncode != 0:
        raise PeerError(f"the bulk ended: {(errors.strip().splitlines() or ['no word'])[-1]}"[:300])
    say(f"beside a bulk: p99 {found['p99']:.1f} ms, alone {alone['p99']:.1f} ms")
    return {"p99": found["p99"], "alone": alone, "beside": found, "bulk_outlasted_it": was_busy}


def load(url: str, good: Fixture, *, seconds: float, rate: float | None = None) -> dict[str, Any]:
    """Let a process of its own ask ``url``."""
    command = [
        *(sys.executable, "-m", "benchmarks.load", url, str(good.folder / "signed.json")),
        *(str(seconds), str(CLIENTS)),
        *([str(rate)] if rate is not None else []),
    ]
    found = subprocess.run(
        command, cwd=CHECKOUT, check=True, capture_output=True, text=True, timeout=seconds + 60
    )
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer


@contextmanager
def tiny(kind: str, good: Fixture) -> Iterator[str]:
    """Serve the tiny app; gives the address of its route."""
    command = [sys.executable, "-m", "benchmarks.tiny", kind, str(good.folder), str(PROCESSES)]
    with _served(command, dict(os.environ)) as address:
        yield f"{address}/verify"


@contextmanager
def service(good: Fixture) -> Iterator[str]:
    """Serve a whole house of its own, without limits on checks and with the status list at hand."""
    data = good.folder / "house"
    hallmark = str(Path(sys.executable).with_name("hallmark"))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HALLMARK_")}
    environ |= {"HALLMARK_DATA": str(data), "HALLMARK_CHECKS_PER_MINUTE": "0", "HALLMARK_LOG_LEVEL": "error"}
    if not data.exists():
        command = [hallmark, "init", "--public-url", "http://127.0.0.1:8080"]
        subprocess.run(command, env=environ, check=True, capture_output=True, timeout=START_SECONDS)
    (good.folder / "map.json").write_text(json.dumps({LIST: "status.json"}))
    port = str(_free_port())
    command = [hallmark, "serve", "--port", port, "--processes", str(PROCESSES)]
    command += ["--offline-documents", str(good.folder)]
    with _served(command, environ, port=port):
        yield f"http://127.0.0.1:{port}/verify"


@contextmanager
def _served(command: Sequence[str], environ: dict[str, str], *, port: str = "") -> Iterator[str]:
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    # What it says later is read too: whoever writes into a full pipe stands still.
    reader = threading.Thread(target=deque, args=(process.stdout, 0), daemon=True)
    try:
        for line in process.stdout:
            words = [word for word in line.split() if word.startswith(f"http://127.0.0.1:{port}")]
            if words:
                reader.start()
                yield words[0].rstrip(".")
                return
        raise PeerError(f"the server did not start: {' '.join(command[1:4])}")
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if reader.ident is not None:
            reader.join(timeout=10)
        process.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
