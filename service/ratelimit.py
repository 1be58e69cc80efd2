# SPDX-License-Identifier: Apache-2.0
"""How often one address may ask for what costs us work. Counted in memory, so in each process by itself.

Only views marked with ``limited`` count, all of them together, and those with limits of their own
(``at_most``); plain reading is cached instead. Loopback is exempt: it is the operator himself, or a proxy
that was not declared in ``trusted_proxies``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from limits import parse_many
from werkzeug.exceptions import TooManyRequests

from service import clock

View = TypeVar("View", bound=Callable[..., Any])

PAGES = "120 per minute"  # of a public page for which something is examined or much is read
IPV6_PREFIX = 64  # bits; one household or host has at least so many addresses (RFC 6177)

_MARK = "hallmark_limited"
_OWN_MARK = "hallmark_at_most"
_EXTENSION = "hallmark_limits"


def limited(view: View) -> View:
    """Count requests of this view against ``checks_per_minute``."""
    setattr(view, _MARK, True)
    return view


def at_most(limits: str, *, when: Callable[[], bool] = lambda: True) -> Callable[[View], View]:
    """Allow this view only so often, as "6 per minute; 20 per hour": for what makes us work for long.

    Counted are only requests for which ``when`` is true: for a view of which one form costs more.
    """

    def decorate(view: View) -> View:
        setattr(view, _OWN_MARK, (limits, when))
        return view

    return decorate


def spend(limits: str, *, scope: str) -> None:
    """Count one thing of the kind ``scope`` for this address, where that is known only inside a view.

    Raises:
        TooManyRequests: It has had as many as ``limits`` allow.
    """
    limiter = current_app.extensions.get(_EXTENSION)
    if limiter is None or is_loopback():
        return
    asked = parse_many(limits)
    if not all(limiter.limiter.test(limit, scope, address()) for limit in asked):
        raise TooManyRequests(limits)
    for limit in asked:
        limiter.limiter.hit(limit, scope, address())


def install(app: Flask, *, per_minute: int) -> None:
    """Limit all marked views of ``app`` together to ``per_minute`` for each address; 0 limits nothing."""
    if not per_minute:
        return
    limiter = Limiter(address, app=app, storage_uri="memory://", strategy="moving-window")
    app.extensions[_EXTENSION] = limiter
    limit = limiter.shared_limit(f"{per_minute} per minute", scope="checks", exempt_when=is_loopback)
    views: dict[str, Any] = app.view_functions
    for endpoint, view in list(views.items()):
        if getattr(view, _MARK, False):
            views[endpoint] = limit(view)
        own = getattr(view, _OWN_MARK, None)
        if own is not None:
            limits, when = own
            is_free = partial(_is_free, when)
            views[endpoint] = limiter.limit(limits, exempt_when=is_free)(view)

    @app.after_request
    def _tell(response: Response) -> Response:
        current = limiter.current_limit
        # A copy that others are given must not tell them what one asker has left.
        if current is not None and "public" not in response.headers.get("Cache-Control", ""):
            seconds = max(1, round(current.reset_at - clock.now().timestamp()))
            response.headers["RateLimit"] = (
                f"limit={current.limit.amount}, remaining={current.remaining}, reset={seconds}"
            )
            if current.breached:
                response.headers["Retry-After"] = str(seconds)
        return response


def _is_free(when: Callable[[], bool]) -> bool:
    return is_loopback() or not when()


def address() -> str:
    """Return the address that this request is counted for: IPv4 as it is, IPv6 by its network."""
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((int(found), IPV6_PREFIX), strict=False))
    return str(found)


def is_loopback() -> bool:
    """Tell whether this request comes from the same machine."""
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (inner or found).is_loopback
