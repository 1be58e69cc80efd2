# SPDX-License-Identifier: Apache-2.0
"""The letters about recognitions whose source fell: to those who must decide, and to the educator afterwards.

A letter names the micro-credential and never a person; its subject says neither who nor why. Many falls in
one day (a key that was compromised) are told a few times; all of them stand on the page of reversals.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from recognition.store.fallen_certificates import Certificate
from recognition.store.reversals import Line
from service import mail
from service.accounts import organisations, people
from service.accounts.people import Role
from service.errors import NoSuchOrganisationError, NoSuchPersonError
from service.mail import Letter

A_DAY: Final = 5  # letters about falls to one address within a day
FALLEN: Final = "recognition-fallen"
LIFTED: Final = "recognition-lifted"
REVERSED: Final = "recognition-reversed"
CERTIFICATE_FALLEN: Final = "certificate-fallen"


def tell(session: Any, line: Line, flag: str, *, now: datetime) -> int:
    """Tell the recognizers that a line needs them; return how many letters were written."""
    return _to_recognizers(
        session, FALLEN, line, "A recognition needs your decision", {"flag": flag}, now=now
    )


def tell_lifted(session: Any, line: Line, *, now: datetime) -> int:
    """Tell them that a line that waited for them stands again."""
    return _to_recognizers(session, LIFTED, line, "A recognition stands again", {"flag": line.flag}, now=now)


def tell_reversed(session: Any, lines: tuple[Line, ...], *, reason: str, now: datetime) -> int:
    """Tell the educator that a recognition was taken back, why, and how to answer."""
    first = lines[0]
    if "@" not in first.person_key:  # Somebody without an account whose address nobody typed.
        return 0
    name = ""
    if first.person is not None:
        try:
            name = people.get(session, first.person).name
        except NoSuchPersonError:
            return 0
    letter = Letter(
        kind=REVERSED,
        to=first.person_key,
        name=name,
        person=first.person,
        subject=f"A recognition by {organisation_name(session, first.organisation)} was taken back",
        template=f"recognition/mail/{REVERSED}",
        values={
            "organisation": organisation_name(session, first.organisation),
            "titles": list(dict.fromkeys(each.title for each in lines)),
            "units": first.units,
            "unit": first.unit,
            "reason": reason,
            "at": now,
            "path": f"/claims/{first.claim}" if first.person is not None and first.claim else "",
        },
        thread=f"decision:{first.decision}",
    )
    return int(mail.post(session, letter, key=f"{REVERSED}:{first.id}:{int(now.timestamp())}", now=now))


def tell_officers(session: Any, certificate: Certificate, flag: str, *, now: datetime) -> int:
    """Tell the officers of an affiliate that the award behind a PD certificate has fallen."""
    values = {
        "organisation": organisation_name(session, certificate.organisation),
        "flag": flag,
        "made_at": certificate.made_at,
        "at": now,
        "path": f"/affiliate/{certificate.organisation}/certificates/{certificate.id}",
    }
    written = 0
    for reader in people.every_with(session, Role.AFFILIATE, certificate.organisation):
        since = now - timedelta(days=1)
        if mail.posted_since(session, reader.email, since=since, kinds=(CERTIFICATE_FALLEN,)) >= A_DAY:
            continue
        letter = Letter(
            kind=CERTIFICATE_FALLEN,
            to=reader.email,
            name=reader.name,
            person=reader.id,
            subject="A PD certificate needs your decision",
            template="recognition/mail/certificate-fallen",
            values=values,
            thread=f"pd-certificate:{certificate.id}",
        )
        key = f"{CERTIFICATE_FALLEN}:{certificate.id}:{reader.id}:{int(now.timestamp())}"
        written += mail.post(session, letter, key=key, now=now)
    return written


def organisation_name(session: Any, slug: str) -> str:
    """Return the name of an organisation; its slug, if it is not there any more."""
    try:
        return organisations.get(session, slug).name
    except NoSuchOrganisationError:
        return slug


def _to_recognizers(
    session: Any, kind: str, line: Line, subject: str, values: dict[str, Any], *, now: datetime
) -> int:
    written = 0
    for reader in people.every_with(session, Role.RECOGNIZER, line.organisation):
        since = now - timedelta(days=1)
        if mail.posted_since(session, reader.email, since=since, kinds=(FALLEN, LIFTED)) >= A_DAY:
            continue
        letter = Letter(
            kind=kind,
            to=reader.email,
            name=reader.name,
            person=reader.id,
            subject=subject,
            template=f"recognition/mail/{kind}",
            values={
                "title": line.title,
                "used_at": line.used_at,
                "at": now,
                "organisation": organisation_name(session, line.organisation),
                "path": f"/recognizer/{line.organisation}/reversals/{line.id}",
                **values,
            },
            thread=f"decision:{line.decision}",
        )
        key = f"{kind}:{line.id}:{reader.id}:{int(now.timestamp())}"
        written += mail.post(session, letter, key=key, now=now)
    return written
