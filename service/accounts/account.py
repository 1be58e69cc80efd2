# SPDX-License-Identifier: Apache-2.0
"""What people do with their own account: password, address, other browsers, export, erasure."""

from __future__ import annotations

import secrets
import tempfile
from datetime import datetime
from typing import IO, Any, Final, cast

from sqlalchemy.orm import Session

from service import audit, mail
from service.accounts import entry, limits, links, passwords, people, personal, sessions
from service.accounts.entry import Visitor
from service.accounts.fields import checked, email_key, masked
from service.accounts.links import Kind, Link
from service.accounts.people import Person, Role
from service.accounts.room import Accounts
from service.accounts.sessions import SignIn
from service.accounts.tables import PersonRow
from service.errors import AccountFieldError, LastAdministratorError, LinkRefusedError, SignInRefusedError
from service.mail import Letter

EXPORT_IN_MEMORY: Final = 8_388_608  # bytes (8 MiB); a larger export waits in a nameless file


def has_password(accounts: Accounts, person: str) -> bool:
    """Tell whether somebody has set a password."""
    with accounts.db.reading() as session:
        return session.get_one(PersonRow, person).password is not None


def change(accounts: Accounts, person: str, fields: dict[str, Any], *, now: datetime) -> Person:
    """Change fields of one's own account, except the address.

    Raises:
        AccountFieldError: A value does not fit; ``path`` names the field.
    """
    with accounts.db.transaction() as session:
        return people.change(session, person, **fields, now=now)


def prove(
    accounts: Accounts, person: Person, signed_in: SignIn, password: str, *, at: str, now: datetime
) -> None:
    """Let only somebody go on who signed in a short while ago, or gives the password (in the field ``at``).

    Raises:
        SignInRefusedError: The password does not fit, or none was given.
        TooManyAttemptsError: Too many tries.
    """
    if signed_in.is_fresh(now):
        return
    if not password:
        raise SignInRefusedError("Please give your password, or sign in once more.", path=at)
    with accounts.db.transaction() as session:
        limits.take(session, limits.PASSWORD_PER_ACCOUNT, email_key(person.email), now=now)
    with accounts.db.reading() as session:
        kept = session.get_one(PersonRow, person.id).password
    if not accounts.passwords.check(kept, password).fits:
        raise SignInRefusedError("That is not the password of this account.", path=at)
    with accounts.db.transaction() as session:
        limits.clear(session, limits.PASSWORD_PER_ACCOUNT, email_key(person.email))


def set_password(
    accounts: Accounts, person: Person, signed_in: SignIn, password: str, *, now: datetime
) -> None:
    """Set or change the password; every other browser is signed out, and a mail says so.

    Raises:
        PasswordRefusedError: It does not do; says why.
    """
    passwords.refuse(password, email=person.email, name=person.name)
    kept = accounts.passwords.hash(password)
    with accounts.db.transaction() as session:
        row = session.get_one(PersonRow, person.id)
        row.password, row.password_at = kept, now
        sessions.end_all(session, person.id, but=signed_in.id)
        links.void(session, person=person.id, email=person.email)
        _record(session, person, "password.changed", now=now)
        _tell(session, person, "password-changed", now=now)
    accounts.ring("mail")


def sign_out(accounts: Accounts, person: Person, session_id: str, *, now: datetime) -> None:
    """Sign one browser out."""
    with accounts.db.transaction() as session:
        if sessions.end(session, person.id, session_id):
            _record(session, person, "session.ended", now=now)


def sign_out_everywhere(accounts: Accounts, person: Person, *, but: str | None = None, now: datetime) -> None:
    """Sign all browsers out, but one."""
    with accounts.db.transaction() as session:
        sessions.end_all(session, person.id, but=but)
        _record(session, person, "sessions.ended", now=now)


def ask_for_address(
    accounts: Accounts, person: Person, email: str, visitor: Visitor, *, now: datetime
) -> None:
    """Mail a link to a new address; using it makes it the account's. Whether it is taken is not told here.

    Raises:
        AccountFieldError: It is no address, or the one that the account has.
        TooManyAttemptsError: Too many mails to this address, for this account, or from this network.
    """
    email = checked("email", email)
    if email == person.email:
        raise AccountFieldError("This is the address of your account.", path="email")
    entry.count_mail(accounts, email, visitor, now=now)
    with accounts.db.transaction() as session:
        limits.take(session, limits.NEW_ADDRESS_PER_ACCOUNT, person.id, now=now)
    with accounts.db.transaction() as session:
        other = people.find_by_email(session, email)
        if other is not None and other.id != person.id:
            entry.tell_exists(accounts, session, other, now=now)
        else:
            presented = links.make(session, Kind.EMAIL, email=email, person=person.id, now=now)
            letter = Letter(
                kind="email-change",
                to=email,
                subject=f"Confirm your new address for {accounts.settings.title}",
                template="service/mail/email-change",
                # Nothing that somebody typed, but for the address: its reader may be a stranger.
                values={"account": masked(person.email), "path": f"/account/email/{presented}"},
                person=person.id,
            )
            mail.post(session, letter, key=f"email-change:{secrets.token_hex(16)}", now=now)
    accounts.ring("mail")


def look_at_address(accounts: Accounts, person: Person, presented: str, *, now: datetime) -> Link:
    """Return what a link to change the address of ``person`` would do, without doing it.

    Raises:
        LinkRefusedError: It cannot be used, or was made for another account; these look the same.
    """
    with accounts.db.reading() as session:
        return links.look(session, Kind.EMAIL, presented, person=person.id, now=now)


def change_address(
    accounts: Accounts, person: Person, signed_in: SignIn, presented: str, *, now: datetime
) -> Person:
    """Give the account the address that the link was sent to, and tell the old one.

    Only whoever asked for it can do that, signed in: the reader of the new mailbox may be a stranger, who
    must not give an address away to somebody else's account. All other browsers are signed out.

    Raises:
        LinkRefusedError: It cannot be used, or was made for another account; these look the same.
        AddressTakenError: Somebody began an account with it in the meantime.
    """
    with accounts.db.transaction() as session:
        link = links.use(session, Kind.EMAIL, presented, person=person.id, now=now)
        old = people.get(session, person.id)
        changed = people.change(session, old.id, email=link.email, now=now)
        sessions.end_all(session, old.id, but=signed_in.id)
        links.void(session, person=old.id, email=old.email)
        _record(session, changed, "address.changed", now=now)
        _tell(session, old, "email-changed", now=now, new=link.email)
    accounts.ring("mail")
    return changed


def mail_export_link(accounts: Accounts, person: Person, *, now: datetime) -> None:
    """Mail a link to the export, for somebody who signed in too long ago to have it at once.

    Raises:
        TooManyAttemptsError: Too many mails to this address.
    """
    with accounts.db.transaction() as session:
        limits.take(session, limits.MAIL_PER_MAILBOX, email_key(person.email), now=now)
    with accounts.db.transaction() as session:
        presented = links.make(session, Kind.EXPORT, email=person.email, person=person.id, now=now)
        _tell(session, person, "export-ready", now=now, path=f"/account/export/{presented}")
    accounts.ring("mail")


def use_export_link(accounts: Accounts, person: Person, presented: str, *, now: datetime) -> None:
    """Use up a link to the export.

    Raises:
        LinkRefusedError: It cannot be used, or was mailed to somebody else.
    """
    with accounts.db.transaction() as session:
        link = links.use(session, Kind.EXPORT, presented, now=now)
        if link.person != person.id:
            raise LinkRefusedError("This link was made for another account.")


def export(accounts: Accounts, person: Person, *, now: datetime) -> IO[bytes]:
    """Return everything that is known of ``person`` as a ZIP, to be read from its beginning and closed."""
    target = cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=EXPORT_IN_MEMORY))  # noqa: SIM115
    with accounts.db.transaction() as session:
        _record(session, person, "person.exported", now=now)
        personal.write_export(target, session, accounts.rooms, person, now=now)
    target.seek(0)
    return target


def erase(accounts: Accounts, person: Person, typed: str, *, now: datetime) -> None:
    """Erase the account and everything that leads from an award to its earner; a mail says that it is done.

    Raises:
        AccountFieldError: What was typed is not the address of the account.
        LastAdministratorError: Nobody would be left who could give roles in an organisation of theirs.
    """
    if email_key(typed) != email_key(person.email):
        raise AccountFieldError(f"Type {person.email} to erase this account.", path="email")
    with accounts.db.transaction() as session:
        for organisation in sorted(person.organisations(Role.ADMINISTRATOR)):
            others = people.every_with(session, Role.ADMINISTRATOR, organisation)
            if not [each for each in others if each.id != person.id]:
                raise LastAdministratorError(
                    "Name somebody else first: you are the only administrator of an organisation."
                )
        personal.erase(session, accounts.rooms, person, now=now)
        letter = Letter(
            kind="erased",
            to=person.email,
            subject="Your account was erased",
            template="service/mail/erased",
            values={"name": person.name},
            name=person.name,
        )
        mail.post(session, letter, key=f"erased:{person.id}", now=now)
    accounts.ring("mail")
    accounts.ring("mail-tidy")


_SUBJECTS: Final = {
    "password-changed": "Your password was changed",
    "email-changed": "Your address was changed",
    "export-ready": "Your data is ready (15 minutes)",
}


def _tell(session: Session, person: Person, kind: str, *, now: datetime, **values: str) -> None:
    letter = Letter(
        kind=kind,
        to=person.email,
        subject=_SUBJECTS[kind],
        template=f"service/mail/{kind}",
        values={"name": person.name, "at": now, **values},
        person=person.id,
        name=person.name,
    )
    mail.post(session, letter, key=f"{kind}:{secrets.token_hex(16)}", now=now)


def _record(session: Session, person: Person, action: str, *, now: datetime) -> None:
    audit.record(session, actor=f"person:{person.id}", action=action, subject=f"person:{person.id}", now=now)
