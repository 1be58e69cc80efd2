# SPDX-License-Identifier: Apache-2.0
"""What the pages of an educator have in common."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from earning.programme import Programme
from earning.work import board, deadlines, workspace
from earning.work.work import Workplace
from service import clock


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page for whoever is signed in; it is kept nowhere."""
    return Response(render_template(f"earning/{template}", **values), status=status, mimetype="text/html")


def data(members: dict[str, Any], *, status: int = 200) -> Response:
    """Answer a script."""
    raw = json.dumps(members, ensure_ascii=False)
    return Response(raw, status=status, mimetype="application/json")


def go(path: str) -> AnyResponse:
    """Lead on after something was done."""
    return redirect(path, code=303)


def values(programme: Programme, work: Workplace) -> dict[str, Any]:
    """Return what every page about one application shows."""
    now = clock.now()
    return {
        "work": work,
        "card": board.card(programme, work, now=now),
        "now": now,
        "path": f"/work/{work.application.id}",
        "saved_at": workspace.saved_at,
        "gap_path": workspace.gap_path,
        "local_day": deadlines.local_day,
    }
