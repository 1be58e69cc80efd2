# SPDX-License-Identifier: Apache-2.0
"""The generator: any number, always the same, all of them readable, and never mistaken for a programme."""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import islice

import pytest

from earning.catalogue import generator, stacks
from issuer import micro_credential
from issuer.micro_credential import MicroCredential

START = 2026


@cache
def made() -> tuple[MicroCredential, ...]:
    """All versions of 250 items."""
    return tuple(
        micro_credential.read(source, name=name) for name, source in generator.generate(250, start=START)
    )


def test_there_are_as_many_as_asked_for_each_with_its_code() -> None:
    assert sorted({each.code for each in made()}) == [f"GEN{n:03d}" for n in range(1, 251)]
    assert [name for name, _ in generator.generate(0, start=START)] == []


def digest(count: int, start: int) -> str:
    return hashlib.sha256(b"".join(each for _, each in generator.generate(count, start=start))).hexdigest()


def test_the_same_start_gives_the_same_bytes_on_every_machine() -> None:
    assert (
        digest(40, 1) == digest(40, 1) == "3542a578e7bc3d06168d3f7e2ba1e63f003541026ad8407e692c1ef216de6ed4"
    )
    assert digest(40, 1) != digest(40, 2)


def test_an_item_does_not_depend_on_how_many_there_are() -> None:
    few = list(generator.generate(30, start=START))
    assert list(islice(generator.generate(250, start=START), len(few))) == few


@pytest.mark.parametrize("number", [999, 1000, 1234])
def test_larger_numbers_are_made_as_well(number: int) -> None:
    files = dict(generator.generate(number, start=3))
    last = files[f"gen{number}-v1.toml"]
    assert micro_credential.read(last, name="last").code == f"GEN{number}"


def test_each_is_marked_as_generated_and_stands_in_generated_stacks() -> None:
    known = {stack.code for stack in stacks.read(generator.stacks(), name="generated.toml")}
    assert len(known) == 27
    for each in made():
        assert each.keywords[0] == generator.KEYWORD
        assert 1 <= len(each.stacks) <= 3
        assert set(each.stacks) <= known
    assert {stack for each in made() for stack in each.stacks} == known


def test_sizes_are_those_of_a_catalogue() -> None:
    newest = {each.code: each for each in made()}.values()
    support = sum(each.audience == ("ESPs",) for each in newest)
    assert 0.08 <= support / len(newest) <= 0.18
    assert all((each.audience == ("ESPs",)) == (generator.SUPPORT_STACK in each.stacks) for each in newest)
    assert all(10 <= each.hours[0] <= each.hours[1] <= 15 for each in newest)
    assert {len(each.criteria) for each in newest} == set(range(3, 9))
    assert {each.needs_students for each in newest} == {True, False}


def test_some_have_two_versions_and_some_are_in_revision() -> None:
    assert 5 < sum(each.version == "2" for each in made()) < 50
    keys = {each.key for each in made()}
    closed = generator.in_revision(250, start=START)
    assert 5 < len(closed) < 40
    assert set(closed) <= keys


def test_titles_differ_and_some_are_not_ascii() -> None:
    titles = [each.title for each in made() if each.version == "1"]
    assert len(set(titles)) > 240
    assert 10 < sum(not title.isascii() for title in titles) < 70


def test_one_speaks_spanish_and_one_is_very_long() -> None:
    assert [each.code for each in made() if each.language == "es" and each.version == "1"] == ["GEN011"]
    assert {each.language for each in made()} == {"en", "es"}
    long = [each for each in made() if max(len(text) for _, text in each.components) > 19_000]
    assert {each.code for each in long} == {"GEN017"}


def test_a_second_version_differs_from_the_first() -> None:
    by_key = {each.key: each for each in made()}
    for second in (each for each in made() if each.version == "2"):
        assert second.competency != by_key[f"{second.code}-v1"].competency
