# SPDX-License-Identifier: Apache-2.0
"""P1: the page, JSON, picture, card, frame, Open Graph or a header leaks an address, evidence, or an attempt.

Canaries are planted wherever an award keeps something that nobody else shall see, and none of them comes out
in any form of the credential, at any state, to anybody.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import app
from issuer import names, reissue, revocation
from issuer.award import AwardState, evidence_of
from issuer.reissue import Correction
from issuer.revocation import Decision, Reason
from service import typeset
from service.settings import Settings
from tests.issuer.house import NOW, issued, make_house

EMAIL = "canary.address.4711@school.example"
NEW_EMAIL = "canary.changed.4711@school.example"
NAME = "Canary Hidden-Name"
SECRETS = (
    EMAIL,
    NEW_EMAIL,
    NAME,
    "canary-file-content-4711",
    "canary-note-4711",
    "canary-submission-4711",
    "canary-key-4711",
    "canary-private-address",
    "canary-actor-4711",
)
BROWSER = "text/html,*/*;q=0.8"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = make_house(tmp_path_factory.mktemp("house"))
    service = app.create_app(Settings(data=folder, checks_per_minute=0))
    yield service
    service.extensions["hallmark"].db.close()


def spoken(body: bytes) -> bytes:
    """Everything in ``body`` that could be read, also what is packed or encoded."""
    parts = [body]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", body, re.DOTALL):
        try:
            parts.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    for text in re.findall(rb"[A-Za-z0-9_-]{24,}", body):
        try:
            parts.append(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))
        except ValueError:
            continue
    return b"\n".join(parts).lower()


def surfaces(key: str) -> list[str]:
    forms = ["", ".json", ".jwt", ".png", ".svg", "/card.png", "/qr.svg", "/qr.png"]
    if typeset.is_available():
        forms.append(".pdf")
    link = f"http://127.0.0.1:8080/credentials/{key}"
    return [
        *(f"/credentials/{key}{form}" for form in forms),
        f"/embed/{key}",
        f"/oembed?url={link}",
        f"/verify?url={link}",
        "/",
        "/robots.txt",
    ]


def look(house: Flask, key: str) -> None:
    client = house.test_client(use_cookies=False)
    for path in surfaces(key):
        for accept in (BROWSER, "application/json"):
            answer = client.get(path, headers={"Accept": accept})
            assert answer.status_code in (200, 406), path
            told = spoken(answer.data + str(answer.headers).encode())
            for secret in SECRETS:
                assert secret.lower().encode() not in told, (path, accept, secret)
            assert "Set-Cookie" not in answer.headers


def test_no_surface_of_a_credential_tells_what_is_nobodys_business(house: Flask) -> None:
    mint = house.extensions["hallmark"].mint
    journal = evidence_of(b"canary-file-content-4711", name="Journal", salt=b"canary-private-address")
    found = issued(
        mint,
        email=EMAIL,
        name=NAME,
        hides_name=True,
        submission="canary-submission-4711",
        idempotency_key="canary-key-4711",
        request_digest="d",
        evidence=(journal,),
    )
    look(house, found.key)
    names.show(mint, found.key, NAME, now=NOW, actor="canary-actor-4711")
    names.hide(mint, found.key, now=NOW, actor="canary-actor-4711")
    look(house, found.key)
    new = reissue.reissue(
        mint,
        found.key,
        reason="canary-note-4711",
        correction=Correction(email=NEW_EMAIL),
        now=NOW,
        actor="canary-actor-4711",
    )
    look(house, found.key)
    look(house, new.key)
    for wanted, reason in ((AwardState.SUSPENDED, Reason.UNDER_REVIEW), (AwardState.REVOKED, Reason.OTHER)):
        decision = Decision(wanted, reason, note="canary-note-4711")
        revocation.decide(mint, new.key, decision, now=NOW, actor="canary-actor-4711")
        look(house, found.key)
        look(house, new.key)
