# SPDX-License-Identifier: Apache-2.0
"""The one cookie: it holds the id of a session, and scripts cannot read it.

``__Host-`` makes browsers take it only by https, for this host and all of its paths (RFC 6265bis, "The
"__Host-" Prefix"). A site on one's own machine has no https, so its cookie goes without.
"""

from __future__ import annotations

from typing import Final

from flask import Response, g, request

from service.accounts.sessions import ABSOLUTE

_SECURE_NAME: Final = "__Host-hallmark"
_LOCAL_NAME: Final = "hallmark-session"


def name(*, https: bool) -> str:
    """Return the cookie's name."""
    return _SECURE_NAME if https else _LOCAL_NAME


def presented(*, https: bool) -> str | None:
    """Return the id that the browser sent, or None."""
    return request.cookies.get(name(https=https))


def give(presented: str) -> None:
    """Let the answer to this request set the cookie."""
    g.cookie = presented


def take() -> None:
    """Let the answer to this request delete the cookie."""
    g.cookie = ""


def tell(response: Response, *, https: bool) -> None:
    """Write into the answer what ``give`` or ``take`` asked for."""
    value: str | None = g.get("cookie")
    if value is None:
        return
    response.set_cookie(
        name(https=https),
        value,
        max_age=int(ABSOLUTE.total_seconds()) if value else 0,
        path="/",
        secure=https,
        httponly=True,
        samesite="Lax",
    )
