# SPDX-License-Identifier: Apache-2.0
"""Awards of a chunk of a bulk, written down at once with their places and what is going to be signed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from issuer.award import Award, AwardState, to_json
from issuer.bulk.bulk import RowState
from issuer.errors import ConflictingRowsError
from issuer.store import outlines
from issuer.store.many import Many, among
from issuer.store.status import Place
from issuer.store.tables import AwardRow, BulkItemRow, CredentialRow, StatusEntryRow, StatusListRow
from service.db import Base

_items = Base.metadata.tables[BulkItemRow.__tablename__]
_credentials = Base.metadata.tables[CredentialRow.__tablename__]
_awards = Base.metadata.tables[AwardRow.__tablename__]
_entries = Base.metadata.tables[StatusEntryRow.__tablename__]
_lists = Base.metadata.tables[StatusListRow.__tablename__]

_write: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # made once, not for each

_BEGIN = Many(
    update(_items)
    .where(
        _items.c.bulk == bindparam("its_bulk"),
        _items.c.number == bindparam("its_number"),
        _items.c.state == RowState.WAITING,
        _items.c.taken_by == bindparam("its_worker"),
    )
    .values(award=bindparam("its_award"), state=RowState.BEGUN),
    ("its_number", "its_award"),
    ("its_bulk", "its_worker"),
)
_INTEND = Many.insert(
    _credentials,
    ("key", "issuer", "credential_id", "intended"),
    ("proof_created", "proof_method", "created_at"),
    kind="award",
    state=AwardState.INTENDED,
    attempts=0,
)
_AWARD = Many.insert(
    _awards,
    (
        "key",
        "issuer",
        "achievement",
        "recipient",
        "submission",
        "idempotency_key",
        "request_digest",
        "email",
        "salt",
        "content",
        "awarded_at",
    ),
    is_indexed=False,
)
_PLACE = Many.insert(_entries, ("list", "position", "credential", "purpose"), is_set=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """An award that is going to be written down, with everything that belongs to it.

    Attributes:
        number: Its row.
        award: The award, under a key of its own.
        recipient: The address as it is hashed.
        credential_id: The link.
        document: The exact bytes to be signed.
        values: What makes them of ``outline`` (``store.outlines``), which is empty where nothing does.
        places: Where it stands in status lists.
    """

    number: int
    award: Award
    recipient: str
    credential_id: str
    document: bytes
    places: tuple[Place, ...]
    outline: bytes = b""
    values: Sequence[str] = ()


@contextmanager
def conflicts() -> Iterator[None]:
    """Tell it in our words when others write down the same at the same time.

    Raises:
        ConflictingRowsError: The database refuses what is there already.
    """
    try:
        yield
    except IntegrityError as error:
        raise ConflictingRowsError("Another worker wrote down the same at the same time.") from error


def known_awards(
    session: Session, awards: Sequence[Award], recipients: Sequence[str]
) -> Mapping[int, str | None]:
    """Return the places in ``awards`` of those that are known already, with the key of the row's own one.

    None stands for another award of the same submission.
    """
    keys = [str(each.request.idempotency_key) for each in awards]
    query = select(_awards.c.idempotency_key, _awards.c.key).where(
        _awards.c.replaced_by.is_(None), among(session, _awards.c.idempotency_key, keys)
    )
    own = {its_key: key for its_key, key in session.execute(query)}  # noqa: C416  rows are no pairs to mypy
    query_pairs = select(
        _awards.c.issuer, _awards.c.achievement, _awards.c.recipient, _awards.c.submission
    ).where(
        _awards.c.replaced_by.is_(None),
        _awards.c.issuer.in_({each.issuer for each in awards}),
        _awards.c.achievement.in_({each.request.achievement for each in awards}),
        among(session, _awards.c.recipient, set(recipients)),
    )
    known = {tuple(row) for row in session.execute(query_pairs)}
    return {
        place: own.get(each.request.idempotency_key)
        for place, (each, recipient) in enumerate(zip(awards, recipients, strict=True))
        if each.request.idempotency_key in own
        or (each.issuer, each.request.achievement, recipient, each.request.submission) in known
    }


def intend(
    session: Session,
    id: str,
    drafts: Sequence[Draft],
    *,
    by: str,
    created: datetime,
    method: str,
    now: datetime,
) -> None:
    """Write down awards, places and what is going to be signed for rows that are in this worker's hands.

    Raises:
        ConflictingRowsError: One was cancelled or is in other hands; nothing of all this may stay.
    """
    begun = _BEGIN.run(session, [(each.number, each.award.key) for each in drafts], id, by)
    if begun != len(drafts):
        raise ConflictingRowsError("A row of the bulk is not in these hands any more.")
    names = outlines.keep(session, [each.outline for each in drafts if each.outline])
    _INTEND.run(
        session,
        [(each.award.key, each.award.issuer, each.credential_id, _kept(each, names)) for each in drafts],
        created,
        method,
        now,
    )
    _AWARD.run(session, [_award(each) for each in drafts])
    places = [(each.award.key, place) for each in drafts for place in each.places]
    _PLACE.run(session, [(place.list, place.position, key, place.purpose) for key, place in places])
    connection = session.connection()
    for list_id in {place.list for _, place in places}:
        more = sum(place.list == list_id for _, place in places)
        connection.execute(
            update(_lists).where(_lists.c.id == list_id).values(entries=_lists.c.entries + more)
        )


def _kept(draft: Draft, names: Mapping[bytes, bytes]) -> bytes:
    return outlines.short(names[draft.outline], draft.values) if draft.outline else draft.document


def _award(draft: Draft) -> tuple[object, ...]:
    """Return what stands in the columns of ``_AWARD``."""
    request = draft.award.request
    return (
        draft.award.key,
        draft.award.issuer,
        request.achievement,
        draft.recipient,
        request.submission,
        request.idempotency_key,
        request.request_digest,
        request.email,
        draft.award.salt,
        _write(to_json(request)),
        request.awarded_at,
    )
