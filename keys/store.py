# SPDX-License-Identifier: Apache-2.0
"""The rows of issuers and their keys. Public halves only; the private ones are named by URI.

Two rules are the database's own, so that no race can break them: a key has one owner (the thumbprint is the
primary key), and an issuer has at most one active key per algorithm (a partial unique index).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, bindparam, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from credentials.document import parse, write
from credentials.verification_method import PublicKey
from keys.errors import IssuerExistsError, KeyReusedError, KeyStateError, NoSuchIssuerError
from keys.keyring import KeyRecord, KeyRing, KeyState
from service.db import Base

SLUG_CHARS = 64  # characters of an issuer's short name
DID_CHARS = 2_048  # characters, as for any identifier that we sign
ID_CHARS = 64  # characters; algorithm and 16 of the thumbprint are fewer
CUSTODY_CHARS = 255  # characters of a custody URI


class ControllerRow(Base):
    """An issuer: its short name and its DID."""

    __tablename__ = "controllers"

    slug: Mapped[str] = mapped_column(String(SLUG_CHARS), primary_key=True)
    did: Mapped[str] = mapped_column(String(DID_CHARS), unique=True)
    created: Mapped[datetime]


class KeyRow(Base):
    """A key: its public half, where its private half is kept, and where in its life it stands."""

    __tablename__ = "keys"
    __table_args__ = (
        UniqueConstraint("slug", "key_id"),
        Index(
            "ix_keys_one_active",
            "slug",
            "algorithm",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
    )

    thumbprint: Mapped[str] = mapped_column(String(ID_CHARS), primary_key=True)
    slug: Mapped[str] = mapped_column(ForeignKey("controllers.slug"))
    key_id: Mapped[str] = mapped_column(String(ID_CHARS))
    algorithm: Mapped[str] = mapped_column(String(ID_CHARS))
    public_jwk: Mapped[str] = mapped_column(Text)
    custody: Mapped[str] = mapped_column(String(CUSTODY_CHARS))
    state: Mapped[str] = mapped_column(String(ID_CHARS))
    created: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    compromised_since: Mapped[datetime | None]


def issuers(session: Session) -> tuple[tuple[str, str], ...]:
    """Return slug and DID of every issuer, oldest first."""
    rows = session.execute(
        select(ControllerRow.slug, ControllerRow.did).order_by(ControllerRow.created, ControllerRow.slug)
    )
    return tuple((slug, did) for slug, did in rows)


def add_issuer(session: Session, slug: str, did: str, *, now: datetime) -> None:
    """Insert an issuer.

    Raises:
        IssuerExistsError: The short name or the DID is taken.
    """
    for taken, what in ((ControllerRow.slug == slug, "name"), (ControllerRow.did == did, "DID")):
        if session.scalar(select(ControllerRow.slug).where(taken)) is not None:
            raise IssuerExistsError(f"There is an issuer with this {what} already.", got=slug)
    session.add(ControllerRow(slug=slug, did=did, created=now))
    session.flush()


def ring(session: Session, slug: str, *, for_change: bool = False) -> KeyRing:
    """Return the key ring of an issuer; ``for_change`` makes other changers wait until this one is done.

    Raises:
        NoSuchIssuerError: There is no issuer of this name.
    """
    asked = _CONTROLLER.with_for_update() if for_change else _CONTROLLER
    controller = session.scalar(asked, {"slug": slug})
    if controller is None:
        raise NoSuchIssuerError(f'There is no issuer "{slug[:SLUG_CHARS]}".', got=slug[:SLUG_CHARS])
    rows = session.scalars(_KEYS, {"slug": slug})
    return KeyRing(slug=slug, did=controller.did, keys=tuple(_record(row) for row in rows))


# Every list and every signature asks, so the statements are made once.
_CONTROLLER: Final = select(ControllerRow).where(ControllerRow.slug == bindparam("slug"))
_KEYS: Final = select(KeyRow).where(KeyRow.slug == bindparam("slug")).order_by(KeyRow.created, KeyRow.key_id)


def save(session: Session, before: KeyRing, after: KeyRing) -> None:
    """Write what became different between two states of one ring.

    Raises:
        KeyReusedError: A new key belongs to an issuer already.
        KeyStateError: Somebody else changed the ring in the same moment.
    """
    known = {key.id: key for key in before.keys}
    try:
        for key in after.keys:
            if key.id in known and key != known[key.id]:
                _update(session, key)
        session.flush()  # The retired one must leave before the new one can be active.
        for key in after.keys:
            if key.id not in known:
                refuse_reuse(session, key.public_key)
                session.add(_row(before.slug, key))
        session.flush()
    except IntegrityError as error:
        raise KeyStateError(
            "Somebody else changed these keys in the same moment; please try again."
        ) from error


def refuse_reuse(session: Session, public_key: PublicKey) -> None:
    """Refuse a key that any issuer has or had.

    Raises:
        KeyReusedError: It names nobody: whose key it is, is not the asker's business.
    """
    if session.get(KeyRow, public_key.thumbprint()) is not None:
        raise KeyReusedError(
            "This key is in use already. Every issuer needs keys of its own; make a new one."
        )


def state(session: Session, public_key: PublicKey) -> KeyState | None:
    """Return the state of one key, or None if there is no such row."""
    found = session.scalar(select(KeyRow.state).where(KeyRow.thumbprint == public_key.thumbprint()))
    return None if found is None else KeyState(found)


def _update(session: Session, key: KeyRecord) -> None:
    row = session.get_one(KeyRow, key.public_key.thumbprint())
    row.state = key.state
    row.retired_at = key.retired_at
    row.compromised_since = key.compromised_since


def _row(slug: str, key: KeyRecord) -> KeyRow:
    return KeyRow(
        thumbprint=key.public_key.thumbprint(),
        slug=slug,
        key_id=key.id,
        algorithm=key.algorithm,
        public_jwk=write(key.public_key.to_jwk()).decode("ascii"),
        custody=key.custody,
        state=key.state,
        created=key.created,
        retired_at=key.retired_at,
        compromised_since=key.compromised_since,
    )


def _record(row: KeyRow) -> KeyRecord:
    return KeyRecord(
        id=row.key_id,
        public_key=_public_key(row.public_jwk),
        custody=row.custody,
        created=row.created,
        state=KeyState(row.state),
        retired_at=row.retired_at,
        compromised_since=row.compromised_since,
    )


@lru_cache(maxsize=1_024)  # keys; reading one costs ten times the row, and a key never changes
def _public_key(jwk: str) -> PublicKey:
    return PublicKey.from_jwk(parse(jwk.encode("ascii")).members)
