# SPDX-License-Identifier: Apache-2.0
"""What every answer of the service has in common: headers, problems, access, limits, static files."""

from __future__ import annotations

import gc
import io
import json
import logging
import re
import warnings
import weakref
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Blueprint, Flask, Response, request, url_for
from pydantic import BaseModel, ConfigDict
from werkzeug.test import TestResponse

import credentials.errors
from credentials.errors import (
    BrokenError,
    DocumentTooLargeError,
    HallmarkError,
    MalformedError,
    RefusedError,
    SurrogateError,
    UnknownError,
    WrongError,
)
from service import access, clock, errors, forms, headers, health, idempotency, log, ratelimit, tokens
from service.db import Database
from service.errors import DatabaseUnavailableError, TokenRequestError, UnguardedRouteError
from service.negotiate import respond, respond_json
from service.problems import Problems
from service.settings import Settings
from service.web import ROOT
from tests.service.conftest import MakeApp

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
STRANGER = {"REMOTE_ADDR": "203.0.113.9"}


class Thing(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    name: str
    count: int = 1


class OwnLeafError(WrongError):
    """A leaf without a row of its own."""

    code = "wrong.of-our-own"


ERRORS: dict[str, Exception] = {
    "malformed": MalformedError("It is damaged.", path="/a/b"),
    "wrong": OwnLeafError("It is not true."),
    "unknown": UnknownError("We could not ask."),
    "refused": RefusedError("No."),
    "broken": BrokenError("Our side."),
    "too-large": DocumentTooLargeError("Too large."),
    "surrogate": SurrogateError("Half a pair.", path="/x"),
    "database": DatabaseUnavailableError("Not now."),
    "mistake": ZeroDivisionError("secret words of somebody"),
}


def routes() -> Blueprint:
    pages = Blueprint("things", __name__)

    @pages.get("/error/<name>")
    @access.anyone
    def error(name: str) -> Response:
        raise ERRORS[name]

    @pages.post("/echo")
    @access.anyone
    @headers.cross_origin
    def echo() -> Response:
        return Response(forms.read_body(100), content_type="application/octet-stream")

    @pages.post("/form")
    @access.anyone
    def form() -> Response:
        read = forms.read_form(10_000_000)
        files = {name: [file.claimed_name, len(file.body)] for name, file in read.files.items()}
        return respond_json({"fields": dict(read.fields), "files": files, "name": read.text("name")})

    @pages.post("/things")
    @access.token("things:write")
    def create() -> Response:
        thing = forms.validate(Thing, json.loads(forms.read_body()))
        return respond_json({"name": thing.name, "by": access.actor(), "key": idempotency.key()}, status=201)

    @pages.get("/page")
    @access.anyone
    def page() -> Response:
        return respond("hällo", "text/html", max_age=60, negotiated=True)

    @pages.post("/check")
    @access.anyone
    @ratelimit.limited
    def check() -> Response:
        return respond_json({})

    @pages.get("/own-policy")
    @access.anyone
    def own_policy() -> Response:
        return Response("x", headers={"Content-Security-Policy": "default-src 'none'; sandbox"})

    @pages.post("/convenient")
    @access.anyone
    def convenient() -> Response:
        return respond_json(request.json)

    return pages


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(routes())


def is_uuid(text: str) -> bool:
    return str(UUID(text)) == text


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    document = json.loads(answer.text)
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"] == f"http://127.0.0.1:8080/problems/{code}"
    assert is_uuid(document["instance"].removeprefix("urn:uuid:"))
    assert document["title"]
    assert document["detail"]
    return dict(document)


# -- problems -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("malformed", 400, "malformed"),
        ("wrong", 422, "wrong.of-our-own"),
        ("unknown", 502, "unknown"),
        ("refused", 409, "refused"),
        ("broken", 500, "broken"),
        ("too-large", 413, "document.too-large"),
        ("surrogate", 400, "document.surrogate"),
        ("database", 503, "database.unavailable"),
    ],
)
def test_an_error_of_ours_is_a_problem_document(app: Flask, name: str, status: int, code: str) -> None:
    document = problem(app.test_client().get(f"/error/{name}"), status, code)
    error = ERRORS[name]
    assert isinstance(error, HallmarkError)
    assert document["detail"] == error.message
    if error.path:
        assert document["errors"] == [{"pointer": error.path, "code": code, "detail": error.message}]


def test_a_problem_that_passes_says_when_to_try_again(app: Flask) -> None:
    assert app.test_client().get("/error/database").headers["Retry-After"] == "5"


def test_nobody_learns_from_a_mistake_but_its_number(app: Flask) -> None:
    document = problem(app.test_client().get("/error/mistake"), 500, "broken")
    number = document["instance"].removeprefix("urn:uuid:")
    assert document["detail"] == f"Our mistake, number {number}. Nothing was saved twice."
    assert "secret" not in json.dumps(document)
    assert "ZeroDivision" not in json.dumps(document)


def test_a_browser_gets_a_page_with_the_same_words(app: Flask) -> None:
    for name in ERRORS:
        answer = app.test_client().get(f"/error/{name}", headers=BROWSER)
        document = app.test_client().get(f"/error/{name}").json or {}
        assert answer.content_type == "text/html; charset=utf-8"
        assert answer.status_code == document["status"]
        assert document["title"] in answer.text
        assert "style=" not in answer.text
        assert answer.headers["Vary"] == "Accept"


def test_an_error_in_the_page_itself_leaves_the_problem_document(app: Flask) -> None:
    app.jinja_loader = None
    problem(app.test_client().get("/nowhere", headers=BROWSER), 404, "http.not-found")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "http.not-found"),
        ("GET", "/nowhere/<script>", 404, "http.not-found"),
        ("GET", "/static/../app.py", 404, "http.not-found"),
        ("GET", "/static/nothing.css", 404, "http.not-found"),
        ("DELETE", "/page", 405, "http.method-not-allowed"),
        ("GET", "/echo", 405, "http.method-not-allowed"),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(
    app: Flask, method: str, path: str, status: int, code: str
) -> None:
    answer = app.test_client().open(path, method=method)
    problem(answer, status, code)
    assert (status == 405) == ("Allow" in answer.headers)


def test_each_kind_of_problem_is_explained_under_its_address(app: Flask) -> None:
    client = app.test_client()
    for code in ("document.surrogate", "http.not-found", "access.token-required"):
        answer = client.get(f"/problems/{code}")
        assert answer.status_code == 200
        assert (answer.json or {})["code"] == code
    problem(client.get("/problems/invented"), 404, "http.not-found")


def test_every_error_of_service_and_credentials_has_its_own_row() -> None:
    rows = Problems(public_url="https://example.org").rows
    kinds = [*vars(errors).values(), *vars(credentials.errors).values()]
    ours = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, HallmarkError)]
    assert [kind.code for kind in ours if kind.code not in rows] == []


def test_a_code_means_one_thing_in_the_whole_house() -> None:
    import app  # noqa: F401  the roof loads every room, and with it every error

    meanings = Counter(kind.code for kind in kinds(HallmarkError) if not kind.__module__.startswith("tests"))
    assert [code for code, number in meanings.items() if number > 1] == []


def kinds(kind: type[HallmarkError]) -> Iterator[type[HallmarkError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from kinds(child)


def test_the_last_word_about_a_code_is_that_of_the_room() -> None:
    from service.problems import Row

    problems = Problems(public_url="https://example.org")
    problems.register({"wrong": Row(418, "Tea")})
    assert problems.row(OwnLeafError("x")) == Row(418, "Tea")
    assert "`wrong`" in problems.reference()


# -- headers ------------------------------------------------------------------------------------------------


def every_answer(app: Flask) -> Iterator[TestResponse]:
    client = app.test_client()
    for path in ("/page", "/nowhere", "/error/mistake", "/healthz", "/openapi.json", "/docs/api", "/things"):
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            for accept in ({}, BROWSER):
                yield client.open(path, method=method, headers=accept)


def test_every_answer_tells_the_browser_what_it_may_do(app: Flask) -> None:
    for answer in every_answer(app):
        assert answer.headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert "Set-Cookie" not in answer.headers
        assert "Server" not in answer.headers
        assert answer.headers["Cache-Control"]
        assert is_uuid(answer.headers["X-Request-Id"])
        assert "Strict-Transport-Security" not in answer.headers
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_https_is_remembered_where_the_public_uses_it(make_app: MakeApp, settings: Settings) -> None:
    secure = make_app(of=replace(settings, public_url="https://badges.example.org"))
    answer = secure.test_client().get("/healthz")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_view_may_be_stricter(app: Flask) -> None:
    answer = app.test_client().get("/own-policy")
    assert answer.headers.getlist("Content-Security-Policy") == ["default-src 'none'; sandbox"]


@pytest.mark.parametrize(
    ("method", "path", "open_to_others"),
    [
        ("GET", "/page", True),
        ("HEAD", "/page", True),
        ("GET", "/healthz", True),
        ("POST", "/echo", True),
        ("OPTIONS", "/echo", True),
        ("POST", "/form", False),
        ("OPTIONS", "/form", False),
        ("POST", "/things", False),
        ("OPTIONS", "/things", False),
        ("GET", "/nowhere", False),
    ],
)
def test_other_sites_may_read_what_is_public_and_post_where_it_is_marked(
    app: Flask, method: str, path: str, open_to_others: bool
) -> None:
    answer = app.test_client().open(path, method=method, headers={"Origin": "https://elsewhere.example"})
    assert (answer.headers.get("Access-Control-Allow-Origin") == "*") == open_to_others
    if method == "OPTIONS" and open_to_others:
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        assert answer.headers["Access-Control-Allow-Headers"] == "Accept, Content-Type"


def test_a_preflight_is_judged_by_the_view_that_it_asks_for(app: Flask) -> None:
    @access.anyone
    def read() -> str:
        return "form"

    @access.anyone
    @headers.cross_origin
    def post() -> str:
        return "answer"

    app.add_url_rule("/both", endpoint="both-read", view_func=read, methods=["GET"])
    app.add_url_rule("/both", endpoint="both-post", view_func=post, methods=["POST"])
    for path, method, is_open in (
        ("/both", "POST", True),
        ("/both", "GET", True),
        ("/both", "PUT", False),
        ("/form", "POST", False),
    ):
        answer = app.test_client().options(
            path, headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": method}
        )
        assert ("Access-Control-Allow-Origin" in answer.headers) is is_open, (path, method)


# -- access -------------------------------------------------------------------------------------------------


def new_token(db: Database, scope: str = "things:write", days: int = 1) -> str:
    with db.transaction() as session:
        _, presented = tokens.new(
            session,
            label="test",
            scopes=[scope],
            actor="cli",
            now=clock.now(),
            lifetime=timedelta(days=days),
        )
    return presented


def test_a_route_without_a_row_keeps_the_service_from_starting(make_app: MakeApp) -> None:
    pages = Blueprint("unguarded", __name__)

    @pages.get("/unguarded")
    def unguarded() -> str:
        return "secret"

    with pytest.raises(UnguardedRouteError, match="/unguarded"):
        make_app(pages)


def test_a_route_added_later_is_refused(app: Flask) -> None:
    app.view_functions["things.page"] = lambda: "secret"
    problem(app.test_client().get("/page"), 500, "access.unguarded-route")


def test_every_route_stands_in_the_table(app: Flask) -> None:
    table = list(access.table(app))
    assert ("/things", "POST", access.Row(scope="things:write")) in table
    assert all(row is not None for _, _, row in table)


def test_a_token_opens_what_it_is_meant_for(app: Flask, db: Database) -> None:
    answer = app.test_client().post(
        "/things",
        data=b'{"name": "x"}',
        headers={"Authorization": f"bearer {new_token(db)}", "Idempotency-Key": "k"},
    )
    assert answer.status_code == 201
    assert re.fullmatch(r"token:[0-9a-f]{16}", (answer.json or {})["by"])
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize(
    ("authorization", "code", "challenge"),
    [
        (None, "access.token-required", 'Bearer realm="hallmark", scope="things:write"'),
        ("Basic dXNlcjp4", "access.token-required", 'Bearer realm="hallmark", scope="things:write"'),
        ("Bearer", "access.token-required", 'Bearer realm="hallmark", scope="things:write"'),
        (
            "Bearer hm_0123456789abcdef_" + "a" * 43,
            "access.token-refused",
            'Bearer realm="hallmark", scope="things:write", error="invalid_token"',
        ),
        (
            "Bearer ' OR 1=1 --",
            "access.token-refused",
            'Bearer realm="hallmark", scope="things:write", error="invalid_token"',
        ),
    ],
)
def test_without_a_good_token_the_answer_says_what_is_missing(
    app: Flask, authorization: str | None, code: str, challenge: str
) -> None:
    sent = {} if authorization is None else {"Authorization": authorization}
    answer = app.test_client().post("/things", data=b"{}", headers=sent)
    problem(answer, 401, code)
    assert answer.headers["WWW-Authenticate"] == challenge


def test_a_token_for_something_else_is_refused(app: Flask, db: Database) -> None:
    headers = {"Authorization": f"Bearer {new_token(db, scope='things:read')}"}
    answer = app.test_client().post("/things", data=b"{}", headers=headers)
    problem(answer, 403, "access.scope-refused")
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


# -- bodies -------------------------------------------------------------------------------------------------


def test_a_field_for_several_files_takes_them_in_their_order(make_app: MakeApp) -> None:
    view = Blueprint("several", __name__)

    @view.post("/several")
    @access.anyone
    def several() -> Response:
        form = forms.read_form(10_000_000, several=("files",), text_bytes=400_000, parts=150)
        names = [[file.claimed_name, file.body.decode()] for file in form.several["files"]]
        return respond_json({"files": names, "text": len(form.text("text"))})

    client = make_app(view).test_client()
    sent = {"files": [(io.BytesIO(b"%d" % n), f"{n}.json") for n in range(120)], "text": "x" * 300_000}
    answer = client.post("/several", data=sent)
    assert answer.get_json() == {"files": [[f"{n}.json", str(n)] for n in range(120)], "text": 300_000}
    assert client.post("/several", data={"text": "x"}).get_json() == {"files": [], "text": 1}
    twice = {"text": "x", "other": [(io.BytesIO(b"a"), "a"), (io.BytesIO(b"b"), "b")]}
    problem(client.post("/several", data=twice), 400, "request.form")
    for wrong in ({"text": "x" * 400_001}, {f"p{n}": "" for n in range(151)}):
        answer = client.post("/several", data=wrong, content_type="multipart/form-data")
        problem(answer, 413, "request.too-large")
    problem(client.post("/several", data={"text": "x" * 1_200_000}), 413, "request.too-large")


def test_a_body_may_have_exactly_the_limit_and_not_a_byte_more(app: Flask) -> None:
    client = app.test_client()
    assert client.post("/echo", data=b"x" * 100).data == b"x" * 100
    problem(client.post("/echo", data=b"x" * 101), 413, "request.too-large")


def test_a_body_of_unknown_length_is_counted_too(app: Flask) -> None:
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    for length, status in ((100, 200), (101, 413), (5_000, 413)):
        body = io.BytesIO(b"x" * length)
        answer = app.test_client().post("/echo", input_stream=body, environ_overrides=chunked)
        assert answer.status_code == status
    form = io.BytesIO(b"a=1")
    kind = "application/x-www-form-urlencoded"
    answer = app.test_client().post("/form", input_stream=form, content_type=kind, environ_overrides=chunked)
    problem(answer, 400, "request.form")


def test_no_route_takes_more_than_the_service(make_app: MakeApp, settings: Settings) -> None:
    small = make_app(routes(), of=replace(settings, max_body_bytes=1_024))
    data = {"file": (io.BytesIO(b"x" * 2_000), "a.bin")}
    problem(small.test_client().post("/form", data=data), 413, "request.too-large")


def test_a_body_is_taken_as_it_is(app: Flask) -> None:
    body = b"\xef\xbb\xbf\xff\x00"
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain; charset=utf-16"):
        assert app.test_client().post("/echo", data=body, content_type=kind).data == body


def test_a_compressed_body_is_refused(app: Flask) -> None:
    answer = app.test_client().post("/echo", data=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    problem(answer, 415, "request.media-type")


def test_the_convenient_way_to_a_body_is_closed(app: Flask) -> None:
    answer = app.test_client().post("/convenient", data=b"{}", content_type="application/json")
    problem(answer, 500, "broken")


def test_a_form_has_fields_and_files(app: Flask) -> None:
    data = {"name": " Ada ", "file": (io.BytesIO(b"12345"), "../a.json"), "none": (io.BytesIO(b""), "")}
    answer = app.test_client().post("/form", data=data).json or {}
    assert answer["fields"] == {"name": " Ada "}
    assert answer["files"] == {"file": ["../a.json", 5]}
    assert answer["name"] == "Ada"
    urlencoded = app.test_client().post("/form", data={"name": "x"}).json or {}
    assert (urlencoded["name"], urlencoded["files"]) == ("x", {})


def test_a_form_is_bounded_in_every_direction(app: Flask) -> None:
    client = app.test_client()
    multipart = {"content_type": "multipart/form-data"}
    problem(client.post("/form", data={"a": "x" * 262_145}, **multipart), 413, "request.too-large")
    parts = {f"f{number}": "x" for number in range(101)}
    problem(client.post("/form", data=parts, **multipart), 413, "request.too-large")
    problem(client.post("/form", data={"a": ["1", "2"]}), 400, "request.form")
    both = {"a": ["1", (io.BytesIO(b"1"), "a.txt")]}
    problem(client.post("/form", data=both, **multipart), 400, "request.form")
    problem(client.post("/form", data=b"{}", content_type="application/json"), 415, "request.media-type")


def test_a_damaged_form_is_no_mistake_of_ours(app: Flask) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"):
        for body in (b"", b"--x", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--"):
            assert app.test_client().post("/form", data=body, content_type=kind).status_code < 500


def test_every_fault_in_the_members_is_named(app: Flask, db: Database) -> None:
    answer = app.test_client().post(
        "/things",
        data=b'{"count": false, "extra/~": 1}',
        headers={"Authorization": f"Bearer {new_token(db)}"},
    )
    document = problem(answer, 422, "request.fields")
    assert {(fault["pointer"], fault["code"]) for fault in document["errors"]} == {
        ("/name", "field.missing"),
        ("/count", "field.int-type"),
        ("/extra~1~0", "field.extra-forbidden"),
    }
    assert {fault["detail"] for fault in document["errors"]} == {
        "This is missing.",
        "This must be a whole number.",
        "There is no such member.",
    }


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        (None, 400, "idempotency.key-required"),
        ("", 400, "idempotency.key"),
        ("a b", 400, "idempotency.key"),
        ("ü", 400, "idempotency.key"),
        ("x" * 256, 400, "idempotency.key"),
        ("x" * 255, 201, ""),
        ("~!", 201, ""),
    ],
)
def test_an_idempotency_key_is_visible_ascii(
    app: Flask, db: Database, key: str | None, status: int, code: str
) -> None:
    sent = {"Authorization": f"Bearer {new_token(db)}"}
    if key is not None:
        sent["Idempotency-Key"] = key
    answer = app.test_client().post("/things", data=b'{"name": "x"}', headers=sent)
    if code:
        problem(answer, status, code)
    else:
        assert answer.status_code == status


def test_a_fingerprint_tells_requests_apart() -> None:
    prints = {idempotency.fingerprint(route, body) for route in ("a", "b") for body in (b"", b"x")}
    assert len(prints) == 4
    assert idempotency.fingerprint("a", b"x") in prints


# -- how often ----------------------------------------------------------------------------------------------


def test_one_address_may_ask_so_often_and_then_waits(make_app: MakeApp, settings: Settings) -> None:
    client = make_app(routes(), of=replace(settings, checks_per_minute=2)).test_client()
    for left in ("1", "0"):
        answer = client.post("/check", environ_base=STRANGER)
        assert answer.status_code == 200
        assert f"remaining={left}" in answer.headers["RateLimit"]
        assert "Retry-After" not in answer.headers
    answer = client.post("/check", environ_base=STRANGER)
    problem(answer, 429, "http.too-many-requests")
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert client.post("/check", environ_base={"REMOTE_ADDR": "198.51.100.7"}).status_code == 200
    assert client.get("/page", environ_base=STRANGER).status_code == 200


def test_what_makes_us_work_for_long_has_limits_of_its_own(make_app: MakeApp, settings: Settings) -> None:
    view = routes()

    @view.post("/long")
    @access.anyone
    @ratelimit.at_most("2 per minute; 20 per hour")
    def long() -> str:
        return "begun"

    client = make_app(view, of=replace(settings, checks_per_minute=3)).test_client()
    answers = [client.post("/long", environ_base=STRANGER) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 61
    assert client.post("/check", environ_base=STRANGER).status_code == 200
    assert client.post("/long", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200


def test_of_a_view_only_what_costs_more_may_be_counted(make_app: MakeApp, settings: Settings) -> None:
    view = Blueprint("forms", __name__)

    @view.get("/forms")
    @access.anyone
    @ratelimit.at_most("2 per minute", when=lambda: "page" in request.args)
    def forms() -> str:
        return "here"

    client = make_app(view, of=replace(settings, checks_per_minute=3)).test_client()
    pages = [client.get("/forms?page", environ_base=STRANGER).status_code for _ in range(3)]
    assert pages == [200, 200, 429]
    assert {client.get("/forms", environ_base=STRANGER).status_code for _ in range(4)} == {200}


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_the_machine_itself_is_not_limited(make_app: MakeApp, settings: Settings, address: str) -> None:
    client = make_app(routes(), of=replace(settings, checks_per_minute=1)).test_client()
    assert {client.post("/check", environ_base={"REMOTE_ADDR": address}).status_code for _ in range(3)} == {
        200
    }


def test_a_network_of_ipv6_counts_as_one_address(make_app: MakeApp, settings: Settings) -> None:
    client = make_app(routes(), of=replace(settings, checks_per_minute=1)).test_client()
    statuses = [
        client.post("/check", environ_base={"REMOTE_ADDR": address}).status_code
        for address in ("2001:db8:1:2::3", "2001:db8:1:2:ffff::4", "2001:db8:1:3::3")
    ]
    assert statuses == [200, 429, 200]


@pytest.mark.parametrize(("proxies", "statuses"), [(0, [200, 429]), (1, [200, 200])])
def test_a_proxy_is_believed_only_if_it_was_declared(
    make_app: MakeApp, settings: Settings, proxies: int, statuses: list[int]
) -> None:
    client = make_app(
        routes(), of=replace(settings, checks_per_minute=1, trusted_proxies=proxies)
    ).test_client()
    seen = [
        client.post("/check", environ_base=STRANGER, headers={"X-Forwarded-For": address}).status_code
        for address in ("198.51.100.1", "198.51.100.2")
    ]
    assert seen == statuses


def test_no_limit_may_be_set(make_app: MakeApp, settings: Settings) -> None:
    client = make_app(routes(), of=replace(settings, checks_per_minute=0)).test_client()
    assert {client.post("/check", environ_base=STRANGER).status_code for _ in range(70)} == {200}


# -- conditional answers, static files, health ------------------------------------------------------------


def test_an_answer_has_a_strong_tag_and_is_not_sent_twice(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/page")
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert first.headers["Vary"] == "Accept"
    assert first.content_type == "text/html; charset=utf-8"
    again = client.get("/page", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert client.get("/page", headers={"If-None-Match": '"other"'}).status_code == 200
    head = client.head("/page")
    assert (head.data, head.headers["ETag"]) == (b"", tag)
    assert head.headers["Content-Length"] == first.headers["Content-Length"]


def test_a_static_file_leaves_nothing_open(app: Flask) -> None:
    client = app.test_client()
    # An open file is reported only when it is collected, in whichever test runs then.
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        first = client.get("/static/favicon.svg")
        again = client.get("/static/favicon.svg", headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
        del first, again
        gc.collect()
    assert [each for each in seen if each.category is ResourceWarning] == []


def test_static_files_are_kept_for_a_year_under_their_digest(app: Flask) -> None:
    with app.test_request_context():
        address = url_for("static", filename="hallmark.css")
    assert re.fullmatch(r"/static/hallmark\.css\?v=[0-9a-f]{16}", address)
    client = app.test_client()
    with client.get(address) as current, client.get("/static/hallmark.css?v=old") as old:
        assert current.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert old.headers["Cache-Control"] == "public, max-age=86400"
        assert current.data == (ROOT / "static" / "hallmark.css").read_bytes()


def test_health_is_said_in_one_word(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_health_names_what_is_to_be_looked_at(settings: Settings) -> None:
    found = Flask("found")
    database = Database(f"sqlite:///{settings.data}/found.sqlite")
    found.register_blueprint(health.blueprint(database, attention=lambda _now: ("lists.late",)))
    answer = found.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "attention": ["lists.late"]})
    database.close()


@pytest.mark.sqlite("its file lies in a folder that is not there; test_postgresql ends a server")
def test_health_without_a_database_is_503(settings: Settings) -> None:
    lost = Flask("lost")
    lost.register_blueprint(health.blueprint(Database(f"sqlite:///{settings.data}/missing/x")))
    answer = lost.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})
    assert answer.headers["Retry-After"] == "5"


def test_a_strange_host_name_changes_nothing(app: Flask) -> None:
    for host in ("evil.example", "evil.example:99999", "a b", "'\"><script>"):
        answer = app.test_client().get("/page", headers={"Host": host})
        assert answer.status_code in (200, 400)
        assert "evil" not in answer.text + str(answer.headers)


def test_hosts_may_be_restricted(make_app: MakeApp, settings: Settings) -> None:
    client = make_app(routes(), of=replace(settings, trusted_hosts=("badges.example.org",))).test_client()
    assert client.get("/page", headers={"Host": "badges.example.org"}).status_code == 200
    problem(client.get("/page", headers={"Host": "evil.example"}), 400, "http.bad-request")


def test_there_are_no_redirects_that_trust_the_host_name(app: Flask) -> None:
    for path in ("/page/", "//page", "/healthz/"):
        answer = app.test_client().get(path, headers={"Host": "evil.example"})
        assert answer.status_code in (200, 404)
        assert "Location" not in answer.headers


# -- the log ------------------------------------------------------------------------------------------------


def test_the_log_has_numbers_and_codes_and_nobodys_words(make_app: MakeApp) -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    log.configure("info", stream=stream)
    try:
        client = make_app(routes()).test_client()
        client.get("/error/mistake?mail=ada@example.org")
        client.get("/error/database")
        logging.getLogger("library").warning("ada@example.org %s", "\nforged line")
    finally:
        root.handlers[:], root.level = before[0], before[1]
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["mistake", "request", "problem", "request", "library"]
    assert lines[0]["error"] == "builtins.ZeroDivisionError"
    assert lines[0]["where"][-1].startswith("service/test_web.py:")
    assert lines[1]["route"] == "things.error"
    assert lines[1]["status"] == 500
    assert lines[2]["code"] == "database.unavailable"
    assert not re.search("ada@|secret|forged", stream.getvalue())
    assert datetime.fromisoformat(lines[0]["at"]).tzinfo is not None


# -- tokens -------------------------------------------------------------------------------------------------

NOW = datetime(2026, 2, 27, tzinfo=UTC)


def test_a_token_is_stored_as_a_digest_only(db: Database, settings: Settings) -> None:
    presented = new_token(db)
    db.close()
    secret = presented.split("_", 2)[2].encode()
    for path in settings.data.iterdir():
        assert secret not in path.read_bytes()


def test_a_token_ends(db: Database) -> None:
    from service.errors import TokenRefusedError

    with db.transaction() as session:
        token, presented = tokens.new(session, label="x", scopes=["a:b"], actor="cli", now=NOW)
        assert tokens.find(session, presented, now=NOW) == token
        assert token.state(NOW) == "active"
        assert token.state(NOW + tokens.LIFETIME) == "expired"
        with pytest.raises(TokenRefusedError):
            tokens.find(session, presented, now=NOW + tokens.LIFETIME)
        with pytest.raises(TokenRefusedError):
            tokens.find(session, presented[:-1] + ("a" if presented[-1] != "a" else "b"), now=NOW)
        assert tokens.revoke(session, token.id, actor="cli", now=NOW).state(NOW) == "revoked"
        tokens.revoke(session, token.id, actor="cli", now=NOW)
        with pytest.raises(TokenRefusedError):
            tokens.find(session, presented, now=NOW)
        with pytest.raises(TokenRefusedError):
            tokens.revoke(session, "0" * 16, actor="cli", now=NOW)
        assert [found.id for found in tokens.listing(session)] == [token.id]


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": ["a:b", "a: b"]},
        {"lifetime": timedelta(days=367)},
        {"lifetime": timedelta()},
        {"label": ""},
        {"label": "a\nb"},
        {"label": "x" * 101},
    ],
)
def test_a_token_is_made_within_limits(db: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(TokenRequestError), db.transaction() as session:
        tokens.new(session, **{"label": "x", "scopes": ["a:b"], "actor": "cli", "now": NOW, **wrong})


class _Kept:
    """Something that was made of a body and holds itself."""

    def __init__(self) -> None:
        self.me = self


def test_what_a_large_request_left_in_circles_does_not_stay(app: Flask) -> None:
    left: list[weakref.ref[_Kept]] = []

    @access.anyone
    def hoard() -> str:
        left.append(weakref.ref(_Kept()))
        return "done"

    app.add_url_rule("/hoard", view_func=hoard, methods=["POST"])
    gc.disable()
    try:
        app.test_client().post("/hoard", data=b"x" * 1_000)
        assert left[0]() is not None
        app.test_client().post("/hoard", data=b"x" * 100_000)
        assert [each() for each in left] == [None, None]
    finally:
        gc.enable()
