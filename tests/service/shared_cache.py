# SPDX-License-Identifier: Apache-2.0
"""A cache as a CDN is one, before the test client: shared by everybody, and as greedy as RFC 9111 allows.

It keeps whatever it may, also with cookies in it, holds it against ``Vary`` (section 4.1), serves it until
it is too old (4.2), asks again by its tag (4.3), answers HEAD from what it got by GET. If the house cannot
be asked it shows old copies, unless these forbid it (4.2.4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from werkzeug.datastructures import Headers
from werkzeug.test import Client, TestResponse

CACHEABLE = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})  # RFC 9110, section 15.1


@dataclass(frozen=True)
class Got:
    """What the asker got, and whether the house was asked for it."""

    status: int
    headers: Headers
    body: bytes
    is_copy: bool
    age: float = 0


@dataclass
class _Kept:
    varied: dict[str, str]
    status: int
    headers: Headers
    body: bytes
    at: float


class SharedCache:
    """Ask through it with ``get``; each asker brings an own client, with cookies or without."""

    def __init__(self, clock: Callable[[], float] = lambda: 0.0) -> None:
        self._clock = clock
        self._kept: dict[str, list[_Kept]] = {}
        self.is_cut_off = False

    def get(self, client: Client, url: str, *, method: str = "GET", **headers: str) -> Got:
        """Ask for ``url``; names of headers are written with underscores."""
        asked = Headers({name.replace("_", "-"): value for name, value in headers.items()})
        kept = self._find(url, asked)
        if kept is not None and self._age(kept) < _lifetime(kept.headers) and "no-cache" not in _said(kept):
            return self._copy(kept, method)
        if self.is_cut_off:
            forbidden = {"must-revalidate", "proxy-revalidate", "no-cache", "s-maxage"}
            if kept is None or forbidden & _said(kept).keys():
                return Got(HTTPStatus.GATEWAY_TIMEOUT, Headers(), b"", is_copy=False)
            return self._copy(kept, method)
        if kept is not None and "ETag" in kept.headers:
            asked["If-None-Match"] = kept.headers["ETag"]
        answer = client.open(url, method=method, headers=asked)
        if answer.status_code == HTTPStatus.NOT_MODIFIED and kept is not None:
            kept.headers.update(answer.headers)
            kept.at = self._clock()
            return Got(kept.status, kept.headers, b"" if method == "HEAD" else kept.body, is_copy=False)
        if method == "GET":
            self._keep(url, asked, answer)
        return Got(answer.status_code, answer.headers, answer.data, is_copy=False)

    def _find(self, url: str, asked: Headers) -> _Kept | None:
        for kept in self._kept.get(url, ()):
            if all(asked.get(name, "") == value for name, value in kept.varied.items()):
                return kept
        return None

    def _keep(self, url: str, asked: Headers, answer: TestResponse) -> None:
        said = _directives(answer.headers)
        if answer.status_code not in CACHEABLE or {"no-store", "private"} & said.keys():
            return
        if asked.get("Authorization") and not {"public", "must-revalidate", "s-maxage"} & said.keys():
            return
        names = [each.strip() for each in answer.headers.get("Vary", "").split(",") if each.strip()]
        if "*" in names:
            return
        varied = {name: asked.get(name, "") for name in names}
        # What is said about copies without a lifetime is up to the cache: this one takes a day (4.2.2).
        new = _Kept(varied, answer.status_code, Headers(answer.headers), answer.data, self._clock())
        others = [each for each in self._kept.get(url, []) if each.varied != varied]
        self._kept[url] = [new, *others]

    def _copy(self, kept: _Kept, method: str) -> Got:
        body = b"" if method == "HEAD" else kept.body
        return Got(kept.status, kept.headers, body, is_copy=True, age=self._age(kept))

    def _age(self, kept: _Kept) -> float:
        return self._clock() - kept.at


def _directives(headers: Headers) -> dict[str, str]:
    parts = (part.strip().partition("=") for part in headers.get("Cache-Control", "").split(","))
    return {name.lower(): value for name, _, value in parts if name}


def _said(kept: _Kept) -> dict[str, str]:
    return _directives(kept.headers)


def _lifetime(headers: Headers) -> float:
    said = _directives(headers)
    for name in ("s-maxage", "max-age"):
        if name in said:
            return float(said[name])
    return 86_400.0
