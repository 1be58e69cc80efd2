# SPDX-License-Identifier: Apache-2.0
"""What may be awarded, and how an award moves through its states."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import product

import pytest

from issuer import micro_credential, programme
from issuer.award import (
    AwardState,
    Evidence,
    evidence_from_json,
    evidence_of,
    results,
    step,
    to_json,
)
from issuer.errors import AwardRequestError, NotEarnedError, StatusFinalError
from issuer.micro_credential import MicroCredential
from tests.issuer.house import NOW, request


@pytest.fixture(scope="module")
def sel1() -> MicroCredential:
    file = programme.samples()[0] / "sel1-v1.toml"
    return micro_credential.read(file.read_bytes(), name=file.name)


def test_what_is_not_told_counts_as_met_at_the_required_level(sel1: MicroCredential) -> None:
    assert results(sel1, ()) == tuple((each.id, each.required) for each in sel1.criteria)


def test_a_level_below_the_required_one_is_no_award(sel1: MicroCredential) -> None:
    with pytest.raises(NotEarnedError, match="Emotions"):
        results(sel1, (("noticing", "Basic"),))


@pytest.mark.parametrize(
    "levels", [(("nothing", "Basic"),), (("noticing", "Superb"),), (("noticing", "Proficient"),) * 2]
)
def test_unknown_criteria_and_levels_are_told(
    sel1: MicroCredential, levels: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(AwardRequestError):
        results(sel1, levels)


def test_nothing_follows_a_withdrawal() -> None:
    for state in AwardState:
        with pytest.raises(StatusFinalError):
            step(AwardState.REVOKED, state)


def test_everything_that_may_have_been_signed_can_be_withdrawn() -> None:
    for state in AwardState:
        if state is not AwardState.REVOKED:
            assert step(state, AwardState.REVOKED) is AwardState.REVOKED


def test_a_signature_is_only_stored_after_it_was_intended() -> None:
    into_issued = {
        state
        for state, wanted in product(AwardState, [AwardState.ISSUED])
        if state is not wanted and _may(state, wanted)
    }
    assert into_issued == {AwardState.INTENDED, AwardState.SUSPENDED}


def _may(state: AwardState, wanted: AwardState) -> bool:
    try:
        step(state, wanted)
    except StatusFinalError:
        return False
    return True


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "nobody"},
        {"email": "a@b\n.example"},
        {"name": " "},
        {"name": "x" * 201},
        {"name": "bell\x07"},
        {"name": "half \ud800"},
        {"narrative": "\x7f"},
        {"narrative": "\uffff"},
        {"submission": ""},
        {"submission": "x" * 256},
        {"activity_start": NOW, "activity_end": NOW - timedelta(days=1)},
        {"evidence": (Evidence(name="x", digest="not a digest"),)},
        {"evidence": (evidence_of(b"", name="bad\x01", salt=bytes(16)),)},
        {"evidence": (evidence_of(b"", name="x", salt=b"", url="javascript:alert(1)"),)},
        {"evidence": (evidence_of(b"", name="x", salt=bytes(16)),) * 21},
    ],
)
def test_what_could_not_be_signed_is_refused_before_anything_is_written(changes: dict[str, object]) -> None:
    with pytest.raises(AwardRequestError):
        request(**changes)


def test_a_private_piece_is_salted_and_a_public_one_is_not() -> None:
    private = evidence_of(b"x", name="x", salt=b"s" * 16)
    public = evidence_of(b"x", name="x", salt=b"s" * 16, url="https://school.example/x")
    assert private.salt
    assert not public.salt
    assert private.digest != public.digest


def test_evidence_survives_being_written_down() -> None:
    asked = request(evidence=(evidence_of(b"x", name="x", salt=b"s" * 16, narrative="n"),))
    written = json.loads(json.dumps(to_json(asked)))
    assert evidence_from_json(written["evidence"]) == asked.evidence
