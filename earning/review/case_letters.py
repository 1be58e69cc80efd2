# SPDX-License-Identifier: Apache-2.0
"""Mails about cases. They are calm, and carry no evidence and nothing about students."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from earning.review.conclude import Work
from earning.store.cases import Case
from service import mail
from service.accounts import people
from service.accounts.people import Role
from service.mail import Letter


def about(session: Any, case: Case, template: str, values: dict[str, object], *, now: datetime) -> None:
    """Write to the educator, calmly; the words are those of the manager."""
    author = people.get(session, case.author)
    letter = Letter(
        kind=template,
        to=author.email,
        name=author.name,
        person=author.id,
        subject=f"About your micro-credential {case.title}",
        template=f"earning/mail/{template}",
        values={"title": case.title, "path": f"/work/{case.application}", **values},
        thread=f"application:{case.application}",
    )
    mail.post(session, letter, key=f"{template}:{case.id}", now=now)


def set_aside(session: Any, work: Work, case: str, *, now: datetime) -> None:
    """Tell the educator that something was set aside, and what to do; never what it was."""
    author = people.get(session, work.application.person)
    letter = Letter(
        kind="quarantined",
        to=author.email,
        name=author.name,
        person=author.id,
        subject=f"Please replace a piece of {work.title}",
        template="earning/mail/quarantined",
        values={"title": work.title, "path": f"/work/{work.application.id}"},
        thread=f"application:{work.application.id}",
    )
    mail.post(session, letter, key=f"quarantined:{case}", now=now)


def to_managers(session: Any, work: Work, case: str, *, now: datetime) -> None:
    """Tell the managers of the programme that there is a case; what it is about stays on its page.

    A manager whose own work it concerns hears of it like every other educator: from the notice.
    """
    for manager in people.every_with(session, Role.MANAGER, work.achievement.issuer):
        if manager.id == work.application.person:
            continue
        letter = Letter(
            kind="case",
            to=manager.email,
            name=manager.name,
            person=manager.id,
            subject="A case was opened",
            template="earning/mail/case",
            values={"title": work.title, "path": f"/manage/cases/{case}"},
            thread=f"case:{case}",
        )
        mail.post(session, letter, key=f"case:{case}:{manager.id}", now=now)
