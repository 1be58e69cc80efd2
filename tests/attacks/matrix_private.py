# SPDX-License-Identifier: Apache-2.0
"""Lines of the authorisation matrix: what educators have for themselves, and learning communities."""

from __future__ import annotations

from typing import Final

from tests.attacks.matrix import Answer, Line, Place, at, mine
from tests.attacks.matrix_people import SIGNED_IN, Who

_OWNER: Final = frozenset((Who.OWNER,))
_CIRCLE: Final = frozenset((Who.OWNER, Who.MEMBER))


def _work(
    name: str, *states: str, part: str = "", shelf: str = "", form: dict[str, str] | None = None, **more: str
) -> Line:
    """A page about one's own work, tried at the owner's and at somebody else's."""
    places = []
    for which in states or ("owner.draft", "stranger.draft"):
        who = Who[which.partition(".")[0].upper()]
        known = {key: value.format(which) for key, value in more.items()}
        if part:
            known["part"] = f"{which}.part"
        if shelf:
            known["?place"] = shelf.format(which)
        fields = {key: value.format(which) for key, value in (form or {}).items()}
        places.append(Place(at={"id": which, **known}, form=fields, who=frozenset((who,))))
    return mine(name, *places)


def _pieces(name: str, form: dict[str, str] | None = None) -> Line:
    """Something about a piece of evidence: of one's own work, of somebody else's, and of both at once."""
    own = _work(name, "owner.draft", "stranger.draft", form=form, piece="{}.piece")
    mixed = tuple(
        Place(at={"id": id, "piece": piece}, form=form or {}, who=frozenset(), absent={"piece": "nobody"})
        for id, piece in (
            ("stranger.draft", "owner.draft.piece"),
            ("owner.draft", "stranger.draft.piece"),
            ("owner.draft", "owner.flagged.piece"),
        )
    )
    return mine(name, *own.places, *mixed)


def _award(name: str, form: dict[str, str] | None = None) -> Line:
    """Something about an award of one's own; work without one is not there."""
    return mine(
        name,
        Place(at={"id": "owner.awarded"}, form=form or {}, who=_OWNER),
        Place(at={"id": "owner.draft"}, form=form or {}, who=frozenset()),
        Place(at={"id": "stranger.reading"}, form=form or {}, who=frozenset()),
    )


def _led(name: str, form: dict[str, str] | None = None, **more: str) -> Line:
    """Something that the lead of a community does; its members know it, and may be told so."""
    known = {key: value.format("owner") for key, value in more.items()}
    owner = Place(
        at={"id": "community.owner", **known}, form=form or {}, who=_OWNER, unlike=frozenset((Who.MEMBER,))
    )
    known = {key: value.format("stranger") for key, value in more.items()}
    stranger = Place(
        at={"id": "community.stranger", **known}, form=form or {}, who=frozenset((Who.STRANGER,))
    )
    return mine(name, owner, stranger)


ACCOUNT: Final[tuple[Line, ...]] = (
    mine("GET /account"),
    mine("POST /account", form={"name": "Another Name", "zone": "America/New_York"}),
    mine("POST /account/password", form={"password": "correct horse battery staple"}),
    mine("POST /account/email", form={"email": "other@matrix.example"}),
    mine(
        "POST /account/sessions/<session_id>/end",
        Place(at={"session_id": "session.owner"}, who=_OWNER, other=Answer.SILENT),
        Place(at={"session_id": "session.manager"}, who=frozenset((Who.MANAGER,)), other=Answer.SILENT),
    ),
    mine("POST /account/sessions/end-others"),
    mine("POST /account/sessions/end-all"),
    mine("GET /account/export"),
    mine("POST /account/export"),
    mine("POST /account/export/mail"),
    mine(
        "GET /account/email/<presented>",
        Place(at={"presented": "link.email"}, who=_OWNER, other=Answer.GONE),
    ),
    mine(
        "POST /account/email/<presented>",
        Place(at={"presented": "link.email"}, who=_OWNER, other=Answer.GONE),
    ),
    mine("GET /account/export/<presented>", presented="link.export"),
    mine(
        "POST /account/export/<presented>",
        # Whoever holds the link knows that it is one, and is told that it is another's.
        Place(at={"presented": "link.export"}, who=_OWNER, other=Answer.GONE, unlike=SIGNED_IN),
    ),
    mine("GET /account/erase"),
    mine("POST /account/erase", form={"email": "email.owner"}),
)

WORK: Final[tuple[Line, ...]] = (
    mine("GET /catalogue/<code>/apply", code="DECC1"),
    mine("GET /catalogue/apply", Place(at={"?code": "DECC1"})),
    mine("POST /catalogue/<code>/apply", code="DECC1"),
    mine("POST /catalogue/apply", Place(at={"?code": "DECC1"})),
    mine("GET /work"),
    mine("GET /awards"),
    mine("GET /plan/mine"),
    mine("POST /plan/mine", form={"policy": "district-rule"}),
    mine("POST /plan/mine/save", form={"policy": "district-rule"}),
    mine("POST /plan/mine/delete", form={"policy": "district-rule"}),
    mine("POST /awards/resume"),
    _award("GET /awards/<uuid:id>/share"),
    _award("GET /awards/<uuid:id>/share/as-evaluator"),
    _award("GET /awards/<uuid:id>/certificate.pdf"),
    _award("POST /awards/<uuid:id>/share/name", form={"shown": "yes"}),
    _award("POST /awards/<uuid:id>/share/listing", form={"listed": "yes"}),
    _award("POST /awards/<uuid:id>/share/links", form={"label": "For somebody"}),
    mine(
        "POST /awards/<uuid:id>/share/links/<uuid:link>/withdraw",
        Place(at={"id": "owner.awarded", "link": "shared.link"}, who=_OWNER),
        *(
            Place(at={"id": id, "link": "shared.link"}, who=frozenset(), absent={"link": "nobody"})
            for id in ("owner.draft", "stranger.reading")
        ),
    ),
    mine(
        "POST /awards/<uuid:id>/share/evidence/<uuid:piece>",
        Place(
            at={"id": "owner.awarded", "piece": "owner.awarded.piece"},
            form={"disclosure": "private"},
            who=_OWNER,
        ),
        *(
            Place(
                at={"id": id, "piece": piece},
                form={"disclosure": "public", "confirmed": "yes"},
                who=frozenset(),
                absent={"piece": "nobody"},
            )
            for id, piece in (
                ("owner.awarded", "owner.draft.piece"),
                ("owner.draft", "owner.draft.piece"),
                ("stranger.reading", "owner.awarded.piece"),
            )
        ),
    ),
    mine("GET /goals"),
    mine("POST /goals", form={"text": "To be read by me."}),
    _work("GET /work/<uuid:id>", "owner.draft", "owner.awarded", "stranger.reading"),
    _work("GET /work/<uuid:id>/calendar.ics"),
    _work("GET /work/<uuid:id>/sent/<int:number>", "owner.sent", "stranger.reading", number="1"),
    _work("GET /work/<uuid:id>/withdraw"),
    _work("POST /work/<uuid:id>/withdraw", form={"typed": "SEL2"}),
    _work("GET /work/<uuid:id>/reminders"),
    _work("POST /work/<uuid:id>/reminders", form={"wanted": "no"}),
    _work("GET /work/<uuid:id>/parts/<part>", part="yes"),
    mine(
        "POST /work/<uuid:id>/parts/<part>",
        *_work("POST /", part="yes", form={"go": "leave"}).places,
        Place(
            at={"id": "stranger.draft", "part": "stranger.draft.part"},
            form={"go": "up.owner.piece"},
            who=frozenset(),
            absent={"go": "up.nobody"},
        ),
    ),
    _work("POST /work/<uuid:id>/answers", form={"place": "{}.place", "text": "Mine now.", "base": "0"}),
    _work("GET /work/<uuid:id>/submit"),
    _work("POST /work/<uuid:id>/submit"),
    _work("POST /work/<uuid:id>/take-back", "owner.sent", "stranger.reading"),
    _work("GET /work/<uuid:id>/feedback", "owner.returned", "stranger.draft"),
    _work("POST /work/<uuid:id>/feedback", "owner.returned", "stranger.draft"),
    _work("GET /work/<uuid:id>/add", shelf="{}.place"),
    _work("POST /work/<uuid:id>/add", form={"place": "{}.place", "url": "https://school.example/plan"}),
    _pieces("GET /work/<uuid:id>/artefacts/<uuid:piece>"),
    _pieces("POST /work/<uuid:id>/artefacts/<uuid:piece>", form={"description": "Mine now."}),
    _pieces("POST /work/<uuid:id>/artefacts/<uuid:piece>/remove"),
    _pieces("GET /work/<uuid:id>/artefacts/<uuid:piece>/file"),
)

COMMUNITIES: Final[tuple[Line, ...]] = (
    mine("GET /communities"),
    mine("GET /communities/new"),
    mine("POST /communities/new", form={"name": "Another circle"}),
    mine("GET /communities/found/<id>", at(id="community.stranger"), at(frozenset(), id="community.owner")),
    mine("GET /communities/join/<secret>", secret="community.owner.secret"),
    mine("POST /communities/join/<secret>", secret="community.owner.secret"),
    mine(
        "GET /communities/<id>", at(_CIRCLE, id="community.owner"), at(Who.STRANGER, id="community.stranger")
    ),
    mine("GET /communities/<id>/dates.ics", at(_CIRCLE, id="community.owner")),
    mine("POST /communities/<id>/preferences", at(_CIRCLE, id="community.owner")),
    mine("POST /communities/<id>/leave", at(_CIRCLE, id="community.owner")),
    _led("POST /communities/<id>", form={"name": "Taken over"}),
    _led("POST /communities/<id>/link"),
    _led("POST /communities/<id>/invite", form={"emails": "friend@matrix.example"}),
    _led("POST /communities/<id>/dates", form={"title": "Another day", "day": "tomorrow"}),
    mine(
        "POST /communities/<id>/dates/<date>/remove",
        *_led("POST /", date="community.{}.date").places,
        Place(
            at={"id": "community.stranger", "date": "community.owner.date"},
            who=frozenset(),
            absent={"date": "nobody"},
        ),
    ),
    _led("POST /communities/<id>/end"),
    mine(
        "POST /communities/<id>/lead",
        Place(
            at={"id": "community.owner"},
            form={"to": "person.member"},
            who=_OWNER,
            unlike=frozenset((Who.MEMBER,)),
        ),
    ),
)
