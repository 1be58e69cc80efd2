# SPDX-License-Identifier: Apache-2.0
"""Who learns that something waits for a second person: a number beside the pages, and one mail.

The mail goes to every other officer of the organisation who could agree, in the commit that lets it wait, and
never to whoever proposed it. It is sent once: an officer who was told of it is not told again when somebody
else has stepped in for a program.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from issuer import actors, profiles
from issuer.bulk.bulk import Bulk
from issuer.bulk.told import page_of
from issuer.mint import Mint
from issuer.store import bulk_decisions, takebacks
from issuer.takeback.takeback import AT_ONCE, PAGES, Takeback
from service import log, mail
from service.accounts.people import Person, Role
from service.errors import MailAddressError, MailContentError
from service.mail import Letter
from service.text import count

MAIL_JOB: Final = "mail"  # is rung when such a commit is done


def numbers(mint: Mint, person: Person, *, now: datetime) -> Mapping[str, int]:
    """Return how many files of awards and takebacks wait for somebody, as the second person."""
    own = person.organisations(Role.OFFICER)
    if not own:
        return {"bulks": 0, "takebacks": 0}
    actor = f"{actors.PERSON}{person.id}"
    with mint.db.reading() as session:
        return {
            "bulks": bulk_decisions.waiting_for(session, own, actor),
            "takebacks": takebacks.waiting_for(session, own, actor, now=now),
        }


def tell_of_bulk(mint: Mint, session: Any, bulk: Bulk, organisation: str | None, *, now: datetime) -> None:
    """Write to those who could start a file of awards, in the caller's transaction."""
    if organisation is None:
        return
    values = {"label": bulk.label, "awards": bulk.rows, "page": page_of(mint, bulk)}
    subject = f"{count(bulk.rows, 'award waits', 'awards wait')} for a second person"
    told = _Told(f"bulk-waits:{bulk.id}", "bulk-waits", subject, organisation, values)
    _tell(mint, session, told, but=(bulk.made_by,), now=now)


def tell_of_takeback(mint: Mint, session: Any, takeback: Takeback, *, now: datetime) -> None:
    """Write to those who could agree to a takeback, or to its being done at once; the caller commits."""
    hastens = takeback.hasten_by is not None
    by = takeback.proposed_by if takeback.state.is_early else takeback.hasten_by
    kind = "takeback-waits" if takeback.state.is_early else "takeback-hurries"
    number = count(takeback.number, "credential")
    subject = f"Taking back {number} {AT_ONCE + ' ' if hastens else ''}waits for a second person"
    values = {
        "label": takeback.label,
        "credentials": takeback.number,
        "hastens": hastens,
        "page": f"{mint.public_url}{PAGES}/{takeback.id}",
    }
    told = _Told(f"{kind}:{takeback.id}", kind, subject, takeback.organisation, values)
    _tell(mint, session, told, but=(by,), now=now)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told: the occasion, by which it is told once, and what stands in the mail."""

    occasion: str
    kind: str
    subject: str
    organisation: str
    values: Mapping[str, Any]


def _tell(mint: Mint, session: Any, told: _Told, *, but: Iterable[str | None], now: datetime) -> None:
    first = tuple(but)
    values = {
        **told.values,
        "issuer": profiles.get(mint, told.organisation).profile.name,
        "proposer": actors.name(session, next(iter(first), None) or actors.SYSTEM),
    }
    for person in actors.officers(session, told.organisation, but=first):
        letter = Letter(
            kind=told.kind,
            to=person.email,
            name=person.name,
            person=person.id,
            subject=told.subject,
            template=f"issuer/mail/{told.kind}",
            values=values,
        )
        try:
            mail.post(session, letter, key=f"{told.occasion}:{person.id}", now=now)
        except (MailAddressError, MailContentError) as error:
            log.event("second-person.not-told", level=logging.WARNING, error=error, id=told.occasion)
