# SPDX-License-Identifier: Apache-2.0
"""Builders for the tests of the review: authors, reviewers, work that waits, readings of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from earning.programme import Programme
from earning.review import conclude, review, reviewers
from earning.review.readings import Draft, Review
from earning.review.rubric import Rating
from earning.store import artefacts as artefact_rows
from earning.store import work as rows
from earning.work.applications import Act, Application, State
from earning.work.submissions import PRIVATE, Artefact, Statements, Submission, SubmissionState, content
from earning.work.submissions import Draft as Written
from issuer import achievements
from service.accounts.people import Person, Role
from tests.earning.house import NOW, somebody

PROGRAMME = "example-education"
VERSION = "SEL1-v1"
ANSWERS = {
    "part-1/context": "I teach in a middle school and lead a team.",
    "part-1/expectation": "I expect to find when I rush.",
    "part-2/journal": "Monday: rushed, a knot in the stomach.",
    "part-2/plan": "I will wait three breaths before I answer.",
    "part-3/change": "Before I answered at once; now I wait.",
}


def author(programme: Programme, name: str = "Alex Educator", **fields: Any) -> Person:
    """An educator of a school and local of their own."""
    return somebody(programme, name, **{"school": f"School of {name}", "local": f"Local of {name}", **fields})


def reviewer(
    programme: Programme, name: str, *stacks: str, organisation: str = PROGRAMME, **fields: Any
) -> Person:
    """Somebody of the pool; skilled in SEL if nothing is said."""
    person = somebody(
        programme,
        name,
        (Role.REVIEWER, organisation),
        **{"school": f"School of {name}", "local": f"Local of {name}", **fields},
    )
    reviewers.enrol(programme, person.id, organisation, stacks or ("SEL",), actor="test", now=NOW)
    return person


def manager(programme: Programme, name: str = "Mo Manager", organisation: str = PROGRAMME) -> Person:
    """Somebody who manages a programme."""
    return somebody(programme, name, (Role.MANAGER, organisation))


def applied(
    programme: Programme,
    person: Person,
    *,
    version: str = VERSION,
    now: datetime = NOW,
    shows_name: bool = True,
    portal: str | None = None,
) -> Application:
    """An application, made a month ago."""
    application = Application(
        id=str(uuid.uuid4()),
        person=person.id,
        version=version,
        portal=portal,
        season=None,
        state=State.DRAFT,
        revision=0,
        zone="America/New_York",
        applied_at=now - timedelta(days=30),
        due_at=now + timedelta(days=150),
        revise_by=None,
        submitted_at=None,
        ended_at=None,
        shows_name=shows_name,
        wants_reminders=True,
        award=None,
    )
    with programme.db.transaction() as session:
        assert rows.add(session, application)
    return application


def artefact(
    programme: Programme,
    application: Application,
    place: str = "part-2/journal",
    *,
    data: bytes = b"Monday: rushed.",
    media_type: str = "text/plain",
    name: str = "journal.txt",
    disclosure: str = PRIVATE,
) -> Artefact:
    """A cleaned file in the draft."""
    stored = programme.files.put(data, media_type=media_type)
    piece = Artefact(
        id=str(uuid.uuid4()),
        place=place,
        kind="file",
        name=name,
        description="My journal",
        file=stored.id,
        media_type=media_type,
        size=len(data),
        salt=uuid.uuid4().hex,
        disclosure=disclosure,
    )
    with programme.db.transaction() as session:
        artefact_rows.add_artefact(session, application.id, piece, now=NOW)
    return piece


def send(
    programme: Programme,
    application: Application,
    *,
    answers: Mapping[str, str] = ANSWERS,
    artefacts: tuple[Artefact, ...] = (),
    now: datetime = NOW,
    id: str | None = None,
) -> Submission:
    """Send work in, as the educator does."""
    with programme.db.transaction() as session:
        found = rows.any_application(session, application.id)
        assert found is not None
        number = len(rows.submissions(session, found.id)) + 1
        sent = Submission(
            id=id or str(uuid.uuid4()),
            application=found.id,
            number=number,
            attempt=number,
            state=SubmissionState.WAITING,
            version=found.version,
            answers={},
            replies={},
            artefacts=(),
            statements=Statements(students=True, own_work=True, ai="none"),
            submitted_at=now,
            expected_by=now + timedelta(days=14),
            decided_at=None,
        )
        rows.add_submission(session, sent, content(found.version, Written(answers, artefacts)))
        conclude.move(session, found, Act.SUBMIT, submitted_at=found.submitted_at or now)
        again = rows.any_submission(session, sent.id)
        assert again is not None
        return again


def waiting(
    programme: Programme, person: Person | None = None, *, now: datetime = NOW, **options: Any
) -> Submission:
    """Work that waits for a reading, by somebody."""
    person = person or author(programme, f"Author {uuid.uuid4().hex[:8]}")
    return send(programme, applied(programme, person, now=now, **options), now=now)


def state(programme: Programme, application: str) -> State:
    """Where an application is."""
    return found(programme, application).state


def found(programme: Programme, id: str) -> Application:
    """An application as it stands."""
    with programme.db.reading() as session:
        application = rows.any_application(session, id)
    assert application is not None
    return application


def draft(
    programme: Programme, of: Review, *, unmet: tuple[str, ...] = (), words: str = "Thank you.", **more: Any
) -> Draft:
    """A whole reading of all that is open: everything met but ``unmet``."""
    with programme.db.reading() as session:
        open_criteria = conclude.load(programme, session, of.submission).rubric.open
    ratings = {}
    for each in open_criteria:
        if each.id in unmet:
            ratings[each.id] = Rating(level=each.levels[0][0], comment=f"Say more about {each.id}.")
        else:
            ratings[each.id] = Rating(level=each.required or each.levels[-1][0])
    return Draft(ratings=ratings, words=words, **more)


def read(
    programme: Programme,
    person: Person,
    *,
    unmet: tuple[str, ...] = (),
    now: datetime = NOW,
    **more: Any,
) -> review.Finished:
    """Take the next work, rate and finish it."""
    leased = review.lease(programme, person, now=now)
    review.rate(programme, person, leased.id, draft(programme, leased, unmet=unmet, **more), now=now)
    return review.finish(programme, person, leased.id, now=now)


def criteria(programme: Programme, version: str = VERSION) -> tuple[str, ...]:
    """Ids of all criteria of a version."""
    return tuple(each.id for each in achievements.get(programme.mint, version).micro_credential.criteria)


def unsampled() -> str:
    """An id of a submission that is not read twice by the sample."""
    from earning.review.decision import is_sampled

    while is_sampled(made := str(uuid.uuid4()), 10):
        pass
    return made
