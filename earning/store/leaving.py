# SPDX-License-Identifier: Apache-2.0
"""Rows that are asked for, or go, when somebody leaves: awards by person, and the pool of reviewers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from earning.store.tables import ApplicationRow, RatingRow, ReviewerRow, ReviewerSkillRow, ReviewRow


def awards(session: Session, person: str) -> tuple[str, ...]:
    """Return the keys of the awards of somebody's applications."""
    query = select(ApplicationRow.award).where(
        ApplicationRow.person == person, ApplicationRow.award.is_not(None)
    )
    return tuple(each for each in session.scalars(query.order_by(ApplicationRow.applied_at)) if each)


def pool_of(session: Session, person: str) -> list[dict[str, Any]]:
    """Return where somebody reviews, and which stacks."""
    skills = list(session.scalars(select(ReviewerSkillRow).where(ReviewerSkillRow.person == person)))
    return [
        {
            "organisation": row.organisation,
            "is_active": row.is_active,
            "since": row.since,
            "stacks": sorted(each.stack for each in skills if each.organisation == row.organisation),
        }
        for row in session.scalars(select(ReviewerRow).where(ReviewerRow.person == person))
    ]


def readings_of(session: Session, person: str) -> list[dict[str, Any]]:
    """Return what somebody wrote as a reviewer."""
    rows = session.scalars(
        select(ReviewRow).where(ReviewRow.reviewer == person).order_by(ReviewRow.leased_at)
    ).all()
    ratings = session.scalars(select(RatingRow).where(RatingRow.review.in_([row.id for row in rows]))).all()
    return [
        {
            "state": row.state,
            "outcome": row.outcome,
            "words": row.words,
            "note": row.note,
            "taken_at": row.leased_at,
            "finished_at": row.finished_at,
            "comments": {each.criterion: each.comment for each in ratings if each.review == row.id},
        }
        for row in rows
    ]


def leave_pool(session: Session, person: str) -> None:
    """Take somebody out of the pool with notes and unfinished words; what they told authors stays theirs."""
    session.execute(delete(ReviewerSkillRow).where(ReviewerSkillRow.person == person))
    session.execute(delete(ReviewerRow).where(ReviewerRow.person == person))
    mine = ReviewRow.reviewer == person
    unfinished = mine & (ReviewRow.finished_at.is_(None))
    session.execute(delete(RatingRow).where(RatingRow.review.in_(select(ReviewRow.id).where(unfinished))))
    session.execute(update(ReviewRow).where(unfinished).values(words="", missing="[]"))
    session.execute(update(ReviewRow).where(mine).values(note=""))
