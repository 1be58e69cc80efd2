# SPDX-License-Identifier: Apache-2.0
"""Taking many credentials back: the lines of its pages and its API in the authorisation matrix.

There is a dry run and one that is under review of the officer's own organisation, and a dry run of another
one. Of the API, a dry run of one token and one of another.
"""

from __future__ import annotations

from typing import Final

from service.accounts.people import Role
from tests.attacks.matrix import Line, Place, staff, token
from tests.attacks.matrix_people import DECIDE, Who

OWN: Final = frozenset((Who.OFFICER,))
_HOME: Final = "/taking-back"


def _taken(name: str, form: dict[str, str] | None = None, *, running: bool = False, **more: str) -> Line:
    """One of the officer's own organisation, and one of another."""
    places = tuple(
        Place(at={"id": f"takeback.{which}", **more}, form=form or {}, who=who)
        for which, who in (("running" if running else "education", OWN), ("state", frozenset[Who]()))
    )
    return staff(name, Role.OFFICER, places=places)


def _tried(name: str, **more: str) -> Line:
    """What one token has tried out, and what another has."""
    places = tuple(
        Place(at={"id": f"takeback.{who.name.casefold()}", **more}, who=frozenset((who,)))
        for who in (Who.DECIDER, Who.BEARER)
    )
    return token(name, DECIDE, *places)


TAKEBACKS: Final[tuple[Line, ...]] = (
    staff(f"GET {_HOME}", Role.OFFICER),
    staff(f"GET {_HOME}/new", Role.OFFICER),
    staff(f"POST {_HOME}/new", Role.OFFICER, form={"list": "credential", "reason": "issued-in-error"}),
    _taken(f"GET {_HOME}/<uuid:id>"),
    _taken(f"GET {_HOME}/<uuid:id>.csv"),
    _taken(f"POST {_HOME}/<uuid:id>/start", {"count": "1"}),
    _taken(f"POST {_HOME}/<uuid:id>/approve", {"count": "1"}),
    _taken(f"POST {_HOME}/<uuid:id>/cancel"),
    _taken(f"POST {_HOME}/<uuid:id>/undo", running=True),
    _taken(f"POST {_HOME}/<uuid:id>/hasten", {"hasten": "at once"}, running=True),
    _taken(f"POST {_HOME}/<uuid:id>/lines/<int:number>/undo", running=True, number="1"),
    token("POST /takebacks", DECIDE),
    token("GET /takebacks", DECIDE),
    _tried("GET /takebacks/<uuid:id>"),
    _tried("GET /takebacks/<uuid:id>/lines"),
    _tried("GET /takebacks/<uuid:id>/result.csv"),
    _tried("POST /takebacks/<uuid:id>/approval"),
    _tried("DELETE /takebacks/<uuid:id>"),
    _tried("DELETE /takebacks/<uuid:id>/lines/<int:number>", number="1"),
)
