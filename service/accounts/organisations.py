# SPDX-License-Identifier: Apache-2.0
"""Organisations: who runs a programme, who stands beside it, who employs, who licenses.

The organisation that runs an issuer's programme has the issuer's slug.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import audit
from service.accounts.tables import OrganisationRow
from service.errors import AccountFieldError, NoSuchOrganisationError

KINDS: Final = ("programme", "affiliate", "district", "state")
NAME_CHARS: Final = 200  # characters
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation. ``parent`` is the slug of the one that it belongs to, or None."""

    slug: str
    name: str
    kind: str
    parent: str | None = None


def get(session: Session, slug: str) -> Organisation:
    """Return the organisation with this slug.

    Raises:
        NoSuchOrganisationError: There is none.
    """
    row = session.get(OrganisationRow, slug)
    if row is None:
        raise NoSuchOrganisationError(f"There is no organisation “{slug[:40]}”.", got=slug[:40])
    return _organisation(row)


def every(session: Session) -> tuple[Organisation, ...]:
    """Return all organisations by name."""
    rows = session.scalars(select(OrganisationRow).order_by(OrganisationRow.name, OrganisationRow.slug))
    return tuple(_organisation(row) for row in rows)


def put(session: Session, organisation: Organisation, *, actor: str, now: datetime) -> Organisation:
    """Add an organisation, or give the one with its slug this name, kind and parent.

    Raises:
        AccountFieldError: Slug, name or kind does not fit.
        NoSuchOrganisationError: There is no such parent.
    """
    _check(organisation)
    if organisation.parent is not None:
        get(session, organisation.parent)
    row = session.get(OrganisationRow, organisation.slug)
    if row is not None and _organisation(row) == organisation:
        return organisation
    action = "organisation.added" if row is None else "organisation.changed"
    if row is None:
        row = OrganisationRow(slug=organisation.slug)
        session.add(row)
    row.name, row.kind, row.parent = organisation.name, organisation.kind, organisation.parent
    session.flush()
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"organisation:{organisation.slug}",
        detail={"kind": organisation.kind, "parent": organisation.parent},
        now=now,
    )
    return organisation


def _check(organisation: Organisation) -> None:
    if not _SLUG.match(organisation.slug):
        raise AccountFieldError(
            "An organisation's short name has 1 to 40 lower-case letters, digits and hyphens.", path="slug"
        )
    name = organisation.name
    if not name.strip() or len(name) > NAME_CHARS or not name.isprintable():
        raise AccountFieldError(f"An organisation's name has 1 to {NAME_CHARS} characters.", path="name")
    if organisation.kind not in KINDS:
        raise AccountFieldError(f"An organisation is one of: {', '.join(KINDS)}.", path="kind")


def _organisation(row: OrganisationRow) -> Organisation:
    return Organisation(slug=row.slug, name=row.name, kind=row.kind, parent=row.parent)
