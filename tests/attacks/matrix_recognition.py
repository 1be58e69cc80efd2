# SPDX-License-Identifier: Apache-2.0
"""What a recognizer decides about: the lines of its pages in the authorisation matrix.

Of every kind there is one object of the recognizer's own district, and one of somebody else's.
"""

from __future__ import annotations

from typing import Final

from service.accounts.people import Role
from tests.attacks.matrix import Line, Place, staff
from tests.attacks.matrix_people import Who

OWN: Final = frozenset((Who.RECOGNIZER,))


def _fallen(name: str, form: dict[str, str] | None = None) -> Line:
    """A recognition of the recognizer's own district whose source fell, and one of somebody else."""
    places = tuple(
        Place(
            at={"slug": slug, "id": f"reversal.{where}"},
            form=form or {},
            who=who,
            absent={"id": "nobody"},
        )
        for where, slug, who in (
            ("district", "example-district", OWN),
            ("state", "example-state", frozenset()),
            ("state", "example-district", frozenset()),
        )
    )
    return staff(name, Role.RECOGNIZER, places=places)


_HOME: Final = "/recognizer/<slug>/reversals"
REVERSALS: Final[tuple[Line, ...]] = (
    staff(
        f"GET {_HOME}",
        Role.RECOGNIZER,
        places=(
            Place(at={"slug": "example-district"}, who=OWN),
            Place(at={"slug": "example-state"}, who=frozenset()),
        ),
    ),
    _fallen(f"GET {_HOME}/<id>"),
    _fallen(f"POST {_HOME}/<id>/look"),
    _fallen(f"POST {_HOME}/<id>/keep", {"reason": "A slip of theirs."}),
    _fallen(f"POST {_HOME}/<id>/reverse", {"reason": "It does not stand."}),
)
REPORTS: Final[tuple[Line, ...]] = tuple(
    staff(
        f"GET /recognizer/<slug>/report{end}",
        Role.RECOGNIZER,
        places=(
            Place(at={"slug": "example-district"}, who=OWN),
            Place(at={"slug": "example-state"}, who=frozenset()),
        ),
    )
    for end in ("", ".csv")
)
