# SPDX-License-Identifier: Apache-2.0
"""What the browser is told with every answer (design: no inline script or style, nothing from elsewhere).

A view may send its own value of a header; then that one stands. Public reading is open to scripts of other
sites, without credentials; so is a posting view that is marked with ``cross_origin``. Everything else is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from service import access

View = TypeVar("View", bound=Callable[..., Any])

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HSTS_SECONDS: Final = 31_536_000  # one year; what browsers' preload lists ask at least
PREFLIGHT_SECONDS: Final = 7_200  # longest that Chromium keeps a preflight's answer

_FEATURES: Final = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "fullscreen",
    "geolocation",
    "microphone",
    "payment",
    "usb",
)
_ALWAYS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
    "Cache-Control": "no-store",
}
_CROSS_ORIGIN = "hallmark_cross_origin"
_OWN_SITE = "hallmark_own_site"


def cross_origin(view: View) -> View:
    """Let scripts of any site use this public posting view; no cookie or token goes along."""
    setattr(view, _CROSS_ORIGIN, True)
    return view


def own_site(view: View) -> View:
    """Keep this public view from scripts of other sites: it is for people who look at it here."""
    setattr(view, _OWN_SITE, True)
    return view


def install(app: Flask, *, https: bool) -> None:
    """Send the headers with every answer of ``app``, also with errors.

    Args:
        app: The service.
        https: Whether the public reaches us by https only; then browsers are told to remember that.
    """

    @app.after_request
    def _tell(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={HSTS_SECONDS}")
        if _open_to_others(app):
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Location, Retry-After"
            if request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET")
                response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
                response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        return response


def _open_to_others(app: Flask) -> bool:
    """Tell whether this request is public reading, or posts to a view marked for it.

    A preflight is judged by the view that would answer the request it asks for (Fetch, "CORS-preflight").
    """
    endpoint, method = request.endpoint, request.method
    wanted = request.headers.get("Access-Control-Request-Method")
    if method == "OPTIONS" and endpoint is not None and wanted is not None:
        method = wanted.upper()
        try:
            endpoint, _ = app.url_map.bind("").match(request.path, method=method)
        except HTTPException:
            return False
    row = access.row_of(app, endpoint)
    if row is None or not row.is_public:
        return False
    view = app.view_functions.get(endpoint or "")
    if getattr(view, _OWN_SITE, False):
        return False
    return bool(getattr(view, _CROSS_ORIGIN, False)) or method in ("GET", "HEAD")
