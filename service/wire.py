# SPDX-License-Identifier: Apache-2.0
"""One GET to one pinned address: resolve, connect, TLS, head and body under one clock.

The standard library's HTTP client reads the wire; we give it a socket that looks at the clock before every
single read, so that slow headers end like slow bodies. Used by ``service.fetch`` only.
"""

from __future__ import annotations

import http.client
import io
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any, Final

from service import clock
from service.addresses import Target, is_public
from service.errors import (
    AddressRefusedError,
    CertificateError,
    ConnectionFailedError,
    HostBusyError,
    HostNotFoundError,
    ResponseMalformedError,
    ResponseTooLargeError,
    TimedOutError,
)

RESOLVING: Final = 16  # names looked up at once; a lookup cannot be cancelled, only left behind
_CHUNK: Final = 65_536  # bytes read at once

Resolve = Callable[[str], Sequence[str]]
Dial = Callable[[str, float], socket.socket]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. Only a 200 has its body read.

    Attributes:
        status: The HTTP status.
        headers: By name in lower case; repeated ones are joined with a comma.
        body: The bytes as sent.
    """

    status: int
    headers: dict[str, str]
    body: bytes


def resolve_host(host: str) -> Sequence[str]:
    """Ask the system's resolver for all addresses of ``host``."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


def dial_address(address: str, timeout: float) -> socket.socket:
    """Connect to an IP address on port 443."""
    return socket.create_connection((address, 443), timeout=timeout)


@cache
def trusted() -> ssl.SSLContext:
    """Return whom this machine trusts; read once, and only when something is fetched."""
    return ssl.create_default_context()


class Wire:
    """How bytes leave us. The parameters are there for tests, which bring their own internet."""

    def __init__(
        self,
        *,
        resolve: Resolve = resolve_host,
        dial: Dial = dial_address,
        tls: ssl.SSLContext | None = None,
        seconds: Callable[[], float] = clock.monotonic,
    ) -> None:
        self._resolve = resolve
        self._dial = dial
        self._tls = tls
        self._resolving = threading.BoundedSemaphore(RESOLVING)
        self.seconds: Final = seconds

    def left(self, host: str, deadline: float) -> float:
        """Return the seconds until ``deadline``.

        Raises:
            TimedOutError: There are none.
        """
        seconds = deadline - self.seconds()
        if seconds <= 0:
            raise _timed_out(host)
        return seconds

    def public_address(self, host: str, *, deadline: float) -> str:
        """Resolve ``host`` once and return the address to connect to.

        Done in a thread of its own, because the system's resolver knows no deadline.

        Raises:
            AddressRefusedError: One of the addresses is not public. One such among public ones is how a name
                is made to lead home at the second look.
            HostNotFoundError: There is no address.
            TimedOutError: It took too long.
            HostBusyError: Too many lookups are left behind already.
        """
        if not self._resolving.acquire(timeout=self.left(host, deadline)):
            raise HostBusyError("Too many names are being looked up at the moment.", got=host)
        answers: queue.SimpleQueue[Sequence[str] | OSError | UnicodeError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host))
            except (OSError, UnicodeError) as error:
                answers.put(error)
            finally:
                self._resolving.release()

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            found = answers.get(timeout=self.left(host, deadline))
        except queue.Empty as error:
            raise TimedOutError(f"The address of {host} was not found in time.", got=host) from error
        if isinstance(found, OSError | UnicodeError) or not found:
            raise HostNotFoundError(f"There is no host {host}.", got=host)
        for text in found:
            try:
                public = is_public(ip_address(text))
            except ValueError:
                public = False
            if not public:
                raise AddressRefusedError(f"{host} leads to an address that is not public.", got=host)
        return found[0]

    def get(
        self,
        target: Target,
        *,
        address: str,
        accept: str,
        max_bytes: int,
        connect_by: float,
        deadline: float,
    ) -> Answer:
        """Send one GET for ``target`` to ``address`` and return the answer.

        Args:
            target: What to ask for; its host is what the certificate must name.
            address: The pinned IP address.
            accept: The ``Accept`` header.
            max_bytes: Most bytes of body.
            connect_by: When TCP and TLS must stand, on the clock of ``seconds``.
            deadline: When everything must be here.

        Raises:
            FetchError: One of its leaves says what went wrong.
        """
        host = target.host
        with ExitStack() as closing:
            try:
                plain = closing.enter_context(self._dial(address, self.left(host, connect_by)))
                plain.settimeout(self.left(host, connect_by))
                tls = trusted() if self._tls is None else self._tls
                secure = closing.enter_context(tls.wrap_socket(plain, server_hostname=host))
                wire = _TimedSocket(secure, left=lambda: self.left(host, deadline))
                connection = http.client.HTTPConnection(host)
                connection.sock = wire
                connection.request(
                    "GET",
                    target.request_target,
                    headers={
                        "Accept": accept,
                        "Accept-Encoding": "identity",
                        "Connection": "close",
                        "User-Agent": "Hallmark",
                    },
                )
                response = closing.enter_context(connection.getresponse())
                return _read(response, host=host, max_bytes=max_bytes)
            except ssl.SSLCertVerificationError as error:
                raise CertificateError(
                    f"{host} could not prove by its certificate who it is.", got=host
                ) from error
            except TimeoutError as error:
                raise _timed_out(host) from error
            except OSError as error:
                raise ConnectionFailedError(
                    f"{host} refused or broke off the connection.", got=host
                ) from error
            except http.client.HTTPException as error:
                raise ResponseMalformedError(f"The answer of {host} is not proper HTTP.", got=host) from error


class _TimedSocket:
    """What ``http.client`` needs of a socket; looks at the clock before each read and write."""

    def __init__(self, secure: ssl.SSLSocket, *, left: Callable[[], float]) -> None:
        self._secure = secure
        self._left = left

    def sendall(self, data: bytes) -> None:
        """Send ``data`` within the time that is left."""
        self._secure.settimeout(self._left())
        self._secure.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the stream that the answer is read from."""
        return io.BufferedReader(_TimedReader(self._secure, left=self._left))

    def close(self) -> None:
        """Do nothing: whoever connected closes."""


class _TimedReader(io.RawIOBase):
    """A stream over a socket that gives each read only the time that is left for everything."""

    def __init__(self, secure: ssl.SSLSocket, *, left: Callable[[], float]) -> None:
        self._secure = secure
        self._left = left

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there into ``buffer``."""
        self._secure.settimeout(self._left())
        return self._secure.recv_into(buffer)


def _read(response: http.client.HTTPResponse, *, host: str, max_bytes: int) -> Answer:
    """Read the body of a 200, counting; other answers have none for us."""
    headers: dict[str, str] = {}
    for spelling, value in response.getheaders():
        name = spelling.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    if response.status != http.client.OK:
        return Answer(status=response.status, headers=headers, body=b"")
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise ResponseMalformedError(
            f"{host} sent compressed bytes, although we asked for plain ones.", got=host
        )
    if headers.get("transfer-encoding", "chunked").strip().lower() != "chunked":
        raise ResponseMalformedError(f"{host} sent its answer in an unknown encoding.", got=host)
    too_large = ResponseTooLargeError(
        f"The answer of {host} is larger than {max_bytes:,} bytes.", expected=max_bytes
    )
    if (response.length or 0) > max_bytes:
        raise too_large
    body = bytearray()
    while chunk := response.read(min(_CHUNK, max_bytes + 1 - len(body))):
        body += chunk
        if len(body) > max_bytes:
            raise too_large
    if response.length:
        raise ResponseMalformedError(f"The answer of {host} broke off.", got=host)
    return Answer(status=response.status, headers=headers, body=bytes(body))


def _timed_out(host: str) -> TimedOutError:
    return TimedOutError(f"{host} did not answer in time.", got=host)
