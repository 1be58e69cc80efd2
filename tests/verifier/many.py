# SPDX-License-Identifier: Apache-2.0
"""Mixed inputs for many at once, each with the word that its row must have: for tests and benchmarks.

Good, revoked, suspended, expired, forged, of somebody else, pictures without a credential, garbage, kinds of
files that nobody looks into, PDFs, photos of QR codes, links to nothing, and hosts that are slow or silent.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pypdf import PdfWriter

from credentials.dates import format_datetime
from issuer import artwork
from service import qr
from service.errors import TimedOutError
from tests.world import OWNER, World
from verifier.lines import Brought, Line
from verifier.ports import Fetched

Wait = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Expected:
    """A line, and what its row must say; several words for a thing with several things in it."""

    line: Line
    words: tuple[str, ...]


def no_wait(_seconds: float) -> None:
    """Let no time pass."""


class SlowWorld:
    """The network of a world in which some hosts are slow and some never answer."""

    def __init__(self, world: World, *, wait: Wait = no_wait) -> None:
        self._world = world
        self._wait = wait
        self._lock = threading.Lock()
        self.now: dict[str, int] = {}
        self.most: dict[str, int] = {}

    def __call__(self, url: str, *, max_bytes: int, accept: str) -> Fetched:
        """Answer like a host."""
        host = url.split("/")[2]
        with self._lock:
            self.now[host] = self.now.get(host, 0) + 1
            self.most[host] = max(self.most.get(host, 0), self.now[host])
        try:
            if host.startswith("silent"):
                self._wait(5.0)
                raise TimedOutError(f"{host} did not answer in time.", got=host)
            if host.startswith("slow"):
                self._wait(1.0)
            with self._lock:  # the world signs what is asked for, and is not made for threads
                return self._world.network(url, max_bytes=max_bytes, accept=accept)
        finally:
            with self._lock:
                self.now[host] -= 1


def mixed(world: World, count: int) -> list[Expected]:
    """Return ``count`` lines of every kind in turn."""
    kinds = _Kinds(world)
    made: list[Expected] = []
    number = 0
    while sum(len(each.words) for each in made) < count:
        make = kinds.every[number % len(kinds.every)]
        line, *words = make(number)
        made.append(Expected(line, tuple(words)))
        number += 1
    return made


class _Kinds:
    def __init__(self, world: World) -> None:
        self._world = world
        self._union = world.issuer("union")
        self._slow = world.issuer("slow")
        self._picture = artwork.png("SEL1", stack="SEL")
        common = (self._good, self._link, self._jwt, self._revoked, self._forged, self._theirs)
        self.every = (
            *common, self._suspended, self._expired, self._picture_only,
            *common, self._garbage, self._unsupported, self._nothing_there,
            *common, self._slow_host, self._silent_host, self._data,
            *common, self._pdf, self._photo, self._damaged,
            *common, self._good, self._link, self._early,
        )  # fmt: skip

    def _raw(self, name: str, raw: bytes, **more: str) -> Line:
        return Line(name, raw=raw, **more)  # type: ignore[arg-type]

    def _served(self, raw: bytes, host: str = "union") -> str:
        address = f"https://{host}.example/shown/{len(self._world.served)}"
        self._world.served[address] = raw
        return address

    def _good(self, n: int) -> tuple[Line, str]:
        return self._raw(f"{n}.json", self._union.mint(), recipient=OWNER), "valid"

    def _link(self, n: int) -> tuple[Line, str]:
        return Line(f"line {n}", url=self._served(self._union.mint()), reference=f"=A{n}"), "valid"

    def _jwt(self, n: int) -> tuple[Line, str]:
        return self._raw(f"{n}.jwt", self._union.mint(jwt=True)), "valid"

    def _revoked(self, n: int) -> tuple[Line, str]:
        badge = self._union.mint()
        self._union.revoke(badge)
        return self._raw(f"{n}.json", badge), "revoked"

    def _suspended(self, n: int) -> tuple[Line, str]:
        badge = self._union.mint(suspension=True)
        self._union.suspend(badge)
        return self._raw(f"{n}.json", badge), "suspended"

    def _expired(self, n: int) -> tuple[Line, str]:
        now = self._world.clock.now()
        begun, ended = (format_datetime(now - timedelta(days=days)) for days in (9, 2))
        return self._raw(f"{n}.json", self._union.mint(validFrom=begun, validUntil=ended)), "expired"

    def _early(self, n: int) -> tuple[Line, str]:
        begins = format_datetime(self._world.clock.now() + timedelta(days=9))
        return self._raw(f"{n}.json", self._union.mint(validFrom=begins)), "not-yet-valid"

    def _forged(self, n: int) -> tuple[Line, str]:
        return self._raw(f"{n}.json", self._union.mint().replace(b"Teamwork", b"Everything")), "invalid"

    def _theirs(self, n: int) -> tuple[Line, str]:
        return self._raw(f"{n}.json", self._union.mint(), recipient="else@school.example"), "wrong-recipient"

    def _picture_only(self, n: int) -> tuple[Line, str]:
        return self._raw(f"{n}.png", self._picture), "no-credential"

    def _garbage(self, n: int) -> tuple[Line, str]:
        return self._raw(f"{n}.bin", bytes([200 + n % 50, 0, 7]) * 99), "no-credential"

    def _unsupported(self, n: int) -> tuple[Line, str]:
        return self._raw(f"{n}.html", b"<!doctype html><html><body>Hello</body></html>"), "no-credential"

    def _data(self, n: int) -> tuple[Line, str]:
        return self._raw(f"{n}.json", b"{}"), "no-credential"

    def _damaged(self, n: int) -> tuple[Line, str]:
        return self._raw(f"{n}.json", b'{"@context": '), "unreadable"

    def _nothing_there(self, n: int) -> tuple[Line, str]:
        return Line(f"line {n}", url=f"https://union.example/nothing/{n}"), "no-credential"

    def _slow_host(self, n: int) -> tuple[Line, str]:
        return Line(f"line {n}", url=self._served(self._slow.mint(), "slow")), "valid"

    def _silent_host(self, n: int) -> tuple[Line, str]:
        return Line(f"line {n}", url=f"https://silent{n % 3}.example/{n}"), "undetermined"

    def _photo(self, n: int) -> tuple[Line, str]:
        return self._raw(f"{n}.jpg", qr.png(self._served(self._union.mint()))), "valid"

    def _pdf(self, n: int) -> tuple[Line, str, str]:
        writer = PdfWriter()
        writer.add_blank_page(200, 200)
        writer.add_attachment("badge.json", self._union.mint())
        writer.add_attachment("other.json", self._union.mint().replace(b"Teamwork", b"Everything"))
        out = io.BytesIO()
        writer.write(out)
        return self._raw(f"{n}.pdf", out.getvalue()), "valid", "invalid"


def files_of(expected: list[Expected]) -> list[Brought]:
    """Return those lines that are bytes as files."""
    return [Brought(each.line.place, each.line.raw) for each in expected if each.line.raw is not None]
