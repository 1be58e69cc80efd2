# SPDX-License-Identifier: Apache-2.0
"""From *passed* to *awarded*: the job "awards" has the credential signed, and tells its earner.

The award was written down with the decision. What is left, in steps that may each be the last one before a
crash (``STEPS``):

1. *issued*: ``issuer.issuance.issue`` signs it, on its own and only once, however often it is asked;
2. *awarded*: state, name to show, audit line and mail in one transaction, with a mail key that is unique.

Run again, the job goes on where it stopped. What cannot be signed now keeps nobody else waiting, and is tried
again at the next run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from credentials.errors import HallmarkError
from earning.catalogue import gateway
from earning.catalogue.portals import Portal
from earning.errors import NoSuchPortalError
from earning.programme import Programme
from earning.review import conclude
from earning.sharing.awards import next_steps, share_path
from earning.store import leaving
from earning.store import reviews as rows
from earning.store import work as work_rows
from earning.work.applications import Act, Application, State
from issuer import achievements, cards, documents, issuance, names, profiles, publish, retention
from service import audit, log, mail, typeset
from service.accounts import people
from service.accounts.people import Person
from service.errors import NoSuchPersonError
from service.mail import Attachment, Letter

STEPS: Final = ("issued", "awarded", "rung")
CERTIFICATE_BYTES: Final = 2_097_152  # bytes of a certificate that goes with a mail; one has about 100 KB


def _nothing(_step: str) -> None:
    """Go on: nobody watches."""


def award(programme: Programme, *, now: datetime, reached: Callable[[str], None] = _nothing) -> int:
    """Award what has passed; the job "awards". Return how many there were.

    Args:
        programme: The opened room.
        now: When.
        reached: Called with the name of each step as soon as it is durable; fault tests end there.
    """
    with programme.db.reading() as session:
        waiting = rows.passed(session)
    done = 0
    for id in waiting:
        try:
            done += _award(programme, id, now=now, reached=reached)
        except HallmarkError as error:  # The others must not wait for it.
            log.event("awards", level=logging.WARNING, error=error, id=id, code=error.code)
    if done:
        programme.ring("mail")
        reached("rung")
    return done


def keys_of(session: Any, person: str) -> tuple[str, ...]:
    """Return the keys of the awards of somebody's applications."""
    return leaving.awards(session, person)


def _award(programme: Programme, id: str, *, now: datetime, reached: Callable[[str], None]) -> int:
    with programme.db.reading() as session:
        application = work_rows.any_application(session, id)
    if application is None or application.state is not State.PASSED or application.award is None:
        return 0
    signed = issuance.issue(programme.mint, application.award, now=now)
    reached("issued")
    png = publish.picture(programme.mint, signed, form="png")
    attachments = (
        Attachment("credential.json", "application/ld+json", signed.signed_json or b""),
        Attachment("badge.png", "image/png", png),
        *_certificate(programme, application, signed.key, now=now),
    )
    # Before the mail: the first look at a link that is posted is kept for weeks by those who post it.
    cards.prepare(programme.mint, signed.key, name=_shown_name(programme, application), now=now)
    with programme.db.transaction() as session:
        application = work_rows.any_application(session, id)
        if application is None or application.state is not State.PASSED or application.award is None:
            return 0  # Another worker was faster.
        conclude.move(session, application, Act.AWARD)
        earner = _earner(session, application.person)
        audit.record(
            session,
            actor="system",
            action="application.awarded",
            subject=f"application:{id}",
            detail={"award": application.award},
            now=now,
        )
        if earner is None:
            retention.erase(programme.mint, [signed.key], now=now, actor="system")
        else:
            if application.shows_name and names.fits(signed, earner.name):
                names.show(programme.mint, signed.key, earner.name, now=now, actor=f"person:{earner.id}")
            letter = _letter(programme, application, earner, attachments, now=now)
            mail.post(session, letter, key=f"awarded:{id}", now=now)
    reached("awarded")
    return 1


def _shown_name(programme: Programme, application: Application) -> str | None:
    """Return the name that is going to be shown beside the credential, if it is the one that was signed."""
    if not application.shows_name:
        return None
    with programme.db.reading() as session:
        earner = _earner(session, application.person)
    return None if earner is None else earner.name


def _certificate(
    programme: Programme, application: Application, key: str, *, now: datetime
) -> tuple[Attachment, ...]:
    """Return the certificate, or nothing where none can be made: an award never waits for paper.

    The mail is made to be forwarded, so the name stands on it only if the earner shows it.
    """
    if not typeset.is_available():
        return ()
    with programme.db.reading() as session:
        earner = _earner(session, application.person)
    name = earner.name if earner is not None and application.shows_name else None
    try:
        pdf = documents.certificate(programme.mint, key, name=name, now=now)
    except HallmarkError as error:
        log.event("awards", level=logging.WARNING, error=error, id=application.id, code=error.code)
        return ()
    if len(pdf) > CERTIFICATE_BYTES:
        return ()
    return (Attachment("certificate.pdf", documents.MEDIA_TYPE, pdf),)


def _earner(session: Any, id: str) -> Person | None:
    """Return whose award it is, or None if they erased their account meanwhile; the award stands."""
    try:
        return people.get(session, id)
    except NoSuchPersonError:
        return None


def _letter(
    programme: Programme,
    application: Application,
    earner: Person,
    attachments: tuple[Attachment, ...],
    *,
    now: datetime,
) -> Letter:
    """Return the mail, made to be forwarded: it verifies by link and attachment, and signs nobody in."""
    achievement = achievements.get(programme.mint, application.version)
    title = achievement.micro_credential.title
    portal = _portal(programme, application)
    return Letter(
        kind="awarded",
        to=earner.email,
        name=earner.name,
        person=earner.id,
        subject=f"You earned {title}",
        template="earning/mail/awarded",
        values={
            "title": title,
            "code": achievement.micro_credential.code,
            "competency": achievement.micro_credential.competency,
            "issuer": profiles.get(programme.mint, achievement.issuer).profile.name,
            "earner": earner.name,
            "shows_name": application.shows_name,
            "certificate": any(each.media_type == documents.MEDIA_TYPE for each in attachments),
            "awarded": application.ended_at or now,  # the day that is signed
            "path": f"/credentials/{application.award}",
            "share_path": share_path(application.id),
            "portal": portal,
            "steps": next_steps(programme, replace(application, state=State.AWARDED), portal, now=now),
        },
        attachments=attachments,
        thread=f"application:{application.id}",
    )


def _portal(programme: Programme, application: Application) -> Portal | None:
    """Return the portal that the educator came by, whose next step the mail tells."""
    if application.portal is None:
        return None
    try:
        return gateway.get(programme, application.portal)
    except NoSuchPortalError:
        return None
