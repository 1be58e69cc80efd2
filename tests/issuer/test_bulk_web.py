# SPDX-License-Identifier: Apache-2.0
"""Pages and API of bulk issuing: what an officer and a program see and do, and what they may not."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

import app
from issuer.bulk import bulk as states
from issuer.bulk import desk, looking
from issuer.bulk.bulk import JOB
from issuer.bulk.trial import JOB as TRIAL_JOB
from issuer.store.tables import BulkRow
from issuer.web import bulk as pages
from service import clock, tokens
from service.accounts import organisations, people, sessions
from service.accounts.organisations import Organisation
from service.accounts.people import Role
from service.settings import Settings

EDUCATION, STATE = "example-education", "example-state"
_NUMBERS = count()


@dataclass(frozen=True)
class Officer:
    """Somebody who is signed in."""

    client: FlaskClient
    cookie: str
    csrf: str
    id: str

    def get(self, path: str) -> TestResponse:
        self.client.set_cookie("hallmark-session", self.cookie)
        return self.client.get(path)

    def post(self, path: str, data: Mapping[str, Any] | None = None) -> TestResponse:
        self.client.set_cookie("hallmark-session", self.cookie)
        fields = {"csrf": self.csrf, **(data or {})}
        return self.client.post(path, data=fields, content_type="multipart/form-data")

    def bring(self, text: str | bytes, **fields: str) -> str:
        """Bring a file; return the path of its page."""
        data = text.encode() if isinstance(text, str) else text
        answer = self.post("/issuing/new", {"file": (io.BytesIO(data), "awards.csv"), **fields})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return answer.headers["Location"]


@dataclass(frozen=True)
class Program:
    """Somebody with a token."""

    client: FlaskClient
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        kind = headers.pop("kind", "application/json")
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        self.client.delete_cookie("hallmark-session")
        return self.client.open(
            path,
            method=method,
            data=data,
            content_type=kind,
            headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json", **headers},
        )


class Desk:
    """The service with officers of two organisations and two programs."""

    def __init__(self, folder: Path) -> None:
        service = app.create_app(Settings(data=folder))
        self.house: app.House = service.extensions["hallmark"]
        self.client = service.test_client()
        now = clock.now()
        with self.house.db.transaction() as session:
            for slug in (EDUCATION, STATE):
                organisations.put(session, Organisation(slug, slug, "programme"), actor="test", now=now)
        self.ann, self.ben = self.officer("ann", EDUCATION), self.officer("ben", EDUCATION)
        self.sue = self.officer("sue", STATE)
        self.program, self.other = self.token(), self.token()

    def officer(self, name: str, organisation: str) -> Officer:
        now = clock.now()
        with self.house.db.transaction() as session:
            made = people.create(
                session, email=f"{name}@officers.example", name=name.title(), now=now, confirmed_at=now
            )
            people.grant(session, made.id, Role.OFFICER, organisation, actor="test", now=now)
        with self.house.db.transaction() as session:
            begun, presented = sessions.begin(session, made.id, user_agent="", now=now)
        return Officer(self.client, presented, begun.csrf, made.id)

    def token(self) -> Program:
        with self.house.db.transaction() as session:
            _, presented = tokens.new(
                session, label="test", scopes=("credentials:write",), actor="test", now=clock.now()
            )
        return Program(self.client, presented)

    def work(self) -> None:
        """Try what waits, and issue what runs."""
        for job in (TRIAL_JOB, JOB):
            self.house.jobs.run(job, clock.now())


@pytest.fixture(scope="module")
def desks(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(Path(shutil.copytree(template, tmp_path_factory.mktemp("bulk") / "data")))
    yield made
    made.house.jobs.close()
    made.house.db.close()


@pytest.fixture
def it(desks: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """With a limit of three awards that one person may start alone; what other tests started is days ago."""
    for module in (desk, looking, states):
        monkeypatch.setattr(module, "ALONE", 3)
    with desks.house.db.transaction() as session:
        started = update(BulkRow).where(BulkRow.started_at.is_not(None))
        session.execute(started.values(started_at=clock.now() - timedelta(days=2)))
    return desks


def awards(number: int, *, bad: int = 0) -> str:
    mark = next(_NUMBERS)
    rows = [f"SEL1,p{each}-{mark}@b.example,Person {each}\n" for each in range(number)]
    return "achievement,email,name\n" + "".join(rows + [f"SEL1,bad{mark},\n"] * bad)


def text_of(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


# -- pages --------------------------------------------------------------------------------------------------


def test_an_officer_brings_a_file_sees_what_would_happen_and_issues_it(it: Desk) -> None:
    path = it.ann.bring(awards(2, bad=1), mails="yes")
    page = text_of(it.ann.get(path))
    assert "nothing is issued yet" in page
    assert "This is not an e-mail address" in page
    assert "What they will say" in page
    refused = it.ann.post(f"{path}/confirm", {"count": "2"})
    assert refused.status_code == 422
    assert "left out" in text_of(refused)
    refused = it.ann.post(f"{path}/confirm", {"count": "3", "leave_out": "yes"})
    assert refused.status_code == 422
    assert 'value="3"' in text_of(refused)
    assert it.ann.post(f"{path}/confirm", {"count": "2", "leave_out": "yes"}).status_code == 303
    page = text_of(it.ann.get(path))
    assert "<progress" in page
    assert "refresh" in page
    it.work()
    page = text_of(it.ann.get(path))
    assert "2 of 2 done" in page
    assert "refresh" not in page
    table = it.ann.get(f"{path}.csv")
    assert table.headers["Content-Disposition"].startswith("attachment; filename=result-")
    rows = list(csv.DictReader(io.StringIO(table.get_data().decode("utf-8-sig"))))
    assert [row["state"] for row in rows] == ["issued", "issued", "left out"]
    link = rows[0]["link"].removeprefix(it.house.settings.public_url)
    assert it.client.get(link).status_code == 200
    assert [row["row"] for row in rows] == ["2", "3", "4"]


def test_many_awards_wait_for_another_officer(it: Desk) -> None:
    path = it.ann.bring(awards(4))
    page = text_of(it.ann.get(path))
    assert "Propose it to a second person" in page
    assert "Ben" in page
    assert it.ann.post(f"{path}/confirm", {"count": "4"}).status_code == 303
    assert "You proposed it" in text_of(it.ann.get(path))
    assert it.ann.post(f"{path}/approve", {"count": "4"}).status_code == 403
    assert "may be the one" in text_of(it.ben.get("/issuing"))
    assert it.ben.post(f"{path}/approve", {"count": "5"}).status_code == 422
    assert it.ben.post(f"{path}/approve", {"count": "4"}).status_code == 303
    it.work()
    assert "4 of 4 done" in text_of(it.ben.get(path))


def test_somebody_of_another_organisation_finds_nothing(it: Desk) -> None:
    path = it.ann.bring(awards(1))
    for address in (path, f"{path}.csv"):
        assert it.sue.get(address).status_code == 404
    for act in ("confirm", "approve", "cancel"):
        assert it.sue.post(f"{path}/{act}", {"count": "1"}).status_code == 404
    assert path not in text_of(it.sue.get("/issuing"))
    answer = it.sue.post(
        "/issuing/new", {"file": (io.BytesIO(awards(1).encode()), "a.csv"), "issuer": EDUCATION}
    )
    assert answer.status_code == 422


def test_a_file_of_another_organisation_s_awards_has_no_good_row(it: Desk) -> None:
    path = it.sue.bring(awards(1))
    page = text_of(it.sue.get(path))
    assert "not awarded by example-state" in page
    assert "No row can become an award" in page


def test_for_the_dangerous_step_one_shows_again_who_one_is(it: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = it.ann.bring(awards(1))
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=50))
    assert "Sign in once more" in text_of(it.ann.get(path))
    answer = it.ann.post(f"{path}/confirm", {"count": "1"})
    assert answer.status_code == 403
    assert "Sign in once more" in text_of(answer)


def test_without_the_token_of_the_form_or_from_another_site_nothing_is_done(it: Desk) -> None:
    path = it.ann.bring(awards(1))
    assert it.ann.post(f"{path}/confirm", {"count": "1", "csrf": "x"}).status_code == 403
    answer = it.client.post(
        f"{path}/confirm",
        data={"count": "1", "csrf": it.ann.csrf},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert "nothing is issued yet" in text_of(it.ann.get(path))


def test_pressing_twice_brings_one_file(it: Desk) -> None:
    form = text_of(it.ann.get("/issuing/new"))
    found = re.search(r'name="once" value="([^"]+)"', form)
    assert found is not None
    text = awards(1)
    first, again = (it.ann.bring(text, once=found[1]) for _ in range(2))
    assert first == again
    assert it.ann.bring(awards(1), once=found[1]) != first
    assert it.ann.bring(text, once=found[1], mails="yes") != first, "another choice is another request"


@pytest.mark.parametrize(
    "data", [b"", b"name\nx\n", b"\xff\xfea\x00", b"PK\x03\x04zip", b"achievment,email\n", b"a,b\n\x00"]
)
def test_a_file_that_cannot_be_used_is_told_and_the_form_comes_again(it: Desk, data: bytes) -> None:
    answer = it.ann.post("/issuing/new", {"file": (io.BytesIO(data), "a.csv")})
    assert answer.status_code == 422
    assert "Please look again" in text_of(answer)


def test_no_file_and_too_large_a_file_are_told(it: Desk) -> None:
    assert it.ann.post("/issuing/new").status_code == 422
    it.client.set_cookie("hallmark-session", it.ann.cookie)
    answer = it.client.post(
        "/issuing/new",
        data=b"x" * (pages.UPLOAD_BYTES + 1),
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRF-Token": it.ann.csrf},
    )
    assert answer.status_code == 413


def test_a_refusal_names_the_member_that_is_missing_and_a_bulk_has_a_name_and_an_issuer(it: Desk) -> None:
    raw = b"achievement,email\nSEL1,refused@b.example\nSEL1,bad\n"
    brought = it.program.ask("POST", "/bulks", raw, kind="text/csv").get_json()
    assert brought["issuer"] == EDUCATION
    assert brought["label"].startswith("From a program, ")
    it.work()
    refusal = it.program.ask("POST", f"/bulks/{brought['id']}/approval", {"count": 1})
    assert (refusal.status_code, refusal.get_json()["code"]) == (409, "bulk.bad-rows")
    assert "“leave_out_bad_rows”: true" in refusal.get_json()["detail"]
    assert refusal.get_json()["errors"][0]["pointer"] == "/leave_out_bad_rows"
    (fault,) = it.program.ask("GET", f"/bulks/{brought['id']}").get_json()["faults"]
    assert (fault["rows"], fault["where"]) == (1, "3")
    it.program.ask("DELETE", f"/bulks/{brought['id']}")


def test_awards_of_a_result_can_be_ticked_to_be_taken_back(it: Desk) -> None:
    path = it.ann.bring(awards(2))
    it.ann.post(f"{path}/confirm", {"count": "2"})
    it.work()
    page = text_of(it.ann.get(f"{path}?show=issued"))
    assert page.count('name="key"') == 2
    assert "Take all 2 back" in page
    assert 'name="key"' not in text_of(it.ann.get(it.ann.bring(awards(2))))


def test_what_a_file_says_is_shown_and_nothing_of_it_acts(it: Desk) -> None:
    path = it.ann.bring(
        'achievement,email,name,narrative,"<script>alert(1)</script>"\n'
        'SEL1,x@b.example,<img src=x onerror=alert(1)>,"<b>bold</b>",y\n'
        '"<script>alert(2)</script>",<b>,"=1+1",,\n'
    )
    for show in ("all", "bad", "waiting"):
        page = text_of(it.ann.get(f"{path}?show={show}"))
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>" not in page


def test_rows_are_listed_page_by_page(it: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_ROWS", 2)
    path = it.ann.bring(awards(5))
    page = text_of(it.ann.get(f"{path}?show=waiting"))
    assert "after=3" in page
    assert "after=5" in text_of(it.ann.get(f"{path}?show=waiting&after=3"))
    assert "Next rows" not in text_of(it.ann.get(f"{path}?show=waiting&after=5"))
    assert it.ann.get(f"{path}?show=nonsense&after=-4").status_code == 200


def test_a_file_is_cancelled_on_its_page(it: Desk) -> None:
    path = it.ann.bring(awards(1))
    assert it.ben.post(f"{path}/cancel").status_code == 303
    assert "Cancelled" in text_of(it.ann.get(path))
    assert it.ann.post(f"{path}/confirm", {"count": "1"}).status_code == 409


def test_the_list_goes_on_behind_a_file(it: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LISTED", 1)
    first, second = it.ann.bring(awards(1)), it.ann.bring(awards(1))
    page = text_of(it.ann.get("/issuing"))
    assert second in page
    assert first not in page
    assert first in text_of(it.ann.get(f"/issuing?after={second.rpartition('/')[2]}"))


# -- the API ------------------------------------------------------------------------------------------------


def test_a_program_brings_awards_and_issues_them(it: Desk) -> None:
    body = [
        {"achievement": "SEL1", "recipient": {"email": f"api{each}@b.example", "name": "Ada"}}
        for each in range(2)
    ]
    body.append({"achievement": "SEL1", "recipient": {"email": "nobody"}})
    headers = {"Idempotency-Key": "api-1"}
    taken = it.program.ask("POST", "/bulks", body, **headers)
    assert (taken.status_code, taken.get_json()["state"]) == (202, "trying")
    here = taken.headers["Location"].removeprefix(it.house.settings.public_url)
    again = it.program.ask("POST", "/bulks", body, **headers)
    assert again.headers["Location"] == taken.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert it.program.ask("POST", "/bulks", body[:1], **headers).status_code == 409
    assert it.program.ask("POST", f"{here}/approval", {"count": 2}).status_code == 409  # not tried yet
    it.work()
    tried = it.program.ask("GET", here).get_json()
    assert (tried["state"], tried["good"], tried["bad"], tried["needs_attention"]) == ("tried", 2, 1, 1)
    assert tried["achievements"] == {"SEL1-v1": 2}
    rows = it.program.ask("GET", f"{here}/rows?state=bad").get_json()
    assert [row["row"] for row in rows["items"]] == [3]
    for wrong, code in (
        ({"count": 2}, "bulk.bad-rows"),
        ({"count": 3, "leave_out_bad_rows": True}, "bulk.count"),
        ({"count": "2", "leave_out_bad_rows": True}, "request.fields"),
        ({"count": True}, "request.fields"),
        ({}, "request.fields"),
        ({"count": 2, "sure": True}, "request.fields"),
    ):
        answer = it.program.ask("POST", f"{here}/approval", wrong)
        assert answer.get_json()["code"] == code
    done = it.program.ask("POST", f"{here}/approval", {"count": 2, "leave_out_bad_rows": True})
    assert (done.status_code, done.get_json()["state"], done.headers["Retry-After"]) == (202, "running", "1")
    it.work()
    ended = it.program.ask("GET", here).get_json()
    assert (ended["state"], ended["issued"], ended["done"], ended["total"]) == ("done", 2, 2, 2)
    table = it.program.ask("GET", f"{here}/result.csv").get_data().decode("utf-8-sig")
    links = [row["link"] for row in csv.DictReader(io.StringIO(table)) if row["link"]]
    verdicts = [str(it.house.desk.look_at_url(link, now=clock.now()).verdict) for link in links]
    assert verdicts == ["valid", "valid"]


def test_many_awards_of_a_program_wait_for_an_officer(it: Desk) -> None:
    taken = it.program.ask("POST", "/bulks?label=year", awards(4).encode(), kind="text/csv")
    here = taken.headers["Location"].removeprefix(it.house.settings.public_url)
    it.work()
    proposed = it.program.ask("POST", f"{here}/approval", {"count": 4}).get_json()
    assert proposed["state"] == "proposed"
    assert it.program.ask("POST", f"{here}/approval", {"count": 4}).status_code == 403
    assert it.other.ask("POST", f"{here}/approval", {"count": 4}).status_code == 404
    path = proposed["approve_at"].removeprefix(it.house.settings.public_url)
    assert "a program" in text_of(it.ann.get(path))
    assert it.sue.get(path).status_code == 404
    assert it.ann.post(f"{path}/approve", {"count": "4"}).status_code == 303
    it.work()
    assert it.program.ask("GET", here).get_json()["issued"] == 4


def test_lines_of_json_are_taken_and_pages_of_rows_go_on(it: Desk) -> None:
    lines = b"\n".join(
        json.dumps({"achievement": "TRA1", "recipient": {"email": f"line{each}@b.example"}}).encode()
        for each in range(3)
    )
    taken = it.program.ask("POST", "/bulks?mails=no", lines, kind="application/jsonl")
    here = taken.headers["Location"].removeprefix(it.house.settings.public_url)
    it.work()
    first = it.program.ask("GET", f"{here}/rows?limit=2").get_json()
    then = it.program.ask("GET", first["next"].removeprefix(it.house.settings.public_url)).get_json()
    assert [row["row"] for row in (*first["items"], *then["items"])] == [1, 2, 3]
    assert then["next"] is None
    assert it.program.ask("GET", here).get_json()["mails"] == 0
    assert it.program.ask("DELETE", here).get_json()["state"] == "cancelled"
    listed = it.program.ask("GET", "/bulks?limit=1").get_json()
    assert here.endswith(listed["items"][0]["id"])


@pytest.mark.parametrize(
    ("path", "kind", "body", "status"),
    [
        ("/bulks", "text/plain", b"x", 415),
        ("/bulks", "text/csv", b"", 422),
        ("/bulks", "text/csv", b"name\nx\n", 422),
        ("/bulks", "application/json", b"{}", 422),
        ("/bulks?issuer=nobody", "text/csv", b"achievement,email\nSEL1,a@b.example\n", 404),
    ],
)
def test_what_cannot_be_taken_is_refused(it: Desk, path: str, kind: str, body: bytes, status: int) -> None:
    assert it.program.ask("POST", path, body, kind=kind).status_code == status


def test_another_program_finds_nothing(it: Desk) -> None:
    taken = it.program.ask("POST", "/bulks", awards(1).encode(), kind="text/csv")
    here = taken.headers["Location"].removeprefix(it.house.settings.public_url)
    for method, path in (
        ("GET", here),
        ("GET", f"{here}/rows"),
        ("GET", f"{here}/result.csv"),
        ("POST", f"{here}/approval"),
        ("DELETE", here),
    ):
        assert it.other.ask(method, path, {"count": 1} if method == "POST" else None).status_code == 404
    assert it.other.ask("GET", "/bulks").get_json()["items"] == []
