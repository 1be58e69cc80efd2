# SPDX-License-Identifier: Apache-2.0
"""Stacks: groups of micro-credentials. A stack is no credential; a micro-credential may stand in several.

A stack may be for some educators only (``only_for``). Whoever is not meant cannot apply for anything in it,
and is told why; reading is open to everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from earning.catalogue.version import Version
from issuer.micro_credential import AUDIENCES, CODE
from issuer.toml_reader import Table, read_table
from service.accounts.people import Person

COLOURS: Final = 12  # of the badge images, issuer.artwork

_EVERYBODY: Final = "all"
# Education support professionals are nine families of work; these words of a profile name some of them.
_SUPPORT: Final = frozenset({"ESPs", "paraeducators"})
_NAMES: Final[Mapping[str, str]] = {
    "ESPs": "education support professionals (ESPs)",
    "ESAs": "educational staff associates (ESAs)",
    "early career": "early career educators",
    "substitutes": "substitute teachers",
}


@dataclass(frozen=True, slots=True)
class Stack:
    """One group. ``only_for`` is empty for everybody; ``colour`` counts the colours of the badge images."""

    code: str
    title: str
    summary: str
    colour: int
    only_for: tuple[str, ...]
    position: int


def read(source: bytes, *, name: str = "stacks.toml") -> tuple[Stack, ...]:
    """Read the file of all stacks, in the order in which the catalogue shows them.

    Raises:
        ProgrammeError: Something is missing, unknown, or named twice.
    """
    table = read_table(source, name=name)
    stacks = tuple(_stack(item, position) for position, item in enumerate(table.tables("stack")))
    if not stacks:
        raise table.wrong("stack", "is missing; a programme has at least one")
    codes = [stack.code for stack in stacks]
    for code in codes:
        if codes.count(code) > 1:
            raise table.wrong("stack", f"has {code} twice")
    table.done()
    return stacks


def may_apply(person: Person, version: Version, stacks: Mapping[str, Stack]) -> str | None:
    """Return why ``person`` may not apply for ``version``, or None if nothing of the stacks is against it.

    A version that stands in several stacks follows each of them. Whether the version is open is not asked.
    """
    for stack in (stacks[code] for code in version.stacks if code in stacks):
        if stack.only_for and not _is_meant(person.job, stack.only_for):
            meant = " and ".join(audience_words(each) for each in stack.only_for)
            if not person.job:
                return (
                    f"{stack.title} is for {meant} only. Say in your account what your work is, then apply."
                )
            return (
                f"{stack.title} is for {meant} only, and your account says {audience_words(person.job)}. "
                "You can read all of it, and apply for any micro-credential that is not in this stack."
            )
    return None


def audience_words(audience: str) -> str:
    """Return an audience for people, with its abbreviation written out."""
    return "all educators" if audience == _EVERYBODY else _NAMES.get(audience, audience)


def restricted(stacks: Iterable[Stack]) -> tuple[str, ...]:
    """Return sentences about which of ``stacks`` are for some educators only."""
    return tuple(
        f"{stack.title} is for {' and '.join(audience_words(each) for each in stack.only_for)} only."
        for stack in stacks
        if stack.only_for
    )


def _is_meant(job: str, only_for: tuple[str, ...]) -> bool:
    return job in only_for or _EVERYBODY in only_for or (job in _SUPPORT and "ESPs" in only_for)


def _stack(table: Table, position: int) -> Stack:
    code = table.text("code")
    if not CODE.fullmatch(code):
        raise table.wrong("code", "must be capitals and digits, like SEL")
    only_for = table.texts("only_for")
    for audience in only_for:
        if audience not in AUDIENCES:
            raise table.wrong("only_for", f"names {audience!r}; known are {', '.join(AUDIENCES)}")
    colour = table.optional_integer("colour", low=0, high=COLOURS - 1)
    stack = Stack(
        code=code,
        title=table.text("title"),
        summary=table.text("summary"),
        colour=0 if colour is None else colour,
        only_for=only_for,
        position=position,
    )
    table.done()
    return stack
