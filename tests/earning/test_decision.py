# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import uuid
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from earning.review.decision import Incomplete, NeedsReading, Passed, Returned, agreed, decide, is_sampled
from earning.review.rubric import Outcome, Rating, Reading, Rubric, is_met, is_needed, settled_by
from issuer.micro_credential import Criterion

LEVELS = (("Developing", "d"), ("Basic", "b"), ("Proficient", "p"))


def criterion(id: str, required: str | None = "Proficient") -> Criterion:
    return Criterion(id=id, part="part-1", title=id, levels=LEVELS, required=required)


CRITERIA = (criterion("a"), criterion("b"), criterion("c", "Basic"), criterion("d", None))
RUBRIC = Rubric(CRITERIA)


def reading(rubric: Rubric = RUBRIC, *, unmet: Sequence[str] = (), words: str = "") -> Reading:
    return Reading(
        ratings={
            each.id: Rating("Developing", f"more of {each.id}") if each.id in unmet else Rating("Proficient")
            for each in rubric.open
        },
        words=words,
    )


INCOMPLETE = Reading(ratings={}, missing=("part-1/x",), is_incomplete=True)

ratings = st.builds(
    Rating, level=st.sampled_from([name for name, _ in LEVELS]), comment=st.just("something helps")
)
whole = st.builds(Reading, ratings=st.fixed_dictionaries({each.id: ratings for each in CRITERIA}))
any_reading = st.one_of(whole, st.just(INCOMPLETE))


def test_one_reading_decides() -> None:
    assert isinstance(decide(RUBRIC, [reading()], sampled=False), Passed)
    assert isinstance(decide(RUBRIC, [reading(unmet="a")], sampled=False), Returned)
    assert decide(RUBRIC, [INCOMPLETE], sampled=True) == Incomplete(("part-1/x",), "")


def test_the_sample_needs_a_second_reading() -> None:
    assert decide(RUBRIC, [], sampled=False) == NeedsReading("first")
    assert decide(RUBRIC, [reading()], sampled=True) == NeedsReading("sample")
    assert isinstance(decide(RUBRIC, [reading(), reading()], sampled=True), Passed)


def test_two_that_differ_need_a_third_and_then_each_criterion_has_its_majority() -> None:
    two = [reading(), reading(unmet="a")]
    assert decide(RUBRIC, two, sampled=True) == NeedsReading("disagreement")
    assert agreed(RUBRIC, two) is False
    third = decide(RUBRIC, [*two, reading(unmet="b")], sampled=True)
    assert isinstance(third, Passed)
    returned = decide(RUBRIC, [*two, reading(unmet="ab")], sampled=True)
    assert isinstance(returned, Returned)
    assert [id for id, each in returned.criteria.items() if not each.met] == ["a"]
    assert returned.criteria["a"].comment == "more of a"
    assert returned.criteria["b"].comment == ""


def test_two_that_return_for_different_reasons_return_for_both() -> None:
    both = decide(RUBRIC, [reading(unmet="a"), reading(unmet="b")], sampled=True)
    assert isinstance(both, Returned)
    assert [id for id, each in both.criteria.items() if not each.met] == ["a", "b"]


def test_the_greater_part_finds_it_incomplete_or_has_no_voice() -> None:
    first = reading(unmet="a")
    assert decide(RUBRIC, [first, INCOMPLETE], sampled=True) == NeedsReading("disagreement")
    assert isinstance(decide(RUBRIC, [first, INCOMPLETE, INCOMPLETE], sampled=True), Incomplete)
    assert isinstance(decide(RUBRIC, [first, INCOMPLETE, reading()], sampled=True), Returned)


def test_words_come_from_those_whose_outcome_was_decided() -> None:
    three = [reading(words="yes"), reading(unmet="a", words="no"), reading(unmet="a", words="not yet")]
    found = decide(RUBRIC, three, sampled=True)
    assert isinstance(found, Returned)
    assert found.words == "no\n\nnot yet"


def test_gaps_name_missing_levels_and_comments() -> None:
    assert [gap.code for gap in RUBRIC.gaps(Reading(ratings={}))] == ["level", "level", "level"]
    silent = Reading(ratings={**reading().ratings, "a": Rating("Basic", "  ")})
    assert [(gap.place, gap.code) for gap in RUBRIC.gaps(silent)] == [("a", "comment")]
    assert [gap.code for gap in RUBRIC.gaps(Reading(ratings={}, is_incomplete=True))] == ["missing"]
    assert RUBRIC.gaps(INCOMPLETE) == ()


def test_the_sample_follows_from_the_id_and_has_its_size() -> None:
    ids = [str(uuid.UUID(int=number)) for number in range(4_000)]
    tenth = [id for id in ids if is_sampled(id, 10)]
    assert 300 < len(tenth) < 500
    assert all(is_sampled(id, 100) for id in ids)
    assert not any(is_sampled(id, 0) for id in ids)
    assert all(is_sampled(id, 20) for id in tenth)


@given(st.lists(any_reading, max_size=4), st.booleans())
def test_three_readings_always_decide_and_less_only_by_the_rule(
    readings: list[Reading], sampled: bool
) -> None:
    found = decide(RUBRIC, readings, sampled=sampled)
    if isinstance(found, NeedsReading):
        assert len(readings) < 3
    if len(readings) == 2 and RUBRIC.outcome(readings[0]) is RUBRIC.outcome(readings[1]):
        assert not isinstance(found, NeedsReading)


@given(st.lists(any_reading, min_size=1, max_size=3), st.booleans())
def test_it_passes_only_if_every_needed_criterion_is_met(readings: list[Reading], sampled: bool) -> None:
    found = decide(RUBRIC, readings, sampled=sampled)
    if isinstance(found, Passed | Returned):
        unmet = [each.id for each in CRITERIA if is_needed(each) and not found.criteria[each.id].met]
        assert isinstance(found, Passed) is not bool(unmet)
        for each in CRITERIA:
            assert found.criteria[each.id].met == is_met(each, found.criteria[each.id].level)
        for id in unmet:
            assert found.criteria[id].comment


@given(st.lists(st.lists(whole, min_size=1, max_size=1), min_size=1, max_size=6))
def test_what_was_met_stays_met_round_after_round(rounds: list[list[Reading]]) -> None:
    history: list[dict[str, str]] = []
    for readings in rounds:
        settled = settled_by(history)
        rubric = Rubric(CRITERIA, settled)
        mine = [Reading({id: r for id, r in each.ratings.items() if id not in settled}) for each in readings]
        found = decide(rubric, mine, sampled=False)
        assert isinstance(found, Passed | Returned)
        for id, level in settled.items():
            assert found.criteria[id].met
            assert found.levels[id] == level
        history.append(dict(found.levels))
        if isinstance(found, Passed):
            break


@given(whole)
def test_a_second_equal_reading_changes_nothing(one: Reading) -> None:
    assert decide(RUBRIC, [one], sampled=False) == decide(RUBRIC, [one, one], sampled=True)
    assert RUBRIC.outcome(one) in (Outcome.PASS, Outcome.RETURN)
