# SPDX-License-Identifier: Apache-2.0
"""``POST /recognise``: for everybody, nothing is stored, and credentials keep their bytes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient

import recognition.problems
import verifier.problems
from credentials.digests import sha256_hex
from recognition import api
from recognition.asking import CREDENTIALS, LINKS, question
from recognition.errors import RecognitionFieldError
from recognition.office import Office
from recognition.rule.policy_reader import sample
from service import clock
from service.db import Database
from service.files import FileStore
from service.problems import Problems
from service.settings import Settings
from service.web import create_flask
from tests.recognition.test_bringing import coded
from tests.running import tables
from tests.world import World
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.issuer_lists import Lists

ISSUERS = {"national-programme": ["did:web:union.example"]}


@pytest.fixture(scope="module")
def world() -> World:
    found = World()
    found.clock.moment = clock.now().replace(microsecond=0) - timedelta(minutes=1)
    return found


@pytest.fixture(scope="module")
def client(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder: Path = tmp_path_factory.mktemp("house")
    settings = Settings(data=folder)
    db = Database(f"sqlite:///{folder / 'x.sqlite3'}")
    tables(db)
    desk = Desk(network=lambda: world.network, lists=Lists(db))
    bureau = Bureau(desk=desk, db=db, files=FileStore(folder / "brought"), settings=settings)
    problems = Problems(public_url=settings.public_url)
    problems.register(verifier.problems.ROWS)
    problems.register(recognition.problems.ROWS)
    office = Office(bureau=bureau, db=db, settings=settings)
    made = create_flask(settings, problems=problems, db=db, blueprints=(api.blueprint(office),))
    yield made.test_client()
    db.close()


def badge(world: World, code: str, **options: Any) -> bytes:
    """A signed badge of the union, of its own micro-credential."""
    union = world.issuer("union")
    draft = coded(union, code)
    achievement = draft["credentialSubject"]["achievement"]
    achievement["id"] = f"https://union.example/achievements/{code}"
    draft["credentialSubject"].pop("result")
    achievement.pop("resultDescription")
    return union.sign(draft, **options)


def situation(world: World) -> dict[str, Any]:
    year = world.clock.now().year
    return {
        "licence_level": "professional",
        "renewing": "yes",
        "cycle": {"from": f"{year - 2}-01-01", "until": f"{year + 2}-12-31"},
    }


def post(client: FlaskClient, body: object) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/recognise", data=raw, content_type="application/json")


def test_objects_tokens_and_links_are_judged_together(client: FlaskClient, world: World) -> None:
    first, token, linked = badge(world, "SEL1"), badge(world, "SEL2", jwt=True), badge(world, "SEL3")
    link = "https://union.example/credentials/linked"
    world.served[link] = linked
    parts = b", ".join((first, json.dumps(token.decode()).encode(), json.dumps(link).encode()))
    about = json.dumps({"policy": "us-ma-renewal", "facts": situation(world), "issuers": ISSUERS})
    body = about[:-1].encode() + b', "credentials": [' + parts + b"]}"
    response = post(client, body)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    answer = response.get_json()
    assert jsonschema_rs.is_valid(api.ANSWER, answer)
    assert (answer["outcome"], answer["granted"], answer["unit"]) == ("granted", "10", "PDP-MA")
    assert sorted(each["outcome"] for each in answer["credentials"]) == ["granted", "granted", "unused"]
    assert post(client, body).get_json() == answer  # Asking again changes nothing.


def test_a_rule_of_ones_own_is_sent_as_toml(client: FlaskClient, world: World) -> None:
    source = sample("us-tn-pdp").source.decode().replace('["*"]', '["did:web:union.example"]')
    facts = {"cycle": situation(world)["cycle"]}
    asked = {"policy_toml": source, "facts": facts, "credentials": [json.loads(badge(world, "SEL1"))]}
    answer = post(client, asked).get_json()
    assert (answer["outcome"], answer["granted"]) == ("granted", "6")


def test_a_purpose_that_is_always_refused_needs_no_credential(client: FlaskClient) -> None:
    answer = post(client, {"policy": "us-ma-renewal", "facts": {"purpose": "licence-endorsement"}}).get_json()
    assert answer["outcome"] == "refused:never"
    assert answer["granted"] is None
    assert answer["credentials"] == []


def test_nobody_is_trusted_who_is_not_named(client: FlaskClient, world: World) -> None:
    asked = {
        "policy": "us-ma-renewal",
        "facts": situation(world),
        "credentials": [badge(world, "SEL1").decode()],
    }
    assert post(client, asked).get_json()["outcome"] == "refused:issuer"


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        (b"", 400, "document.not-json", None),
        (b"[]", 400, "document.not-an-object", None),
        (b'{"policy": "us-tn-pdp", "policy": "us-ma-renewal"}', 400, "document.duplicate-member", None),
        (b'{"policy": "us-tn-pdp"} more', 400, "document.not-json", None),
        (b'{"policy": "us-tn-pdp", "fun": 1}', 422, "recognition.field", "/fun"),
        (b"{}", 422, "recognition.field", "/policy"),
        (b'{"policy": "\\ud800"}', 400, "document.surrogate", None),
        (b'{"policy_toml": "\\ud800x"}', 400, "document.surrogate", None),
        (b'{"policy": "us-ma-renewal", "issuers": {"\\ud800": ["x"]}}', 400, "document.surrogate", None),
        (b'{"policy": 3}', 422, "recognition.field", "/policy"),
        (b'{"policy": "us-tn-pdp", "policy_toml": "x"}', 422, "recognition.field", "/policy"),
        (b'{"policy": "nowhere"}', 404, "policy.unknown", None),
        (b'{"policy": "us-tn-pdp", "version": "99"}', 404, "policy.unknown", None),
        (b'{"policy_toml": "x = 1"}', 422, "policy.form", "x"),
        (b'{"policy": "us-tn-pdp", "facts": {"rolle": "x"}}', 422, "facts.form", "rolle"),
        (
            b'{"policy": "us-tn-pdp", "facts": {"earned": {"pdp": 1}, "unit": "PDP-MA"}}',
            422,
            "units.mixed",
            None,
        ),
        (b'{"policy": "us-tn-pdp", "credentials": {}}', 422, "recognition.field", "/credentials"),
        (b'{"policy": "us-tn-pdp", "credentials": [3]}', 422, "recognition.field", "/credentials/0"),
        (b'{"policy": "us-tn-pdp", "issuers": []}', 422, "recognition.field", "/issuers"),
        (b'{"policy": "us-tn-pdp", "issuers": {"a": "did:web:x"}}', 422, "recognition.field", "/issuers/a"),
        (b'{"policy": "us-tn-pdp", "list": "nowhere"}', 404, "issuer-list.unknown", None),
        (b"[" * 100_000, 400, "document.too-deep", None),
        (b'{"policy": ' + b"[" * 100_000, 400, "document.too-deep", None),
    ],
)
def test_what_is_not_as_agreed_is_a_problem_with_its_place(
    client: FlaskClient, body: bytes, status: int, code: str, pointer: str | None
) -> None:
    response = post(client, body)
    problem = response.get_json()
    assert response.content_type == "application/problem+json"
    assert (response.status_code, problem["code"]) == (status, code)
    if pointer is not None:
        assert problem["errors"][0]["pointer"] == pointer


def test_what_is_no_credential_is_answered_and_stops_nothing(client: FlaskClient, world: World) -> None:
    asked = {
        "policy": "us-tn-pdp",
        "facts": situation(world),
        "issuers": {"x": []},
        "credentials": ["rubbish", {}, badge(world, "SEL1").decode().replace("Teamwork", "Leadership")],
    }
    answer = post(client, asked).get_json()
    assert [each["outcome"] for each in answer["credentials"]] == ["refused:unverified"] * 3
    assert [each["place"] for each in answer["credentials"]] == [f"credentials[{n}]" for n in range(3)]


def test_facts_are_in_no_log(client: FlaskClient, world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    post(client, {"policy": "us-ma-renewal", "facts": {**situation(world), "role": "a very unusual role"}})
    assert "unusual" not in caplog.text


def test_a_credential_in_a_request_keeps_its_bytes() -> None:
    odd = b'{ "b" : 1.50,\n "a":[ 1e3 ,"x"] , "e": "\\u00e4" }'
    asked = question(b'{"policy": "p", "credentials": [' + odd + b' , "text"]}')
    assert [each.body for each in asked.things] == [odd, b"text"]
    assert sha256_hex(asked.things[0].body or b"") == sha256_hex(odd)


def test_a_request_has_limits() -> None:
    for one, most in (("rubbish", CREDENTIALS), ("https://union.example/1", LINKS)):
        body = {"policy": "p", "credentials": [one] * most}
        assert len(question(json.dumps(body).encode()).things) == most
        body["credentials"] = [one] * (most + 1)
        with pytest.raises(RecognitionFieldError):
            question(json.dumps(body).encode())


def test_a_number_is_refused_rather_than_cut() -> None:
    long = b'{"policy": "us-ma-renewal", "facts": {"hours": 1.%s}}'
    assert question(long % (b"0" * 30)).policy == "us-ma-renewal"
    with pytest.raises(RecognitionFieldError):
        question(long % (b"0" * 60 + b"e9"))
