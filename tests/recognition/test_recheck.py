# SPDX-License-Identifier: Apache-2.0
"""An award that was counted is looked up again; if it fell, somebody is told, and nothing else happens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

import app
from credentials.errors import UnknownError
from credentials.verification_method import KeyAlgorithm
from issuer import reissue
from issuer.reissue import Cause, Correction
from recognition.claiming import ledger_csv
from recognition.claiming.claim_states import ClaimState
from recognition.office import Office
from recognition.reversing import recheck
from recognition.reversing.fall import Flag
from recognition.store import claims as claim_rows
from recognition.store import decisions as decision_rows
from recognition.store import reversals as rows
from recognition.store.reversals import Line
from recognition.store.tables import ClaimAwardRow
from service import audit
from tests.issuer.house import NOW
from tests.recognition import fallen_scene as scene
from tests.recognition.fallen_scene import DISTRICT, REINSTATE, REVOKE, SUSPEND, Counted


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene.make(tmp_path_factory.mktemp("house"))


@pytest.fixture
def house(template: Path, tmp_path: Path) -> Iterator[app.House]:
    with scene.opened(Path(shutil.copytree(template, tmp_path / "data"))) as found:
        yield found


def lines(house: app.House, counted: Counted) -> tuple[Line, ...]:
    with house.db.reading() as session:
        return rows.of_decision(session, counted.decision)


def flags(house: app.House, counted: Counted) -> list[str]:
    return [each.flag for each in lines(house, counted)]


def state(house: app.House, counted: Counted) -> ClaimState:
    with house.db.reading() as session:
        claim = claim_rows.get(session, counted.claim)
    assert claim is not None
    return claim.state


def due(house: app.House) -> int:
    with house.db.reading() as session:
        return len(rows.due(session, before=NOW - timedelta(days=1), most=100))


def test_an_award_that_stands_is_looked_up_once_a_day(house: app.House) -> None:
    counted = scene.count(house, [scene.issue(house)])
    assert recheck.recheck(house.office, NOW) == 1
    assert recheck.recheck(house.office, NOW + timedelta(hours=3)) == 0
    assert recheck.recheck(house.office, scene.day_after()) == 1
    (line,) = lines(house, counted)
    assert (line.flag, line.checked_at, line.looked_at) == ("", scene.day_after(), scene.day_after())


def test_a_revoked_award_flags_its_line_tells_and_removes_nothing(house: app.House) -> None:
    found = scene.issue(house)
    counted = scene.count(house, [found])
    with house.db.reading() as session:
        before = decision_rows.get(session, counted.decision)
    scene.decide(house, found, REVOKE)
    recheck.recheck(house.office, NOW)
    (line,) = lines(house, counted)
    assert (line.flag, line.flagged_at, line.reversed_at) == (Flag.REVOKED, NOW, None)
    assert state(house, counted) is ClaimState.REVERSAL_NEEDED
    with house.db.reading() as session:
        assert decision_rows.get(session, counted.decision) == before
        assert [each.action for each in audit.lines(session, subject=f"ledger:{line.id}")] == [
            "recognition.reversal-needed"
        ]
    (letter,) = scene.waiting_mails(house, "recognition-fallen")
    assert letter.address == "ren@district.example"
    assert "Alex" not in letter.subject
    assert "Emotional" not in letter.subject


def test_our_own_issuer_rings_so_that_nobody_waits_for_the_next_day(house: app.House) -> None:
    found = scene.issue(house)
    scene.count(house, [found])
    recheck.recheck(house.office, NOW)
    assert due(house) == 0
    scene.decide(house, found, SUSPEND)
    assert due(house) == 1


def test_looked_at_again_a_fall_is_told_once(house: app.House) -> None:
    found = scene.issue(house)
    scene.count(house, [found])
    scene.decide(house, found, REVOKE)
    for day in range(3):
        recheck.recheck(house.office, scene.day_after(day))
    assert len(scene.waiting_mails(house, "recognition-fallen")) == 1


def test_a_suspension_that_is_lifted_takes_its_flag_with_it(house: app.House) -> None:
    found = scene.issue(house)
    counted = scene.count(house, [found])
    scene.decide(house, found, SUSPEND)
    recheck.recheck(house.office, NOW)
    assert flags(house, counted) == [Flag.SUSPENDED]
    scene.decide(house, found, REINSTATE)
    recheck.recheck(house.office, NOW + timedelta(minutes=5))
    assert flags(house, counted) == [""]
    assert state(house, counted) is ClaimState.USED
    assert len(scene.waiting_mails(house, "recognition-lifted")) == 1


def test_a_suspension_that_becomes_a_withdrawal_is_open_again_though_somebody_kept_it(
    house: app.House,
) -> None:
    found = scene.issue(house)
    counted = scene.count(house, [found])
    scene.decide(house, found, SUSPEND)
    recheck.recheck(house.office, NOW)
    with house.db.transaction() as session:
        (line,) = rows.of_decision(session, counted.decision)
        rows.keep(session, line.id, note="The review will take weeks.", now=NOW)
    scene.decide(house, found, REVOKE)
    recheck.recheck(house.office, NOW + timedelta(minutes=5))
    (line,) = lines(house, counted)
    assert (line.flag, line.waits) == (Flag.REVOKED, True)


def test_what_was_kept_stays_kept(house: app.House) -> None:
    found = scene.issue(house)
    counted = scene.count(house, [found])
    scene.decide(house, found, REVOKE)
    recheck.recheck(house.office, NOW)
    with house.db.transaction() as session:
        (line,) = rows.of_decision(session, counted.decision)
        rows.keep(session, line.id, note="It was a mistake of ours.", now=NOW)
    recheck.recheck(house.office, scene.day_after())
    (line,) = lines(house, counted)
    assert (line.flag, line.waits) == (Flag.REVOKED, False)


def test_what_could_not_be_checked_flips_nothing(house: app.House) -> None:
    counted = scene.count(house, [scene.issue(house)])
    recheck.recheck(house.office, NOW)

    def unreachable(name: str, *, now: object) -> tuple[str, bytes] | None:
        raise UnknownError("Nobody answers.")

    desk = replace(house.desk, published=unreachable)
    office = replace(house.office, bureau=replace(house.bureau, desk=desk))
    recheck.recheck(office, scene.day_after())
    (line,) = lines(house, counted)
    assert (line.flag, line.checked_at, line.looked_at) == ("", NOW, scene.day_after())
    with house.db.reading() as session:
        assert not rows.unchecked(session, DISTRICT, since=NOW)
        assert rows.unchecked(session, DISTRICT, since=NOW + timedelta(seconds=1))


def keep_elsewhere(house: app.House, counted: Counted, url: str) -> None:
    """Somebody else keeps the same award for a claim of theirs, under another link."""
    with house.db.transaction() as session:
        claim = claim_rows.get(session, counted.claim)
        assert claim is not None
        theirs = replace(
            claim,
            id="theirs",
            person_key="mia@teachers.example",
            state=ClaimState.RESERVED,
            awards=tuple(replace(each, url=url) for each in claim.awards),
            decision=None,
            created_at=NOW + timedelta(hours=1),
        )
        claim_rows.add(session, theirs)


def test_nobody_elses_link_keeps_a_fall_from_being_seen(house: app.House) -> None:
    found = scene.issue(house)
    counted = scene.count(house, [found])
    keep_elsewhere(house, counted, "https://away.example/1.json")
    scene.decide(house, found, REVOKE)
    recheck.recheck(house.office, NOW + timedelta(hours=2))
    assert flags(house, counted) == [Flag.REVOKED]


def test_an_own_link_that_was_taken_away_keeps_no_fall_from_being_seen(house: app.House) -> None:
    found = scene.issue(house)
    counted = scene.count(house, [found])
    bring_by(house, counted, "https://away.example/1.json", None)
    scene.decide(house, found, REVOKE)
    recheck.recheck(house.office, NOW)
    assert flags(house, counted) == [Flag.REVOKED]


def bring_by(house: app.House, counted: Counted, url: str, body: bytes | None) -> None:
    """Let the award of a decided claim have been brought in another way."""
    with house.db.transaction() as session:
        values = {"url": url, "body": body}
        session.execute(update(ClaimAwardRow).where(ClaimAwardRow.claim == counted.claim).values(**values))


@pytest.mark.parametrize("is_file", [True, False])
def test_where_the_id_gives_no_answer_what_was_brought_to_that_decision_does(
    house: app.House, is_file: bool
) -> None:
    found = scene.issue(house)
    counted = scene.count(house, [found])
    copy = "https://copies.example/1.json"
    bring_by(house, counted, copy, found.signed_json if is_file else None)
    asked: list[str] = []

    def away(name: str, *, now: Any) -> tuple[str, bytes] | None:
        asked.append(name)
        if name == copy:
            return "application/vc+ld+json", found.signed_json or b""
        if found.key in name:
            raise UnknownError("Nobody answers.")
        return house.desk.published(name, now=now) if house.desk.published is not None else None

    scene.decide(house, found, REVOKE)
    own = (*house.desk.own, "https://copies.example")
    desk = replace(house.desk, published=away, own=own)
    recheck.recheck(replace(house.office, bureau=replace(house.bureau, desk=desk)), NOW)
    assert found.key in asked[0]
    assert flags(house, counted) == [Flag.REVOKED]


def test_a_record_of_earlier_years_without_an_issuer_flips_by_its_id(house: app.House) -> None:
    found = scene.issue(house)
    text = "person,link,awarded,purpose,units,unit\n"
    text += f"a@b.example,{found.credential_id},2026-01-01,rank-change,6,PDP-TN\n"
    ledger_csv.bring_in(house.office, DISTRICT, text.encode(), actor="ren", now=NOW)
    scene.decide(house, found, REVOKE)
    recheck.recheck(house.office, NOW)
    with house.db.reading() as session:
        assert [each.flag for each in rows.waiting(session, DISTRICT)] == [Flag.REVOKED]


def test_something_else_at_its_address_is_no_fall(house: app.House) -> None:
    one, other = scene.issue(house, submission="one"), scene.issue(house, submission="other")
    counted = scene.count(house, [one])
    scene.decide(house, other, REVOKE)
    assert other.signed_json is not None

    def swapped(name: str, *, now: object) -> tuple[str, bytes] | None:
        return ("application/vc+ld+json", other.signed_json or b"") if one.key in name else None

    desk = replace(house.desk, published=swapped)
    recheck.recheck(replace(house.office, bureau=replace(house.bureau, desk=desk)), NOW)
    assert flags(house, counted) == [""]


def test_a_newer_issue_is_no_fall(house: app.House) -> None:
    found = scene.issue(house)
    counted = scene.count(house, [found])
    reissue.reissue(
        house.mint, found.key, reason=Cause.NAME_CORRECTED, correction=Correction(name="Alexandra"), now=NOW
    )
    assert due(house) == 1
    recheck.recheck(house.office, NOW)
    assert flags(house, counted) == [""]


def test_a_copy_that_went_to_a_wrong_address_falls(house: app.House) -> None:
    found = scene.issue(house)
    counted = scene.count(house, [found])
    reissue.reissue(
        house.mint,
        found.key,
        reason=Cause.ADDRESS_CORRECTED,
        correction=Correction(email="alexandra@school.example"),
        now=NOW,
    )
    recheck.recheck(house.office, NOW)
    assert flags(house, counted) == [Flag.REVOKED]


def test_the_stage_of_a_complete_submission_is_asked_about_and_not_reversed(house: app.House) -> None:
    found = scene.issue(house)
    earlier = scene.count(house, [found], stage="complete-submission", units="15", purpose="act-48")
    counted = scene.count(house, [found], units="5", purpose="act-48")
    scene.decide(house, found, REVOKE)
    recheck.recheck(house.office, NOW)
    assert flags(house, counted) == [Flag.REVOKED]
    assert flags(house, earlier) == [Flag.ASKED]
    assert state(house, earlier) is ClaimState.USED
    assert state(house, counted) is ClaimState.REVERSAL_NEEDED


def test_every_recognizer_that_counted_it_is_flagged(house: app.House) -> None:
    found = scene.issue(house)
    one = scene.count(house, [found])
    other = scene.count(house, [found], organisation="example-state")
    scene.decide(house, found, REVOKE)
    assert recheck.recheck(house.office, NOW) == 1
    assert flags(house, one) == flags(house, other) == [Flag.REVOKED]


def test_many_falls_of_one_day_are_not_as_many_letters(house: app.House) -> None:
    found = [scene.issue(house, submission=f"one-{each}") for each in range(8)]
    scene.count(house, found, groups=8)
    for each in found:
        scene.decide(house, each, REVOKE)
    recheck.recheck(house.office, NOW)
    assert len(scene.waiting_mails(house, "recognition-fallen")) == 5


def test_a_run_is_bounded_and_the_longest_unlooked_comes_first(
    house: app.House, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [scene.issue(house, submission=f"one-{each}") for each in range(3)]
    counted = [scene.count(house, [each]) for each in found]
    monkeypatch.setattr(recheck, "LINES", 2)
    rung: list[str] = []
    office: Office = replace(house.office, ring=rung.append)
    assert recheck.recheck(office, NOW) == 2
    assert rung == [recheck.JOB]
    assert recheck.recheck(office, NOW + timedelta(seconds=1)) == 1
    assert all(lines(house, each)[0].looked_at is not None for each in counted)


def test_a_bell_that_cannot_ring_keeps_nobody_from_revoking(house: app.House) -> None:
    def broken(credential_id: str) -> tuple[str, ...]:
        raise UnknownError("The database is away.")

    recheck.status_changed(replace(house.office, same=broken), ["https://x.example/1"], now=NOW)


def test_a_signature_that_holds_no_more_is_told_as_such(house: app.House) -> None:
    found = scene.issue(house)
    counted = scene.count(house, [found])
    record = house.cabinet.ring(found.issuer).active(KeyAlgorithm.ED25519)
    house.cabinet.compromised(found.issuer, record.id, since=NOW - timedelta(hours=1), now=NOW)
    recheck.recheck(house.office, NOW)
    assert flags(house, counted) == [Flag.UNVERIFIED]
