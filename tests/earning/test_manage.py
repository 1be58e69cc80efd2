# SPDX-License-Identifier: Apache-2.0
"""Managing a programme in the browser: by role and organisation, with reasons, and without drafts."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from earning.programme import Programme
from earning.store.tables import AnswerRow, ApplicationRow, QuestionRow, SubmissionRow
from earning.work import deadlines
from earning.work.applications import State
from service import audit, mail
from service.accounts import organisations
from service.accounts.organisations import Organisation
from service.accounts.people import Person, Role
from tests.earning import history
from tests.earning.house import NOW, somebody
from tests.earning.test_communities import CANARY, works
from tests.service.people import sign_in

OURS, OTHERS = "example-education", "example-state"
PAGES = (
    "/manage",
    "/manage/applications",
    "/manage/reviewers",
    "/manage/reviewers.csv",
    "/manage/seasons",
    "/manage/people/import",
    "/manage/questions",
    "/manage/figures/turnaround.csv",
)


def manager(programme: Programme, organisation: str = OURS, name: str = "Mara Manager") -> Person:
    with programme.db.transaction() as session:
        organisations.put(
            session, Organisation(organisation, "Some Programme", "programme"), actor="test", now=NOW
        )
    return somebody(programme, name, (Role.MANAGER, organisation))


def application(programme: Programme, id: str) -> ApplicationRow:
    with programme.db.reading() as session:
        found = session.get_one(ApplicationRow, id)
        session.expunge(found)
        return found


def lines(programme: Programme, subject: str) -> list[audit.Line]:
    with programme.db.reading() as session:
        return list(audit.lines(session, subject=subject))


# -- who may ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_an_educator_is_refused_and_a_visitor_is_asked_to_sign_in(
    programme: Programme, client: FlaskClient, path: str
) -> None:
    assert client.get(path).status_code == 303
    sign_in(client, programme.db, somebody(programme))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_every_page_can_be_opened_by_a_manager_without_anything_in_it(
    programme: Programme, client: FlaskClient, path: str
) -> None:
    sign_in(client, programme.db, manager(programme))
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_manager_of_another_programme_finds_empty_lists_and_no_objects(
    programme: Programme, client: FlaskClient
) -> None:
    year = history.fill(programme, now=NOW, educators=12, reviewers=3, communities=1)
    csrf = sign_in(client, programme.db, manager(programme, OTHERS))
    page = client.get("/manage/applications").get_data(as_text=True)
    assert "Nothing matches" in page
    assert "Nothing waits" in client.get("/manage").get_data(as_text=True)
    assert "Nobody reviews yet" in client.get("/manage/reviewers").get_data(as_text=True)
    for id in (year.applications[0], "nonsense"):
        assert client.get(f"/manage/applications/{id}").status_code == 404
        assert client.get(f"/manage/applications/{id}/submissions/1").status_code == 404
        typed = {"csrf": csrf, "until": "2028-01-01", "reason": "x", "revision": "0"}
        assert client.post(f"/manage/applications/{id}/extend", data=typed).status_code == 404
    typed = {"csrf": csrf, "email": "reviewer0@history.example", "organisation": OURS, "stack-SEL": "yes"}
    assert client.post("/manage/reviewers", data=typed).status_code == 404
    assert client.get("/manage/seasons/wa/new").status_code == 404
    assert client.post("/manage/seasons/wa/new", data={"csrf": csrf}).status_code == 404


def test_an_affiliate_officer_sees_figures_and_questions_only(
    programme: Programme, client: FlaskClient
) -> None:
    with programme.db.transaction() as session:
        for portal in ("wa", "vt"):
            session.add(
                QuestionRow(
                    id=portal, portal=portal, topic="t", person=None, email="a@x.example",
                    text=f"ask-{portal}", sent_to="b@x.example", asked_at=NOW,
                )
            )  # fmt: skip
    sign_in(client, programme.db, somebody(programme, "Olga Officer", (Role.AFFILIATE, "example-wa")))
    assert client.get("/manage").status_code == 200
    questions = client.get("/manage/questions").get_data(as_text=True)
    assert "ask-wa" in questions
    assert "ask-vt" not in questions
    for path in ("/manage/applications", "/manage/reviewers", "/manage/seasons", "/manage/people/import"):
        assert client.get(path).status_code == 403


def test_questions_asked_at_no_portal_are_read_by_those_who_run_an_issuer(
    programme: Programme, client: FlaskClient
) -> None:
    with programme.db.transaction() as session:
        session.add(
            QuestionRow(
                id="q", portal=None, topic="privacy", person=None, email="a@x.example",
                text="ask-the-programme", sent_to="b@x.example", asked_at=NOW,
            )
        )  # fmt: skip
        district = Organisation("rivertown", "Rivertown Schools", "district")
        organisations.put(session, district, actor="test", now=NOW)
    sign_in(client, programme.db, somebody(programme, "Dan District", (Role.MANAGER, "rivertown")))
    assert "ask-the-programme" not in client.get("/manage/questions").get_data(as_text=True)
    other = client.application.test_client()
    sign_in(other, programme.db, manager(programme))
    assert "ask-the-programme" in other.get("/manage/questions").get_data(as_text=True)


def test_an_affiliate_officer_sees_no_single_work(programme: Programme, client: FlaskClient) -> None:
    history.fill(programme, now=NOW, educators=12, reviewers=3, communities=1)
    sign_in(client, programme.db, somebody(programme, "Olga Officer", (Role.AFFILIATE, "example-wa")))
    page = client.get("/manage").get_data(as_text=True)
    assert "Who waits longest" not in page
    assert "Promised by" not in page
    waiting = client.get("/manage/figures/waiting.csv").get_data(as_text=True)
    counts = [line.rsplit(",", 1)[1].strip('" \r') for line in waiting.splitlines()[1:]]
    assert not set(counts) & {"1", "2", "3", "4"}


# -- figures ----------------------------------------------------------------------------------------------


def test_the_first_page_shows_who_waits_and_every_figure_as_a_file(
    programme: Programme, client: FlaskClient
) -> None:
    history.fill(programme, now=NOW, educators=40, reviewers=4, communities=2)
    sign_in(client, programme.db, manager(programme))
    page = client.get("/manage").get_data(as_text=True)
    assert page.index("Who waits longest") < page.index("First-time pass rate")
    assert "style=" not in page
    paths = {part.split('"')[0] for part in page.split('href="/manage/figures/')[1:]}
    assert len(paths) == 11
    for path in paths:
        answer = client.get(f"/manage/figures/{path}")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].endswith(f'"{path}"')
        table = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
        assert len({len(row) for row in table}) == 1
    assert client.get("/manage/figures/nothing.csv").status_code == 404


# -- applications -----------------------------------------------------------------------------------------


def test_a_draft_is_never_shown_and_a_reading_is_written_down(
    programme: Programme, client: FlaskClient
) -> None:
    boss, educator = manager(programme), somebody(programme)
    id = works(programme, educator)
    with programme.db.transaction() as session:
        session.add(
            SubmissionRow(
                id="s1", application=id, number=1, attempt=1, state="waiting",
                content=b'{"version": "SEL1-v1", "answers": {}, "replies": {}, "artefacts": []}',
                statements="{}", submitted_at=NOW, expected_by=NOW + timedelta(days=14), decided_at=None,
            )
        )  # fmt: skip
        place = session.scalars(select(AnswerRow).where(AnswerRow.application == id)).one()
        assert place.text == CANARY
    sign_in(client, programme.db, boss)
    for path in (
        "/manage",
        "/manage/applications",
        "/manage/applications?q=alex",
        f"/manage/applications/{id}",
        f"/manage/applications/{id}/submissions/1",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert CANARY not in answer.get_data(as_text=True)
    assert [each.action for each in lines(programme, f"application:{id}")] == ["submission.read-by-manager"]
    assert client.get(f"/manage/applications/{id}/submissions/2").status_code == 404


def test_applications_are_found_by_words_and_state_page_by_page(
    programme: Programme, client: FlaskClient
) -> None:
    year = history.fill(programme, now=NOW, educators=45, reviewers=3, communities=0)
    sign_in(client, programme.db, manager(programme))
    assert len(year.applications) > 60
    seen: list[str] = []
    path = "/manage/applications"
    while path:
        page = client.get(path).get_data(as_text=True)
        seen += [
            part.split('"')[0] for part in page.split('<th scope="row"><a href="/manage/applications/')[1:]
        ]
        path = (
            page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
            if 'rel="next"' in page
            else ""
        )
    assert sorted(seen) == sorted(year.applications)
    some = client.get("/manage/applications?state=awarded").get_data(as_text=True)
    assert "is being written</td>" not in some
    assert "Nothing matches" in client.get("/manage/applications?q=nobody-is-called-this").get_data(
        as_text=True
    )


def extend(client: FlaskClient, csrf: str, id: str, **typed: str) -> int:
    values = {"csrf": csrf, "reason": "A flooded school.", "revision": "0", **typed}
    return client.post(f"/manage/applications/{id}/extend", data=values).status_code


def test_more_time_needs_a_later_day_and_a_reason_and_is_told(
    programme: Programme, client: FlaskClient
) -> None:
    boss, educator = manager(programme), somebody(programme)
    id = works(programme, educator)
    before = application(programme, id)
    later = (deadlines.local_day(before.due_at, before.zone) + timedelta(days=30)).isoformat()
    csrf = sign_in(client, programme.db, boss)
    assert extend(client, csrf, id, until="soon") == 422
    assert extend(client, csrf, id, until=NOW.date().isoformat()) == 422
    assert extend(client, csrf, id, until=later, reason=" ") == 422
    assert extend(client, csrf, id, until=later, revision="7") == 409
    assert application(programme, id).due_at == before.due_at
    assert extend(client, csrf, id, until=later) == 303
    after = application(programme, id)
    assert deadlines.local_day(after.due_at, after.zone).isoformat() == later
    assert extend(client, csrf, id, until=later) == 422, "pressed twice"
    page = client.get(f"/manage/applications/{id}").get_data(as_text=True)
    assert "A flooded school." in page
    assert "Mara Manager" in page
    (line,) = [
        each for each in lines(programme, f"application:{id}") if each.action == "application.extended"
    ]
    assert {"before", "after"} <= set(line.detail)
    with programme.db.reading() as session:
        (sent,) = mail.listing(session, limit=9)
        content = mail.content(session, sent.id)
    assert (sent.kind, sent.address) == ("extended", educator.email)
    assert content is not None
    assert "A flooded school." in content.text
    assert b"DTSTART" in content.attachments[0].body


def test_nobody_gives_themselves_more_time(programme: Programme, client: FlaskClient) -> None:
    boss = manager(programme)
    id = works(programme, boss)
    before = application(programme, id)
    csrf = sign_in(client, programme.db, boss)
    assert extend(client, csrf, id, until=(NOW + timedelta(days=400)).date().isoformat()) == 403
    assert application(programme, id).due_at == before.due_at


def test_an_expired_application_wakes(programme: Programme, client: FlaskClient) -> None:
    boss, educator = manager(programme), somebody(programme)
    id = works(programme, educator, state=State.EXPIRED)
    with programme.db.transaction() as session:
        row = session.get_one(ApplicationRow, id)
        row.due_at = row.ended_at = NOW - timedelta(days=3)
    csrf = sign_in(client, programme.db, boss)
    assert extend(client, csrf, id, until=(NOW + timedelta(days=20)).date().isoformat()) == 303
    woken = application(programme, id)
    assert (woken.state, woken.ended_at) == (State.DRAFT, None)


def test_an_expired_application_sleeps_on_if_there_is_a_newer_one(
    programme: Programme, client: FlaskClient
) -> None:
    boss, educator = manager(programme), somebody(programme)
    old = works(programme, educator, state=State.EXPIRED)
    works(programme, educator)
    csrf = sign_in(client, programme.db, boss)
    assert extend(client, csrf, old, until=(NOW + timedelta(days=20)).date().isoformat()) == 422


# -- reviewers --------------------------------------------------------------------------------------------


def test_a_reviewer_is_added_changed_and_sent_no_more_work(programme: Programme, client: FlaskClient) -> None:
    boss, reader = manager(programme), somebody(programme, "Rae Reader")
    csrf = sign_in(client, programme.db, boss)
    typed = {"csrf": csrf, "email": reader.email, "organisation": OURS, "is_active": "yes"}
    assert client.post("/manage/reviewers", data=typed).status_code == 422, "no stack"
    assert client.post("/manage/reviewers", data={**typed, "stack-NONE": "yes"}).status_code == 422
    nobody = {**typed, "email": "nobody@x.example", "stack-SEL": "yes"}
    assert client.post("/manage/reviewers", data=nobody).status_code == 422
    assert client.post("/manage/reviewers", data={**typed, "stack-SEL": "yes"}).status_code == 303
    page = client.get(f"/manage/reviewers?edit={reader.id}").get_data(as_text=True)
    assert "Change <bdi>Rae Reader" in page
    del typed["is_active"]
    assert client.post("/manage/reviewers", data={**typed, "stack-SEL": "yes"}).status_code == 303
    changes = [
        each.detail for each in lines(programme, f"person:{reader.id}") if each.action == "reviewer.changed"
    ]
    assert [each["after"] for each in changes] == ["active: SEL", "inactive: SEL"]
    assert [each["before"] for each in changes] == [None, "active: SEL"]


def test_a_name_that_is_a_formula_is_harmless_in_the_file(programme: Programme, client: FlaskClient) -> None:
    boss, reader = manager(programme), somebody(programme, "=1+1", email="rae@school.example")
    csrf = sign_in(client, programme.db, boss)
    typed = {
        "csrf": csrf,
        "email": reader.email,
        "organisation": OURS,
        "is_active": "yes",
        "stack-SEL": "yes",
    }
    assert client.post("/manage/reviewers", data=typed).status_code == 303
    table = list(csv.reader(io.StringIO(client.get("/manage/reviewers.csv").get_data(as_text=True))))
    assert table[1][0] == "'=1+1"


# -- seasons ----------------------------------------------------------------------------------------------


def day(days: int) -> str:
    return (NOW + timedelta(days=days)).date().isoformat()


def test_a_season_is_planned_checked_changed_and_removed(programme: Programme, client: FlaskClient) -> None:
    with programme.db.transaction() as session:
        found = organisations.get(session, "example-wa")
        organisations.put(
            session, Organisation(found.slug, found.name, found.kind, OURS), actor="test", now=NOW
        )
    boss = manager(programme)
    csrf = sign_in(client, programme.db, boss)

    def save(place: str, first: int, submission: int, revision: int, **more: str) -> int:
        typed = {
            "csrf": csrf, "name": "Far 2099", "opens_on": day(first), "last_submission": day(submission),
            "last_revision": day(revision), "do": "look", **more,
        }  # fmt: skip
        return client.post(f"/manage/seasons/wa/{place}", data=typed).status_code

    assert save("new", 3000, 3100, 3050) == 422, "revision before submission"
    assert save("new", 3100, 3000, 3200) == 422, "opens after it closes"
    assert save("new", 3000, 3100, 3200, name=" ") == 422
    assert save("new", 3000, 3100, 3200, opens_on="x") == 422
    assert save("new", 3000, 3100, 3200) == 303
    assert save("new", 3300, 3400, 3500) == 422, "the name is taken"
    assert save("new", 3050, 3400, 3500, name="Other") == 422, "overlaps"
    id = works(programme, somebody(programme))
    with programme.db.transaction() as session:
        row = session.get_one(ApplicationRow, id)
        row.portal, row.season = "wa", "wa/far-2099"
    assert save("far-2099", 3000, 3110, 3200) == 200, "shows first whom it concerns"
    assert save("far-2099", 3000, 3110, 3200, do="save") == 303
    assert save("far-2099", 3000, 3110, 3200, do="remove") == 422, "applications name it"
    with programme.db.transaction() as session:
        session.get_one(ApplicationRow, id).season = None
    assert save("far-2099", 3000, 3110, 3200, do="remove") == 303
    assert client.get("/manage/seasons/wa/far-2099").status_code == 404
    acts = [(each.action, each.detail["before"] is None) for each in lines(programme, "season:wa/far-2099")]
    assert acts == [("season.saved", True), ("season.saved", False), ("season.removed", False)]
