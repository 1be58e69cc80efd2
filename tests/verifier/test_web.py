# SPDX-License-Identifier: Apache-2.0
"""``/verify`` over HTTP: the contract's forms and answers, problems only for what is no credential."""

from __future__ import annotations

import io
import json
from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient

from credentials.baking import png
from tests.attacks.test_d7_baked_files import PICTURE
from tests.vectors import available, shared
from tests.world import OWNER, World, timed_out
from verifier.api import ANSWER
from verifier.ports import Fetched

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ADDRESS = "https://union.example/credentials/1"


def verdict(response: Any) -> str:
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.content_type == "application/json"
    answer = json.loads(response.data)
    assert jsonschema_rs.is_valid(ANSWER, answer)
    return str(answer["verdict"])


def problem(response: Any, status: int) -> dict[str, Any]:
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    found: dict[str, Any] = json.loads(response.data)
    return found


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/vc+ld+json",
        "application/vc",
        "application/ld+json",
        "text/plain",
        "x/y",
    ],
)
def test_a_json_credential_is_answered_whatever_it_is_called(
    client: FlaskClient, world: World, content_type: str
) -> None:
    badge = world.issuer("union").mint()
    assert verdict(client.post("/verify", data=badge, content_type=content_type)) == "valid"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/vc+jwt", "application/jwt", "application/json"]
)
def test_a_jwt_as_text_is_answered(client: FlaskClient, world: World, content_type: str) -> None:
    token = world.issuer("union").mint(jwt=True)
    assert verdict(client.post("/verify", data=token + b"\n", content_type=content_type)) == "valid"


def test_every_verdict_is_an_answer(client: FlaskClient, world: World) -> None:
    union = world.issuer("union")
    badge = union.mint(suspension=True)
    assert verdict(client.post("/verify", data=badge)) == "valid"
    union.suspend(badge)
    assert verdict(client.post("/verify", data=badge)) == "suspended"
    union.revoke(badge)
    assert verdict(client.post("/verify", data=badge)) == "revoked"
    assert verdict(client.post("/verify", data=badge.replace(b"Teamwork", b"Leadership"))) == "invalid"
    added = json.dumps(json.loads(badge) | {"x": 1}).encode()
    assert verdict(client.post("/verify", data=added)) == "unsigned-content"
    ended = union.mint(validFrom="2020-03-01T00:00:00Z", validUntil="2020-03-02T00:00:00Z", jwt=True)
    assert verdict(client.post("/verify", data=ended)) == "expired"
    assert (
        verdict(client.post("/verify", data=union.mint(validFrom="2099-03-01T00:00:00Z"))) == "not-yet-valid"
    )
    world.go_offline("union")
    assert verdict(client.post("/verify", data=badge)) == "undetermined"


def test_a_form_with_a_file(client: FlaskClient, world: World) -> None:
    badge = world.issuer("union").mint()
    for raw, name in ((badge, "badge.json"), (png.bake(PICTURE, badge.decode()), "badge.png")):
        for recipient, expected in (("", "valid"), (OWNER, "valid"), ("eve@x.example", "wrong-recipient")):
            form = {"file": (io.BytesIO(raw), name), "text": "", "url": "", "recipient": recipient}
            assert verdict(client.post("/verify", data=form, content_type="multipart/form-data")) == expected


@pytest.mark.parametrize("content_type", ["multipart/form-data", "application/x-www-form-urlencoded"])
def test_a_form_with_text_or_link(client: FlaskClient, world: World, content_type: str) -> None:
    union = world.issuer("union")
    badge, token = union.mint(), union.mint(jwt=True)
    world.served[ADDRESS] = badge
    for field in (
        {"text": badge.decode()},
        {"text": "  " + token.decode() + "\r\n"},
        {"text": f" {ADDRESS} "},
        {"url": ADDRESS},
    ):
        assert verdict(client.post("/verify", data=field, content_type=content_type)) == "valid"
        asked = {**field, "recipient": "eve@school.example"}
        assert verdict(client.post("/verify", data=asked, content_type=content_type)) == "wrong-recipient"


def test_an_address_is_asked_for(client: FlaskClient, world: World) -> None:
    world.served[ADDRESS] = world.issuer("union").mint()
    assert verdict(client.post("/verify", json={"url": ADDRESS})) == "valid"
    assert verdict(client.post("/verify", json={"url": ADDRESS, "recipient": OWNER})) == "valid"
    assert (
        verdict(client.post("/verify", json={"url": ADDRESS, "recipient": "e@x.example"}))
        == "wrong-recipient"
    )
    assert verdict(client.get("/verify", query_string={"url": ADDRESS})) == "valid"
    assert verdict(client.post("/verify", data=ADDRESS, content_type="text/plain")) == "valid"


def test_a_silent_host_leaves_it_open(client: FlaskClient, world: World) -> None:
    world.served[ADDRESS] = timed_out("union.example")
    assert verdict(client.get("/verify", query_string={"url": ADDRESS})) == "undetermined"


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "credential.empty"),
        (b"   ", 400, "credential.empty"),
        (b"{", 400, "document.not-json"),
        (b'{"a":1,"a":2}', 400, "document.duplicate-member"),
        (b"[" * 50_000, 400, "document.too-deep"),
        (b'{"a":1e999}', 400, "document.number"),
        (b"[]", 400, "document.not-an-object"),
        (b"{}", 422, "credential.none"),
        (b'{"url": 7}', 422, "credential.none"),
        (b'{"url": "https://x.example/", "more": 1}', 422, "credential.none"),
        (b'{"url": "nowhere"}', 422, "source.address"),
        (b'{"url": "file:///etc/passwd"}', 422, "source.address"),
        (b'{"url": "https://union.example/none"}', 422, "credential.nothing-there"),
        (b"eyJ.eyJ", 400, "jwt.form"),
        (b"%PDF-1.7", 422, "credential.damaged-file"),
        (b"PK\x03\x04", 422, "credential.damaged-file"),
        (b"<html></html>", 422, "credential.web-page"),
        (PICTURE, 422, "credential.just-a-picture"),
        (PICTURE[:40], 422, "baking.damaged"),
        (b'{"@context": "https://w3id.org/openbadges/v2"}', 422, "credential.open-badges-2"),
        (b'{"type": ["VerifiablePresentation"]}', 422, "credential.presentation"),
        (b'{"a":"' + b"a" * 1_048_576 + b'"}', 413, "document.too-large"),
        (b'{"url": "https://x.example/", "cycle_from": "soon"}', 422, "asked.cycle"),
        (b'{"url": "https://x.example/", "list": "nobody-has-this"}', 404, "issuer-list.unknown"),
        (b"a" * 27_300_000, 413, "request.too-large"),
    ],
)
def test_what_is_no_credential_is_a_problem(client: FlaskClient, raw: bytes, status: int, code: str) -> None:
    found = problem(client.post("/verify", data=raw, content_type="application/json"), status)
    assert found["code"] == code
    assert found["detail"]


@pytest.mark.parametrize("raw", [b"hello", b"\xfd\xfe", b"\0\0\0"])
def test_what_is_nothing_we_know_is_of_the_wrong_kind(client: FlaskClient, raw: bytes) -> None:
    assert problem(client.post("/verify", data=raw), 415)["code"] == "credential.unsupported-file"


def test_several_things_at_once_are_refused(client: FlaskClient, world: World) -> None:
    badge = world.issuer("union").mint().decode()
    found = problem(client.post("/verify", data={"text": badge, "url": ADDRESS}), 422)
    assert found["code"] == "credential.several"


def test_a_person_gets_pages(client: FlaskClient, world: World) -> None:
    badge = world.issuer("union").mint()
    form = client.get("/verify", headers=HTML)
    assert (form.status_code, form.mimetype) == (200, "text/html")
    for raw in (badge, badge.replace(b"Teamwork", b"<b>Leadership")):
        answer = client.post("/verify", data={"text": raw.decode()}, headers=HTML)
        assert (answer.status_code, answer.mimetype) == (200, "text/html")
        assert b"<b>Leadership" not in answer.data


def test_nothing_typed_is_lost(client: FlaskClient) -> None:
    typed = {"text": "hello, world", "recipient": "dana@school.example"}
    again = client.post("/verify", data=typed, headers=HTML)
    assert (again.status_code, again.mimetype) == (415, "text/html")
    for value in typed.values():
        assert value in again.get_data(as_text=True)
    shared_link = client.get("/verify?url=nowhere", headers=HTML)
    assert shared_link.status_code == 422
    assert "nowhere" in shared_link.get_data(as_text=True)


def test_a_form_that_cannot_be_read_comes_back_empty(client: FlaskClient) -> None:
    twice = client.post(
        "/verify", data="text=a&text=b", content_type="application/x-www-form-urlencoded", headers=HTML
    )
    assert (twice.status_code, twice.mimetype) == (400, "text/html")


@pytest.mark.parametrize(
    "raw", [b'{"url": "https://x.example/", "recipient": 7}', b'{"url": "https://x.example/"', b'["url"]']
)
def test_what_is_not_exactly_the_url_form_is_read_as_a_credential(client: FlaskClient, raw: bytes) -> None:
    assert client.post("/verify", data=raw, content_type="application/json").status_code in (400, 422)


def test_an_empty_form_says_what_is_missing(client: FlaskClient) -> None:
    empty = client.post("/verify", data={"text": "", "recipient": OWNER}, content_type="multipart/form-data")
    assert problem(empty, 400)["code"] == "credential.empty"


def test_a_host_that_answers_with_an_error_leaves_it_open(client: FlaskClient, world: World) -> None:
    world.served[ADDRESS] = Fetched(ADDRESS, 500, "", b"")
    assert verdict(client.get("/verify", query_string={"url": ADDRESS})) == "undetermined"


def test_files_have_limits_of_their_own(client: FlaskClient, world: World) -> None:
    token = world.issuer("union").mint(jwt=True)
    large = b"eyJ" + b"A" * 1_048_576 + token
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg'>" + b" " * 2_097_152 + b"</svg>"
    for raw in (large, drawing, PICTURE + b"\0" * 10_485_760):
        assert problem(client.post("/verify", data=raw), 413)["code"] in (
            "document.too-large",
            "baking.too-large",
        )


def test_no_cookie_no_cache_and_open_to_scripts_of_others(client: FlaskClient, world: World) -> None:
    for response in (
        client.get("/verify"),
        client.get("/verify?url=https://union.example/none"),
        client.post("/verify", data=world.issuer("union").mint()),
        client.post("/verify", data=b"{}"),
    ):
        assert "Set-Cookie" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    preflight = client.options("/verify", headers={"Access-Control-Request-Method": "POST"})
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]


def _suite() -> list[str]:
    folder = "JSONTestSuite/test_parsing"
    return sorted(path.name for path in shared(folder).iterdir()) if available(folder) else ["(not here)"]


def test_json_test_suite_bodies_are_problems_and_never_mistakes(client: FlaskClient) -> None:
    for name in _suite():
        raw = (shared("JSONTestSuite/test_parsing") / name).read_bytes()
        response = client.post("/verify", data=raw, content_type="application/json")
        assert response.status_code in (400, 413, 415, 422), name


def test_a_rolled_back_list_is_remembered_between_requests(client: FlaskClient, world: World) -> None:
    union = world.issuer("union")
    badge = union.mint()
    union.serve_old_status_list()
    old = union.frozen.pop(union.list_url())
    world.clock.advance(seconds=10)
    assert verdict(client.post("/verify", data=badge)) == "valid"
    union.frozen[union.list_url()] = old
    assert verdict(client.post("/verify", data=badge)) == "undetermined"
