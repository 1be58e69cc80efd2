# SPDX-License-Identifier: Apache-2.0
"""What stands published of recognitions: their documents by name, and words beside an award on its page.

On a badge's page only what its educator agreed to, examined at this moment by the desk; what was withdrawn is
not shown there. At its own address every recognition stays for good, with its state.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recognition.adopting import shelf
from recognition.errors import NoSuchRecognitionError
from recognition.judging.award import JSON_TYPE
from recognition.office import Office
from recognition.stating.decision_document import MEDIA_TYPE
from recognition.store import statements as rows
from recognition.store.statements import Statement
from service.db import Database
from verifier.report import Report
from verifier.verdict import Verdict

SHOWN: Final = 8  # recognitions on one page; each is examined when the page is asked for

_PATH: Final = re.compile(
    r"/(recognitions|pd-certificates|decisions)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recognizer's word about an award, as it stands on the award's page.

    Attributes:
        who: Name of the recognizer; None unless its signature holds.
        text: In its words, the same.
        outcome: ``pass``, ``fail`` or ``indeterminate``.
        sentence: The verifier's sentence about it.
        on: When it was decided.
        path: Its page here.
    """

    who: str | None
    text: str | None
    outcome: str
    sentence: str
    on: datetime | None
    path: str


def find(office: Office, id: str, *, kinds: Sequence[str]) -> Statement:
    """Return the statement with this id that was ever signed, whatever became of it.

    Raises:
        NoSuchRecognitionError: There is none of these kinds.
    """
    with office.db.reading() as session:
        found = rows.get(session, id)
    if found is None or found.kind not in kinds or found.signed is None:
        raise NoSuchRecognitionError(
            "There is nothing here. If someone gave you this link as proof, ask them for it again; our links "
            "never expire."
        )
    return found


def examine(office: Office, found: Statement, *, now: datetime) -> Report:
    """Examine the public bytes as any stranger would."""
    return office.bureau.desk.examine(found.signed or b"", now=now)


def spoken(office: Office, credential_id: str, *, now: datetime) -> tuple[Spoken, ...]:
    """Return the public words of recognizers about an award, each examined just now, newest first."""
    ids = {credential_id, *office.same(credential_id)}
    with office.db.reading() as session:
        found = rows.public_of(session, ids)
    told = (_one(office, each, now=now) for each in reversed(found[-SHOWN:]))
    return tuple(each for each in told if each is not None)


def _one(office: Office, found: Statement, *, now: datetime) -> Spoken | None:
    report = examine(office, found, now=now)
    if report.verdict in (Verdict.REVOKED, Verdict.SUSPENDED):
        return None
    said = report.summary
    holds = report.verdict is Verdict.VALID and said is not None
    unclear = report.verdict is Verdict.UNDETERMINED
    return Spoken(
        who=said.issuer_name if holds and said is not None else None,
        text=said.narrative if holds and said is not None else None,
        outcome="pass" if holds else "indeterminate" if unclear else "fail",
        sentence=report.sentence,
        on=(said.awarded_on or said.valid_from) if holds and said is not None else None,
        path=f"/recognitions/{found.id}",
    )


def own_document(db: Database, public_url: str, name: str) -> tuple[str, bytes] | None:
    """Return what machines get at one of our addresses, without the network; None for another name."""
    if not name.startswith(f"{public_url}/"):
        return None
    match = _PATH.fullmatch(name.removeprefix(public_url).removesuffix(".json"))
    if match is None:
        return None
    with db.reading() as session:
        if match[1] == "decisions":
            document = rows.document(session, match[2])
            return None if document is None else (MEDIA_TYPE, document)
        found = rows.get(session, match[2])
    is_certificate = match[1] == "pd-certificates"
    if found is None or found.signed is None or (found.kind == rows.CERTIFICATE) is not is_certificate:
        return None
    return JSON_TYPE, found.signed


def rules(office: Office, organisation: str) -> tuple[tuple[str, str], ...]:
    """Return titles and paths of the rules by which an organisation decides."""
    return tuple(
        (each.policy.title, f"/policies/{each.policy.id}") for each in shelf.adopted(office, organisation)
    )
