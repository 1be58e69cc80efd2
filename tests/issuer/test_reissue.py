# SPDX-License-Identifier: Apache-2.0
"""The same award once more: the newer credential takes the older one's place, and nothing is lost between."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import hallmark
from issuer import issuance, names, publish, reissue, retention, revocation, sharing
from issuer.award import AwardState
from issuer.errors import (
    AwardRequestError,
    DuplicateAwardError,
    NoSuchCredentialError,
    NotReissuableError,
    StatusFinalError,
)
from issuer.mint import Mint
from issuer.reissue import Cause, Correction
from issuer.revocation import Decision, Reason
from issuer.store import credentials as rows
from issuer.store.credentials import StoredCredential
from service import audit, terminal
from tests.issuer.house import NOW, issued, members, open_mint, request, verdict

LATER = NOW + timedelta(minutes=1)
REVOKE = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
SUSPEND = Decision(AwardState.SUSPENDED, Reason.UNDER_REVIEW)
REINSTATE = Decision(AwardState.ISSUED, Reason.REVIEW_ENDED)
NAME = Correction(name="Alexandra Educator")


def again(mint: Mint, found: StoredCredential, correction: Correction = NAME) -> StoredCredential:
    return reissue.reissue(
        mint, found.key, reason=Cause.NAME_CORRECTED, correction=correction, now=LATER, actor="test"
    )


def actions(mint: Mint, key: str) -> list[str]:
    with mint.db.reading() as session:
        return [line.action for line in audit.lines(session, subject=key)]


def test_the_newer_one_keeps_the_award_and_has_an_id_of_its_own(mint: Mint) -> None:
    old = issued(mint)
    new = again(mint, old)
    before, after = members(old), members(new)
    assert after["id"] != before["id"]
    assert after["awardedDate"] == before["awardedDate"]
    assert after["validFrom"] > before["validFrom"]
    assert after["evidence"] == before["evidence"]
    assert after["credentialSubject"]["result"] == before["credentialSubject"]["result"]
    assert after["credentialSubject"]["achievement"] == before["credentialSubject"]["achievement"]
    assert after["credentialStatus"] != before["credentialStatus"]
    hashes = {each["identityHash"] for each in before["credentialSubject"]["identifier"]}
    assert not hashes & {each["identityHash"] for each in after["credentialSubject"]["identifier"]}
    assert publish.said(new).recipient_name == "Alexandra Educator"


def test_the_older_one_is_superseded_and_still_verifies_as_it_was(mint: Mint) -> None:
    old = issued(mint)
    new = again(mint, old)
    found = publish.find(mint, old.key)
    assert found.state is AwardState.SUPERSEDED
    assert found.superseded_by == new.key
    assert found.signed_json == old.signed_json
    for each in (old.signed_json, old.signed_jwt, new.signed_json, new.signed_jwt):
        assert verdict(mint, each, now=LATER) == "valid"
    assert publish.current(mint, old.key) == new.key == publish.current(mint, new.key)


def test_the_audit_tells_why_and_by_what(mint: Mint) -> None:
    old = issued(mint)
    new = again(mint, old)
    assert actions(mint, old.key)[-2:] == ["credential.reissue-begun", "credential.superseded"]
    assert actions(mint, new.key) == ["credential.awarded", "credential.intended", "credential.issued"]
    change = revocation.last_change(mint, old.key)
    assert change is not None
    assert (change.state, change.reason) == (AwardState.SUPERSEDED, "name-corrected")
    assert change.public_reason == "The name was corrected."


def test_the_same_call_again_gives_what_the_first_one_made(mint: Mint) -> None:
    old = issued(mint)
    first, second = again(mint, old), again(mint, old)
    assert first == second
    assert actions(mint, old.key).count("credential.superseded") == 1


def test_another_correction_has_to_name_the_newest_one(mint: Mint) -> None:
    old = issued(mint)
    new = again(mint, old)
    with pytest.raises(StatusFinalError, match=new.key):
        again(mint, old, Correction(name="Somebody Else"))
    newest = again(mint, new, Correction(email="alex.new@school.example"))
    assert publish.current(mint, old.key) == newest.key
    assert members(newest)["awardedDate"] == members(old)["awardedDate"]


@pytest.mark.parametrize("decision", [REVOKE, SUSPEND])
def test_what_is_withdrawn_or_under_review_is_not_issued_again(mint: Mint, decision: Decision) -> None:
    old = issued(mint)
    revocation.decide(mint, old.key, decision, now=NOW)
    with pytest.raises(StatusFinalError):
        again(mint, old)
    assert publish.find(mint, old.key).state is decision.wanted


def test_withdrawing_the_award_meets_every_issue_of_it(mint: Mint) -> None:
    """Whoever lost an award cannot go on with an older copy of it."""
    oldest = issued(mint)
    old = again(mint, oldest)
    new = again(mint, old, Correction(email="alex.new@school.example"))
    revocation.decide(mint, new.key, REVOKE, now=LATER)
    for each in (oldest, old, new):
        assert publish.find(mint, each.key).state is AwardState.REVOKED
        assert verdict(mint, each.signed_json, now=LATER) == "revoked"
        assert verdict(mint, each.signed_jwt, now=LATER) == "revoked"


def test_a_review_of_the_award_meets_every_issue_and_ends_for_every_one(mint: Mint) -> None:
    old = issued(mint)
    new = again(mint, old)
    revocation.decide(mint, new.key, SUSPEND, now=LATER)
    assert (
        verdict(mint, old.signed_json, now=LATER) == verdict(mint, new.signed_json, now=LATER) == "suspended"
    )
    assert publish.find(mint, old.key).state is AwardState.SUPERSEDED
    revocation.decide(mint, new.key, REINSTATE, now=LATER)
    assert verdict(mint, old.signed_json, now=LATER) == verdict(mint, new.signed_json, now=LATER) == "valid"


def test_an_older_copy_can_be_withdrawn_by_itself(mint: Mint) -> None:
    old = issued(mint)
    new = again(mint, old)
    revocation.decide(mint, old.key, REVOKE, now=LATER)
    assert verdict(mint, old.signed_json, now=LATER) == "revoked"
    assert verdict(mint, new.signed_json, now=LATER) == "valid"
    with pytest.raises(StatusFinalError):
        revocation.decide(mint, old.key, REINSTATE, now=LATER)


def test_what_is_refused_leaves_the_older_one_as_it_was(mint: Mint) -> None:
    old = issued(mint)
    with pytest.raises(AwardRequestError):
        again(mint, old, Correction(email="nobody"))
    assert publish.find(mint, old.key) == old


def test_when_signing_fails_the_older_one_stands_and_it_can_be_tried_again(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = issued(mint)

    def broken(*_: object, **__: object) -> None:
        raise AwardRequestError("No.")

    with monkeypatch.context() as patch:
        patch.setattr(issuance, "compose", broken)
        with pytest.raises(AwardRequestError):
            again(mint, old)
    assert publish.find(mint, old.key) == old
    assert actions(mint, old.key)[-1] == "credential.reissue-refused"
    assert issuance.resume(mint, now=LATER) == ()
    new = again(mint, old)
    assert publish.current(mint, old.key) == new.key
    with pytest.raises(DuplicateAwardError):
        issuance.award(mint, request(), now=LATER)


class _KilledError(Exception):
    """The process ends here."""


def killing(at: str) -> Callable[[str], None]:
    def reached(step: str) -> None:
        if step == at:
            raise _KilledError

    return reached


@pytest.mark.parametrize("step", issuance.STEPS)
def test_killed_after_any_step_one_of_the_two_stands_and_resume_finishes(
    mint: Mint, folder: Path, step: str
) -> None:
    old = issued(mint)
    killed = open_mint(folder, reached=killing(step))
    with pytest.raises(_KilledError):
        again(killed, old)
    killed.db.close()
    state = publish.find(mint, old.key).state
    assert state is (AwardState.SUPERSEDED if step == "stored" else AwardState.ISSUED)
    issuance.resume(mint, now=LATER)
    new = publish.find(mint, publish.current(mint, old.key))
    assert new.key != old.key
    assert publish.find(mint, old.key).state is AwardState.SUPERSEDED
    assert again(mint, old) == new
    assert verdict(mint, new.signed_json, now=LATER) == "valid"


def test_withdrawn_while_it_is_being_issued_again_nothing_new_comes_out(mint: Mint, folder: Path) -> None:
    old = issued(mint)
    killed = open_mint(folder, reached=killing("intended"))
    with pytest.raises(_KilledError):
        again(killed, old)
    killed.db.close()
    revocation.decide(mint, old.key, REVOKE, now=LATER)
    assert issuance.resume(mint, now=LATER) == ()
    assert publish.current(mint, old.key) == old.key
    assert verdict(mint, old.signed_json, now=LATER) == "revoked"


def test_a_name_that_is_shown_beside_it_moves_along_and_a_wrong_one_goes(mint: Mint) -> None:
    old = issued(mint, hides_name=True)
    names.show(mint, old.key, "Alex Educator", now=NOW, actor="test")
    sharing.set_indexed(mint, old.key, on=True, now=NOW, actor="test")
    new = again(mint, old)
    assert names.shown(mint, new) == "Alexandra Educator"
    assert names.shown(mint, old) is None
    assert sharing.is_indexed(mint, new.key)


def test_hiding_the_name_hides_it_on_older_issues_too(mint: Mint) -> None:
    old = issued(mint, hides_name=True)
    names.show(mint, old.key, "Alex Educator", now=NOW, actor="test")
    new = reissue.reissue(mint, old.key, reason=Cause.KEY_REPLACED, now=LATER)
    assert names.shown(mint, old) == names.shown(mint, new) == "Alex Educator"
    names.hide(mint, new.key, now=LATER, actor="test")
    assert names.shown(mint, old) is names.shown(mint, new) is None
    names.show(mint, new.key, "Alex Educator", now=LATER, actor="test")
    assert names.shown(mint, old) == "Alex Educator"


def test_what_cannot_be_issued_again_says_why(mint: Mint) -> None:
    with pytest.raises(NoSuchCredentialError):
        reissue.reissue(mint, "00000000-0000-4000-8000-000000000000", reason="other", now=LATER)
    old = issued(mint)
    retention.erase(mint, [old.key], now=NOW, actor="test")
    with pytest.raises(NotReissuableError):
        again(mint, old)


def test_a_request_with_the_same_idempotency_key_gets_the_newest_issue(mint: Mint) -> None:
    asked = request(idempotency_key="key-1", request_digest="d")
    old = issuance.issue(mint, issuance.award(mint, asked, now=NOW).award.key, now=NOW)
    new = again(mint, old)
    repeated = issuance.award(mint, asked, now=LATER)
    assert (repeated.award.key, repeated.is_new) == (new.key, False)


def test_the_command_issues_again(mint: Mint, folder: Path) -> None:
    old = issued(mint)
    arguments = ["reissue", old.credential_id, "--reason", "name-corrected", "--name", "Alexandra Educator"]
    with CliRunner().isolation() as (out, err, _both):
        code = terminal.run(
            hallmark.cli, roof=hallmark.HallmarkRoof(), args=[*arguments, "--data", str(folder)]
        )
    assert code == 0, err.getvalue().decode()
    new = publish.find(mint, publish.current(mint, old.key))
    assert out.getvalue().decode().strip() == new.credential_id
    assert json.loads(new.signed_json or b"{}")["id"] == new.credential_id


def test_reasons_of_ones_own_are_kept_as_a_note(mint: Mint) -> None:
    old = issued(mint)
    reissue.reissue(mint, old.key, reason="she married", now=LATER)
    with mint.db.reading() as session:
        (change,) = rows.changes(session, old.key)
    assert (change.reason, change.note, change.public_reason) == ("other", "she married", None)


def test_what_went_to_a_wrong_address_is_withdrawn_by_the_same_act(mint: Mint) -> None:
    oldest = issued(mint)
    old = again(mint, oldest)
    right = Correction(email="real.owner@school.example")
    new = reissue.reissue(mint, old.key, reason=Cause.ADDRESS_CORRECTED, correction=right, now=LATER)
    for each in (oldest, old):
        assert publish.find(mint, each.key).state is AwardState.REVOKED
        assert verdict(mint, each.signed_json, now=LATER) == "revoked"
        assert reissue.newer(mint, each.credential_id, issuer_id=members(each)["issuer"]["id"]) is None
        change = revocation.last_change(mint, each.key)
        assert change is not None
        assert change.public_reason == revocation.MISADDRESSED_SENTENCE
    assert publish.current(mint, oldest.key) == new.key
    assert verdict(mint, new.signed_json, now=LATER) == "valid"
    assert actions(mint, old.key)[-2:] == ["credential.superseded", "credential.revoked"]
    again_asked = reissue.reissue(mint, old.key, reason=Cause.ADDRESS_CORRECTED, correction=right, now=LATER)
    assert again_asked == new


def test_a_crash_leaves_no_copy_at_a_wrong_address(mint: Mint, folder: Path) -> None:
    old = issued(mint)
    killed = open_mint(folder, reached=killing("intended"))
    right = Correction(email="real.owner@school.example")
    with pytest.raises(_KilledError):
        reissue.reissue(killed, old.key, reason=Cause.ADDRESS_CORRECTED, correction=right, now=LATER)
    killed.db.close()
    assert verdict(mint, old.signed_json, now=LATER) == "valid"
    issuance.resume(mint, now=LATER)
    assert publish.find(mint, old.key).state is AwardState.REVOKED
    assert verdict(mint, old.signed_json, now=LATER) == "revoked"


def test_an_address_that_has_only_changed_withdraws_nothing(mint: Mint) -> None:
    old = issued(mint)
    reissue.reissue(
        mint, old.key, reason="she moved", correction=Correction(email="alex.new@x.example"), now=LATER
    )
    assert verdict(mint, old.signed_json, now=LATER) == "valid"


def test_who_asks_is_led_to_the_newest_issue(mint: Mint) -> None:
    old = issued(mint)
    did = members(old)["issuer"]["id"]
    assert reissue.newer(mint, old.credential_id, issuer_id=did) is None
    new = again(mint, old)
    newest = again(mint, new, Correction(name="Alexandra B. Educator"))
    for each in (old, new):
        assert reissue.newer(mint, each.credential_id, issuer_id=did) == newest.credential_id
        assert reissue.newer(mint, each.credential_id, issuer_id="did:web:evil.example") is None
    assert reissue.newer(mint, newest.credential_id, issuer_id=did) is None
    assert reissue.newer(mint, "https://evil.example/1", issuer_id=did) is None
    revocation.decide(mint, newest.key, REVOKE, now=LATER)
    assert reissue.newer(mint, old.credential_id, issuer_id=did) is None
