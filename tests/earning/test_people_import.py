# SPDX-License-Identifier: Apache-2.0
"""Many people from a file: looked at first, brought in once, and nobody made mightier than allowed."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from earning.errors import ImportEmptyError, ImportUnknownError
from earning.management import people_import
from earning.management.people_import import Outcome
from earning.programme import Programme
from service import mail
from service.accounts import people
from service.accounts.people import Person, Role
from service.errors import SpreadsheetError
from tests.earning.house import NOW, somebody
from tests.earning.test_manage import OURS, manager
from tests.service.people import sign_in

HEAD = "email,name,role,organisation,state,member\n"


def looked_at(programme: Programme, boss: Person, rows: str) -> str:
    return people_import.look(programme, boss, (HEAD + rows).encode(), name="new.csv", now=NOW)


def found(programme: Programme, email: str) -> Person | None:
    with programme.db.reading() as session:
        return people.find_by_email(session, email)


def test_nothing_is_written_before_the_manager_confirms_and_then_once(programme: Programme) -> None:
    boss = manager(programme)
    id = looked_at(programme, boss, f"ann@x.example,Ann,reviewer,{OURS},wa,yes\nbob@x.example,Bob,,,,\n")
    seen = people_import.get(programme, boss, id, now=NOW)
    assert [each.outcome for each in seen.lines] == [Outcome.NEW, Outcome.NEW]
    assert found(programme, "ann@x.example") is None
    done, again = (people_import.bring_in(programme, boss, id, now=NOW) for _ in range(2))
    assert done.is_done
    assert done.lines == again.lines
    ann = found(programme, "ANN@x.example")
    assert ann is not None
    assert (ann.name, ann.state, ann.is_member, ann.confirmed_at) == ("Ann", "WA", True, None)
    assert ann.has(Role.REVIEWER, OURS)
    with programme.db.reading() as session:
        assert [each.address for each in mail.listing(session, limit=9)] == ["bob@x.example", "ann@x.example"]
    assert b"new account" in people_import.result(done)


def test_an_account_that_is_there_keeps_its_data_and_may_gain_a_role(programme: Programme) -> None:
    boss = manager(programme)
    somebody(programme, "Ann Old", email="ann@x.example", state="VT")
    id = looked_at(
        programme, boss, f"Ann@X.example,Somebody Else,reviewer,{OURS},WA,\nann@x.example,Again,,,,\n"
    )
    done = people_import.bring_in(programme, boss, id, now=NOW)
    assert [each.outcome for each in done.lines] == [Outcome.ROLE, Outcome.THERE]
    ann = found(programme, "ann@x.example")
    assert ann is not None
    assert (ann.name, ann.state) == ("Ann Old", "VT")
    assert ann.has(Role.REVIEWER, OURS)
    with programme.db.reading() as session:
        assert mail.listing(session, limit=9) == ()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("nonsense,Ann,,,,", "email"),
        ("a@x.example,,,,,", "name"),
        ("a@x.example,Ann,,,Washington,", "state"),
        ("a@x.example,Ann,,,,perhaps", "member"),
        (f"a@x.example,Ann,programme-manager,{OURS},,", "Possible at"),
        (f"a@x.example,Ann,administrator,{OURS},,", "Possible at"),
        (f"a@x.example,Ann,issuer-officer,{OURS},,", "Possible at"),
        ("a@x.example,Ann,reviewer,example-nowhere,,", "none that you manage"),
        ("a@x.example,Ann,reviewer,,,", "organisation"),
        (f"a@x.example,Ann,,{OURS},,", "role"),
        ("a@x.example,Ann,,,,,too,many", "cells"),
    ],
)
def test_every_row_that_does_not_fit_is_listed_with_its_reason(
    programme: Programme, row: str, words: str
) -> None:
    boss = manager(programme)
    id = looked_at(programme, boss, f"ok@x.example,Ok,,,,\n{row}\nok@x.example,Twice,,,,\n")
    lines = people_import.bring_in(programme, boss, id, now=NOW).lines
    assert [each.outcome for each in lines] == [Outcome.NEW, Outcome.BAD, Outcome.BAD]
    assert words in lines[1].detail
    assert "row 2" in lines[2].detail
    assert found(programme, "a@x.example") is None


def test_a_file_without_anything_new_does_nothing(programme: Programme) -> None:
    boss = manager(programme)
    id = looked_at(programme, boss, f"{boss.email},Me,,,,\n")
    with pytest.raises(ImportEmptyError):
        people_import.bring_in(programme, boss, id, now=NOW)
    assert not people_import.get(programme, boss, id, now=NOW).is_done


def test_an_import_is_its_makers_own_and_ends_after_a_week(programme: Programme) -> None:
    boss, other = manager(programme), manager(programme, OURS, "Nora Other")
    id = looked_at(programme, boss, "a@x.example,Ann,,,,\n")
    for who, now in ((other, NOW), (boss, NOW + timedelta(days=8))):
        with pytest.raises(ImportUnknownError):
            people_import.get(programme, who, id, now=now)
        with pytest.raises(ImportUnknownError):
            people_import.bring_in(programme, who, id, now=now)


def test_a_file_that_is_no_table_is_refused_whole(programme: Programme) -> None:
    with pytest.raises(SpreadsheetError):
        people_import.look(programme, manager(programme), b"email,wat\n", name="x", now=NOW)


def test_one_imports_in_the_browser(programme: Programme, client: FlaskClient) -> None:
    csrf = sign_in(client, programme.db, manager(programme))
    assert (
        client.post(
            "/manage/people/import", data={"csrf": csrf}, content_type="multipart/form-data"
        ).status_code
        == 422
    )

    def send(body: bytes) -> tuple[int, str]:
        data = {"csrf": csrf, "file": (io.BytesIO(body), "people.csv")}
        answer = client.post("/manage/people/import", data=data, content_type="multipart/form-data")
        return answer.status_code, answer.headers.get("Location", "")

    assert send(b"nothing,known\n")[0] == 422
    status, place = send(HEAD.encode() + b"a@x.example,<b>Ann</b>,,,,\nbad,Bob,,,,\n")
    assert status == 303
    page = client.get(place).get_data(as_text=True)
    assert "Bring in 1 row" in page
    assert "Rows that do not fit" in page
    for _ in range(2):
        assert client.post(place, data={"csrf": csrf}).status_code == 303
    assert "Download the result" in client.get(place).get_data(as_text=True)
    table = client.get(f"{place}.csv")
    assert table.mimetype == "text/csv"
    assert "a@x.example" in table.get_data(as_text=True)
    assert client.get("/manage/people/import/nonsense").status_code == 404
