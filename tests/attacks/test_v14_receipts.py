# SPDX-License-Identifier: Apache-2.0
"""V14: the verifier as oracle or weapon: what is signed about a check holds our own words only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service.db import Database
from tests.running import tables
from tests.verifier.sealing import kept, open_bureau
from tests.world import Issuer, World, timed_out
from verifier import receipt
from verifier.asked import NOTHING, Asked
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.receipt_record import BatchLine, BatchSummary
from verifier.store.memory import ListMemory

WORD = "PAY-EVE-1000"  # what somebody wants to have signed
ADDRESS = f"https://union.example/{WORD}"


@pytest.fixture
def bureau(tmp_path: Path, world: World) -> Any:
    db = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    tables(db)
    desk = Desk(network=lambda: world.network, memory=ListMemory(db))
    yield open_bureau(tmp_path, db, desk, world.issuer("house"))
    db.close()


def everywhere(union: Issuer) -> dict[str, Any]:
    """A genuine badge with the word in every text that its issuer chooses."""
    draft = union.draft(id=ADDRESS)
    draft["name"] = draft["description"] = WORD
    draft["issuer"] = {**union.profile, "name": WORD, "url": f"https://union.example/{WORD}"}
    achievement = draft["credentialSubject"]["achievement"]
    achievement["name"] = achievement["description"] = WORD
    return draft


@pytest.mark.parametrize("jwt", [False, True])
@pytest.mark.parametrize("change", [None, "forged", "added", "revoked"])
def test_nobody_has_us_sign_their_words(
    bureau: Bureau, world: World, union: Issuer, jwt: bool, change: str | None
) -> None:
    badge = union.sign(everywhere(union), jwt=jwt)
    if change == "forged":
        badge = (
            badge[:-8] + b"AAAAAAAA"
            if jwt
            else badge.replace(b'"description":"' + WORD.encode(), b'"description":"x' + WORD.encode(), 1)
        )
    if change == "added" and not jwt:
        badge = json.dumps({**json.loads(badge), WORD: WORD}).encode()
    if change == "revoked":
        union.revoke(badge)
    asked = Asked(recipient=WORD)
    found = kept(bureau, badge, asked=asked, now=world.clock.now())
    assert found.signed is not None
    assert WORD.encode() not in found.signed
    assert world.look(found.signed).verdict == "valid"


def test_an_address_is_not_signed_either(bureau: Bureau, world: World) -> None:
    world.served[ADDRESS] = timed_out(WORD)
    found = kept(bureau, None, url=ADDRESS, now=world.clock.now())
    assert WORD.encode() not in (found.signed or b"")


def test_a_report_signs_none_of_what_was_brought(bureau: Bureau, world: World) -> None:
    line = BatchLine(
        place=WORD,
        reference=WORD,
        verdict=None,
        sentence=WORD,
        credential_id=WORD,
        title=WORD,
        issuer=WORD,
        recognised=None,
        sha256="",
        needs_you=False,
        checked_at=None,
    )
    found = receipt.keep_batch(
        bureau, BatchSummary(WORD, WORD, NOTHING, list_title=WORD), [line], now=world.clock.now()
    )
    assert WORD.encode() not in (found.signed or b"")


def test_a_forged_badge_does_not_have_us_say_no_to_the_real_one(
    bureau: Bureau, world: World, union: Issuer
) -> None:
    """Whoever writes the id of somebody's badge into a file of their own gets no statement about that id."""
    badge = union.mint()
    identifier = json.loads(badge)["id"]
    forged = badge.replace(b"Teamwork in the classroom", b"Something else", 1)
    found = kept(bureau, forged, now=world.clock.now())
    assert json.loads(found.record)["verdict"] == "invalid"
    assert identifier.encode() not in (found.signed or b"")
