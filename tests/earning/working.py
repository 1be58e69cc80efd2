# SPDX-License-Identifier: Apache-2.0
"""Builders for the tests of applying and working: somebody who has applied, has written, has sent in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from earning.programme import Programme
from earning.store import portals
from earning.store import work as rows
from earning.work import applying, drafting, sending
from earning.work.applications import Application
from earning.work.drafting import Written
from earning.work.evidence import About, add_file
from earning.work.seasons import Season
from earning.work.submissions import Artefact, Statements, Submission
from earning.work.work import Workplace, workplace
from service import audit
from service.accounts.people import Person
from tests.earning.house import NOW, somebody

CODE = "SEL1"
ZONE = "America/New_York"
ANSWERS = {
    "part-1/context": "I teach in a middle school and lead a team.",
    "part-1/expectation": "I expect to find when I rush.",
    "part-2/journal": "Monday: rushed, a knot in the stomach.",
    "part-2/plan": "I will wait three breaths before I answer.",
    "part-3/change": "Before I answered at once; now I wait.",
}
STATED = Statements(students=True, own_work=True, judged=True, ai="none")
TEXT = b"What I noticed in six weeks, in my own words.\n"


def apply(programme: Programme, person: Person, *codes: str, **changes: Any) -> Application:
    """Apply for SEL1 or ``codes``; the last application is returned."""
    values: dict[str, Any] = {"season": None, "zone": ZONE, "now": NOW, **changes}
    return applying.apply(programme, person, codes or (CODE,), **values)[-1]


def write(
    programme: Programme,
    application: Application,
    answers: Mapping[str, str] = ANSWERS,
    *,
    now: datetime = NOW,
) -> Workplace:
    """Write ``answers`` over whatever is there."""
    work = workplace(programme, application.id, person=application.person)
    written = {
        place: Written(text, work.answers[place].revision if place in work.answers else 0)
        for place, text in answers.items()
    }
    saved = drafting.save(programme, application.id, person=application.person, written=written, now=now)
    assert saved.is_whole
    return workplace(programme, application.id, person=application.person)


def upload(
    programme: Programme,
    application: Application,
    *,
    data: bytes = TEXT,
    name: str = "Notes of Alex.txt",
    place: str = "part-2/journal",
    about: About | None = None,
    instead_of: str | None = None,
) -> Artefact:
    """Add a file."""
    return add_file(
        programme,
        application.id,
        place,
        person=application.person,
        data=data,
        claimed_name=name,
        about=about or About(),
        now=NOW,
        instead_of=instead_of,
    )


def send(
    programme: Programme, application: Application, person: Person, *, now: datetime = NOW, **changes: Any
) -> Submission:
    """Send the work in as it is."""
    current = fresh(programme, application)
    values: dict[str, Any] = {"revision": current.revision, "shows_name": False, **changes}
    return sending.submit(programme, application.id, STATED, person=person, now=now, **values)


def sent_in(programme: Programme, name: str = "Alex Educator") -> tuple[Person, Application, Submission]:
    """Somebody whose complete work is with the reviewers."""
    person = somebody(programme, name)
    application = apply(programme, person)
    write(programme, application)
    return person, application, send(programme, application, person)


def fresh(programme: Programme, application: Application) -> Application:
    """The application as it is now."""
    with programme.db.reading() as session:
        found = rows.any_application(session, application.id)
    assert found is not None
    return found


def put(programme: Programme, application: Application, **values: Any) -> Application:
    """Set columns of an application, as time or other people would."""
    with programme.db.transaction() as session:
        assert rows.change(session, fresh(programme, application), **values)
    return fresh(programme, application)


def season(programme: Programme, *, portal: str = "wa", last: date, revision: date | None = None) -> Season:
    """A season of a portal."""
    made = Season(
        id=f"{portal}/{last.isoformat()}",
        portal=portal,
        name=f"of {last.year}",
        opens_on=last - timedelta(days=200),
        last_submission=last,
        last_revision=revision or last + timedelta(days=28),
    )
    with programme.db.transaction() as session:
        portals.put_season(session, made)
    return made


def said(programme: Programme, application: Application) -> list[str]:
    """What the audit log says of an application."""
    with programme.db.reading() as session:
        return [line.action for line in audit.lines(session, subject=f"application:{application.id}")]
