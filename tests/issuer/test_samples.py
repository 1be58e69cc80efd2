# SPDX-License-Identifier: Apache-2.0
"""The sample programme: what there is, that it is whole, and that no text stands in two places."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from functools import cache

import pytest

from issuer import achievement, artwork, micro_credential, programme
from issuer.micro_credential import MicroCredential
from issuer.mint import Mint
from tests.issuer.house import issued, verdict

ALL = ("all",)
TEACHERS = ("teachers",)

# code: title, stacks, hours, audience, needs students
PLANNED: dict[str, tuple[str, tuple[str, ...], tuple[int, int], tuple[str, ...], bool]] = {
    "SEL1": ("Adult SEL 1: Self-Awareness", ("SEL",), (10, 15), ALL, False),
    "SEL2": ("Adult SEL 2: Self-Management", ("SEL",), (10, 15), ALL, False),
    "SEL3": ("Adult SEL 3: Social Awareness", ("SEL",), (10, 15), ALL, False),
    "DECC1": ("Exploring and Unpacking Bias", ("DECC",), (15, 15), ALL, False),
    "NIEA1": (
        "Acknowledging and Honoring Resilience of AI/AN Education",
        ("NIEA", "DECC"),
        (15, 15),
        ("teachers", "ESAs"),
        True,
    ),
    "TRA1": ("Creating a Healing Centered Learning Environment", ("TRA",), (10, 15), ALL, True),
    "TRA2": ("Trauma Informed Support for Students", ("TRA",), (10, 15), ALL, True),
    "TRA3": ("Developing a Healing-Centered Self Care Practice", ("TRA", "SEL"), (10, 10), ALL, False),
    "RP1": ("Exploring Restorative Practices", ("RP", "CM"), (10, 15), ALL, False),
    "FE1": ("Families in Society and Cultural Contexts", ("FE",), (10, 15), ALL, False),
    "FE2": (
        "Family Engagement as Access and Opportunities For All",
        ("FE", "DECC"),
        (10, 15),
        ALL,
        False,
    ),
    "EL1": (
        "IEP Implementation: Communication and Collaboration",
        ("EXL",),
        (15, 15),
        ("teachers", "ESAs", "paraeducators"),
        True,
    ),
    "COT1": ("Foundations of Co-Teaching", ("COT",), (15, 15), TEACHERS, True),
    "TPS1": ("Inquiry with Primary Sources", ("TPS",), (15, 15), TEACHERS, True),
    "ELL1": ("Understanding Academic Language", ("ELL",), (10, 15), ("teachers", "paraeducators"), True),
    "ASM1": (
        "Classroom-Embedded Performance Assessment",
        ("ECE",),
        (15, 15),
        ("teachers", "early career"),
        True,
    ),
    "PGC1": ("Effective Communication", ("PGC",), (15, 15), ("ESPs",), False),
    "PGC2": ("Responsible Communication", ("PGC",), (15, 15), ("ESPs",), False),
    "CM1": (
        "Routines that Give Time Back",
        ("CM", "ECE"),
        (10, 10),
        ("early career", "substitutes"),
        True,
    ),
    "COOP1": ("Coaching a Student Teacher", ("COOP",), (10, 15), ("cooperating teachers",), False),
    "CLIM1": ("Climate Justice in the Classroom", ("CLIM",), (15, 15), ("teachers", "ESAs"), True),
    "CLIM2": ("Measuring a Local Climate Question", ("CLIM",), (15, 15), TEACHERS, True),
    "TPT1": (
        "Planning as a Teacher–Paraeducator Team",
        ("TPT",),
        (10, 15),
        ("teachers", "paraeducators"),
        False,
    ),
    "SAFE1": ("Making School Safer for LGBTQIA+ Students", ("SAFE",), (10, 15), ALL, False),
    "TLAP1": ("Leading a Local Conversation", ("TLAP",), (15, 15), ("teachers", "ESPs"), False),
}

# SHA-256 over criteria and rubric page, and over the members: awards of these carry their digests.
AWARDED = {
    "DECC1-v1": (
        "ec88a11c05c5cba48ab158e9d8ebfe5c11b1411d6927a6b4473cf85aa5c1f3b9",
        "1f38ef49d011caeb7a2a6a4062492c96656c9960ae39b4f8be98c9514ef538ef",
    ),
    "SEL1-v1": (
        "f772f01e6ad25c679159caa8389d4786bf8c431b0ab99cda3a52948e955606e8",
        "f840e274e90f8ad1bd7378bfe0cf058e3f5697171c11c9d7431754f1446cd0a0",
    ),
    "TRA1-v1": (
        "9728e01fb09a22f749ba22fa9e3491e25fa8f70e6eda628639b311bf081f392c",
        "3ea53e67410d6ff542a4fc18445540f89589fd17de9c8fb806028ed3406149c9",
    ),
    "TPT1-v1": (
        "f9b3a702ce78699bbfa3c906af35a670874463e949082ccfefa92c76daae2126",
        "d393f028fc740a379f66fbc0e9b36a38308be989889d0a0728575a6af55fe627",
    ),
}


@cache
def samples() -> dict[str, tuple[str, MicroCredential]]:
    """Issuer and content of every version, by key."""
    found = {}
    for folder in programme.samples():
        for file in folder.iterdir():
            if file.name != programme.ISSUER_FILE:
                read = micro_credential.read(file.read_bytes(), name=file.name)
                assert file.name == f"{read.key.lower()}.toml"
                found[read.key] = folder.name, read
    return found


def newest() -> dict[str, MicroCredential]:
    """The newest version of every code."""
    return {read.code: read for _, read in sorted(samples().values(), key=lambda each: each[1].version)}


def texts(read: MicroCredential) -> list[str]:
    """Everything that was written for this micro-credential."""
    return [
        read.competency,
        read.method,
        *(text for component in read.components for text in component),
        *(source.cite for source in (*read.research, *read.resources)),
        *(prompt.text for part in read.parts for prompt in part.prompts),
        *(artefact.text for part in read.parts for artefact in part.artefacts),
        *(criterion.title for criterion in read.criteria),
        *(descriptor for criterion in read.criteria for _, descriptor in criterion.levels),
    ]


def test_there_are_the_twenty_five_that_were_planned() -> None:
    assert {
        code: (read.title, read.stacks, read.hours, read.audience, read.needs_students)
        for code, read in newest().items()
    } == PLANNED
    assert len(PLANNED) == 25
    assert sorted(key for key in samples() if not key.endswith("-v1")) == ["DECC1-v2", "TPT1-v2"]


def test_the_state_affiliate_awards_one_and_the_national_issuer_the_others() -> None:
    assert {read.code for issuer, read in samples().values() if issuer == "example-state"} == {"TPT1"}


@pytest.mark.parametrize("key", sorted(AWARDED))
def test_what_was_awarded_keeps_its_digests(key: str) -> None:
    _, read = samples()[key]
    pages = b"".join(each.body for each in achievement.documents(read, issuer_name="Example"))
    members = json.dumps(achievement.members(read, public_url="https://x.example"), sort_keys=True)
    assert (hashlib.sha256(pages).hexdigest(), hashlib.sha256(members.encode()).hexdigest()) == AWARDED[key]


@pytest.mark.parametrize("key", sorted(set(samples()) - set(AWARDED)))
def test_each_is_a_whole_assignment(key: str) -> None:
    _, read = samples()[key]
    assert 3 <= len(read.components) <= 5
    assert 2 <= len(read.research) <= 4
    assert read.resources
    assert [part.id for part in read.parts] == ["part-1", "part-2", "part-3"]
    first, second, third = read.parts
    assert first.prompts
    assert third.prompts
    assert all(prompt.words for prompt in (*first.prompts, *third.prompts))
    assert second.artefacts
    assert all(artefact.name for artefact in second.artefacts)
    rubric = [criterion for criterion in read.criteria if criterion.part == "part-2"]
    assert 3 <= len(rubric) <= 6
    assert {criterion.part for criterion in read.criteria} == {"part-1", "part-2", "part-3"}


@pytest.mark.parametrize("key", sorted(samples()))
def test_part_two_takes_proficient_and_the_others_take_passing(key: str) -> None:
    for criterion in samples()[key][1].criteria:
        levels = tuple(name for name, _ in criterion.levels)
        if criterion.part == "part-2":
            assert levels == ("Developing", "Basic", "Proficient")
            assert criterion.required == "Proficient"
        else:
            assert levels == ("Not yet", "Passing")
            assert criterion.required == "Passing"


def test_no_sentence_stands_in_two_micro_credentials() -> None:
    found: dict[str, set[str]] = {}
    for _, read in samples().values():
        for text in texts(read):
            for sentence in re.split(r"(?<=[.?!:;])\s+", text):
                if len(sentence.split()) > 3:
                    found.setdefault(sentence.casefold().strip("."), set()).add(read.code)
    assert {sentence: codes for sentence, codes in found.items() if len(codes) > 1} == {}


def test_no_text_stands_twice_in_one_micro_credential() -> None:
    for key, (_, read) in samples().items():
        assert [text for text, count in Counter(texts(read)).items() if count > 1] == [], key


def test_only_two_let_a_team_hand_in_one_piece_and_each_asks_for_an_own_one() -> None:
    shared = {
        code: [artefact.shared for part in read.parts for artefact in part.artefacts]
        for code, read in newest().items()
        if any(artefact.shared for part in read.parts for artefact in part.artefacts)
    }
    assert sorted(shared) == ["COT1", "TPT1"]
    assert all(False in pieces for pieces in shared.values())
    for read in newest().values():
        for artefact in (each for part in read.parts for each in part.artefacts):
            assert artefact.shared == ("may hand in the same" in artefact.text)


def test_nothing_promises_hours_or_points() -> None:
    for _, read in samples().values():
        words = " ".join(texts(read))
        assert not re.search(r"clock hour|\bPDPs?\b|\bCEUs?\b|\bcredits? for\b", words)
        assert not re.search(r"\bNEA\b|\bWEA\b|\bMTA\b", words)


def test_every_version_can_be_awarded_and_the_award_is_genuine(mint: Mint) -> None:
    verdicts = {
        key: verdict(mint, issued(mint, achievement=key, submission=key).signed_json) for key in samples()
    }
    assert verdicts == dict.fromkeys(samples(), "valid")


def test_every_code_has_an_image_of_its_own() -> None:
    pictures = {code: artwork.svg(code, stack=read.stacks[0], label="") for code, read in newest().items()}
    assert len(set(pictures.values())) == len(PLANNED)
    figures = {artwork.figure(code) for code in pictures}
    assert len(figures) == len(PLANNED)
    small = {code: artwork.png(code, stack=read.stacks[0], size=64) for code, read in newest().items()}
    assert len(set(small.values())) == len(PLANNED)
