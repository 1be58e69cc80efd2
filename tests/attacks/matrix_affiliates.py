# SPDX-License-Identifier: Apache-2.0
"""What affiliates see and attest, and recognizers attest: lines of the authorisation matrix.

Of every kind there is one object of one organisation, and one of another; each officer has their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.accounts.people import Role
from tests.attacks.matrix import Line, Place, mine, staff
from tests.attacks.matrix_people import Who

_NOTHING: Final[Mapping[str, str]] = {}
_DISTRICT: Final = frozenset((Who.RECOGNIZER,))
_NOBODY: Final[frozenset[Who]] = frozenset()
_WA, _VT = frozenset((Who.WA,)), frozenset((Who.VT,))
_WHERE: Final = (("wa", "example-wa", _WA), ("vt", "example-vt", _VT))
_RECORD: Final = {"event": "orientation", "emails": "new@matrix.example", "on": "2026-01-05"}
_FILE: Final = "cGVyc29uIGtleSxldmVudCxkYXRlCmFAYi5leGFtcGxlLG9yaWVudGF0aW9uLDIwMjYtMDEtMDUK"


def _recognizer(name: str, form: Mapping[str, str] = _NOTHING, *, at: str = "") -> Line:
    """A desk of the recognizer's own district, and one of somebody else; ``at`` names an object there."""
    places = [
        Place(at={"slug": "example-district", **_id(at, "district")}, form=form, who=_DISTRICT),
        Place(at={"slug": "example-state", **_id(at, "state")}, form=form, who=_NOBODY),
    ]
    if at:
        crossed = {"slug": "example-district", **_id(at, "state")}
        places.append(Place(at=crossed, form=form, who=_NOBODY, absent={"id": "nobody"}))
    return staff(name, Role.RECOGNIZER, places=tuple(places))


def _affiliate(name: str, form: Mapping[str, str] = _NOTHING, *, at: str = "") -> Line:
    """A page of each affiliate, which is its officer's alone; and an object of one below the other's."""
    places = [Place(at={"slug": slug, **_id(at, where)}, form=form, who=who) for where, slug, who in _WHERE]
    if at:
        crossed = {"slug": "example-wa", **_id(at, "vt")}
        places.append(Place(at=crossed, form=form, who=_NOBODY, absent={"id": "nobody"}))
    return staff(name, Role.AFFILIATE, places=tuple(places))


def _id(name: str, where: str) -> dict[str, str]:
    return {"id": f"{name}.{where}"} if name else {}


_DESKS: Final = (
    (_recognizer, "/recognizer/<slug>/attestations"),
    (_affiliate, "/affiliate/<slug>/attendance"),
)
ATTESTATIONS: Final[tuple[Line, ...]] = tuple(
    line
    for made, base in _DESKS
    for line in (
        made(f"GET {base}"),
        made(f"GET {base}.csv"),
        made(f"GET {base}/people"),
        made(f"GET {base}/new"),
        made(f"POST {base}/new", _RECORD),
        made(f"GET {base}/import"),
        made(f"POST {base}/import"),
        made(f"POST {base}/import/confirm", {"file": _FILE}),
        made(f"POST {base}/<uuid:id>/void", {"why": "Never came."}, at="attestation"),
    )
)

_HOME: Final = "/affiliate"
_SENT: Final = {"email": "email.owner", "text": "credential.link"}
AFFILIATES: Final[tuple[Line, ...]] = (
    staff(f"GET {_HOME}", Role.AFFILIATE),
    staff(f"GET {_HOME}/attendance", Role.AFFILIATE),
    _affiliate(f"GET {_HOME}/<slug>"),
    _affiliate(f"POST {_HOME}/<slug>/awards/<uuid:id>/certificate", at="consent"),
    _affiliate(f"GET {_HOME}/<slug>/certificates"),
    _affiliate(f"GET {_HOME}/<slug>/certificates/<uuid:id>", at="pd-certificate"),
    _affiliate(
        f"POST {_HOME}/<slug>/certificates/<uuid:id>/withdraw", {"why": "A slip."}, at="pd-certificate"
    ),
    _affiliate(f"GET {_HOME}/<slug>/forwarded"),
    _affiliate(f"POST {_HOME}/<slug>/forwarded", _SENT),
    _affiliate(f"POST {_HOME}/<slug>/forwarded/issue", {"email": "email.owner", "url": "credential.link"}),
    mine("GET /awards/affiliate"),
    mine(
        "POST /awards/affiliate",
        *(
            Place(
                form={"organisation": "example-nh", "award": "credential.link", "do": do},
                who=frozenset((Who.OWNER,)),
                absent={"award": "nobody"},
            )
            for do in ("show", "hide")
        ),
    ),
)
