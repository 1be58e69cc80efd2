# SPDX-License-Identifier: Apache-2.0
"""Lists of the sample programme, for a demonstration: one in use, one that can be imported without a network.

Everybody on them is invented but the sample issuers themselves; addresses end in .example, which nobody can
own (RFC 2606). Done twice, it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from verifier import issuer_lists
from verifier.bureau import Bureau
from verifier.list_format import ListedIssuer
from verifier.store import issuer_lists as rows

ACTOR: Final = "sample"
DISTRICT, STATE = "example-district", "example-state"
EDUCATION: Final = "example-education"

_UNIVERSITY: Final = ListedIssuer(
    "did:web:credentials.placeholder-university.example",
    "Placeholder State University",
    "https://www.placeholder-university.example/",
)
_OTHERS: Final = (
    ListedIssuer(
        "did:web:badges.specimen-college.example",
        "Specimen Community College",
        "https://specimen-college.example/",
    ),
    ListedIssuer("did:web:learn.mockup-museum.example", "Mockup Museum of Science"),
    ListedIssuer(
        "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw",
        "Fixture Teachers' Centre, by its key alone",
    ),
    # Misspelt on purpose: the difference points it out before it counts.
    ListedIssuer("did:web:example-education.awards.example", "Example Education Assocation"),
)


def seed(bureau: Bureau, own: Mapping[str, ListedIssuer], *, now: datetime) -> tuple[str, ...]:
    """Make the sample lists; return sentences about what there is.

    Args:
        bureau: The opened room.
        own: The sample issuers by short name.
        now: When.
    """
    education = tuple(own[slug] for slug in (EDUCATION,) if slug in own)
    state = tuple(own[slug] for slug in (STATE,) if slug in own)
    _list(
        bureau,
        DISTRICT,
        "Exampleton School District",
        "Whose micro-credentials count for salary advancement in this sample district.",
        (*education, _UNIVERSITY),
        now=now,
    )
    _list(
        bureau,
        STATE,
        "Example State: issuers known to us",
        "A sample list that others may take over.",
        (*education, *state, _UNIVERSITY, *_OTHERS),
        now=now,
    )
    return (f"Lists of recognised issuers: {len(issuer_lists.choices(bureau))}",)


def _list(
    bureau: Bureau, slug: str, title: str, about: str, issuers: tuple[ListedIssuer, ...], *, now: datetime
) -> None:
    with bureau.db.transaction() as session:
        if rows.get(session, slug) is not None:
            return
        issuer_lists.ensure(bureau, slug, title, actor=ACTOR, now=now)
        issuer_lists.describe(bureau, slug, title=title, about=about, actor=ACTOR, now=now)
        for each in issuers:
            issuer_lists.add(bureau, slug, each, note="", actor=ACTOR, now=now)
