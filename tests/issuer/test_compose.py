# SPDX-License-Identifier: Apache-2.0
"""What exactly a credential of ours states."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from credentials.digests import matches
from credentials.identity import IdentityObject
from issuer import achievements, publish
from issuer.award import evidence_of
from issuer.mint import Mint
from tests.issuer.house import NOW, issued, members


def test_the_address_is_hashed_with_a_salt_of_its_own_and_the_name_is_shown(mint: Mint) -> None:
    one, other = (members(issued(mint, submission=each)) for each in ("a", "b"))
    hashed, name = one["credentialSubject"]["identifier"]
    assert name == {
        "type": "IdentityObject",
        "hashed": False,
        "identityHash": "Alex Educator",
        "identityType": "name",
    }
    assert len(hashed["salt"]) * 4 >= 128
    expected = hashlib.sha256(("Alex.Educator@school.example" + hashed["salt"]).encode()).hexdigest()
    assert hashed["identityHash"] == f"sha256${expected}"
    assert hashed["salt"] != other["credentialSubject"]["identifier"][0]["salt"]
    assert IdentityObject.read(hashed).hashed


def test_no_name_is_shown_unless_it_is_given(mint: Mint) -> None:
    found = issued(mint, name=None)
    assert len(members(found)["credentialSubject"]["identifier"]) == 1
    assert found.signed_json is not None
    assert b"Alex" not in found.signed_json
    assert b"school.example" not in found.signed_json


def test_every_criterion_has_levels_in_order_and_a_result(mint: Mint) -> None:
    subject = members(issued(mint))["credentialSubject"]
    descriptions = {each["id"]: each for each in subject["achievement"]["resultDescription"]}
    assert len(descriptions) == len(subject["result"]) == 5
    for result in subject["result"]:
        description = descriptions[result["resultDescription"]]
        levels = [level["id"] for level in description["rubricCriterionLevel"]]
        assert levels.index(result["achievedLevel"]) >= levels.index(description["requiredLevel"])
        assert [level["level"] for level in description["rubricCriterionLevel"]] == [
            str(rank) for rank in range(1, len(levels) + 1)
        ]


def test_evidence_and_pages_are_pinned_by_digest(mint: Mint) -> None:
    salt = b"0123456789abcdef"
    public = evidence_of(b"slides", name="Slides", salt=b"", url="https://school.example/slides.pdf")
    found = members(issued(mint, evidence=(evidence_of(b"a journal", name="Journal", salt=salt), public)))
    journal, slides = found["evidence"]
    assert "id" not in journal
    assert matches(b"a journal", journal["digestMultibase"], salt=salt)
    assert not matches(b"a journal", journal["digestMultibase"])
    assert slides["id"] == "https://school.example/slides.pdf"
    assert matches(b"slides", slides["digestMultibase"])
    assert {each["mediaType"] for each in found["relatedResource"]} == {"text/html"}
    for each in found["relatedResource"]:
        page = publish.published(mint, each["id"], now=NOW)
        assert page is not None
        assert matches(page.body, each["digestMultibase"])


def test_there_are_no_nulls_no_empty_arrays_and_no_single_values_for_arrays(mint: Mint) -> None:
    found = members(issued(mint, narrative="How it went."))
    for value in _values(found):
        assert value is not None
        assert value not in ([], {})
    assert isinstance(found["credentialStatus"], list)
    for name in ("type", "evidence", "relatedResource", "proof"):
        assert isinstance(found[name], list)


def test_stacks_are_tags_of_their_own_kind(mint: Mint) -> None:
    assert "stack:SEL" in members(issued(mint))["credentialSubject"]["achievement"]["tag"]


def test_dates_are_utc_in_whole_seconds(mint: Mint) -> None:
    start = NOW - timedelta(days=60, microseconds=5)
    found = members(issued(mint, activity_start=start, activity_end=NOW))
    dates = [
        found["validFrom"],
        found["awardedDate"],
        found["credentialSubject"]["activityStartDate"],
        found["credentialSubject"]["activityEndDate"],
    ]
    assert all(len(date) == 20 and date.endswith("Z") for date in dates)


def test_the_signed_achievement_is_the_registered_one(mint: Mint) -> None:
    signed = members(issued(mint))["credentialSubject"]["achievement"]
    assert signed == achievements.get(mint, "SEL1-v1").members
    served = json.loads(publish.achievement_json(achievements.get(mint, "SEL1-v1")))
    assert {name: value for name, value in served.items() if name != "@context"} == signed


def _values(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        for member in value.values():
            yield from _values(member)
    elif isinstance(value, list):
        for item in value:
            yield from _values(item)
