# SPDX-License-Identifier: Apache-2.0
"""Signing in as a sample person, in a demonstration and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from service import clock
from service.accounts import entry, organisations, people
from service.accounts.organisations import Organisation
from service.accounts.people import Role
from service.accounts.room import Accounts
from service.db import Database
from service.errors import SettingsError, SignInRefusedError
from service.settings import Settings
from tests.service.accounts import (
    is_signed_in,
    make_service,
    open_accounts,
    post,
)
from tests.service.people import make_person


def test_a_demonstration_signs_anybody_in_as_a_sample_person(db: Database, settings: Settings) -> None:
    client = make_service(open_accounts(db, replace(settings, demo=True))).test_client()
    ada, real = make_person(db), make_person(db, "somebody@real.org")
    page = client.get("/sign-in").text
    assert f'value="{ada.id}"' in page
    assert real.id not in page
    assert post(client, "/sign-in/sample", person=real.id).status_code == 422
    assert post(client, "/sign-in/sample", person=ada.id).headers["Location"] == "/work"
    assert is_signed_in(client)
    assert client.get("/sign-in/sample").status_code in (404, 405)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/sign-in/sample", data={"person": ada.id}, headers=foreign).status_code == 403


@pytest.mark.parametrize(
    ("roles", "desk"),
    [
        ((), "/work"),
        ((Role.OFFICER,), "/issuing"),
        ((Role.RECOGNIZER,), "/recognizer"),
        ((Role.AFFILIATE,), "/affiliate"),
        ((Role.REVIEWER,), "/reviews"),
        ((Role.MANAGER,), "/manage"),
        ((Role.ADMINISTRATOR,), "/admin/people"),
        ((Role.RECOGNIZER, Role.AFFILIATE), "/affiliate"),
        ((Role.MANAGER, Role.REVIEWER), "/reviews"),
    ],
)
def test_everybody_lands_at_their_own_desk_unless_on_the_way_elsewhere(
    db: Database, settings: Settings, roles: tuple[Role, ...], desk: str
) -> None:
    client = make_service(open_accounts(db, replace(settings, demo=True))).test_client()
    ren = make_person(db)
    with db.transaction() as session:
        organisations.put(
            session, Organisation("district", "District", "district"), actor="test", now=clock.now()
        )
        for role in roles:
            people.grant(session, ren.id, role, "district", actor="test", now=clock.now())
    for onward, path in (("", desk), ("https://evil.example/", desk), ("/work", "/work"), ("/account",) * 2):
        answer = post(client, "/sign-in/sample", person=ren.id, next=onward)
        assert answer.headers["Location"] == path


def test_outside_of_a_demonstration_nobody_is_signed_in_like_this(
    client: FlaskClient, db: Database, accounts: Accounts
) -> None:
    ada = make_person(db)
    assert ada.id not in client.get("/sign-in").text
    assert post(client, "/sign-in/sample", person=ada.id).status_code == 404
    assert not is_signed_in(client)
    with pytest.raises(SignInRefusedError):
        entry.enter_as(accounts, ada.id, entry.Visitor(), now=clock.now())


@pytest.mark.parametrize(
    "public_url", ["https://badges.union.example", "http://badges.union.example", "http://192.0.2.7:8080"]
)
def test_a_public_site_is_no_demonstration(settings: Settings, public_url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        replace(settings, public_url=public_url, did_host="", demo=True)
    assert caught.value.path == "demo"
