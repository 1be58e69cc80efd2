# SPDX-License-Identifier: Apache-2.0
"""A signed statement that is no badge (an endorsement, a receipt): genuine, and never taken for an award."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from credentials.dates import format_datetime
from tests.world import CONTEXTS, Issuer, World
from verifier.batch import Item
from verifier.errors import NotGenuineError
from verifier.intake import read
from verifier.table import Line
from verifier.verify import verify


@pytest.fixture
def union(world: World) -> Issuer:
    return world.issuer("union")


@pytest.fixture
def statement(union: Issuer) -> bytes:
    return union.sign(
        {
            "@context": list(CONTEXTS),
            "id": "https://union.example/statements/1",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": "We vouch for it",
            "issuer": union.profile,
            "validFrom": format_datetime(union.world.clock.now()),
            "credentialSubject": {
                "id": "https://union.example/credentials/1",
                "type": ["EndorsementSubject"],
                "endorsementComment": "Well done.",
            },
        }
    )


def test_a_statement_is_genuine_and_says_that_it_is_no_badge(world: World, statement: bytes) -> None:
    report = world.look(statement)
    assert (report.verdict, report.is_statement) == ("valid", True)
    assert "not a badge" in report.sentence
    assert "not a badge" in next(c.explanation for c in report.checks if c.check == "structure")


def test_a_badge_is_no_statement_whatever_else_it_calls_itself(world: World, union: Issuer) -> None:
    assert not world.look(union.mint()).is_statement
    both = ["VerifiableCredential", "OpenBadgeCredential", "EndorsementCredential"]
    assert not world.look(union.mint(type=both)).is_statement


def test_a_changed_statement_is_not_genuine(world: World, statement: bytes) -> None:
    assert world.look(statement.replace(b"Well done.", b"Well done!")).verdict == "invalid"


def test_a_statement_without_a_subject_is_not_complete(world: World, union: Issuer, statement: bytes) -> None:
    members = json.loads(statement)
    del members["proof"], members["credentialSubject"]["id"]
    report = world.look(union.sign(members))
    assert report.verdict == "invalid"
    assert next(c for c in report.checks if c.check == "structure").outcome == "fail"


def test_whoever_needs_an_award_is_not_given_a_statement(world: World, statement: bytes) -> None:
    with pytest.raises(NotGenuineError, match="not a badge"):
        verify(read(statement), now=world.clock.now(), fetch=world)


def test_the_answer_shows_what_a_statement_says_and_calls_it_no_award(
    client: FlaskClient, statement: bytes
) -> None:
    page = client.post("/verify", data={"text": statement.decode()}, headers={"Accept": "text/html"}).text
    assert "Signed statement" in page
    assert "Well done." in page
    assert "does not say the name of its earner" not in page
    assert 'class="marks' not in page
    assert "What it took" not in page
    assert 'class="verdict neutral"' in page


def test_among_many_a_statement_is_never_green(world: World, statement: bytes) -> None:
    world.recognise(world.issuer("union"))
    answer = world.look(statement).to_json()
    assert answer["recognised_issuer"] is True
    item = Item(position=0, place="", verdict="valid")
    assert Line(item, answer).is_recognised is None
    badge = world.look(world.issuer("union").mint()).to_json()
    assert Line(item, badge).is_recognised is True
