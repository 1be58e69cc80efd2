# SPDX-License-Identifier: Apache-2.0
"""Pieces of evidence: files that are cleaned before they are kept, links that nobody here ever opens.

A file is cleaned first, then stored, then written into a row; what fails on the way leaves nothing behind. A
piece that was sent in stays readable for its reviewers also when it is removed from the draft, and counts
towards the room of its application. The file of one that was never sent, or was taken back before any
reviewer had it, is deleted with it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from earning.errors import WorkFieldError
from earning.programme import Programme
from earning.scrub import Scrubbed, one_at_a_time
from earning.scrub import scrub as clean
from earning.store import artefacts as artefact_rows
from earning.store import pieces
from earning.work import disclosure, drafting, keeping
from earning.work.links import checked_link
from earning.work.submissions import Artefact, Submission, asked_at
from earning.work.work import Workplace, assignment, unknown, workplace
from issuer.award import SALT_BYTES, Evidence, evidence_of
from service import audit
from service.text import count

DESCRIPTION_CHARS: Final = 1_000  # characters
NAME_CHARS: Final = 200  # characters of what a link is called
_EARLIEST: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class About:
    """What an educator says of a piece; none of it is ever signed."""

    description: str = ""
    made_on: str = ""
    is_existing: bool = False


def add_file(
    programme: Programme,
    id: str,
    place: str,
    *,
    person: str,
    data: bytes,
    claimed_name: str,
    about: About,
    now: datetime,
    instead_of: str | None = None,
) -> Artefact:
    """Clean a file, keep it, and return the piece that it became; its report stands in the piece.

    Args:
        programme: The opened room.
        id: The application.
        place: Where in the assignment.
        person: Whose it is.
        data: The file as it came.
        claimed_name: Its name there, of which only the ending is looked at.
        about: What is said of it.
        now: When.
        instead_of: A piece that it replaces, at the same place.

    Raises:
        UploadRefusedError: It is not taken; one leaf for each reason.
        ScrubbingBusyError: Too many files are being cleaned, or another one of this person is.
        WorkFieldError: The place takes no files, or the words about it do not fit.
        WorkUnknownError: As ``drafting.save``, like TransitionError and TimeOverError.
    """
    work = _open(programme, id, place, "file", person=person, now=now)
    old = None if instead_of is None else _piece(work, instead_of)
    made_on = _made_on(about, now)
    description = _description(about)
    keeping.require_room(programme, work, old, len(data))
    with one_at_a_time(person):
        cleaned = clean(data, claimed_name=claimed_name)
    stored = programme.files.put(cleaned.data, media_type=cleaned.media_type)
    piece = Artefact(
        id=str(uuid.uuid4()),
        place=old.place if old else place,
        kind="file",
        name=_neutral_name(programme, work, cleaned),
        description=description,
        file=stored.id,
        media_type=cleaned.media_type,
        size=len(cleaned.data),
        made_on=made_on,
        is_existing=about.is_existing,
        salt=secrets.token_hex(SALT_BYTES),
        removed=cleaned.removed,
        findings=tuple(_finding(found) for found in cleaned.people),
        added_at=now,
    )
    kept = False
    try:
        _keep(programme, id, piece, old, person=person, now=now)
        kept = True
    finally:
        if not kept:
            programme.files.delete(stored.id)
    return piece


def add_link(
    programme: Programme,
    id: str,
    place: str,
    *,
    person: str,
    url: str,
    name: str,
    about: About,
    now: datetime,
    instead_of: str | None = None,
) -> Artefact:
    """Add a link. We never open it; whether reviewers can is what its educator should try.

    Raises:
        ArtefactLinkError: It is no https link to a public host.
        WorkFieldError: As ``add_file``, like the other errors.
    """
    work = _open(programme, id, place, "link", person=person, now=now)
    old = None if instead_of is None else _piece(work, instead_of)
    keeping.require_room(programme, work, old, 0)
    piece = Artefact(
        id=str(uuid.uuid4()),
        place=old.place if old else place,
        kind="link",
        name=drafting.tidy(name).strip()[:NAME_CHARS] or f"Link {len(work.artefacts) + 1}",
        description=_description(about),
        url=checked_link(url),
        made_on=_made_on(about, now),
        is_existing=about.is_existing,
        salt=secrets.token_hex(SALT_BYTES),
        added_at=now,
    )
    _keep(programme, id, piece, old, person=person, now=now)
    return piece


def describe(programme: Programme, id: str, piece: str, *, person: str, about: About, now: datetime) -> None:
    """Change what is said of a piece.

    Raises:
        WorkUnknownError: It is not this educator's.
        WorkFieldError: The words do not fit.
    """
    with programme.db.transaction() as session:
        work = workplace(programme, id, person=person)
        found = _piece(work, piece)
        drafting.require_open(work, now)
        artefact_rows.describe_artefact(
            session,
            found.id,
            description=_description(about),
            made_on=_made_on(about, now),
            is_existing=about.is_existing,
        )


def remove(programme: Programme, id: str, piece: str, *, person: str, now: datetime) -> Artefact:
    """Take a piece out of the draft; its file is deleted unless it was sent in.

    Raises:
        WorkUnknownError: It is not this educator's.
        TransitionError: The work cannot be changed now.
    """
    with programme.db.transaction():
        work = workplace(programme, id, person=person)
        found = _piece(work, piece)
        drafting.require_open(work, now)
        keeping.drop(programme, work, found, now=now)
        _record(programme, "artefact.removed", work, found.id, person=person, now=now)
    return found


def move(programme: Programme, id: str, piece: str, *, person: str, up: bool, now: datetime) -> Artefact:
    """Move a piece up or down among those of its place.

    Raises:
        WorkUnknownError: It is not this educator's.
    """
    with programme.db.transaction() as session:
        work = workplace(programme, id, person=person)
        found = _piece(work, piece)
        drafting.require_open(work, now)
        ids = [each.id for each in work.artefacts if each.place == found.place]
        at = ids.index(found.id)
        other = at - 1 if up else at + 1
        if 0 <= other < len(ids):
            ids[at], ids[other] = ids[other], ids[at]
        artefact_rows.order_artefacts(session, ids)
    return found


def read(programme: Programme, id: str, piece: str, *, person: str) -> tuple[Artefact, bytes]:
    """Return a file of this educator, as it is in the draft or as it was sent.

    Raises:
        WorkUnknownError: There is none, or it is somebody else's.
    """
    with programme.db.reading() as session:
        found = artefact_rows.find_file(session, piece, application=id, person=person)
    if found is None or found.file is None:
        raise unknown()
    return found, programme.files.get(found.file)


def evidence(programme: Programme, submission: Submission) -> tuple[Evidence, ...]:
    """Return what an award says of the evidence in ``submission``: the assignment's words, and digests.

    Nothing that was typed is in it, no link and no name of a file (``earning.work.disclosure``). What is
    public has its address with us and a plain digest, which anybody can compare, what is private a salted
    one.
    """
    asked = assignment(programme, submission.version)
    made = []
    for piece in submission.artefacts:
        words = disclosure.signed_words(asked, submission, piece)
        data = programme.files.get(piece.file) if piece.file is not None else (piece.url or "").encode()
        made.append(
            evidence_of(
                data,
                name=words.name,
                description=words.description,
                genre=words.genre,
                salt=bytes.fromhex(piece.salt),
                url=disclosure.address(programme.public_url, piece.id) if piece.is_public else None,
            )
        )
    if submission.answers:
        data, salt = written(submission)
        made.append(evidence_of(data, name="Written answers", genre="Text", salt=salt))
    return tuple(made)


def written(submission: Submission) -> tuple[bytes, bytes]:
    """Return all written answers as one piece, and its salt, which follows from those of this submission."""
    answers: Mapping[str, str] = dict(sorted(submission.answers.items()))
    data = json.dumps(answers, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    salts = "".join(piece.salt for piece in submission.artefacts)
    return data, hashlib.sha256(f"{submission.id}:{salts}".encode()).digest()[:SALT_BYTES]


def _open(programme: Programme, id: str, place: str, kind: str, *, person: str, now: datetime) -> Workplace:
    """Return the work if something of ``kind`` may be added at ``place``."""
    work = workplace(programme, id, person=person)
    asked = asked_at(work.assignment, place)
    if asked is None or kind not in asked.kinds:
        words = "files" if kind == "file" else "links"
        raise WorkFieldError(f"This place of the assignment takes no {words}.", path="place")
    drafting.require_open(work, now)
    return work


def _keep(
    programme: Programme, id: str, piece: Artefact, old: Artefact | None, *, person: str, now: datetime
) -> None:
    with programme.db.transaction() as session:
        pieces.hold(session, id)
        # Read again: cleaning took a while, and another window may have been busy meanwhile.
        work = workplace(programme, id, person=person)
        drafting.require_open(work, now)
        keeping.require_room(programme, work, old, piece.size)
        artefact_rows.add_artefact(session, id, piece, now=now)
        if old is not None:
            order = [each.id for each in work.artefacts if each.place == piece.place]
            keeping.drop(programme, work, _piece(work, old.id), now=now)
            artefact_rows.order_artefacts(session, [piece.id if each == old.id else each for each in order])
        _record(programme, "artefact.added", work, piece.id, person=person, now=now)


def _piece(work: Workplace, id: str) -> Artefact:
    for piece in work.artefacts:
        if piece.id == id:
            return piece
    raise unknown()


def _neutral_name(programme: Programme, work: Workplace, cleaned: Scrubbed) -> str:
    """Return a name of ours that no other piece of this application ever had."""
    with programme.db.reading() as session:
        number = artefact_rows.count_artefacts(session, work.application.id) + 1
    return cleaned.name(number)


def _description(about: About) -> str:
    text = drafting.tidy(about.description).strip()
    if len(text) > DESCRIPTION_CHARS:
        raise WorkFieldError(
            f"The description has {count(len(text), 'character')}; up to {DESCRIPTION_CHARS:,} fit.",
            path="description",
        )
    return text


def _made_on(about: About, now: datetime) -> date | None:
    if not about.made_on.strip():
        return None
    try:
        day = date.fromisoformat(about.made_on.strip())
    except ValueError:
        raise WorkFieldError("Write the day like 2026-10-31, or leave it out.", path="made_on") from None
    # A day ahead of ours may be today on the other side of the world.
    if day < _EARLIEST or (day - now.date()).days > 1:
        raise WorkFieldError("The day it was made cannot lie in the future.", path="made_on")
    return day


def _finding(found: object) -> str:
    trace, words, place = (getattr(found, name) for name in ("trace", "words", "place"))
    return f"{trace}: {words}" + (f" ({place})" if place else "")


def _record(
    programme: Programme, action: str, work: Workplace, piece: str, *, person: str, now: datetime
) -> None:
    with programme.db.transaction() as session:
        audit.record(
            session,
            actor=f"person:{person}",
            action=action,
            subject=f"application:{work.application.id}",
            detail={"artefact": piece},
            now=now,
        )
