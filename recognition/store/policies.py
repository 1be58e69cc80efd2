# SPDX-License-Identifier: Apache-2.0
"""Rows of policies: published versions, who decides by them, and what short names of issuers mean to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recognition.store.tables import AdoptionRow, IssuerNameRow, PolicyRow


@dataclass(frozen=True, slots=True)
class Stored:
    """One version as it was published; ``organisation`` "" is the house.

    Attributes:
        source: Its exact bytes.
        signed: The credential about this version; None: nobody has asked for it yet.
    """

    id: str
    version: str
    organisation: str
    source: bytes
    sha256: str
    signed: bytes | None
    added_at: datetime
    added_by: str
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Adoption:
    """An organisation decides by a policy, in whichever accepted version rules.

    Attributes:
        accepted: SHA-256 by version: what it accepted of another publisher's policy.
    """

    organisation: str
    policy: str
    adopted_at: datetime
    adopted_by: str
    accepted: Mapping[str, str] = field(default_factory=dict)


def add(session: Session, new: Stored) -> bool:
    """Write a version; return False if one with its id and version was written a moment ago."""
    row = PolicyRow(
        id=new.id,
        version=new.version,
        organisation=new.organisation,
        source=new.source,
        sha256=new.sha256,
        signed=new.signed,
        added_at=new.added_at,
        added_by=new.added_by,
        retired_at=new.retired_at,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def get(session: Session, id: str, version: str) -> Stored | None:
    """Return one version, or None."""
    row = session.get(PolicyRow, (id, version))
    return None if row is None else _stored(row)


def versions(session: Session, id: str) -> tuple[Stored, ...]:
    """Return every version of a policy, the one that was published last first."""
    query = (
        select(PolicyRow)
        .where(PolicyRow.id == id)
        .order_by(PolicyRow.added_at.desc(), PolicyRow.version.desc())
    )
    return tuple(_stored(row) for row in session.scalars(query))


def every(session: Session) -> tuple[Stored, ...]:
    """Return every version of every policy, by id, the one that was published last first."""
    query = select(PolicyRow).order_by(PolicyRow.id, PolicyRow.added_at.desc(), PolicyRow.version.desc())
    return tuple(_stored(row) for row in session.scalars(query))


def count(session: Session, organisation: str) -> int:
    """Return how many versions an organisation has published."""
    query = select(func.count()).select_from(PolicyRow).where(PolicyRow.organisation == organisation)
    return session.scalar(query) or 0


def keep_signed(session: Session, id: str, version: str, signed: bytes) -> None:
    """Keep the credential about a version, if there is none yet."""
    session.execute(
        update(PolicyRow)
        .where(PolicyRow.id == id, PolicyRow.version == version, PolicyRow.signed.is_(None))
        .values(signed=signed)
    )


def retire(session: Session, id: str, version: str, *, at: datetime | None) -> None:
    """Write since when a version is not used for new decisions; None: it is again."""
    session.execute(
        update(PolicyRow).where(PolicyRow.id == id, PolicyRow.version == version).values(retired_at=at)
    )


# -- adoptions ----------------------------------------------------------------------------------------------


def adopt(session: Session, new: Adoption) -> bool:
    """Write an adoption; return whether it is new."""
    if session.get(AdoptionRow, (new.organisation, new.policy)) is not None:
        return False
    session.add(
        AdoptionRow(
            organisation=new.organisation,
            policy=new.policy,
            adopted_at=new.adopted_at,
            adopted_by=new.adopted_by,
            accepted=dict(new.accepted),
        )
    )
    session.flush()
    return True


def accept(session: Session, organisation: str, policy: str, version: str, sha256: str) -> bool:
    """Write that an organisation accepts a version; return whether that is new."""
    row = session.get(AdoptionRow, (organisation, policy), with_for_update=True)
    if row is None or row.accepted.get(version) == sha256:
        return False
    row.accepted = {**row.accepted, version: sha256}
    session.flush()
    return True


def adoption(session: Session, organisation: str, policy: str) -> Adoption | None:
    """Return one adoption, or None."""
    row = session.get(AdoptionRow, (organisation, policy))
    return None if row is None else _adoption(row)


def drop(session: Session, organisation: str, policy: str) -> bool:
    """Forget an adoption; return whether there was one."""
    row = session.get(AdoptionRow, (organisation, policy))
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def adoptions(session: Session, organisation: str) -> tuple[Adoption, ...]:
    """Return by what an organisation decides, by id of the policy."""
    query = select(AdoptionRow).where(AdoptionRow.organisation == organisation).order_by(AdoptionRow.policy)
    return tuple(_adoption(row) for row in session.scalars(query))


def adopters(session: Session, policy: str) -> tuple[str, ...]:
    """Return the organisations that decide by a policy, sorted."""
    query = select(AdoptionRow.organisation).where(AdoptionRow.policy == policy)
    return tuple(sorted(session.scalars(query)))


# -- short names of issuers ---------------------------------------------------------------------------------


def names(session: Session, organisation: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs of short name and DID of an organisation, sorted."""
    query = (
        select(IssuerNameRow.name, IssuerNameRow.did)
        .where(IssuerNameRow.organisation == organisation)
        .order_by(IssuerNameRow.name, IssuerNameRow.did)
    )
    return tuple((name, did) for name, did in session.execute(query))


def bind(session: Session, organisation: str, name: str, dids: frozenset[str]) -> None:
    """Let ``name`` mean exactly these issuers to an organisation."""
    session.execute(
        delete(IssuerNameRow).where(IssuerNameRow.organisation == organisation, IssuerNameRow.name == name)
    )
    session.add_all(IssuerNameRow(organisation=organisation, name=name, did=did) for did in sorted(dids))
    session.flush()


def _stored(row: PolicyRow) -> Stored:
    return Stored(
        id=row.id,
        version=row.version,
        organisation=row.organisation,
        source=row.source,
        sha256=row.sha256,
        signed=row.signed,
        added_at=row.added_at,
        added_by=row.added_by,
        retired_at=row.retired_at,
    )


def _adoption(row: AdoptionRow) -> Adoption:
    return Adoption(row.organisation, row.policy, row.adopted_at, row.adopted_by, dict(row.accepted))
