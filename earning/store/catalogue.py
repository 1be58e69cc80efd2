# SPDX-License-Identifier: Apache-2.0
"""Rows of stacks and versions: opening, closing, finding.

What the catalogue lists is every version that is open or in revision; opening one closes the others of its
code, so that is one version for each code at most.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, false, func, or_, select, true, update
from sqlalchemy.orm import Session

from earning.catalogue.search import Filter, fold
from earning.catalogue.stacks import Stack
from earning.catalogue.version import Version, VersionState
from earning.errors import NoSuchVersionError
from earning.store.tables import StackRow, VersionAudienceRow, VersionRow, VersionStackRow
from issuer.micro_credential import AUDIENCES

LISTED: Final = (str(VersionState.OPEN), str(VersionState.REVISION))
EVERYBODY: Final = "all"


@dataclass(frozen=True, slots=True)
class Picked:
    """A list of a portal: what stands in one of its stacks or has one of its codes is on it."""

    stacks: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """How many versions have these hours (the most), this need of students and this language."""

    hours: int
    needs_students: bool
    language: str
    number: int


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


def set_state(
    session: Session, key: str, state: VersionState, *, closed_at: datetime | None, note: str = ""
) -> None:
    """Open or close a version; ``note`` says why."""
    values = {"state": str(state), "closed_at": closed_at, "note": note}
    session.execute(update(VersionRow).where(VersionRow.key == key).values(values))


# -- the list ---------------------------------------------------------------------------------------------


def listed(session: Session, asked: Filter, *, recognised: Picked | None, limit: int) -> tuple[Version, ...]:
    """Return the first ``limit`` listed versions that fit, in the catalogue's order.

    With ``asked.before`` they are the last ones before that place.
    """
    query = select(VersionRow).where(*_conditions(session, asked, recognised))
    if asked.before is not None:
        query = query.where(VersionRow.position < asked.before).order_by(VersionRow.position.desc())
    else:
        query = query.where(VersionRow.position > (asked.after or 0)).order_by(VersionRow.position)
    found = _versions(session, session.scalars(query.limit(limit)))
    return tuple(sorted(found, key=lambda version: version.position))


def on_list(session: Session, picked: Picked, *, limit: int = 60) -> tuple[Version, ...]:
    """Return what is on a list: those named by code in that order, then the stacks' in the catalogue's."""
    named = by_codes(session, picked.codes)
    known = {version.key for version in named}
    rest = listed(session, Filter(), recognised=Picked(stacks=picked.stacks), limit=limit)
    return (*named, *(version for version in rest if version.key not in known))[:limit]


def number(session: Session) -> int:
    """Return how many versions the catalogue lists."""
    return count(session, Filter())


def by_codes(session: Session, codes: Sequence[str]) -> tuple[Version, ...]:
    """Return the listed version of each of ``codes``, in their order, as far as there is one."""
    query = select(VersionRow).where(VersionRow.code.in_(codes), VersionRow.state.in_(LISTED))
    found = {version.code: version for version in _versions(session, session.scalars(query))}
    return tuple(found[code] for code in dict.fromkeys(codes) if code in found)


def count(session: Session, asked: Filter, *, recognised: Picked | None = None) -> int:
    """Return how many listed versions fit."""
    query = select(func.count()).select_from(VersionRow).where(*_conditions(session, asked, recognised))
    return session.scalar(query) or 0


def facts(session: Session, asked: Filter, *, recognised: Picked | None) -> tuple[Fact, ...]:
    """Return how many of those that fit have each combination of hours, students and language."""
    columns = (VersionRow.hours_max, VersionRow.needs_students, VersionRow.language)
    query = select(*columns, func.count()).where(*_conditions(session, asked, recognised)).group_by(*columns)
    return tuple(Fact(*each) for each in session.execute(query))


def count_stacks(session: Session, asked: Filter, *, recognised: Picked | None) -> dict[str, int]:
    """Return how many of those that fit stand in each stack."""
    query = (
        select(VersionStackRow.stack, func.count())
        .join(VersionRow, VersionRow.key == VersionStackRow.version)
        .where(*_conditions(session, asked, recognised))
        .group_by(VersionStackRow.stack)
    )
    return {each[0]: each[1] for each in session.execute(query)}


def count_audiences(session: Session, asked: Filter, *, recognised: Picked | None) -> dict[str, int]:
    """Return how many of those that fit are meant for each audience; what is for all is for each of them."""
    for_all = select(VersionAudienceRow.version).where(VersionAudienceRow.audience == EVERYBODY)
    query = (
        select(VersionAudienceRow.audience, func.count())
        .join(VersionRow, VersionRow.key == VersionAudienceRow.version)
        .where(*_conditions(session, asked, recognised))
        .where(or_(VersionAudienceRow.audience == EVERYBODY, VersionRow.key.not_in(for_all)))
        .group_by(VersionAudienceRow.audience)
    )
    found = {each[0]: each[1] for each in session.execute(query)}
    general = found.get(EVERYBODY, 0)
    return {each: found.get(each, 0) + (general if each != EVERYBODY else 0) for each in AUDIENCES}


def _conditions(session: Session, asked: Filter, recognised: Picked | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [VersionRow.state.in_(LISTED)]
    if asked.stack:
        conditions.append(_in_stacks((asked.stack,)))
    if asked.audience:
        # What is for everybody is for each audience too.
        audiences = {asked.audience, EVERYBODY}
        meant = select(VersionAudienceRow.version).where(VersionAudienceRow.audience.in_(audiences))
        conditions.append(VersionRow.key.in_(meant))
    if asked.hours is not None:
        conditions.append(VersionRow.hours_max <= asked.hours)
    if asked.needs_students is not None:
        conditions.append(VersionRow.needs_students == (true() if asked.needs_students else false()))
    if asked.language:
        conditions.append(VersionRow.language == asked.language)
    if recognised is not None:
        conditions.append(or_(VersionRow.code.in_(recognised.codes), _in_stacks(recognised.stacks)))
    titles = _titles(session) if asked.words else {}
    for word in asked.words:
        found = VersionRow.words.contains(word, autoescape=True)
        named = [code for code, title in titles.items() if word in title]
        conditions.append(or_(found, _in_stacks(named)) if named else found)
    return conditions


def _titles(session: Session) -> dict[str, str]:
    """Return the folded title of each stack."""
    return {code: fold(title) for code, title in session.execute(select(StackRow.code, StackRow.title))}


def _in_stacks(codes: Sequence[str]) -> ColumnElement[bool]:
    return VersionRow.key.in_(select(VersionStackRow.version).where(VersionStackRow.stack.in_(codes)))


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
    keys = [row.key for row in found]
    in_stacks: dict[str, list[str]] = {key: [] for key in keys}
    meant_for: dict[str, list[str]] = {key: [] for key in keys}
    stack_rows = select(VersionStackRow.version, VersionStackRow.stack)
    stack_rows = stack_rows.where(VersionStackRow.version.in_(keys)).order_by(VersionStackRow.position)
    for key, stack in session.execute(stack_rows) if keys else ():
        in_stacks[key].append(stack)
    audience_rows = select(VersionAudienceRow.version, VersionAudienceRow.audience)
    for key, audience in (
        session.execute(audience_rows.where(VersionAudienceRow.version.in_(keys))) if keys else ()
    ):
        meant_for[key].append(audience)
    return tuple(_version(row, in_stacks[row.key], meant_for[row.key]) for row in found)


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
