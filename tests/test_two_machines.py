# SPDX-License-Identifier: Apache-2.0
"""Two machines are one house: what one does, the other knows at once (docs/scale.md).

Each has a data folder of its own. They share the database, the folder of sealed keys, which the second one
cannot write, and the bucket of files.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import app
from credentials.verification_method import KeyAlgorithm
from issuer import achievements, cards, credential_page, revocation
from issuer.award import AwardState
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from keys.errors import KeyStateError
from service import tokens
from service.accounts import people, sessions
from service.settings import Settings
from tests.issuer.house import NOW, issued, lists_published, make_house, members
from tests.service import s3

ISSUER = "example-education"
STRANGER = {"REMOTE_ADDR": "203.0.113.9"}
COOKIE = "hallmark-session"


@dataclass(frozen=True)
class Machine:
    web: Flask
    house: app.House

    @property
    def mint(self) -> Mint:
        return self.house.mint

    @property
    def client(self) -> FlaskClient:
        return self.web.test_client()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    shared = make_house(tmp_path / "shared")
    made = []
    with s3.serving() as bucket:
        for name in ("first", "second"):
            settings = Settings(
                data=tmp_path / name,
                database_url=f"sqlite:///{shared / 'hallmark.sqlite3'}",
                keys_folder=shared / "keys",
                keys_passphrase_file=shared / "keys-passphrase",
                files_url=f"s3://{s3.BUCKET}",
                files_endpoint=bucket.url,
                files_region=s3.REGION,
                files_access_key=s3.ACCESS_KEY,
                files_secret_key=s3.SECRET_KEY,
                checks_per_minute=3,
            )
            web = app.create_app(settings)
            made.append(Machine(web, web.extensions["hallmark"]))
        yield made[0], made[1]
        for machine in made:
            machine.house.jobs.close()
            machine.house.db.close()


def test_a_key_that_one_rotates_is_used_and_published_by_the_other(
    machines: tuple[Machine, Machine],
) -> None:
    first, second = machines
    old = second.mint.cabinet.signer(ISSUER, KeyAlgorithm.ED25519)
    new = first.mint.cabinet.rotate(ISSUER, KeyAlgorithm.ED25519, now=NOW)
    with pytest.raises(KeyStateError):
        old.sign(b"anything")
    published = json.loads(second.client.get(f"/issuers/{ISSUER}/did.json").data)
    assert any(method["id"].endswith(new.id) for method in published["verificationMethod"])
    proof = members(issued(second.mint))["proof"]
    assert proof[0]["verificationMethod"].endswith(new.id)
    first.mint.cabinet.compromised(ISSUER, new.id, since=NOW, now=NOW)
    with pytest.raises(KeyStateError):
        second.mint.cabinet.require_active(new.public_key)


def test_a_version_that_one_registers_is_awarded_by_the_other(machines: tuple[Machine, Machine]) -> None:
    first, second = machines
    assert second.client.get("/achievements/SEL1-v2.json").status_code == 404
    newer = achievements.source(first.mint, "SEL1-v1").replace(b'version = "1"', b'version = "2"')
    achievements.register(first.mint, newer, issuer=ISSUER, name="sel1-v2.toml", now=NOW)
    assert second.client.get("/achievements/SEL1-v2.json").status_code == 200
    found = issued(second.mint, achievement="SEL1-v2", submission="at the second")
    assert first.client.get(f"/credentials/{found.key}.json").data == found.signed_json


def test_what_one_revokes_is_revoked_at_the_other(machines: tuple[Machine, Machine]) -> None:
    first, second = machines
    found = issued(second.mint)
    listed = members(found)["credentialStatus"][0]["statusListCredential"].removeprefix(
        second.mint.public_url
    )
    lists_published(first.mint)
    before = second.client.get(listed)
    page = {"Accept": "text/html"}
    assert "revoked" not in second.client.get(f"/credentials/{found.key}", headers=page).text.casefold()
    wanted = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
    revocation.decide(first.mint, found.key, wanted, now=NOW, actor="test")
    lists_published(first.mint, now=NOW + timedelta(seconds=1))
    assert second.client.get(listed).headers["ETag"] != before.headers["ETag"]
    assert second.client.get(listed).data == first.client.get(listed).data
    assert "revoked" in second.client.get(f"/credentials/{found.key}", headers=page).text.casefold()


def test_who_signs_in_at_one_is_signed_in_and_out_at_both(machines: tuple[Machine, Machine]) -> None:
    first, second = machines
    with first.house.db.transaction() as session:
        person = people.create(
            session, email="alex@school.example", name="Alex Educator", confirmed_at=NOW, now=NOW
        )
        begun, presented = sessions.begin(session, person.id, user_agent="test", now=NOW)
    visitor = second.client
    visitor.set_cookie(COOKIE, presented)
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    assert visitor.get("/account", headers=headers).status_code == 200
    # The token of its forms belongs to the sign-in, so the other machine takes a form of this one.
    assert visitor.post("/sign-out", data={"csrf": begun.csrf}, headers=headers).status_code == 303
    again = first.client
    again.set_cookie(COOKIE, presented)
    assert again.get("/account", headers=headers).status_code == 303


def test_a_request_that_is_repeated_at_the_other_is_done_once(machines: tuple[Machine, Machine]) -> None:
    first, second = machines
    with first.house.db.transaction() as session:
        _, presented = tokens.new(
            session,
            label="test",
            scopes=("credentials:write",),
            actor="test",
            now=NOW,
            lifetime=timedelta(days=2),
        )
    body = {
        "achievement": "SEL1",
        "recipient": {"email": "alex@school.example", "name": "Alex Educator"},
        "evidence": [{"name": "Journal", "content": base64.b64encode(b"a journal").decode()}],
    }
    answers = [
        machine.client.post(
            "/credentials",
            data=json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {presented}", "Idempotency-Key": "one"},
        )
        for machine in (first, second)
    ]
    assert [answer.status_code for answer in answers] == [201, answers[0].status_code]
    assert answers[0].data == answers[1].data
    assert "Idempotent-Replayed" in answers[1].headers


def test_a_file_that_one_keeps_is_read_by_the_other(machines: tuple[Machine, Machine]) -> None:
    first, second = machines
    stored = first.house.programme.files.put(b"evidence", media_type="text/plain")
    assert second.house.programme.files.get(stored.id) == b"evidence"
    assert not second.house.bureau.files.exists(stored.id)
    for machine in machines:
        assert not (machine.house.settings.data / "files").exists()


def test_each_draws_cards_of_its_own_and_they_are_the_same(machines: tuple[Machine, Machine]) -> None:
    first, second = machines
    found = issued(first.mint)
    faces = [credential_page.face(each.mint, found.key, now=NOW) for each in machines]
    drawn = [cards.card(each.mint, face) for each, face in zip(machines, faces, strict=True)]
    assert drawn[0] == drawn[1]
    assert second.client.get(cards.path(found.key, faces[0])).data == drawn[0]


def test_limits_that_are_counted_in_memory_count_on_each(machines: tuple[Machine, Machine]) -> None:
    first, second = machines
    ask = {"data": {"credential": "{}"}, "environ_base": STRANGER}
    codes = [first.client.post("/verify", **ask).status_code for _ in range(4)]
    assert codes[-1] == 429
    assert 429 not in codes[:-1]
    assert second.client.post("/verify", **ask).status_code != 429
