# SPDX-License-Identifier: Apache-2.0
"""Threat E3 on the pages of reviewers and of cases: whatever is somebody else's is not there."""

# ruff: noqa: F811  fixtures are imported by their names
from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from earning.programme import Programme
from earning.review import cases, review
from service.accounts.people import Role
from tests.earning import reviewing as it
from tests.earning.conftest import client, earning_template, folder, programme  # noqa: F401  fixtures
from tests.earning.house import NOW, somebody
from tests.earning.visits import sign_in

REVIEW_GETS = ("", "/finish", "/flag", "/artefacts/{artefact}", "/artefacts/{artefact}?inline=1")
REVIEW_POSTS = ("", "/finish", "/release", "/prolong", "/again", "/flag")
CASE_GETS = ("", "/artefacts/{artefact}")
CASE_POSTS = ("/notice", "/close", "/deny")
FORM = {
    "revision": "0",
    "kind": "misconduct",
    "text": "x",
    "words": "x",
    "outcome": "x",
    "for": "3",
    "against": "0",
    "abstained": "0",
}


@pytest.fixture
def world(programme: Programme) -> dict[str, str]:
    """One review with a file, and one case."""
    robin = it.reviewer(programme, "Robin Reviewer")
    application = it.applied(programme, it.author(programme))
    piece = it.artefact(programme, application)
    it.send(programme, application, artefacts=(piece,))
    leased = review.lease(programme, robin, now=NOW)
    flagged = it.reviewer(programme, "Flo Flagger", "TRA")
    it.waiting(programme, version="TRA1-v1")
    other = review.lease(programme, flagged, now=NOW)
    cases.flag_misconduct(programme, flagged, other.id, text="copied", now=NOW)
    (case,) = cases.every(programme, it.manager(programme))
    return {"review": leased.id, "artefact": piece.id, "case": case.id}


def test_reviews_and_files_of_others_are_unknown_to_everybody(
    programme: Programme,
    client: FlaskClient,
    world: dict[str, str],
) -> None:
    strangers = [
        sign_in(programme, client, it.reviewer(programme, "Sam Second")),
        sign_in(programme, client, it.reviewer(programme, "State Reviewer", organisation="example-state")),
    ]
    for stranger in strangers:
        for path in REVIEW_GETS:
            address = f"/reviews/{world['review']}{path.format(**world)}"
            assert stranger.get(address).status_code == 404, address
        for path in REVIEW_POSTS:
            address = f"/reviews/{world['review']}{path}"
            assert stranger.post(address, FORM).status_code == 404, address


def test_people_without_the_role_get_nowhere(
    programme: Programme,
    client: FlaskClient,
    world: dict[str, str],
) -> None:
    others = [
        somebody(programme, "Plain Educator"),
        somebody(programme, "Ada Admin", (Role.ADMINISTRATOR, it.PROGRAMME)),
        somebody(programme, "Rec Recognizer", (Role.RECOGNIZER, "example-wa")),
    ]
    for person in others:
        visitor = sign_in(programme, client, person)
        for address in (
            "/reviews",
            f"/reviews/{world['review']}",
            "/manage/cases",
            f"/manage/cases/{world['case']}",
        ):
            assert visitor.get(address).status_code == 403, address
        assert visitor.post("/reviews/next").status_code == 403
    assert client.post(f"/reviews/{world['review']}", data=FORM).status_code in (401, 403)


def test_cases_of_other_programmes_are_unknown(
    programme: Programme,
    client: FlaskClient,
    world: dict[str, str],
) -> None:
    stranger = sign_in(programme, client, it.manager(programme, "Other Manager", "example-state"))
    assert world["case"] not in stranger.get("/manage/cases").text
    for path in CASE_GETS:
        assert stranger.get(f"/manage/cases/{world['case']}{path.format(**world)}").status_code == 404
    for path in CASE_POSTS:
        assert stranger.post(f"/manage/cases/{world['case']}{path}", FORM).status_code == 404


def test_forms_without_the_token_of_the_sign_in_do_nothing(
    programme: Programme,
    client: FlaskClient,
) -> None:
    it.waiting(programme)
    robin = sign_in(programme, client, it.reviewer(programme, "Robin Reviewer"))
    assert robin.post("/reviews/next", csrf="wrong").status_code in (401, 403, 409)
    elsewhere: Any = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    foreign = robin.post("/reviews/next", **elsewhere)
    assert foreign.status_code == 403
    assert "1 piece of work waits" in robin.get("/reviews").text


def test_a_file_of_another_submission_is_not_served_through_ones_own_review(
    programme: Programme,
    client: FlaskClient,
    world: dict[str, str],
) -> None:
    it.waiting(programme)
    sam = it.reviewer(programme, "Sam Second")
    own = review.lease(programme, sam, now=NOW)
    visitor = sign_in(programme, client, sam)
    assert visitor.get(f"/reviews/{own.id}/artefacts/{world['artefact']}").status_code == 404
