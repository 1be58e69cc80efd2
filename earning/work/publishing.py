# SPDX-License-Identifier: Apache-2.0
"""Evidence that everybody may see: chosen piece by piece when work is sent in, open from the award on.

What was signed as public can be closed and opened again by its educator, at once (``disclosure`` has
the rules). Whoever asks for anything else gets one and the same answer: nobody learns what there is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from earning.errors import DisclosureError, EvidenceUnknownError, WorkFieldError
from earning.programme import Programme
from earning.store import publishing as store
from earning.store import work as rows
from earning.work import disclosure
from earning.work.applications import Application, State
from earning.work.disclosure import Standing, is_shown, standing
from earning.work.submissions import PRIVATE, PUBLIC, Artefact, Submission, asked_at
from earning.work.work import Workplace, assignment, unknown
from issuer import publish
from issuer.award import AwardState
from issuer.errors import NoSuchCredentialError
from service import audit
from service.errors import FileMissingError
from service.file_types import KINDS

_PASSED: Final = frozenset({State.PASSED, State.AWARDED})
_ENDINGS: Final[Mapping[str, str]] = {kind.media_type: kind.extension for kind in reversed(KINDS)}
_REFUSED: Final[Mapping[Standing, str]] = {
    Standing.PRIVATE: "This piece was signed as private. The credential holds only a salted fingerprint of "
    "it and no address, and what is signed cannot be changed, so it cannot be opened now.",
    Standing.SET_ASIDE: "This piece was set aside, because a student might be recognised in it. It is not "
    "shown to anybody.",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A piece before it is sent: the assignment's words for it, and what is chosen."""

    piece: Artefact
    label: str
    is_public: bool


@dataclass(frozen=True, slots=True)
class AwardPiece:
    """A piece behind an award, as its educator sees it.

    Attributes:
        label: The assignment's words for it, as they are signed.
        name: What it is called in the work.
        standing: What became of it.
        is_shown: Whether everybody can see it now.
    """

    id: str
    label: str
    name: str
    standing: Standing
    is_shown: bool

    @property
    def path(self) -> str:
        """Where everybody sees it."""
        return f"/evidence/{self.id}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece that everybody may see: the exact bytes that were digested for the award.

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


def choices(work: Workplace, public: Collection[str]) -> tuple[Choice, ...]:
    """Return every piece that would be sent, with ``public`` the ids of those chosen to be public."""
    made = []
    for piece in work.artefacts:
        if piece.state == "ready":
            asked = asked_at(work.assignment, piece.place)
            made.append(Choice(piece, asked.label if asked else "Evidence", piece.id in public))
    return tuple(made)


def of_award(programme: Programme, application: Application) -> tuple[AwardPiece, ...]:
    """Return the pieces behind an award in the order in which they are signed; none after an erasure."""
    with programme.db.reading() as session:
        signed = _signed(session, application)
        award = _award_state(programme, application)
    asked = assignment(programme, application.version)
    return tuple(
        AwardPiece(
            id=each.piece.id,
            label=disclosure.signed_words(asked, each.sent, each.piece).name,
            name=each.piece.name,
            standing=each.standing,
            is_shown=is_shown(each.standing, award),
        )
        for each in signed
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
        award = _award_state(programme, application)
        signed = _signed(session, application) if award is not None else ()
    for each in signed:
        if each.piece.id == id and is_shown(each.standing, award):
            return _shown(programme, each)
    raise _nothing()


def change(
    programme: Programme,
    application: str,
    piece: str,
    *,
    person: str,
    is_open: bool,
    confirmed: bool = False,
    now: datetime,
) -> None:
    """Close a piece that was signed as public, or open it again; what was signed stays as it is.

    Args:
        programme: The opened room.
        application: The one that was awarded.
        piece: Which piece of it.
        person: Whose it is.
        is_open: Whether everybody may see it from now on.
        confirmed: For opening: that nobody can be recognised, consent was obtained, and it may be published.
        now: When.

    Raises:
        WorkUnknownError: There is no such piece behind an award of this educator.
        DisclosureError: It cannot be opened: it was signed as private, or set aside.
        WorkFieldError: Opening was not confirmed.
    """
    with programme.db.transaction() as session:
        found = rows.find(session, application, person=person)
        signed = () if found is None else _signed(session, found)
        one = next((each for each in signed if each.piece.id == piece), None)
        if one is None:
            raise unknown()
        refused = _REFUSED.get(one.standing)
        if is_open and refused is not None:
            raise DisclosureError(refused)
        if is_open and not confirmed:
            raise WorkFieldError(
                "It is still closed. To open it, confirm once more that no student can be recognised and "
                "that you may publish it.",
                path="confirmed",
            )
        if store.set_disclosure(session, application, piece, PUBLIC if is_open else PRIVATE):
            audit.record(
                session,
                actor=f"person:{person}",
                action="artefact.opened" if is_open else "artefact.closed",
                subject=f"application:{application}",
                detail={"artefact": piece},
                now=now,
            )


@dataclass(frozen=True, slots=True)
class _Signed:
    """A piece as it was sent for the award."""

    sent: Submission
    piece: Artefact
    standing: Standing


def _signed(session: Any, application: Application) -> tuple[_Signed, ...]:
    """Return each piece that an award rests on; nothing before passing, and nothing after an erasure."""
    if application.state not in _PASSED:
        return ()
    sent = store.awarded_submission(session, application.id)
    current = {piece.id: piece for piece in rows.artefacts(session, application.id)}
    if sent is None:
        return ()
    return tuple(_Signed(sent, piece, standing(piece, current.get(piece.id))) for piece in sent.artefacts)


def _award_state(programme: Programme, application: Application) -> AwardState | None:
    """Return the state of the credential; None as long as its earner does not have it."""
    if application.state is not State.AWARDED or application.award is None:
        return None
    try:
        return publish.find(programme.mint, application.award).state
    except NoSuchCredentialError:
        return None


def _shown(programme: Programme, found: _Signed) -> Shown:
    piece, asked = found.piece, assignment(programme, found.sent.version)
    try:
        body = (piece.url or "").encode() if piece.file is None else programme.files.get(piece.file)
    except FileMissingError:
        raise _nothing() from None  # It was erased at this very moment.
    media_type = piece.media_type or "application/octet-stream"
    return Shown(
        url=piece.url,
        media_type=media_type,
        file_name=f"evidence-{piece.id[:8]}.{_ENDINGS.get(media_type, 'bin')}",
        body=body,
        label=disclosure.signed_words(asked, found.sent, piece).name,
        title=asked.title,
    )


def _nothing() -> EvidenceUnknownError:
    return EvidenceUnknownError(
        "There is no evidence here that everybody may see. If it was, whoever showed it has closed it since; "
        "ask them."
    )
