# SPDX-License-Identifier: Apache-2.0
"""Who is signed in, for how long, and that a lost session loses nothing (threats W2, W3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import access, clock
from service.accounts import people, sessions
from service.accounts.people import Role
from service.accounts.room import Accounts
from service.accounts.tables import SessionRow
from service.db import Database
from service.settings import Settings
from tests.service.accounts import (
    BROWSER,
    COOKIE,
    GOOD,
    grow_old,
    is_signed_in,
    make_service,
    open_accounts,
    post,
    sql,
    with_password,
)
from tests.service.people import make_person, sign_in

# -- sessions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("public_url", ["https://badges.union.example", "http://127.0.0.1:8080"])
def test_the_cookie_is_kept_from_scripts_and_other_sites(
    db: Database, settings: Settings, public_url: str
) -> None:
    accounts = open_accounts(db, replace(settings, public_url=public_url))
    with_password(db, accounts)
    client = make_service(accounts).test_client()
    answer = client.post(
        "/sign-in", data={"email": "ada@teachers.example", "password": GOOD}, base_url=public_url
    )
    cookie = answer.headers["Set-Cookie"]
    name, secure = ("__Host-hallmark", True) if public_url.startswith("https") else (COOKIE, False)
    assert cookie.startswith(f"{name}=")
    assert ("Secure" in cookie) is secure
    for expected in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert expected in cookie
    assert "Domain" not in cookie


def test_an_id_that_somebody_else_chose_is_never_taken_over(
    client: FlaskClient, db: Database, accounts: Accounts
) -> None:
    with_password(db, accounts)
    client.set_cookie(COOKIE, "A" * 43)
    assert not is_signed_in(client)
    post(client, "/sign-in", email="ada@teachers.example", password=GOOD)
    first = client.get_cookie(COOKIE)
    post(client, "/sign-in", email="ada@teachers.example", password=GOOD)
    second = client.get_cookie(COOKIE)
    assert first is not None
    assert second is not None
    assert len({"A" * 43, first.value, second.value}) == 3
    thief = client.application.test_client()
    thief.set_cookie(COOKIE, first.value)
    assert not is_signed_in(thief)


def test_forms_of_an_earlier_sign_in_of_the_same_person_can_still_be_sent(
    client: FlaskClient, db: Database, accounts: Accounts
) -> None:
    ada = with_password(db, accounts)
    token = sign_in(client, db, ada)
    grow_old(db, timedelta(hours=13))
    assert not is_signed_in(client)
    post(client, "/sign-in", email=ada.email, password=GOOD)
    assert post(client, "/account", csrf=token, name="Ada B.", zone="UTC").status_code == 303
    ben = with_password(db, accounts, "ben@teachers.example")
    post(client, "/sign-in", email=ben.email, password=GOOD)
    assert post(client, "/account", csrf=token, name="Ada C.", zone="UTC").status_code == 403


def test_after_signing_out_the_old_id_is_worth_nothing(client: FlaskClient, db: Database) -> None:
    token = sign_in(client, db, make_person(db))
    stolen = client.get_cookie(COOKIE)
    assert stolen is not None
    answer = post(client, "/sign-out", csrf=token)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert f"{COOKIE}=;" in answer.headers["Set-Cookie"]
    thief = client.application.test_client()
    thief.set_cookie(COOKIE, stolen.value)
    assert not is_signed_in(thief)
    assert post(client, "/sign-out").status_code == 303


@pytest.mark.parametrize(
    ("age", "seen", "has_role", "good"),
    [
        (timedelta(hours=11), timedelta(hours=11), False, True),
        (timedelta(hours=12), timedelta(hours=12), False, False),
        (timedelta(days=29), timedelta(0), False, True),
        (timedelta(days=30), timedelta(0), False, False),
        (timedelta(minutes=59), timedelta(minutes=59), True, True),
        (timedelta(hours=1), timedelta(hours=1), True, False),
        (timedelta(hours=11), timedelta(0), True, True),
        (timedelta(hours=12), timedelta(0), True, False),
    ],
)
def test_a_session_ends_sooner_for_people_with_a_role(
    client: FlaskClient, db: Database, age: timedelta, seen: timedelta, *, has_role: bool, good: bool
) -> None:
    roles = {Role.REVIEWER: "example-education"} if has_role else {}
    sign_in(client, db, make_person(db, roles=roles))
    grow_old(db, age, seen=seen)
    assert is_signed_in(client) is good


def test_a_change_of_roles_gives_a_new_id_and_keeps_open_forms(client: FlaskClient, db: Database) -> None:
    ada = make_person(db)
    token = sign_in(client, db, ada)
    before = client.get_cookie(COOKIE)
    make_person(db, "x@y.example", roles={Role.REVIEWER: "example-education"})
    with db.transaction() as session:
        people.grant(session, ada.id, Role.REVIEWER, "example-education", actor="x", now=clock.now())
    assert is_signed_in(client)
    after = client.get_cookie(COOKIE)
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert post(client, "/account", csrf=token, name="Ada", zone="UTC").status_code == 303
    old = client.application.test_client()
    old.set_cookie(COOKIE, before.value)
    answer = old.get("/account")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    with db.transaction() as session:
        for row in session.query(SessionRow):
            row.previous_until = clock.now() - timedelta(seconds=1)
    assert not is_signed_in(old)
    assert is_signed_in(client)


def test_private_pages_are_kept_by_nobody(client: FlaskClient, db: Database) -> None:
    ada = make_person(db, roles={Role.ADMINISTRATOR: "example-education"})
    sign_in(client, db, ada)
    for path in ("/account", "/account/export", "/account/erase", "/admin/people", f"/admin/people/{ada.id}"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Cookie" in answer.headers["Vary"]
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_browsers_are_listed_by_kind_and_signed_out_one_by_one(accounts_app: Flask, db: Database) -> None:
    ada = make_person(db)
    here, there = accounts_app.test_client(), accounts_app.test_client()
    token = sign_in(here, db, ada)
    sign_in(there, db, ada)
    page = here.get("/account").text
    assert page.count("Firefox on Linux</strong>") == 2
    assert "127.0.0.1" not in page
    with db.reading() as session:
        ids = [each.id for each in sessions.every(session, ada.id)]
    other = there.get("/account")
    assert other.status_code == 200
    mine = next(each for each in ids if f"/account/sessions/{each}/end" in page)
    assert mine
    ben_client = accounts_app.test_client()
    ben_token = sign_in(ben_client, db, make_person(db, "ben@teachers.example"))
    for each in ids:
        post(ben_client, f"/account/sessions/{each}/end", csrf=ben_token)
    assert is_signed_in(here)
    assert is_signed_in(there)
    post(here, "/account/sessions/end-others", csrf=token)
    assert is_signed_in(here)
    assert not is_signed_in(there)
    sign_in(there, db, ada)
    assert post(here, "/account/sessions/end-all", csrf=token).headers["Location"] == "/"
    assert not is_signed_in(here)
    assert not is_signed_in(there)
    assert is_signed_in(ben_client)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8", "Unknown browser"),
        ("", "Unknown browser"),
        ("<script>" * 100, "Unknown browser"),
    ],
)
def test_a_browser_is_described_in_a_few_words(agent: str, expected: str) -> None:
    assert sessions.device(agent) == expected


def test_reading_changes_nothing(client: FlaskClient, db: Database, accounts_app: Flask) -> None:
    """Every address that is opened by GET, signed in, leaves accounts and sessions as they are."""
    ada = make_person(db, roles={Role.ADMINISTRATOR: "example-education"})
    sign_in(client, db, ada)

    def state() -> list[tuple[Any, ...]]:
        with db.reading() as session:
            return [
                tuple(row)
                for table in ("people", "sessions", "memberships", "account_links", "audit_log", "mails")
                for row in session.execute(sql(f"SELECT * FROM {table}"))  # noqa: S608  our own names
            ]

    before = state()
    for rule, method, _ in access.table(accounts_app):
        if method == "GET" and "<" not in rule:
            client.get(rule)
    assert state() == before
    assert client.get("/sign-out").status_code == 405


# -- a lost session loses nothing ------------------------------------------------------------------------

OURS = {**BROWSER, "Sec-Fetch-Site": "same-origin", "Referer": "http://localhost/account"}


def test_what_was_typed_survives_a_session_that_ended(client: FlaskClient, db: Database) -> None:
    typed = {"name": "Ada <Example>", "zone": "UTC", "password": "a secret of mine", "csrf": "old"}
    answer = client.post("/account", data=typed, headers=OURS)
    assert answer.status_code == 401
    assert "Your draft is safe" in answer.text
    assert "Ada &lt;Example&gt;" in answer.text
    assert "a secret of mine" not in answer.text
    assert 'href="/sign-in?next=/account"' in answer.text
    token = sign_in(client, db, make_person(db))
    answer = client.post("/account", data=typed, headers=OURS)
    assert answer.status_code == 403
    assert "Ada &lt;Example&gt;" in answer.text
    assert token in answer.text
    assert "a secret of mine" not in answer.text


def test_nothing_is_echoed_to_who_may_be_another_site(client: FlaskClient, db: Database) -> None:
    sign_in(client, db, make_person(db))
    answer = client.post("/account", data={"name": "typed elsewhere"}, headers=BROWSER)
    assert answer.status_code == 403
    assert "typed elsewhere" not in answer.text
