# SPDX-License-Identifier: Apache-2.0
"""A difference between canonical forms is a known deviation only if it explains all of it."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import identity
from benchmarks.walk import credential
from credentials.canonicalize import canonicalize


def refuses(_members: dict[str, Any]) -> str | None:
    return None


def test_equal_bytes_are_identical_and_a_refusal_is_told() -> None:
    ours = canonicalize(credential())
    assert identity.outcome_of(ours, ours.decode(), credential(), refuses) == "identical"
    assert identity.outcome_of(ours, None, credential(), refuses) == "refused by it"


@pytest.mark.parametrize(
    ("text", "written", "name"),
    [
        ("bell \x07", ("\\u0007", "\x07"), "controls"),
        ("none \ufffe", ("\\uFFFE", "\ufffe"), "noncharacters"),
        ("both \x07\uffff", ("\\u0007\\uFFFF", "\x07\uffff"), "controls and noncharacters"),
    ],
)
def test_what_is_left_unescaped_has_a_name(text: str, written: tuple[str, str], name: str) -> None:
    members = credential() | {"name": text}
    ours = canonicalize(members)
    theirs = ours.decode().replace(*written)
    assert identity.outcome_of(ours, theirs, members, refuses) == f"known deviation: {name}"


def test_lines_in_another_order_have_a_name() -> None:
    ours = canonicalize(credential())
    theirs = "".join(f"{line}\n" for line in reversed(ours.decode().rstrip("\n").split("\n")))
    assert identity.outcome_of(ours, theirs, credential(), refuses) == "known deviation: order"


def test_a_number_excuses_nothing_but_itself() -> None:
    members = credential()
    members["credentialSubject"]["creditsEarned"] = 2**53 + 1
    ours = canonicalize(members)
    theirs = ours.decode().replace(str(2**53 + 1), str(2**53))
    assert (
        identity.outcome_of(ours, theirs, members, lambda plain: canonicalize(plain).decode())
        == "known deviation: numbers"
    )
    wrong = theirs.replace("Artefact 1", "Artefact 7")
    assert identity.outcome_of(ours, wrong, members, lambda _: wrong) == "DIFFERENT"


def test_a_changed_text_is_a_difference() -> None:
    ours = canonicalize(credential())
    theirs = ours.decode().replace("Artefact 1", "Artefact 7")
    assert identity.outcome_of(ours, theirs, credential(), refuses) == "DIFFERENT"
