# SPDX-License-Identifier: Apache-2.0
"""V5: a look-alike issuer: homograph, right-to-left, invisible characters, same name with another DID.

Valid is not recognised: the verdict stays what it is, the check says "careful", and the address is shown in
punycode.
"""

from __future__ import annotations

import json

import pytest

from tests.world import World, explanation_of, members_of, outcome_of
from verifier.checks import lookalike
from verifier.checks.lookalike import LABEL_CHARS, skeleton
from verifier.party import address_of, host_of
from verifier.verdict import Verdict


@pytest.mark.parametrize(
    "title",
    [
        "The Union",
        "the union",
        "The  Union",
        "The Unıon",
        "Тhe Uniоn",  # Cyrillic
        "The Un1on",
        "The Union.",
        "The Uníon",
        "Ｔｈｅ Ｕｎｉｏｎ",
        "The Unіоn",
    ],
)
def test_a_name_that_looks_like_a_known_one_is_flagged(world: World, title: str) -> None:
    world.recognise(world.issuer("union"))
    report = world.look(world.issuer("evil", title=title).mint())
    assert (report.verdict, report.recognised_issuer) == (Verdict.VALID, False)
    assert outcome_of(report, "lookalike") == "fail"
    assert "evil.example" in explanation_of(report, "lookalike")


@pytest.mark.parametrize(
    "title",
    [
        "The U\u200bnion",
        "\u202enoinU ehT",
        "The\u2066Union",
        "The Union\ufeff",
        "The\nUnion",
        "The Union\x07",
    ],
)
def test_hidden_and_turning_characters_are_flagged(world: World, title: str) -> None:
    report = world.look(world.issuer("evil", title=title).mint(jwt=True))
    assert outcome_of(report, "lookalike") == "fail"


def test_a_domain_that_looks_like_a_known_one_is_flagged(world: World) -> None:
    world.recognise(world.issuer("union"))
    evil = world.issuer("xn--unin-75d", title="Somebody")  # a Cyrillic o
    report = world.look(evil.mint())
    assert outcome_of(report, "lookalike") == "fail"
    assert "xn--" in explanation_of(report, "lookalike")


def test_another_name_is_another_name(world: World) -> None:
    world.recognise(world.issuer("union"))
    report = world.look(world.issuer("academy").mint())
    assert outcome_of(report, "lookalike") == "pass"
    assert outcome_of(world.look(world.issuer("union").mint()), "lookalike") == "pass"


def test_no_sentence_carries_hidden_characters_or_length(world: World) -> None:
    evil = world.issuer("evil", title="\u202e" + "W" * 5_000 + "\n\x1b[31m")
    world.recognise(world.issuer("union"))
    report = world.look(evil.mint(jwt=True))
    for check in report.checks:
        assert "\u202e" not in check.explanation
        assert "\n" not in check.explanation
        assert "\x1b" not in check.explanation
        assert len(check.explanation) < 1_000
    assert "\u202e" not in report.sentence


@pytest.mark.parametrize(
    "host", ["xn--" + "a" * 200_000, ".".join(["xn--" + "a" * 59] * 3_000), "%78n--" + "%61" * 60_000]
)
@pytest.mark.parametrize("start", ["did:web:", "https://"])
def test_no_name_is_long_enough_to_burn_time(
    world: World, monkeypatch: pytest.MonkeyPatch, start: str, host: str
) -> None:
    looked_at: list[str] = []

    def counted(text: str) -> str:
        looked_at.append(text)
        return skeleton(text)

    monkeypatch.setattr(lookalike, "skeleton", counted)
    issuers = [world.issuer(f"issuer{n}") for n in range(3)]
    world.recognise(*issuers)
    members = members_of(world.issuer("union").mint())
    members["issuer"] |= {"id": start + host, "name": "x" * 100_000}
    report = world.look(json.dumps(members).encode())
    assert outcome_of(report, "lookalike") == "pass"
    assert sorted(looked_at) == sorted(
        ["x" * 300, *(i.title for i in issuers), *(f"{i.name}.example" for i in issuers)]
    )
    assert host_of(start + host) is None
    assert len(address_of(start + host)) <= 80


def test_punycode_is_decoded_in_labels_that_can_be_some() -> None:
    assert skeleton("xn--unin-75d") == skeleton("union")
    for label in ("xn--" + "a" * 59, "xn--" + "a" * 60):
        assert (skeleton(label) == "xna" + "a" * (len(label) - 5)) is (len(label) > LABEL_CHARS)
    assert skeleton("a" * 5_000) == "a" * 300
