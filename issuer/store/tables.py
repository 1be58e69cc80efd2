# SPDX-License-Identifier: Apache-2.0
"""The issuer's tables. Bytes that were signed are stored as bytes and never written again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class ProfileRow(Base):
    """One issuer. ``source`` is its TOML; ``image`` its picture as served."""

    __tablename__ = "issuer_profiles"

    slug: Mapped[str] = mapped_column(String(40), primary_key=True)
    did: Mapped[str] = mapped_column(String(255), unique=True)
    source: Mapped[bytes] = mapped_column(LargeBinary)
    image: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AchievementRow(Base):
    """One version of a micro-credential, with what every credential says of it."""

    __tablename__ = "issuer_achievements"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    issuer: Mapped[str] = mapped_column(ForeignKey("issuer_profiles.slug"))
    code: Mapped[str] = mapped_column(String(16))
    source: Mapped[bytes] = mapped_column(LargeBinary)
    members: Mapped[bytes] = mapped_column(LargeBinary)
    related: Mapped[bytes] = mapped_column(LargeBinary)
    position: Mapped[int] = mapped_column(index=True)  # counts registrations; the newest of a code is highest
    registered_at: Mapped[datetime]

    __table_args__ = (Index("ix_issuer_achievements_code", "code", "position"),)


class DocumentRow(Base):
    """Exact bytes under a path, pinned by the digest in every credential of the achievement."""

    __tablename__ = "issuer_documents"

    path: Mapped[str] = mapped_column(String(120), primary_key=True)
    achievement: Mapped[str] = mapped_column(ForeignKey("issuer_achievements.key"), index=True)
    media_type: Mapped[str] = mapped_column(String(80))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class CredentialRow(Base):
    """What we state: first intended, then signed, later perhaps withdrawn."""

    __tablename__ = "issuer_credentials"

    key: Mapped[str] = mapped_column(String(36), primary_key=True)
    issuer: Mapped[str] = mapped_column(ForeignKey("issuer_profiles.slug"))
    credential_id: Mapped[str] = mapped_column(String(2048), unique=True)
    kind: Mapped[str] = mapped_column(String(8))  # "award", or "json" or "jwt" for a given document
    state: Mapped[str] = mapped_column(String(12))
    intended: Mapped[bytes | None] = mapped_column(LargeBinary)
    proof_created: Mapped[datetime | None]
    proof_method: Mapped[str | None] = mapped_column(String(512))
    signed_json: Mapped[bytes | None] = mapped_column(LargeBinary)
    signed_jwt: Mapped[bytes | None] = mapped_column(LargeBinary)
    halted: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]
    superseded_by: Mapped[str | None] = mapped_column(ForeignKey("issuer_credentials.key"))

    __table_args__ = (
        Index("ix_issuer_credentials_state", "state"),
        Index(
            "ix_issuer_credentials_superseded_by",
            "superseded_by",
            sqlite_where=text("superseded_by IS NOT NULL"),
            postgresql_where=text("superseded_by IS NOT NULL"),
        ),
    )


class OutlineRow(Base):
    """What documents that are going to be signed have in common (``store.outlines``); never changed."""

    __tablename__ = "issuer_outlines"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class AwardRow(Base):
    """Why we state it: who earned what. The private half of a credential.

    Unique among those that no other took the place of: another request, before anything was intended, or a
    re-issue of the same award (``reissues``).
    """

    __tablename__ = "issuer_awards"

    key: Mapped[str] = mapped_column(ForeignKey("issuer_credentials.key"), primary_key=True)
    replaced_by: Mapped[str | None] = mapped_column(ForeignKey("issuer_credentials.key"))
    issuer: Mapped[str] = mapped_column(ForeignKey("issuer_profiles.slug"))
    achievement: Mapped[str] = mapped_column(ForeignKey("issuer_achievements.key"))
    recipient: Mapped[str] = mapped_column(String(320))
    submission: Mapped[str] = mapped_column(String(255))
    idempotency_key: Mapped[str | None] = mapped_column(String(255))
    request_digest: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(320))
    salt: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    awarded_at: Mapped[datetime]
    shown_name: Mapped[str | None] = mapped_column(String(200))  # beside the credential; never signed
    erased_at: Mapped[datetime | None]
    is_indexed: Mapped[bool] = mapped_column(default=False)  # whether search engines may show it

    __table_args__ = (
        Index(
            "uq_issuer_awards_submission",
            "issuer",
            "achievement",
            "recipient",
            "submission",
            unique=True,
            sqlite_where=text("replaced_by IS NULL"),
            postgresql_where=text("replaced_by IS NULL"),
        ),
        Index(
            "uq_issuer_awards_idempotency_key",
            "idempotency_key",
            unique=True,
            sqlite_where=text("replaced_by IS NULL"),
            postgresql_where=text("replaced_by IS NULL"),
        ),
        Index(
            "ix_issuer_awards_replaced_by",
            "replaced_by",
            sqlite_where=text("replaced_by IS NOT NULL"),
            postgresql_where=text("replaced_by IS NOT NULL"),
        ),
    )


class StatusListRow(Base):
    """One list, and how full it is.

    ``changed`` counts the bits of credentials that were written; ``waiting_since`` is the moment of the first
    one that is not published yet. At ``stirs_at`` decoys change although nothing else has.
    """

    __tablename__ = "issuer_status_lists"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    issuer: Mapped[str] = mapped_column(ForeignKey("issuer_profiles.slug"))
    purpose: Mapped[str] = mapped_column(String(20))
    entries: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    decoys: Mapped[int] = mapped_column(default=0)
    waiting_since: Mapped[datetime | None]
    stirs_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_issuer_status_lists_issuer", "issuer", "purpose"),)


class PublishedListRow(Base):
    """A list as it was published last: its two forms, and the change of its rows that they show.

    ``version`` grows by one with each publication. Apart from the list's counters, which are written with
    each decision: SQLite would copy the forms each time.
    """

    __tablename__ = "issuer_status_published"

    list: Mapped[str] = mapped_column(ForeignKey("issuer_status_lists.id"), primary_key=True)
    version: Mapped[int]
    change: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    jwt: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of ``body``, hexadecimal
    jwt_digest: Mapped[str] = mapped_column(String(64))
    methods: Mapped[str] = mapped_column(Text)  # DID URLs of the keys of ``body`` and ``jwt``
    valid_from: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime]
    published_at: Mapped[datetime]


class StatusEntryRow(Base):
    """One place in a list, given to one credential for ever, or to nobody for ever: a decoy."""

    __tablename__ = "issuer_status_entries"

    list: Mapped[str] = mapped_column(ForeignKey("issuer_status_lists.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    credential: Mapped[str | None] = mapped_column(ForeignKey("issuer_credentials.key"))
    purpose: Mapped[str] = mapped_column(String(20))
    is_set: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("credential", "purpose"),
        Index(
            "ix_issuer_status_entries_set",
            "list",
            "position",
            sqlite_where=text("is_set = 1"),
            postgresql_where=text("is_set"),
        ),
    )


class StatusChangeRow(Base):
    """One decision about a credential, with its reasons. Rows are only added.

    ``told_at``: when those who count awards heard of it; they hear when everybody can see it.
    """

    __tablename__ = "issuer_status_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    credential: Mapped[str] = mapped_column(ForeignKey("issuer_credentials.key"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(40))
    public_reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_issuer_status_changes_untold",
            "id",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )


class BulkRow(Base):
    """A file of awards."""

    __tablename__ = "issuer_bulks"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    label: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    rows: Mapped[int]
    sends_mail: Mapped[bool]
    made_by: Mapped[str] = mapped_column(String(255))
    made_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(String(255))
    formed_at: Mapped[datetime | None]  # when the VC-JWT form of every award was made
    mailed_at: Mapped[datetime | None]  # when the mails to all earners were written

    __table_args__ = (
        # Whoever proposes many awards does not start them (issuer.bulk.bulk.ALONE).
        CheckConstraint("rows <= 500 OR approved_by IS NULL OR approved_by <> made_by", name="second_person"),
        Index("ix_issuer_bulks_made_at", "made_at"),
    )


class BulkTrialRow(Base):
    """What a file of awards was found to be before anything was issued; ``file`` goes when it is tried."""

    __tablename__ = "issuer_bulk_trials"

    bulk: Mapped[str] = mapped_column(ForeignKey("issuer_bulks.id", ondelete="CASCADE"), primary_key=True)
    issuer: Mapped[str | None] = mapped_column(ForeignKey("issuer_profiles.slug"), index=True)
    kind: Mapped[str] = mapped_column(String(8))  # csv, jsonl, json
    file: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # deflated
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    idempotency_key: Mapped[str | None] = mapped_column(String(400), unique=True)  # with whose it is
    request_digest: Mapped[str | None] = mapped_column(String(64))
    total: Mapped[int]  # rows in the file; more or less, until it is tried
    tried: Mapped[int]  # rows that were looked at
    bad: Mapped[int]
    warned: Mapped[int]
    leaves_out: Mapped[bool]  # whether somebody said that bad rows are left out
    summary: Mapped[str] = mapped_column(Text)
    trouble: Mapped[str] = mapped_column(Text)  # why the file as a whole cannot be used
    taken_until: Mapped[datetime | None]
    taken_by: Mapped[str | None] = mapped_column(String(36))  # the run that looks at the file, or did
    tried_at: Mapped[datetime | None]


class BulkItemRow(Base):
    """One row of such a file; ``taken_until`` says how long it is in somebody's hands."""

    __tablename__ = "issuer_bulk_items"

    bulk: Mapped[str] = mapped_column(ForeignKey("issuer_bulks.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(12))
    content: Mapped[str] = mapped_column(Text)
    award: Mapped[str | None] = mapped_column(String(36), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    taken_until: Mapped[datetime | None]
    taken_by: Mapped[str | None] = mapped_column(String(36))  # the worker in whose hands it is, or was last
    mailed_at: Mapped[datetime | None]  # when the mail to its earner was written

    __table_args__ = (Index("ix_issuer_bulk_items_open", "bulk", "state", "number"),)
