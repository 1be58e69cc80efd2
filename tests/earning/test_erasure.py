# SPDX-License-Identifier: Apache-2.0
"""Erasing reaches every room: awards name nobody and verify, reviewers leave the pool, and no trace stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

import app
from earning.programme import Programme
from earning.review import awarding, review, reviewers
from earning.work.applications import State
from issuer import publish, retention
from service.accounts import account, people
from service.accounts.people import Person
from tests.earning import reviewing as it
from tests.earning.house import NOW
from tests.service.people import sign_in

LATER = NOW + timedelta(minutes=1)
SHOWN = {"Accept": "text/html"}


@pytest.fixture
def quiet(programme: Programme) -> Programme:
    return replace(programme, settings=replace(programme.settings, second_reading_percent=0))


def erase(client: FlaskClient, person: Person) -> None:
    house: app.House = client.application.extensions["hallmark"]
    account.erase(house.accounts, person, person.email, now=LATER)


def passed(quiet: Programme, earner: Person) -> str:
    robin = it.reviewer(quiet, "Robin Reviewer")
    application = it.applied(quiet, earner)
    it.send(quiet, application)
    it.read(quiet, robin)
    assert it.state(quiet, application.id) is State.PASSED
    return application.id


def test_an_award_of_somebody_erased_names_nobody_and_verifies(quiet: Programme, client: FlaskClient) -> None:
    earner = it.author(quiet, "Casey Canary")
    id = passed(quiet, earner)
    awarding.award(quiet, now=NOW)
    key = it.found(quiet, id).award
    assert key is not None
    assert "Casey Canary" in client.get(f"/credentials/{key}", headers=SHOWN).text
    with quiet.db.transaction() as session:
        moved = people.change(session, earner.id, email="casey@elsewhere.example", now=NOW)
    erase(client, moved)
    assert "Casey Canary" not in client.get(f"/credentials/{key}", headers=SHOWN).text
    (told,) = retention.export(quiet.mint, [key])
    assert isinstance(told, dict)
    assert (told["email"], told["name"], told["name_shown"]) == (retention.NOBODY, None, None)
    signed = publish.find(quiet.mint, key).signed_json or b""
    assert str(quiet.mint.examine(signed, now=LATER).verdict) == "valid"


def test_whoever_is_erased_between_passing_and_the_award_is_named_nowhere(
    quiet: Programme, client: FlaskClient
) -> None:
    earner = it.author(quiet, "Casey Canary")
    id = passed(quiet, earner)
    erase(client, earner)
    assert awarding.award(quiet, now=LATER) == 1
    key = it.found(quiet, id).award
    assert key is not None
    (told,) = retention.export(quiet.mint, [key])
    assert isinstance(told, dict)
    assert (told["email"], told["name"], told["name_shown"]) == (retention.NOBODY, None, None)


def test_an_erased_reviewer_leaves_the_pool_and_their_work_waits_again(
    quiet: Programme, client: FlaskClient
) -> None:
    boss, gone = it.manager(quiet), it.reviewer(quiet, "Casey Canary")
    stays = it.reviewer(quiet, "Robin Reviewer")
    sent = it.waiting(quiet)
    held = review.lease(quiet, gone, now=NOW)
    review.rate(quiet, gone, held.id, it.draft(quiet, held, words="Of mine", note="Private"), now=NOW)
    erase(client, gone)
    assert it.state(quiet, sent.application) is State.SUBMITTED
    assert [each.person.id for each in reviewers.pool(quiet, [it.PROGRAMME])] == [stays.id]
    sign_in(client, quiet.db, boss)
    for path in ("/manage/reviewers", "/manage/reviewers.csv"):
        assert client.get(path).status_code == 200
    assert review.lease(quiet, stays, now=LATER).submission == sent.id


def test_a_pool_with_somebody_who_is_gone_can_still_be_seen(quiet: Programme) -> None:
    from service.accounts import personal

    gone, stays = it.reviewer(quiet, "Casey Canary"), it.reviewer(quiet, "Robin Reviewer")
    with quiet.db.transaction() as session:
        personal.erase(session, (), gone, now=LATER)
    assert [each.person.id for each in reviewers.pool(quiet, [it.PROGRAMME])] == [stays.id]
