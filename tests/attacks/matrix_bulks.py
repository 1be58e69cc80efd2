# SPDX-License-Identifier: Apache-2.0
"""Many awards from a file: the lines of its pages and its API in the authorisation matrix.

There is a file that was tried and one that waits for a second person, of the officer's own organisation, and
a file of another one. Of the API, a file of one token and one of another.
"""

from __future__ import annotations

from typing import Final

from service.accounts.people import Role
from tests.attacks.matrix import Line, Place, staff, token
from tests.attacks.matrix_people import WRITE, Who

OWN: Final = frozenset((Who.OFFICER,))
_HOME: Final = "/issuing"


def _file(name: str, which: str = "education", form: dict[str, str] | None = None) -> Line:
    """A file of the officer's own organisation, and one of another."""
    places = tuple(
        Place(at={"id": f"bulk.{each}"}, form=form or {}, who=who)
        for each, who in ((which, OWN), ("state", frozenset[Who]()))
    )
    return staff(name, Role.OFFICER, places=places)


def _brought(name: str) -> Line:
    """What one token has brought, and what another has."""
    places = tuple(
        Place(at={"id": f"bulk.{who.name.casefold()}"}, who=frozenset((who,)))
        for who in (Who.WRITER, Who.BEARER)
    )
    return token(name, WRITE, *places)


BULKS: Final[tuple[Line, ...]] = (
    staff(f"GET {_HOME}", Role.OFFICER),
    staff(f"GET {_HOME}/new", Role.OFFICER),
    staff(f"POST {_HOME}/new", Role.OFFICER, form={"issuer": "example-education"}),
    _file(f"GET {_HOME}/<uuid:id>"),
    _file(f"GET {_HOME}/<uuid:id>.csv"),
    _file(f"POST {_HOME}/<uuid:id>/confirm", form={"count": "1"}),
    _file(f"POST {_HOME}/<uuid:id>/approve", "proposed", {"count": "1"}),
    _file(f"POST {_HOME}/<uuid:id>/cancel"),
    token("POST /bulks", WRITE),
    token("GET /bulks", WRITE),
    _brought("GET /bulks/<uuid:id>"),
    _brought("GET /bulks/<uuid:id>/rows"),
    _brought("GET /bulks/<uuid:id>/result.csv"),
    _brought("POST /bulks/<uuid:id>/approval"),
    _brought("DELETE /bulks/<uuid:id>"),
)
