# SPDX-License-Identifier: Apache-2.0
"""An internet of one loopback server: names, addresses and a clock that tests move. No sleeping.

``Internet`` has a resolver that knows what it is told, a dialler that notes each address and connects to the
server instead, and a TLS server with certificates of a throw-away authority. The code under test resolves,
judges addresses, verifies certificates and reads the wire exactly as in production.
"""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from service.fetch import Fetcher
from service.wire import Wire

PUBLIC = "93.184.215.14"
Handler = Callable[[ssl.SSLSocket, bytes], None]


class Clock:
    """Seconds that only move when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


class Internet:
    """One server, any number of names."""

    def __init__(self, folder: Path, *, names: Sequence[str]) -> None:
        self.clock = Clock()
        self.addresses: dict[str, list[str]] = {name: [PUBLIC] for name in names}
        self.handlers: dict[str, Handler] = {}
        self.resolved: list[str] = []
        self.dialled: list[str] = []
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._server_tls, self.client_tls = contexts(folder, names)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=10)

    def fetcher(self) -> Fetcher:
        return Fetcher(
            Wire(resolve=self.resolve, dial=self.dial, tls=self.client_tls, seconds=self.clock),
            now=lambda: datetime.datetime(2026, 2, 27, tzinfo=datetime.UTC),
        )

    def resolve(self, host: str) -> Sequence[str]:
        self.resolved.append(host)
        if host not in self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return self.addresses[host]

    def dial(self, address: str, timeout: float) -> socket.socket:
        assert timeout > 0
        self.dialled.append(address)
        return socket.create_connection(self._listener.getsockname(), timeout=timeout)

    def serve(self, path: str, *answer: bytes) -> None:
        """Answer ``path`` with these bytes."""

        def handle(connection: ssl.SSLSocket, _request: bytes) -> None:
            for part in answer:
                connection.sendall(part)

        self.handlers[path] = handle

    def page(self, path: str, body: bytes = b"{}", *headers: str, status: str = "200 OK") -> None:
        """Answer ``path`` with a proper page."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        self.serve(path, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._talk, args=(plain,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, plain: socket.socket) -> None:
        plain.settimeout(10)
        try:
            with self._server_tls.wrap_socket(plain, server_side=True) as connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    part = connection.recv(65_536)
                    if not part:
                        return
                    request += part
                self.requests.append(request)
                path = request.split(b" ", 2)[1].decode()
                self.handlers[path](connection, request)
        except OSError:
            return  # The client left; that is its right.


SIGNS_CERTIFICATES = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


def contexts(folder: Path, names: Sequence[str]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make an authority and one certificate for all ``names``; return both sides' TLS.

    Both say of their keys what RFC 5280 (4.2.1) asks for: Python 3.13 and later look at that.
    """
    now = datetime.datetime.now(datetime.UTC)
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])

    def begin(subject: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority_name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
        )

    authority = (
        begin(authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(SIGNS_CERTIFICATES, critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        begin(x509.Name([]), server_key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "server.pem").write_bytes(
        certificate.public_bytes(pem)
        + server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_tls.load_cert_chain(folder / "server.pem")
    client_tls = ssl.create_default_context(cadata=authority.public_bytes(pem).decode())
    return server_tls, client_tls
