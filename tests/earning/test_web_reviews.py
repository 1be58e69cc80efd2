# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from earning.programme import Programme
from earning.review import review
from earning.store import reviews as rows
from earning.work.applications import State
from service import audit
from service.accounts import people
from service.accounts.people import Person
from tests.earning import reviewing as it
from tests.earning.house import NOW
from tests.earning.visits import Visitor, sign_in


@pytest.fixture
def robin(programme: Programme) -> Person:
    return it.reviewer(programme, "Robin Reviewer")


@pytest.fixture
def desk(programme: Programme, client: FlaskClient, robin: Person) -> Visitor:
    return sign_in(programme, client, robin)


def fields(programme: Programme, id: str, robin: Person, *unmet: str, **more: str) -> dict[str, str]:
    """What the form of a review holds when everything but ``unmet`` is met."""
    with programme.db.reading() as session:
        found = rows.mine(session, id, robin)
    assert found is not None
    draft = it.draft(programme, found, unmet=unmet)
    made = {"revision": str(found.revision), "words": draft.words, "note": ""}
    for criterion, rating in draft.ratings.items():
        made |= {f"level-{criterion}": rating.level or "", f"comment-{criterion}": rating.comment}
    return made | more


def taken(desk: Visitor) -> str:
    answer = desk.post("/reviews/next")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rsplit("/", 1)[1]


def test_a_reviewer_takes_reads_and_finishes_without_a_script(
    programme: Programme, desk: Visitor, robin: Person
) -> None:
    assert "Nothing waits for you" in desk.get("/reviews").text
    alex = it.author(programme, "Alexandra Author", email="secret@school.example")
    application = it.applied(programme, alex)
    piece = it.artefact(programme, application, data=b"Monday: rushed.")
    it.send(programme, application, artefacts=(piece,), id=it.unsampled())
    assert "1 piece of work waits" in desk.get("/reviews").text
    id = taken(desk)
    page = desk.get(f"/reviews/{id}")
    assert page.headers["Cache-Control"] == "no-store"
    for hidden in ("Alexandra", "secret@", "School of", "Local of", piece.name):
        assert hidden not in page.text
    assert "Educator A" in page.text
    saved = desk.post(f"/reviews/{id}", fields(programme, id, robin, "plan", act="finish"))
    assert saved.headers["Location"] == f"/reviews/{id}/finish"
    confirm = desk.get(f"/reviews/{id}/finish")
    assert "Say more about plan." in confirm.text
    revision = re.search(r'name="revision" value="(\d+)"', confirm.text)
    assert revision is not None
    done = desk.post(f"/reviews/{id}/finish", {"revision": revision[1]})
    assert done.headers["Location"] == "/reviews?done=sent"
    assert it.state(programme, application.id) is State.RETURNED
    assert "You have finished this review" in desk.get(f"/reviews/{id}").text
    assert "1 review" in desk.get("/reviews").text


def test_gaps_are_told_with_links_to_their_fields(programme: Programme, desk: Visitor, robin: Person) -> None:
    it.waiting(programme)
    id = taken(desk)
    incomplete = fields(programme, id, robin, act="finish") | {"level-plan": "Basic"}
    desk.post(f"/reviews/{id}", incomplete)
    confirm = desk.get(f"/reviews/{id}/finish")
    assert f'href="/reviews/{id}?gaps=1#criterion-plan"' in confirm.text
    assert desk.post(f"/reviews/{id}/finish", {"revision": "1"}).status_code == 409
    assert 'id="gap-plan"' in desk.get(f"/reviews/{id}?gaps=1").text


def test_saving_by_script_answers_with_the_next_revision(
    programme: Programme, desk: Visitor, robin: Person
) -> None:
    it.waiting(programme)
    id = taken(desk)
    answer = desk.post(f"/reviews/{id}", fields(programme, id, robin), Accept="application/json")
    assert answer.get_json()["revision"] == 1
    assert answer.get_json()["saved"].startswith("Saved ")
    stale = desk.post(f"/reviews/{id}", {"revision": "0"}, Accept="application/json")
    assert (stale.status_code, stale.get_json()["code"]) == (409, "review.changed")


def test_nothing_typed_is_lost_when_another_window_was_faster(
    programme: Programme, desk: Visitor, robin: Person
) -> None:
    it.waiting(programme)
    id = taken(desk)
    desk.post(f"/reviews/{id}", {"revision": "0", "words": "from the other window"})
    stale = desk.post(f"/reviews/{id}", {"revision": "0", "words": "from this window"})
    assert stale.status_code == 409
    assert "from this window" in stale.text
    assert "from the other window" in stale.text
    revision = re.search(r'name="revision" value="(\d+)"', stale.text)
    assert revision is not None
    assert desk.post(f"/reviews/{id}", {"revision": revision[1], "words": "mine"}).status_code == 303


def test_the_next_reader_sees_what_changed_and_the_answers(
    programme: Programme, client: FlaskClient, desk: Visitor, robin: Person
) -> None:
    application = it.applied(programme, it.author(programme))
    old = it.artefact(programme, application)
    it.send(programme, application, artefacts=(old,), id=it.unsampled())
    it.read(programme, robin, unmet=("plan",))
    new = it.artefact(programme, application, "part-2/plan")
    answers = {
        **it.ANSWERS,
        "part-2/plan": "I will wait five breaths before I answer.",
        "reply/plan": "I added when.",
    }
    it.send(programme, application, answers=answers, artefacts=(new,))
    page = desk.get(f"/reviews/{taken(desk)}").text
    assert "[removed: </span>three" in page
    assert "[added: </span>five" in page
    assert "I added when." in page
    assert "new in this round" in page
    assert "1 piece of evidence removed" in page
    assert "met in an earlier round (Passing)" in page
    assert 'name="level-context"' not in page
    assert 'name="level-plan"' in page


def test_evidence_is_served_to_the_holder_only_without_rights_and_leaves_a_line(
    programme: Programme, client: FlaskClient, desk: Visitor
) -> None:
    application = it.applied(programme, it.author(programme))
    piece = it.artefact(programme, application)
    it.send(programme, application, artefacts=(piece,))
    id = taken(desk)
    address = f"/reviews/{id}/artefacts/{piece.id}"
    answer = desk.get(address)
    assert answer.get_data() == b"Monday: rushed."
    assert answer.headers["Content-Disposition"] == 'attachment; filename="evidence-1.txt"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert desk.get(f"{address}?inline=1").headers["Content-Disposition"].startswith("inline")
    with programme.db.reading() as session:
        lines = audit.lines(session, subject=f"artefact:{piece.id}")
    assert [each.action for each in lines if each.action == "artefact.viewed"] == ["artefact.viewed"] * 2
    sam = sign_in(programme, client, it.reviewer(programme, "Sam Second"))
    assert sam.get(address).status_code == 404
    desk.post(f"/reviews/{id}/release")
    assert desk.get(address).status_code == 409


def test_a_reviewer_gives_back_prolongs_and_takes_again(
    programme: Programme, desk: Visitor, robin: Person
) -> None:
    it.waiting(programme)
    id = taken(desk)
    assert desk.post(f"/reviews/{id}/prolong").status_code == 303
    with programme.db.transaction() as session:
        found = rows.mine(session, id, robin)
        assert found is not None
        rows.change(session, found, leased_until=NOW.replace(year=NOW.year - 1))
    assert "goes back to the others" in desk.get(f"/reviews/{id}").text
    review.lapse(programme, now=NOW)
    late = desk.post(f"/reviews/{id}", fields(programme, id, robin, words="kept"))
    assert late.status_code == 409
    assert "Take it again" in late.text
    again = desk.post(f"/reviews/{id}/again").headers["Location"]
    assert "kept</textarea>" in desk.get(again).text
    assert desk.post(f"{again}/release").headers["Location"] == "/reviews?done=released"


def test_incomplete_work_is_sent_back_by_the_form(programme: Programme, desk: Visitor, robin: Person) -> None:
    sent = it.waiting(programme)
    id = taken(desk)
    made = {
        "revision": "0",
        "incomplete": "yes",
        "missing-part-2/journal": "yes",
        "words": "",
        "act": "finish",
    }
    desk.post(f"/reviews/{id}", made)
    assert "does not count as an attempt" in desk.get(f"/reviews/{id}/finish").text
    desk.post(f"/reviews/{id}/finish", {"revision": "1"})
    assert it.state(programme, sent.application) is State.DRAFT


def test_only_reviewers_come_here(programme: Programme, client: FlaskClient) -> None:
    plain = sign_in(programme, client, it.author(programme))
    assert plain.get("/reviews").status_code == 403
    assert client.get("/reviews", headers={"Accept": "text/html"}).status_code == 303


def test_managers_see_the_case_and_close_it(programme: Programme, client: FlaskClient, desk: Visitor) -> None:
    application = it.applied(programme, it.author(programme))
    piece = it.artefact(programme, application)
    it.send(programme, application, artefacts=(piece,))
    id = taken(desk)
    assert desk.get(f"/reviews/{id}/flag").status_code == 200
    assert desk.post(f"/reviews/{id}/flag", {"kind": "student-data"}).status_code == 422
    flagged = desk.post(
        f"/reviews/{id}/flag", {"kind": "student-data", "artefact": piece.id, "text": "a face"}
    )
    assert flagged.headers["Location"] == "/reviews?done=students"
    assert desk.get(f"/reviews/{id}/artefacts/{piece.id}").status_code in (404, 409)
    mo = sign_in(programme, client, it.manager(programme))
    listing = mo.get("/manage/cases").text
    address = re.search(r'href="(/manage/cases/[0-9a-f-]{36})"', listing)
    assert address is not None
    page = mo.get(address[1])
    assert "a face" in page.text
    assert mo.get(f"{address[1]}/artefacts/{piece.id}").get_data() == b"Monday: rushed."
    assert mo.post(f"{address[1]}/close", {"outcome": ""}).status_code == 409
    assert mo.post(f"{address[1]}/close", {"outcome": "Replaced."}).status_code == 303
    assert "Replaced." in mo.get(address[1]).text
    other = sign_in(programme, client, it.manager(programme, "Other Manager", "example-state"))
    assert other.get(address[1]).status_code == 404


def test_a_vote_needs_notice_and_time(programme: Programme, client: FlaskClient, desk: Visitor) -> None:
    it.waiting(programme)
    id = taken(desk)
    assert desk.post(f"/reviews/{id}/flag", {"kind": "misconduct", "text": " "}).status_code == 422
    assert desk.post(f"/reviews/{id}/flag", {"kind": "misconduct", "text": "copied"}).status_code == 303
    mo = sign_in(programme, client, it.manager(programme))
    address = re.search(r'href="(/manage/cases/[0-9a-f-]{36})"', mo.get("/manage/cases").text)
    assert address is not None
    vote = {"for": "5", "against": "0", "abstained": "0", "outcome": "Copied."}
    assert mo.post(f"{address[1]}/deny", vote).status_code == 409
    assert mo.post(f"{address[1]}/notice", {"words": "Parts look like a published text."}).status_code == 303
    assert mo.post(f"{address[1]}/deny", vote).status_code == 409
    assert "A vote can be entered from" in mo.get(address[1]).text


def test_reviews_are_read_twice_without_telling_who(
    programme: Programme, client: FlaskClient, robin: Person
) -> None:
    always = replace(programme, settings=replace(programme.settings, second_reading_percent=100))
    it.waiting(always)
    it.read(always, robin, words="Words of the first reader.")
    sam = sign_in(programme, client, it.reviewer(programme, "Sam Second"))
    page = sam.get(f"/reviews/{taken(sam)}").text
    assert "Robin" not in page
    assert "Words of the first reader." not in page


def test_the_page_says_when_work_is_not_ones_to_judge_any_more(
    programme: Programme, desk: Visitor, robin: Person
) -> None:
    alex = it.author(programme)
    it.waiting(programme, alex)
    leased = review.lease(programme, robin, now=NOW)
    review.rate(programme, robin, leased.id, it.draft(programme, leased), now=NOW)
    assert "to judge any more" not in desk.get(f"/reviews/{leased.id}").text
    with programme.db.transaction() as session:
        people.change(session, robin.id, school=alex.school, now=NOW)
    page = desk.get(f"/reviews/{leased.id}").text
    assert "not one for you to judge any more" in page
    assert alex.school not in page
    refused = desk.post(f"/reviews/{leased.id}/finish", {"revision": "1"})
    assert refused.status_code == 409
    assert "went back to the others" in refused.text
