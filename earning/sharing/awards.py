# SPDX-License-Identifier: Apache-2.0
"""What somebody has earned, with what comes next where they are; and the documents that are made of it."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from credentials.errors import HallmarkError
from earning.catalogue import gateway
from earning.catalogue.portals import Portal, Step
from earning.errors import SharingFieldError
from earning.ports import Counted, NextStep
from earning.programme import Programme
from earning.sharing.evidence import award_state, current_key
from earning.sharing.naming import fitting_name
from earning.work.applications import Application, State
from earning.work.work import application as own_application
from earning.work.work import applications, assignment, unknown
from issuer import documents, issuance
from issuer.award import AwardState
from issuer.documents import RESUME_ITEMS
from service import log
from service.accounts.people import Person

_EARNED: Final = ("earn the", "submit")  # words in the title of the last step that an award completes


@dataclass(frozen=True, slots=True)
class AwardCard:
    """An award, and what comes next where its educator is.

    Attributes:
        state: Of the credential; None before its earner has it.
        key: Of its newest issue.
        next: What comes next by the rules of recognizers there.
        counted: By whom it was counted, or in which claims it waits.
    """

    application: Application
    code: str
    title: str
    state: AwardState | None
    key: str | None
    awarded_on: date | None
    portal_title: str
    portal_path: str
    steps: tuple[Step, ...]
    next: tuple[NextStep, ...] = ()
    counted: tuple[Counted, ...] = ()

    @property
    def share_path(self) -> str:
        """Where its educator says who sees what of it."""
        return share_path(self.application.id)


def awards(programme: Programme, person: str, *, now: datetime | None = None) -> tuple[AwardCard, ...]:
    """Return what an educator has earned, the newest first; with ``now`` also what comes next by rules."""
    portals = gateway.every(programme)
    mine = [each for each in applications(programme, person) if each.state in (State.AWARDED, State.PASSED)]
    mine.sort(key=lambda each: each.ended_at or each.applied_at, reverse=True)
    made = []
    for each in mine:
        text, portal = assignment(programme, each.version), portals.get(each.portal or "")
        made.append(
            AwardCard(
                application=each,
                code=text.code,
                title=text.title,
                state=award_state(programme, each),
                key=current_key(programme, each),
                awarded_on=each.ended_at.date() if each.ended_at else None,  # UTC, as signed
                portal_title=portal.title if portal else "",
                portal_path=portal.path if portal else "",
                steps=after_award(portal.steps) if portal else (),
                next=next_steps(programme, each, portal, now=now) if now is not None else (),
                counted=_counted(programme, each) if now is not None else (),
            )
        )
    return tuple(made)


def next_steps(
    programme: Programme, application: Application, portal: Portal | None, *, now: datetime
) -> tuple[NextStep, ...]:
    """Return what comes next with an award by the rules of the portal's state.

    What nobody can tell at the moment is left out: an award and its page never wait for it.
    """
    key = current_key(programme, application)
    if key is None or portal is None:
        return ()
    try:
        return tuple(
            programme.recognised.after(
                application.person, issuance.credential_url(programme.mint, key), portal.state, now=now
            )
        )
    except HallmarkError as error:
        log.event("awards", level=logging.WARNING, error=error, id=application.id, code=error.code)
        return ()


def _counted(programme: Programme, application: Application) -> tuple[Counted, ...]:
    """Return what became of an award at recognizers; what nobody can tell at the moment is left out."""
    key = current_key(programme, application)
    if key is None:
        return ()
    try:
        return tuple(
            programme.recognised.counted(application.person, issuance.credential_url(programme.mint, key))
        )
    except HallmarkError as error:
        log.event("awards", level=logging.WARNING, error=error, id=application.id, code=error.code)
        return ()


def after_award(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps of a portal that follow earning; all of them where none is about earning."""
    last = -1
    for place, each in enumerate(steps):
        if any(words in each.title.casefold() for words in _EARNED):
            last = place
    return steps[last + 1 :]


def share_path(application: str) -> str:
    """Return where an educator says who sees what of an award."""
    return f"/awards/{application}/share"


def certificate(programme: Programme, application: str, *, person: str, now: datetime) -> bytes:
    """Return the certificate of an award as PDF, with its educator's name if that is the one that was signed.

    Raises:
        WorkUnknownError: It is no award of this educator.
        ExtraMissingError: PDFs cannot be made here.
    """
    key = key_of(programme, application, person=person)
    return documents.certificate(programme.mint, key, name=fitting_name(programme, person, key), now=now)


def resume(
    programme: Programme, chosen: Collection[str], *, person: Person, with_name: bool, now: datetime
) -> bytes:
    """Return a résumé of the awards of the ``chosen`` applications as PDF.

    The name of the account stands at its head; an award that was signed with another one says so there.

    Raises:
        SharingFieldError: None or too many were chosen.
        WorkUnknownError: One of them is no award of this educator.
        ExtraMissingError: PDFs cannot be made here.
    """
    if not 0 < len(chosen) <= RESUME_ITEMS:
        raise SharingFieldError(
            f"Choose which micro-credentials go into the résumé, up to {RESUME_ITEMS}.", path="chosen"
        )
    keys = [key_of(programme, each, person=person.id) for each in chosen]
    name = person.name if with_name and person.name else None
    return documents.resume(programme.mint, keys, name=name, now=now)


def key_of(programme: Programme, id: str, *, person: str) -> str:
    """Return the key of the credential of this educator's award.

    Raises:
        WorkUnknownError: It is no award of this educator, or it is being signed.
    """
    application = own_application(programme, id, person=person)
    key = current_key(programme, application)
    if key is None or award_state(programme, application) is None:
        raise unknown()
    return key
