# SPDX-License-Identifier: Apache-2.0
"""What is typed about a claim is read strictly: links, facts, the number a policy wants, and changes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from recognition.claiming import claim_facts, claim_form
from recognition.claiming.settling import Addition, GroupChange
from recognition.errors import FactsError, RecognitionFieldError
from recognition.rule import policy_reader
from tests.issuer.house import NOW

MA, PA = policy_reader.sample("us-ma-renewal"), policy_reader.sample("us-pa-psea-act48")


def test_links_are_those_that_were_ticked_and_typed_each_once() -> None:
    fields = {
        "award-2": "https://b.example/2",
        "award-1": "https://b.example/1",
        "links": " https://b.example/2\n",
    }
    assert claim_form.links(fields) == ("https://b.example/1", "https://b.example/2")


def test_facts_are_kept_as_a_facts_file_and_read_back() -> None:
    fields = {
        "fact-licence_level": "professional",
        "fact-renewing": "yes",
        "cycle-from": "2024-01-01",
        "cycle-until": "2028-12-31",
        "earned-content": "7.5",
        "links": "not for the facts",
    }
    facts = claim_form.facts(MA, fields, now=NOW)
    kept = claim_facts.to_json(facts)
    assert kept == {
        "purpose": "licence-renewal",
        "licence_level": "professional",
        "renewing": "yes",
        "cycle": {"from": "2024-01-01", "until": "2028-12-31"},
        "earned": {"content": "7.5"},
    }
    again = claim_facts.read(kept, as_of=facts.as_of)
    assert again == facts
    assert ("Cycle", "January 1, 2024 to December 31, 2028") in claim_facts.lines(again, MA)


@pytest.mark.parametrize(("typed", "number"), [("1234567", "1234567"), (" 123-4567 ", "1234567")])
def test_a_number_that_the_policy_wants_is_carried(typed: str, number: str) -> None:
    assert claim_form.facts(PA, {"identifier": typed}, now=NOW).identifiers == {"PPID": number}


@pytest.mark.parametrize("typed", ["123", "12345678", "123456x", "１２３４５６７"])
def test_a_number_of_another_form_is_told(typed: str) -> None:
    with pytest.raises(FactsError) as told:
        claim_form.facts(PA, {"identifier": typed}, now=NOW)
    assert told.value.faults[0].place == "identifier"


def test_a_number_that_nobody_asks_for_is_not_kept() -> None:
    assert claim_form.facts(MA, {"identifier": "1234567"}, now=NOW).identifiers == {}


def test_changes_are_read_by_group_and_by_award() -> None:
    fields = {
        "group-2-units": "7,5",
        "group-2-bucket": "content",
        "group-1-leave": "yes",
        "group-3-confirmed": "yes",
        "group-3-units": "",
        "add-4": "yes",
        "add-4-units": "5",
        "add-4-bucket": "elective",
        "add-5-units": "9",
        "group-x-units": "1",
    }
    found = claim_form.adjustments(fields)
    assert found.groups == (
        GroupChange(1, leave_out=True),
        GroupChange(2, units=Decimal("7.5"), bucket="content"),
        GroupChange(3, confirmed=True),
    )
    assert found.additions == (Addition(4, Decimal(5), "elective"),)


@pytest.mark.parametrize("typed", ["ten", "1e9", "-1", "0x10", "１０", "NaN", "10.12345"])
def test_what_is_no_number_is_told(typed: str) -> None:
    with pytest.raises(RecognitionFieldError) as told:
        claim_form.adjustments({"group-1-units": typed})
    assert told.value.path == "group-1-units"


def test_what_is_added_has_a_number() -> None:
    with pytest.raises(RecognitionFieldError) as told:
        claim_form.adjustments({"add-1": "yes"})
    assert told.value.path == "add-1-units"
