# SPDX-License-Identifier: Apache-2.0
"""What a reviewer sees of one submission: the assignment, what was sent, what changed, what was said before.

Never the author: no name, address, school, and no file under a name of its own. Never another reviewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from earning.errors import ReviewUnknownError
from earning.programme import Programme
from earning.review import conclude, queue
from earning.review.changes import Change, Piece, compare
from earning.review.readings import Review, require_running
from earning.review.rubric import Rubric
from earning.store import cases as case_rows
from earning.store import reviews as rows
from earning.store import work as work_rows
from earning.work import feedback
from earning.work.applications import State
from earning.work.feedback import Feedback
from earning.work.submissions import Artefact, Statements, Submission, artefact_place, prompt_place
from issuer.micro_credential import Criterion, MicroCredential
from service import audit
from service.accounts import people
from service.accounts.people import Person

VIEWED_INLINE: Final = ("image/jpeg", "image/png", "image/webp", "image/gif")
PLAYED: Final = ("audio/", "video/")
OPENED: Final = ("application/pdf", "text/plain")
_ENDINGS: Final[Mapping[str, str]] = {
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/csv": "csv",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence under a neutral name.

    Attributes:
        number: Its number on this page.
        is_new: Whether the submission before did not have it.
        is_locked: Whether it was set aside; then nobody can open it.
        is_public: Whether everybody may see it once it is awarded.
        way: How a page shows it: image, audio, video, open, download or link.
    """

    id: str
    number: int
    description: str
    media_type: str
    size: int
    url: str | None
    made_on: str
    is_existing: bool
    is_new: bool
    is_locked: bool
    is_public: bool
    way: str

    @property
    def file_name(self) -> str:
        """What it is called when it is saved."""
        return f"evidence-{self.number}.{_ENDINGS.get(self.media_type, 'bin')}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands at a place of the assignment.

    Attributes:
        pieces: The text with what changed since the submission before.
    """

    place: str
    asked: str
    is_text: bool
    text: str
    pieces: tuple[Piece, ...]
    evidence: tuple[Evidence, ...]
    removed: int

    @property
    def has_changed(self) -> bool:
        """Whether something is different from the submission before."""
        return (
            any(each.change is not Change.SAME for each in self.pieces)
            or any(each.is_new for each in self.evidence)
            or self.removed > 0
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the assignment with what was sent for it, and its criteria."""

    title: str
    answers: tuple[Answer, ...]
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything on the page of one review.

    Attributes:
        job: In which job the work was done, where the micro-credential is not meant for all.
        earlier: What was said before, the latest first.
        compared: Whether there is an earlier submission to compare with.
        is_withdrawn: Whether its author took the work back.
        is_separate: Whether the reviewer may still judge it; nobody learns why not.
    """

    review: Review
    assignment: MicroCredential
    job: str
    number: int
    submitted_at: datetime
    statements: Statements
    parts: tuple[Part, ...]
    rubric: Rubric
    replies: Mapping[str, str]
    earlier: tuple[Feedback, ...]
    compared: bool
    is_withdrawn: bool
    is_separate: bool


def open_bench(programme: Programme, person: Person, id: str) -> Bench:
    """Return everything on the page of a review.

    Raises:
        ReviewUnknownError: It is not theirs.
    """
    with programme.db.reading() as session:
        review = rows.mine(session, id, person)
        if review is None:
            raise ReviewUnknownError("There is no such review here.", got=id[:40])
        work = conclude.load(programme, session, review.submission)
        application, assignment = work.application, work.achievement.micro_credential
        sent = [
            each
            for each in work_rows.submissions(session, application.id)
            if each.number <= work.submission.number
        ]
        locked = case_rows.locked(session, application.id)
        before = next((each for each in reversed(sent[:-1]) if each.id not in locked), None)
        states = rows.artefact_states(session, [each.id for each in work.submission.artefacts])
        told = feedback.read(
            each for each in work_rows.decisions(session, application.id) if each[0] < work.submission.number
        )
        apart = queue.is_separate(session, person, review.submission)
        author_job = "" if "all" in assignment.audience else people.get(session, application.person).job
    return Bench(
        review=review,
        assignment=assignment,
        job=author_job,
        number=work.submission.number,
        submitted_at=work.submission.submitted_at,
        statements=work.submission.statements,
        parts=_parts(assignment, work.submission, before, states),
        rubric=work.rubric,
        replies=work.submission.replies,
        earlier=tuple(reversed(told)),
        compared=before is not None,
        is_withdrawn=application.state is not State.IN_REVIEW,
        is_separate=apart,
    )


def file(
    programme: Programme, person: Person, id: str, artefact: str, *, now: datetime
) -> tuple[Evidence, bytes]:
    """Return a piece of evidence for whoever holds the work, and write down that it was looked at.

    Raises:
        ReviewUnknownError: The review is not theirs, or there is no such file, or it was set aside.
        LeaseError: The work is not with them any more.
    """
    bench = open_bench(programme, person, id)
    require_running(bench.review, now=now)
    for part in bench.parts:
        for answer in part.answers:
            for piece in answer.evidence:
                if piece.id == artefact and piece.url is None and not piece.is_locked:
                    return piece, _bytes(programme, bench.review, piece, now=now)
    raise ReviewUnknownError("There is no such file here.", got=artefact[:40])


def _bytes(programme: Programme, review: Review, piece: Evidence, *, now: datetime) -> bytes:
    with programme.db.transaction() as session:
        submission = work_rows.any_submission(session, review.submission)
        found = (
            next((each for each in submission.artefacts if each.id == piece.id), None) if submission else None
        )
        if found is None or found.file is None:
            raise ReviewUnknownError("There is no such file here.", got=piece.id)
        audit.record(
            session,
            actor=f"person:{review.reviewer}",
            action="artefact.viewed",
            subject=f"artefact:{piece.id}",
            detail={"review": review.id},
            now=now,
        )
    return programme.files.get(found.file)


def _parts(
    assignment: MicroCredential,
    sent: Submission,
    before: Submission | None,
    states: Mapping[str, str],
) -> tuple[Part, ...]:
    numbers = {piece.id: number for number, piece in enumerate(sent.artefacts, start=1)}
    known = {piece.id for piece in before.artefacts} if before else set(numbers)

    def answer(place: str, asked: str, *, is_text: bool) -> Answer:
        text = sent.answers.get(place, "")
        old = before.answers.get(place, "") if before else text
        mine = sent.at(place)
        gone = {piece.id for piece in before.at(place)} - {piece.id for piece in mine} if before else set()
        return Answer(
            place=place,
            asked=asked,
            is_text=is_text,
            text=text,
            pieces=compare(old, text),
            evidence=tuple(
                as_evidence(piece, numbers[piece.id], is_new=piece.id not in known, states=states)
                for piece in mine
            ),
            removed=len(gone),
        )

    return tuple(
        Part(
            title=part.title,
            answers=(
                *(answer(prompt_place(part.id, each), each.text, is_text=True) for each in part.prompts),
                *(
                    answer(artefact_place(part.id, each), each.text, is_text="text" in each.kinds)
                    for each in part.artefacts
                ),
            ),
            criteria=tuple(each for each in assignment.criteria if each.part == part.id),
        )
        for part in assignment.parts
    )


def as_evidence(piece: Artefact, number: int, *, is_new: bool, states: Mapping[str, str]) -> Evidence:
    """Return ``piece`` under a neutral name; ``states`` tells what was set aside."""
    return Evidence(
        id=piece.id,
        number=number,
        description=piece.description,
        media_type=piece.media_type or "",
        size=piece.size,
        url=piece.url,
        made_on=piece.made_on.isoformat() if piece.made_on else "",
        is_existing=piece.is_existing,
        is_new=is_new,
        is_locked=states.get(piece.id) == "quarantined",
        is_public=piece.is_public,
        way=_way(piece),
    )


def _way(piece: Artefact) -> str:
    kind = piece.media_type or ""
    if piece.kind == "link":
        return "link"
    if kind in VIEWED_INLINE:
        return "image"
    for prefix in PLAYED:
        if kind.startswith(prefix):
            return prefix.rstrip("/")
    return "open" if kind in OPENED else "download"
