# SPDX-License-Identifier: Apache-2.0
"""Stacks: read strictly; some are for some educators only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from earning.catalogue import stacks
from earning.catalogue.stacks import may_apply
from earning.catalogue.version import Version, VersionState
from issuer.errors import ProgrammeError
from service.accounts.people import Person
from tests.earning.house import NOW

SOURCE = b"""
[[stack]]
code = "SEL"
title = "Adult Social Emotional Learning"
summary = "Notice, manage, relate."
colour = 3

[[stack]]
code = "PGC"
title = "ESP Professional Growth"
summary = "Eight standards."
only_for = ["ESPs"]
"""
STACKS = {stack.code: stack for stack in stacks.read(SOURCE)}
VERSION = Version(
    key="X1-v1",
    code="X1",
    version="1",
    issuer="example-education",
    title="X",
    competency="Y",
    language="en",
    hours=(10, 15),
    needs_students=False,
    is_generated=False,
    stacks=("SEL",),
    audience=("all",),
    position=1,
    state=VersionState.OPEN,
    opened_at=NOW,
    closed_at=None,
)


def person(job: str) -> Person:
    return Person(id="1", email="a@b.example", name="A", job=job)


def test_stacks_keep_the_order_of_the_file() -> None:
    assert [stack.position for stack in STACKS.values()] == [0, 1]
    assert STACKS["PGC"].only_for == ("ESPs",)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (b'only_for = ["ESPs"]', b'only_for = ["plumbers"]'),
        (b'code = "PGC"', b'code = "SEL"'),
        (b'code = "PGC"', b'code = "pgc"'),
        (b"colour = 3", b"colour = 12"),
        (b'summary = "Eight standards."', b'sumary = "Eight standards."'),
    ],
)
def test_a_slip_in_the_file_is_an_error(change: bytes, place: bytes) -> None:
    with pytest.raises(ProgrammeError):
        stacks.read(SOURCE.replace(change, place))


def test_a_file_without_stacks_is_an_error() -> None:
    with pytest.raises(ProgrammeError):
        stacks.read(b"")


def test_e29_a_stack_for_esps_has_no_place_for_a_teacher() -> None:
    version = replace(VERSION, stacks=("SEL", "PGC"))
    assert may_apply(person("teachers"), VERSION, STACKS) is None
    reason = may_apply(person("teachers"), version, STACKS)
    assert reason is not None
    assert "education support professionals" in reason
    assert may_apply(person("ESPs"), version, STACKS) is None
    assert may_apply(person("paraeducators"), version, STACKS) is None


def test_whoever_has_not_said_what_they_do_is_told_where_to_say_it() -> None:
    reason = may_apply(person(""), replace(VERSION, stacks=("PGC",)), STACKS)
    assert reason is not None
    assert "account" in reason


def test_an_unknown_stack_keeps_nobody_out() -> None:
    assert may_apply(person("teachers"), replace(VERSION, stacks=("GONE",)), STACKS) is None


def test_the_sentence_about_a_restricted_stack_names_both() -> None:
    assert stacks.restricted(STACKS.values()) == (
        "ESP Professional Growth is for education support professionals (ESPs) only.",
    )
