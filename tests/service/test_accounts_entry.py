# SPDX-License-Identifier: Apache-2.0
"""Signing up and signing in, as a browser sees them (threats W4, W6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from service import clock
from service.accounts import entry, people
from service.accounts.people import Role
from service.accounts.room import Accounts
from service.accounts.tables import LinkRow, PersonRow, SessionRow
from service.db import Database
from service.errors import SignInRefusedError
from service.settings import Settings
from tests.service.accounts import (
    BROWSER,
    COOKIE,
    GOOD,
    STRANGER,
    CountedPasswords,
    is_signed_in,
    mailed_path,
    mails,
    post,
    sign_up,
    sql,
    with_password,
)
from tests.service.people import make_person, sign_in

# -- signing up ------------------------------------------------------------------------------------------


def test_an_account_begins_with_the_button_behind_the_mailed_link(client: FlaskClient, db: Database) -> None:
    answer = sign_up(client, school="Troy High", state="IL", job="teachers", is_member="yes")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-up/sent")
    assert client.get("/sign-up/sent").status_code == 200
    path = mailed_path(db, "confirm")
    # Somebody else may have typed the name: a stranger is not greeted by it.
    assert "Ada Example" not in dict(mails(db, "ada@teachers.example"))["confirm"]
    with db.reading() as session:
        assert people.find_by_email(session, "ada@teachers.example") is None
    for _ in range(3):  # scanners open links
        assert "ada@teachers.example" in client.get(path).text
    answer = post(client, path, password=GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/work")
    assert is_signed_in(client)
    with db.reading() as session:
        found = people.find_by_email(session, "ADA@teachers.example")
    assert found is not None
    assert (found.zone, found.school, found.state, found.job) == (
        "America/Chicago",
        "Troy High",
        "IL",
        "teachers",
    )
    assert found.is_member
    assert found.has(Role.EDUCATOR)


def test_the_link_of_a_sign_up_works_once(client: FlaskClient, db: Database) -> None:
    sign_up(client)
    path = mailed_path(db, "confirm")
    assert post(client, path, password="").status_code == 303
    for answer in (post(client, path, password=""), client.get(path, headers=BROWSER)):
        assert answer.status_code == 410
        assert "/sign-in" in answer.text


def test_signing_up_tells_nobody_who_has_an_account(client: FlaskClient, db: Database) -> None:
    make_person(db, "ada@teachers.example")
    known, unknown = sign_up(client, "ADA@teachers.example"), sign_up(client, "new@teachers.example")
    assert (known.status_code, known.headers["Location"], known.data) == (
        unknown.status_code,
        unknown.headers["Location"],
        unknown.data,
    )
    assert "Set-Cookie" not in known.headers
    assert [kind for kind, _ in mails(db, "ada@teachers.example")] == ["exists"]
    assert [kind for kind, _ in mails(db, "new@teachers.example")] == ["confirm"]


def test_a_form_with_faults_keeps_what_was_typed_and_names_them(client: FlaskClient, db: Database) -> None:
    answer = sign_up(client, "no address", name="", zone="Mars/Olympus", school="Troy High", state="XX")
    assert answer.status_code == 422
    for expected in (
        'href="#email"',
        'href="#name"',
        'href="#zone"',
        'href="#state"',
        "no address",
        "Troy High",
    ):
        assert expected in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert answer.text.index("Please look again") < answer.text.index("<form")
    assert mails(db) == []


def test_an_account_prepared_by_somebody_else_has_no_password_of_theirs(
    client: FlaskClient, db: Database
) -> None:
    sign_up(client, password=GOOD)
    post(client, mailed_path(db, "confirm"), password="")
    with db.reading() as session:
        found = people.find_by_email(session, "ada@teachers.example")
        assert found is not None
        assert session.get_one(PersonRow, found.id).password is None


def test_a_bad_password_does_not_use_the_link_up(client: FlaskClient, db: Database) -> None:
    sign_up(client)
    path = mailed_path(db, "confirm")
    assert post(client, path, password="short").status_code == 422
    assert post(client, path, password="Ada Example!").status_code == 422
    assert post(client, path, password=GOOD).status_code == 303


@pytest.mark.parametrize(
    ("asked", "kept", "path"),
    [
        ("/catalogue/SEL1/apply", "/catalogue/SEL1/apply", "/catalogue/SEL1/apply"),
        ("https://evil.example/", "", "/work"),
        ("", "", "/work"),
    ],
)
def test_whoever_was_on_the_way_somewhere_gets_there(
    client: FlaskClient, db: Database, asked: str, kept: str, path: str
) -> None:
    page = client.get("/sign-up", query_string={"next": asked}).text
    assert f'name="next" value="{kept}"' in page
    sign_up(client, next=asked)
    answer = post(client, mailed_path(db, "confirm"), password="")
    assert answer.headers["Location"] == path


def test_somebody_who_was_entered_by_others_confirms_by_signing_up(client: FlaskClient, db: Database) -> None:
    ben = make_person(db, "ben@teachers.example", confirmed_at=None, school="Aurora")
    sign_up(client, "Ben@teachers.example", name="Ben B. Example")
    post(client, mailed_path(db, "confirm"), password="")
    with db.reading() as session:
        found = people.get(session, ben.id)
    assert (found.name, found.school) == ("Ben B. Example", "Aurora")
    assert found.confirmed_at is not None


def test_no_form_asks_for_money(client: FlaskClient) -> None:
    for path in ("/sign-up", "/sign-in"):
        text = client.get(path).text.lower()
        assert not any(word in text for word in ("card number", "payment", "price", "cc-number"))


# -- signing in ------------------------------------------------------------------------------------------


def test_a_password_signs_in_and_leads_to_where_one_was_going(
    client: FlaskClient, db: Database, accounts: Accounts
) -> None:
    with_password(db, accounts)
    page = client.get("/sign-in?next=/work/3%3Fpart%3D2")
    assert 'value="/work/3?part=2"' in page.text
    answer = post(client, "/sign-in", email=" ADA@teachers.example", password=GOOD, next="/work/3?part=2")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/work/3?part=2")
    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_look_and_cost_the_same(
    client: FlaskClient, db: Database, accounts: Accounts
) -> None:
    with_password(db, accounts)
    make_person(db, "cleo@teachers.example")  # without a password
    assert isinstance(accounts.passwords, CountedPasswords)
    seen = set()
    for email in ("ada@teachers.example", "cleo@teachers.example", "nobody@teachers.example"):
        before = accounts.passwords.compared
        answer = post(client, "/sign-in", email=email, password="quite another one")
        seen.add((answer.status_code, answer.text.replace(email, "…"), accounts.passwords.compared - before))
    assert len(seen) == 1
    status, text, compared = seen.pop()
    assert (status, compared) == (422, 1)
    assert "quite another one" not in text


def test_a_link_signs_in_once_by_its_button(client: FlaskClient, db: Database) -> None:
    ada = make_person(db)
    answer = post(client, "/sign-in", email=ada.email, how="link", next="/awards")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/sent")
    path = mailed_path(db, "sign-in")
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert not is_signed_in(client)
    answer = post(client, path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/awards")
    assert is_signed_in(client)
    other = client.application.test_client()
    assert other.post(path, headers=BROWSER).status_code == 410
    assert not is_signed_in(other)


@pytest.mark.parametrize(("kind", "minutes"), [("confirm", 24 * 60), ("sign-in", 15)])
def test_a_link_ends(client: FlaskClient, db: Database, kind: str, minutes: int) -> None:
    ada = make_person(db)
    if kind == "confirm":
        sign_up(client, "new@teachers.example")
    else:
        post(client, "/sign-in", email=ada.email, how="link")
    path = mailed_path(db, kind)
    with db.transaction() as session:
        for row in session.query(LinkRow):
            assert row.expires_at - row.created_at == timedelta(minutes=minutes)
            row.expires_at = clock.now() - timedelta(seconds=1)
    assert client.get(path).status_code == 410
    assert post(client, path).status_code == 410


def test_a_link_of_one_kind_is_none_of_another(client: FlaskClient, db: Database) -> None:
    ada = make_person(db)
    post(client, "/sign-in", email=ada.email, how="link")
    presented = mailed_path(db, "sign-in").rpartition("/")[2]
    assert post(client, f"/confirm/{presented}").status_code == 410
    other = client.application.test_client()
    token = sign_in(other, db, ada)
    assert post(other, f"/account/email/{presented}", csrf=token).status_code == 410
    for wrong in ("x", "A" * 43, presented[:-1], presented + "A", "%00"):
        assert post(client, f"/sign-in/link/{wrong}").status_code == 410


def test_asking_for_a_link_tells_nobody_who_has_an_account(client: FlaskClient, db: Database) -> None:
    make_person(db)
    answers = {
        (answer.status_code, answer.headers["Location"], answer.data)
        for answer in (
            post(client, "/sign-in", email=email, how="link")
            for email in ("ada@teachers.example", "nobody@teachers.example")
        )
    }
    assert len(answers) == 1
    assert [kind for kind, _ in mails(db)] == ["sign-in"]
    with db.reading() as session:
        kept = [(row.kind, row.email) for row in session.query(LinkRow).order_by(LinkRow.kind)]
    assert kept == [("nowhere", ""), ("sign-in", "ada@teachers.example")]


def test_secrets_are_kept_as_digests_only(client: FlaskClient, db: Database, settings: Settings) -> None:
    ada = make_person(db)
    post(client, "/sign-in", email=ada.email, how="link")
    path = mailed_path(db, "sign-in")
    post(client, path)
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    with db.transaction() as session:
        session.execute(sql("DELETE FROM mails"))
    with db.reading() as session:
        kept = [row.digest for row in session.query(SessionRow)] + [
            row.digest for row in session.query(LinkRow)
        ]
    assert cookie.value not in kept
    assert path.rpartition("/")[2] not in kept
    assert all(len(each) == 64 for each in kept)


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/%0d%0aSet-Cookie: x=1\r\nX: y",
    "javascript:alert(1)",
    "http:evil.example",
    "evil.example",
    "///evil.example",
    "/\u2215evil.example",
    " /work",
    "",
    "/sign-out",
    "/sign-in?next=/sign-in",
    "/" + "x" * 2_001,
]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_nobody_is_sent_to_another_site(
    client: FlaskClient, db: Database, accounts: Accounts, path: str
) -> None:
    with_password(db, accounts)
    answer = post(client, "/sign-in", email="ada@teachers.example", password=GOOD, next=path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/work")


# -- how often -------------------------------------------------------------------------------------------


def test_guessing_ends_after_five_tries_and_the_right_one_does_not_help(
    client: FlaskClient, db: Database, accounts: Accounts
) -> None:
    with_password(db, accounts)
    for email in ("ada@teachers.example", "nobody@teachers.example"):
        for _ in range(5):
            assert post(client, "/sign-in", email=email, password="a wrong one here").status_code == 422
        answer = post(client, "/sign-in", email=email, password=GOOD)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 900
        assert "Please wait" in answer.text
        assert email in answer.text


def test_somebody_who_gets_it_right_may_err_again(
    client: FlaskClient, db: Database, accounts: Accounts
) -> None:
    with_password(db, accounts)
    for _ in range(3):
        for _ in range(4):
            post(client, "/sign-in", email="ada@teachers.example", password="a wrong one here")
        assert post(client, "/sign-in", email="ada@teachers.example", password=GOOD).status_code == 303


def test_waiting_helps(accounts: Accounts, db: Database) -> None:
    with_password(db, accounts)
    now = clock.now()
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            entry.sign_in(accounts, "ada@teachers.example", "a wrong one", entry.Visitor(), now=now)
    later = now + timedelta(minutes=15, seconds=1)
    assert entry.sign_in(accounts, "ada@teachers.example", GOOD, entry.Visitor(), now=later).presented


def test_one_network_may_try_thirty_times_an_hour(client: FlaskClient) -> None:
    statuses = [
        client.post(
            "/sign-in",
            data={"email": f"p{number}@teachers.example", "password": "a wrong one here"},
            environ_base=STRANGER,
        ).status_code
        for number in range(31)
    ]
    assert statuses == [422] * 30 + [429]
    assert post(client, "/sign-in", email="x@teachers.example", password="another one").status_code == 422


@pytest.mark.parametrize("email", ["ada@teachers.example", "nobody@teachers.example"])
def test_a_mailbox_gets_five_mails_an_hour(client: FlaskClient, db: Database, email: str) -> None:
    make_person(db)
    for number in range(5):
        form = {"how": "link"} if number % 2 else {}
        answer = post(client, "/sign-in", email=email, **form) if form else sign_up(client, email)
        assert answer.status_code == 303
    assert post(client, "/sign-in", email=email.upper().lower(), how="link").status_code == 429
    assert sign_up(client, email).status_code == 429
    assert len(mails(db, email)) <= 5
