# SPDX-License-Identifier: Apache-2.0
"""A small S3 on loopback: one bucket, one key pair, and faults on demand.

It checks the signature of every request (AWS Signature Version 4) and the digest of every body, knows PUT
with ``If-None-Match``, GET with ``Range``, HEAD, DELETE and ListObjectsV2 with pages, and nothing else. What
it is told to do wrong, it does wrong once for each time it was told so.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

ACCESS_KEY, SECRET_KEY, REGION, BUCKET = "AKIDHALLMARK", "a secret of the tests", "eu-test-1", "evidence"
PAGE = 3  # keys in one page of a listing

CUT, WRONG, SLOW, LOST, DENIED, FULL, BUSY = "cut", "wrong", "slow", "lost", "denied", "full", "busy"


@dataclass
class Kept:
    data: bytes
    headers: dict[str, str]
    modified: datetime


@dataclass
class Bucket:
    """What is kept, what was asked, and what goes wrong next, as pairs of method and fault."""

    objects: dict[str, Kept] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    slow_seconds: float = 1.0
    lock: Lock = field(default_factory=Lock)
    url: str = ""

    def fault(self, method: str) -> str | None:
        with self.lock:
            found = next((each for each in self.faults if each[0] == method), None)
            if found is not None:
                self.faults.remove(found)
            return None if found is None else found[1]


@contextmanager
def serving() -> Iterator[Bucket]:
    """Serve an empty bucket while the block runs."""
    bucket = Bucket()

    class Handler(_Handler):
        kept = bucket

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        bucket.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield bucket
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kept: Bucket

    def log_message(self, format: str, *_arguments: object) -> None:
        """Say nothing."""

    def do_PUT(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.kept.asked.append(f"{self.command} {self.path}")
        trouble = _unsigned(self.command, self.path, dict(self.headers.items()), body)
        if trouble:
            self.kept.refused.append(trouble)
            self._say(403, _error("SignatureDoesNotMatch", trouble))
            return
        fault = self.kept.fault(self.command)
        for name, status, code in (
            (BUSY, 503, "SlowDown"),
            (DENIED, 403, "AccessDenied"),
            (FULL, 507, "XMinioStorageFull"),
        ):
            if fault == name:
                self._say(status, _error(code, "as told"))
                return
        if fault == SLOW:
            time.sleep(self.kept.slow_seconds)
        bucket, _, key = unquote(urlsplit(self.path).path).removeprefix("/").partition("/")
        if bucket != BUCKET:
            self._say(404, _error("NoSuchBucket", "there is no such bucket"))
        elif not key:
            self._list()
        elif self.command == "PUT":
            self._put(key, body, lost=fault == LOST)
        elif self.command == "DELETE":
            self.kept.objects.pop(key, None)
            self._say(204, b"")
        else:
            self._get(key, fault)

    def _put(self, key: str, body: bytes, *, lost: bool) -> None:
        if self.headers.get("If-None-Match") == "*" and key in self.kept.objects:
            self._say(412, _error("PreconditionFailed", "it is there already"))
            return
        headers = {
            name.lower(): value
            for name, value in self.headers.items()
            if name.lower().startswith("x-amz-meta-") or name.lower() == "content-type"
        }
        self.kept.objects[key] = Kept(body, headers, datetime.now(UTC))
        if lost:
            self.close_connection = True  # the object is there, and nobody hears of it
            return
        self._say(200, b"", {"ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'})

    def _get(self, key: str, fault: str | None) -> None:
        kept = self.kept.objects.get(key)
        if kept is None:
            self._say(404, _error("NoSuchKey", "it is not there"))
            return
        tag = hashlib.md5(kept.data, usedforsecurity=False).hexdigest()
        body = bytes(len(kept.data)) if fault == WRONG else kept.data
        headers = {
            **kept.headers,
            "ETag": f'"{tag}"',
            "Last-Modified": format_datetime(kept.modified, usegmt=True),
        }
        start = (self.headers.get("Range") or "").removeprefix("bytes=").partition("-")[0]
        if not start:
            self._say(200, body, headers, cut=fault == CUT)
            return
        headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self._say(206, body[int(start) :], headers, cut=fault == CUT)

    def _list(self) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query))
        prefix, after = asked.get("prefix", ""), asked.get("continuation-token", "")
        found = sorted(key for key in self.kept.objects if key.startswith(prefix) and key > after)
        page, more = found[:PAGE], len(found) > PAGE
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.kept.objects[key].data)}</Size>"
            f"<LastModified>{self.kept.objects[key].modified:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        answer = (
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>'
            f"<KeyCount>{len(page)}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>{token}{entries}"
            "</ListBucketResult>"
        )
        self._say(200, answer.encode(), {"Content-Type": "application/xml"})

    def _say(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, cut: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):  # whoever asked has waited long enough
                self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True


def _unsigned(method: str, path: str, headers: dict[str, str], body: bytes) -> str | None:
    """Say what is wrong with the signature of a request, or None (AWS Signature Version 4)."""
    given = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    scheme, _, rest = given.get("authorization", "").partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    if scheme != "AWS4-HMAC-SHA256" or not {"Credential", "SignedHeaders", "Signature"} <= parts.keys():
        return "no signature"
    digest = given.get("x-amz-content-sha256", "")
    if digest != hashlib.sha256(body).hexdigest():
        return "the body has another digest"
    url, signed = urlsplit(path), parts["SignedHeaders"].split(";")
    if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(signed):
        return "headers are not signed"
    query = "&".join(
        sorted(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
            for name, value in parse_qsl(url.query, keep_blank_values=True)
        )
    )
    canonical = "\n".join(
        [method, url.path, query, *(f"{n}:{given.get(n, '')}" for n in signed), "", ";".join(signed), digest]
    )
    access_key, day, region, service, _ = parts["Credential"].split("/")
    if (access_key, region, service) != (ACCESS_KEY, REGION, "s3"):
        return "another key or region"
    key = f"AWS4{SECRET_KEY}".encode()
    for piece in (day, region, service, "aws4_request"):
        key = hmac.digest(key, piece.encode(), "sha256")
    to_sign = "\n".join(
        [
            "AWS4-HMAC-SHA256",
            given["x-amz-date"],
            f"{day}/{region}/{service}/aws4_request",
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    expected = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return None if hmac.compare_digest(expected, parts["Signature"]) else "the signature is wrong"


def _error(code: str, message: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>".encode()
