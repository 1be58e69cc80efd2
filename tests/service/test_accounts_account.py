# SPDX-License-Identifier: Apache-2.0
"""One's own account: changing it, taking it along, erasing it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from service import audit, clock
from service.accounts import people
from service.accounts.people import Person, Role
from service.accounts.room import Accounts
from service.accounts.tables import PersonRow
from service.db import Database
from service.settings import Settings
from tests.service.accounts import (
    BROWSER,
    GOOD,
    STRANGER,
    grow_old,
    is_signed_in,
    mailed_path,
    mails,
    make_service,
    open_accounts,
    post,
    set_password,
    sql,
    with_password,
)
from tests.service.people import make_person, sign_in

# -- one's own account -----------------------------------------------------------------------------------


def test_the_account_is_changed(client: FlaskClient, db: Database) -> None:
    ada = make_person(db)
    token = sign_in(client, db, ada)
    fields = {"name": "Ada B.", "zone": "America/Denver", "job": "ESPs", "school": "X", "state": "VT"}
    assert post(client, "/account", csrf=token, **fields).headers["Location"] == "/account?done=saved"
    assert "Saved." in client.get("/account?done=saved").text
    assert client.get("/account?done=<script>").status_code == 200
    with db.reading() as session:
        found = people.get(session, ada.id)
    assert (found.name, found.zone, found.job, found.state) == ("Ada B.", "America/Denver", "ESPs", "VT")
    assert found.is_member is False
    answer = post(client, "/account", csrf=token, **{**fields, "job": "astronauts"})
    assert answer.status_code == 422
    answer = post(client, "/account", csrf=token, **fields, email="x@y.example", role="administrator")
    with db.reading() as session:
        assert people.get(session, ada.id).email == ada.email


def test_a_password_is_set_and_signs_all_others_out(accounts_app: Flask, db: Database) -> None:
    ada = make_person(db)
    here, there = accounts_app.test_client(), accounts_app.test_client()
    token = sign_in(here, db, ada)
    sign_in(there, db, ada)
    assert post(here, "/account/password", csrf=token, password="short").status_code == 422
    assert is_signed_in(there)
    assert post(here, "/account/password", csrf=token, password=GOOD).status_code == 303
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert mails(db)[0][0] == "password-changed"
    assert post(there, "/sign-in", email=ada.email, password=GOOD).status_code == 303


def test_a_stolen_session_cannot_change_what_matters(
    client: FlaskClient, db: Database, accounts: Accounts
) -> None:
    ada = with_password(db, accounts)
    token = sign_in(client, db, ada)
    grow_old(db, timedelta(minutes=16))
    for path, field, fields in (
        ("/account/password", "current", {"password": "another good one"}),
        ("/account/email", "proof_email", {"email": "new@teachers.example"}),
        ("/account/export", "proof", {}),
        ("/account/erase", "proof", {"email": ada.email}),
    ):
        for proof in ({}, {field: "a wrong one here"}):
            answer = post(client, path, csrf=token, **fields, **proof)
            assert answer.status_code == 422, path
            assert f'href="#{field}"' in answer.text
    assert mails(db) == []
    with db.transaction() as session:
        session.execute(sql("DELETE FROM account_attempts"))
    answer = post(client, "/account/password", csrf=token, current=GOOD, password="another good one")
    assert answer.status_code == 303


def test_an_address_is_changed_by_a_link_to_the_new_one(client: FlaskClient, db: Database) -> None:
    ada = make_person(db)
    token = sign_in(client, db, ada)
    answer = post(client, "/account/email", csrf=token, email="new@school.example")
    assert answer.headers["Location"] == "/account?done=address"
    path = mailed_path(db, "email-change")
    page = client.get(path)
    assert page.status_code == 200
    assert ada.name in page.text
    assert ada.email in page.text
    with db.reading() as session:
        assert people.get(session, ada.id).email == ada.email
    assert post(client, path, csrf=token).status_code == 303
    with db.reading() as session:
        assert people.get(session, ada.id).email == "new@school.example"
    assert [kind for kind, _ in mails(db, ada.email)] == ["email-changed"]
    assert post(client, path, csrf=token).status_code == 410


def test_a_stranger_cannot_give_an_address_away_to_the_account_that_asked(
    accounts_app: Flask, db: Database
) -> None:
    ada, victim = make_person(db, name="Win Money At Evil"), make_person(db, "ben@school.example")
    mine, theirs, nobody = (accounts_app.test_client() for _ in range(3))
    token, other_token = sign_in(mine, db, ada), sign_in(theirs, db, victim)
    post(mine, "/account/email", csrf=token, email="victim@school.example")
    path = mailed_path(db, "email-change")
    assert nobody.get(path).headers["Location"].startswith("/sign-in?next=")
    assert post(nobody, path).status_code == 401
    unknown = path[:-43] + "x" * 43
    assert theirs.get(path).status_code == theirs.get(unknown).status_code == 410
    refused, none = (post(theirs, each, csrf=other_token) for each in (path, unknown))
    assert refused.status_code == none.status_code == 410
    with db.reading() as session:
        assert people.get(session, ada.id).email == ada.email
        assert people.find_by_email(session, "victim@school.example") is None
    assert mine.get(path).status_code == 200  # not used up by the stranger


def test_the_mail_to_a_new_address_names_the_account_and_nothing_typed(
    client: FlaskClient, db: Database
) -> None:
    token = sign_in(client, db, make_person(db, name="Win Money At Evil"))
    post(client, "/account/email", csrf=token, email="victim@school.example")
    words = dict(mails(db, "victim@school.example"))["email-change"]
    assert "the account of a…@teachers.example" in words
    assert "ignore this mail" in words
    assert "Evil" not in words


def test_a_changed_address_signs_all_other_browsers_out(accounts_app: Flask, db: Database) -> None:
    ada = make_person(db)
    here, there = accounts_app.test_client(), accounts_app.test_client()
    token = sign_in(here, db, ada)
    sign_in(there, db, ada)
    post(here, "/account/email", csrf=token, email="new@school.example")
    assert post(here, mailed_path(db, "email-change"), csrf=token).status_code == 303
    assert is_signed_in(here)
    assert not is_signed_in(there)


def test_new_addresses_are_asked_for_a_few_times_from_one_account_and_one_network(
    accounts_app: Flask, db: Database
) -> None:
    client = accounts_app.test_client()
    token = sign_in(client, db, make_person(db))
    for number in range(10):
        email = f"new{number}@school.example"
        assert post(client, "/account/email", csrf=token, email=email).status_code == 303
    assert post(client, "/account/email", csrf=token, email="one-more@school.example").status_code == 429
    codes = []
    for number in range(31):
        other = accounts_app.test_client()
        token = sign_in(other, db, make_person(db, f"p{number}@teachers.example"))
        form = {"csrf": token, "email": f"victim{number}@school.example"}
        answer = other.post("/account/email", data=form, headers=BROWSER, environ_base=STRANGER)
        codes.append(answer.status_code)
    assert codes == [303] * 30 + [429]


def test_changing_to_a_taken_address_tells_its_owner_only(client: FlaskClient, db: Database) -> None:
    ben = make_person(db, "ben@teachers.example")
    token = sign_in(client, db, make_person(db))
    answer = post(client, "/account/email", csrf=token, email=ben.email)
    assert answer.headers["Location"] == "/account?done=address"
    assert [kind for kind, _ in mails(db)] == ["exists"]
    assert post(client, "/account/email", csrf=token, email="nonsense").status_code == 422


def test_an_address_that_was_taken_meanwhile_stays_its_owners(client: FlaskClient, db: Database) -> None:
    token = sign_in(client, db, make_person(db))
    post(client, "/account/email", csrf=token, email="new@school.example")
    make_person(db, "NEW@school.example")
    assert post(client, mailed_path(db, "email-change"), csrf=token).status_code == 409


# -- data ------------------------------------------------------------------------------------------------


class Room:
    """Another room's part, for tests."""

    name = "work"

    def __init__(self) -> None:
        self.erased: list[str] = []

    def export(self, session: Session, person: Person) -> Mapping[str, Any]:
        return {"drafts": [f"draft of {person.name}"], "at": clock.now()}

    def files(self, session: Session, person: Person) -> Iterable[tuple[str, bytes]]:
        yield "../../plan.pdf", b"one"
        yield "Plan.pdf", b"two"
        yield "..", b"three"
        yield "../..//plan.pdf", b"four"

    def erase(self, session: Session, person: Person, now: datetime) -> None:
        self.erased.append(person.id)


def test_everything_is_handed_out_as_one_file(db: Database, settings: Settings) -> None:
    accounts = replace(open_accounts(db, settings), rooms=(Room(),))
    client = make_service(accounts).test_client()
    ada = make_person(db, school="Troy High", roles={Role.REVIEWER: "example-education"})
    token = sign_in(client, db, ada)
    with post(client, "/account/export", csrf=token) as answer:
        assert answer.content_type == "application/zip"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
    names = archive.namelist()
    assert len(set(names)) == len(names) == 7
    assert not any(".." in name.split("/") or name.startswith("/") for name in names)
    account = json.loads(archive.read("account.json"))
    assert account["email"] == ada.email
    assert account["school"] == "Troy High"
    assert account["roles"][0]["role"] == "reviewer"
    assert account["sign_ins"][0]["device"] == "Firefox on Linux"
    assert json.loads(archive.read("work.json"))["drafts"] == ["draft of Ada Example"]
    assert "password" not in archive.read("account.json").decode().replace("password_set_at", "")


def test_the_export_comes_by_a_mailed_link_too(client: FlaskClient, db: Database) -> None:
    token = sign_in(client, db, make_person(db))
    grow_old(db, timedelta(minutes=16))
    assert post(client, "/account/export", csrf=token).status_code == 422
    assert post(client, "/account/export/mail", csrf=token).headers["Location"] == "/account?done=export"
    path = mailed_path(db, "export-ready")
    assert client.get(path).status_code == 200
    other = client.application.test_client()
    assert other.get(path).status_code == 303
    other_token = sign_in(other, db, make_person(db, "ben@teachers.example"))
    assert post(other, path, csrf=other_token).status_code == 410
    with post(client, path, csrf=token) as answer:
        assert answer.status_code == 200
        assert zipfile.is_zipfile(io.BytesIO(answer.data))
    assert post(client, path, csrf=token).status_code == 410


def test_an_account_is_erased_with_all_that_leads_to_its_owner(db: Database, settings: Settings) -> None:
    room = Room()
    accounts = replace(open_accounts(db, settings), rooms=(room,))
    client = make_service(accounts).test_client()
    ada = make_person(db, name="Ada Unusual", school="Troy High", roles={Role.REVIEWER: "example-education"})
    set_password(db, accounts, ada)
    token = sign_in(client, db, ada)
    post(client, "/account/password", csrf=token, password="another good one")
    assert post(client, "/account/erase", csrf=token, email="ben@teachers.example").status_code == 422
    answer = post(client, "/account/erase", csrf=token, email=" ADA@teachers.example ")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account-erased")
    assert client.get("/account-erased").status_code == 200
    assert room.erased == [ada.id]
    assert not is_signed_in(client)
    with db.reading() as session:
        assert people.find_by_email(session, ada.email) is None
        row = session.get_one(PersonRow, ada.id)
        assert (row.email, row.email_key, row.name, row.school, row.password) == (None, None, "", "", None)
        assert row.erased_at is not None
        assert people.search(session, "") == ()
        lines = audit.lines(session, subject=f"person:{ada.id}")
        assert lines[-1].action == "person.erased"
        tables = ("people", "sessions", "memberships", "account_links", "account_attempts", "audit_log")
        for table in tables:
            for found in session.execute(sql(f"SELECT * FROM {table}")):  # noqa: S608  our own names
                assert "Unusual" not in str(found)
                assert "ada@teachers.example" not in str(found)
    assert [kind for kind, _ in mails(db, "ada@teachers.example")] == ["erased"]
    assert post(client, "/sign-in", email=ada.email, password="another good one").status_code == 422
    again = make_person(db, "ada@teachers.example")
    assert again.id != ada.id


def test_a_room_that_cannot_erase_leaves_everything(db: Database, settings: Settings) -> None:
    class Broken(Room):
        def erase(self, session: Session, person: Person, now: datetime) -> None:
            raise ZeroDivisionError

    accounts = replace(open_accounts(db, settings), rooms=(Broken(),))
    client = make_service(accounts).test_client()
    ada = make_person(db)
    token = sign_in(client, db, ada)
    assert post(client, "/account/erase", csrf=token, email=ada.email).status_code == 500
    assert is_signed_in(client)
