# SPDX-License-Identifier: Apache-2.0
"""Which pieces of evidence were awarded, and who may see them now."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from earning.store.tables import ApplicationRow, ArtefactRow, DecisionRow, SubmissionRow
from earning.store.work import any_submission
from earning.work.submissions import PRIVATE, PUBLIC, Submission


def application_of(session: Session, piece: str) -> str | None:
    """Return the application that a piece belongs to, whoever's it is; or None."""
    return session.scalar(select(ArtefactRow.application).where(ArtefactRow.id == piece))


def application_of_award(session: Session, keys: Collection[str]) -> str | None:
    """Return the application whose award has one of these keys, or None."""
    return session.scalar(select(ApplicationRow.id).where(ApplicationRow.award.in_(list(keys))).limit(1))


def awarded_submission(session: Session, application: str) -> Submission | None:
    """Return the submission that the award of ``application`` rests on, or None."""
    found = session.scalar(
        select(SubmissionRow.id)
        .join(DecisionRow, DecisionRow.submission == SubmissionRow.id)
        .where(SubmissionRow.application == application, DecisionRow.outcome == "passed")
        .order_by(SubmissionRow.number.desc())
        .limit(1)
    )
    return None if found is None else any_submission(session, found)


def choose(session: Session, application: str, public: Collection[str]) -> None:
    """Make the pieces of ``application`` that are in ``public`` public, and all others private."""
    for disclosure, wanted in (
        (PUBLIC, ArtefactRow.id.in_(list(public))),
        (PRIVATE, ArtefactRow.id.not_in(list(public))),
    ):
        session.execute(
            update(ArtefactRow)
            .where(ArtefactRow.application == application, wanted)
            .values(disclosure=disclosure)
        )


def set_disclosure(session: Session, application: str, piece: str, disclosure: str) -> bool:
    """Set who may see a piece of ``application``; False if that is so already."""
    done = session.execute(
        update(ArtefactRow)
        .where(
            ArtefactRow.id == piece,
            ArtefactRow.application == application,
            ArtefactRow.disclosure != disclosure,
        )
        .values(disclosure=disclosure)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]
