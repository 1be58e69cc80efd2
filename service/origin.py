# SPDX-License-Identifier: Apache-2.0
"""Where a request comes from, and where a visitor may be sent: only ever this site (threats W2, W6).

Browsers say which site sent a form (``Sec-Fetch-Site``, Fetch Metadata; older ones ``Origin``). Who says
neither is no browser of today, and is judged by the token of the form alone.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from flask import g, request

from service import forms
from service.errors import RequestError

SAFE_METHODS: Final = frozenset(("GET", "HEAD", "OPTIONS"))
PATH_CHARS: Final = 2_000  # characters; the longest address of ours with a search has a few hundred
# Visible ASCII without the backslash, which browsers read as a slash; the second character is no slash.
_LOCAL: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*\Z")


def is_foreign(public_url: str) -> bool:
    """Tell whether a page of another site sent this request, by what the browser says."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and not _is_ours(origin, public_url)


def is_surely_ours(public_url: str) -> bool:
    """Tell whether the browser says that a page of this very site sent this request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and _is_ours(origin, public_url)


def local_path(text: str) -> str | None:
    """Return ``text`` if it is a path on this site, to send a visitor to; otherwise None."""
    return text if len(text) <= PATH_CHARS and _LOCAL.match(text) else None


def here() -> str:
    """Return path and query of this request, as a place to come back to."""
    path = request.full_path.removesuffix("?")
    return local_path(path) or "/"


def before() -> str:
    """Return the page of ours from which this request was sent, or "/"."""
    try:
        url = urlsplit(request.referrer or "")
    except ValueError:
        return "/"
    path = f"{url.path}?{url.query}" if url.query else url.path
    return (local_path(path) or "/") if url.netloc == request.host else "/"


def keep_what_was_typed(public_url: str) -> None:
    """Keep the texts of a form that cannot be taken now, so that its page can offer to send them again."""
    g.again = []
    if not is_surely_ours(public_url) or (request.content_length or 0) > 2 * forms.FORM_BYTES:
        return
    with suppress(RequestError):
        fields = forms.read_form().fields if forms.is_form() else {}
        g.again = [
            (name, value) for name, value in fields.items() if name != "csrf" and not forms.is_secret(name)
        ]


def _is_ours(origin: str, public_url: str) -> bool:
    """Compare with the public address, and with the host that the browser has asked.

    The latter is what "same origin" means where a developer opens the site by another name or port. In a
    demonstration it can only be a name of this machine (``Settings.answers_to``).
    """
    if origin == public_url:
        return True
    try:
        url = urlsplit(origin)
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.netloc) and url.netloc == request.host
