# SPDX-License-Identifier: Apache-2.0
"""Threat E1: judging one's own work, or that of one's school, local or community, or as two people in one."""

# ruff: noqa: F811  fixtures are imported by their names
from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from earning.errors import NothingWaitingError
from earning.programme import Programme
from earning.review import review
from earning.store.tables import CommunityMemberRow, CommunityRow
from service import audit
from service.accounts.people import Person, Role
from tests.earning import reviewing as it
from tests.earning.conftest import client, earning_template, folder, programme  # noqa: F401  fixtures
from tests.earning.house import NOW, somebody
from tests.earning.visits import sign_in

Together = Callable[[Programme], tuple[Person, Person]]


def oneself(programme: Programme) -> tuple[Person, Person]:
    robin = it.reviewer(programme, "Robin Reviewer")
    return robin, robin


def same_school(programme: Programme) -> tuple[Person, Person]:
    return it.author(programme, school="Lake School"), it.reviewer(programme, "Robin", school=" LAKE school")


def same_local(programme: Programme) -> tuple[Person, Person]:
    return it.author(programme, local="Lake Local"), it.reviewer(programme, "Robin", local="lake  local")


def same_community(programme: Programme) -> tuple[Person, Person]:
    alex, robin = it.author(programme), it.reviewer(programme, "Robin Reviewer")
    with programme.db.transaction() as session:
        session.add(
            CommunityRow(
                id="c",
                name="Lake",
                about="",
                local="",
                contact="",
                is_listed=False,
                invite="0" * 64,
                started_by=alex.id,
                started_at=NOW,
            )
        )
        session.flush()
        for person in (alex, robin):
            session.add(
                CommunityMemberRow(
                    community="c",
                    person=person.id,
                    role="member",
                    shows_name=False,
                    wants_mail=False,
                    joined_at=NOW,
                )
            )
    return alex, robin


@pytest.mark.parametrize("together", [oneself, same_school, same_local, same_community])
def test_work_of_somebody_near_is_never_offered_and_the_reason_is_not_told(
    programme: Programme,
    together: Together,
) -> None:
    alex, robin = together(programme)
    sent = it.waiting(programme, alex)
    words = set()
    for submission in (None, sent.id, "there is none"):
        with pytest.raises(NothingWaitingError) as refused:
            review.lease(programme, robin, now=NOW, submission=submission)
        words.add(str(refused.value))
    assert len(words) == 1
    assert review.lease(programme, it.reviewer(programme, "Far Away"), now=NOW).submission == sent.id


def test_the_database_itself_refuses_a_review_of_own_work(programme: Programme) -> None:
    robin = it.reviewer(programme, "Robin Reviewer")
    sent = it.waiting(programme, robin)
    insert = text(
        "INSERT INTO earning_reviews (id, submission, reviewer, reading, state, words, note, missing, "
        "revision, prolonged, leased_at, leased_until) VALUES "
        "('x', :submission, :reviewer, 1, 'leased', '', '', '[]', 0, 0, :now, :now)"
    )
    values = {"submission": sent.id, "reviewer": robin.id, "now": NOW.replace(tzinfo=None).isoformat(" ")}
    with pytest.raises(IntegrityError, match="own work"), programme.db.transaction() as session:
        session.execute(insert, values)


def test_the_database_itself_refuses_two_readings_by_one_person(programme: Programme) -> None:
    robin = it.reviewer(programme, "Robin Reviewer")
    sent = it.waiting(programme)
    review.lease(programme, robin, now=NOW)
    again = text(
        "INSERT INTO earning_reviews SELECT 'x', submission, reviewer, reading + 1, state, outcome, words, "
        "note, missing, revision, prolonged, leased_at, leased_until, finished_at FROM earning_reviews "
        "WHERE submission = :submission"
    )
    with pytest.raises(IntegrityError), programme.db.transaction() as session:
        session.execute(again, {"submission": sent.id})


def test_a_manager_without_the_role_reviews_nothing_and_that_leaves_a_line(
    programme: Programme,
    client: object,
) -> None:
    mo = somebody(programme, "Mo Manager", (Role.MANAGER, it.PROGRAMME))
    visitor = sign_in(programme, client, mo)  # type: ignore[arg-type]
    assert visitor.post("/reviews/next").status_code == 403
    with programme.db.reading() as session:
        lines = audit.lines(session, subject="route:earning_reviews.take")
    assert [each.action for each in lines] == ["access.refused"]
