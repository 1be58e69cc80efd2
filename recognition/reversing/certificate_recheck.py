# SPDX-License-Identifier: Apache-2.0
"""Whether the awards behind PD certificates still stand, where an affiliate issued one without a decision.

The same as ``recheck`` does for the lines of ledgers: looked up daily and when an issuer of this house rings,
flagged and told, and nothing is withdrawn by itself. An officer withdraws it with a reason, or leaves it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from recognition.judging.award import award_key
from recognition.office import Office
from recognition.reversing import reversal_letters
from recognition.reversing.fall import Flag, lifted, look_up, verdict_of
from recognition.store import fallen_certificates as rows
from recognition.store.fallen_certificates import Certificate
from service import audit, clock

MOST: Final = 200  # certificates in one run
ACTOR: Final = "recheck"


def recheck(office: Office, *, before: datetime, until: float, now: datetime) -> tuple[int, bool]:
    """Look up the awards that are due; return how many, and whether more are.

    Args:
        office: The opened room.
        before: What was looked up since then is not due.
        until: On the monotonic clock, when no further one is begun.
        now: When.
    """
    number = 0
    with office.db.reading() as session:
        due = rows.due(session, before=before, most=MOST)
    keys = {each.award_key: each for each in reversed(due)}
    for each in keys.values():
        if clock.monotonic() > until:
            break
        _look(office, each, now=now)
        number += 1
    return number, len(due) == MOST or number < len(keys)


def fallen(office: Office, organisation: str) -> tuple[Certificate, ...]:
    """Return the certificates of an organisation whose award has fallen."""
    with office.db.reading() as session:
        return rows.fallen(session, organisation)


def _look(office: Office, found: Certificate, *, now: datetime) -> None:
    report = look_up(office, found.credential_id, None, now=now)
    said = report.summary if report is not None else None
    is_it = (
        report is not None
        and said is not None
        and said.id is not None
        and award_key(report.issuer.id, said.id) == found.award_key
    )
    answer = verdict_of(report) if report is not None and is_it else None
    told = 0
    with office.db.transaction() as session:
        for each in rows.of_award(session, found.award_key) if answer is not None else ():
            told += _settle(session, each, answer.flag if answer is not None else None, now=now)
        rows.looked(session, found.award_key, now=now)
    if told:
        office.ring("mail")


def _settle(session: Any, certificate: Certificate, flag: Flag | None, *, now: datetime) -> int:
    """Bring one certificate in accord with what was found; return how many letters were written."""
    if flag is None:
        if lifted(certificate.flag):
            rows.set_flag(session, certificate.id, "", at=None)
            _record(session, certificate, "pd-certificate.flag-lifted", certificate.flag, now=now)
        return 0
    if certificate.flag in (flag, Flag.REVOKED):
        return 0
    rows.set_flag(session, certificate.id, flag, at=now)
    _record(session, certificate, "pd-certificate.award-fell", flag, now=now)
    return reversal_letters.tell_officers(session, certificate, flag, now=now)


def _record(session: Any, certificate: Certificate, action: str, flag: str, *, now: datetime) -> None:
    audit.record(session, actor=ACTOR, action=action, subject=certificate.id, detail={"flag": flag}, now=now)
