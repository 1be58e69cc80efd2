# SPDX-License-Identifier: Apache-2.0
"""Facts are read as strictly as policies: every fault has its place, and amounts are never floats."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.errors import FactsError
from recognition.judging.facts import Attestation, Facts, Used
from recognition.judging.facts_reader import from_members, members, read
from recognition.rule.policy import Period

TODAY = date(2026, 11, 22)
EXAMPLE = b"""
purpose = "licence-renewal"
as_of = 2026-05-04
licence_level = "professional"
renewing = "yes"
member_of = ["WEA", "NEA"]
cycle = { from = 2022-01-01, until = 2026-12-31 }
earned = { content = 15, general = 1.5 }
[[attestation]]
event = "workshop"                 # bound to one micro-credential; "orientation" has no item
item = "DECC1"
on = 2024-04-22
by = "WEA"
[[used]]                           # the command line has no ledger; these rows stand in for it
award = "https://badges.example/credentials/7f3c"
purpose = "licence-renewal"
"""
FACTS = Facts(
    as_of=date(2026, 5, 4),
    purpose="licence-renewal",
    values={"licence_level": ("professional",), "renewing": ("yes",), "member_of": ("WEA", "NEA")},
    cycle=Period(date(2022, 1, 1), date(2026, 12, 31)),
    earned={"content": Decimal(15), "general": Decimal("1.5")},
    attestations=(Attestation("workshop", date(2024, 4, 22), "DECC1", by="WEA"),),
    used=(Used(award="https://badges.example/credentials/7f3c", purpose="licence-renewal"),),
)


def test_the_example_of_the_domain_rules_is_read() -> None:
    assert read(EXAMPLE, media="toml", today=TODAY) == FACTS


def test_the_same_in_json_with_numbers_or_texts_as_amounts() -> None:
    said = {
        "purpose": "licence-renewal",
        "as_of": "2026-05-04",
        "licence_level": ["professional"],
        "renewing": "yes",
        "member_of": ["WEA", "NEA"],
        "cycle": {"from": "2022-01-01", "until": "2026-12-31"},
        "earned": {"content": "15", "general": 1.5},
        "attestation": [{"event": "workshop", "on": "2024-04-22", "item": "DECC1", "by": "WEA"}],
        "used": [{"award": "https://badges.example/credentials/7f3c", "purpose": "licence-renewal"}],
    }
    assert read(json.dumps(said).encode(), media="json", today=TODAY) == FACTS


def test_a_json_number_is_a_decimal_to_the_last_digit() -> None:
    found = read(b'{"earned": {"general": 0.1}}', media="json", today=TODAY)
    assert found.earned == {"general": Decimal("0.1")}


def test_what_members_writes_reads_to_the_same_facts() -> None:
    assert from_members(json.loads(json.dumps(members(FACTS))), today=TODAY) == FACTS


def test_nothing_given_is_nothing_known_and_an_empty_array_says_none() -> None:
    assert read(b"", media="toml", today=TODAY) == Facts(as_of=TODAY)
    assert read(b"holds = []", media="toml", today=TODAY).values == {"holds": ()}


def test_a_number_that_the_policy_asks_for_may_stand_at_the_top() -> None:
    for raw in (b'PPID = "1234567"', b'identifiers = { PPID = "1234567" }'):
        assert read(raw, media="toml", today=TODAY, identifiers=("PPID",)).identifiers == {"PPID": "1234567"}
    with pytest.raises(FactsError):
        read(b'PPID = "1234567"', media="toml", today=TODAY)


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b'rolle = "teacher"', "rolle"),
        (b"renewing = true", "renewing"),
        (b"renewing = 1", "renewing"),
        (b'role = ""', "role"),
        (b'role = ["teacher", 3]', "role[1]"),
        (b'purpose = "fun"', "purpose"),
        (b'as_of = "tomorrow"', "as_of"),
        (b"as_of = 2026-05-04T10:00:00Z", "as_of"),
        (b"cycle = { until = 2026-12-31 }", "cycle.from"),
        (b"cycle = { from = 2026-12-31, until = 2022-01-01 }", "cycle"),
        (b"cycle = { from = 2022-01-01, to = 2026-12-31 }", "cycle.to"),
        (b'cycle = "2022"', "cycle"),
        (b"earned = { content = -1 }", "earned.content"),
        (b"earned = { content = nan }", "earned.content"),
        (b"earned = { content = inf }", "earned.content"),
        (b"earned = { content = 1e9 }", "earned.content"),
        (b"earned = { content = 0.00001 }", "earned.content"),
        (b"earned = { content = true }", "earned.content"),
        (b'[[attestation]]\nevent = "party"\non = 2024-01-01', "attestation[0].event"),
        (b'[[attestation]]\nevent = "workshop"', "attestation[0].on"),
        (b'[[attestation]]\nevent = "workshop"\non = 2024-01-01\nwho = "me"', "attestation[0].who"),
        (b'attestation = "none"', "attestation"),
        (b'[[used]]\npurpose = "licence-renewal"', "used[0].award"),
        (b'[[used]]\naward = "x"\npurpose = "fun"', "used[0].purpose"),
        (b'[[used]]\naward = "x"\ngroup = 1.5', "used[0].group"),
        (b"identifiers = 3", "identifiers"),
        ('role = "te\u202eacher"'.encode(), ""),
        (b"\xff", ""),
        (b"x" * 70_000, ""),
        (b"a = " + b"[" * 3_000, ""),
        (b"not toml", ""),
    ],
)
def test_what_is_not_as_agreed_is_refused_with_its_place(raw: bytes, place: str) -> None:
    with pytest.raises(FactsError) as caught:
        read(raw, media="toml", today=TODAY)
    assert caught.value.faults[0].place == place
    assert place in caught.value.message


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"3",
        b'{"role": "a", "role": "b"}',
        b'{"earned": {"x": NaN}}',
        b"{" * 5_000,
        b'{"a"',
        b'{"role": {}}',
    ],
)
def test_json_that_is_not_as_agreed_is_refused(raw: bytes) -> None:
    with pytest.raises(FactsError):
        read(raw, media="json", today=TODAY)


def test_several_faults_are_told_at_once_and_at_most_twenty() -> None:
    raw = "\n".join(f"k{number} = 1" for number in range(30)).encode()
    with pytest.raises(FactsError) as caught:
        read(raw, media="toml", today=TODAY)
    assert len(caught.value.faults) == 20
    assert "17 more" in caught.value.message


@given(st.binary(max_size=200), st.sampled_from(("toml", "json")))
def test_any_bytes_are_facts_or_a_refusal(raw: bytes, media: str) -> None:
    with suppress(FactsError):
        assert isinstance(read(raw, media=media, today=TODAY), Facts)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9), st.decimals()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(
                    ("role", "cycle", "from", "earned", "used", "award", "attestation", "event", "on")
                ),
                inner,
                max_size=4,
            ),
        ),
        max_leaves=12,
    )
)
def test_any_members_are_facts_or_a_refusal(value: object) -> None:
    with suppress(FactsError):
        assert isinstance(from_members(value, today=TODAY), Facts)
