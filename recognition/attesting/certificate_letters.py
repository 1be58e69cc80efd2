# SPDX-License-Identifier: Apache-2.0
"""The letters about PD certificates: that there is one, with paper and credential, and that it was withdrawn.

A letter is written once the certificate is signed, at once or by the job "pd-certificate-letters"; its key
names the certificate, so that nobody is told twice. A house without typesetting sends the credential alone.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from credentials.errors import HallmarkError
from recognition.office import Office
from recognition.stating import pd_paper
from recognition.stating.statement_view import statement_view
from recognition.store import certificates as rows
from recognition.store.statements import Statement
from service import log, mail
from service.accounts import organisations
from service.errors import NoSuchOrganisationError
from service.mail import Attachment, Letter

JOB: Final = "pd-certificate-letters"
EVERY: Final = timedelta(minutes=5)
LATE: Final = timedelta(days=7)  # a certificate that was signed earlier has had its letter
ISSUED: Final = "pd-certificate"
WITHDRAWN: Final = "pd-certificate-withdrawn"
PDF_BYTES: Final = 5_242_880  # bytes; what is larger is had from the page


def send(office: Office, *, now: datetime) -> int:
    """Write the letters that are due; return how many were written."""
    with office.db.reading() as session:
        due = [
            each
            for each in rows.signed_since(session, now - LATE)
            if has_address(each) and mail.find(session, _key(each)) is None
        ]
    written = 0
    for each in due:
        letter = _issued(office, each, now=now)
        with office.db.transaction() as session:
            written += int(mail.post(session, letter, key=_key(each), now=now))
    if written:
        office.ring("mail")
    return written


def withdrawn(office: Office, statement: Statement, title: str, *, why: str, now: datetime) -> None:
    """Tell the educator that the certificate was withdrawn, and why."""
    if not has_address(statement):
        return
    with office.db.transaction() as session:
        name = _organisation(session, statement.organisation)
        letter = Letter(
            kind=WITHDRAWN,
            to=statement.person_key,
            subject=f"About your PD certificate from {name}",
            template="recognition/mail/pd_certificate_withdrawn",
            values={"organisation": name, "title": title, "why": why, "path": path(statement)},
            person=statement.person,
            thread=f"pd-certificate:{statement.id}",
        )
        mail.post(session, letter, key=f"{WITHDRAWN}:{statement.id}", now=now)
    office.ring("mail")


def has_address(statement: Statement) -> bool:
    """Tell whether the educator can be written to; after an erasure nobody can."""
    return "@" in statement.person_key


def path(statement: Statement) -> str:
    """Return the path of the certificate's page."""
    return f"/pd-certificates/{statement.id}"


def _issued(office: Office, statement: Statement, *, now: datetime) -> Letter:
    view = statement_view(office, statement, now=now, is_private=True)
    with office.db.reading() as session:
        name = _organisation(session, statement.organisation)
    files = [Attachment("credential.json", "application/ld+json", statement.signed or b"")]
    paper = _paper(view, now=now)
    if paper is not None:
        files.append(paper)
    return Letter(
        kind=ISSUED,
        to=statement.person_key,
        name=view.participant,
        subject=f"Your {view.hours}-hour PD certificate",
        template="recognition/mail/pd_certificate",
        values={
            "organisation": name,
            "hours": view.amount,
            "title": view.award_title or view.title,
            "participant": view.participant,
            "has_paper": paper is not None,
            "award": view.award,
            "path": path(statement),
            "is_example": "(example rule)" in view.title,
        },
        attachments=tuple(files),
        person=statement.person,
        thread=f"pd-certificate:{statement.id}",
    )


def _paper(view: Any, *, now: datetime) -> Attachment | None:
    """Return the certificate on paper; None: it cannot be set here, and is had from its page later."""
    try:
        body = pd_paper.pdf(view, now=now)
    except HallmarkError as error:
        log.event("pd-certificate-paper", level=logging.WARNING, error=error, code=error.code)
        return None
    return Attachment("pd-certificate.pdf", pd_paper.MEDIA_TYPE, body) if len(body) <= PDF_BYTES else None


def _organisation(session: Any, slug: str) -> str:
    try:
        return organisations.get(session, slug).name
    except NoSuchOrganisationError:
        return slug


def _key(statement: Statement) -> str:
    return f"{ISSUED}:{statement.id}"
