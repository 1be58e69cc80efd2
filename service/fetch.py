# SPDX-License-Identifier: Apache-2.0
"""The only way out: documents of other hosts, by https, under limits (threats V9).

What somebody else's document names must not let him reach our network, hold our workers or use us against
others. So each of these holds for every byte that leaves us:

1. https on port 443, to a host that is a public DNS name by its form (``service.addresses``).
2. The name is resolved once, under the deadline; every address it has must be public (``service.wire``).
3. We connect to that very address, with the name in TLS; the certificate must be the name's. Proxies of the
   environment are not used.
4. Redirects are followed by us, at most REDIRECTS, on the same host, each looked at like a new address.
5. Bytes are counted while they come, and never decompressed. One clock runs over resolving, connecting, head
   and body: a host that sends one byte a second ends like one that sends none.
6. One verification is one ``Session``: at most FETCH_COUNT requests and FETCH_TIME seconds of network, one
   answer per URL. A host gets at most HOST_CONNECTIONS at once from this process.
7. Answers are remembered, good ones up to CACHE_FOUND seconds, the others CACHE_FAILED.

Example::

    fetcher = Fetcher()          # one per process
    fetch = fetcher.session()    # one per verification
    answer = fetch("https://badges.example.org/status/1", max_bytes=2_097_152)
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urljoin

from service import clock
from service.addresses import Target, read_url
from service.errors import (
    FetchError,
    FetchLimitError,
    HostBusyError,
    NoTimeLeftError,
    RedirectRefusedError,
    ResponseTooLargeError,
    TimedOutError,
    URLRefusedError,
)
from service.wire import Answer, Wire

CONNECT_TIME: Final = 3.0  # seconds for resolving, TCP and TLS; a foreign host must not hold a worker
FETCH_TIME: Final = 5.0  # seconds of network for all of one verification; 1 byte/s must end too
FETCH_COUNT: Final = 8  # requests of one verification, redirects included; no amplification, no scan
REDIRECTS: Final = 2  # on the same host; a short link is shown, not followed
HOST_CONNECTIONS: Final = 2  # at once to one host; we are nobody's weapon
CACHE_FOUND: Final = 300.0  # seconds; less if the answer says so
CACHE_FAILED: Final = 30.0  # seconds; a dead host is asked twice a minute, not once per visitor
CACHE_BYTES: Final = 33_554_432  # bytes; 16 of the largest answers
CACHE_ENTRIES: Final = 1_024  # answers and failures; a failure has no bytes but costs room too

_REDIRECTING: Final = (301, 302, 303, 307, 308)
_MAX_AGE: Final = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NOT_KEPT: Final = re.compile(r"(?:^|,)\s*no-(?:store|cache)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Response:
    """What a host answered. Only a 200 has a body; what another status means is the caller's matter.

    Attributes:
        url: The address that was asked for, in its one spelling.
        status: The HTTP status, after redirects.
        media_type: In lower case, without parameters; "" if none was stated.
        body: The bytes as sent.
        fetched_at: When it came, also if it was remembered.
    """

    url: str
    status: int
    media_type: str
    body: bytes
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class _Failure:
    """A failure that can be raised again without holding on to its first traceback."""

    kind: type[FetchError]
    message: str
    got: object
    expected: object

    def error(self) -> FetchError:
        return self.kind(self.message, got=self.got, expected=self.expected)


_Outcome = Response | _Failure
_Key = tuple[str, str, int]  # URL, Accept, byte limit


class Fetcher:
    """Fetches for this process; its sessions share the memory of answers and the limits per host."""

    def __init__(self, wire: Wire | None = None, *, now: Callable[[], datetime] = clock.now) -> None:
        self.wire: Final = Wire() if wire is None else wire
        self.now: Final = now
        self.memory: Final = _Memory(self.wire.seconds)
        self._at_host: dict[str, int] = {}
        self._changed = threading.Condition()

    def session(self) -> Session:
        """Begin the network of one verification."""
        return Session(self)

    @contextmanager
    def place_at(self, host: str, *, deadline: float) -> Iterator[None]:
        """Hold one of the HOST_CONNECTIONS places at ``host``, waiting for it until ``deadline``.

        Raises:
            HostBusyError: None became free in time.
        """
        with self._changed:
            free = self._changed.wait_for(
                lambda: self._at_host.get(host, 0) < HOST_CONNECTIONS, timeout=self.wire.left(host, deadline)
            )
            if not free:
                raise HostBusyError(f"We are already asking {host} as often as we allow.", got=host)
            self._at_host[host] = self._at_host.get(host, 0) + 1
        try:
            yield
        finally:
            with self._changed:
                self._at_host[host] -= 1
                if not self._at_host[host]:
                    del self._at_host[host]
                self._changed.notify_all()


class Session:
    """The network of one verification. Call it with a URL; asked twice, it gives the same answer.

    Not to be shared between threads.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._requests = 0
        self._spent = 0.0
        self._outcomes: dict[str, _Outcome] = {}
        self._addresses: dict[str, str] = {}

    def __call__(self, url: str, *, max_bytes: int, accept: str = "*/*") -> Response:
        """Return what the host of ``url`` answers, from memory if that is fresh.

        Raises:
            FetchError: It could not be asked; the leaf and its sentence say why.
        """
        target = read_url(url)
        outcome = self._outcomes.get(target.url)
        if outcome is None:
            key = (target.url, accept, max_bytes)
            outcome = self._fetcher.memory.recall(key) or self._ask(target, key)
            self._outcomes[target.url] = outcome
        if isinstance(outcome, _Failure):
            raise outcome.error()
        if len(outcome.body) > max_bytes:
            raise ResponseTooLargeError(f"The answer of {target.host} is larger than {max_bytes:,} bytes.")
        return outcome

    def _ask(self, target: Target, key: _Key) -> _Outcome:
        """Ask the network, or whoever has just asked it for the same."""
        wire, memory = self._fetcher.wire, self._fetcher.memory
        begun = wire.seconds()
        available = FETCH_TIME - self._spent
        try:
            with self._fetcher.place_at(target.host, deadline=begun + available):
                deadline = begun + available
                return memory.recall(key) or self._ask_now(target, key, deadline=deadline)
        except TimedOutError as error:  # There was no time left to wait for a place.
            return _Failure(NoTimeLeftError, error.message, error.got, error.expected)
        except FetchError as error:  # There was no place: that says nothing about the host.
            return _failure(error)
        finally:
            self._spent += wire.seconds() - begun

    def _ask_now(self, target: Target, key: _Key, *, deadline: float) -> _Outcome:
        """Ask the network, and remember what came of it."""
        memory = self._fetcher.memory
        left = deadline - self._fetcher.wire.seconds()  # others, and waiting for a place, have had the rest
        try:
            answer = self._follow(target, accept=key[1], max_bytes=key[2], deadline=deadline)
        except FetchError as error:
            # What our own limits ended says nothing about the host.
            if isinstance(error, FetchLimitError | HostBusyError):
                return _failure(error)
            if isinstance(error, TimedOutError) and left < CONNECT_TIME:
                return _Failure(NoTimeLeftError, error.message, error.got, error.expected)
            failure = _failure(error)
            memory.keep(key, failure, CACHE_FAILED)
            return failure
        response = Response(
            url=target.url,
            status=answer.status,
            media_type=answer.headers.get("content-type", "").partition(";")[0].strip().lower(),
            body=answer.body,
            fetched_at=self._fetcher.now(),
        )
        memory.keep(key, response, _lifetime(answer))
        return response

    def _follow(self, target: Target, *, accept: str, max_bytes: int, deadline: float) -> Answer:
        """Ask for ``target``, and go where its host sends us, as long as that is the same host."""
        wire, host = self._fetcher.wire, target.host
        for _ in range(REDIRECTS + 1):
            if self._requests >= FETCH_COUNT:
                raise FetchLimitError(f"More than {FETCH_COUNT} addresses would have to be asked.")
            self._requests += 1
            connect_by = min(wire.seconds() + CONNECT_TIME, deadline)
            if host not in self._addresses:
                self._addresses[host] = wire.public_address(host, deadline=connect_by)
            answer = wire.get(
                target,
                address=self._addresses[host],
                accept=accept,
                max_bytes=max_bytes,
                connect_by=connect_by,
                deadline=deadline,
            )
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTING or location is None:
                return answer
            target = _next(target, location)
        raise RedirectRefusedError(f"{host} sent us on more than {REDIRECTS} times.", got=host)


class _Memory:
    """What is remembered about requests across sessions, bounded; the least recently used goes first."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._kept: OrderedDict[_Key, tuple[_Outcome, float]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def recall(self, key: _Key) -> _Outcome | None:
        """Return what is remembered and still fresh."""
        with self._lock:
            outcome, until = self._kept.get(key, (None, 0.0))
            if outcome is None or until <= self._seconds():
                return None
            self._kept.move_to_end(key)
            return outcome

    def keep(self, key: _Key, outcome: _Outcome, lifetime: float) -> None:
        """Remember ``outcome`` for ``lifetime`` seconds."""
        if lifetime <= 0:
            return
        with self._lock:
            self._forget(key)
            self._kept[key] = (outcome, self._seconds() + lifetime)
            self._bytes += _size(outcome)
            while self._bytes > CACHE_BYTES or len(self._kept) > CACHE_ENTRIES:
                self._forget(next(iter(self._kept)))

    def _forget(self, key: _Key) -> None:
        outcome, _ = self._kept.pop(key, (None, 0.0))
        if outcome is not None:
            self._bytes -= _size(outcome)


def _failure(error: FetchError) -> _Failure:
    return _Failure(type(error), error.message, error.got, error.expected)


def _size(outcome: _Outcome) -> int:
    return len(outcome.body) if isinstance(outcome, Response) else 0


def _next(target: Target, location: str) -> Target:
    """Return where a redirect leads, if that is an address that we fetch, on the same host."""
    try:
        following = read_url(urljoin(target.url, location))
    except (URLRefusedError, ValueError) as error:
        raise RedirectRefusedError(f"{target.host} sent us to an address that we do not open.") from error
    if following.host != target.host:
        raise RedirectRefusedError(f"{target.host} sent us to another host.", got=following.host)
    return following


def _lifetime(answer: Answer) -> float:
    """Return for how long an answer is remembered: as long as we like, or less if the host says so."""
    if answer.status != 200:
        return CACHE_FAILED
    policy = answer.headers.get("cache-control", "")
    if _NOT_KEPT.search(policy):
        return 0.0
    max_age = _MAX_AGE.search(policy)
    return min(CACHE_FOUND, float(max_age[1])) if max_age else CACHE_FOUND
