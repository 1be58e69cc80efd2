# SPDX-License-Identifier: Apache-2.0
"""The catalogue: which versions there are, which of them one may apply for, and what a search finds.

A version is registered with issuer first (``issuer.achievements.register``) and then opened here; its text
stays issuer's. ``get``, ``by_codes`` and ``stacks`` take a session, the steps take the programme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from earning.catalogue import listing, search
from earning.catalogue.choices import Choice, choices
from earning.catalogue.search import PAGE, Filter, fold
from earning.catalogue.stacks import Stack
from earning.catalogue.version import Version, VersionState, turn
from earning.errors import NoSuchVersionError, VersionStateError
from earning.programme import Programme
from earning.store import catalogue as rows
from earning.store.catalogue import Picked
from issuer import achievements
from issuer.achievement import Achievement
from issuer.micro_credential import MicroCredential
from service import audit

get = rows.get
by_codes = rows.by_codes
stacks = rows.stacks
of_code = rows.of_code

MANY: Final = 500  # keys in one question to the database
COMPARED: Final = 4  # micro-credentials side by side; more do not fit a screen


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search.

    Attributes:
        total: How many fit on all pages.
        everything: How many the catalogue lists.
        choices: By the name of the filter in the address; choices that lead to nothing are left out.
        next: The place to go on ``after``, None on the last page; ``previous``: the one to go ``before``.
    """

    asked: Filter
    versions: tuple[Version, ...]
    stacks: dict[str, Stack]
    total: int
    everything: int
    choices: dict[str, tuple[Choice, ...]]
    next: int | None
    previous: int | None


# -- opening and closing ----------------------------------------------------------------------------------


def open_version(
    programme: Programme,
    key: str,
    *,
    now: datetime,
    actor: str = "system",
    state: VersionState = VersionState.OPEN,
    is_generated: bool = False,
) -> Version:
    """Put a registered version into the catalogue; other versions of its code close to new applicants.

    What is there already keeps its state, and takes over a text that was registered anew.

    Raises:
        NoSuchAchievementError: It is not registered.
    """
    found = achievements.get(programme.mint, key)
    with programme.db.transaction() as session:
        fresh = _version(found, now=now, state=state, is_generated=is_generated)
        words = words_of(found.micro_credential)
        known = rows.find(session, key)
        if known is not None:
            fresh = replace(fresh, state=known.state, position=known.position)
            fresh = replace(fresh, opened_at=known.opened_at, closed_at=known.closed_at, note=known.note)
            if fresh != known:
                rows.replace(session, fresh, words=words)
            return fresh
        last = rows.last_position(session)
        older = rows.of_code(session, fresh.code)
        # The newest version stands where the one before it stood, and that one makes room.
        position = older[0].position if older else last + 1
        if older:
            rows.move(session, older[0].key, last + 1)
        fresh = replace(fresh, position=position)
        rows.add(session, fresh, words=words)
        _close_others(programme, fresh, actor=actor, now=now)
        _record(programme, fresh, actor=actor, now=now)
    return fresh


def set_state(
    programme: Programme, key: str, state: VersionState, *, now: datetime, actor: str, note: str = ""
) -> Version:
    """Close a version to new applicants, put it into revision, or open it again; ``note`` says why.

    Raises:
        NoSuchVersionError: There is no such version.
        VersionStateError: It is in that state, or a newer version is open.
    """
    with programme.db.transaction() as session:
        version = rows.get(session, key)
        turn(version, state)
        if state is not VersionState.CLOSED:
            newer = rows.of_code(session, version.code)[0]
            if newer.key != key:
                raise VersionStateError(
                    f"There is a newer version of {version.code}, so version {version.version} stays closed."
                )
        is_open = state is VersionState.OPEN
        changed = replace(
            version, state=state, closed_at=None if is_open else now, note="" if is_open else note
        )
        rows.set_state(session, key, state, closed_at=changed.closed_at, note=changed.note)
        _record(programme, changed, actor=actor, now=now)
    return changed


def _close_others(programme: Programme, fresh: Version, *, actor: str, now: datetime) -> None:
    with programme.db.transaction() as session:
        for other in rows.of_code(session, fresh.code):
            if other.key != fresh.key and other.state is not VersionState.CLOSED:
                closed = replace(other, state=VersionState.CLOSED, closed_at=now)
                rows.set_state(session, other.key, closed.state, closed_at=now)
                _record(programme, closed, actor=actor, now=now)


# -- finding ----------------------------------------------------------------------------------------------


def current(programme: Programme, code: str, version: str | None = None) -> Version:
    """Return the version that the page of ``code`` shows: the named one, else the newest that is not closed.

    Where all are closed, it is the newest.

    Raises:
        NoSuchVersionError: There is none.
    """
    with programme.db.reading() as session:
        known = rows.of_code(session, code)
    if version is not None:
        known = tuple(each for each in known if each.version == version)
    alive = [each for each in known if each.state is not VersionState.CLOSED]
    for each in (*alive, *known):
        return each
    raise NoSuchVersionError("There is no such micro-credential in the catalogue.", got=code[:40])


def find(programme: Programme, asked: Filter, lists: Mapping[str, tuple[str, Picked]]) -> Found:
    """Return one page of what fits ``asked``, with a count beside every choice.

    Args:
        programme: The opened room.
        asked: What is looked for.
        lists: The lists of all portals: their words, and what is on them.
    """
    picked = lists[asked.recognised][1] if asked.recognised in lists else None
    if picked is None:
        asked = replace(asked, recognised="")
    with programme.db.reading() as session:
        listed = listing.of(session)
        parts = listed.parts(asked, picked)
        fitting = listed.fitting(parts)
        if asked.before is not None:
            keys = listed.last(fitting, before=asked.before, limit=PAGE + 1)
        else:
            keys = listed.first(fitting, after=asked.after or 0, limit=PAGE + 1)
        page = _read(session, keys)
    versions = page[1:] if asked.before is not None and len(page) > PAGE else page[:PAGE]
    following, previous = _pages(asked, versions, has_more=len(page) > PAGE)
    return Found(
        asked=asked,
        versions=versions,
        stacks=listed.stacks,
        total=fitting.bit_count(),
        everything=listed.everything.bit_count(),
        choices=choices(listed, asked, parts, lists),
        next=following,
        previous=previous,
    )


def everything(programme: Programme, asked: Filter, lists: Mapping[str, tuple[str, Picked]]) -> Found:
    """Return what fits ``asked`` as one list for paper, with nothing to choose."""
    picked = lists[asked.recognised][1] if asked.recognised in lists else None
    with programme.db.reading() as session:
        listed = listing.of(session)
        fitting = listed.fitting(listed.parts(asked, picked))
        if asked.before is not None:
            keys = listed.last(fitting, before=asked.before, limit=search.PRINTED)
        else:
            keys = listed.first(fitting, after=asked.after or 0, limit=search.PRINTED)
        return Found(
            asked=asked,
            versions=_read(session, keys),
            stacks=listed.stacks,
            total=fitting.bit_count(),
            everything=listed.everything.bit_count(),
            choices={},
            next=None,
            previous=None,
        )


def all_listed(programme: Programme) -> tuple[Version, ...]:
    """Return everything that the catalogue lists, in its order."""
    with programme.db.reading() as session:
        listed = listing.of(session)
        return _read(session, listed.first(listed.everything, limit=listed.everything.bit_count()))


def on_list(session: Any, picked: Picked, *, limit: int = 60) -> tuple[Version, ...]:
    """Return what is on a list: those named by code in that order, then the stacks' in the catalogue's."""
    named = by_codes(session, picked.codes)
    known = {version.key for version in named}
    listed = listing.of(session)
    rest = listed.first(listed.on(Picked(stacks=picked.stacks)), limit=limit)
    return (*named, *_read(session, [key for key in rest if key not in known]))[:limit]


def number(session: Any) -> int:
    """Return how many versions the catalogue lists."""
    return listing.of(session).everything.bit_count()


def _read(session: Any, keys: Sequence[str]) -> tuple[Version, ...]:
    """Return the versions with these keys, in their order."""
    found: dict[str, Version] = {}
    for begin in range(0, len(keys), MANY):
        found |= rows.every(session, keys[begin : begin + MANY])
    return tuple(found[key] for key in keys if key in found)


def words_of(micro_credential: MicroCredential) -> str:
    """Return what a search looks through, folded; titles of stacks are looked up beside it."""
    return fold(
        " ".join(
            (
                micro_credential.title,
                micro_credential.code,
                micro_credential.competency,
                *micro_credential.stacks,
                *micro_credential.keywords,
            )
        )
    )


def _pages(asked: Filter, shown: tuple[Version, ...], *, has_more: bool) -> tuple[int | None, int | None]:
    """Return where the next page begins after, and where the previous one ends before."""
    if not shown:
        return None, None
    if asked.before is not None:
        return shown[-1].position, shown[0].position if has_more else None
    return (shown[-1].position if has_more else None), (shown[0].position if asked.after else None)


def _version(found: Achievement, *, now: datetime, state: VersionState, is_generated: bool) -> Version:
    text = found.micro_credential
    return Version(
        key=found.key,
        code=text.code,
        version=text.version,
        issuer=found.issuer,
        title=text.title,
        competency=text.competency,
        language=text.language,
        hours=text.hours,
        needs_students=text.needs_students,
        is_generated=is_generated,
        stacks=text.stacks,
        audience=tuple(sorted(text.audience)),
        position=0,
        state=state,
        opened_at=now,
        closed_at=None if state is VersionState.OPEN else now,
    )


def _record(programme: Programme, version: Version, *, actor: str, now: datetime) -> None:
    with programme.db.transaction() as session:
        audit.record(
            session,
            actor=actor,
            action=f"catalogue.{version.state}",
            subject=version.key,
            detail={"issuer": version.issuer},
            now=now,
        )
