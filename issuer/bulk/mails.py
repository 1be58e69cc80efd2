# SPDX-License-Identifier: Apache-2.0
"""What earners are told when a bulk is done: the job ``bulk-mails``.

One mail to each earner of a bulk, however many of its awards are theirs, in the commit that writes beside
each row that its earner was told: a job that runs again tells nobody twice. It waits for the forms of the
awards (``forms``), so that everything is there that the page offers. What was withdrawn meanwhile is not
told of, and who was forgotten gets no mail.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from issuer import achievements, issuance, profiles
from issuer.award import AwardState
from issuer.mint import Mint
from issuer.retention import NOBODY
from issuer.store import bulk_follow as rows
from issuer.store.bulk_follow import Told
from service import audit, log, mail
from service.accounts import people
from service.errors import MailAddressError, MailContentError
from service.mail import Letter

READERS: Final = 50  # earners whose mails are written in one commit
SHOWN: Final = 20  # awards that a mail names


def write_mails(mint: Mint, *, now: datetime) -> int:
    """Write the mails of every bulk that is due; return how many."""
    with mint.db.reading() as session:
        waiting = rows.untold_bulks(session)
    written = sum(_write(mint, id, now=now) for id in waiting)
    if written:
        mint.ring("mail")
    return written


def _write(mint: Mint, id: str, *, now: datetime) -> int:
    written = 0
    while True:
        with mint.db.transaction() as session:
            waiting = rows.untold(session, id, limit=READERS)
            for _, its in groupby(waiting, key=lambda each: (each.recipient, each.issuer)):
                written += _tell(mint, session, id, tuple(its), now=now)
            rows.mark_told(session, id, [each.number for each in waiting], now=now)
            if not waiting:
                if rows.step_told(session, id, now=now):
                    audit.record(session, actor="bulk", action="bulk.told", subject=f"bulk:{id}", now=now)
                return written
        mint.reached("mails-written")


def _tell(mint: Mint, session: Any, id: str, awards: Sequence[Told], *, now: datetime) -> int:
    """Write one mail about all of these, which one issuer awarded to one earner."""
    shown = [each for each in awards if each.state is AwardState.ISSUED and each.email != NOBODY]
    if not shown:
        return 0
    try:
        letter = _letter(mint, session, shown)
        return int(mail.post(session, letter, key=f"bulk-awarded:{id}:{shown[0].number}", now=now))
    except (MailAddressError, MailContentError) as error:
        log.event("bulk.not-told", level=logging.WARNING, error=error, id=shown[0].key)
        return 0


def _letter(mint: Mint, session: Any, awards: Sequence[Told]) -> Letter:
    issuer = profiles.get(mint, awards[0].issuer).profile
    person = people.find_by_any_email(session, awards[0].email)
    titles = [achievements.get(mint, each.achievement).micro_credential.title for each in awards]
    links = [issuance.credential_url(mint, each.key) for each in awards]
    return Letter(
        kind="bulk-awarded",
        to=person.email if person is not None else awards[0].email,
        name=person.name if person is not None else "",
        person=person.id if person is not None else None,
        subject=f"You earned {titles[0]}" if len(awards) == 1 else f"You earned {len(awards)} awards",
        template="issuer/mail/bulk-awarded",
        values={
            "issuer": issuer.name,
            "awards": list(zip(titles, links, [each.awarded_at for each in awards], strict=True))[:SHOWN],
            "more": max(0, len(awards) - SHOWN),
            "number": len(awards),
            "contact": issuer.email or issuer.url or issuer.path(),
        },
    )
