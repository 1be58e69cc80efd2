# SPDX-License-Identifier: Apache-2.0
"""A policy in plain words."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from recognition.rule import policy_phrases, policy_reader, policy_words
from recognition.rule.policy import Period, Policy, Status
from recognition.rule.policy_words import Line, rule_text, sections


def lines(policy: Policy) -> dict[str, Line]:
    """Return every rule by its place."""
    return {line.place: line for section in sections(policy) for line in section.lines}


@pytest.mark.parametrize("policy", policy_reader.samples(), ids=lambda each: each.id)
def test_every_row_of_a_policy_is_told_in_sentences(policy: Policy) -> None:
    told = lines(policy)
    rows = {
        "grant": policy.grants,
        "clock": policy.clocks,
        "require": policy.requires,
        "window": policy.windows,
        "deadline": policy.deadlines,
        "present": policy.presents,
        "need": policy.needs,
        "total": policy.totals,
        "cap": policy.caps,
        "never": policy.nevers,
        "also": policy.alsos,
        "list": policy.lists,
        "area": policy.areas,
    }
    for table, found in rows.items():
        for number in range(len(found)):
            assert f"{table}[{number}]" in told
    for line in told.values():
        assert (
            line.sentence[0].isupper()
            or line.sentence.startswith(policy.unit.id)
            or line.sentence[0].isdigit()
        )
        assert line.sentence.endswith((".", "!", "?", "”"))
        assert "None" not in line.sentence
        assert "_" not in line.sentence.replace(policy.timezone, "")


@pytest.mark.parametrize("policy", policy_reader.samples(), ids=lambda each: each.id)
def test_every_value_that_no_source_states_is_marked_beside_its_rule(policy: Policy) -> None:
    told = lines(policy)
    for place in policy.unverified:
        row = next(each for each in told if place == each or place.startswith((f"{each}.", f"{each}[")))
        assert policy_phrases.key(place) in told[row].assumed
        assert told[row].marker.startswith("Our assumption, not stated by a source: ")
    unmarked = [each for each in told.values() if not each.assumed]
    assert unmarked
    assert not any(each.marker for each in unmarked)


def test_amounts_stand_with_unit_and_place() -> None:
    told = rule_text(policy_reader.sample("us-ma-renewal"), "grant[0]")
    assert told.startswith(
        "Two micro-credentials of one area together give 10 professional development points (Massachusetts)."
    )
    assert "Our assumption, not stated by a source" in told


def test_a_rule_is_told_by_its_place_and_also_by_a_value_in_it() -> None:
    policy = policy_reader.sample("us-wa-clock-hours")
    assert rule_text(policy, "grant[0].amount") == rule_text(policy, "grant[0]")
    assert "April 26, 2024" in rule_text(policy, "window")
    assert "WEA" in rule_text(policy, "who")
    assert "TLAP" in rule_text(policy, "accept")
    assert "not a state endorsement or certificate" in rule_text(policy, "never[0]")
    assert rule_text(policy, "deadline[0]") == ""
    assert rule_text(policy, "nothing.of.this") == ""
    assert rule_text(policy, "") == ""


def test_an_unstated_overlap_says_that_nobody_has_decided_it() -> None:
    assert "Nobody has decided" in rule_text(policy_reader.sample("us-wa-clock-hours"), "grant[0]")


def test_a_proposal_names_no_amount() -> None:
    told = policy_words.summary(policy_reader.sample("us-nh-recertification"))
    assert "as a person decides" in told
    assert not re.search(r"\d", told)


def test_who_needs_no_units_is_never_told_zero() -> None:
    for policy in policy_reader.samples():
        assert not any(re.search(r"\b0 ", line.sentence) for line in lines(policy).values())


def test_the_bare_word_endorsement_is_never_ours() -> None:
    for policy in policy_reader.samples():
        own = " ".join(
            line.sentence
            for section in sections(policy)
            for line in section.lines
            if not line.place.startswith(("never", "also", "who.otherwise"))
        )
        assert not re.search(r"(?<!licence )endorsement", own)


def test_each_status_has_its_label_and_says_what_it_means() -> None:
    policy = policy_reader.sample("us-ma-renewal")
    assert policy_words.label(policy) == "Example rule"
    assert "Nobody decides by it" in policy_words.status_sentence(policy)
    assert set(policy_words._STATUS) == set(Status)


def test_single_phrases() -> None:
    assert policy_phrases.every(["a", "b", "c"]) == "a, b and c"
    assert policy_phrases.either(["a"]) == "a"
    assert policy_phrases.bucket("english-learners") == "English learners"
    assert policy_phrases.kind("MasterDegree") == "master degree"
    assert policy_phrases.kind("ext:WorkshopDay") == "workshop day"
    assert policy_phrases.number(12) == "12"
    assert policy_phrases.period(Period(policy_reader.sample("us-ma-renewal").in_force.first)).startswith(
        "since"
    )


def test_pro_rata_says_what_one_alone_gives() -> None:
    source = policy_reader.sample("us-ma-renewal").source.decode()
    policy = policy_reader.read(source.replace('leftover = "none"', 'leftover = "pro-rata"').encode())
    assert policy.grants[0].amount == Decimal(10)
    assert "gives 5 professional development points (Massachusetts)" in rule_text(policy, "grant[0]")
