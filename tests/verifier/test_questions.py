# SPDX-License-Identifier: Apache-2.0
"""Nobody finds out whose a credential is by trying addresses; whoever asks honestly does not notice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from credentials.identity import IdentityObject
from tests.world import OWNER, Issuer, World
from verifier import explain
from verifier.asked import Asked
from verifier.desk import Desk
from verifier.intake import read
from verifier.outcome import Mark, Outcome
from verifier.questions import KEPT, SPAN, TRIES, Questions
from verifier.report import Report
from verifier.verdict import Verdict

MEMBERS: dict[str, Any] = {"credentialSubject": {"identifier": [{"identityHash": "sha256$1"}]}}


@pytest.fixture
def union(world: World) -> Issuer:
    return world.issuer("union")


def other(number: int) -> str:
    return f"teacher.{number}@school.example"


def ask(desk: Desk, badge: bytes, whose: str, world: World, *, asker: str = "192.0.2.1") -> Report:
    return desk.look(read(badge), now=world.clock.now(), asked=Asked(whose, asker=asker))


def test_after_ten_others_nothing_is_compared_and_that_is_no_no(
    desk: Desk, union: Issuer, world: World
) -> None:
    badge = union.mint()
    for number in range(TRIES):
        assert ask(desk, badge, other(number), world).verdict is Verdict.WRONG_RECIPIENT
    for whose in (OWNER, other(99)):
        report = ask(desk, badge, whose, world)
        found = next(check for check in report.checks if check.check == "recipient")
        assert (report.verdict, found.outcome) == (Verdict.UNDETERMINED, Outcome.INDETERMINATE)
        assert found.explanation == explain.RECIPIENT_TOO_OFTEN.text
        assert report.rows[1].mark is Mark.YOU_DECIDE
        assert whose not in repr(report)


def test_others_other_credentials_and_the_same_question_again_are_not_held_up(
    desk: Desk, union: Issuer, world: World
) -> None:
    badge = union.mint()
    for number in range(TRIES + 5):
        ask(desk, badge, other(number % TRIES), world)
    assert ask(desk, badge, other(0), world).verdict is Verdict.WRONG_RECIPIENT
    assert ask(desk, badge, OWNER, world).verdict is Verdict.UNDETERMINED
    assert ask(desk, badge, OWNER, world, asker="192.0.2.2").verdict is Verdict.VALID
    assert ask(desk, badge, OWNER, world, asker="").verdict is Verdict.VALID
    draft = union.draft()
    draft["credentialSubject"]["identifier"] = [
        IdentityObject.create(OWNER, salt="fedcba9876543210fedcba9876543210").to_members()
    ]
    assert ask(desk, union.sign(draft), OWNER, world).verdict is Verdict.VALID


def test_an_hour_later_one_may_ask_again(world: World) -> None:
    asked = Questions()
    now = world.clock.now()
    for number in range(TRIES):
        assert asked.may_compare(MEMBERS, other(number), asker="a", now=now)
    assert not asked.may_compare(MEMBERS, OWNER, asker="a", now=now)
    assert asked.may_compare({"credentialSubject": {}}, OWNER, asker="a", now=now)
    assert not asked.may_compare(MEMBERS, OWNER, asker="a", now=now + SPAN - timedelta(seconds=1))
    assert asked.may_compare(MEMBERS, OWNER, asker="a", now=now + SPAN)


def test_what_is_counted_is_bounded_and_holds_nothing_that_was_typed(world: World) -> None:
    asked, now = Questions(), world.clock.now()
    for number in range(KEPT + 10):
        asked.may_compare(MEMBERS, OWNER, asker=f"asker {number}", now=now)
    kept = asked._tried
    assert len(kept) == KEPT
    assert OWNER not in repr(kept)
