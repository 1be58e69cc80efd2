# SPDX-License-Identifier: Apache-2.0
"""Signed-in visits for the tests of pages: a cookie and the token of the sign-in, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from earning.programme import Programme
from service import clock
from service.accounts import sessions
from service.accounts.people import Person

COOKIE = "hallmark-session"
BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Visitor:
    """Somebody's browser."""

    client: FlaskClient
    csrf: str
    cookie: str

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        self.client.set_cookie(COOKIE, self.cookie)
        return self.client.get(path, headers={**BROWSER, **headers})

    def post(
        self, path: str, fields: dict[str, Any] | None = None, *, csrf: str | None = None, **headers: str
    ) -> TestResponse:
        """Send a form of ours."""
        self.client.set_cookie(COOKIE, self.cookie)
        data = {"csrf": self.csrf if csrf is None else csrf, **(fields or {})}
        return self.client.post(path, data=data, headers={**BROWSER, **headers})


def sign_in(programme: Programme, client: FlaskClient, person: Person) -> Visitor:
    """Sign ``person`` in, in a browser of their own."""
    with programme.db.transaction() as session:
        begun, presented = sessions.begin(session, person.id, user_agent="test", now=clock.now())
    return Visitor(client.application.test_client(), begun.csrf, presented)
