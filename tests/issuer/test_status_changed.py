# SPDX-License-Identifier: Apache-2.0
"""Whoever counts awards hears of each change of one, after it is done and published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from issuer import reissue, revocation
from issuer.award import AwardState
from issuer.mint import Mint
from issuer.reissue import Cause, Correction
from issuer.revocation import Decision, Reason
from tests.issuer.house import NOW, issued, lists_published, verdict


def listening(mint: Mint, heard: list[tuple[str, str]], raw: bytes | None) -> Mint:
    """The room with somebody who writes down what is heard, and what the world sees at that moment."""

    def hear(credential_ids: Sequence[str], /, *, now: datetime) -> None:
        assert not mint.db.in_transaction
        heard.extend((each, verdict(mint, raw, now=now)) for each in credential_ids)

    return replace(mint, status_changed=hear)


def test_withdrawal_review_and_its_end_are_heard_when_everybody_sees_them(mint: Mint) -> None:
    found, heard = issued(mint), list[tuple[str, str]]()
    listened = listening(mint, heard, found.signed_json)
    for state, reason in (
        (AwardState.SUSPENDED, Reason.UNDER_REVIEW),
        (AwardState.ISSUED, Reason.REVIEW_ENDED),
        (AwardState.REVOKED, Reason.EVIDENCE),
    ):
        revocation.decide(listened, found.key, Decision(state, reason), now=NOW)
        lists_published(listened)
    assert heard == [(found.credential_id, word) for word in ("suspended", "valid", "revoked")]


def test_a_newer_issue_is_heard_and_the_copy_of_a_wrong_address_is_withdrawn_by_then(mint: Mint) -> None:
    found, heard = issued(mint), list[tuple[str, str]]()
    new = reissue.reissue(
        listening(mint, heard, found.signed_json),
        found.key,
        reason=Cause.ADDRESS_CORRECTED,
        correction=Correction(email="right@school.example"),
        now=NOW,
    )
    assert heard == [(new.credential_id, "revoked")]
