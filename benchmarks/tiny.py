# SPDX-License-Identifier: Apache-2.0
"""One tiny Flask app with one route, once with our signature path and once with PyLD by hand.

``python -m benchmarks.tiny walk|pyld FIXTURE PROCESSES`` serves ``POST /verify`` on a free port of 127.0.0.1,
by the server of the product, and prints the address. Everything but the verifying is the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from flask import Flask, Response, request

from benchmarks import adapter
from benchmarks.fixture import Fixture
from benchmarks.peers.by_hand import Hands
from service import server
from service.processes import spread
from service.settings import Settings

THREADS = 2  # of one process; more only take the interpreter from each other


def create(verify: Callable[[bytes], bool]) -> Flask:
    """Return the app."""
    app = Flask("tiny")

    @app.post("/verify")
    def check() -> Response:
        answer = '{"valid": true}' if verify(request.get_data()) else '{"valid": false}'
        return Response(answer, mimetype="application/json")

    return app


def main(kind: str, folder: str, processes: str) -> None:
    """Serve until told to stop."""
    fixture = Fixture(Path(folder))
    verify = adapter.verify if kind == "walk" else Hands(fixture.contexts).verify
    verify(fixture.raw)
    settings = Settings(data=fixture.folder, threads=THREADS)
    with server.listen("127.0.0.1", 0) as listening:
        address = server.address_of(listening, "127.0.0.1")
        names = [f"web-{number}" for number in range(1, int(processes) + 1)]
        part = spread(names, all_ready=partial(print, address, flush=True))
        if part is not None:
            server.run(create(verify), settings, ready=lambda _: part.ready(), listening=listening)


if __name__ == "__main__":
    main(*sys.argv[1:])
