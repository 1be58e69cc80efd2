# SPDX-License-Identifier: Apache-2.0
"""The pieces behind an award: who may see each of them, and what everybody may see.

What was signed as public can be closed and opened again by its educator; any piece can be shown by links for
evaluators only (``earning.work.disclosure`` has the rules). Everything acts at once. Whoever asks for
anything else gets one and the same answer: nobody learns what there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from earning.errors import DisclosureError, EvidenceUnknownError, WorkFieldError
from earning.programme import Programme
from earning.store import artefacts as artefact_rows
from earning.store import publishing as store
from earning.store import work as rows
from earning.work import disclosure as rules
from earning.work.applications import Application, State
from earning.work.disclosure import Standing, is_shown, standing
from earning.work.submissions import LINK, PRIVATE, PUBLIC, Artefact, Submission
from earning.work.work import assignment, unknown
from issuer import publish
from issuer.award import AwardState
from issuer.errors import NoSuchCredentialError
from service import audit
from service.errors import FileMissingError
from service.file_types import KINDS

_PASSED: Final = frozenset({State.PASSED, State.AWARDED})
_ENDINGS: Final[Mapping[str, str]] = {kind.media_type: kind.extension for kind in reversed(KINDS)}
_ACTIONS: Final[Mapping[str, str]] = {
    PRIVATE: "artefact.closed",
    LINK: "artefact.by-link",
    PUBLIC: "artefact.opened",
}
_SET_ASIDE: Final = (
    "This piece was set aside, because a student might be recognised in it. It is not shown to anybody."
)
_NEVER_PUBLIC: Final = (
    "This piece was signed as private. The credential holds only a salted fingerprint of it and no address, "
    "and what is signed cannot be changed, so it cannot be made public now. A link for an evaluator can show "
    "it."
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A piece as it was sent for the award, and what became of it."""

    sent: Submission
    piece: Artefact
    standing: Standing


@dataclass(frozen=True, slots=True)
class AwardPiece:
    """A piece behind an award, as its educator sees it.

    Attributes:
        label: The assignment's words for it, as they are signed.
        name: What it is called in the work.
        standing: What became of it.
        was_public: Whether it was signed as public, so that it can be.
        is_shown: Whether everybody can see it now.
    """

    id: str
    label: str
    name: str
    standing: Standing
    was_public: bool
    is_shown: bool

    @property
    def path(self) -> str:
        """Where everybody sees it."""
        return f"/evidence/{self.id}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece that may be seen: the exact bytes that were digested for the award.

    Attributes:
        url: Of a link; then ``body`` is this address.
        file_name: Neutral, made by us.
        label: The assignment's words for it, and ``title`` of what it was awarded for.
    """

    url: str | None
    media_type: str
    file_name: str
    body: bytes
    label: str
    title: str


def of_award(programme: Programme, application: Application) -> tuple[AwardPiece, ...]:
    """Return the pieces behind an award in the order in which they are signed; none after an erasure."""
    with programme.db.reading() as session:
        found = signed(session, application)
        award = award_state(programme, application)
    asked = assignment(programme, application.version)
    return tuple(
        AwardPiece(
            id=each.piece.id,
            label=rules.signed_words(asked, each.sent, each.piece).name,
            name=each.piece.name,
            standing=each.standing,
            was_public=each.piece.is_public,
            is_shown=is_shown(each.standing, award),
        )
        for each in found
    )


def read(programme: Programme, id: str) -> Shown:
    """Return a piece for everybody.

    Raises:
        EvidenceUnknownError: There is none of this id that everybody may see; it is not told why.
    """
    with programme.db.reading() as session:
        owner = store.application_of(session, id)
        application = None if owner is None else rows.any_application(session, owner)
        if application is None:
            raise _nothing()
        award = award_state(programme, application)
        found = signed(session, application) if award is not None else ()
    for each in found:
        if each.piece.id == id and is_shown(each.standing, award):
            try:
                return shown(programme, each)
            except FileMissingError:
                raise _nothing() from None  # It was erased at this very moment.
    raise _nothing()


def change(
    programme: Programme,
    application: str,
    piece: str,
    *,
    person: str,
    disclosure: str,
    confirmed: bool = False,
    now: datetime,
) -> None:
    """Set who may see a piece from now on; what was signed stays as it is.

    Args:
        programme: The opened room.
        application: The one that was awarded.
        piece: Which piece of it.
        person: Whose it is.
        disclosure: ``public``, ``link``, or ``private``; anything else is taken as private.
        confirmed: For public: that nobody can be recognised, consent was obtained, and it may be published.
        now: When.

    Raises:
        WorkUnknownError: There is no such piece behind an award of this educator.
        DisclosureError: It cannot be shown in this way: it was signed as private, or set aside.
        WorkFieldError: Publishing was not confirmed.
    """
    wanted = disclosure if disclosure in (LINK, PUBLIC) else PRIVATE
    with programme.db.transaction() as session:
        found = rows.find(session, application, person=person)
        pieces = () if found is None else signed(session, found)
        one = next((each for each in pieces if each.piece.id == piece), None)
        if one is None:
            raise unknown()
        _require(one, wanted, confirmed=confirmed)
        if store.set_disclosure(session, application, piece, wanted):
            audit.record(
                session,
                actor=f"person:{person}",
                action=_ACTIONS[wanted],
                subject=f"application:{application}",
                detail={"artefact": piece},
                now=now,
            )


def signed(session: Any, application: Application) -> tuple[Signed, ...]:
    """Return each piece that an award rests on; nothing before passing, and nothing after an erasure."""
    if application.state not in _PASSED:
        return ()
    sent = store.awarded_submission(session, application.id)
    current = {piece.id: piece for piece in artefact_rows.artefacts(session, application.id)}
    if sent is None:
        return ()
    return tuple(Signed(sent, piece, standing(piece, current.get(piece.id))) for piece in sent.artefacts)


def award_state(programme: Programme, application: Application) -> AwardState | None:
    """Return the state of the newest issue of an award; None as long as its earner does not have it."""
    key = current_key(programme, application)
    if key is None:
        return None
    try:
        return publish.find(programme.mint, key).state
    except NoSuchCredentialError:
        return None


def current_key(programme: Programme, application: Application) -> str | None:
    """Return the key of the newest issue of an award; None as long as its earner does not have it."""
    if application.state is not State.AWARDED or application.award is None:
        return None
    return publish.current(programme.mint, application.award)


def shown(programme: Programme, found: Signed) -> Shown:
    """Return a piece with its bytes; whether it may be seen was decided before.

    Raises:
        FileMissingError: Its file is gone.
    """
    piece, asked = found.piece, assignment(programme, found.sent.version)
    body = (piece.url or "").encode() if piece.file is None else programme.files.get(piece.file)
    media_type = piece.media_type or "application/octet-stream"
    return Shown(
        url=piece.url,
        media_type=media_type,
        file_name=f"evidence-{piece.id[:8]}.{_ENDINGS.get(media_type, 'bin')}",
        body=body,
        label=rules.signed_words(asked, found.sent, piece).name,
        title=asked.title,
    )


def _require(found: Signed, wanted: str, *, confirmed: bool) -> None:
    """Refuse to show what cannot be shown in this way; hiding is always possible."""
    if wanted != PRIVATE and found.standing is Standing.SET_ASIDE:
        raise DisclosureError(_SET_ASIDE)
    if wanted != PUBLIC:
        return
    if not found.piece.is_public:
        raise DisclosureError(_NEVER_PUBLIC)
    if not confirmed:
        raise WorkFieldError(
            "It is not public. To open it to everybody, confirm once more that no student can be recognised "
            "and that you may publish it.",
            path="confirmed",
        )


def _nothing() -> EvidenceUnknownError:
    return EvidenceUnknownError(
        "There is no evidence here that everybody may see. If it was, whoever showed it has closed it since; "
        "ask them."
    )
