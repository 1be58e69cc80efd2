# SPDX-License-Identifier: Apache-2.0
"""``/healthz``: whether this process can do its work. 200 or 503, for machines.

What operators should look at although the process works (another machine would do no better) is named by
codes in ``attention``; the answer stays 200, so that no balancer takes the machine out for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Blueprint, Response

from service import access, clock
from service.db import Database
from service.errors import DatabaseUnavailableError, DatabaseUnsafeError
from service.negotiate import respond_json


def nothing(_now: datetime) -> Sequence[str]:
    """Nothing to look at."""
    return ()


def blueprint(db: Database, *, attention: Callable[[datetime], Sequence[str]] = nothing) -> Blueprint:
    """Return the health route over ``db``; ``attention`` gives the codes of what is to be looked at."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    @access.anyone
    def healthz() -> Response:
        try:
            db.ping()
            codes = list(attention(clock.now()))
        except (DatabaseUnavailableError, DatabaseUnsafeError):
            return respond_json({"status": "unavailable"}, status=503, headers={"Retry-After": "5"})
        return respond_json({"status": "ok", "attention": codes} if codes else {"status": "ok"})

    return routes
