# SPDX-License-Identifier: Apache-2.0
"""People, for administrators."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from service import access, audit, clock
from service.accounts import organisations, people
from service.accounts.organisations import Organisation
from service.accounts.people import Person, Role
from service.db import Database
from tests.service.accounts import (
    grow_old,
    is_signed_in,
    post,
)
from tests.service.people import make_person, sign_in


@pytest.fixture
def rosa(db: Database) -> Person:
    return make_person(db, "rosa@office.example", roles={Role.ADMINISTRATOR: "example-education"})


def test_an_administrator_gives_and_takes_roles(client: FlaskClient, db: Database, rosa: Person) -> None:
    ada = make_person(db)
    token = sign_in(client, db, rosa)
    fields = {"email": ada.email, "role": "reviewer", "organisation": "example-education"}
    assert post(client, "/admin/people/grant", csrf=token, **fields).status_code == 303
    assert "Ada Example" in client.get("/admin/people?q=ada").text
    page = client.get(f"/admin/people/{ada.id}").text
    assert "reviewer in example-education" in page
    assert f"person:{rosa.id}" in page
    gone = {"role": "reviewer", "organisation": "example-education"}
    assert post(client, f"/admin/people/{ada.id}/withdraw", csrf=token, **gone).status_code == 303
    with db.reading() as session:
        assert people.get(session, ada.id).memberships == ()
        line = audit.lines(session, subject=f"person:{ada.id}")[-1]
    assert (line.action, line.actor) == ("role.withdrawn", f"person:{rosa.id}")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"role": "educator"}, 422),
        ({"role": "emperor"}, 422),
        ({"email": "nobody@teachers.example"}, 422),
        ({"organisation": "elsewhere"}, 404),
        ({"organisation": "example-state"}, 404),
    ],
)
def test_roles_are_given_within_ones_own_organisations(
    client: FlaskClient, db: Database, rosa: Person, change: dict[str, str], status: int
) -> None:
    make_person(db, "other@office.example", roles={Role.ADMINISTRATOR: "example-state"})
    ada = make_person(db)
    fields = {"email": ada.email, "role": "reviewer", "organisation": "example-education", **change}
    token = sign_in(client, db, rosa)
    assert post(client, "/admin/people/grant", csrf=token, **fields).status_code == status
    with db.reading() as session:
        assert people.get(session, ada.id).memberships == ()


def test_the_last_administrator_stays(client: FlaskClient, db: Database, rosa: Person) -> None:
    token = sign_in(client, db, rosa)
    fields = {"role": "administrator", "organisation": "example-education"}
    assert post(client, f"/admin/people/{rosa.id}/withdraw", csrf=token, **fields).status_code == 422
    with db.reading() as session:
        assert people.get(session, rosa.id).has(Role.ADMINISTRATOR)


def test_giving_roles_asks_for_a_fresh_sign_in(client: FlaskClient, db: Database, rosa: Person) -> None:
    ada = make_person(db)
    token = sign_in(client, db, rosa)
    grow_old(db, timedelta(minutes=16))
    fields = {"email": ada.email, "role": "reviewer", "organisation": "example-education"}
    answer = post(client, "/admin/people/grant", csrf=token, **fields)
    assert answer.status_code == 403
    assert "/sign-in?next=" in answer.text


def test_an_administrator_of_an_affiliate_sees_its_own_people(client: FlaskClient, db: Database) -> None:
    now = clock.now()
    with db.transaction() as session:
        for slug, parent in (("wa", None), ("wa-local", "wa"), ("vt", None)):
            organisations.put(session, Organisation(slug, slug, "affiliate", parent), actor="x", now=now)
    admin = make_person(db, "olga@office.example", roles={Role.ADMINISTRATOR: "wa"})
    own = make_person(db, "ada@teachers.example", roles={Role.AFFILIATE: "wa-local"})
    other = make_person(db, "ben@teachers.example", roles={Role.AFFILIATE: "vt"})
    token = sign_in(client, db, admin)
    page = client.get("/admin/people").text
    assert own.id in page
    assert other.id not in page
    assert client.get(f"/admin/people/{own.id}").status_code == 200
    for path in (f"/admin/people/{other.id}", "/admin/people/nobody"):
        assert client.get(path).status_code == 404
    gone = {"role": "affiliate-officer", "organisation": "vt"}
    assert post(client, f"/admin/people/{other.id}/withdraw", csrf=token, **gone).status_code == 404
    assert post(client, f"/admin/people/{other.id}/sign-out", csrf=token).status_code == 404


def test_an_administrator_of_a_programme_signs_somebody_out(
    client: FlaskClient, db: Database, rosa: Person
) -> None:
    ada, there = make_person(db), client.application.test_client()
    token = sign_in(client, db, rosa)
    sign_in(there, db, ada)
    assert post(client, f"/admin/people/{ada.id}/sign-out", csrf=token).status_code == 303
    assert not is_signed_in(there)


def test_an_administrator_of_a_district_opens_no_account_by_giving_a_role(
    client: FlaskClient, db: Database
) -> None:
    admin = _of_a_district(db)
    ada = make_person(
        db, name="Ada Unusual", school="Troy High", state="VT", roles={Role.REVIEWER: "example-education"}
    )
    token, there = sign_in(client, db, admin), client.application.test_client()
    sign_in(there, db, ada)
    fields = {"email": ada.email, "role": "recognizer", "organisation": "rivertown"}
    assert post(client, "/admin/people/grant", csrf=token, **fields).status_code == 303
    for path in ("/admin/people", f"/admin/people/{ada.id}"):
        page = client.get(path).text
        assert ada.email in page
        assert "recognizer" in page
        for hidden in ("Unusual", "Troy High", "reviewer", "example-education", "Sign out everywhere"):
            assert hidden not in page, path
    assert ada.email not in client.get("/admin/people?q=Unusual").text
    assert ada.email in client.get("/admin/people?q=ADA@").text
    assert post(client, f"/admin/people/{ada.id}/sign-out", csrf=token).status_code == 404
    assert is_signed_in(there)


@pytest.mark.parametrize("role", ["reviewer", "programme-manager", "issuer-officer", "affiliate-officer"])
def test_a_district_has_no_roles_of_a_programme(client: FlaskClient, db: Database, role: str) -> None:
    admin, ada = _of_a_district(db), make_person(db)
    token = sign_in(client, db, admin)
    assert f'value="{role}"' not in client.get("/admin/people").text
    for email in (ada.email, admin.email):
        fields = {"email": email, "role": role, "organisation": "rivertown"}
        assert post(client, "/admin/people/grant", csrf=token, **fields).status_code == 422
    with db.reading() as session:
        assert not people.get(session, ada.id).memberships
        assert len(people.get(session, admin.id).memberships) == 1


def test_nobody_gives_a_role_to_themselves(client: FlaskClient, db: Database, rosa: Person) -> None:
    token = sign_in(client, db, rosa)
    fields = {"email": rosa.email, "role": "reviewer", "organisation": "example-education"}
    answer = post(client, "/admin/people/grant", csrf=token, **fields)
    assert answer.status_code == 422
    assert "ask another administrator" in answer.text


def _of_a_district(db: Database) -> Person:
    with db.transaction() as session:
        rivertown = Organisation("rivertown", "Rivertown Schools", "district", None)
        organisations.put(session, rivertown, actor="x", now=clock.now())
    return make_person(db, "dora@district.example", roles={Role.ADMINISTRATOR: "rivertown"})


def test_the_pages_of_administrators_are_for_them(client: FlaskClient, db: Database) -> None:
    sign_in(client, db, make_person(db, roles={Role.MANAGER: "example-education"}))
    table = access.table(client.application)
    found = [rule for rule, method, _ in table if rule.startswith("/admin/") and method == "GET"]
    assert found
    for rule in found:
        assert client.get(rule.replace("<person_id>", "x")).status_code == 403
