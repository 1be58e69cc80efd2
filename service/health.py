# SPDX-License-Identifier: Apache-2.0
"""``/healthz``: whether this process can do its work. 200 or 503, for machines."""

from __future__ import annotations

from flask import Blueprint, Response

from service import access
from service.db import Database
from service.errors import DatabaseUnavailableError, DatabaseUnsafeError
from service.negotiate import respond_json


def blueprint(db: Database) -> Blueprint:
    """Return the health route over ``db``."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    @access.anyone
    def healthz() -> Response:
        try:
            db.ping()
        except (DatabaseUnavailableError, DatabaseUnsafeError):
            return respond_json({"status": "unavailable"}, status=503, headers={"Retry-After": "5"})
        return respond_json({"status": "ok"})

    return routes
