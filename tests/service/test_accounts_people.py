# SPDX-License-Identifier: Apache-2.0
"""People, organisations and roles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import audit
from service.accounts import fields, organisations, people
from service.accounts.organisations import Organisation
from service.accounts.people import Membership, Role
from service.db import Database
from service.errors import (
    AccountFieldError,
    AddressTakenError,
    NoSuchOrganisationError,
    NoSuchPersonError,
)
from tests.service.people import give_role, make_person

NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)


def test_a_person_is_found_however_the_address_is_written(db: Database) -> None:
    ada = make_person(db, "  Ada.Example@Teachers.EXAMPLE ")
    assert ada.email == "Ada.Example@teachers.example"
    with db.reading() as session:
        for typed in ("ada.example@teachers.example", " ADA.EXAMPLE@TEACHERS.EXAMPLE\n"):
            assert people.find_by_email(session, typed) == ada
        assert people.find_by_email(session, "ada@teachers.example") is None


def test_an_address_is_one_persons_only(db: Database) -> None:
    make_person(db, "ada@teachers.example")
    ben = make_person(db, "ben@teachers.example")
    with pytest.raises(AddressTakenError), db.transaction() as session:
        people.create(session, email="ADA@teachers.example", name="Other", now=NOW)
    with pytest.raises(AddressTakenError), db.transaction() as session:
        people.change(session, ben.id, email="Ada@Teachers.example", now=NOW)
    with db.transaction() as session:
        assert people.change(session, ben.id, email="BEN@teachers.example", now=NOW).email.startswith("BEN")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ada",
        "ada@",
        "@teachers.example",
        "ada@teachers",
        "ada@@teachers.example",
        "ada example@teachers.example",
        "ada@teachers.example\r\nBcc: x@y.example",
        "ada@-teachers.example",
        "adä@teachers.example",
        "ada@teаchers.example",  # a Cyrillic letter
        "x" * 65 + "@teachers.example",
        "ada@" + "x." * 130 + "example",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(AccountFieldError) as caught:
        fields.checked("email", typed)
    assert caught.value.path == "email"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "Ada\u202eExample"),
        ("zone", "Mars/Olympus"),
        ("zone", "../../etc/passwd"),
        ("state", "Washington"),
        ("school", "x" * 201),
        ("job", "x" * 41),
    ],
)
def test_a_field_that_does_not_fit_is_named(db: Database, field: str, value: str) -> None:
    ada = make_person(db)
    with pytest.raises(AccountFieldError) as caught, db.transaction() as session:
        people.change(session, ada.id, now=NOW, **{field: value})
    assert caught.value.path == field


def test_texts_are_one_tidy_line(db: Database) -> None:
    ada = make_person(
        db, name="  Ada \n\t Example ", school=" Troy   High ", zone="America/Chicago", state="WA"
    )
    assert (ada.name, ada.school, ada.zone, ada.state) == (
        "Ada Example",
        "Troy High",
        "America/Chicago",
        "WA",
    )


def test_a_person_has_no_fields_that_nobody_knows(db: Database) -> None:
    ada = make_person(db)
    for field in ("password", "id", "role"):
        with pytest.raises(TypeError), db.transaction() as session:
            people.change(session, ada.id, now=NOW, **{field: "x"})


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("Troy High School", "troy  high school", True),
        ("TroyHigh School", "Troy HighSchool", True),
        ("Troy", "Aurora", False),
        ("", "", False),
        (" ", "", False),
    ],
)
def test_schools_are_compared_without_case_and_spaces(a: str, b: str, *, expected: bool) -> None:
    assert people.same(a, b) is expected
    assert people.same(b, a) is expected


@given(st.text(), st.text())
def test_comparing_schools_has_no_sides(a: str, b: str) -> None:
    assert people.same(a, b) == people.same(b, a)
    assert people.same(a, a) == bool(a.strip())


def test_a_role_is_given_and_taken_with_a_line_each(db: Database) -> None:
    ada = make_person(db)
    assert ada.has(Role.EDUCATOR)
    assert not ada.has(Role.REVIEWER)
    ada = give_role(db, ada, Role.REVIEWER, "example-education")
    assert give_role(db, ada, Role.REVIEWER, "example-education") == ada
    assert ada.memberships == (Membership("example-education", Role.REVIEWER),)
    assert ada.has(Role.REVIEWER)
    assert ada.has(Role.REVIEWER, "example-education")
    assert not ada.has(Role.REVIEWER, "example-state")
    assert not ada.has(Role.MANAGER, "example-education")
    assert ada.organisations(Role.REVIEWER) == {"example-education"}
    with db.transaction() as session:
        for _ in range(2):
            people.withdraw(session, ada.id, Role.REVIEWER, "example-education", actor="person:x", now=NOW)
        lines = audit.lines(session, subject=f"person:{ada.id}")
        assert people.get(session, ada.id).memberships == ()
    assert [line.action for line in lines] == ["person.created", "role.granted", "role.withdrawn"]
    assert lines[-1].actor == "person:x"
    assert lines[-1].detail == {"role": "reviewer", "organisation": "example-education"}


def test_only_roles_and_organisations_that_exist_are_given(db: Database) -> None:
    ada = make_person(db)
    with pytest.raises(NoSuchOrganisationError), db.transaction() as session:
        people.grant(session, ada.id, Role.REVIEWER, "nowhere", actor="x", now=NOW)
    give_role(db, ada, Role.REVIEWER, "example-education")
    with pytest.raises(AccountFieldError), db.transaction() as session:
        people.grant(session, ada.id, Role.EDUCATOR, "example-education", actor="x", now=NOW)
    with pytest.raises(NoSuchPersonError), db.transaction() as session:
        people.grant(session, "nobody", Role.REVIEWER, "example-education", actor="x", now=NOW)


def test_people_are_found_by_role_and_by_words(db: Database) -> None:
    ada = make_person(db, "ada@teachers.example", school="Troy High School")
    ben = make_person(db, "ben@teachers.example", roles={Role.REVIEWER: ["one", "two"]})
    make_person(db, "cleo@teachers.example", confirmed_at=None)
    with db.reading() as session:
        assert people.every_with(session, Role.REVIEWER, "one") == (ben,)
        assert people.every_with(session, Role.REVIEWER, None) == (ben,)
        assert people.every_with(session, Role.REVIEWER, "three") == ()
        assert people.every_with(session, Role.EDUCATOR, None) == (ada, ben)
        assert people.search(session, "troy HIGH") == (ada,)
        assert people.search(session, "teachers ben") == (ben,)
        assert people.search(session, "%") == ()
        assert people.search(session, "", within=["two"]) == (ben,)
        assert len(people.search(session, "")) == 3
        assert len(people.search(session, "", most=1)) == 1


def test_an_organisation_is_added_changed_and_listed(db: Database) -> None:
    with db.transaction() as session:
        top = organisations.put(session, Organisation("top", "Top", "programme"), actor="x", now=NOW)
        below = Organisation("below", "Below", "affiliate", "top")
        organisations.put(session, below, actor="x", now=NOW)
        organisations.put(session, below, actor="x", now=NOW + timedelta(days=1))
        renamed = Organisation("below", "A new name", "affiliate", "top")
        organisations.put(session, renamed, actor="x", now=NOW)
        assert organisations.every(session) == (renamed, top)
        lines = audit.lines(session, subject="organisation:below")
    assert [line.action for line in lines] == ["organisation.added", "organisation.changed"]


@pytest.mark.parametrize(
    "wrong",
    [
        Organisation("Top", "Top", "programme"),
        Organisation("a b", "Top", "programme"),
        Organisation("", "Top", "programme"),
        Organisation("top", " ", "programme"),
        Organisation("top", "Top", "company"),
    ],
)
def test_an_organisation_that_does_not_fit_is_refused(db: Database, wrong: Organisation) -> None:
    with pytest.raises(AccountFieldError), db.transaction() as session:
        organisations.put(session, wrong, actor="x", now=NOW)
    with pytest.raises(NoSuchOrganisationError), db.transaction() as session:
        organisations.put(session, Organisation("x", "X", "district", "nowhere"), actor="x", now=NOW)
