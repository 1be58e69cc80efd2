# SPDX-License-Identifier: Apache-2.0
"""Making and withdrawing links for evaluators, and finding the award behind the secret of one.

Whoever brings a secret that is good for nothing gets one and the same answer, whatever the reason: it never
was one, has ended, was withdrawn, or the award does not stand at the moment.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from earning.errors import EvaluatorLinkError, SharingStateError
from earning.programme import Programme
from earning.sharing import evaluator_link as rules
from earning.sharing.evaluator_link import EvaluatorLink, Fields, LinkState, Use
from earning.sharing.evidence import award_state
from earning.store import sharing as store
from earning.store import work as rows
from earning.work.applications import Application
from earning.work.disclosure import STANDING
from earning.work.work import unknown
from service import audit, zones
from service.accounts.people import Person


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link with its uses, the latest first, as its educator sees it."""

    link: EvaluatorLink
    state: LinkState
    uses: tuple[Use, ...]


def make(
    programme: Programme, application: str, fields: Fields, *, person: Person, id: str, now: datetime
) -> str:
    """Make a link and return its secret, which exists nowhere else afterwards.

    Args:
        programme: The opened room.
        application: The one that was awarded.
        fields: What its educator says about it.
        person: The educator, in whose zone its last day ends.
        id: A random id that the form came with, so that a form sent twice makes one link.
        now: When.

    Raises:
        WorkUnknownError: It is no application of this educator.
        SharingStateError: The award does not stand, there are many links, or this one was made already.
    """
    token = secrets.token_urlsafe(rules.SECRET_BYTES)
    link = EvaluatorLink(
        id=id,
        application=application,
        label=fields.label,
        shows_name=fields.shows_name,
        shows_answers=fields.shows_answers,
        made_at=now,
        ends_at=zones.last_second(fields.ends_on, person.zone),
    )
    with programme.db.transaction() as session:
        found = rows.find(session, application, person=person.id)
        if found is None:
            raise unknown()
        if award_state(programme, found) not in STANDING:
            raise SharingStateError(
                "The award does not stand at present, so a link would show nothing. Make one when it does."
            )
        _require_room(store.of_application(session, application), now=now)
        if not store.add(session, link, rules.digest(token) or ""):
            raise SharingStateError(
                "This link was made already. Its address was shown once and is kept nowhere; if you have "
                "lost it, withdraw the link and make another."
            )
        _record(session, "evaluator-link.made", link, person=person.id, now=now)
    return token


def withdraw(programme: Programme, application: str, link: str, *, person: str, now: datetime) -> None:
    """Make a link good for nothing, at once and for ever; twice changes nothing.

    Raises:
        WorkUnknownError: There is no such link of this educator.
    """
    with programme.db.transaction() as session:
        found = rows.find(session, application, person=person)
        links = () if found is None else store.of_application(session, application)
        one = next((each for each in links if each.id == link), None)
        if one is None:
            raise unknown()
        if store.withdraw(session, link, application, now=now):
            _record(session, "evaluator-link.withdrawn", one, person=person, now=now)


def of_award(programme: Programme, application: Application, *, now: datetime) -> tuple[LinkView, ...]:
    """Return the links of an award with their uses: the good ones first, then the newest."""
    with programme.db.reading() as session:
        links = store.of_application(session, application.id)
        used: Mapping[str, tuple[Use, ...]] = store.uses(session, [each.id for each in links])
    views = [LinkView(each, each.state(now), used[each.id]) for each in links]
    return tuple(sorted(views, key=lambda each: each.state is not LinkState.GOOD))


def opened(programme: Programme, token: str, *, now: datetime) -> tuple[EvaluatorLink, Application]:
    """Return the link and the award that a secret is good for; no use is written down by this.

    Raises:
        EvaluatorLinkError: It is good for nothing; it is not told why.
    """
    digest = rules.digest(token)
    with programme.db.reading() as session:
        link = None if digest is None else store.by_digest(session, digest)
        application = None if link is None else rows.any_application(session, link.application)
        if link is None or application is None or link.state(now) is not LinkState.GOOD:
            raise nothing()
        if award_state(programme, application) not in STANDING:
            raise nothing()
    return link, application


def note_use(programme: Programme, link: EvaluatorLink, piece: str | None, *, now: datetime) -> None:
    """Write down that a link was used, before anything is shown; what cannot be noted is not shown."""
    with programme.db.transaction() as session:
        store.note_use(session, link.id, piece, since=now - rules.SAME_USE, now=now)


def tidy(programme: Programme, now: datetime) -> int:
    """Delete links that were over a year ago, with their uses; return how many."""
    with programme.db.transaction() as session:
        return store.tidy(session, before=now - rules.KEPT)


def fresh_id(text: str = "") -> str:
    """Return ``text`` if it is an id as we make them, else a new one."""
    try:
        return str(uuid.UUID(text)) if text else str(uuid.uuid4())
    except ValueError:
        return str(uuid.uuid4())


def nothing() -> EvaluatorLinkError:
    """Return the one answer for all that a secret is not good for."""
    return EvaluatorLinkError(
        "This link shows nothing, or nothing any more: such links end, can be withdrawn, and show nothing "
        "while an award is under review. Ask whoever gave it to you for a new one."
    )


def _require_room(links: tuple[EvaluatorLink, ...], *, now: datetime) -> None:
    good = sum(each.state(now) is LinkState.GOOD for each in links)
    if good >= rules.LIVING_MAX or len(links) >= rules.EVER_MAX:
        raise SharingStateError(
            f"Up to {rules.LIVING_MAX} links of one award are good at the same time, and up to "
            f"{rules.EVER_MAX} in a year. Withdraw one that is not needed any more."
        )


def _record(session: Any, action: str, link: EvaluatorLink, *, person: str, now: datetime) -> None:
    audit.record(
        session,
        actor=f"person:{person}",
        action=action,
        subject=f"application:{link.application}",
        detail={"link": link.id},
        now=now,
    )
