# SPDX-License-Identifier: Apache-2.0
"""The summary says what was signed, raises nothing, and lets no dangerous link out (threats V10, V11)."""

from __future__ import annotations

import copy
import dataclasses
import html
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials import summary
from credentials.summary import AlignmentSummary, EvidenceSummary, Summary, summarize
from tests.credentials.badges import badge
from tests.vectors import shared


def test_a_badge_in_plain_words() -> None:
    found = summarize(badge())
    assert dataclasses.replace(found, results=()) == Summary(
        id="https://badges.example/credentials/00000000-0000-4000-8000-000000000001",
        title="Family Engagement",
        kinds=("VerifiableCredential", "OpenBadgeCredential"),
        description="The educator plans with families.",
        criteria_narrative="# Method\n\nPlan, meet, reflect.",
        criteria_url="https://badges.example/criteria/1",
        image_url=None,
        achievement_id="https://badges.example/achievements/family-engagement",
        achievement_type="MicroCredential",
        version="2026-01",
        human_code="FE1",
        language="en-US",
        tags=("stack:FE", "families"),
        recipient_name="Ada Example",
        issuer_id="did:web:badges.example",
        issuer_name="Educators’ Union",
        issuer_url="https://badges.example/",
        awarded_on=datetime(2026, 2, 27, 9, 30, tzinfo=UTC),
        valid_from=datetime(2026, 2, 27, 9, 30, tzinfo=UTC),
        valid_until=None,
        activity_start=datetime(2025, 9, 1, tzinfo=UTC),
        activity_end=datetime(2026, 2, 1, tzinfo=UTC),
        results=(),
        evidence=(
            EvidenceSummary(
                id=None,
                name="Plan",
                description="A plan for one year",
                genre="Plan",
                narrative="Written with *families*.",
                digest="uEiC1gJ2KkviFhDbX5rh8EuvArh6sS67MLAuROu4skiLjmQ",
            ),
        ),
        alignments=(
            AlignmentSummary(
                name="InTASC 10", url="https://standards.example/10", framework="InTASC", code="10"
            ),
        ),
        narrative=None,
    )


def test_the_level_reached_stands_beside_the_level_that_passes() -> None:
    reach, reflection = summarize(badge()).results
    assert (reach.criterion, reach.level, reach.required_level, reach.points, reach.met) == (
        "Reach",
        "Exemplary",
        "Passing",
        "3",
        True,
    )
    assert (reflection.criterion, reflection.status, reflection.met) == ("Reflection", "Completed", True)


def reached(result: dict[str, Any], **description: Any) -> summary.ResultSummary:
    members = badge()
    subject = members["credentialSubject"]
    described = {
        "id": "urn:r",
        "type": ["ResultDescription"],
        "name": "R",
        "resultType": "Result",
    } | description
    subject["achievement"]["resultDescription"] = [described]
    subject["result"] = [{"type": ["Result"], "resultDescription": "urn:r"} | result]
    return summarize(members).results[0]


LEVELS = [{"id": f"urn:{number}", "name": f"Level {number}", "level": str(number)} for number in range(3)]
NAMED = [{"id": f"urn:{number}", "name": f"Level {number}"} for number in range(3)]
SCORED = [{"id": f"urn:{number}", "points": f"{number}.5"} for number in range(3)]


@pytest.mark.parametrize(
    ("result", "description", "met"),
    [
        ({"achievedLevel": "urn:0"}, {"requiredLevel": "urn:1", "rubricCriterionLevel": LEVELS}, False),
        ({"achievedLevel": "urn:1"}, {"requiredLevel": "urn:1", "rubricCriterionLevel": LEVELS}, True),
        ({"achievedLevel": "urn:0"}, {"requiredLevel": "urn:1", "rubricCriterionLevel": LEVELS[::-1]}, False),
        ({"achievedLevel": "urn:2"}, {"requiredLevel": "urn:1", "rubricCriterionLevel": LEVELS[::-1]}, True),
        ({"achievedLevel": "urn:0"}, {"requiredLevel": "urn:1", "rubricCriterionLevel": SCORED}, False),
        ({"achievedLevel": "urn:2"}, {"requiredLevel": "urn:1", "rubricCriterionLevel": NAMED}, None),
        ({"achievedLevel": "urn:1"}, {"requiredLevel": "urn:1", "rubricCriterionLevel": NAMED}, True),
        ({"achievedLevel": "urn:9"}, {"requiredLevel": "urn:1", "rubricCriterionLevel": LEVELS}, None),
        ({"achievedLevel": "urn:1"}, {"rubricCriterionLevel": LEVELS}, None),
        ({"value": "B"}, {"requiredValue": "C", "allowedValue": ["D", "C", "B", "A"]}, True),
        ({"value": "D"}, {"requiredValue": "C", "allowedValue": ["D", "C", "B", "A"]}, False),
        ({"value": "9.50"}, {"requiredValue": "10"}, False),
        ({"value": "10.0"}, {"requiredValue": "10"}, True),
        ({"value": "good"}, {"requiredValue": "10"}, None),
        ({"value": "NaN"}, {"requiredValue": "10"}, None),
        ({"value": "1" * 400}, {"requiredValue": "10"}, None),
        ({"value": "10"}, {}, None),
        ({"status": "Completed"}, {}, True),
        ({"status": "Failed"}, {}, False),
        ({"status": "InProgress"}, {}, None),
        ({"status": ["Completed"]}, {}, None),
        ({}, {}, None),
    ],
)
def test_met_is_only_said_where_the_credential_says_what_it_takes(
    result: dict[str, Any], description: dict[str, Any], met: bool | None
) -> None:
    assert reached(result, **description).met is met


def test_a_level_of_another_description_is_named() -> None:
    page = shared("ob-spec-examples/fullOpenBadge.html").read_text(encoding="utf-8")
    (text,) = re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    found = summarize(json.loads(html.unescape(text)))
    assert [result.level for result in found.results] == [None, "Mastery", None]
    assert [result.met for result in found.results] == [True, None, True]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScript:alert(1)",
        "java\nscript:alert(1)",
        " https://a.example/",
        "https://a.example/\u202egpj.exe",
        "data:text/html,<script>",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "ftp://a.example/",
        "mailto:a@example.com",
        "//a.example/",
        "/path",
        "https:",
        "https:///path",
        "https://user@a.example/",
        "https://a.example@b.example/",
        "https://a.example/\x00",
        'https://a.example/"onclick="x',
        "https://a.example/<b>",
        "https://a.example\\@b.example/",
        "http://[",
        "https://a.example/" + "a" * 2_048,
        "",
        5,
        None,
        ["https://a.example/"],
        {},
    ],
)
def test_only_plain_web_addresses_come_out_as_links(address: Any) -> None:
    members = badge()
    achievement = members["credentialSubject"]["achievement"]
    achievement["criteria"]["id"] = achievement["alignment"][0]["targetUrl"] = address
    achievement["image"] = {"id": address, "type": "Image"}
    members["issuer"]["url"] = members["evidence"][0]["id"] = address
    found = summarize(members)
    assert (found.criteria_url, found.image_url, found.issuer_url) == (None, None, None)
    assert (found.alignments[0].url, found.evidence[0].id) == (None, None)


@pytest.mark.parametrize(
    "address", ["https://a.example/x?y=1#z", "http://127.0.0.1:8080/a", "HTTPS://A.example"]
)
def test_web_addresses_come_out_as_they_are(address: str) -> None:
    members = badge()
    members["issuer"]["url"] = address
    assert summarize(members).issuer_url == address


def test_texts_are_cut_and_cleaned() -> None:
    members = badge()
    achievement = members["credentialSubject"]["achievement"]
    achievement["name"] = "A\x1b[31m\u202egnp\u2066 \n\t title " + "x" * 1_000
    achievement["criteria"]["narrative"] = "One\r\ntwo\x07\n" + "y" * 20_000
    achievement["tag"] = [f"tag {number}" for number in range(500)]
    found = summarize(members)
    assert found.title is not None
    assert found.title.startswith("A[31mgnp title xxx")
    assert len(found.title) == summary.LINE_CHARS
    assert found.title.endswith("…")
    assert found.criteria_narrative is not None
    assert found.criteria_narrative.startswith("One\ntwo\nyyy")
    assert len(found.criteria_narrative) == summary.TEXT_CHARS
    assert len(found.tags) == summary.ITEMS


def test_the_recipient_is_named_only_in_clear() -> None:
    members = badge()
    identities = members["credentialSubject"]["identifier"]
    identities[1]["hashed"] = True
    assert summarize(members).recipient_name is None
    identities[1] |= {"hashed": False, "identityType": "emailAddress"}
    assert summarize(members).recipient_name is None


def test_the_issuer_is_reached_by_its_own_words() -> None:
    members = badge()
    members["issuer"] |= {
        "email": "awards@badges.example",
        "phone": "+1 555 0100",
        "address": {
            "type": ["Address"],
            "streetAddress": "1 Sample\u202e Street\n",
            "postOfficeBoxNumber": "7",
            "addressLocality": "Springfield",
            "addressRegion": "IL",
            "postalCode": "62701",
            "addressCountryCode": "US",
        },
    }
    found = summarize(members)
    assert found.issuer_address == ("1 Sample Street", "7", "Springfield, IL 62701", "US")
    assert (found.issuer_email, found.issuer_phone) == ("awards@badges.example", "+1 555 0100")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (15, "15"),
        (1.5, "1.5"),
        (0, None),
        (-1, None),
        (True, None),
        ("15", None),
        (1e9, None),
        (12_345, "12,345"),
    ],
)
def test_credits_are_positive_numbers_of_common_size(value: Any, expected: str | None) -> None:
    members = badge()
    members["credentialSubject"] |= {"creditsEarned": value}
    members["credentialSubject"]["achievement"] |= {"creditsAvailable": value}
    found = summarize(members)
    assert (found.credits_earned, found.credits_available) == (expected, expected)


def test_both_vcdm_versions_and_endorsements_are_summarised() -> None:
    older = summarize(badge(validFrom=..., issuanceDate="2026-01-01T00:00:00Z", issuer="did:web:a.example"))
    assert older.valid_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert (older.issuer_id, older.issuer_name) == ("did:web:a.example", None)
    word = summarize({"name": "Ten hours", "credentialSubject": {"endorsementComment": "Granted."}})
    assert (word.title, word.narrative) == ("Ten hours", "Granted.")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_no_shape_whatever_raises(data: st.DataObject) -> None:
    members = copy.deepcopy(badge())
    owner: Any = members
    for _ in range(data.draw(st.integers(1, 6))):
        steps = list(owner) if isinstance(owner, dict) else list(range(len(owner)))
        step = data.draw(st.sampled_from(steps))
        if not isinstance(owner[step], dict | list) or not owner[step] or data.draw(st.booleans()):
            break
        owner = owner[step]
    else:
        step = data.draw(st.sampled_from(list(owner) if isinstance(owner, dict) else list(range(len(owner)))))
    owner[step] = data.draw(json_values)
    assert isinstance(summarize(members), Summary)


@given(st.dictionaries(st.sampled_from(list(badge())), json_values))
def test_no_document_whatever_raises(members: dict[str, Any]) -> None:
    assert isinstance(summarize(members), Summary)
