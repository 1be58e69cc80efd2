# SPDX-License-Identifier: Apache-2.0
"""Hostile JSON on every route that takes a body (threats D1, goals S5): 4xx with a reason, never a 5xx.

JSONTestSuite: ``n_`` must be refused, ``y_`` must be read (what it then means is another matter), ``i_`` and
the transformations may go either way. The routes are those of the running service, so a new one is included
by itself.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from service import access, clock, tokens
from service.db import Database
from service.settings import Settings
from tests.running import tables
from tests.vectors import ROOT, shared

SUITE = ROOT / "JSONTestSuite"
BODIES = sorted([*SUITE.glob("test_parsing/*.json"), *SUITE.glob("test_transform/*.json")])
# Both name a member twice; readers would disagree about its value, so we refuse (RFC 8259, section 4).
DUPLICATES = ("y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json")
FORMS_ONLY = ("/help", "/plan")
BUTTONS = ("/cancel", "/delete", "/report")  # of a batch: they read no body
NOT_READ = (
    "document.not-json",
    "document.not-utf-8",
    "document.too-deep",
    "document.number",
    "document.surrogate",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    settings = Settings(data=tmp_path_factory.mktemp("house"))
    db = Database(settings.database_url)
    tables(db)
    yield create_app(settings)
    db.close()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    """Return a client whose token may do everything."""
    scopes = {row.scope for _, _, row in access.table(app) if row is not None and row.scope is not None}
    db: Database = app.extensions["hallmark"].db
    with db.transaction() as session:
        _, presented = tokens.new(
            session, label="test", scopes=scopes or {"a:b"}, actor="cli", now=clock.now()
        )
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {presented}"
    client.environ_base["HTTP_ACCEPT"] = "application/json"
    return client


def routes(app: Flask) -> Iterator[str]:
    """Yield an address for every route that takes a body; those for people in a browser take forms."""
    for rule in app.url_map.iter_rules():
        row = access.row_of(app, rule.endpoint)
        if (
            rule.rule in FORMS_ONLY
            or rule.rule.endswith(BUTTONS)
            or (row is not None and (row.needs_session or row.doorstep))
        ):
            continue
        if rule.methods and {"POST", "PUT", "PATCH"} & rule.methods:
            path = rule.rule
            for name in rule.arguments:
                for placeholder in (f"<uuid:{name}>", f"<{name}>"):
                    path = path.replace(placeholder, str(uuid.uuid4()))
            assert "<" not in path
            yield path


def test_the_suite_is_complete() -> None:
    shared("JSONTestSuite")
    names = [path.name[:2] for path in BODIES if path.parent.name == "test_parsing"]
    assert (names.count("n_"), names.count("y_"), names.count("i_")) == (188, 95, 35)


def test_there_are_routes_to_try(app: Flask) -> None:
    assert any(path == "/verify" for path in routes(app))
    assert any(path == "/credentials" for path in routes(app))


@pytest.mark.parametrize("path", BODIES, ids=lambda path: str(path.name))
def test_a_body_is_read_or_refused_with_a_reason(app: Flask, client: FlaskClient, path: Path) -> None:
    for route in routes(app):
        answer = client.post(
            route,
            data=path.read_bytes(),
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status_code < 500, (route, answer.text)
        document = json.loads(answer.text)
        if answer.status_code >= 400:
            assert answer.content_type == "application/problem+json"
            assert document["detail"]
        if path.name.startswith("n_"):
            assert answer.status_code >= 400, route
        elif path.name in DUPLICATES:
            assert document["code"] == "document.duplicate-member"
        elif path.name.startswith("y_"):
            assert document.get("code") not in NOT_READ, route


@pytest.mark.parametrize("depth", [31, 32, 33, 1_000, 100_000])
@pytest.mark.parametrize("kind", ["[", '{"a":'])
def test_nesting_ends_at_the_limit(app: Flask, client: FlaskClient, depth: int, kind: str) -> None:
    inner = kind * (depth - 1) + "1" + ("]" if kind == "[" else "}") * (depth - 1)
    for route in routes(app):
        answer = client.post(
            route,
            data=f'{{"a": {inner}}}',
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status_code < 500, (route, answer.text)
        assert (json.loads(answer.text).get("code") == "document.too-deep") == (depth > 32)
