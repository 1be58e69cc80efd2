# SPDX-License-Identifier: Apache-2.0
"""The room of accounts for tests: cheap hashes that are counted, and mails that can be read."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import TextClause, text
from werkzeug.test import TestResponse

from service import clock, mail
from service.accounts.passwords import Checked, Passwords
from service.accounts.people import Person
from service.accounts.room import Accounts
from service.accounts.tables import PersonRow, SessionRow
from service.accounts.web.routes import blueprint
from service.db import Database
from service.problems import Problems
from service.settings import Settings
from service.web import create_flask
from tests.service.people import make_person

BROWSER = {"Accept": "text/html", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
GOOD = "four words in a row"
COOKIE = "hallmark-session"
STRANGER = {"REMOTE_ADDR": "203.0.113.9"}


class CountedPasswords(Passwords):
    """Counts comparisons; each is the same work."""

    def __init__(self) -> None:
        super().__init__(memory_kib=64, passes=1)
        self.compared = 0

    def check(self, kept: str | None, password: str) -> Checked:
        self.compared += 1
        return super().check(kept, password)


def open_accounts(db: Database, settings: Settings) -> Accounts:
    """The room over ``db``."""
    return Accounts(db=db, settings=settings, passwords=CountedPasswords(), occupations=("teachers", "ESPs"))


def make_service(accounts: Accounts) -> Flask:
    """The web service with the pages of accounts."""
    return create_flask(
        accounts.settings,
        problems=Problems(public_url=accounts.settings.public_url),
        db=accounts.db,
        blueprints=(blueprint(accounts),),
    )


def mails(db: Database, address: str = "") -> list[tuple[str, str]]:
    """Kind and text of all mails, the newest first."""
    with db.reading() as session:
        found = []
        for each in mail.listing(session, limit=100, address=address):
            content = mail.content(session, each.id)
            found.append((each.kind, content.text if content else ""))
        return found


def mailed_path(db: Database, kind: str) -> str:
    """The path of the link in the newest mail of this kind."""
    text = next(text for found, text in mails(db) if found == kind)
    match = re.search(r"(/(?:confirm|sign-in/link|account/email|account/export)/\S+)", text)
    assert match is not None, text
    return match[1]


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """The answer to a form."""
    return client.post(path, data=fields, headers=BROWSER)


def set_password(db: Database, accounts: Accounts, person: Person, password: str = GOOD) -> None:
    """Give a person a password."""
    with db.transaction() as session:
        session.get_one(PersonRow, person.id).password = accounts.passwords.hash(password)


def with_password(db: Database, accounts: Accounts, email: str = "ada@teachers.example") -> Person:
    """A person who has the good password."""
    person = make_person(db, email)
    set_password(db, accounts, person)
    return person


def grow_old(db: Database, age: timedelta, *, seen: timedelta | None = None) -> None:
    """Let all sessions have begun ``age`` ago, and be used last ``seen`` ago."""
    with db.transaction() as session:
        for row in session.query(SessionRow):
            row.signed_in_at = clock.now() - age
            row.seen_at = clock.now() - (age if seen is None else seen)


def is_signed_in(client: FlaskClient) -> bool:
    """Whether the client sees its account."""
    return client.get("/account").status_code == 200


def sign_up(client: FlaskClient, email: str = "ada@teachers.example", **fields: str) -> TestResponse:
    """The answer to the form of signing up."""
    values = {"email": email, "name": "Ada Example", "zone": "America/Chicago", **fields}
    return post(client, "/sign-up", **values)


def sql(statement: str) -> TextClause:
    """A statement as it is written."""
    return text(statement)
