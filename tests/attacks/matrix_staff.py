# SPDX-License-Identifier: Apache-2.0
"""Lines of the authorisation matrix: reviewers, managers, affiliate officers and administrators."""

from __future__ import annotations

from typing import Final

from service.accounts.people import Role
from tests.attacks.matrix import Line, Place, at, staff
from tests.attacks.matrix_people import EDUCATION, STATE, Who

REVIEWER, MANAGER, AFFILIATE = Role.REVIEWER, Role.MANAGER, Role.AFFILIATE
ADMINISTRATOR: Final = Role.ADMINISTRATOR
_EDUCATION: Final = frozenset((Who.MANAGER,))
_STATE: Final = frozenset((Who.STATE_MANAGER,))


def _review(name: str, *, noted: bool = False, form: dict[str, str] | None = None, **more: str) -> Line:
    """A reviewer's own review: not a colleague's, not one of the other programme."""
    places = tuple(
        Place(
            at={"id": f"{work}.review", **{key: value.format(work) for key, value in more.items()}},
            form=form or {},
            who=frozenset((who,)),
        )
        for work, who in (("owner.reading", Who.REVIEWER), ("stranger.reading", Who.OUTSIDER))
    )
    if noted:  # one's own review, and evidence of work that somebody else reads
        other = {"id": "owner.reading.review", "artefact": "owner.returned.piece"}
        places += (Place(at=other, who=frozenset(), absent={"artefact": "nobody"}),)
    return staff(name, REVIEWER, places=places, noted=noted)


def _managed(
    name: str,
    education: str,
    state: str,
    *,
    noted: bool = False,
    form: dict[str, str] | None = None,
    **more: tuple[str, str],
) -> Line:
    """An object of one programme and one of the other; each manager has their own."""
    places = tuple(
        Place(at={"id": id, **{key: values[index] for key, values in more.items()}}, form=form or {}, who=who)
        for index, (id, who) in enumerate(((education, _EDUCATION), (state, _STATE)))
    )
    return staff(name, MANAGER, places=places, noted=noted)


def _case(name: str, form: dict[str, str] | None = None) -> Line:
    return _managed(name, "case.education", "case.state", form=form)


def _draft(name: str, form: dict[str, str] | None = None) -> Line:
    return _managed(name, "draft.education", "draft.state", form=form)


def _form(who: frozenset[Who], absent: dict[str, str], **fields: str) -> Place:
    """An object that a form names; ``absent`` names one that does not exist."""
    return Place(form=fields, who=who, absent=absent)


REVIEWS: Final[tuple[Line, ...]] = (
    staff("GET /reviews", REVIEWER),
    staff("POST /reviews/next", REVIEWER),
    _review("POST /reviews/<id>/again"),
    _review("GET /reviews/<id>"),
    _review("POST /reviews/<id>", form={"words": "Taken over."}),
    _review("GET /reviews/<id>/artefacts/<artefact>", noted=True, artefact="{}.piece"),
    _review("GET /reviews/<id>/finish"),
    _review("POST /reviews/<id>/finish"),
    _review("POST /reviews/<id>/release"),
    _review("POST /reviews/<id>/prolong"),
    _review("GET /reviews/<id>/flag"),
    _review("POST /reviews/<id>/flag", form={"kind": "misconduct", "text": "I have read it before."}),
)

CASES: Final[tuple[Line, ...]] = (
    staff("GET /manage/cases", MANAGER),
    _case("GET /manage/cases/<id>"),
    staff(
        "GET /manage/cases/<id>/artefacts/<artefact>",
        MANAGER,
        noted=True,
        places=(
            at(_EDUCATION, id="case.education", artefact="owner.flagged.piece"),
            at(_STATE, id="case.state", artefact="member.flagged.piece"),
            Place(
                at={"id": "case.education", "artefact": "owner.returned.piece"},
                who=frozenset(),
                absent={"artefact": "nobody"},
            ),
        ),
    ),
    _case("POST /manage/cases/<id>/notice", form={"words": "There is a question about your work."}),
    _case("POST /manage/cases/<id>/close", form={"outcome": "There was nothing in it."}),
    _case("POST /manage/cases/<id>/deny", form={"outcome": "So it was.", "for": "9", "against": "0"}),
)

CATALOGUE: Final[tuple[Line, ...]] = (
    staff("GET /manage/catalogue", MANAGER, AFFILIATE),
    staff(
        "POST /manage/drafts",
        MANAGER,
        places=(
            _form(_EDUCATION, {"from": "NONE1-v1"}, **{"from": "SEL1-v1"}),
            _form(_STATE, {"from": "NONE1-v1"}, **{"from": "TPT1-v2"}),
            _form(_EDUCATION, {"issuer": "example-nowhere"}, code="NEW1", issuer=EDUCATION),
            _form(_STATE, {"issuer": "example-nowhere"}, code="NEW1", issuer=STATE),
        ),
    ),
    staff(
        "GET /manage/catalogue/<code>",
        MANAGER,
        places=(at(_EDUCATION, code="SEL1"), at(_STATE, code="TPT1")),
    ),
    staff(
        "POST /manage/catalogue/<code>/state",
        MANAGER,
        places=(
            Place(
                at={"code": "SEL1"},
                form={"key": "SEL1-v1", "state": "revision"},
                who=_EDUCATION,
                absent={"code": "NONE1", "key": "NONE1-v1"},
            ),
            Place(
                at={"code": "TPT1"},
                form={"key": "TPT1-v2", "state": "revision"},
                who=_STATE,
                absent={"code": "NONE1", "key": "NONE1-v2"},
            ),
        ),
    ),
    _draft("GET /manage/drafts/<uuid:id>"),
    _draft("POST /manage/drafts/<uuid:id>", form={"title": "Taken over"}),
    _draft("GET /manage/drafts/<uuid:id>/text"),
    _draft("POST /manage/drafts/<uuid:id>/text", form={"source": "title = 'Taken over'", "revision": "1"}),
    _draft("POST /manage/drafts/<uuid:id>/discard"),
    _draft("GET /manage/drafts/<uuid:id>/preview"),
    _draft("GET /manage/drafts/<uuid:id>/image.svg"),
    _draft("POST /manage/drafts/<uuid:id>/publish", form={"version": "9", "sure": "9", "revision": "1"}),
    staff(
        "GET /manage/portals/<slug>",
        MANAGER,
        AFFILIATE,
        places=(at(Who.WA, slug="wa"), at(Who.VT, slug="vt")),
    ),
    staff(
        "POST /manage/portals/<slug>",
        MANAGER,
        AFFILIATE,
        places=(at(Who.WA, slug="wa"), at(Who.VT, slug="vt")),
    ),
)

MANAGEMENT: Final[tuple[Line, ...]] = (
    staff("GET /manage", MANAGER, AFFILIATE),
    staff("GET /manage/figures/<name>.csv", MANAGER, AFFILIATE, name="waiting"),
    staff("GET /manage/questions", MANAGER, AFFILIATE),
    staff("GET /manage/applications", MANAGER),
    _managed("GET /manage/applications/<id>", "owner.sent", "stranger.reading"),
    _managed(
        "GET /manage/applications/<id>/submissions/<int:number>",
        "owner.sent",
        "stranger.reading",
        noted=True,
        number=("1", "1"),
    ),
    _managed(
        "POST /manage/applications/<id>/extend",
        "owner.draft",
        "stranger.reading",
        form={"until": "2031-01-01", "reason": "Illness.", "revision": "0"},
    ),
    staff("GET /manage/reviewers", MANAGER),
    staff("GET /manage/reviewers.csv", MANAGER),
    staff(
        "POST /manage/reviewers",
        MANAGER,
        places=tuple(
            _form(
                who,
                {"organisation": "example-nowhere"},
                email="email.stranger",
                organisation=where,
                is_active="yes",
                **{"stack-SEL": "yes"},
            )
            for who, where in ((_EDUCATION, EDUCATION), (_STATE, STATE))
        ),
    ),
    staff("GET /manage/people/import", MANAGER),
    staff("POST /manage/people/import", MANAGER),
    _managed("GET /manage/people/import/<id>", "import.education", "import.state"),
    _managed("GET /manage/people/import/<id>.csv", "import.education", "import.state"),
    _managed("POST /manage/people/import/<id>", "import.education", "import.state"),
    staff("GET /manage/seasons", MANAGER),
    staff("GET /manage/seasons/<portal>/new", MANAGER, places=(at(_EDUCATION, portal="wa"),)),
    staff("POST /manage/seasons/<portal>/new", MANAGER, places=(at(_EDUCATION, portal="wa"),)),
    staff(
        "GET /manage/seasons/<portal>/<slug>", MANAGER, places=(at(_EDUCATION, portal="wa", slug="2026-27"),)
    ),
    staff(
        "POST /manage/seasons/<portal>/<slug>",
        MANAGER,
        places=(
            Place(
                at={"portal": "wa", "slug": "2026-27"},
                form={"do": "remove"},
                who=_EDUCATION,
            ),
        ),
    ),
)

_BOTH: Final = frozenset((Who.ADMINISTRATOR, Who.WA_ADMINISTRATOR))
_ONE: Final = frozenset((Who.ADMINISTRATOR,))

PEOPLE: Final[tuple[Line, ...]] = (
    staff("GET /admin/people", ADMINISTRATOR),
    staff(
        "POST /admin/people/grant",
        ADMINISTRATOR,
        places=tuple(
            _form(
                who,
                {"organisation": "example-nowhere"},
                email="email.stranger",
                role=str(role),
                organisation=where,
            )
            for who, where, role in (
                (_BOTH, "example-wa", AFFILIATE),
                (_ONE, "example-vt", AFFILIATE),
                (_ONE, STATE, REVIEWER),
                (_ONE, EDUCATION, REVIEWER),
                (frozenset(), "example-district", Role.RECOGNIZER),
            )
        ),
    ),
    staff(
        "GET /admin/people/<person_id>",
        ADMINISTRATOR,
        places=(at(_BOTH, person_id="person.wa"), at(_ONE, person_id="person.owner")),
    ),
    staff(
        "POST /admin/people/<person_id>/withdraw",
        ADMINISTRATOR,
        places=tuple(
            Place(
                at={"person_id": person},
                form={"role": str(role), "organisation": where},
                who=who,
                absent=absent,
            )
            for person, role, where, who, absent in (
                ("person.wa", AFFILIATE, "example-wa", _BOTH, {}),
                ("person.vt", AFFILIATE, "example-wa", _ONE, {}),
                ("person.vt", AFFILIATE, "example-vt", _ONE, {"organisation": "example-nowhere"}),
                ("person.manager", MANAGER, EDUCATION, _ONE, {"organisation": "example-nowhere"}),
                ("person.recognizer", Role.RECOGNIZER, "example-district", frozenset(), {}),
            )
        ),
    ),
    staff(
        "POST /admin/people/<person_id>/sign-out",
        ADMINISTRATOR,
        places=(at(_ONE, person_id="person.wa"), at(_ONE, person_id="person.owner")),
    ),
)


def _listed(name: str, form: dict[str, str] | None = None, source: str = "") -> Line:
    """A list of the recognizer's own district, and one of somebody else."""
    places = tuple(
        Place(
            at={"slug": slug, **({"id": f"{source}.{where}"} if source else {})},
            form=form or {},
            who=frozenset((Who.RECOGNIZER,)) if where == "district" else frozenset(),
        )
        for where, slug in (("district", "example-district"), ("state", "example-state"))
    )
    return staff(name, Role.RECOGNIZER, places=places)


_LIST: Final = "/recognizer/list"
LISTS_OF_ISSUERS: Final[tuple[Line, ...]] = (
    staff(f"GET {_LIST}", Role.RECOGNIZER),
    _listed(f"GET {_LIST}/<slug>"),
    _listed(f"POST {_LIST}/<slug>", {"title": "Another title"}),
    _listed(f"GET {_LIST}/<slug>/add"),
    _listed(f"POST {_LIST}/<slug>/find", {"what": "listed.did"}),
    _listed(f"POST {_LIST}/<slug>/add", {"did": "did:web:new.example", "name": "New Example"}),
    _listed(f"POST {_LIST}/<slug>/remove", {"did": "listed.did"}),
    _listed(f"POST {_LIST}/<slug>/put-back", {"did": "listed.did"}),
    _listed(f"POST {_LIST}/<slug>/note", {"did": "listed.did", "note": "Seen."}),
    _listed(f"GET {_LIST}/<slug>/import"),
    _listed(f"POST {_LIST}/<slug>/import", {"url": "listed.url"}),
    _listed(f"GET {_LIST}/<slug>/sources/<id>", source="source"),
    _listed(f"POST {_LIST}/<slug>/sources/<id>/look", source="source"),
    _listed(f"POST {_LIST}/<slug>/sources/<id>/accept", {"sha256": "source.sha256"}, source="source"),
    _listed(f"POST {_LIST}/<slug>/sources/<id>/decline", {"sha256": "source.sha256"}, source="source"),
    _listed(f"POST {_LIST}/<slug>/sources/<id>/forget", source="source"),
)
