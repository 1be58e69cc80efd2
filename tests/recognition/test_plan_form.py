# SPDX-License-Identifier: Apache-2.0
"""The form of a plan: what a rule asks, and what is read from the answers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from issuer.micro_credential import AUDIENCES
from recognition.errors import FactsError
from recognition.judging.facts import EVENTS, FACTS
from recognition.plan import plan_form
from recognition.plan.plan_form import LINKS, WANTED, belonging, kept, read
from recognition.plan.questions import (
    OCCUPATIONS,
    Form,
    deeds,
    event_words,
    fact_words,
    purposes,
    questions,
)
from recognition.rule.policy_reader import sample, samples

TODAY = date(2026, 11, 22)


def places(policy: str, **fields: str) -> set[str]:
    """Return the fields that are at fault."""
    with pytest.raises(FactsError) as caught:
        read(sample(policy), {name.replace("__", "-"): value for name, value in fields.items()}, today=TODAY)
    return {each.place for each in caught.value.faults}


def test_a_rule_asks_only_for_the_facts_that_it_depends_on() -> None:
    assert [each.fact for each in questions(sample("us-ma-renewal"))] == [
        "role",
        "licence_level",
        "renewing",
        "licences_held",
    ]
    assert questions(sample("us-co-aurora-lane")) == ()


def test_every_question_and_event_of_the_rules_has_words() -> None:
    for policy in samples():
        for question in questions(policy):
            assert question.label.endswith("?")
            assert question.help
            assert question.form is Form.LINES or len(question.options) >= 1
        for deed in deeds(policy):
            assert deed.label.endswith("?")
    assert all(fact_words(each) != each for each in FACTS)
    assert all(event_words(each) for each in EVENTS)


def test_what_can_be_counted_is_asked_in_own_words() -> None:
    by_fact = {each.fact: each for each in questions(sample("us-vt-relicensing"))}
    assert by_fact["endorsements_held"].form is Form.LINES
    assert by_fact["licence_level"].form is Form.CHOICE


def test_an_open_question_is_a_missing_fact_and_none_is_an_answer() -> None:
    policy = sample("us-wa-clock-hours")
    open_ = read(policy, {"fact-stem_endorsement": ""}, today=TODAY)
    assert open_.facts.values == {}
    none = read(policy, {"none-holds": "yes", "none-member_of": "yes"}, today=TODAY)
    assert none.facts.values == {"member_of": (), "holds": ()}


def test_answers_become_facts() -> None:
    fields = {
        "fact-licence_level": "professional",
        "fact-licences_held": "Biology\n\n Chemistry \nBiology",
        "cycle-from": "2024-07-01",
        "cycle-until": "2029-06-30",
        "earned-content": "7,5",
        "by": "2027-03-01",
        "want-SEL2": "yes",
        "want-SEL1": "yes",
        "links": "https://a.example/1\nhttps://a.example/2 https://a.example/1",
    }
    found = read(sample("us-ma-renewal"), fields, today=TODAY)
    assert found.facts.values == {
        "licence_level": ("professional",),
        "licences_held": ("Biology", "Chemistry"),
    }
    assert found.facts.earned == {"content": Decimal("7.5")}
    assert found.facts.as_of == date(2027, 3, 1)
    assert found.wanted == ("SEL1", "SEL2")
    assert found.links == ("https://a.example/1", "https://a.example/2")


def test_a_day_that_is_over_does_not_move_the_plan_into_the_past() -> None:
    assert read(sample("us-tn-pdp"), {"by": "2020-01-01"}, today=TODAY).facts.as_of == TODAY


def test_every_fault_is_told_with_its_field() -> None:
    assert places(
        "us-ma-renewal",
        purpose="world-peace",
        fact__licence_level="divine",
        cycle__from="2026-13-01",
        earned__content="many",
        links="javascript:alert(1)",
        by="soon",
    ) == {"purpose", "fact-licence_level", "cycle-from", "earned-content", "links", "by"}
    assert places("us-ma-renewal", cycle__from="2026-01-01") == {"cycle-until"}
    assert places("us-ma-renewal", cycle__from="2026-01-01", cycle__until="2025-01-01") == {"cycle-until"}
    assert places("us-wa-clock-hours", **{"fact__member_of__WEA": "yes", "none__member_of": "yes"}) == {
        "fact-member_of"
    }


def test_a_plan_has_limits() -> None:
    many = {f"want-A{n}": "yes" for n in range(WANTED + 1)}
    assert places("us-ma-renewal", **many) == {"wanted"}
    assert places("us-ma-renewal", links=" ".join(f"https://a.example/{n}" for n in range(LINKS + 1))) == {
        "links"
    }
    assert places("us-ma-renewal", fact__licences_held="\n".join("abcdefghijklmnopqrstuvwxyz")) == {
        "fact-licences_held"
    }


def test_what_does_not_belong_to_a_plan_is_left_out() -> None:
    sent = {"csrf": "x", "policy": "p", "q": "words", "fact-role": " teacher ", "by": "", "want-SEL1": "yes"}
    assert belonging(sent) == {"fact-role": "teacher", "want-SEL1": "yes"}
    assert belonging({"add": "SEL2"}) == {"want-SEL2": "yes"}
    assert belonging({"add": "<script>"}) == {}


def test_every_field_of_a_form_has_a_name_for_the_list_of_faults() -> None:
    for policy in samples():
        assert all(plan_form.labels(policy).values())
        assert purposes(policy)[0].value == policy.purpose


def test_a_teacher_can_say_so_beside_whom_the_rule_names() -> None:
    role = questions(sample("us-ma-renewal"))[0]
    offered = {each.value: each.words for each in role.options}
    assert offered["teacher"] == "Teacher"
    assert list(offered)[-1] == "other"
    assert "paraprofessional" in offered
    assert "paraeducator" not in offered  # the same work under another name, which this rule does not know
    assert all("-" not in words for words in offered.values())


def test_every_occupation_of_the_programme_can_be_said() -> None:
    assert set(OCCUPATIONS) == set(AUDIENCES) - {"all"}
    found = read(sample("us-ma-renewal"), {"fact-role": "administrator"}, today=TODAY)
    assert found.facts.values == {"role": ("administrator",)}


def test_work_that_a_rule_does_not_list_is_something_else() -> None:
    found = read(sample("us-ma-renewal"), {"fact-role": "lighthouse-keeper"}, today=TODAY)
    assert found.facts.values == {"role": ("other",)}
    assert found.fields == {"fact-role": "other"}


def test_a_stored_plan_opens_whatever_the_rule_has_become() -> None:
    policy = sample("us-ma-renewal")
    stored = {
        "fact-role": "teacher",
        "fact-licence_level": "gold",
        "none-licences_held": "yes",
        "fact-licences_held": "Biology",
        "purpose": "lunch",
        "cycle-from": "2024-07-01",
        "earned-content": "7",
        "earned-gone": "7",
        "want-SEL1": "yes",
    }
    found, left = kept(policy, stored, today=TODAY)
    assert set(left) == {
        "fact-licence_level",
        "fact-licences_held",
        "none-licences_held",
        "purpose",
        "cycle-from",
    }
    assert found == {
        "fact-role": "teacher",
        "earned-content": "7",
        "earned-gone": "7",
        "want-SEL1": "yes",
    }
    read(policy, found, today=TODAY)
    many = {f"want-A{n}": "yes" for n in range(WANTED + 1)}
    assert kept(policy, {**many, "by": "2027-01-01"}, today=TODAY)[0] == {"by": "2027-01-01"}
    whole = {"fact-member_of-WEA": "yes", "none-member_of": "yes", "none-holds": "yes"}
    assert kept(sample("us-wa-clock-hours"), whole, today=TODAY)[0] == {"none-holds": "yes"}
    assert kept(policy, {}, today=TODAY) == ({}, ())
