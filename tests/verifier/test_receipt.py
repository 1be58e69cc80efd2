# SPDX-License-Identifier: Apache-2.0
"""A verdict that is kept: the record, the signed statement over it, and what is never in them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from credentials import schema
from credentials.baking import png
from credentials.errors import BrokenError
from service.db import Database
from tests import raw
from tests.attacks.test_d7_baked_files import PICTURE
from tests.verifier.sealing import WorldSeal, kept, open_bureau
from tests.world import OWNER, Issuer, World, timed_out
from verifier import issuer_lists, receipt, receipt_room, receipt_view
from verifier.asked import NOTHING, Asked
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.errors import NoSuchIssuerListError, NoSuchReceiptError, ReceiptsFullError
from verifier.receipt import Receipt
from verifier.receipt_record import BatchLine, BatchSummary
from verifier.verdict import Verdict

ADDRESS = "https://union.example/credentials/1"
SOMEBODY = "eve@elsewhere.example"
CYCLE = Asked(cycle_from=date(2020, 7, 1), cycle_until=date(2021, 6, 30))


@pytest.fixture
def union(world: World) -> Issuer:
    return world.issuer("union")


@pytest.fixture
def house(world: World) -> Issuer:
    """Whoever answers for the desk."""
    return world.issuer("house")


@pytest.fixture
def bureau(tmp_path: Path, db: Database, desk: Desk, house: Issuer) -> Bureau:
    return open_bureau(tmp_path, db, desk, house)


def record(found: Receipt) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(found.record)
    return members


def signed(found: Receipt) -> dict[str, Any]:
    assert found.signed is not None
    members: dict[str, Any] = json.loads(found.signed)
    return members


def words(found: Receipt) -> str:
    return str(signed(found)["credentialSubject"]["endorsementComment"])


def line(number: int, verdict: Verdict | None, **changes: Any) -> BatchLine:
    made = BatchLine(
        place=f"row {number}",
        reference="",
        verdict=verdict,
        sentence="This was found.",
        credential_id=None,
        title=None,
        issuer=None,
        recognised=None,
        sha256="",
        needs_you=False,
        checked_at=None,
    )
    return replace(made, **changes)


# -- what is in it ------------------------------------------------------------------------------------------


def test_the_record_says_what_was_examined_when_and_against_what(
    bureau: Bureau, world: World, union: Issuer
) -> None:
    badge, now = union.mint(), world.clock.now()
    found = kept(bureau, badge, now=now, asked=CYCLE)
    told = record(found)
    assert (told["type"], told["id"], told["verdict"]) == ("verification-receipt/1", found.address, "valid")
    assert told["examined"]["sha256"] == hashlib.sha256(badge).hexdigest()
    assert told["by"]["name"] == "The Desk"
    assert [row["row"] for row in told["rows"]] == list(range(1, 14))
    assert told["cycle"] == {"from": "2020-07-01", "until": "2021-06-30"}
    assert told["credential"]["name"] == "Teamwork in the classroom"
    assert all(entry["url"] and entry["valid_from"] for entry in told["details"]["status"])
    assert (told["recipient"], told["issuer_list"], told["examined"]["url"]) == ("not-asked", None, None)


def test_the_statement_is_an_endorsement_that_verifies_and_names_the_record(
    bureau: Bureau, world: World, union: Issuer, house: Issuer
) -> None:
    badge = union.mint()
    found = kept(bureau, badge, now=world.clock.now())
    report = world.look(found.signed or b"")
    assert (report.verdict, report.is_statement, report.issuer.id) == ("valid", True, house.id)
    members = signed(found)
    assert schema.findings(members).flavour == "strict"
    assert members["credentialSubject"]["id"] == found.address
    assert members["name"] == "Verification receipt: Valid"
    assert receipt.names(found.signed or b"", found.record)
    assert hashlib.sha256(badge).hexdigest() in words(found)
    assert receipt.prove(bureau, found, now=world.clock.now()).state == "holds"


def test_what_it_says_is_read_back_as_it_was(bureau: Bureau, world: World, union: Issuer) -> None:
    found = kept(bureau, union.mint(), now=world.clock.now(), asked=CYCLE)
    view = receipt_view.check_view(found)
    assert (view.answer.word, view.answer.tone, view.title) == (
        "Valid",
        "neutral",
        "Teamwork in the classroom",
    )
    assert len(view.rows) == 13
    assert {check.check for check in view.checks} >= {"proof", "status"}
    assert view.asked == CYCLE
    assert receipt.find(bureau, found.id, now=world.clock.now()) == found


def test_of_a_picture_the_credential_inside_is_kept_and_both_are_named(
    bureau: Bureau, world: World, union: Issuer
) -> None:
    for badge in (union.mint(), union.mint(jwt=True)):
        picture = png.bake(PICTURE, badge.decode())
        found = kept(bureau, picture, now=world.clock.now())
        assert found.examined == badge
        examined = record(found)["examined"]
        assert examined["container"] == "png"
        assert examined["sha256"] == hashlib.sha256(picture).hexdigest()
        assert examined["credential_sha256"] == hashlib.sha256(badge).hexdigest()


def test_a_credential_of_uncommon_size_is_named_and_not_kept(
    bureau: Bureau, world: World, union: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    badge = union.mint()
    monkeypatch.setattr(receipt, "EXAMINED_BYTES", len(badge))
    assert kept(bureau, badge, now=world.clock.now()).examined == badge
    monkeypatch.setattr(receipt, "EXAMINED_BYTES", len(badge) - 1)
    found = kept(bureau, badge, now=world.clock.now())
    assert found.examined is None
    assert record(found)["examined"]["sha256"] == hashlib.sha256(badge).hexdigest()


def test_a_silent_host_gives_a_receipt_that_nothing_could_be_had(bureau: Bureau, world: World) -> None:
    world.served[ADDRESS] = timed_out("union.example")
    found = kept(bureau, None, url=ADDRESS, now=world.clock.now())
    told = record(found)
    assert (told["verdict"], told["examined"]) == ("undetermined", {"url": ADDRESS})
    assert found.examined is None
    assert "could not be had" in words(found)
    assert len(signed(found)["relatedResource"]) == 1


def test_what_stands_at_an_address_is_read_from_there(bureau: Bureau, world: World, union: Issuer) -> None:
    badge = union.mint()
    world.served[ADDRESS] = badge
    found = kept(bureau, None, url=ADDRESS, now=world.clock.now())
    assert found.examined == badge
    assert receipt_view.check_view(found).url == ADDRESS


def test_a_list_is_named_with_its_version(bureau: Bureau, db: Database, world: World, union: Issuer) -> None:
    now = world.clock.now()
    lists = replace(bureau, desk=replace(bureau.desk, lists=issuer_lists.Lists(db)))
    listing = issuer_lists.ensure(lists, "district", "The District", actor="test", now=now)
    found = kept(lists, union.mint(), now=now, asked=Asked(issuers="district"))
    told = record(found)
    assert told["issuer_list"] == {
        "name": "district",
        "title": "The District",
        "version": listing.version,
    }
    assert told["recognised_issuer"] is False
    facts = {fact.label: fact.value for fact in receipt_view.check_view(found).circumstances}
    assert facts["List of issuers"] == f"The District, version {listing.version}"


def test_a_list_that_is_not_there_is_said_before_anything_is_kept(
    bureau: Bureau, world: World, union: Issuer
) -> None:
    with pytest.raises(NoSuchIssuerListError):
        kept(bureau, union.mint(), now=world.clock.now(), asked=Asked(issuers="nobody-has-it"))


# -- what is never in it ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "word"),
    [(OWNER, "matched"), (SOMEBODY, "not-matched"), ("Somebody Else", "could-not-say")],
)
def test_whose_it_should_be_is_told_as_an_answer_and_never_as_what_was_typed(
    bureau: Bureau, world: World, tmp_path: Path, typed: str, word: str
) -> None:
    badge = world.issuer("union").mint()
    found = kept(bureau, badge, now=world.clock.now(), asked=Asked(recipient=typed))
    assert record(found)["recipient"] == word
    assert "Whose it should be was asked for" in words(found)
    (row,) = raw.rows(bureau.db, "SELECT * FROM verifier_receipts")
    everything = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert found.record in everything
    assert typed.encode() not in everything


def test_of_what_is_not_genuine_nothing_is_told_that_it_says(
    bureau: Bureau, world: World, union: Issuer
) -> None:
    forged = union.mint().replace(b"Teamwork in the classroom", b"Doctor of everything")
    found = kept(bureau, forged, now=world.clock.now())
    told = record(found)
    assert told["verdict"] == "invalid"
    assert (told["credential"], told["issuer"], told["details"]) == ({}, None, None)
    assert {check["outcome"] for check in told["checks"]} <= {"fail", "indeterminate"}
    for text in (found.record.decode(), words(found)):
        assert "Doctor of everything" not in text
        assert union.title not in text
        assert "union.example/credentials" not in text
    view = receipt_view.check_view(found)
    assert (view.title, view.facts) == ("", ())
    assert signed(found)["name"] == "Verification receipt: Not genuine"


def test_a_revoked_badge_keeps_its_name_and_the_verdict(bureau: Bureau, world: World, union: Issuer) -> None:
    badge = union.mint()
    union.revoke(badge)
    found = kept(bureau, badge, now=world.clock.now())
    assert record(found)["credential"]["name"] == "Teamwork in the classroom"
    assert signed(found)["name"] == "Verification receipt: Withdrawn"


# -- whether it can be believed ----------------------------------------------------------------------------


@pytest.mark.parametrize("place", [b'"verdict":"invalid"', b"Not genuine", b'"made_at":"2'])
def test_a_changed_record_is_found(bureau: Bureau, world: World, union: Issuer, place: bytes) -> None:
    forged = union.mint().replace(b"Teamwork", b"Teamplay")
    found = kept(bureau, forged, now=world.clock.now())
    assert place in found.record
    changed = replace(found, record=found.record.replace(place, place.replace(b"i", b"I", 1) + b" "))
    assert receipt.prove(bureau, changed, now=world.clock.now()).state == "broken"


def test_a_changed_statement_is_found(bureau: Bureau, world: World, union: Issuer) -> None:
    badge = union.mint()
    union.revoke(badge)
    found = kept(bureau, badge, now=world.clock.now())
    assert found.signed is not None
    changed = replace(found, signed=found.signed.replace(b"Withdrawn", b"Valid"))
    assert receipt.prove(bureau, changed, now=world.clock.now()).state == "broken"


def test_a_signer_who_cannot_be_asked_leaves_it_open(
    bureau: Bureau, world: World, union: Issuer, house: Issuer
) -> None:
    found = kept(bureau, union.mint(), now=world.clock.now())
    world.go_offline(house.name)
    assert receipt.prove(bureau, found, now=world.clock.now()).state == "unclear"


@pytest.mark.parametrize("seal", [None, "nobody"])
def test_where_nobody_can_sign_it_says_so(
    bureau: Bureau, world: World, union: Issuer, house: Issuer, seal: str | None
) -> None:
    unsigned = replace(bureau, seal=None if seal is None else WorldSeal(house, is_able=False))
    found = kept(unsigned, union.mint(), now=world.clock.now())
    assert found.signed is None
    proof = receipt.prove(unsigned, found, now=world.clock.now())
    assert proof.state == "unsigned"
    assert "not signed" in proof.sentence
    assert receipt_view.signer(found) is None


def test_nothing_is_kept_when_signing_fails(
    bureau: Bureau, world: World, union: Issuer, tmp_path: Path
) -> None:
    class Broken(WorldSeal):
        def __call__(self, *_: Any, **__: Any) -> bytes:
            raise BrokenError("The key is not at hand.")

    with pytest.raises(BrokenError):
        kept(replace(bureau, seal=Broken(union)), union.mint(), now=world.clock.now())
    assert raw.rows(bureau.db, "SELECT count(*) FROM verifier_receipts") == [(0,)]


# -- how long it is kept ------------------------------------------------------------------------------------


def test_what_has_ended_is_not_shown_and_goes_with_the_next_tidying(
    bureau: Bureau, world: World, union: Issuer
) -> None:
    now = world.clock.now()
    first = kept(bureau, union.mint(), now=now)
    second = kept(bureau, union.mint(), now=now + timedelta(days=1))
    end = now + timedelta(days=bureau.settings.receipt_days)
    assert first.ends_at == end
    assert receipt.tidy(bureau, now=end - timedelta(seconds=1)) == 0
    with pytest.raises(NoSuchReceiptError):
        receipt.find(bureau, first.id, now=end)
    assert receipt.tidy(bureau, now=end) == 1
    assert receipt.find(bureau, second.id, now=end) == second
    with pytest.raises(NoSuchReceiptError):
        receipt.find(bureau, "nothing-like-it", now=now)


def test_a_day_has_so_many_receipts_and_the_next_day_again(
    bureau: Bureau, world: World, union: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_room, "DAY_RECEIPTS", 2)
    now, badge = world.clock.now(), union.mint()
    kept(bureau, badge, now=now)
    kept(bureau, badge, now=now)
    for later in (timedelta(), timedelta(hours=23)):
        with pytest.raises(ReceiptsFullError, match="The verdict holds without one"):
            kept(bureau, badge, now=now + later)
    kept(bureau, badge, now=now + timedelta(days=1))


# -- many at once --------------------------------------------------------------------------------------------


def test_a_report_has_a_line_for_everything_and_counts_each_verdict(bureau: Bureau, world: World) -> None:
    now = world.clock.now()
    lines = [
        line(1, Verdict.VALID, title="Teamwork", reference="A-1", sha256="ab" * 32, checked_at=now),
        line(2, Verdict.VALID, recognised=True),
        line(3, Verdict.INVALID, needs_you=True),
        line(4, None, sentence="This is a picture without a credential inside.", checked_at=now),
        replace(line(5, None), number="4.2", recipient="not-checked"),
    ]
    found = receipt.keep_batch(bureau, BatchSummary("b", "staff.csv", NOTHING), lines, now=now)
    told = record(found)
    assert (told["type"], told["count"]) == ("verification-report/1", 5)
    assert told["verdicts"] == {"valid": 2, "invalid": 1, "no-credential": 1, "not-checked": 1}
    assert (told["state"], told["checked"], told["recipient"]) == ("done", 4, "asked-of-some")
    assert [each["row"] for each in told["lines"]] == ["1", "2", "3", "4", "4.2"]
    assert "examined 4 of 5 things" in words(found)
    assert "2 Valid, 1 Not genuine, 1 No credential, 1 Not checked" in words(found)
    assert receipt.prove(bureau, found, now=now).state == "holds"
    view = receipt_view.batch_view(found)
    assert [each.answer.tone for each in view.lines] == ["neutral", "ok", "bad", "neutral", "neutral"]
    assert [each.count for each in view.answers] == [2, 1, 1, 1]


def test_an_empty_report_is_one(bureau: Bureau, world: World) -> None:
    found = receipt.keep_batch(bureau, BatchSummary("b", "", NOTHING), [], now=world.clock.now())
    assert record(found)["lines"] == []
    assert "The verdicts: none" in words(found)


def test_labels_and_references_of_strangers_stand_in_the_record_cleaned_and_never_in_the_statement(
    bureau: Bureau, world: World
) -> None:
    summary = BatchSummary("b", "SIGN \u202eTHIS\n", NOTHING)
    lines = [line(1, None, place="SIGN \x1b[2J", reference="SIGN " + "x" * 500)]
    found = receipt.keep_batch(bureau, summary, lines, now=world.clock.now())
    assert b"SIGN" not in (found.signed or b"")
    text = found.record.decode()
    assert "\u202e" not in text
    assert "\\u001b" not in text
    assert "x" * 200 not in text
