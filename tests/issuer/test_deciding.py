# SPDX-License-Identifier: Apache-2.0
"""Many decisions at once end as the same decisions one by one would, in one commit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from issuer import deciding, reissue, revocation, status_publisher
from issuer.award import AwardState
from issuer.deciding import Effect, Outcome
from issuer.errors import NoSuchCredentialError, StatusFinalError, StatusNotOfferedError
from issuer.mint import Mint
from issuer.revocation import CHUNK, Decision, Reason
from issuer.store import credentials as rows
from issuer.store import status as status_rows
from issuer.store.credentials import StoredCredential
from service import audit
from service.errors import AuditUnavailableError
from tests.issuer.house import NOW, issued, verdict

REVOKE = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
SUSPEND = Decision(AwardState.SUSPENDED, Reason.UNDER_REVIEW, note="a private note")
REINSTATE = Decision(AwardState.ISSUED, Reason.REVIEW_ENDED)


@pytest.fixture
def rung(mint: Mint) -> tuple[Mint, list[str]]:
    """The room, and what was rung in it."""
    bells: list[str] = []
    return replace(mint, ring=bells.append), bells


def effects(outcomes: tuple[Outcome, ...]) -> list[Effect]:
    return [each.effect for each in outcomes]


def states(mint: Mint, *found: StoredCredential) -> list[AwardState]:
    with mint.db.reading() as session:
        return [rows.get(session, each.key).state for each in found]


def test_each_decision_gets_its_outcome_and_what_is_refused_stands_in_nobodys_way(
    rung: tuple[Mint, list[str]],
) -> None:
    mint, bells = rung
    one, two, three = (issued(mint, submission=each) for each in ("one", "two", "three"))
    revocation.decide(mint, three.key, REVOKE, now=NOW)
    bells.clear()
    wanted = [
        (one.key, REVOKE),
        ("nothing", REVOKE),
        (two.key, SUSPEND),
        (three.key, REVOKE),
        (three.key, SUSPEND),
    ]
    found = revocation.decide_many(mint, wanted, now=NOW, actor="somebody")
    changed, refused = Effect.CHANGED, Effect.REFUSED
    assert effects(found) == [changed, refused, changed, Effect.ALREADY, refused]
    assert isinstance(found[1].error, NoSuchCredentialError)
    assert isinstance(found[4].error, StatusFinalError)
    assert found[4].error.message.endswith(".")
    assert [each.state for each in found] == ["revoked", None, "suspended", "revoked", "revoked"]
    assert found[0].credential_id == one.credential_id
    assert states(mint, one, two, three) == ["revoked", "suspended", "revoked"]
    assert [verdict(mint, each.signed_json) for each in (one, two)] == ["revoked", "suspended"]
    assert bells == [status_publisher.JOB]


def test_the_second_decision_about_a_credential_meets_what_the_first_one_made_of_it(mint: Mint) -> None:
    found = issued(mint)
    key = found.key
    wanted = [
        (key, SUSPEND),
        (key, SUSPEND),
        (key, REINSTATE),
        (key, SUSPEND),
        (key, REVOKE),
        (key, REINSTATE),
    ]
    changed = Effect.CHANGED
    outcomes = revocation.decide_many(mint, wanted, now=NOW)
    assert effects(outcomes) == [changed, Effect.ALREADY, changed, changed, changed, Effect.REFUSED]
    with mint.db.reading() as session:
        assert [each.state for each in rows.changes(session, key)] == [
            "suspended",
            "issued",
            "suspended",
            "revoked",
        ]
        assert [place.is_set for place in status_rows.places(session, key)] == [True, True]
        lines = [line.action for line in audit.lines(session, subject=key)][-4:]
        assert audit.check(session) is None
    assert lines == [
        "credential.suspended",
        "credential.reinstated",
        "credential.suspended",
        "credential.revoked",
    ]


def test_a_chunk_is_one_change_of_each_list_however_many_it_meets(mint: Mint) -> None:
    found = [issued(mint, submission=str(number)) for number in range(3)]
    with mint.db.reading() as session:
        list_id = status_rows.places(session, found[0].key)[0].list
        before = status_rows.get(session, list_id)
    revocation.decide_many(mint, [(each.key, REVOKE) for each in found], now=NOW)
    with mint.db.reading() as session:
        after = status_rows.get(session, list_id)
    assert before is not None
    assert after is not None
    assert (before.waiting_since, after.waiting_since) == (None, NOW)
    assert after.changed - before.changed == 3


def test_the_older_issue_of_an_award_is_met_as_by_a_single_decision(mint: Mint) -> None:
    old = issued(mint)
    new = reissue.reissue(
        mint, old.key, reason="name-corrected", correction=reissue.Correction(name="Alexandra"), now=NOW
    )
    (outcome,) = revocation.decide_many(mint, [(new.key, SUSPEND)], now=NOW)
    assert outcome.effect is Effect.CHANGED
    assert states(mint, old, new) == ["superseded", "suspended"]
    assert verdict(mint, old.signed_json) == "suspended"
    found = revocation.decide_many(mint, [(new.key, REVOKE), (old.key, REVOKE)], now=NOW)
    assert effects(found) == [Effect.CHANGED, Effect.ALREADY]
    assert states(mint, old, new) == ["revoked", "revoked"]


def test_a_document_without_a_place_is_refused(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    found = issued(mint)
    monkeypatch.setitem(deciding.PURPOSE, AwardState.SUSPENDED, "refresh")
    (outcome,) = revocation.decide_many(mint, [(found.key, SUSPEND)], now=NOW)
    assert isinstance(outcome.error, StatusNotOfferedError)
    assert states(mint, found) == ["issued"]


def test_no_audit_line_no_change_of_any(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [issued(mint, submission=str(number)) for number in range(2)]

    def broken(*_: object, **__: object) -> None:
        raise AuditUnavailableError("no line")

    monkeypatch.setattr(audit, "record_all", broken)
    with pytest.raises(AuditUnavailableError):
        revocation.decide_many(mint, [(each.key, REVOKE) for each in found], now=NOW)
    assert states(mint, *found) == ["issued", "issued"]


def test_in_a_transaction_of_the_caller_it_is_part_of_that_and_rings_nothing(
    rung: tuple[Mint, list[str]],
) -> None:
    mint, bells = rung
    found = issued(mint)
    bells.clear()

    class GivenUpError(Exception):
        pass

    def give_up() -> None:
        with mint.db.transaction() as session:
            assert rows.get(session, found.key).state is AwardState.ISSUED
            revocation.decide_many(mint, [(found.key, REVOKE)], now=NOW)
            assert rows.get(session, found.key).state is AwardState.REVOKED
            raise GivenUpError

    with pytest.raises(GivenUpError):
        give_up()
    assert states(mint, found) == ["issued"]
    assert bells == []


def test_a_chunk_has_a_limit(mint: Mint) -> None:
    with pytest.raises(ValueError, match="250"):
        revocation.decide_many(mint, [("x", REVOKE)] * (CHUNK + 1), now=NOW)


def test_nothing_to_decide_changes_nothing(folder: Path, rung: tuple[Mint, list[str]]) -> None:
    mint, bells = rung
    assert revocation.decide_many(mint, [], now=NOW) == ()
    assert bells == []
