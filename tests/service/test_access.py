# SPDX-License-Identifier: Apache-2.0
"""Who may use which page, and from where: sessions, roles, forms of other sites (threats W1 to W3, W6)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, Response, render_template_string
from werkzeug.test import TestResponse

from service import access, audit, clock, forms
from service.accounts import people
from service.accounts.people import Role
from service.db import Database
from service.negotiate import respond_json
from tests.service.conftest import MakeApp
from tests.service.people import make_person, sign_in

BROWSER = {"Accept": "text/html"}


def routes() -> Blueprint:
    pages = Blueprint("desk", __name__)

    @pages.get("/public")
    @access.anyone
    def public() -> str:
        return access.actor()

    @pages.get("/work")
    @access.signed_in
    def work() -> str:
        return render_template_string(
            '{% extends "desk.html" %}{% block main %}<h1>{{ who }}</h1>{{ csrf() }}{% endblock %}',
            who=access.person().email,
        )

    @pages.post("/work")
    @access.signed_in
    def save() -> Response:
        return respond_json({"text": forms.read_form().text("text"), "by": access.actor()})

    @pages.put("/work")
    @access.signed_in
    def put() -> Response:
        return respond_json({"bytes": len(forms.read_body())})

    @pages.post("/upload")
    @access.signed_in(max_bytes=2_000_000)
    def upload() -> Response:
        form = forms.read_form(2_000_000)
        return respond_json({name: len(file.body) for name, file in form.files.items()})

    @pages.get("/reviews")
    @access.role(Role.REVIEWER, Role.MANAGER)
    def reviews() -> str:
        return "reviews"

    @pages.post("/enter")
    @access.doorstep
    def enter() -> str:
        return "entered"

    return pages


def code(answer: TestResponse) -> str:
    return str((answer.json or {})["code"])


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(routes())


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(app: Flask) -> None:
    answer = app.test_client().get("/work?part=2&x=%2F")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=/work%3Fpart%3D2%26x%3D%252F"


def test_a_program_is_told_instead(app: Flask) -> None:
    answer = app.test_client().get("/work", headers={"Accept": "application/json"})
    assert (answer.status_code, code(answer)) == (401, "access.sign-in-required")


def test_a_person_who_is_signed_in_is_known(app: Flask, db: Database) -> None:
    client = app.test_client()
    ada = make_person(db)
    token = sign_in(client, db, ada)
    page = client.get("/work")
    assert page.status_code == 200
    assert "<h1>ada@teachers.example</h1>" in page.text
    assert token in page.text
    saved = client.post("/work", data={"csrf": token, "text": "hello"}).json
    assert saved == {"text": "hello", "by": f"person:{ada.id}"}
    assert client.put("/work", data=b"123", headers={"X-CSRF-Token": token}).json == {"bytes": 3}


def test_a_role_opens_its_pages_and_leaves_a_line_where_it_is_missing(app: Flask, db: Database) -> None:
    client = app.test_client()
    ada = make_person(db)
    sign_in(client, db, ada)
    assert client.get("/reviews").status_code == 403
    with db.reading() as session:
        line = audit.lines(session, subject="route:desk.reviews")[-1]
    assert (line.action, line.actor, line.subject) == (
        "access.refused",
        f"person:{ada.id}",
        "route:desk.reviews",
    )
    ben = make_person(db, "ben@teachers.example", roles={Role.REVIEWER: "example-education"})
    sign_in(client, db, ben)
    assert client.get("/reviews").text == "reviews"
    with db.transaction() as session:
        people.withdraw(session, ben.id, Role.REVIEWER, "example-education", actor="test", now=clock.now())
    assert client.get("/reviews").status_code == 403


ELSEWHERE: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8080"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "https://["},
]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_forms_of_other_sites_do_nothing(app: Flask, db: Database, headers: dict[str, str]) -> None:
    client = app.test_client()
    token = sign_in(client, db, make_person(db))
    answer = client.post("/work", data={"csrf": token, "text": "x"}, headers=headers)
    assert (answer.status_code, code(answer)) == (403, "access.cross-site")
    assert client.post("/enter", headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}])
@pytest.mark.parametrize("token", [None, "", "x", "ü"])
def test_a_form_without_the_token_of_the_session_does_nothing(
    app: Flask, db: Database, headers: dict[str, str], token: str | None
) -> None:
    client = app.test_client()
    sign_in(client, db, make_person(db))
    data: dict[str, Any] = {"text": "x"} if token is None else {"text": "x", "csrf": token}
    answer = client.post("/work", data=data, headers=headers)
    assert (answer.status_code, code(answer)) == (403, "access.stale-form")
    assert client.put("/work", data=b"1", headers=headers).status_code == 403


def test_public_pages_know_no_cookie(app: Flask, db: Database) -> None:
    client = app.test_client()
    sign_in(client, db, make_person(db))
    answer = client.get("/public")
    assert answer.text == "visitor"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_no_field_that_is_shown_as_a_password_is_ever_repeated(app: Flask, db: Database) -> None:
    templates = Path(__file__).resolve().parents[2] / "templates"
    shown = "".join(path.read_text("utf-8") for path in templates.rglob("*.html"))
    secret = set(re.findall(r'form\.password\("(\w+)"', shown))
    secret |= set(re.findall(r'<input type="password"[^>]* name="(\w+)"', shown))
    assert secret >= {"password", "current", "proof", "proof_email"}
    values = {name: f"{name} is not told" for name in secret}
    stranger, known = app.test_client(), app.test_client()
    sign_in(known, db, make_person(db))
    for client, status in ((stranger, 401), (known, 403)):
        headers = {"Sec-Fetch-Site": "same-origin", **BROWSER}
        answer = client.post("/work", data={**values, "text": "four fine words"}, headers=headers)
        assert answer.status_code == status
        assert "four fine words" in answer.text
        assert "is not told" not in answer.text
