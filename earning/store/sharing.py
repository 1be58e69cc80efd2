# SPDX-License-Identifier: Apache-2.0
"""Links for evaluators and their uses; of the secret in a link only the digest is here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from earning.sharing.evaluator_link import EvaluatorLink, Use
from earning.store.tables import ApplicationRow, EvaluatorLinkRow, EvaluatorVisitRow


def add(session: Session, link: EvaluatorLink, digest: str) -> bool:
    """Add a link; False if there is one with its id."""
    row = EvaluatorLinkRow(digest=digest, **{name: getattr(link, name) for name in EvaluatorLink.__slots__})
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        return False
    return True


def by_digest(session: Session, digest: str) -> EvaluatorLink | None:
    """Return the link whose secret has this digest, in whatever state, or None."""
    row = session.scalar(select(EvaluatorLinkRow).where(EvaluatorLinkRow.digest == digest))
    return None if row is None else _link(row)


def of_application(session: Session, application: str) -> tuple[EvaluatorLink, ...]:
    """Return all links of an award, the newest first."""
    rows = session.scalars(
        select(EvaluatorLinkRow)
        .where(EvaluatorLinkRow.application == application)
        .order_by(EvaluatorLinkRow.made_at.desc(), EvaluatorLinkRow.id)
    )
    return tuple(_link(row) for row in rows)


def of_person(session: Session, person: str) -> tuple[EvaluatorLink, ...]:
    """Return all links of an educator, the oldest first."""
    rows = session.scalars(
        select(EvaluatorLinkRow)
        .join(ApplicationRow, ApplicationRow.id == EvaluatorLinkRow.application)
        .where(ApplicationRow.person == person)
        .order_by(EvaluatorLinkRow.made_at, EvaluatorLinkRow.id)
    )
    return tuple(_link(row) for row in rows)


def withdraw(session: Session, id: str, application: str, *, now: datetime) -> bool:
    """Withdraw a link of ``application``; False if it was withdrawn before."""
    done = session.execute(
        update(EvaluatorLinkRow)
        .where(
            EvaluatorLinkRow.id == id,
            EvaluatorLinkRow.application == application,
            EvaluatorLinkRow.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def set_told(session: Session, id: str, *, now: datetime) -> None:
    """Note that its educator was told that it will end."""
    session.execute(update(EvaluatorLinkRow).where(EvaluatorLinkRow.id == id).values(told_at=now))


def ending(session: Session, *, after: datetime, until: datetime) -> tuple[EvaluatorLink, ...]:
    """Return links that end in this time, and whose educators were not told."""
    rows = session.scalars(
        select(EvaluatorLinkRow)
        .where(
            EvaluatorLinkRow.ends_at > after,
            EvaluatorLinkRow.ends_at <= until,
            EvaluatorLinkRow.withdrawn_at.is_(None),
            EvaluatorLinkRow.told_at.is_(None),
        )
        .order_by(EvaluatorLinkRow.ends_at, EvaluatorLinkRow.id)
    )
    return tuple(_link(row) for row in rows)


def note_use(session: Session, link: str, piece: str | None, *, since: datetime, now: datetime) -> bool:
    """Write a use down; False if the same was used after ``since``."""
    same = EvaluatorVisitRow.piece.is_(None) if piece is None else EvaluatorVisitRow.piece == piece
    last = session.scalar(select(func.max(EvaluatorVisitRow.at)).where(EvaluatorVisitRow.link == link, same))
    if last is not None and last > since:
        return False
    session.add(EvaluatorVisitRow(link=link, piece=piece, at=now))
    session.flush()
    return True


def uses(session: Session, links: Collection[str]) -> Mapping[str, tuple[Use, ...]]:
    """Return all uses of each of ``links``, the latest first."""
    found: dict[str, list[Use]] = {id: [] for id in links}
    rows = session.scalars(
        select(EvaluatorVisitRow)
        .where(EvaluatorVisitRow.link.in_(list(links)))
        .order_by(EvaluatorVisitRow.at.desc(), EvaluatorVisitRow.id.desc())
    )
    for row in rows:
        found[row.link].append(_use(row))
    return {id: tuple(each) for id, each in found.items()}


def used_since(session: Session, since: datetime) -> tuple[tuple[EvaluatorLink, tuple[Use, ...]], ...]:
    """Return links with their uses after ``since``, the first use first."""
    found: dict[str, tuple[EvaluatorLink, list[Use]]] = {}
    rows = session.execute(
        select(EvaluatorLinkRow, EvaluatorVisitRow)
        .join(EvaluatorVisitRow, EvaluatorVisitRow.link == EvaluatorLinkRow.id)
        .where(EvaluatorVisitRow.at > since)
        .order_by(EvaluatorVisitRow.at, EvaluatorVisitRow.id)
    )
    for link, use in rows:
        found.setdefault(link.id, (_link(link), []))[1].append(_use(use))
    return tuple((link, tuple(each)) for link, each in found.values())


def forget(session: Session, person: str) -> None:
    """Delete all links of an educator with their uses."""
    _delete(session, [link.id for link in of_person(session, person)])


def tidy(session: Session, *, before: datetime) -> int:
    """Delete links that were over before then, with their uses; return how many."""
    withdrawn = and_(EvaluatorLinkRow.withdrawn_at.is_not(None), EvaluatorLinkRow.withdrawn_at < before)
    over = or_(EvaluatorLinkRow.ends_at < before, withdrawn)
    ids = tuple(session.scalars(select(EvaluatorLinkRow.id).where(over)))
    _delete(session, ids)
    return len(ids)


def _delete(session: Session, ids: Collection[str]) -> None:
    session.execute(delete(EvaluatorVisitRow).where(EvaluatorVisitRow.link.in_(list(ids))))
    session.execute(delete(EvaluatorLinkRow).where(EvaluatorLinkRow.id.in_(list(ids))))


def _link(row: EvaluatorLinkRow) -> EvaluatorLink:
    return EvaluatorLink(**{name: getattr(row, name) for name in EvaluatorLink.__slots__})


def _use(row: EvaluatorVisitRow) -> Use:
    return Use(row.link, row.piece, row.at)
