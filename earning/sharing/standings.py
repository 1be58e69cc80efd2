# SPDX-License-Identifier: Apache-2.0
"""What the page of a credential says of each piece of evidence: public, shown on request, or private."""

from __future__ import annotations

from typing import Final

from earning.programme import Programme
from earning.sharing.evidence import award_state, signed
from earning.store import publishing as store
from earning.store import work as rows
from earning.work.disclosure import Standing, is_shown, is_shown_by_link
from issuer import publish
from issuer.award import AwardState
from issuer.credential_page import ON_REQUEST, PRIVATE, PUBLIC

_WRITTEN: Final = PRIVATE  # the answers, signed last as one piece, have no address with us


def standings(programme: Programme, key: str) -> tuple[str, ...]:
    """Return a word for each piece of the credential in the order of signing; none if nothing is known of it.

    It tells what is possible now and nothing else: a piece that was closed or set aside is private.
    """
    issues = publish.issues(programme.mint, key)
    with programme.db.reading() as session:
        id = store.application_of_award(session, issues)
        application = None if id is None else rows.any_application(session, id)
        if application is None:
            return ()
        award = award_state(programme, application)
        pieces = signed(session, application)
        sent = store.awarded_submission(session, application.id)
    words = tuple(_word(each.standing, award) for each in pieces)
    return (*words, _WRITTEN) if sent is not None and sent.answers else words


def has_panel(programme: Programme, key: str) -> bool:
    """Tell whether an award was earned in a programme here, so that its educator has "Share and privacy"."""
    with programme.db.reading() as session:
        return store.application_of_award(session, publish.issues(programme.mint, key)) is not None


def _word(standing: Standing, award: AwardState | None) -> str:
    if is_shown(standing, award):
        return PUBLIC
    return ON_REQUEST if is_shown_by_link(standing, award) else PRIVATE
