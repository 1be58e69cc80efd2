# SPDX-License-Identifier: Apache-2.0
"""The addresses at which strangers read our keys."""

from __future__ import annotations

import json

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from keys import problems, web
from keys.cabinet import Cabinet
from keys.publish import did_document, jwks
from service import access
from service.problems import Problems, explanations
from tests.keys.samples import HOUR, NOW
from tests.keys.test_publish import ED, P256, ROOT_DID


@pytest.fixture
def client(cabinet: Cabinet) -> FlaskClient:
    cabinet.create_issuer("union", ROOT_DID, now=NOW)
    for algorithm in (ED, P256):
        cabinet.new_key("union", algorithm, now=NOW)
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(web.blueprint(cabinet))
    table = Problems(public_url=cabinet.public_url)
    table.register(problems.ROWS)
    table.install(app)
    access.check(app)

    @app.before_request
    def _number() -> None:
        g.request_id = "0"

    return app.test_client()


@pytest.mark.parametrize("path", ["/.well-known/did.json", "/issuers/union/did.json"])
def test_the_did_document_is_there(client: FlaskClient, cabinet: Cabinet, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.data == did_document(cabinet.ring("union"))
    assert answer.content_type == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=60, must-revalidate, no-transform"
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/did+json", "application/did+json"),
        ("application/did+ld+json, application/json;q=0.5", "application/did+ld+json"),
        ("application/did", "application/did"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/ld+json", "application/json"),
    ],
)
def test_resolvers_get_the_media_type_that_they_ask_for(
    client: FlaskClient, cabinet: Cabinet, accept: str, media_type: str
) -> None:
    answer = client.get("/.well-known/did.json", headers={"Accept": accept})
    assert answer.content_type == media_type
    assert answer.data == did_document(cabinet.ring("union"))


@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/issuers/union/jwks.json"])
def test_the_key_set_is_there(client: FlaskClient, cabinet: Cabinet, path: str) -> None:
    answer = client.get(path)
    assert answer.data == jwks(cabinet.ring("union"))
    assert answer.content_type == "application/jwk-set+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_copy_is_good_until_a_key_changes(client: FlaskClient, cabinet: Cabinet) -> None:
    etag = client.get("/.well-known/did.json").headers["ETag"]
    again = client.get("/.well-known/did.json", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    cabinet.rotate("union", ED, now=NOW + HOUR)
    assert client.get("/.well-known/did.json", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("path", ["/issuers/nobody/did.json", "/issuers/nobody/jwks.json"])
def test_nobody_has_no_keys(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert json.loads(answer.data)["code"] == "keys.no-such-issuer"


def test_every_error_of_the_room_has_a_row() -> None:
    codes = {code for code in explanations() if code.startswith("keys.")}
    assert codes == set(problems.ROWS)
