# SPDX-License-Identifier: Apache-2.0
"""How others get into a learning community: by its link, or by a single invitation sent by mail.

Of the secret in a link only the digest is kept. The link can be renewed or taken back by the lead; a mailed
invitation is good once and for INVITATION_LASTS. What the lead is told never says whether an address has an
account here.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from earning.company import communities
from earning.company import community as rules
from earning.company import community_letters as letters
from earning.company.community import Community, MemberRole
from earning.errors import CommunityFieldError, CommunityLimitError, InvitationError
from earning.programme import Programme
from earning.store import communities as rows
from service import mail
from service.accounts import fields, limits, people
from service.accounts.fields import email_key
from service.accounts.limits import Limit
from service.accounts.people import Person
from service.errors import AccountFieldError, TooManyAttemptsError

_SECRET_BYTES: Final = 24  # 192 bits
_A_WEEK: Final = timedelta(days=7)
_INVITED_A_WEEK: Final = 3  # mails to one address
_BY_COMMUNITY: Final = Limit("invited-community", rules.INVITED_A_DAY, timedelta(days=1))
_BY_PERSON: Final = Limit("invited-person", rules.INVITED_A_DAY, timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Invitation:
    """What somebody sees who holds a good invitation. ``role`` is None if one may choose."""

    community: Community
    role: MemberRole | None


def renew_link(programme: Programme, person: Person, id: str, *, now: datetime) -> str:
    """Make a new invitation link and return its path; the one before and all mailed ones are good no more.

    Raises:
        NoSuchCommunityError: None that the person leads.
        CommunityStateError: It has ended.
    """
    secret = _secret()
    with programme.db.transaction() as session:
        communities.led(programme, person, id)
        rows.set_invite(session, id, _digest(secret))
        communities.note(programme, person, "community.link-renewed", id, now=now)
    return f"/communities/join/{secret}"


def revoke_links(programme: Programme, person: Person, id: str, *, now: datetime) -> None:
    """Make all invitations void: the link, and those sent by mail.

    Raises:
        NoSuchCommunityError: None that the person leads.
        CommunityStateError: It has ended.
    """
    renew_link(programme, person, id, now=now)


def invite(
    programme: Programme,
    person: Person,
    id: str,
    addresses: tuple[str, ...],
    role: MemberRole,
    *,
    now: datetime,
) -> int:
    """Invite people by mail; return how many addresses were taken.

    Who has an account is told which community it is; others get a neutral mail. An address that was invited a
    few times lately gets no further mail, and the lead does not learn that.

    Raises:
        NoSuchCommunityError: None that the person leads.
        CommunityStateError: It has ended.
        CommunityFieldError: An address is none.
        CommunityLimitError: Too many were invited today.
    """
    with programme.db.transaction() as session:
        found = communities.led(programme, person, id)
        emails = tuple({email_key(email): email for email in map(_address, addresses)}.values())
        _count(programme, person, id, len(emails), now=now)
        for email in emails:
            if mail.posted_since(session, email, since=now - _A_WEEK, kinds=("invited",)) >= _INVITED_A_WEEK:
                continue
            secret = _secret()
            lasts = now + rules.INVITATION_LASTS
            rows.add_invite(session, id, _digest(secret), role, now=now, expires_at=lasts)
            known = people.find_by_email(session, email)
            letter = letters.invitation(email, known, found, role=role, secret=secret, ends=lasts)
            mail.post(session, letter, key=f"invited:{id}:{_digest(secret)[:32]}", now=now)
        communities.note(
            programme, person, "community.invited", id, detail={"addresses": len(emails)}, now=now
        )
    programme.ring("mail")
    return len(emails)


def invitation(programme: Programme, secret: str, *, now: datetime) -> Invitation:
    """Return what the holder of an invitation may see before joining.

    Raises:
        InvitationError: It is not good, or the community has ended.
    """
    with programme.db.reading() as session:
        found = rows.find_invited(session, _digest(secret), now=now)
    if found is None or found[0].is_over:
        raise InvitationError(
            "This invitation is not good any more. Ask whoever gave it to you for a new one."
        )
    return Invitation(*found)


def join(
    programme: Programme, person: Person, secret: str, role: MemberRole, *, shows_name: bool, now: datetime
) -> str:
    """Join by an invitation, as member or mentor; return the community's id. Twice is once.

    Raises:
        InvitationError: It is not good.
        CommunityLimitError: The community is full.
    """
    with programme.db.transaction() as session:
        found = invitation(programme, secret, now=now)
        id = found.community.id
        chosen = found.role or (MemberRole.MENTOR if role is MemberRole.MENTOR else MemberRole.MEMBER)
        if len(rows.members(session, id)) >= rules.MEMBERS_MAX:
            raise CommunityLimitError("This community is full. Its lead can start a second one.")
        if rows.join(session, id, person.id, chosen, shows_name=shows_name, now=now):
            rows.use_invite(session, _digest(secret))
            communities.note(programme, person, "community.joined", id, detail={"role": str(chosen)}, now=now)
    return id


def _count(programme: Programme, person: Person, id: str, number: int, *, now: datetime) -> None:
    """Count invitations of a community and of whoever sends them.

    They are counted apart from the invitations, which are gone when used or when the link is renewed.
    """
    try:
        with programme.db.transaction() as session:
            for _ in range(number):
                limits.take(session, _BY_COMMUNITY, id, now=now)
                limits.take(session, _BY_PERSON, person.id, now=now)
    except TooManyAttemptsError as error:
        raise CommunityLimitError(
            f"Up to {rules.INVITED_A_DAY} people can be invited in a day. Use the link instead."
        ) from error


def _address(text: str) -> str:
    try:
        return str(fields.checked("email", text))
    except AccountFieldError as error:
        raise CommunityFieldError(
            f"“{text[:80]}” is no e-mail address.", path="emails", got=text[:80]
        ) from error


def _secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
