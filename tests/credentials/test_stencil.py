# SPDX-License-Identifier: Apache-2.0
"""Stencils: byte for byte what the walk gives, or nothing at all; 2,000 hostile values included."""

from __future__ import annotations

import copy
import os
import random
from typing import Any

import pytest

from benchmarks.walk import credential
from credentials import outline, stencil
from credentials.canonicalize import canonicalize
from credentials.document import parse, write
from credentials.errors import HallmarkError, UnsignedContentError
from credentials.jsonld.contexts import ISSUED_BADGE, PACKAGED
from credentials.jsonld.tables import Kind, State, compile_contexts
from tests.credentials.badges import badge

EXAMPLES = int(os.environ.get("EXAMPLES", "300"))

TEXTS = (
    "",
    "plain",
    'quotes " and \\ backslash',
    "tab\tline\nreturn\r",
    "\x00\x01\x08\x0b\x0c\x1b\x1c\x1d\x1e\x1f\x7f",
    "\x85\u2028\u2029\ufeff\ufffe\uffff",
    "\ue000！😀𝒳",
    "e\u0301 é",
    "_:b0",
    "_:a",
    "_:c14n0",
    "%(x)s %s %b %% {x}",
    "https://example.org/",
    "urn:x-hallmark-slot:0:",
    '"urn:x-hallmark-slot:0:"',
    "name",
    "@id",
    "x" * 3_000,
)
IRIS = (
    "https://badges.example/credentials/%d",
    "http://badges.example/ü/%d",
    "urn:uuid:00000000-0000-4000-8000-%012d",
    "did:web:badges.example:people:%d",
    "did:key:z6Mk%d#z6Mk",
    "relative/%d",
    "name",
    "name:%d",
    "Image:%d",
    "id:%d",
    "https://badges.example/a b/%d",
    "https://badges.example/<%d>",
    "_:b%d",
    "",
    "https:%d",
    "data:,%d",
    "https://badges.example/" + "x" * 2_100 + "%d",
    "%%b%d",
    "urn:x-hallmark-slot:0:%d",
)


def signable(number: int) -> dict[str, Any]:
    """Return a random credential of one of many shapes; numbers name their seeds."""
    chance = random.Random(number)  # noqa: S311  a choice that can be repeated
    made = copy.deepcopy(credential() if chance.random() < 0.5 else badge())
    made.pop("proof", None)
    made.pop("endorsement", None)
    made["evidence"] = [_piece(chance, index) for index in range(chance.randrange(9))]
    if not made["evidence"]:
        del made["evidence"]
    subject = made["credentialSubject"]
    results = subject.get("result", [])
    subject["result"] = (results * 3)[: chance.randrange(1, 7)]
    if chance.random() < 0.3:
        subject["narrative"] = "A story."
    if chance.random() < 0.3:
        subject["id"] = "did:key:z6MkSubject"
    if chance.random() < 0.3 and isinstance(made.get("credentialStatus"), dict):
        other = {**made["credentialStatus"], "id": "https://badges.example/status/s#7"}
        made["credentialStatus"] = [made["credentialStatus"], {**other, "statusPurpose": "suspension"}]
    return made


def _piece(chance: random.Random, index: int) -> dict[str, Any]:
    piece: dict[str, Any] = {"type": ["Evidence"], "name": f"Piece {index}"}
    for name in ("description", "narrative", "genre", "audience", "digestMultibase"):
        if chance.random() < 0.5:
            piece[name] = f"{name} {chance.random()}"
    return {"id": f"https://badges.example/evidence/{index}", **piece} if chance.random() < 0.5 else piece


def changed(members: dict[str, Any], chance: random.Random, *, how_many: int) -> dict[str, Any]:
    """Return a copy with other values, friendly and hostile, in some of its slots."""
    made = copy.deepcopy(members)
    places = list(_places(made, stencil.SLOTS))
    for owner, name in chance.sample(places, min(how_many, len(places))):
        known = owner[name]
        if chance.random() < 0.15:
            owner[name] = chance.choice([other[word] for other, word in places])  # something stands twice
        elif known.startswith(("http", "urn:", "did:")):
            owner[name] = chance.choice(IRIS).replace("%d", str(chance.randrange(5)))
        else:
            owner[name] = chance.choice(TEXTS)
    return made


def _places(value: Any, slots: Any) -> Any:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            for name, below in slots.items():
                if below is True and isinstance(each.get(name), str):
                    yield each, name
                elif below is not True and name in each:
                    yield from _places(each[name], below)


def by_the_walk(members: dict[str, Any]) -> bytes | str:
    """Return the canonical form, or the error's code."""
    try:
        return canonicalize(members)
    except HallmarkError as error:
        return error.code


@pytest.mark.parametrize("first", range(0, EXAMPLES, 50))
def test_what_is_filled_in_is_what_the_walk_gives_or_nothing(first: int) -> None:
    filled = refused = 0
    for number in range(first, first + 50):
        chance = random.Random(number)  # noqa: S311  a choice that can be repeated
        members = signable(number)
        cut = stencil.cut(members) if isinstance(by_the_walk(members), bytes) else None
        if cut is None:
            continue
        for _ in range(10):
            other = changed(members, chance, how_many=chance.randrange(1, 6))
            frame, values = stencil.part(other)
            assert frame == stencil.part(members)[0]
            made = cut.fill(values)
            if made is None:
                refused += 1
                continue
            filled += 1
            assert made.canonical == by_the_walk(other), number
            assert made.raw == write(other), number
            assert outline.fill(cut.outline, values) == made.raw, number
    assert filled > 50
    assert refused > 10


def test_an_ordinary_award_is_always_filled_in() -> None:
    members = credential()
    cut = stencil.cut(members)
    assert cut is not None
    for number in range(100):
        members["id"] = f"https://badges.example/credentials/{number}"
        members["awardedDate"] = f"2026-02-27T09:30:{number % 60:02}Z"
        made = cut.fill(stencil.part(members)[1])
        assert made is not None
        assert made.canonical == canonicalize(members)
        assert parse(made.raw).members == members


def test_members_in_another_order_make_another_frame() -> None:
    members = badge()
    subject = members["credentialSubject"]
    turned = {**members, "credentialSubject": dict(reversed(subject.items()))}
    assert stencil.part(turned)[0] != stencil.part(members)[0]


@pytest.mark.parametrize(
    "change", [{"name": "Other"}, {"validFrom": 5}, {"awardedDate": ["2026-02-27T09:30:00Z"]}]
)
def test_what_is_no_text_or_no_slot_belongs_to_the_frame(change: dict[str, Any]) -> None:
    assert stencil.part(badge(**change))[0] != stencil.part(badge())[0]


def test_true_and_one_are_not_the_same_frame() -> None:
    members = badge()
    other = copy.deepcopy(members)
    other["credentialSubject"]["identifier"][0]["hashed"] = 1
    assert stencil.part(other)[0] != stencil.part(members)[0]


def test_two_pieces_of_evidence_that_are_alike_are_left_to_the_walk() -> None:
    members = credential()
    members["evidence"] = [{"type": ["Evidence"], "name": name} for name in ("One", "Two")]
    cut = stencil.cut(members)
    assert cut is not None
    members["evidence"][1]["name"] = "One"
    assert cut.fill(stencil.part(members)[1]) is None


def test_an_id_that_stands_elsewhere_is_left_to_the_walk() -> None:
    members = credential()
    cut = stencil.cut(members)
    assert cut is not None
    for taken in (members["credentialSubject"]["achievement"]["id"], members["evidence"][0]["id"]):
        other = {**members, "id": taken}
        assert cut.fill(stencil.part(other)[1]) is None


def test_values_larger_than_the_walk_would_take_unseen_are_left_to_it() -> None:
    members = credential()
    cut = stencil.cut(members)
    assert cut is not None
    members["evidence"][0]["description"] = "x" * (stencil.FILLED_CHARS + 1)
    assert cut.fill(stencil.part(members)[1]) is None


def test_too_few_values_are_not_filled_in() -> None:
    members = credential()
    cut = stencil.cut(members)
    assert cut is not None
    assert cut.fill(stencil.part(members)[1][:-1]) is None


def test_what_may_not_be_signed_is_refused_by_the_walk_at_cutting() -> None:
    with pytest.raises(UnsignedContentError):
        stencil.cut(badge(undefinedMember="x"))


def test_a_document_that_holds_the_mark_has_no_stencil() -> None:
    assert stencil.cut(badge(name="urn:x-hallmark-slot:0:")) is None


def test_no_slot_is_read_as_a_word() -> None:
    """What is coerced to ``@vocab`` may mean a term; such a member can be no slot."""
    seen: set[int] = set()

    def states(state: State, depth: int) -> Any:
        if id(state) not in seen:
            seen.add(id(state))
            yield state
            for each in list(state.types.values()):
                yield from states(each.state, depth)
            for each_state in list(state._scoped.values()):
                yield from states(each_state, depth)

    for number in range(40):
        canonicalize(signable(number))
    root = compile_contexts(tuple(ISSUED_BADGE), store=PACKAGED)
    names = set(_names(stencil.SLOTS))
    found = list(states(root, 0))
    assert len(found) > 5
    for state in found:
        assert not state.prefixes, "an IRI could be an abbreviation"
        for name in names & set(state.terms):
            assert state.terms[name].kind in (Kind.NAME, Kind.TEXT, Kind.IRI, Kind.TYPE), name


def _names(slots: Any) -> Any:
    for name, below in slots.items():
        if below is True:
            yield name
        else:
            yield from _names(below)
