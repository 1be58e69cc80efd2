# SPDX-License-Identifier: Apache-2.0
"""Which form of a thing is sent: by ``Accept`` or by a suffix, with a strong ETag; and who may keep it.

RFC 9110, section 12.5.1 (Accept), 8.8.3 (ETag), 13.1.2 (If-None-Match); RFC 9111, section 5.2.2, and RFC 8246
(Cache-Control). Every public answer is the same for everybody, so a cache before us, such as a CDN, may keep
what says ``public``; docs/scale.md has the table.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request

from service.errors import NotAcceptableError

ACCEPT_CHARS = 2_048  # characters; the longest Accept header of a browser has about 200

_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\Z")


def best(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return the media type of ``offered`` that ``accept`` prefers, or None if it wants none of them.

    Between equals the order of ``offered`` decides. No header accepts everything; parts that are not
    understood are ignored, and a header of which nothing is understood accepts everything.
    """
    ranges = _ranges(accept or "")
    if not ranges:
        return offered[0] if offered else None
    ranked = [(_quality(ranges, media_type), -index) for index, media_type in enumerate(offered)]
    quality, index = max(ranked, default=(0.0, 0))
    return offered[-index] if quality > 0 else None


def choose(offered: Sequence[str], *, accept: str | None = None) -> str:
    """Return the media type to answer this request with.

    Raises:
        NotAcceptableError: ``Accept`` rules out everything that there is.
    """
    chosen = best(request.headers.get("Accept") if accept is None else accept, offered)
    if chosen is None:
        raise NotAcceptableError("This exists only as " + ", ".join(offered) + ".", expected=list(offered))
    return chosen


def wants_html() -> bool:
    """Tell whether this request comes from somebody who would rather see a page than data."""
    return best(request.headers.get("Accept"), ("application/json", "text/html")) == "text/html"


def respond(
    body: bytes | str,
    media_type: str,
    *,
    status: int = 200,
    max_age: int | None = None,
    also: str = "",
    negotiated: bool = False,
    digest: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with exactly these bytes, a strong ETag, and 304 where the asker has them already.

    Args:
        body: The bytes; a text is sent as UTF-8.
        media_type: As sent; texts gain ``charset=utf-8``.
        status: The HTTP status.
        max_age: Seconds that anybody may keep the answer; None: ask again each time.
        also: A further directive for copies: ``must-revalidate``, an old one is never shown, not even while
            we cannot be asked; ``immutable``, at this address there will never be anything else.
        negotiated: Whether the same address has other forms; then the answer says ``Vary: Accept``.
        digest: SHA-256 of the bytes in hexadecimal, if that is known already.
        headers: Further headers.
    """
    raw = body.encode("utf-8") if isinstance(body, str) else body
    kind = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    response = Response(raw, status=status, headers=dict(headers or {}), content_type=kind)
    kept = "no-cache" if max_age is None else f"public, max-age={max_age}"
    # What programs read goes through untouched: a signature, or what is baked into a picture, would not
    # survive a cache that makes it smaller. Pages may be made smaller.
    exact = "" if media_type == "text/html" else "no-transform"
    response.headers["Cache-Control"] = ", ".join(filter(None, (kept, also, exact)))
    if negotiated:
        response.vary.add("Accept")
    return conditional(response, digest=digest)


def respond_json(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with ``value`` as JSON: UTF-8, members in the order given."""
    raw = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8") + b"\n"
    return respond(raw, "application/json", status=status, headers=headers)


def conditional(response: Response, *, digest: str | None = None) -> Response:
    """Give a complete GET answer its ETag; make it 304 where ``If-None-Match`` names that.

    Args:
        response: The answer.
        digest: SHA-256 of its bytes in hexadecimal, if that is known already.
    """
    if response.status_code != 200 or request.method not in ("GET", "HEAD"):
        return response
    if "ETag" not in response.headers:
        digest = digest or hashlib.sha256(response.get_data()).hexdigest()
        # The media type belongs to it: two forms of one address must never share a tag.
        kind = hashlib.sha256(str(response.content_type).encode()).hexdigest()[:8]
        response.set_etag(f"{digest}-{kind}")
    response.make_conditional(request)
    return response


def _ranges(accept: str) -> dict[tuple[str, str], float]:
    """Read the header into media ranges and their weights. Parameters other than ``q`` are not looked at."""
    ranges: dict[tuple[str, str], float] = {}
    for part in accept[:ACCEPT_CHARS].split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        kind, slash, subtype = media_range.partition("/")
        if not slash or not kind or not subtype or (kind == "*" and subtype != "*"):
            continue
        weights = [item[2:].strip() for item in parameters if item.startswith("q=")]
        if len(weights) > 1 or (weights and not _QUALITY.match(weights[0])):
            continue
        quality = float(weights[0]) if weights else 1.0
        ranges[kind, subtype] = max(quality, ranges.get((kind, subtype), 0.0))
    return ranges


def _quality(ranges: Mapping[tuple[str, str], float], media_type: str) -> float:
    """Return the weight of the most specific range that covers ``media_type``."""
    kind, _, subtype = media_type.partition("/")
    for candidate in ((kind, subtype), (kind, "*"), ("*", "*")):
        if candidate in ranges:
            return ranges[candidate]
    return 0.0
