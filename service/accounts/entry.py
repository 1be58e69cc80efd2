# SPDX-License-Identifier: Apache-2.0
"""Signing up and signing in, step by step (threats W4).

- Whoever asks never learns whether an address has an account: the answer, the limits and the work are the
  same, and what there is to say goes to the mailbox.
- Nobody can prepare an account for somebody else: it begins when its owner uses the link in the mailbox, and
  only then a password is chosen.
- A password is compared outside of any transaction, since it takes longer than everything else together.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service import audit, mail, stationery
from service.accounts import limits, links, passwords, people, sessions
from service.accounts.fields import checked, email_key
from service.accounts.links import Kind, Link
from service.accounts.people import Person
from service.accounts.room import Accounts
from service.accounts.tables import PersonRow
from service.errors import LinkRefusedError, SignInRefusedError
from service.mail import Letter

ASKED: Final = ("email", "name", "zone", "job", "school", "local", "state", "is_member")  # at sign-up


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from.

    Attributes:
        address: Of the network, to be counted; "" is not counted (the machine itself).
        user_agent: What the browser says it is.
        cookie: The id of the session that it had before, if any.
    """

    address: str = ""
    user_agent: str = ""
    cookie: str | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who is signed in now, and the id for the cookie."""

    person: Person
    presented: str


def sign_up(
    accounts: Accounts,
    fields: Mapping[str, Any],
    visitor: Visitor,
    *,
    then: str | None = None,
    now: datetime,
) -> None:
    """Mail a link that begins an account with ``fields``; or a word that there is one already.

    Args:
        accounts: The room.
        fields: What was typed, by name.
        visitor: Where the request comes from.
        then: The path to go to once the account has begun.
        now: When.

    Raises:
        AccountFieldError: A value does not fit; ``path`` names the field.
        TooManyAttemptsError: Too many mails to this address, or from this network.
    """
    values = {name: checked(name, fields[name]) for name in ASKED if name in fields}
    email = values["email"]
    count_mail(accounts, email, visitor, now=now)
    with accounts.db.transaction() as session:
        found = people.find_by_email(session, email)
        is_known = found is not None and found.confirmed_at is not None
        kind = Kind.NOWHERE if is_known else Kind.CONFIRM
        presented = links.make(
            session,
            kind,
            email="" if is_known else email,
            detail={} if is_known else {**values, "then": then},
            now=now,
        )
        if found is not None and is_known:
            tell_exists(accounts, session, found, now=now)
        else:
            letter = Letter(
                kind="confirm",
                to=email,
                subject=f"Confirm your address for {accounts.settings.title}",
                template="service/mail/confirm",
                # No name: whoever typed it may be a stranger to the reader (threats W4).
                values={"path": f"/confirm/{presented}"},
            )
            mail.post(session, letter, key=f"confirm:{secrets.token_hex(16)}", now=now)
    accounts.ring("mail")


def tell_exists(accounts: Accounts, session: Session, found: Person, *, now: datetime) -> None:
    """Tell the owner of an address that somebody wanted to begin an account with it."""
    letter = Letter(
        kind="exists",
        to=found.email,
        subject=f"You have an account at {accounts.settings.title} already",
        template="service/mail/exists",
        values={"name": found.name},
        person=found.id,
        name=found.name,
    )
    mail.post(session, letter, key=f"exists:{secrets.token_hex(16)}", now=now)


def look_at_confirmation(accounts: Accounts, presented: str, *, now: datetime) -> Link:
    """Return what a link to confirm an address would do, without doing it.

    Raises:
        LinkRefusedError: It cannot be used.
    """
    with accounts.db.reading() as session:
        return links.look(session, Kind.CONFIRM, presented, now=now)


def confirm(
    accounts: Accounts, presented: str, visitor: Visitor, *, password: str, now: datetime
) -> tuple[Entered, str | None]:
    """Begin the account that the link is for, sign in, and return where to go then.

    Args:
        accounts: The room.
        presented: The secret part of the link.
        visitor: Where the request comes from.
        password: The password to begin with; "" for none.
        now: When.

    Raises:
        LinkRefusedError: It cannot be used.
        PasswordRefusedError: The password does not do; the link can still be used.
    """
    asked = look_at_confirmation(accounts, presented, now=now)
    kept = None
    if password:
        passwords.refuse(password, email=asked.email, name=str(asked.detail["name"]))
        kept = accounts.passwords.hash(password)
    with accounts.db.transaction() as session:
        link = links.use(session, Kind.CONFIRM, presented, now=now)
        found = people.find_by_email(session, link.email)
        values = {name: value for name, value in link.detail.items() if name in ASKED}
        if found is None:
            found = people.create(session, **values, confirmed_at=now, now=now)
        elif found.confirmed_at is None:
            detail = {name: value for name, value in values.items() if name != "email" and value}
            found = people.change(session, found.id, **detail, confirmed_at=now, now=now)
        row = session.get_one(PersonRow, found.id)
        if kept is not None and row.password is None:
            row.password, row.password_at = kept, now
        return _enter(session, found, visitor, how="confirmation", now=now), link.detail.get("then")


def send_link(
    accounts: Accounts, email: str, visitor: Visitor, *, then: str | None = None, now: datetime
) -> None:
    """Mail a link that signs in, if the address has an account; otherwise do as much work, and mail nothing.

    Args:
        accounts: The room.
        email: The address as typed.
        visitor: Where the request comes from.
        then: The path to go to afterwards.
        now: When.

    Raises:
        AccountFieldError: It is no address.
        TooManyAttemptsError: Too many mails to this address, or from this network.
    """
    email = checked("email", email)
    count_mail(accounts, email, visitor, now=now)
    with accounts.db.transaction() as session:
        found = people.find_by_email(session, email)
        presented = links.make(
            session,
            Kind.NOWHERE if found is None else Kind.SIGN_IN,
            email="" if found is None else found.email,
            person=None if found is None else found.id,
            detail={"then": then},
            now=now,
        )
        values = {"name": found.name if found else "", "path": f"/sign-in/link/{presented}"}
        if found is None:
            stationery.render("service/mail/sign-in", {"subject": "", "unsubscribe": None, **values})
            return
        letter = Letter(
            kind="sign-in",
            to=found.email,
            subject="Your sign-in link (15 minutes)",
            template="service/mail/sign-in",
            values=values,
            person=found.id,
            name=found.name,
        )
        mail.post(session, letter, key=f"sign-in:{secrets.token_hex(16)}", now=now)
    accounts.ring("mail")


def look_at_link(accounts: Accounts, presented: str, *, now: datetime) -> Link:
    """Return what a link to sign in would do, without doing it.

    Raises:
        LinkRefusedError: It cannot be used.
    """
    with accounts.db.reading() as session:
        return links.look(session, Kind.SIGN_IN, presented, now=now)


def use_link(
    accounts: Accounts, presented: str, visitor: Visitor, *, now: datetime
) -> tuple[Entered, str | None]:
    """Sign in by a mailed link; return with it the path that was asked for. It confirms the address as well.

    Raises:
        LinkRefusedError: It cannot be used.
    """
    with accounts.db.transaction() as session:
        link = links.use(session, Kind.SIGN_IN, presented, now=now)
        found = people.find_by_email(session, link.email)
        if found is None or found.id != link.person:
            raise LinkRefusedError("The address of this account was changed since. Ask for a new link.")
        if found.confirmed_at is None:
            found = people.change(session, found.id, confirmed_at=now, now=now)
        return _enter(session, found, visitor, how="link", now=now), link.detail.get("then")


def sign_in(accounts: Accounts, email: str, password: str, visitor: Visitor, *, now: datetime) -> Entered:
    """Sign in by a password.

    Raises:
        SignInRefusedError: Address and password do not fit together; it does not say which.
        TooManyAttemptsError: Too many tries for this address, or from this network.
        HashingBusyError: Too many passwords are being compared.
    """
    key = email_key(email)
    with accounts.db.transaction() as session:
        limits.take(session, limits.PASSWORD_PER_ACCOUNT, key, now=now)
        if visitor.address:
            limits.take(session, limits.PASSWORD_PER_ADDRESS, visitor.address, now=now)
    with accounts.db.reading() as session:
        found = people.find_by_email(session, email)
        kept = None if found is None else session.get_one(PersonRow, found.id).password
    checked_password = accounts.passwords.check(kept, password)
    if found is None or not checked_password.fits:
        raise SignInRefusedError("That address and password do not fit together. A link by mail works too.")
    with accounts.db.transaction() as session:
        limits.clear(session, limits.PASSWORD_PER_ACCOUNT, key)
        row = session.scalar(select(PersonRow).where(PersonRow.id == found.id, PersonRow.password == kept))
        if row is None:
            raise SignInRefusedError("The password of this account was changed just now. Please try again.")
        row.password = checked_password.renewed or row.password
        return _enter(session, found, visitor, how="password", now=now)


def enter_as(accounts: Accounts, person: str, visitor: Visitor, *, now: datetime) -> Entered:
    """Sign in as a sample person of a demonstration, without any proof.

    Raises:
        SignInRefusedError: This is no demonstration, or the person is none of its samples.
    """
    with accounts.db.transaction() as session:
        found = next((each for each in samples(accounts, session) if each.id == person), None)
        if found is None:
            raise SignInRefusedError("Nobody can be signed in like this here.")
        return _enter(session, found, visitor, how="demonstration", now=now)


def samples(accounts: Accounts, session: Session) -> tuple[Person, ...]:
    """Return the sample people of a demonstration: those under the name .example (RFC 2606, section 2)."""
    if not (accounts.settings.demo and accounts.settings.is_local):
        return ()
    return tuple(
        each
        for each in people.search(session, ".example", most=50)
        if each.confirmed_at is not None and each.email.endswith(".example")
    )


def leave(accounts: Accounts, person: str, session_id: str) -> None:
    """End one session at once."""
    with accounts.db.transaction() as session:
        sessions.end(session, person, session_id)


def count_mail(accounts: Accounts, email: str, visitor: Visitor, *, now: datetime) -> None:
    """Count a mail that ``visitor`` wants sent to ``email``.

    Raises:
        TooManyAttemptsError: Too many mails to this address, or from this network.
    """
    with accounts.db.transaction() as session:
        limits.take(session, limits.MAIL_PER_MAILBOX, email_key(email), now=now)
        if visitor.address:
            limits.take(session, limits.MAIL_PER_ADDRESS, visitor.address, now=now)


def _enter(session: Session, person: Person, visitor: Visitor, *, how: str, now: datetime) -> Entered:
    signed_in, presented = sessions.begin(
        session, person.id, user_agent=visitor.user_agent, instead_of=visitor.cookie, now=now
    )
    audit.record(
        session,
        actor=f"person:{person.id}",
        action="session.begun",
        subject=f"person:{person.id}",
        detail={"how": how, "session": signed_in.id},
        now=now,
    )
    return Entered(person=person, presented=presented)
