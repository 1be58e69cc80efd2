# SPDX-License-Identifier: Apache-2.0
"""V8: dates: impossible, without zone, out of range, of the wrong type, reversed; a jumped clock."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import Issuer, World, outcome_of
from verifier.verdict import Verdict

BAD: list[Any] = [
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-03-01T00:00:00",
    "2026-03-01",
    "2026-03-01 00:00:00Z",
    "2026-03-01T00:00:00z",
    "2026-03-01T25:00:00Z",
    "2026-03-01T00:00:60Z",
    "2026-03-01T00:00:00+24:00",
    "2026-03-01T00:00:00+1",
    "0000-03-01T00:00:00Z",
    "99999-03-01T00:00:00Z",
    "-2026-03-01T00:00:00Z",
    "２０２６-03-01T00:00:00Z",
    "2026-03-01T00:00:00Z ",
    "2026-W09-7T00:00:00Z",
    "now",
    "",
    1_772_366_400,
    None,
    True,
    ["2026-03-01T00:00:00Z"],
    {"@value": "2026-03-01T00:00:00Z"},
]


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("member", ["validFrom", "validUntil", "awardedDate"])
def test_a_date_that_is_none_is_never_valid(world: World, union: Issuer, member: str, value: Any) -> None:
    from credentials.errors import HallmarkError

    try:
        badge = union.mint(**{member: value})
    except HallmarkError:
        return  # what cannot be signed cannot be presented either
    assert world.look(badge).verdict in (Verdict.INVALID, Verdict.UNSIGNED_CONTENT, Verdict.UNDETERMINED)


def test_an_end_before_the_beginning_is_not_genuine(world: World, union: Issuer) -> None:
    report = world.look(union.mint(validUntil="2026-02-01T00:00:00Z"))
    assert (report.verdict, outcome_of(report, "validity")) == (Verdict.INVALID, "fail")


def test_zones_are_instants(world: World, union: Issuer) -> None:
    assert world.look(union.mint(validFrom="2026-03-01T22:00:00+10:00")).verdict is Verdict.VALID
    assert world.look(union.mint(validFrom="2026-03-01T12:00:00-05:00")).verdict is Verdict.NOT_YET_VALID


@pytest.mark.parametrize("years", [-10, 10])
def test_a_jumped_clock_makes_nothing_valid(world: World, union: Issuer, badge: bytes, years: int) -> None:
    ended = union.mint(validUntil="2026-09-01T00:00:00Z")
    union.serve_old_status_list()
    world.clock.advance(days=365 * years)
    assert world.look(badge).verdict is not Verdict.VALID
    assert world.look(ended).verdict is (Verdict.EXPIRED if years > 0 else Verdict.NOT_YET_VALID)
