# SPDX-License-Identifier: Apache-2.0
"""The job that tells educators of their links: used, at most once a day for each link, and ending soon.

Opening a link writes down its use and nothing else; what there is to tell is found here, in the rows. A mail
is written once for each link and day, by its key. Who wants no reminders about an award gets none of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from earning.programme import Programme
from earning.sharing import evaluator_link as rules
from earning.sharing.awards import share_path
from earning.sharing.evaluator_link import ANSWERS, EvaluatorLink, LinkState, Use
from earning.sharing.evidence import award_state, signed
from earning.store import sharing as store
from earning.store import work as rows
from earning.work import disclosure
from earning.work.applications import Application
from earning.work.disclosure import STANDING
from earning.work.letters import thread
from earning.work.work import assignment
from service import mail, zones
from service.accounts import people
from service.accounts.people import Person
from service.errors import NoSuchPersonError
from service.mail import Letter

LOOKED_BACK: Final = timedelta(days=2)  # uses that are looked at; a job that stood still for longer is silent
_SUBJECTS: Final = {"link-used": "was used", "link-ending": "will end soon"}


def tell(programme: Programme, now: datetime) -> int:
    """Write the mails about uses and ends that are due; return how many."""
    with programme.db.reading() as session:
        used = store.used_since(session, now - LOOKED_BACK)
        ending = store.ending(session, after=now, until=now + rules.ENDS_SOON)
    written = sum(_tell_uses(programme, link, uses, now=now) for link, uses in used)
    written += sum(_tell_end(programme, link, now=now) for link in ending)
    if written:
        programme.ring("mail")
    return written


def _tell_uses(programme: Programme, link: EvaluatorLink, uses: tuple[Use, ...], *, now: datetime) -> int:
    """Tell the first use of each day; what follows on that day stands in the panel."""
    with programme.db.transaction() as session:
        about = _about(session, link)
        if about is None:
            return 0
        application, person = about
        first: dict[date, Use] = {}
        for use in uses:
            first.setdefault(zones.local(use.at, person.zone).date(), use)
        written = 0
        for day, use in first.items():
            values = {"at": zones.local(use.at, person.zone), "day": day, "zone": person.zone}
            values |= {"piece": _words(programme, session, application, use)}
            letter = _letter(programme, "link-used", link, about, values)
            written += mail.post(session, letter, key=f"link-used:{link.id}:{day.isoformat()}", now=now)
    return written


def _tell_end(programme: Programme, link: EvaluatorLink, *, now: datetime) -> int:
    """Tell that a link will end, unless it was made for a few days only, or shows nothing at present."""
    with programme.db.transaction() as session:
        about = _about(session, link)
        if about is None or link.ends_at - link.made_at <= rules.ENDS_SOON + timedelta(days=1):
            return 0
        application, person = about
        if link.state(now) is not LinkState.GOOD or award_state(programme, application) not in STANDING:
            return 0
        store.set_told(session, link.id, now=now)
        last = zones.local(link.ends_at, person.zone).date()
        values = {"last": last, "zone": person.zone}
        letter = _letter(programme, "link-ending", link, about, values)
        return int(mail.post(session, letter, key=f"link-ending:{link.id}", now=now))


def _about(session: Any, link: EvaluatorLink) -> tuple[Application, Person] | None:
    """Return the award of a link and whose it is, if they want to be told."""
    application = rows.any_application(session, link.application)
    if application is None or not application.wants_reminders:
        return None
    try:
        return application, people.get(session, application.person)
    except NoSuchPersonError:
        return None


def _words(programme: Programme, session: Any, application: Application, use: Use) -> str:
    """Return which piece was used, in the assignment's words; "" for the page with all of them."""
    if use.piece is None:
        return ""
    if use.piece == ANSWERS:
        return "Written answers"
    asked = assignment(programme, application.version)
    found = next((each for each in signed(session, application) if each.piece.id == use.piece), None)
    return "" if found is None else disclosure.signed_words(asked, found.sent, found.piece).name


def _letter(
    programme: Programme,
    kind: str,
    link: EvaluatorLink,
    about: tuple[Application, Person],
    values: Mapping[str, object],
) -> Letter:
    application, person = about
    title = assignment(programme, application.version).title
    return Letter(
        kind=kind,
        to=person.email,
        name=person.name,
        person=person.id,
        subject=f"Your link for an evaluator of {title} {_SUBJECTS[kind]}",
        template=f"earning/mail/{kind}",
        values={
            "title": title,
            "label": link.label,
            "path": f"{share_path(application.id)}#links",
            **values,
        },
        thread=thread(application.id),
        unsubscribe=f"/work/{application.id}/reminders",
    )
