# SPDX-License-Identifier: Apache-2.0
"""The rows of accounts. Secrets stand here as digests only; an erased person keeps an id and nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class PersonRow(Base):
    """A person with an account. ``email_key`` is the address in the form in which two are compared."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(16))
    job: Mapped[str] = mapped_column(String(40))
    school: Mapped[str] = mapped_column(String(200))
    local: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8))
    is_member: Mapped[bool]
    password: Mapped[str | None] = mapped_column(Text)
    password_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class EarlierAddressRow(Base):
    """An address that a person had confirmed before today's, in the form in which two are compared."""

    __tablename__ = "people_earlier_addresses"

    person: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    email_key: Mapped[str] = mapped_column(String(254), primary_key=True, index=True)


class OrganisationRow(Base):
    """A programme, affiliate, district or state."""

    __tablename__ = "organisations"

    slug: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    parent: Mapped[str | None] = mapped_column(ForeignKey("organisations.slug"))


class MembershipRow(Base):
    """A role that a person has in an organisation."""

    __tablename__ = "memberships"

    person: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisations.slug"), primary_key=True)
    role: Mapped[str] = mapped_column(String(30), primary_key=True)
    granted_at: Mapped[datetime]


class SessionRow(Base):
    """A browser that is signed in. ``id`` is its public name; ``digest`` is of what the cookie holds."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    previous_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    previous_until: Mapped[datetime | None]
    csrf: Mapped[str] = mapped_column(String(43))
    device: Mapped[str] = mapped_column(String(100))
    signed_in_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    must_renew: Mapped[bool]


class LinkRow(Base):
    """A link that was mailed and works once."""

    __tablename__ = "account_links"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    person: Mapped[str | None] = mapped_column(ForeignKey("people.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    detail: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AttemptRow(Base):
    """One try of something that is limited; ``subject`` is a digest of who or what is counted."""

    __tablename__ = "account_attempts"
    __table_args__ = (Index("ix_account_attempts_kind", "kind", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
