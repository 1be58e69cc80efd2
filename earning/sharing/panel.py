# SPDX-License-Identifier: Apache-2.0
"""The panel "Share and privacy": who sees what of one award now, and everything for showing it elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from earning.programme import Programme
from earning.sharing import evaluator_link, evaluator_links, evidence
from earning.sharing.awards import key_of, share_path
from earning.sharing.evaluator_links import LinkView
from earning.sharing.evidence import AwardPiece
from earning.sharing.naming import Naming, naming
from earning.store import publishing as store
from earning.work.applications import Application, State
from earning.work.disclosure import STANDING
from earning.work.work import application as own_application
from earning.work.work import assignment, unknown
from issuer import cards, publish, sharing
from issuer.award import AwardState
from issuer.cards.face import face
from issuer.issuance import credential_url
from issuer.sharing import AddToProfile
from service import text, zones
from service.accounts.people import Person


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What there is to take along.

    Attributes:
        link: The address of the credential's page.
        post_url: Where LinkedIn begins a post with it.
        card_path: The picture that a post shows, and ``card_label`` what is on it.
        snippet: HTML with the badge image, and ``embed`` with the state of the moment.
        line: One line for a résumé.
    """

    link: str
    profile: AddToProfile
    post_url: str
    card_path: str
    card_label: str
    snippet: str
    embed: str
    line: str


@dataclass(frozen=True, slots=True)
class Panel:
    """What an educator sees of one award.

    Attributes:
        key: Of its newest issue; None as long as it is being signed.
        state: Of the credential; None as long as it is being signed.
        has_answers: Whether written answers were sent, which a link can show.
        first_day, last_day, usual_day: Between which days a new link may end, and what is proposed.
    """

    application: Application
    title: str
    code: str
    key: str | None
    state: AwardState | None
    naming: Naming | None
    is_indexed: bool
    pieces: tuple[AwardPiece, ...]
    has_answers: bool
    links: tuple[LinkView, ...]
    elsewhere: Elsewhere | None
    zone: str
    first_day: date
    last_day: date
    usual_day: date

    @property
    def stands(self) -> bool:
        """Whether the award stands, so that pieces and links show something."""
        return self.state in STANDING

    @property
    def path(self) -> str:
        """Where this panel is."""
        return share_path(self.application.id)


def panel(programme: Programme, id: str, *, person: Person, now: datetime) -> Panel:
    """Return the panel of an award.

    Raises:
        WorkUnknownError: It is no award of this educator.
    """
    application = own_application(programme, id, person=person.id)
    if application.state not in (State.PASSED, State.AWARDED):
        raise unknown()
    state = evidence.award_state(programme, application)
    key = None if state is None else evidence.current_key(programme, application)
    with programme.db.reading() as session:
        sent = store.awarded_submission(session, id)
    today = zones.local(now, person.zone).date()
    asked = assignment(programme, application.version)
    return Panel(
        application=application,
        title=asked.title,
        code=asked.code,
        key=key,
        state=state,
        naming=None if key is None else naming(programme, person.id, key),
        is_indexed=key is not None and sharing.is_indexed(programme.mint, key),
        pieces=evidence.of_award(programme, application),
        has_answers=sent is not None and bool(sent.answers),
        links=evaluator_links.of_award(programme, application, now=now),
        elsewhere=None if key is None else elsewhere(programme, key, now=now),
        zone=person.zone,
        first_day=today,
        last_day=today + evaluator_link.LASTS_MAX,
        usual_day=today + evaluator_link.LASTS,
    )


def set_listed(programme: Programme, id: str, *, person: str, on: bool, now: datetime) -> None:
    """Let search engines show the public page of an award, or ask them to forget it.

    Raises:
        WorkUnknownError: It is no award of this educator.
    """
    key = key_of(programme, id, person=person)
    sharing.set_indexed(programme.mint, key, on=on, now=now, actor=f"person:{person}")


def clock_words(moment: datetime, zone: str) -> str:
    """Return a moment as the educator's clock shows it: ``February 27, 2026, 10:42 PST``."""
    there = zones.local(moment, zone)
    name = there.tzname() or "UTC"
    short = f"UTC{name}" if name[0] in "+-" else name  # many zones have only a number
    return f"{text.day(there.date())}, {there:%H:%M} {short}"


def elsewhere(programme: Programme, key: str, *, now: datetime) -> Elsewhere:
    """Return what there is to take along of a credential; the card is that of this moment."""
    mint = programme.mint
    card = face(mint, publish.find(mint, key), now=now)
    return Elsewhere(
        link=credential_url(mint, key),
        profile=sharing.add_to_profile(mint, key),
        post_url=sharing.post_url(mint, key),
        card_path=cards.path(key, card),
        card_label=card.label,
        snippet=sharing.snippet_html(mint, key),
        embed=sharing.embed_html(mint, key),
        line=sharing.text_line(mint, key),
    )
