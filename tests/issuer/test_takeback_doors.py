# SPDX-License-Identifier: Apache-2.0
"""Taking many back by the API, at the terminal, and on the pages; and lists as offices have them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import app
import hallmark
from issuer.award import AwardState
from issuer.errors import TakebackRequestError
from issuer.mint import Mint
from issuer.takeback import reading, trial, working
from issuer.takeback.takeback import UNDO
from service import clock, terminal, tokens
from service.accounts import sessions
from service.terminal import ExitCode
from tests.issuer.house import open_mint
from tests.issuer.taking_back import (
    EDUCATION,
    FIRST,
    SECOND,
    keys_of,
    officers,
    states,
    stock,
    unfinished,
)

COUNT = 27


@dataclass(frozen=True)
class Doors:
    """A house with what was issued in it, and its service."""

    mint: Mint
    folder: Path
    keys: tuple[str, ...]
    bulk: str
    client: FlaskClient
    token: str

    def api(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Ask the API."""
        sent = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", **headers}
        if body is not None:
            return self.client.open(path, method=method, json=body, headers=sent)
        return self.client.open(path, method=method, headers=sent)

    def hallmark(self, *words: str) -> tuple[int, str]:
        """Run ``hallmark takeback``; return how it ended, and what it said."""
        command, *rest = words
        args = ["takeback", command, "--data", str(self.folder), *rest]
        with TextIOWrapper(BytesIO(), "utf-8") as said, redirect_stdout(said):
            code = terminal.run(hallmark.cli, roof=hallmark.HallmarkRoof(), args=args)
            said.seek(0)
            return code, said.read()

    def page(self, actor: str, method: str, path: str, **form: str) -> TestResponse:
        """Open a page as somebody who has just signed in."""
        with self.mint.db.transaction() as session:
            begun, cookie = sessions.begin(
                session, actor.removeprefix("person:"), user_agent="", now=clock.now()
            )
        headers = {
            "Cookie": f"hallmark-session={cookie}",
            "Sec-Fetch-Site": "same-origin",
            "Accept": "text/html",
        }
        data = {**form, "csrf": begun.csrf} if method == "POST" else None
        return self.client.open(path, method=method, data=data, headers=headers)


@pytest.fixture(scope="module")
def stocked(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = Path(shutil.copytree(template, tmp_path_factory.mktemp("stocked") / "data"))
    mint = open_mint(folder)
    bulk = stock(mint, COUNT)
    officers(mint)
    mint.db.close()
    return folder, bulk


@pytest.fixture
def doors(stocked: tuple[Path, str], tmp_path: Path) -> Iterator[Doors]:
    folder = Path(shutil.copytree(stocked[0], tmp_path / "data"))
    mint = open_mint(folder)
    with mint.db.transaction() as session:
        _, token = tokens.new(session, label="test", scopes=("status:write",), actor="test", now=clock.now())
    service = app.create_app(mint.settings)
    yield Doors(
        mint, folder, keys_of(mint, stocked[1]), stocked[1], service.test_client(use_cookies=False), token
    )
    service.extensions["hallmark"].jobs.close()
    service.extensions["hallmark"].db.close()
    mint.db.close()


def body(doors: Doors, names: Any, **changes: Any) -> dict[str, Any]:
    return {"issuer": EDUCATION, "reason": "issued-in-error", "credentials": list(names), **changes}


# -- the API ----------------------------------------------------------------------------------------------


def test_a_program_tries_starts_looks_and_undoes(doors: Doors) -> None:
    made = doors.api("POST", "/takebacks", body(doors, [*doors.keys[:3], "nobody"]))
    found = made.json
    assert found is not None
    assert (made.status_code, made.headers["Location"].rpartition("/")[2]) == (201, found["id"])
    assert (found["state"], found["number"], found["needs_attention"]) == ("trial", 3, 1)
    assert found["outlooks"] == {"suspend": 3, "unknown": 1}
    here = f"/takebacks/{found['id']}"
    lines = doors.api("GET", f"{here}/lines?show=bad").json
    assert [each["brought"] for each in lines["items"]] == ["nobody"]
    page = doors.api("GET", f"{here}/lines?limit=3").json
    assert len(page["items"]) == 3
    rest = doors.api("GET", page["next"].removeprefix(doors.mint.public_url)).json
    assert [each["line"] for each in rest["items"]] == [4]
    assert rest["next"] is None

    started = doors.api("POST", f"{here}/approval", {"count": 3})
    assert (started.status_code, started.json["state"]) == (202, "suspending")
    assert "Retry-After" in started.headers
    working.work(doors.mint, now=clock.now())
    seen = doors.api("GET", here).json
    assert (seen["state"], seen["done"], seen["total"]) == ("suspended", 3, 3)
    assert seen["undo_until"] is not None
    assert doors.api("DELETE", f"{here}/lines/1").json["states"]["undone"] == 1
    undone = doors.api("DELETE", here)
    assert (undone.status_code, undone.json["state"]) == (202, "undoing")
    working.work(doors.mint, now=clock.now())
    assert doors.api("GET", here).json["state"] == "undone"
    assert states(doors.mint, doors.keys) == {AwardState.ISSUED: COUNT}
    assert [each["id"] for each in doors.api("GET", "/takebacks").json["items"]] == [found["id"]]


def test_a_program_proposes_many_and_a_person_agrees(doors: Doors) -> None:
    found = doors.api("POST", "/takebacks", body(doors, [], bulk=doors.bulk)).json
    assert (found["number"], found["needs_second_person"]) == (COUNT, True)
    here = f"/takebacks/{found['id']}"
    proposed = doors.api("POST", f"{here}/approval", {"count": COUNT}).json
    assert proposed["state"] == "proposed"
    assert proposed["approve_at"].endswith(f"/taking-back/{found['id']}")
    again = doors.api("POST", f"{here}/approval", {"count": COUNT})
    assert (again.status_code, again.json["code"]) == (409, "takeback.second-person")
    page = f"/taking-back/{found['id']}"
    assert "Two people have to agree" in doors.page(FIRST, "GET", page).text
    assert doors.page(FIRST, "POST", f"{page}/approve", count=str(COUNT)).status_code == 303
    assert "You proposed it" in doors.page(FIRST, "GET", page).text
    assert working.work(doors.mint, now=clock.now()) == 0
    assert doors.page(FIRST, "POST", f"{page}/approve", count=str(COUNT)).status_code == 409
    assert doors.page(SECOND, "POST", f"{page}/approve", count=str(COUNT)).status_code == 303
    working.work(doors.mint, now=clock.now())
    assert states(doors.mint, doors.keys) == {AwardState.SUSPENDED: COUNT}


def test_what_a_request_says_wrongly_is_told_at_its_place(doors: Doors) -> None:
    for wrong, status, place in (
        ({"reason": "because"}, 422, "/reason"),
        ({"reason": "other"}, 422, "/public_reason"),
        ({"credentials": []}, 422, "/credentials"),
        ({"issued_from": "yesterday", "credentials": []}, 422, "/issued_from"),
        ({"achievement": "NOPE", "credentials": []}, 422, "/achievement"),
        ({"bulk": doors.bulk}, 422, "/credentials"),
        ({"issuer": "nobody"}, 404, None),
        ({"extra": 1}, 422, "/extra"),
        ({"credentials": "one"}, 422, "/credentials"),
    ):
        answer = doors.api("POST", "/takebacks", body(doors, doors.keys[:1], **wrong))
        assert answer.status_code == status, wrong
        if place is not None:
            assert [each["pointer"] for each in answer.json["errors"]] == [place], wrong
    found = doors.api("POST", "/takebacks", body(doors, doors.keys[:1])).json
    answer = doors.api("POST", f"/takebacks/{found['id']}/approval", {"count": 2})
    assert (answer.status_code, answer.json["code"]) == (409, "takeback.count")


def test_the_same_key_gives_the_same_dry_run(doors: Doors) -> None:
    first = doors.api("POST", "/takebacks", body(doors, doors.keys[:1]), **{"Idempotency-Key": "once"})
    again = doors.api("POST", "/takebacks", body(doors, doors.keys[:1]), **{"Idempotency-Key": "once"})
    assert first.json["id"] == again.json["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    other = doors.api("POST", "/takebacks", body(doors, doors.keys[:2]), **{"Idempotency-Key": "once"})
    assert (other.status_code, other.json["code"]) == (409, "idempotency.key-reused")


def test_the_table_is_harmless_in_a_spreadsheet(doors: Doors) -> None:
    found = doors.api("POST", "/takebacks", body(doors, ["=1+1", doors.keys[0]])).json
    table = doors.api("GET", f"/takebacks/{found['id']}/result.csv")
    rows = list(csv.DictReader(io.StringIO(table.get_data().decode("utf-8-sig"))))
    assert rows[0]["brought"] == "'=1+1"
    assert rows[1]["credential"].endswith(doors.keys[0])
    assert (rows[1]["achievement"], rows[1]["email"]) == ("SEL1-v1", "person0@teachers.example")


def test_many_lines_are_a_job_and_the_page_and_the_api_tell_how_far_it_is(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "AT_ONCE", 2)
    made = doors.api("POST", "/takebacks", body(doors, doors.keys[:3]))
    assert (made.status_code, made.json["state"], made.json["total"]) == (202, "trying", 3)
    assert {"Retry-After", "Location"} <= set(made.headers.keys())
    page = f"/taking-back/{made.json['id']}"
    assert "0 of 3 looked up" in doors.page(FIRST, "GET", page).text
    trial.work_all(doors.mint, now=clock.now())
    found = doors.api("GET", f"/takebacks/{made.json['id']}")
    assert (found.json["state"], found.json["number"]) == ("trial", 3)
    assert "Retry-After" not in found.headers
    assert "3 credentials of" in doors.page(FIRST, "GET", page).text


def test_a_list_of_one_line_is_told_as_one(doors: Doors) -> None:
    found = doors.api("POST", "/takebacks", body(doors, doors.keys[:1])).json
    assert found["chosen"] == "a list of 1 line"
    assert found["label"].startswith("List of ")


def test_ticked_credentials_stand_in_the_list(doors: Doors) -> None:
    query = "&".join(f"key={each}" for each in (*doors.keys[:2], "nonsense", "<b>"))
    page = doors.page(FIRST, "GET", f"/taking-back/new?issuer={EDUCATION}&{query}").text
    assert page.count("/credentials/") == 2
    assert "nonsense" not in page


def test_single_lines_are_undone_where_they_stand(doors: Doors) -> None:
    found = doors.api("POST", "/takebacks", body(doors, [*doors.keys[:3], "nobody"])).json
    doors.api("POST", f"/takebacks/{found['id']}/approval", {"count": 3})
    page = f"/taking-back/{found['id']}"
    doors.page(FIRST, "POST", f"{page}/start", count="3")
    working.work(doors.mint, now=clock.now())
    shown = doors.page(FIRST, "GET", page).text
    assert shown.index("Undo line 1") < shown.index("Undo line 2")
    assert f"{page}/lines/1/undo?show=good" in shown
    answer = doors.page(FIRST, "POST", f"{page}/lines/1/undo?show=good")
    assert answer.headers["Location"] == f"{page}?show=good#rows-title"
    answer = doors.page(FIRST, "POST", f"{page}/lines/2/undo?show=//elsewhere.example&after=2")
    assert answer.headers["Location"] == f"{page}?after=2#rows-title"


def test_the_head_of_each_desk_tells_what_waits_for_somebody(doors: Doors) -> None:
    found = doors.api("POST", "/takebacks", body(doors, doors.keys)).json
    doors.page(FIRST, "POST", f"/taking-back/{found['id']}/start", count=str(COUNT))
    assert 'class="waits"' not in doors.page(FIRST, "GET", "/account").text
    for path in ("/account", "/issuing", "/taking-back"):
        assert 'class="waits">1' in doors.page(SECOND, "GET", path).text
    assert "1 takeback waits for a second person" in doors.page(SECOND, "GET", "/issuing").text


def test_a_dry_run_that_is_still_written_says_so_and_is_not_started(doors: Doors) -> None:
    sent = {"Idempotency-Key": "once"}
    found = doors.api("POST", "/takebacks", body(doors, doors.keys[:1]), **sent).json
    unfinished(doors.mint, found["id"], now=clock.now())
    again = doors.api("POST", "/takebacks", body(doors, doors.keys[:1]), **sent)
    assert (again.status_code, again.json["state"], again.json["id"]) == (202, "trying", found["id"])
    assert "Retry-After" in again.headers
    answer = doors.api("POST", f"/takebacks/{found['id']}/approval", {"count": 1})
    assert (answer.status_code, answer.json["code"]) == (409, "takeback.state")
    page = f"/taking-back/{found['id']}"
    shown = doors.page(FIRST, "GET", page).text
    assert "Being tried out" in shown
    assert "Nothing has changed yet" in shown
    assert 'data-state="open"' in shown
    assert "Being tried out" in doors.page(FIRST, "GET", "/taking-back").text
    assert doors.page(FIRST, "POST", f"{page}/start", count="1").status_code == 409
    assert "still being tried out" in doors.hallmark("list")[1]
    assert doors.api("DELETE", f"/takebacks/{found['id']}").json["state"] == "cancelled"


def test_numbers_that_no_table_holds_are_behind_everything(doors: Doors) -> None:
    found = doors.api("POST", "/takebacks", body(doors, doors.keys[:1])).json
    here, page = f"/takebacks/{found['id']}", f"/taking-back/{found['id']}"
    for large in (2**31 - 1, 2**31, 2**63, "9" * 30, "9" * 5_000):
        lines = doors.api("GET", f"{here}/lines?after={large}&limit={large}")
        assert (lines.status_code, lines.json["items"]) == (200, [])
        assert doors.page(FIRST, "GET", f"{page}?after={large}").status_code == 200
    for number in (2**31, "9" * 30):
        assert doors.api("DELETE", f"{here}/lines/{number}").status_code == 404
        assert doors.page(FIRST, "POST", f"{page}/lines/{number}/undo").status_code == 404
    assert doors.hallmark("undo", found["id"], "--line", "9" * 30)[0] == 1
    for none in ("", "-1", "x", "1.5", "\u0663"):
        assert len(doors.api("GET", f"{here}/lines?after={none}&limit={none}").json["items"]) == 1


def test_a_program_does_not_go_on_one_by_one(doors: Doors) -> None:
    def change(key: str, status: str = "revoked") -> Any:
        sent = {"status": status, "reason": "issued-in-error"}
        return doors.api("POST", f"/credentials/{key}/status", sent)

    assert [change(key, "suspended").status_code for key in doors.keys[:25]] == [200] * 25
    for key, status in ((doors.keys[25], "revoked"), (doors.keys[26], "suspended")):
        refused = change(key, status)
        assert (refused.status_code, refused.json["code"]) == (409, "status.second-person")
        assert "/takebacks" in refused.json["detail"]
    assert change(doors.keys[0]).status_code == 200  # it counts already
    assert change(doors.keys[1], "suspended").status_code == 200  # nothing changes
    assert change(doors.keys[25], "issued").status_code == 200
    more = doors.api("POST", "/takebacks", body(doors, doors.keys[25:26])).json
    assert more["needs_second_person"]
    assert change(doors.keys[2], "issued").status_code == 200
    assert change(doors.keys[25]).status_code == 200
    assert states(doors.mint, doors.keys) == {
        AwardState.SUSPENDED: 23,
        AwardState.REVOKED: 2,
        AwardState.ISSUED: 2,
    }


# -- the terminal -----------------------------------------------------------------------------------------


def test_at_the_terminal_it_is_tried_started_shown_and_undone(doors: Doors, tmp_path: Path) -> None:
    names = tmp_path / "wrong.csv"
    names.write_text("person;link\nAda;" + "\nAda;".join([*doors.keys[:3], "nobody"]) + "\n")
    why = ("--issuer", EDUCATION, "--reason", "issued-in-error", "--json")
    code, said = doors.hallmark("try", str(names), *why)
    found = json.loads(said)
    assert (code, found["number"], found["needs_attention"]) == (1, 3, 1)
    assert doors.hallmark("start", found["id"])[0] == 1  # nobody to ask for the number
    assert doors.hallmark("start", found["id"], "--yes", "4")[0] == 1
    code, said = doors.hallmark("start", found["id"], "--yes", "3")
    assert code == 0
    assert "Under review" in said
    assert states(doors.mint, doors.keys) == {AwardState.SUSPENDED: 3, AwardState.ISSUED: COUNT - 3}
    code, said = doors.hallmark("show", found["id"], "--csv", "bad")
    assert (code, len(said.splitlines())) == (0, 2)
    assert found["id"] in doors.hallmark("list")[1]
    assert doors.hallmark("undo", found["id"], "--line", "2")[0] == 0
    assert doors.hallmark("undo", found["id"])[0] == 0
    assert states(doors.mint, doors.keys) == {AwardState.ISSUED: COUNT}
    assert doors.hallmark("undo", "nothing")[0] == 1
    assert doors.hallmark("try", *why[:4])[0] == 1  # neither a list nor a selection
    assert doors.hallmark("try", str(names), "--reason", "because")[0] == 64


def test_the_operator_is_one_person(doors: Doors) -> None:
    why = ("--issuer", EDUCATION, "--reason", "evidence", "--bulk", doors.bulk, "--json")
    found = json.loads(doors.hallmark("try", *why)[1])
    # Nothing is done yet, so a script must not take it for done.
    assert doors.hallmark("start", found["id"], "--yes", str(COUNT))[0] == ExitCode.UNKNOWN
    assert states(doors.mint, doors.keys) == {AwardState.ISSUED: COUNT}
    assert doors.hallmark("approve", found["id"], "--yes", str(COUNT))[0] == 1
    page = f"/taking-back/{found['id']}"
    assert doors.page(SECOND, "POST", f"{page}/approve", count=f"{COUNT}").status_code == 303
    doors.hallmark("show", found["id"])
    working.work(doors.mint, now=clock.now())
    assert states(doors.mint, doors.keys) == {AwardState.SUSPENDED: COUNT}


# -- the pages --------------------------------------------------------------------------------------------


def test_an_officer_takes_a_list_back_on_the_pages(doors: Doors) -> None:
    sent = {"list": "\n".join([*doors.keys[:2], "nobody"]), "reason": "evidence", "once": "a"}
    made = doors.page(FIRST, "POST", "/taking-back/new", **sent)
    twice = doors.page(FIRST, "POST", "/taking-back/new", **sent)
    assert made.status_code == 303
    page = made.headers["Location"]
    assert page != twice.headers["Location"]  # another sign-in, another form
    first = doors.page(FIRST, "GET", page).text
    assert "2 credentials of" in first
    assert "There is no credential with this link, key or submission." in first
    wrong = doors.page(FIRST, "POST", f"{page}/start", count="3")
    assert wrong.status_code == 409
    assert "It is about 2 credentials" in wrong.text
    assert doors.page(FIRST, "POST", f"{page}/start", count="2").status_code == 303
    working.work(doors.mint, now=clock.now())
    assert "everything can be undone" in doors.page(SECOND, "GET", page).text
    assert doors.page(SECOND, "POST", f"{page}/lines/1/undo").status_code == 303
    assert doors.page(FIRST, "POST", f"{page}/hasten", hasten="at once").status_code == 303
    assert "asks that they be withdrawn at once" in doors.page(SECOND, "GET", page).text
    working.work(doors.mint, now=clock.now() + UNDO + timedelta(minutes=1))
    last = doors.page(FIRST, "GET", page).text
    assert "1 credential is withdrawn." in last
    assert "Withdrawn" in doors.page(FIRST, "GET", "/taking-back").text
    late = doors.page(FIRST, "POST", f"{page}/undo")
    assert late.status_code == 409
    assert "only while the window is open" in late.text


def test_a_form_that_is_not_clear_keeps_what_was_typed(doors: Doors) -> None:
    for sent, words in (
        ({"list": "one", "reason": ""}, "Say why"),
        ({"reason": "evidence"}, "Bring a list, or choose"),
        ({"since": "2026-13-01", "reason": "evidence"}, "A day is written like"),
        ({"list": "one", "reason": "other", "note": "kept as typed"}, "Write a sentence"),
        ({"list": "one", "reason": "evidence", "issuer": "example-state"}, "Choose whose"),
    ):
        answer = doors.page(FIRST, "POST", "/taking-back/new", **sent)
        assert answer.status_code == 422
        assert words in answer.text, sent
        for text in (sent.get(name, "") for name in ("list", "note", "since")):
            assert text in answer.text
    assert doors.bulk in doors.page(FIRST, "GET", f"/taking-back/new?bulk={doors.bulk}").text


# -- lists ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"one\n\n two ,\r\n<three>\rfour", [(1, "one"), (3, "two"), (4, "three"), (5, "four")]),
        (b"\xef\xbb\xbfName,Link\nAda,one\nBob,two\n", [(2, "one"), (3, "two")]),
        (b"sep=;\nkey;name\none;Ada\n", [(2, "one")]),
        ("credential\tname\none\tZoë\n".encode("utf-16"), [(2, "one")]),
        ("Zoë\n".encode("cp1252"), [(1, "Zoë")]),
        (b"id,credential\n,one\ntwo,\n", [(2, "one"), (3, "two")]),
    ],
)
def test_lists_are_read_as_offices_write_them(data: bytes, names: list[tuple[int, str]]) -> None:
    assert [(each.number, each.text) for each in reading.read(data)] == names


def test_what_is_no_name_is_a_line_with_its_reason() -> None:
    found = reading.read(b"link\n" + b"x" * 400 + b"\n\x01\n")
    assert all(each.trouble for each in found)
    assert reading.of(["ok", "a\x00b"])[1].trouble
    for wrong in (b"", b"\n\n", b"x" * (reading.FILE_BYTES + 1), b"a\n" * (reading.LISTED + 1)):
        with pytest.raises(TakebackRequestError):
            reading.read(wrong)
