# SPDX-License-Identifier: Apache-2.0
"""People for tests of pages: made and signed in without a password and without a mail.

Example::

    ada = make_person(db, "ada@teachers.example", roles={Role.REVIEWER: "example-education"})
    client.post("/reviews", data={"csrf": sign_in(client, db, ada)})
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient

from service import clock
from service.accounts import cookies, organisations, people, sessions
from service.accounts.organisations import Organisation
from service.accounts.people import Person, Role
from service.db import Database
from service.errors import NoSuchOrganisationError


def make_person(
    db: Database,
    email: str = "ada@teachers.example",
    *,
    roles: Mapping[Role, str | Iterable[str]] | None = None,
    now: datetime | None = None,
    **fields: Any,
) -> Person:
    """A person with a confirmed address, with these roles in these organisations (made where missing)."""
    now = now or clock.now()
    values = {"name": email.partition("@")[0].title() + " Example", "confirmed_at": now, **fields}
    with db.transaction() as session:
        person = people.create(session, email=email, now=now, **values)
    for role, where in (roles or {}).items():
        for slug in [where] if isinstance(where, str) else where:
            person = give_role(db, person, role, slug, now=now)
    return person


def give_role(
    db: Database, person: Person, role: Role, organisation: str, *, now: datetime | None = None
) -> Person:
    """The person with one more role; the organisation is made where it is missing."""
    now = now or clock.now()
    with db.transaction() as session:
        try:
            organisations.get(session, organisation)
        except NoSuchOrganisationError:
            added = Organisation(organisation, organisation.replace("-", " ").title(), "programme")
            organisations.put(session, added, actor="test", now=now)
        return people.grant(session, person.id, role, organisation, actor="test", now=now)


def sign_in(client: FlaskClient, db: Database, person: Person, *, now: datetime | None = None) -> str:
    """Sign the client in as ``person`` and return the token that its forms carry (field ``csrf``)."""
    with db.transaction() as session:
        signed_in, presented = sessions.begin(
            session, person.id, user_agent="Firefox/140.0 (Linux)", now=now or clock.now()
        )
    https = client.application.config["PREFERRED_URL_SCHEME"] == "https"
    # Secure cookies are only sent by https: then base_url="https://localhost" goes with each request.
    client.set_cookie(cookies.name(https=https), presented, secure=https, httponly=True, samesite="Lax")
    return signed_in.csrf


def sign_out(client: FlaskClient) -> None:
    """Forget the cookie, as a browser does that was closed."""
    for https in (True, False):
        client.delete_cookie(cookies.name(https=https))
