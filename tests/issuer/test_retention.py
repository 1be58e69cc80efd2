# SPDX-License-Identifier: Apache-2.0
"""What is signed for a receipt does not stay with the issuer; what it has awarded does."""

from __future__ import annotations

import json
from datetime import timedelta

import app
from credentials.digests import sha256_hex
from issuer.mint import Mint
from issuer.store import credentials as rows
from service import audit
from service.settings import Settings
from tests.issuer.house import NOW, issued
from verifier import receipt
from verifier.asked import Asked
from verifier.intake import read


def test_receipts_leave_nothing_at_the_issuer_but_that_something_was_signed(mint: Mint) -> None:
    award = issued(mint)
    assert award.signed_json is not None
    house = app.open_house(Settings(data=mint.settings.data))
    asked = Asked(recipient="alex.educator@school.example")
    looked = receipt.look(house.bureau, asked, presented=read(award.signed_json), url=None, now=NOW)
    made = receipt.keep(house.bureau, looked, asked, now=NOW)
    assert made.signed is not None
    statement = f"{made.address}.json"
    with mint.db.reading() as session:
        copy = rows.find(session, statement)
    assert copy is not None
    receipt.tidy(house.bureau, now=NOW)  # it may still be in the middle of its cycle
    with mint.db.reading() as session:
        assert rows.find(session, statement) is not None
    later = NOW + timedelta(hours=2)
    receipt.tidy(house.bureau, now=later)
    with mint.db.reading() as session:
        assert rows.find(session, statement) is None
        assert rows.every(session) == (award.key,)
        lines = audit.lines(session, subject=copy.key)
        assert audit.check(session) is None
    told = json.dumps([dict(line.detail) for line in lines])
    assert sha256_hex(made.signed) in told
    assert award.key not in told
    found = receipt.find(house.bureau, made.id, now=later)
    assert found.signed == made.signed
    assert receipt.prove(house.bureau, found, now=later).state == "holds"
    house.jobs.close()
    house.db.close()
