# SPDX-License-Identifier: Apache-2.0
"""Award, issue and take back over HTTP: strict, scoped, and never twice."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from issuer import publish
from issuer.mint import Mint
from issuer.store import credentials as rows
from service import clock, tokens
from tests.issuer.house import NOW, verdict
from tests.vectors import available, shared

BODY: dict[str, Any] = {
    "achievement": "SEL1",
    "recipient": {"email": "alex@school.example", "name": "Alex Educator"},
    "results": {"noticing": "Proficient"},
    "evidence": [
        {"name": "Journal", "genre": "Journal", "content": base64.b64encode(b"a journal").decode()},
        {"name": "Answer", "text": "What I noticed."},
    ],
    "activity": {"start": "2026-01-02T00:00:00Z", "end": "2026-02-20T00:00:00+01:00"},
}


def post(client: FlaskClient, token: str | None, body: Any, *, key: str | None = "key-1") -> TestResponse:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    if key is not None:
        headers["Idempotency-Key"] = key
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/credentials", data=data, headers=headers, content_type="application/json")


def code(answer: TestResponse) -> str:
    assert answer.content_type == "application/problem+json"
    return str(json.loads(answer.data)["code"])


def test_mints_and_answers_with_the_signed_credential(mint: Mint, client: FlaskClient, token: str) -> None:
    answer = post(client, token, BODY)
    assert answer.status_code == 201
    assert answer.content_type == "application/vc+ld+json"
    location = answer.headers["Location"]
    assert json.loads(answer.data)["id"] == location
    assert client.get(location.removeprefix("http://127.0.0.1:8080")).data == answer.data
    assert verdict(mint, answer.data, now=clock.now() + timedelta(minutes=1)) == "valid"
    assert b"alex@" not in answer.data


def test_the_same_request_again_is_the_first_answer_again(client: FlaskClient, token: str) -> None:
    first, again = post(client, token, BODY), post(client, token, BODY)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]


def test_the_same_key_with_another_body_is_refused(client: FlaskClient, token: str) -> None:
    post(client, token, BODY)
    answer = post(client, token, BODY | {"narrative": "More."})
    assert (answer.status_code, code(answer)) == (409, "idempotency.key-reused")


@pytest.mark.parametrize("key", ["key-1", "key-2"])
def test_what_was_refused_may_be_corrected_and_asked_for_again(
    client: FlaskClient, token: str, key: str
) -> None:
    link = "https://school.example/journal"
    evidence = [{"name": name, "text": "a journal", "url": link} for name in ("Journal", "Diary")]
    body = BODY | {"submission": "s-1"}
    refused = post(client, token, body | {"evidence": evidence})
    assert (refused.status_code, code(refused)) == (422, "lint")
    corrected = post(client, token, body, key=key)
    assert corrected.status_code == 201
    assert "Idempotent-Replayed" not in corrected.headers
    again = post(client, token, body, key=key)
    assert (again.data, again.headers["Idempotent-Replayed"]) == (corrected.data, "true")


def test_a_submission_is_awarded_once(client: FlaskClient, token: str) -> None:
    post(client, token, BODY | {"submission": "s-1"}, key="one")
    answer = post(client, token, BODY | {"submission": "s-1"}, key="two")
    assert (answer.status_code, code(answer)) == (409, "award.duplicate")


def test_a_jwt_is_given_on_request(mint: Mint, client: FlaskClient, token: str) -> None:
    answer = client.post(
        "/credentials",
        data=json.dumps(BODY),
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k", "Accept": "application/vc+jwt"},
    )
    assert answer.content_type == "application/vc+jwt"
    assert verdict(mint, answer.data, now=clock.now() + timedelta(minutes=1)) == "valid"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"surprise": 1}, 422),
        ({"achievement": 7}, 422),
        ({"achievement": "SEL9"}, 404),
        ({"recipient": {"email": "nobody"}}, 422),
        ({"recipient": {"email": "a@b.example", "phone": "1"}}, 422),
        ({"results": {"noticing": "Basic"}}, 422),
        ({"results": {"noticing": 3}}, 422),
        ({"results": {"other": "Basic"}}, 422),
        ({"evidence": [{"name": "x"}]}, 422),
        ({"evidence": [{"name": "x", "content": "not base64!"}]}, 422),
        ({"evidence": [{"name": "x", "text": "a", "digest_multibase": "z"}]}, 422),
        ({"evidence": [{"name": "x", "digest_multibase": "z"}]}, 422),
        ({"evidence": [{"name": "x\u0007", "text": "a"}]}, 422),
        ({"awarded_date": "yesterday"}, 422),
        ({"awarded_date": "2026-01-01"}, 422),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    mint: Mint, client: FlaskClient, token: str, changes: dict[str, Any], status: int
) -> None:
    answer = post(client, token, BODY | changes)
    assert answer.status_code == status, answer.text
    assert json.loads(answer.data)["detail"]
    with mint.db.reading() as session:
        assert rows.unfinished(session) == rows.every(session) == ()


@pytest.mark.parametrize("key", [None, "", "with space", "x" * 256])
def test_an_idempotency_key_is_required(client: FlaskClient, token: str, key: str | None) -> None:
    assert post(client, token, BODY, key=key).status_code == 400


def test_tokens_are_asked_for_and_scoped(mint: Mint, client: FlaskClient) -> None:
    with mint.db.transaction() as session:
        _, other = tokens.new(
            session, label="x", scopes=("status:write",), actor="test", now=NOW, lifetime=timedelta(days=1)
        )
    assert post(client, None, BODY).status_code == 401
    assert post(client, "hm_nothing", BODY).status_code == 401
    assert post(client, other, BODY).status_code == 403


def test_status_can_be_changed_and_a_withdrawal_is_final(mint: Mint, client: FlaskClient, token: str) -> None:
    made = post(client, token, BODY)
    link = made.headers["Location"].removeprefix("http://127.0.0.1:8080") + "/status"
    headers = {"Authorization": f"Bearer {token}"}

    def change(**body: str) -> TestResponse:
        return client.post(link, data=json.dumps(body), headers=headers)

    later = clock.now() + timedelta(minutes=1)
    assert change(status="suspended", reason="under-review").status_code == 200
    assert verdict(mint, made.data, now=later) == "suspended"
    assert change(status="issued", reason="review-ended").status_code == 200
    assert verdict(mint, made.data, now=later) == "valid"
    answer = change(status="revoked", reason="issued-in-error", public_reason="Issued twice.")
    assert json.loads(answer.data)["status"] == "revoked"
    assert verdict(mint, made.data, now=later) == "revoked"
    assert (change(status="issued", reason="other").status_code) == 409
    again = change(status="revoked", reason="words of our own are a note, and this changes nothing")
    assert json.loads(again.data)["reason"] == "issued-in-error"
    assert change(status="revoked", reason="").status_code == 422
    assert change(status="superseded", reason="other").status_code == 422
    assert client.post(link, data=b"{}").status_code == 401


def test_status_of_an_unknown_credential_is_a_404(client: FlaskClient, token: str) -> None:
    answer = client.post(
        "/credentials/00000000-0000-4000-8000-000000000000/status",
        data=json.dumps({"status": "revoked", "reason": "other"}),
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 404


@pytest.mark.skipif(not available("JSONTestSuite"), reason="published vectors are not here")
def test_hostile_json_is_never_a_server_error(client: FlaskClient, token: str) -> None:
    suite = shared("JSONTestSuite/test_parsing")
    for number, file in enumerate(sorted(suite.iterdir())):
        answer = post(client, token, file.read_bytes(), key=f"suite-{number}")
        assert 400 <= answer.status_code < 500, (file.name, answer.status_code)


def test_the_api_describes_itself(client: FlaskClient) -> None:
    described = json.loads(client.get("/openapi.json").data)
    assert described["paths"]["/credentials"]["post"]["security"] == [{"token": ["credentials:write"]}]
    assert "/credentials/{key}/status" in described["paths"]
    assert "/status/{list_id}" in described["paths"]


def test_private_salts_are_kept_and_not_published(mint: Mint, client: FlaskClient, token: str) -> None:
    made = post(client, token, BODY)
    key = made.headers["Location"].rpartition("/")[2]
    with mint.db.reading() as session:
        kept = rows.award(session, key)
    assert kept is not None
    salts = [piece.salt for piece in kept.request.evidence]
    assert all(len(salt) == 16 for salt in salts)
    assert len(set(salts)) == 2
    document = publish.published(mint, made.headers["Location"], now=NOW)
    assert document is not None
    for salt in salts:
        assert salt.hex().encode() not in document.body
