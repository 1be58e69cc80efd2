# SPDX-License-Identifier: Apache-2.0
"""What the manager of a case looks at: the people, and the evidence, also what was set aside.

Each file that is opened leaves an audit line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from earning.errors import ReviewUnknownError
from earning.programme import Programme
from earning.review import cases
from earning.review.workbench import Evidence, as_evidence
from earning.store import work as rows
from earning.store.cases import Case
from earning.work.submissions import Submission, artefact_place, prompt_place
from earning.work.work import assignment
from service import audit
from service.accounts import people
from service.accounts.people import Person
from service.errors import NoSuchPersonError


@dataclass(frozen=True, slots=True)
class Look:
    """A case with what belongs to it.

    Attributes:
        author: None once the account was erased, as for the reviewer.
        answers: What was asked, and what stands there.
        can_vote_from: When the committee may vote; None before notice was given.
    """

    case: Case
    author: Person | None
    reviewer: Person | None
    evidence: tuple[Evidence, ...]
    answers: tuple[tuple[str, str], ...]
    can_vote_from: datetime | None


def look(programme: Programme, manager: Person, id: str) -> Look:
    """Return a case of one of the manager's programmes with all that belongs to it.

    Raises:
        ReviewUnknownError: There is none.
    """
    case = cases.get(programme, manager, id)
    with programme.db.reading() as session:
        submission = _submission(session, case)
        author, reviewer = _person(session, case.author), _person(session, case.opened_by)
    pieces = submission.artefacts if case.artefact is None else _one(submission, case.artefact)
    text = assignment(programme, submission.version)
    asked = {
        **{prompt_place(part.id, each): each.text for part in text.parts for each in part.prompts},
        **{artefact_place(part.id, each): each.text for part in text.parts for each in part.artefacts},
    }
    numbers = {piece.id: number for number, piece in enumerate(submission.artefacts, start=1)}
    return Look(
        case=case,
        author=author,
        reviewer=reviewer,
        evidence=tuple(as_evidence(each, numbers[each.id], is_new=False, states={}) for each in pieces),
        answers=tuple((asked.get(place, place), words) for place, words in submission.answers.items()),
        can_vote_from=case.noticed_at + cases.ANSWER_TIME if case.noticed_at else None,
    )


def file(
    programme: Programme, manager: Person, id: str, artefact: str, *, now: datetime
) -> tuple[Evidence, bytes]:
    """Return a file that a case is about, and write down that it was looked at.

    Raises:
        ReviewUnknownError: There is no such case or file.
    """
    found = look(programme, manager, id)
    piece = next((each for each in found.evidence if each.id == artefact), None)
    with programme.db.transaction() as session:
        kept = next(
            (each for each in _submission(session, found.case).artefacts if each.id == artefact), None
        )
        if piece is None or kept is None or kept.file is None:
            raise ReviewUnknownError("There is no such file here.", got=artefact[:40])
        audit.record(
            session,
            actor=f"person:{manager.id}",
            action="artefact.viewed",
            subject=f"artefact:{artefact}",
            detail={"case": id},
            now=now,
        )
    return piece, programme.files.get(kept.file)


def _submission(session: Any, case: Case) -> Submission:
    found = rows.any_submission(session, case.submission)
    if found is None:
        raise ReviewUnknownError("There is no such work.", got=case.submission)
    return found


def _one(submission: Submission, artefact: str) -> tuple[Any, ...]:
    return tuple(each for each in submission.artefacts if each.id == artefact)


def _person(session: Any, id: str) -> Person | None:
    try:
        return people.get(session, id)
    except NoSuchPersonError:
        return None
