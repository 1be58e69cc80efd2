# SPDX-License-Identifier: Apache-2.0
"""What earning knows of an educator: all of it handed out, or all of it erased.

Erasing deletes private evidence with its files, drops every answer, ends what is under way and empties what
was sent. The key of an award and the levels that it states stay: the award goes on being true and verifiable,
and names nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

from earning.programme import Programme
from earning.store import artefacts as artefact_rows
from earning.store import pool
from earning.store import work as rows
from earning.work.applications import NEXT, Act
from earning.work.submissions import SubmissionState
from service.accounts.people import Person


class EarningData:
    """Earning's part of what is known of a person (``service.accounts.personal``)."""

    name = "earning"

    def __init__(self, programme: Programme) -> None:
        """Answer for the data of ``programme``."""
        self._programme = programme

    def export(self, session: Any, person: Person) -> Mapping[str, Any]:
        """Return applications, answers, evidence, submissions and feedback of ``person``."""
        return {
            "places": {
                name: sorted(found) for name, found in asdict(pool.kept_places(session, person.id)).items()
            },
            "goals": rows.goals(session, person.id),
            "applications": [
                {
                    **asdict(each),
                    "answers": {
                        place: {"text": answer.text, "saved_at": answer.saved_at}
                        for place, answer in rows.answers(session, each.id).items()
                    },
                    "artefacts": [asdict(piece) for piece in artefact_rows.artefacts(session, each.id)],
                    "submissions": [_submission(sent) for sent in rows.submissions(session, each.id)],
                    "feedback": [
                        {"submission": number, "outcome": outcome, "content": content, "decided_at": at}
                        for number, outcome, content, at in rows.decisions(session, each.id)
                    ],
                    "extensions": rows.extensions(session, each.id),
                }
                for each in rows.of_person(session, person.id)
            ],
        }

    def files(self, session: Any, person: Person) -> Iterable[tuple[str, bytes]]:
        """Yield every file of evidence of ``person``, also those that were sent and then replaced."""
        for each in rows.of_person(session, person.id):
            for name, file in rows.files(session, each.id):
                if self._programme.files.exists(file):
                    yield f"{each.version} {name}", self._programme.files.get(file)

    def erase(self, session: Any, person: Person, now: datetime) -> None:
        """Take ``person`` out of everything, in the caller's transaction; files go when it is committed."""
        for each in rows.of_person(session, person.id):
            for _, file in rows.files(session, each.id):
                artefact_rows.after_commit(session, partial(self._programme.files.delete, file))
            ended = NEXT.get((each.state, Act.WITHDRAW))
            if ended is not None:
                rows.change(session, each, state=ended, ended_at=now)
                for sent in rows.submissions(session, each.id):
                    rows.set_submission(
                        session, sent.id, was=SubmissionState.WAITING, becomes=SubmissionState.WITHDRAWN
                    )
            rows.empty(session, each.id, now=now)
        rows.put_goals(session, person.id, "", now=now)
        pool.forget_places(session, person.id)


def _submission(sent: Any) -> dict[str, Any]:
    return {
        "number": sent.number,
        "attempt": sent.attempt,
        "state": str(sent.state),
        "answers": dict(sent.answers),
        "replies": dict(sent.replies),
        "artefacts": [asdict(piece) for piece in sent.artefacts],
        "statements": asdict(sent.statements),
        "submitted_at": sent.submitted_at,
        "decided_at": sent.decided_at,
    }
