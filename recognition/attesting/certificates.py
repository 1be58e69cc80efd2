# SPDX-License-Identifier: Apache-2.0
"""The affiliate officer's desk: members' awards that are shown, and the PD certificates that follow them.

Rules kept here:

- A PD certificate follows an award that was verified at this very moment, or it does not follow.
- How many hours it certifies is said by a rule that the organisation has adopted (``then`` of its grant), for
  awards that the rule accepts; nobody types a number.
- One PD certificate of an organisation stands about an award, whichever of its issues is brought.
- Of a forwarded award the officer types the e-mail address, and it is compared with the salted hash that was
  signed: a certificate never goes to somebody else than the earner. A name is the award's or the account's.
- A name stands on the certificate's public page only while the educator shows the award to the organisation.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from credentials.document import Json, parse
from recognition.attesting import certificate_letters, certificate_name, sharing
from recognition.attesting.attestation_fields import person_key
from recognition.attesting.certificate_offer import Offer, offer
from recognition.attesting.sharing import Shown
from recognition.errors import CertificateRefusedError, NoSuchRecognitionError, RecognitionFieldError
from recognition.judging import bringing
from recognition.judging.award import Award, Brought, award_key
from recognition.office import Office
from recognition.stating import issuing
from recognition.store import certificates as rows
from recognition.store import consents
from recognition.store.statements import Statement
from service.accounts import fields, people

PAGE: Final = 20  # awards of the inbox that are verified for one page
LISTED: Final = 50  # PD certificates on one page
WHY_CHARS: Final = 500  # characters of a reason
YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Line:
    """An award of the inbox as it is at this moment.

    Attributes:
        checked: The verifier's answer of this moment.
        offer: What can be issued; None: ``refusal`` says why nothing can.
        certificate: The one that stands.
    """

    shown: Shown
    checked: Brought
    offer: Offer | None
    refusal: str
    certificate: Statement | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of members' awards, with counts that tell nothing of anybody."""

    lines: tuple[Line, ...]
    number: int
    without: int
    this_year: int
    skip: int
    more: bool


@dataclass(frozen=True, slots=True)
class Issued:
    """A PD certificate as its organisation keeps it; nobody is named once the account is erased."""

    statement: Statement
    title: str
    participant: str
    award: str
    link: str

    @property
    def to(self) -> str:
        """The educator's address; "" once it is erased."""
        return self.statement.person_key if certificate_letters.has_address(self.statement) else ""


@dataclass(frozen=True, slots=True)
class Looked:
    """A forwarded award, verified: what could be issued, or why nothing can.

    Attributes:
        body: The credential, to be sent again by whoever confirms; b"" for a link.
    """

    checked: Brought
    offer: Offer | None
    refusal: str
    url: str = ""
    body: bytes = field(default=b"", repr=False)
    certificate: Statement | None = None

    @property
    def body_again(self) -> str:
        """The credential in letters that fit into a form."""
        return base64.b64encode(self.body).decode("ascii")


def inbox(office: Office, organisation: str, *, skip: int = 0, now: datetime) -> Inbox:
    """Return a page of what members show to the organisation: first what no PD certificate followed."""
    with office.db.reading() as session:
        given = rows.inbox(session, organisation, limit=PAGE + 1, skip=skip)
        number = consents.count(session, organisation)
        without = rows.without(session, organisation)
        this_year = rows.count(session, organisation, since=now - YEAR)
    found = sharing.resolve(office, given[:PAGE])
    lines = tuple(_line(office, organisation, each, now=now) for each in found)
    return Inbox(lines, number, without, this_year, skip, len(given) > PAGE)


def line(office: Office, organisation: str, id: str, *, now: datetime) -> Line:
    """Return one award that is shown, verified at this moment.

    Raises:
        NoSuchShareError: It is not shown to the organisation, or not any more.
    """
    return _line(office, organisation, sharing.one(office, organisation, id), now=now)


def issue_shown(office: Office, organisation: str, id: str, *, actor: str, now: datetime) -> str:
    """Issue the PD certificate for an award that is shown, and return its id; done twice, it is done once.

    Raises:
        NoSuchShareError: It is not shown to the organisation, or not any more.
        CertificateRefusedError: It is not in force at this moment, or no rule gives one for it.
        NobodySignsError: The organisation has no keys here.
    """
    found = line(office, organisation, id, now=now)
    if found.certificate is not None:
        return found.certificate.id
    if found.offer is None or found.checked.award is None:
        raise CertificateRefusedError(found.refusal)
    person = found.shown.person
    return _issue(
        office,
        organisation,
        found.checked.award,
        found.offer,
        email=person.email,
        name=person.name,
        person=person.id,
        is_public=True,
        actor=actor,
        now=now,
    )


def look(
    office: Office, organisation: str, *, url: str, body: bytes, email: str, actor: str, now: datetime
) -> Looked:
    """Verify one forwarded thing for the person with this address; nothing is kept.

    How many addresses ``actor`` tries for one award is counted, so that nobody finds an earner by trying.

    Raises:
        RecognitionFieldError: The address is none.
    """
    key = person_key(email)
    thing = bringing.Thing(url or "the file", body or None)
    desk = office.bureau.desk
    checked = bringing.bring(desk, [thing], now=now, recipient=key, asker=actor, same=office.same)[0]
    offered, refusal, certificate = _offered(office, organisation, checked, now=now)
    return Looked(checked, offered, refusal, url, body, certificate)


def by_link(looked: Looked) -> Looked:
    """Return something that was looked at so that its link is sent again, and not the whole of it."""
    return replace(looked, url=looked.checked.credential_id, body=b"")


def issue_brought(
    office: Office,
    organisation: str,
    *,
    url: str,
    body: bytes,
    email: str,
    name: str,
    actor: str,
    now: datetime,
) -> str:
    """Verify a forwarded award once more, issue the PD certificate for it, and return its id.

    Args:
        office: The opened room.
        organisation: Who issues.
        url: Where the award stands, or "".
        body: The award itself, or b"".
        email: Whose it is; compared with the salted hash in it.
        name: As it should stand on the certificate, if the educator wants it there; "" leaves it out.
        actor: Who asks.
        now: The moment.

    Raises:
        RecognitionFieldError: Address or name do not fit, or it is somebody else's name.
        CertificateRefusedError: It is not this person's, not in force, or no rule gives one for it.
        NobodySignsError: The organisation has no keys here.
    """
    found = look(office, organisation, url=url, body=body, email=email, actor=actor, now=now)
    if found.certificate is not None:
        return found.certificate.id
    if found.offer is None or found.checked.award is None:
        raise CertificateRefusedError(found.refusal)
    key = person_key(email)
    with office.db.reading() as session:
        account = people.find_by_email(session, key)
    thing = bringing.Thing(url or "the file", body or None)
    name = certificate_name.read(office, name, thing, account, actor=actor, now=now)
    return _issue(
        office,
        organisation,
        found.checked.award,
        found.offer,
        email=key,
        name=name,
        person=account.id if account is not None else None,
        is_public=account is not None
        and sharing.is_shown(office, organisation, account, found.checked.credential_id),
        actor=actor,
        now=now,
    )


def issued(
    office: Office, organisation: str, words: str, *, skip: int = 0
) -> tuple[tuple[Issued, ...], bool]:
    """Return a page of the organisation's PD certificates, the newest first, and whether more follow."""
    with office.db.reading() as session:
        found = rows.listing(session, organisation, words, limit=LISTED + 1, skip=skip)
    return tuple(_issued(each) for each in found[:LISTED]), len(found) > LISTED


def one(office: Office, organisation: str, id: str) -> Issued:
    """Return one PD certificate of the organisation.

    Raises:
        NoSuchRecognitionError: It has none with this id.
    """
    with office.db.reading() as session:
        found = rows.find(session, organisation, id)
    if found is None:
        raise NoSuchRecognitionError("There is no such PD certificate here.", got=id[:40])
    return _issued(found)


def award_now(office: Office, issued: Issued, *, now: datetime) -> Brought:
    """Return the award behind a PD certificate as the verifier finds it at this moment."""
    return bringing.bring(office.bureau.desk, [issued.award], now=now, same=office.same)[0]


def withdraw(office: Office, organisation: str, id: str, *, why: str, actor: str, now: datetime) -> None:
    """Withdraw a PD certificate with a reason, which its educator is told; done twice, it is done once.

    Raises:
        NoSuchRecognitionError: The organisation has none with this id.
        RecognitionFieldError: There is no reason.
    """
    found = one(office, organisation, id)
    why = " ".join(why.split())
    if not why or len(why) > WHY_CHARS or not why.isprintable():
        raise RecognitionFieldError(f"Write why, in up to {WHY_CHARS} characters.", path="why")
    if found.statement.withdrawn_at is not None:
        return
    issuing.withdraw(office, [id], why, now=now, actor=actor)
    certificate_letters.withdrawn(office, found.statement, found.title, why=why, now=now)


def _line(office: Office, organisation: str, shown: Shown, *, now: datetime) -> Line:
    checked = bringing.bring(office.bureau.desk, [shown.held.url], now=now, same=office.same)[0]
    offered, refusal, certificate = _offered(office, organisation, checked, now=now, keys=shown.keys)
    return Line(shown, checked, offered, refusal, certificate)


def _offered(
    office: Office, organisation: str, checked: Brought, *, now: datetime, keys: Iterable[str] = ()
) -> tuple[Offer | None, str, Statement | None]:
    """Return what can be issued, or why nothing can, and the certificate that stands."""
    award = checked.award
    known = (*keys, *(() if award is None else _keys(office, award)))
    with office.db.reading() as session:
        standing = rows.standing(session, organisation, known)
    certificate = next(iter(standing.values()), None)
    if award is None:
        return None, checked.sentence, certificate
    try:
        return offer(office, organisation, award, now=now), "", certificate
    except CertificateRefusedError as error:
        return None, error.message, certificate


def _keys(office: Office, award: Award) -> tuple[str, ...]:
    """Return the keys of all issues of an award."""
    issues = (award_key(award.issuer_id, each) for each in office.same(award.credential_id))
    return tuple(dict.fromkeys((award.key, *award.also, *issues)))


def _issue(
    office: Office,
    organisation: str,
    award: Award,
    offered: Offer,
    *,
    email: str,
    name: str,
    person: str | None,
    is_public: bool,
    actor: str,
    now: datetime,
) -> str:
    id = issuing.issue_certificate(
        office,
        organisation,
        award,
        person_key=fields.email_key(email),
        name=name or None,
        hours=offered.hours,
        unit=offered.policy.unit,
        person=person,
        is_example=offered.is_example,
        is_public=is_public,
        now=now,
        actor=actor,
    )
    certificate_letters.send(office, now=now)
    return id


def _issued(statement: Statement) -> Issued:
    members = parse(statement.signed or statement.intended).members
    title, link = _text(members, "name"), _text(members, "id")
    return Issued(statement, title, statement.participant, statement.credential_id, link)


def _text(members: Mapping[str, Json], name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""
