# SPDX-License-Identifier: Apache-2.0
"""Security rules, section 1: the verdict table, for every vector of outcomes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.outcome import Check, Finding, Outcome
from verifier.verdict import AUTHENTICITY, MANDATORY, MAY_NOT_APPLY, Verdict, decide

P, F, U, N = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE, Outcome.NOT_APPLICABLE
BESIDE = ("endorsement", "trust", "lookalike")
ALL = (*MANDATORY, "recipient", "evidence", *BESIDE)


def check(name: str, outcome: Outcome, finding: Finding | None = None) -> Check:
    return Check(name, outcome, "", "", "", finding=finding)


def all_pass(**changed: tuple[Outcome, Finding | None] | Outcome) -> list[Check]:
    found = []
    for name in ALL:
        value = changed.get(name, P)
        outcome, finding = value if isinstance(value, tuple) else (value, None)
        found.append(check(name, outcome, finding))
    return found


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, Verdict.VALID),
        ({"structure": F}, Verdict.INVALID),
        ({"proof": F}, Verdict.INVALID),
        ({"issuer": F}, Verdict.INVALID),
        ({"schema": F}, Verdict.INVALID),
        ({"validity": (F, Finding.MALFORMED)}, Verdict.INVALID),
        ({"validity": (F, None)}, Verdict.INVALID),
        ({"signed_content": F}, Verdict.UNSIGNED_CONTENT),
        ({"signed_content": F, "proof": F}, Verdict.INVALID),
        ({"signed_content": F, "issuer": U}, Verdict.UNSIGNED_CONTENT),
        ({"issuer": U, "status": (F, Finding.REVOKED)}, Verdict.UNDETERMINED),
        ({"proof": N}, Verdict.UNDETERMINED),
        ({"validity": N}, Verdict.UNDETERMINED),
        ({"status": N}, Verdict.VALID),
        ({"status": U}, Verdict.UNDETERMINED),
        ({"status": (F, Finding.REVOKED), "validity": (F, Finding.EXPIRED)}, Verdict.REVOKED),
        ({"status": (F, Finding.SUSPENDED), "validity": (F, Finding.EXPIRED)}, Verdict.SUSPENDED),
        ({"status": F}, Verdict.REVOKED),
        ({"validity": (F, Finding.EXPIRED), "status": U}, Verdict.EXPIRED),
        ({"validity": (F, Finding.NOT_YET_VALID)}, Verdict.NOT_YET_VALID),
        ({"recipient": F}, Verdict.VALID),
        ({"evidence": F}, Verdict.VALID),
        ({"trust": F, "lookalike": F, "endorsement": F}, Verdict.VALID),
    ],
)
def test_the_first_row_that_matches_decides(changed: dict[str, Outcome], verdict: Verdict) -> None:
    assert decide(all_pass(**changed)) is verdict


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"recipient": F}, Verdict.WRONG_RECIPIENT),
        ({"recipient": F, "evidence": F}, Verdict.WRONG_RECIPIENT),
        ({"recipient": F, "status": U}, Verdict.WRONG_RECIPIENT),
        ({"recipient": F, "validity": (F, Finding.EXPIRED)}, Verdict.EXPIRED),
        ({"evidence": F}, Verdict.INVALID),
        ({"recipient": U}, Verdict.UNDETERMINED),
        ({"recipient": N}, Verdict.UNDETERMINED),
        ({"evidence": N}, Verdict.UNDETERMINED),
        ({}, Verdict.VALID),
    ],
)
def test_what_was_asked_for_joins_the_and(changed: dict[str, Outcome], verdict: Verdict) -> None:
    assert decide(all_pass(**changed), asked={"recipient", "evidence"}) is verdict


def test_what_was_asked_for_and_is_missing_is_open() -> None:
    checks = [check(name, P) for name in MANDATORY]
    assert decide(checks) is Verdict.VALID
    assert decide(checks, asked={"recipient"}) is Verdict.UNDETERMINED


def test_valid_if_and_only_if_everything_mandatory_passes() -> None:
    """Every vector of outcomes over the mandatory checks, missing ones included: 5^7."""
    for vector in itertools.product((P, F, U, N, None), repeat=len(MANDATORY)):
        checks = [check(n, o) for n, o in zip(MANDATORY, vector, strict=True) if o is not None]
        good = all(o is P or (o is N and n in MAY_NOT_APPLY) for n, o in zip(MANDATORY, vector, strict=True))
        assert (decide(checks) is Verdict.VALID) == good


outcomes = st.dictionaries(
    st.sampled_from(ALL), st.tuples(st.sampled_from([P, F, U, N]), st.sampled_from([*Finding, None]))
)
WORSE = {P: (N, U, F), N: (U, F), U: (F,), F: ()}


@given(outcomes, st.sampled_from(ALL), st.sampled_from([P, F, U, N]), st.sets(st.sampled_from(ALL[7:9])))
def test_a_worse_outcome_never_makes_another_verdict_valid(
    vector: dict[str, tuple[Outcome, Finding | None]], name: str, worse: Outcome, asked: set[str]
) -> None:
    def verdict(of: dict[str, tuple[Outcome, Finding | None]]) -> Verdict:
        return decide([check(n, o, f) for n, (o, f) in of.items()], asked=asked)

    before = vector.get(name, (U, None))[0]
    if worse in WORSE[before] and verdict(vector) is not Verdict.VALID:
        # From pass to "does not apply" is only worse where a check may not be left out.
        assert verdict({**vector, name: (worse, None)}) is not Verdict.VALID


@given(outcomes, st.sampled_from(BESIDE), st.sampled_from([P, F, U, N]))
def test_statements_apart_never_change_the_verdict(
    vector: dict[str, tuple[Outcome, Finding | None]], name: str, outcome: Outcome
) -> None:
    checks = [check(n, o, f) for n, (o, f) in vector.items() if n != name]
    assert decide(checks) is decide([*checks, check(name, outcome)])


@given(outcomes, outcomes)
def test_of_two_answers_to_one_question_the_worse_counts(
    one: dict[str, tuple[Outcome, Finding | None]], other: dict[str, tuple[Outcome, Finding | None]]
) -> None:
    checks = [check(n, o, f) for vector in (one, other) for n, (o, f) in vector.items()]
    assert decide(checks) is decide(list(reversed(checks)))
    if decide(checks) is Verdict.VALID:
        assert all(c.outcome is not F for c in checks if c.check in MANDATORY)


def test_authenticity_comes_before_everything_else() -> None:
    for name in AUTHENTICITY:
        changed = {name: U, "status": (F, Finding.REVOKED), "validity": (F, Finding.EXPIRED)}
        assert decide(all_pass(**changed)) is Verdict.UNDETERMINED  # type: ignore[arg-type]
