# SPDX-License-Identifier: Apache-2.0
"""What earners are told when many credentials are taken back: the job ``takeback-letters``.

One mail to each earner, whatever the number of credentials: when they are put under review, when they are
withdrawn, and when a review that was told of has ended. The first one waits for PATIENCE, so that a mistake
that is undone within minutes frightens nobody. Who was told what stands beside each line, in the commit that
writes the mail: a job that runs again tells nobody twice.

Mails go to the address that the earner has confirmed since, if the award's own was theirs. Who was forgotten
gets none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from issuer import achievements, profiles
from issuer.mint import Mint
from issuer.profile import IssuerProfile
from issuer.retention import NOBODY
from issuer.revocation import SENTENCES
from issuer.store import takeback_finds as finds
from issuer.store import takebacks as rows
from issuer.store.takeback_finds import Held, Wanted
from issuer.takeback.takeback import UNDO, LineState, Takeback, TakebackState
from service import clock, log, mail
from service.accounts import people
from service.errors import MailAddressError, MailContentError
from service.mail import Letter

JOB: Final = "takeback-letters"
PATIENCE: Final = timedelta(minutes=15)  # a wrong list is noticed when its result is seen
LINES: Final = 100  # lines whose earners are written to in one commit
SHOWN: Final = 20  # micro-credentials that a mail names; the others stand on the earner's own page
SHIFT: Final = 20.0  # seconds after which other jobs get their turn
LATE: Final = timedelta(days=7)  # after the end nobody is written to any more about what happened then

REVIEW, WITHDRAWN, LIFTED, UNREACHABLE = "review", "withdrawn", "lifted", "unreachable"
_TELLS: Final = {LineState.SUSPENDED: REVIEW, LineState.REVOKED: WITHDRAWN, LineState.UNDONE: LIFTED}


def send(mint: Mint, *, now: datetime) -> int:
    """Write down the mails that are due; return how many."""
    with mint.db.reading() as session:
        found = rows.telling(session, ended_after=now - LATE)
    until = clock.monotonic() + SHIFT
    written = sum(_send(mint, each, until=until, now=now) for each in found)
    if written:
        mint.ring("mail")
    if clock.monotonic() >= until:
        mint.ring(JOB)
    return written


def wanted(takeback: Takeback, now: datetime) -> Wanted:
    """Return of which lines there is something to tell: their state, and what was told last."""
    told: list[tuple[LineState, Collection[str]]] = [(LineState.UNDONE, (REVIEW,))]
    if takeback.state in (TakebackState.REVOKING, TakebackState.DONE):
        told.append((LineState.REVOKED, ("", REVIEW)))
    began = None if takeback.ends_at is None else takeback.ends_at - UNDO
    if takeback.state is TakebackState.SUSPENDED and began is not None and now >= began + PATIENCE:
        told.append((LineState.SUSPENDED, ("",)))
    return tuple(told)


def _send(mint: Mint, takeback: Takeback, *, until: float, now: datetime) -> int:
    desk, written, asked = _Desk.open(mint, takeback), 0, wanted(takeback, now)
    while clock.monotonic() < until:
        with mint.db.transaction() as session:
            current = rows.get(session, takeback.id)
            if current is None or current.state is not takeback.state:
                return written  # it went on meanwhile; the next run sees it as it is then
            found = finds.to_tell(session, takeback.id, asked, nobody=NOBODY, limit=LINES)
            for held in found.values():
                for state, _ in asked:
                    same = [each for each in held if each.state is state]
                    written += desk.tell(session, same, now=now) if same else 0
        if not found:
            break
    return written


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the letters of one takeback are written: what all of them say is looked up once."""

    takeback: Takeback
    issuer: IssuerProfile
    title: Callable[[str], str]

    @classmethod
    def open(cls, mint: Mint, takeback: Takeback) -> _Desk:
        """Look up who writes, and let titles be looked up once each."""

        @cache
        def title(achievement: str) -> str:
            return achievements.find(mint, achievement).micro_credential.title

        return cls(takeback, profiles.get(mint, takeback.organisation).profile, title)

    def tell(self, session: Any, held: Sequence[Held], *, now: datetime) -> int:
        """Write one mail about all of these, and beside each that it was told."""
        kind = _TELLS[held[0].state]
        key = f"takeback-{kind}:{self.takeback.id}:{held[0].number}"
        try:
            written = int(mail.post(session, self._letter(session, held, kind), key=key, now=now))
        except (MailAddressError, MailContentError) as error:
            log.event("takeback.not-told", level=logging.WARNING, error=error, id=self.takeback.id)
            kind, written = UNREACHABLE, 0
        finds.told(session, self.takeback.id, [each.number for each in held], kind)
        return written

    def _letter(self, session: Any, held: Sequence[Held], kind: str) -> Letter:
        takeback, issuer = self.takeback, self.issuer
        person = people.find_by_any_email(session, held[0].email)
        titles = [self.title(each.achievement) for each in held]
        one = f"About your micro-credential {titles[0]}"
        return Letter(
            kind=f"takeback-{kind}",
            to=person.email if person is not None else held[0].email,
            name=person.name if person is not None else "",
            person=person.id if person is not None else None,
            subject=one if len(held) == 1 else f"About {len(held)} of your micro-credentials",
            template=f"issuer/mail/takeback-{kind}",
            values={
                "issuer": issuer.name,
                "awards": [
                    (title, each.credential_id) for title, each in zip(titles, held[:SHOWN], strict=False)
                ],
                "more": max(0, len(held) - SHOWN),
                "number": len(held),
                "reason": takeback.public_reason or SENTENCES.get(takeback.reason, ""),
                "ends_at": takeback.ends_at,
                "contact": issuer.email or issuer.url or issuer.path(),
            },
            thread=f"takeback:{takeback.id}:{held[0].number}",
        )
