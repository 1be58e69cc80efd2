# SPDX-License-Identifier: Apache-2.0
"""The catalogue: which versions there are, which of them one may apply for, and what a search finds.

A version is registered with issuer first (``issuer.achievements.register``) and then opened here; its text
stays issuer's. ``get``, ``by_codes`` and ``stacks`` take a session, the steps take the programme.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from earning.catalogue import languages, search
from earning.catalogue.search import HOURS, PAGE, Filter, fold
from earning.catalogue.stacks import Stack, audience_words
from earning.catalogue.version import Version, VersionState, turn
from earning.errors import NoSuchVersionError, VersionStateError
from earning.programme import Programme
from earning.store import catalogue as rows
from earning.store.catalogue import Fact, Picked
from issuer import achievements
from issuer.achievement import Achievement
from issuer.micro_credential import AUDIENCES, MicroCredential
from service import audit

get = rows.get
by_codes = rows.by_codes
stacks = rows.stacks
of_code = rows.of_code
on_list = rows.on_list
number = rows.number

COMPARED: Final = 4  # micro-credentials side by side; more do not fit a screen


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, with how many fit if it is chosen."""

    value: str
    words: str
    number: int
    is_chosen: bool


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
        page = rows.listed(session, asked, recognised=picked, limit=PAGE + 1)
        total = rows.count(session, asked, recognised=picked)
        found = Found(
            asked=asked,
            versions=page[1:] if asked.before is not None and len(page) > PAGE else page[:PAGE],
            stacks=rows.stacks(session),
            total=total,
            everything=total if asked.is_empty else rows.count(session, Filter()),
            choices=_choices(programme, asked, picked, lists),
            next=None,
            previous=None,
        )
    following, previous = _pages(asked, found.versions, has_more=len(page) > PAGE)
    return replace(found, next=following, previous=previous)


def everything(programme: Programme, asked: Filter, lists: Mapping[str, tuple[str, Picked]]) -> Found:
    """Return what fits ``asked`` as one list for paper, with nothing to choose."""
    picked = lists[asked.recognised][1] if asked.recognised in lists else None
    with programme.db.reading() as session:
        return Found(
            asked=asked,
            versions=rows.listed(session, asked, recognised=picked, limit=search.PRINTED),
            stacks=rows.stacks(session),
            total=rows.count(session, asked, recognised=picked),
            everything=rows.count(session, Filter()),
            choices={},
            next=None,
            previous=None,
        )


def all_listed(programme: Programme) -> tuple[Version, ...]:
    """Return everything that the catalogue lists, in its order."""
    with programme.db.reading() as session:
        return rows.listed(session, Filter(), recognised=None, limit=rows.number(session))


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


def _choices(
    programme: Programme, asked: Filter, picked: Picked | None, lists: Mapping[str, tuple[str, Picked]]
) -> dict[str, tuple[Choice, ...]]:
    """Return the choices of every filter, each counted as if the others stay as they are."""

    def offer(chosen: object, values: Iterable[tuple[str, str, int]]) -> tuple[Choice, ...]:
        return tuple(
            Choice(value, words, number, value == str(chosen))
            for value, words, number in values
            if number or value == str(chosen)
        )

    with programme.db.reading() as session:
        in_stacks = rows.count_stacks(session, replace(asked, stack=""), recognised=picked)
        meant = rows.count_audiences(session, replace(asked, audience=""), recognised=picked)
        facts = rows.facts(
            session, replace(asked, hours=None, needs_students=None, language=""), recognised=picked
        )
        stacks = rows.stacks(session)
        on_lists = {name: rows.count(session, asked, recognised=on_it) for name, (_, on_it) in lists.items()}

    def tally(asked: Filter, fits: Callable[[Fact], bool]) -> int:
        return sum(fact.number for fact in facts if _fits(fact, asked) and fits(fact))

    no_hours, no_students = replace(asked, hours=None), replace(asked, needs_students=None)
    no_language = replace(asked, language="")
    students = {None: "", True: "yes", False: "no"}[asked.needs_students]
    tags = sorted({fact.language for fact in facts})
    return {
        "stack": offer(asked.stack, ((s.code, s.title, in_stacks.get(s.code, 0)) for s in stacks.values())),
        "audience": offer(asked.audience, ((a, audience_words(a), meant.get(a, 0)) for a in AUDIENCES)),
        "hours": offer(
            asked.hours,
            (
                (str(most), f"up to {most} hours", tally(no_hours, lambda f, most=most: f.hours <= most))  # type: ignore[misc]
                for most in HOURS
            ),
        ),
        "students": offer(
            students,
            (
                ("no", "can be earned without students", tally(no_students, lambda f: not f.needs_students)),
                ("yes", "needs students of your own", tally(no_students, lambda f: f.needs_students)),
            ),
        ),
        "language": offer(
            asked.language,
            (
                (each, languages.name(each), tally(no_language, lambda f, each=each: f.language == each))  # type: ignore[misc]
                for each in tags
            ),
        ),
        "recognised": offer(
            asked.recognised, ((name, words, on_lists[name]) for name, (words, _) in lists.items())
        ),
    }


def _fits(fact: Fact, asked: Filter) -> bool:
    return (
        (asked.hours is None or fact.hours <= asked.hours)
        and asked.needs_students in (None, fact.needs_students)
        and asked.language in ("", fact.language)
    )


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
