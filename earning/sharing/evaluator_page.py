# SPDX-License-Identifier: Apache-2.0
"""What an evaluator sees by a link: the award with its verdict, and pieces that are not public.

A private piece was signed as the digest of salt ‖ bytes. The page gives the salt beside the bytes: we compute
the digest anew and compare it with the one that was signed, and the evaluator can do the same without us.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credentials.digests import digest_multibase
from credentials.document import parse
from earning.programme import Programme
from earning.sharing import evaluator_links
from earning.sharing.evaluator_link import ANSWERS, EvaluatorLink
from earning.sharing.evidence import Shown, Signed, award_state, current_key, shown, signed
from earning.sharing.naming import fitting_name
from earning.store import publishing as publishing_rows
from earning.store import work as rows
from earning.work.applications import Application
from earning.work.disclosure import STANDING, is_shown_by_link
from earning.work.evidence import written
from earning.work.submissions import Submission, artefact_place, prompt_place
from earning.work.work import assignment, unknown
from issuer import profiles, publish
from issuer.credential_page import credential_page
from issuer.views import CredentialPage
from service.errors import FileMissingError

ANSWERS_FILE: Final = "answers.json"
ANSWERS_LABEL: Final = "Written answers"  # as it is signed (``earning.work.evidence``)
JSON_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece on the page of an evaluator.

    Attributes:
        label: The assignment's words for it, as they are signed.
        path: Where its bytes are; "" for a look of the educator's own.
        url: Where it leads, if it is a link.
        salt: What the digest is salted with, hexadecimal; "" for a plain digest.
        digest: Of its bytes as they are now.
        fits: Whether this digest was signed.
    """

    id: str
    label: str
    path: str
    url: str | None
    media_type: str
    size: int
    salt: str
    digest: str
    fits: bool


@dataclass(frozen=True, slots=True)
class EvaluatorPage:
    """The page of one link.

    Attributes:
        credential: Its public page, with what the verifier says at this moment.
        name: The educator's, which fits the signed fingerprint; None if it is not shown.
        answers: What was written, if the link shows it: the exact bytes as a piece, and texts by prompt.
        ends_at: When the link ends; None for a look of the educator's own without a link.
    """

    title: str
    issuer: str
    credential: CredentialPage
    name: str | None
    pieces: tuple[Piece, ...]
    answers: Piece | None
    texts: tuple[tuple[str, str], ...]
    ends_at: datetime | None


def look(programme: Programme, token: str, *, notes: bool = True, now: datetime) -> EvaluatorPage:
    """Return the page behind a link, and write its use down; ``notes`` is False where nothing is shown.

    Raises:
        EvaluatorLinkError: It is good for nothing; it is not told why.
    """
    link, application = evaluator_links.opened(programme, token, now=now)
    if notes:
        evaluator_links.note_use(programme, link, None, now=now)
    base = f"/shared/{token}/evidence"
    return _page(programme, application, link, base=base, now=now)


def preview(
    programme: Programme, application: str, *, person: str, link: str = "", now: datetime
) -> EvaluatorPage:
    """Return the page as an evaluator with ``link`` sees it, for its educator; no use is written down.

    Without a link of this id it is the page of one that tells neither name nor answers.

    Raises:
        WorkUnknownError: It is no award of this educator, or it does not stand.
    """
    with programme.db.reading() as session:
        found = rows.find(session, application, person=person)
    if found is None or award_state(programme, found) not in STANDING:
        raise unknown()
    views = evaluator_links.of_award(programme, found, now=now)
    one = next((each.link for each in views if each.link.id == link), None)
    return _page(programme, found, one, base="", now=now)


def piece(programme: Programme, token: str, id: str, *, notes: bool = True, now: datetime) -> Shown:
    """Return a piece by a link, as its exact bytes, and write its use down; ``notes`` as for ``look``.

    Raises:
        EvaluatorLinkError: The link shows no such piece, or nothing; it is not told why.
    """
    link, application = evaluator_links.opened(programme, token, now=now)
    with programme.db.reading() as session:
        award = award_state(programme, application)
        found = signed(session, application)
        sent = publishing_rows.awarded_submission(session, application.id)
    one = next((each for each in found if each.piece.id == id), None)
    try:
        if one is not None and is_shown_by_link(one.standing, award):
            made, noted = shown(programme, one), id
        elif id == ANSWERS_FILE and link.shows_answers and sent is not None and sent.answers:
            made, noted = _answers_file(programme, sent), ANSWERS
        else:
            raise evaluator_links.nothing()
    except FileMissingError:
        raise evaluator_links.nothing() from None  # It was erased at this very moment.
    if notes:
        evaluator_links.note_use(programme, link, noted, now=now)
    return made


def _page(
    programme: Programme, application: Application, link: EvaluatorLink | None, *, base: str, now: datetime
) -> EvaluatorPage:
    key = current_key(programme, application) or ""
    credential = publish.find(programme.mint, key)
    raw = credential.signed_json or b""
    digests = _signed_digests(raw)
    with programme.db.reading() as session:
        award = award_state(programme, application)
        found = signed(session, application)
        sent = publishing_rows.awarded_submission(session, application.id)
    if sent is None or not sent.answers or link is None or not link.shows_answers:
        sent = None
    shown_ones = (each for each in found if is_shown_by_link(each.standing, award))
    pieces = (_piece(programme, each, digests, base=base) for each in shown_ones)
    return EvaluatorPage(
        title=assignment(programme, application.version).title,
        issuer=profiles.get(programme.mint, credential.issuer).profile.name,
        credential=credential_page(programme.mint, key, now=now),
        name=fitting_name(programme, application.person, key) if link and link.shows_name else None,
        pieces=tuple(each for each in pieces if each is not None),
        answers=None if sent is None else _answers(sent, digests, base=base),
        texts=() if sent is None else _texts(programme, sent),
        ends_at=None if link is None else link.ends_at,
    )


def _piece(programme: Programme, found: Signed, digests: Collection[str], *, base: str) -> Piece | None:
    """Return a piece with its digest computed anew; None if it was erased at this very moment."""
    try:
        seen = shown(programme, found)
    except FileMissingError:
        return None
    salt = b"" if found.piece.is_public else bytes.fromhex(found.piece.salt)
    digest = digest_multibase(seen.body, salt=salt)
    return Piece(
        id=found.piece.id,
        label=seen.label,
        path=f"{base}/{found.piece.id}" if base else "",
        url=seen.url,
        media_type=seen.media_type if seen.url is None else "text/plain",
        size=len(seen.body),
        salt=salt.hex(),
        digest=digest,
        fits=digest in digests,
    )


def _answers(sent: Submission, digests: Collection[str], *, base: str) -> Piece:
    data, salt = written(sent)
    digest = digest_multibase(data, salt=salt)
    return Piece(
        id=ANSWERS,
        label=ANSWERS_LABEL,
        path=f"{base}/{ANSWERS_FILE}" if base else "",
        url=None,
        media_type=JSON_TYPE,
        size=len(data),
        salt=salt.hex(),
        digest=digest,
        fits=digest in digests,
    )


def _answers_file(programme: Programme, sent: Submission) -> Shown:
    return Shown(
        url=None,
        media_type=JSON_TYPE,
        file_name=ANSWERS_FILE,
        body=written(sent)[0],
        label=ANSWERS_LABEL,
        title=assignment(programme, sent.version).title,
    )


def _texts(programme: Programme, sent: Submission) -> tuple[tuple[str, str], ...]:
    """Return what was asked and what was written, in the order of the assignment."""
    found = []
    for part in assignment(programme, sent.version).parts:
        asked = [(prompt_place(part.id, each), each.text) for each in part.prompts]
        asked += [(artefact_place(part.id, each), each.label) for each in part.artefacts]
        found += [(words, sent.answers[place]) for place, words in asked if sent.answers.get(place)]
    return tuple(found)


def _signed_digests(document: bytes) -> frozenset[str]:
    """Return the digests of all evidence that a signed credential names."""
    entries = parse(document).members.get("evidence")
    return frozenset(
        str(each.get("digestMultibase"))
        for each in (entries if isinstance(entries, list) else [])
        if isinstance(each, dict)
    )
