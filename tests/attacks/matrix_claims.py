# SPDX-License-Identifier: Apache-2.0
"""What is claimed, decided and counted: lines of the authorisation matrix.

An educator sees their own claims, a recognizer those that were sent to the own district; what is only kept by
an educator is no recognizer's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.accounts.people import Role
from tests.attacks.matrix import Line, Place, mine, staff
from tests.attacks.matrix_people import Who

OWN: Final = frozenset((Who.RECOGNIZER,))
NOBODY: Final[frozenset[Who]] = frozenset()
_HOME: Final = "/recognizer/<slug>"
_NOTHING: Final[Mapping[str, str]] = {}
_ROW: Final = (
    "person,link,awarded,purpose,units,unit\na@b.example,https://x.example/1,2020-01-01,rank-change,1,X"
)


def _desk(name: str, form: Mapping[str, str] = _NOTHING) -> Line:
    """The desk of the recognizer's own district, and somebody else's."""
    return staff(
        name,
        Role.RECOGNIZER,
        places=(
            Place(at={"slug": "example-district"}, form=form, who=OWN),
            Place(at={"slug": "example-state"}, form=form, who=NOBODY),
        ),
    )


def _claim(name: str, form: Mapping[str, str] = _NOTHING) -> Line:
    """A claim that was sent to the own district, one that was not sent, and somebody else's."""
    places = tuple(
        Place(at={"slug": slug, "id": id}, form=form, who=who, absent={"id": "nobody"})
        for slug, id, who in (
            ("example-district", "claim.owner", OWN),
            ("example-district", "claim.kept", NOBODY),
            ("example-district", "claim.stranger", NOBODY),
            ("example-state", "claim.stranger", NOBODY),
        )
    )
    return staff(name, Role.RECOGNIZER, places=places)


def _mine(name: str, form: Mapping[str, str] = _NOTHING, owner: str = "claim.owner") -> Line:
    """A claim of one's own, and somebody else's."""
    return mine(
        name,
        Place(at={"id": owner}, form=form, who=frozenset((Who.OWNER,))),
        Place(at={"id": "claim.stranger"}, form=form, who=frozenset((Who.STRANGER,))),
    )


CLAIMS: Final[tuple[Line, ...]] = (
    staff("GET /recognizer", Role.RECOGNIZER),
    _desk(f"GET {_HOME}"),
    _desk(f"GET {_HOME}/claims.csv"),
    _desk(f"GET {_HOME}/claims/new"),
    _desk(
        f"POST {_HOME}/claims/new",
        {"policy": "us-ma-renewal", "name": "A", "email": "a@b.example", "links": "credential.link"},
    ),
    _claim(f"GET {_HOME}/claims/<id>"),
    _claim(f"POST {_HOME}/claims/<id>/approve", {"shown": "something else"}),
    _claim(f"POST {_HOME}/claims/<id>/refuse", {"refusal": "Not by this rule."}),
    _claim(f"POST {_HOME}/claims/<id>/ask", {"message": "Is there a second one?"}),
    _desk(f"GET {_HOME}/ledger"),
    _desk(f"GET {_HOME}/ledger.csv"),
    _desk(f"GET {_HOME}/ledger/import"),
    _desk(f"POST {_HOME}/ledger/import", {"file": _ROW}),
    _desk(f"POST {_HOME}/ledger/import/confirm", {"file": "bm90aGluZw=="}),
    mine("GET /claims"),
    mine(
        "POST /claims/new",
        form={"organisation": "example-district", "policy": "us-ma-renewal", "links": "credential.link"},
    ),
    _mine("GET /claims/<id>"),
    _mine("POST /claims/<id>/submit", {"agrees": "yes"}, "claim.kept"),
    _mine("POST /claims/<id>/take-back"),
    _mine("POST /claims/<id>/answer", {"message": "Here it is."}, "claim.asked"),
    _mine("POST /claims/<id>/show", {"show": "yes"}),
)
CLAIM_LISTS: Final = (
    ("/recognizer/example-district", "claim.owner", OWN),
    ("/recognizer/example-district", "claim.kept", NOBODY),
    ("/recognizer/example-district", "claim.stranger", NOBODY),
    ("/recognizer/example-district/claims.csv", "claim.owner", OWN),
    ("/recognizer/example-district/claims.csv", "claim.kept", NOBODY),
    ("/claims", "claim.owner", frozenset((Who.OWNER,))),
    ("/claims", "claim.stranger", frozenset((Who.STRANGER,))),
)
