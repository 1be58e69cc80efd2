# SPDX-License-Identifier: Apache-2.0
"""Policies: the lines of their pages in the authorisation matrix.

Everybody reads what is published. A recognizer changes what its own district decides by, and nothing of
somebody else's.
"""

from __future__ import annotations

from typing import Final

from service.accounts.people import Role
from tests.attacks.matrix import Line, Place, anyone, staff
from tests.attacks.matrix_people import Who

_HOME: Final = "/recognizer/<slug>/policies"
_OWN: Final = frozenset((Who.RECOGNIZER,))


def _desk(name: str, form: dict[str, str] | None = None) -> Line:
    """The desk of the recognizer's own district, and somebody else's."""
    places = (
        Place(at={"slug": "example-district"}, form=form or {}, who=_OWN),
        Place(at={"slug": "example-state"}, form=form or {}, who=frozenset()),
    )
    return staff(name, Role.RECOGNIZER, places=places)


PUBLIC_POLICIES: Final[tuple[Line, ...]] = (
    anyone("GET /policies"),
    anyone("GET /policies/<id>", id="district-rule"),
    anyone("GET /policies/<id>/<version>", id="district-rule", version="1"),
)
POLICIES: Final[tuple[Line, ...]] = (
    staff("GET /recognizer/policies", Role.RECOGNIZER),
    _desk(f"GET {_HOME}"),
    _desk(f"GET {_HOME}/new"),
    _desk(f"POST {_HOME}/adopt", {"id": "district-rule"}),
    _desk(f"POST {_HOME}/accept", {"id": "district-rule", "version": "1", "sha256": "published.sha256"}),
    _desk(f"POST {_HOME}/drop", {"id": "district-rule"}),
    _desk(f"POST {_HOME}/retire", {"id": "district-rule", "version": "1"}),
    _desk(f"POST {_HOME}/look", {"text": "policy.text"}),
    _desk(f"POST {_HOME}/publish", {"text": "policy.text", "sha256": "policy.sha256"}),
    _desk(f"POST {_HOME}/names", {"name": "national-programme", "issuer-1": "listed.did"}),
)
