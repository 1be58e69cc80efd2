# SPDX-License-Identifier: Apache-2.0
"""The words of the authorisation matrix (threats W1, E3): who asks, for what, and what must come back.

A line of the matrix stands for one method and route. It says whom the route is for, independently of what
stands beside the route, and at which objects it is tried. ``matrix_public``, ``matrix_private`` and
``matrix_staff`` hold the lines, ``matrix_people`` and ``matrix_world`` everybody and everything,
``matrix_client`` sends and compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final

from service.accounts.people import Role
from tests.attacks.matrix_people import SIGNED_IN, Who

NOWHERE: Final[Mapping[str, str]] = MappingProxyType({})


class Answer(Enum):
    """What a cell must come to."""

    SERVED = "served"
    SIGN_IN = "asked to sign in"
    NO_TOKEN = "asked for a token"
    REFUSED = "refused for want of a role or scope"
    ABSENT = "told that there is nothing"
    SILENT = "answered as if it were done, and nothing is done"
    GONE = "told that the link works no more"


class Kind(StrEnum):
    """Whom a route is for."""

    ANYONE = "anyone"
    DOORSTEP = "doorstep"
    TOKEN = "token"
    SESSION = "session"


@dataclass(frozen=True)
class Place:
    """An object at which a route is tried.

    Attributes:
        at: Parameters of the address; values are names in the world, or stand for themselves.
        form: Fields that are sent, in the same way.
        who: Whose it is; None: everybody's who passes the door.
        absent: What to put instead of some parameters or fields to name an object that does not exist;
            left out, every identifier of the address is exchanged.
        other: What everybody else is told.
        unlike: Who may know that it exists, so that the words may differ from those about nothing.
    """

    at: Mapping[str, str] = field(default_factory=lambda: NOWHERE)
    form: Mapping[str, str] = field(default_factory=lambda: NOWHERE)
    who: frozenset[Who] | None = None
    absent: Mapping[str, str] = field(default_factory=lambda: NOWHERE)
    other: Answer = Answer.ABSENT
    unlike: frozenset[Who] = frozenset()


@dataclass(frozen=True)
class Line:
    """One method and route of the service.

    Attributes:
        kind: Whom it is for.
        scope: What a token must be good for.
        roles: One of these; empty: everybody who is signed in.
        demo: Whether only demonstrations have it.
        noted: Whether reading leaves an audit line, because somebody reads what is not their own.
    """

    method: str
    route: str
    kind: Kind
    places: tuple[Place, ...] = (Place(),)
    scope: str | None = None
    roles: frozenset[Role] = frozenset()
    demo: bool = False
    noted: bool = False

    @property
    def name(self) -> str:
        """As in a request."""
        return f"{self.method} {self.route}"

    @property
    def is_safe(self) -> bool:
        """Whether it only reads."""
        return self.method == "GET"


@dataclass(frozen=True)
class Cell:
    """One person before one object of one route."""

    line: Line
    place: Place
    who: Who
    answer: Answer


def cells(line: Line) -> Iterator[Cell]:
    """Yield the cells of a line: every person before every object."""
    for place in line.places:
        for who in Who:
            yield Cell(line, place, who, _answer(line, place, who))


def _answer(line: Line, place: Place, who: Who) -> Answer:
    if line.kind is Kind.TOKEN:
        if not who.scopes:
            return Answer.NO_TOKEN
        if line.scope not in who.scopes:
            return Answer.REFUSED
        return Answer.SERVED if place.who is None or who in place.who else place.other
    if line.kind is not Kind.SESSION:
        return Answer.SERVED
    if who not in SIGNED_IN:
        return Answer.SIGN_IN
    if line.roles and not line.roles & who.roles:
        return Answer.REFUSED
    if place.who is None or who in place.who:
        return Answer.SERVED
    return place.other


# -- how lines are written --------------------------------------------------------------------------------


def at(who: Who | frozenset[Who] | None = None, **names: str) -> Place:
    """Return the object of ``who`` with these parameters."""
    return Place(at=names, who=frozenset((who,)) if isinstance(who, Who) else who)


def anyone(
    name: str,
    /,
    *,
    demo: bool = False,
    form: Mapping[str, str] = NOWHERE,
    query: Mapping[str, str] = NOWHERE,
    **names: str,
) -> Line:
    """Return the line of a page that is the same for everybody."""
    asked = {f"?{field}": value for field, value in query.items()}
    return _line(name, Kind.ANYONE, (Place(at={**names, **asked}, form=form),), demo=demo)


def doorstep(name: str, /, *, demo: bool = False, form: Mapping[str, str] = NOWHERE, **names: str) -> Line:
    """Return the line of a page before signing in."""
    return _line(name, Kind.DOORSTEP, (Place(at=names, form=form),), demo=demo)


def token(name: str, scope: str, /, *places: Place, **names: str) -> Line:
    """Return the line of a route of the API."""
    return _line(name, Kind.TOKEN, places or (Place(at=names),), scope=scope)


def mine(name: str, /, *places: Place, form: Mapping[str, str] = NOWHERE, **names: str) -> Line:
    """Return the line of a page for everybody who is signed in: about themselves, or about their objects."""
    return _line(name, Kind.SESSION, places or (Place(at=names, form=form),))


def staff(
    name: str,
    /,
    *roles: Role,
    places: tuple[Place, ...] = (),
    noted: bool = False,
    form: Mapping[str, str] = NOWHERE,
    **names: str,
) -> Line:
    """Return the line of a page for people with a role, about objects of their organisations or their own."""
    places = places or (Place(at=names, form=form),)
    return _line(name, Kind.SESSION, places, roles=frozenset(roles), noted=noted)


def _line(
    name: str,
    kind: Kind,
    places: tuple[Place, ...],
    *,
    scope: str | None = None,
    roles: frozenset[Role] = frozenset(),
    demo: bool = False,
    noted: bool = False,
) -> Line:
    method, _, route = name.partition(" ")
    return Line(method, route, kind, places, scope, roles, demo, noted)
