# SPDX-License-Identifier: Apache-2.0
"""Rows of stacks and versions: opening, closing, finding. Whoever changes one gives the catalogue a new mark.

What the catalogue lists is every version that is open or in revision; opening one closes the others of its
code, so that is one version for each code at most.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from earning.catalogue.stacks import Stack
from earning.catalogue.version import Version, VersionState
from earning.errors import NoSuchVersionError
from earning.store.tables import CatalogueRow, StackRow, VersionAudienceRow, VersionRow, VersionStackRow

LISTED: Final = (str(VersionState.OPEN), str(VersionState.REVISION))
EVERYBODY: Final = "all"


@dataclass(frozen=True, slots=True)
class Picked:
    """A list of a portal: what stands in one of its stacks or has one of its codes is on it."""

    stacks: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What a search asks of a listed version; ``words`` is what it looks through, folded."""

    key: str
    code: str
    position: int
    hours: int
    needs_students: bool
    language: str
    words: str
    stacks: tuple[str, ...]
    audience: tuple[str, ...]


# -- the mark ---------------------------------------------------------------------------------------------


def mark(session: Session) -> str:
    """Return the mark of the catalogue, another one after each change of its rows.

    It is random: one that was rolled back never comes again with other rows.
    """
    return session.scalar(select(CatalogueRow.mark)) or uuid.uuid4().hex


def _mark_anew(session: Session) -> None:
    """Give the catalogue another mark, in the transaction that changes it."""
    session.execute(update(CatalogueRow).values(mark=uuid.uuid4().hex))


# -- stacks -----------------------------------------------------------------------------------------------


def put_stacks(session: Session, stacks: Iterable[Stack]) -> None:
    """Write ``stacks``, in place of those with their codes."""
    for stack in stacks:
        row = session.get(StackRow, stack.code)
        if row is None:
            row = StackRow(code=stack.code)
            session.add(row)
        row.title, row.summary, row.colour = stack.title, stack.summary, stack.colour
        row.only_for, row.position = json.dumps(stack.only_for), stack.position
    session.flush()
    _mark_anew(session)


def stacks(session: Session) -> dict[str, Stack]:
    """Return all stacks by code, in the catalogue's order."""
    rows = session.scalars(select(StackRow).order_by(StackRow.position, StackRow.code))
    return {
        row.code: Stack(
            code=row.code,
            title=row.title,
            summary=row.summary,
            colour=row.colour,
            only_for=tuple(json.loads(row.only_for)),
            position=row.position,
        )
        for row in rows
    }


# -- versions ---------------------------------------------------------------------------------------------


def add(session: Session, version: Version, *, words: str) -> None:
    """Write a version that was not there, with what a search looks through."""
    session.add(
        VersionRow(
            key=version.key,
            code=version.code,
            version=version.version,
            issuer=version.issuer,
            title=version.title,
            competency=version.competency,
            language=version.language,
            hours_min=version.hours[0],
            hours_max=version.hours[1],
            needs_students=version.needs_students,
            is_generated=version.is_generated,
            words=words,
            position=version.position,
            state=str(version.state),
            note=version.note,
            opened_at=version.opened_at,
            closed_at=version.closed_at,
        )
    )
    session.flush()
    _put_lists(session, version)
    _mark_anew(session)


def replace(session: Session, version: Version, *, words: str) -> None:
    """Write the text of a version anew; state, place and dates stay."""
    session.execute(
        update(VersionRow)
        .where(VersionRow.key == version.key)
        .values(
            title=version.title,
            competency=version.competency,
            language=version.language,
            hours_min=version.hours[0],
            hours_max=version.hours[1],
            needs_students=version.needs_students,
            is_generated=version.is_generated,
            words=words,
        )
    )
    session.execute(delete(VersionStackRow).where(VersionStackRow.version == version.key))
    session.execute(delete(VersionAudienceRow).where(VersionAudienceRow.version == version.key))
    _put_lists(session, version)
    _mark_anew(session)


def get(session: Session, key: str) -> Version:
    """Return the version with this key, such as ``SEL1-v1``.

    Raises:
        NoSuchVersionError: There is none in the catalogue.
    """
    found = find(session, key)
    if found is None:
        raise NoSuchVersionError(f"There is no “{key[:40]}” in the catalogue.", got=key[:40])
    return found


def find(session: Session, key: str) -> Version | None:
    """Return the version with this key, or None."""
    rows = _versions(session, session.scalars(select(VersionRow).where(VersionRow.key == key[:40])))
    return rows[0] if rows else None


def every(session: Session, keys: Iterable[str]) -> dict[str, Version]:
    """Return the versions with these keys, as far as there are any."""
    query = select(VersionRow).where(VersionRow.key.in_(list(keys)))
    return {version.key: version for version in _versions(session, session.scalars(query))}


def of_code(session: Session, code: str) -> tuple[Version, ...]:
    """Return all versions of ``code``, the one that was opened last first."""
    query = select(VersionRow).where(VersionRow.code == code[:16])
    found = _versions(session, session.scalars(query.order_by(VersionRow.opened_at.desc())))
    return tuple(sorted(found, key=lambda each: (each.opened_at, _number(each.version)), reverse=True))


def of_issuers(session: Session, issuers: Iterable[str]) -> tuple[Version, ...]:
    """Return all versions that these issuers offer, by code."""
    query = select(VersionRow).where(VersionRow.issuer.in_(list(issuers)))
    found = _versions(session, session.scalars(query.order_by(VersionRow.code)))
    return tuple(sorted(found, key=lambda each: (each.code, _number(each.version))))


def last_position(session: Session) -> int:
    """Return the last place of the catalogue's order, 0 if it is empty."""
    return session.scalar(select(func.max(VersionRow.position))) or 0


def move(session: Session, key: str, position: int) -> None:
    """Give a version another place in the order."""
    session.execute(update(VersionRow).where(VersionRow.key == key).values(position=position))
    _mark_anew(session)


def set_state(
    session: Session, key: str, state: VersionState, *, closed_at: datetime | None, note: str = ""
) -> None:
    """Open or close a version; ``note`` says why."""
    values = {"state": str(state), "closed_at": closed_at, "note": note}
    session.execute(update(VersionRow).where(VersionRow.key == key).values(values))
    _mark_anew(session)


# -- the list ---------------------------------------------------------------------------------------------


def entries(session: Session) -> tuple[Entry, ...]:
    """Return what the catalogue lists, in its order."""
    table = VersionRow
    query = select(
        table.key,
        table.code,
        table.position,
        table.hours_max,
        table.needs_students,
        table.language,
        table.words,
    )
    found = session.execute(query.where(table.state.in_(LISTED)).order_by(table.position)).all()
    in_stacks, meant_for = _lists(session, None)
    return tuple(
        Entry(*each, stacks=tuple(in_stacks[each.key]), audience=tuple(meant_for[each.key])) for each in found
    )


def by_codes(session: Session, codes: Sequence[str]) -> tuple[Version, ...]:
    """Return the listed version of each of ``codes``, in their order, as far as there is one."""
    query = select(VersionRow).where(VersionRow.code.in_(codes), VersionRow.state.in_(LISTED))
    found = {version.code: version for version in _versions(session, session.scalars(query))}
    return tuple(found[code] for code in dict.fromkeys(codes) if code in found)


def _put_lists(session: Session, version: Version) -> None:
    session.add_all(
        VersionStackRow(version=version.key, stack=stack, position=place)
        for place, stack in enumerate(version.stacks)
    )
    session.add_all(VersionAudienceRow(version=version.key, audience=each) for each in version.audience)
    session.flush()


def _versions(session: Session, rows: Iterable[VersionRow]) -> tuple[Version, ...]:
    """Return the rows as values, with their stacks and audiences by two questions for all."""
    found = list(rows)
    in_stacks, meant_for = _lists(session, [row.key for row in found])
    return tuple(_version(row, in_stacks[row.key], meant_for[row.key]) for row in found)


def _lists(
    session: Session, keys: Sequence[str] | None
) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    """Return the stacks and the audiences of these versions, or of all, each in their order."""
    in_stacks: dict[str, list[str]] = defaultdict(list)
    meant_for: dict[str, list[str]] = defaultdict(list)
    stack_rows = select(VersionStackRow.version, VersionStackRow.stack).order_by(VersionStackRow.position)
    audience_rows = select(VersionAudienceRow.version, VersionAudienceRow.audience)
    if keys is not None:
        stack_rows = stack_rows.where(VersionStackRow.version.in_(keys))
        audience_rows = audience_rows.where(VersionAudienceRow.version.in_(keys))
    for key, stack in session.execute(stack_rows) if keys or keys is None else ():
        in_stacks[key].append(stack)
    for key, audience in session.execute(audience_rows) if keys or keys is None else ():
        meant_for[key].append(audience)
    return in_stacks, meant_for


def _version(row: VersionRow, in_stacks: Sequence[str], meant_for: Sequence[str]) -> Version:
    return Version(
        key=row.key,
        code=row.code,
        version=row.version,
        issuer=row.issuer,
        title=row.title,
        competency=row.competency,
        language=row.language,
        hours=(row.hours_min, row.hours_max),
        needs_students=row.needs_students,
        is_generated=row.is_generated,
        stacks=tuple(in_stacks),
        audience=tuple(sorted(meant_for)),
        position=row.position,
        state=VersionState(row.state),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        note=row.note,
    )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
