# SPDX-License-Identifier: Apache-2.0
"""V5: a look-alike issuer: homograph, right-to-left, invisible characters, same name with another DID.

Valid is not recognised: the verdict stays what it is, the check says "careful", and the address is shown in
punycode.
"""

from __future__ import annotations

import json

import pytest

from tests.world import World, explanation_of, members_of, outcome_of
from verifier import likeness
from verifier.confusables import LABEL_CHARS, skeleton, words
from verifier.party import NAME_CHARS, address_of, host_of
from verifier.ports import KnownIssuer
from verifier.registry import IssuerList
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


@pytest.mark.parametrize(
    ("host", "title"),
    [
        ("union.example.evil", "Somebody"),
        ("union-example-sign-in", "Somebody"),
        ("uni-on", "Somebody"),
        ("un1on", "Somebody"),
        ("xn--nion-pra", "Somebody"),
    ],
)
def test_an_address_made_to_be_taken_for_a_known_one_is_flagged(world: World, host: str, title: str) -> None:
    evil = world.issuer(host, title=title)
    world.recognise(world.issuer("union"))
    report = world.look(evil.mint())
    assert (report.verdict, report.recognised_issuer) == (Verdict.VALID, False)
    assert outcome_of(report, "lookalike") == "fail"
    assert f"{host}.example" in explanation_of(report, "lookalike")
    assert "union.example of The Union" in explanation_of(report, "lookalike")


def test_a_long_address_with_two_letters_swapped_is_flagged(world: World) -> None:
    world.recognise(world.issuer("teachers-union"))
    for host, outcome in (
        ("taechers-union", "fail"),
        ("teachersunion", "fail"),
        ("preachers-union", "pass"),
    ):
        report = world.look(world.issuer(host, title="Somebody").mint())
        assert outcome_of(report, "lookalike") == outcome, host


def test_a_subdomain_of_a_known_address_is_its_owners(world: World) -> None:
    world.recognise(world.issuer("union"))
    report = world.look(world.issuer("badges.union", title="Somebody").mint())
    assert (report.recognised_issuer, outcome_of(report, "lookalike")) == (False, "pass")


def test_the_same_name_under_another_identifier_is_told_with_both_addresses(world: World) -> None:
    world.recognise(world.issuer("union"))
    report = world.look(world.issuer("evil", title="The Union").mint())
    said = explanation_of(report, "lookalike")
    assert said.startswith("Careful: The Union (union.example) has the same name")
    assert said.endswith("another issuer: evil.example.")


def test_on_one_host_the_whole_identifiers_are_shown(world: World) -> None:
    union = world.issuer("union")
    twin = KnownIssuer("did:web:union.example:issuers:real", union.title)
    report = world.look(union.mint(), registry=IssuerList((twin,)))
    assert "did:web:union.example:issuers:real" in explanation_of(report, "lookalike")
    assert explanation_of(report, "lookalike").endswith("another issuer: did:web:union.example.")


def test_alphabets_mixed_in_a_word_are_flagged_also_without_a_list(world: World) -> None:
    report = world.look(world.issuer("evil", title="Natiоnal Board").mint())  # a Cyrillic o
    assert outcome_of(report, "lookalike") == "fail"
    titles = ("Πανεπιστήμιο Athens", "Университет МГУ", "日本 Academy", "Δ-Learning")
    for number, title in enumerate(titles):
        report = world.look(world.issuer(f"good{number}", title=title).mint())
        assert outcome_of(report, "lookalike") == "pass"


@pytest.mark.parametrize("blank", ["\u3164", "\u2800", "\u115f", "\u00ad", "\u2063"])
def test_letters_that_show_nothing_are_flagged(world: World, blank: str) -> None:
    report = world.look(world.issuer("evil", title=f"The{blank}Union").mint(jwt=True))
    assert outcome_of(report, "lookalike") == "fail"


def test_who_stands_on_the_list_is_not_compared(world: World) -> None:
    world.recognise(world.issuer("union"), world.issuer("other", title="The Union"))
    for name in ("union", "other"):
        assert outcome_of(world.look(world.issuer(name).mint()), "lookalike") == "pass"


def test_a_host_in_another_alphabet_is_shown_in_punycode() -> None:
    assert address_of("https://uniоn.example/issuer") == "xn--unin-75d.example"  # a Cyrillic o
    assert address_of("https://café.example:8443/x") == "xn--caf-dma.example:8443"
    assert len(address_of("https://" + "о" * 200 + ".example")) <= 80


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

    def counted(text: str) -> tuple[str, ...]:
        looked_at.append(text)
        return words(text)

    monkeypatch.setattr(likeness, "words", counted)
    issuers = [world.issuer(f"issuer{n}") for n in range(3)]
    world.recognise(*issuers)
    members = members_of(world.issuer("union").mint())
    members["issuer"] |= {"id": start + host, "name": "x" * 100_000}
    report = world.look(json.dumps(members).encode())
    assert outcome_of(report, "lookalike") == "pass"
    assert looked_at.count("x" * NAME_CHARS) == 1
    assert all(len(text) <= NAME_CHARS for text in looked_at)
    assert host_of(start + host) is None
    assert len(address_of(start + host)) <= 80


def test_punycode_is_decoded_in_labels_that_can_be_some() -> None:
    assert skeleton("xn--unin-75d") == skeleton("union")
    for label in ("xn--" + "a" * 59, "xn--" + "a" * 60):
        assert (skeleton(label) == "xna" + "a" * (len(label) - 5)) is (len(label) > LABEL_CHARS)
    assert skeleton("a" * 5_000) == "a" * 300
