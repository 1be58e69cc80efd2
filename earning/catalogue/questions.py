# SPDX-License-Identifier: Apache-2.0
"""Questions to the people of the programme: by topic and portal, sent on by mail to whom it concerns.

A question needs no account. Whoever asks always reads the same words, whether the address is known here or
not. One address, and one network, may ask a few times an hour, so that no mailbox is filled through ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from credentials.errors import MalformedError
from earning.catalogue import gateway
from earning.catalogue.portals import Contact, Portal
from earning.errors import QuestionError
from earning.programme import Programme
from earning.store import portals as rows
from earning.store.portals import Question
from issuer import profiles
from service import audit, mail, mailbox
from service.accounts import limits, people
from service.accounts.limits import Limit
from service.accounts.people import Role
from service.errors import TooManyAttemptsError
from service.mail import Letter

TEXT_CHARS: Final = 5_000  # characters of a question
PER_HOUR: Final = 5  # questions of one address within an hour
PER_NETWORK: Final = Limit("question-network", 20, timedelta(hours=1))  # a school asks from one address
_OFTEN: Final = (
    "Several questions were asked from here within this hour. Please wait for answers, or ask later."
)

# What one can ask about where a portal names nobody, and at the programme itself.
GENERAL: Final[Mapping[str, tuple[str, str]]] = {
    "technical-help": ("Technical help", "Signing in, uploads, pages that do not work."),
    "content-support": ("Content support", "What a prompt, a criterion or a piece of evidence means."),
    "choosing": ("Choosing and applying", "Which micro-credential fits, and what comes next."),
    "accessibility": ("Accessibility", "Something that you cannot read, hear, reach or use."),
    "privacy": ("Privacy", "What is kept about you, and how to have it corrected or erased."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as somebody has typed it."""

    portal: str = ""
    topic: str = ""
    email: str = ""
    text: str = ""


def topics(portal: Portal | None) -> tuple[tuple[str, str, str], ...]:
    """Return what can be asked about: name, title, explanation. A portal's own contacts come first."""
    own = () if portal is None else portal.contacts
    taken = {contact.topic for contact in own}
    return (
        *((contact.topic, contact.title, contact.text) for contact in own),
        *((topic, *words) for topic, words in GENERAL.items() if topic not in taken),
    )


def ask(
    programme: Programme, asked: Asked, *, now: datetime, person: str | None = None, network: str = ""
) -> str:
    """Write the question down, send it on, and return its id.

    Args:
        programme: The room.
        asked: What was typed.
        now: When.
        person: Who asks, if that is known.
        network: The network address that it comes from, to be counted; "" is not counted.

    Raises:
        QuestionError: Topic, address or text is missing or too long, or too many were asked; ``path`` names
            the field.
        NoSuchPortalError: There is no such portal.
    """
    portal = gateway.get(programme, asked.portal) if asked.portal else None
    known = {name: title for name, title, _ in topics(portal)}
    if asked.topic not in known:
        raise QuestionError("Choose what it is about.", path="topic")
    email = _email(asked.email)
    if not asked.text.strip():
        raise QuestionError("Write your question.", path="text")
    if len(asked.text) > TEXT_CHARS:
        raise QuestionError(
            f"A question has up to {TEXT_CHARS:,} characters; yours has {len(asked.text):,}.", path="text"
        )
    to = _contact(programme, portal, asked.topic)
    question = Question(
        portal=None if portal is None else portal.slug,
        topic=asked.topic,
        person=person,
        email=email,
        text=asked.text.strip(),
        sent_to=to,
    )
    with programme.db.transaction() as session:
        if rows.asked_since(session, email, now - timedelta(hours=1)) >= PER_HOUR:
            raise QuestionError(_OFTEN, path="email")
        if network:
            try:
                limits.take(session, PER_NETWORK, network, now=now)
            except TooManyAttemptsError as error:
                raise QuestionError(_OFTEN, path="email") from error
        id = rows.ask(session, question, now=now)
        letter = Letter(
            kind="question",
            to=to,
            subject=f"{known[asked.topic]}: a question from {portal.title if portal else 'the catalogue'}",
            template="earning/mail/question",
            values={
                "topic": known[asked.topic],
                "portal": portal.title if portal else None,
                "email": email,
                "question": question.text,
                "asked_at": now,
            },
            thread=f"question:{id}",
        )
        mail.post(session, letter, key=f"question:{id}", now=now)
        audit.record(
            session,
            actor="visitor" if person is None else f"person:{person}",
            action="question.asked",
            subject=f"question:{id}",
            detail={"topic": asked.topic, "portal": question.portal},
            now=now,
        )
    programme.ring("mail")
    return id


def _email(typed: str) -> str:
    try:
        return mailbox.read_address(typed.strip())
    except MalformedError as error:
        raise QuestionError(
            "Write the e-mail address that the answer should go to, like name@school.example.", path="email"
        ) from error


def _contact(programme: Programme, portal: Portal | None, topic: str) -> str:
    """Return the address that is responsible: the portal's for the topic, else the programme's."""
    own: Contact | None = None if portal is None else portal.contact(topic)
    if own is not None:
        return own.email
    issuers = profiles.every(programme.mint)
    for issuer in issuers:
        if issuer.profile.email:
            return issuer.profile.email
    with programme.db.reading() as session:
        for issuer in issuers:
            for person in people.every_with(session, Role.MANAGER, issuer.slug):
                return person.email
    raise QuestionError("Nobody has been named to answer questions here yet.", path="topic")
