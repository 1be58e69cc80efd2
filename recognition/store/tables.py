# SPDX-License-Identifier: Apache-2.0
"""The tables of recognition.

Organisations, people, credentials and the other wing are named by slug, id, link and digest, never by a
foreign key. A decision is never written again: a correction is a new one that names the old one. Amounts are
kept as text and are ``Decimal`` everywhere else; documents that we publish are kept byte for byte.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class PolicyRow(Base):
    """One version of one policy as it was published; ``organisation`` published it, "" is the house."""

    __tablename__ = "recognition_policies"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[str] = mapped_column(String(80), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(40))
    source: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    signed: Mapped[bytes | None] = mapped_column(LargeBinary)  # the credential about this version
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(100))
    retired_at: Mapped[datetime | None]


class AdoptionRow(Base):
    """A policy by which an organisation decides, whoever published it."""

    __tablename__ = "recognition_adoptions"

    organisation: Mapped[str] = mapped_column(String(40), primary_key=True)
    policy: Mapped[str] = mapped_column(String(80), primary_key=True)
    adopted_at: Mapped[datetime]
    adopted_by: Mapped[str] = mapped_column(String(100))
    # SHA-256 by version: what of another publisher's policy was shown and accepted.
    accepted: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")


class IssuerNameRow(Base):
    """What a short name of policies (``national-programme``) means to an organisation: one row per DID."""

    __tablename__ = "recognition_issuer_names"

    organisation: Mapped[str] = mapped_column(String(40), primary_key=True)  # "": the house's own
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    did: Mapped[str] = mapped_column(String(512), primary_key=True)


class PlanRow(Base):
    """The facts that a person has saved for their plan."""

    __tablename__ = "recognition_plans"

    person: Mapped[str] = mapped_column(String(36), primary_key=True)
    policy: Mapped[str] = mapped_column(String(80), primary_key=True)
    facts: Mapped[dict[str, object]] = mapped_column(JSON)
    saved_at: Mapped[datetime]


class AttestationRow(Base):
    """Something that happened, as an organisation attests it. ``person_key``: normalised e-mail address."""

    __tablename__ = "recognition_attestations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(40))
    person_key: Mapped[str] = mapped_column(String(320), index=True)
    event: Mapped[str] = mapped_column(String(40))
    item: Mapped[str] = mapped_column(String(80))
    award: Mapped[str] = mapped_column(String(512))
    on: Mapped[date]
    hours: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(200))  # who attests, in words
    entered_by: Mapped[str] = mapped_column(String(100))
    entered_at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(8))  # "hand" or "csv"
    same: Mapped[str] = mapped_column(String(64))  # digest of what makes two of them one
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[str | None] = mapped_column(String(100))
    voided_why: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index(
            "uq_recognition_attestations_same",
            "organisation",
            "same",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )


class ClaimRow(Base):
    """What somebody asks a recognizer to count.

    ``person`` is None where a recognizer entered it for somebody without an account. ``facts`` is what the
    person gave for this claim and nothing else.
    """

    __tablename__ = "recognition_claims"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(40))
    policy: Mapped[str] = mapped_column(String(80))
    purpose: Mapped[str] = mapped_column(String(80))
    person: Mapped[str | None] = mapped_column(String(36), index=True)
    person_key: Mapped[str] = mapped_column(String(320))
    person_name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(254))  # as it was typed; awards are compared with it
    state: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, object]] = mapped_column(JSON)
    messages: Mapped[list[dict[str, str]]] = mapped_column(JSON)  # what passes between the two, oldest first
    decision: Mapped[str | None] = mapped_column(String(36))
    entered_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    show_publicly: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_recognition_claims_desk", "organisation", "state", "submitted_at"),)


class ClaimAwardRow(Base):
    """One credential of a claim: its link, or its bytes where it was brought as a file."""

    __tablename__ = "recognition_claim_awards"

    claim: Mapped[str] = mapped_column(
        ForeignKey("recognition_claims.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2048))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    award_key: Mapped[str] = mapped_column(String(64), index=True)  # "" until it was verified once


class DecisionRow(Base):
    """An immutable decision: the recognizer's private record, and the document that is published of it."""

    __tablename__ = "recognition_decisions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(40))
    claim: Mapped[str | None] = mapped_column(String(36), index=True)
    policy: Mapped[str] = mapped_column(String(80))
    policy_version: Mapped[str] = mapped_column(String(80))
    policy_sha256: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(80))
    outcome: Mapped[str] = mapped_column(String(80))
    units: Mapped[str] = mapped_column(String(40))  # decimal
    unit: Mapped[str] = mapped_column(String(80))
    record: Mapped[bytes] = mapped_column(LargeBinary)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    corrects: Mapped[str | None] = mapped_column(String(36))
    decided_by: Mapped[str] = mapped_column(String(100))
    decided_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)  # of an adjustment or refusal

    __table_args__ = (Index("ix_recognition_decisions_year", "organisation", "decided_at"),)


class LedgerRow(Base):
    """An award that was counted: once per recognizer, purpose and stage, unless it was reversed."""

    __tablename__ = "recognition_ledger"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(80))
    stage: Mapped[str] = mapped_column(String(40))
    award_key: Mapped[str] = mapped_column(String(64), index=True)
    credential_id: Mapped[str] = mapped_column(String(2048))
    issuer_id: Mapped[str] = mapped_column(String(512))
    achievement_id: Mapped[str] = mapped_column(String(2048))
    item: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(300))
    awarded_on: Mapped[date]
    person: Mapped[str | None] = mapped_column(String(36))
    person_key: Mapped[str] = mapped_column(String(320))
    cycle_from: Mapped[date | None]
    cycle_until: Mapped[date | None]
    decision: Mapped[str] = mapped_column(ForeignKey("recognition_decisions.id"), index=True)
    group: Mapped[int]
    bucket: Mapped[str] = mapped_column(String(200))  # several are joined by ", "; see the shares
    shares: Mapped[dict[str, str]] = mapped_column(JSON)  # units of the group by bucket
    units: Mapped[str] = mapped_column(String(40))  # of the group; readers add per group, never per award
    unit: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(String(80))  # of the fact that a cap counts by
    used_at: Mapped[datetime]
    flagged_at: Mapped[datetime | None]  # since when a reversal is needed
    flag: Mapped[str] = mapped_column(String(40))  # the verdict that raised it, or ""
    kept_at: Mapped[datetime | None]  # when somebody decided to keep it all the same
    reversed_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text)  # why it was kept or reversed
    looked_at: Mapped[datetime | None]  # when its status was last looked up; None: it is due now
    checked_at: Mapped[datetime | None]  # when that last gave an answer, and not "could not check"

    __table_args__ = (
        Index(
            "uq_recognition_ledger_used",
            "organisation",
            "purpose",
            "stage",
            "award_key",
            unique=True,
            sqlite_where=text("reversed_at IS NULL"),
            postgresql_where=text("reversed_at IS NULL"),
        ),
        Index("ix_recognition_ledger_person", "organisation", "person_key"),
    )


class StatementRow(Base):
    """A signed recognition of one award, or a PD certificate; written down first, signed after.

    ``kind`` is ``endorsement`` or ``pd-certificate``.
    """

    __tablename__ = "recognition_statements"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    organisation: Mapped[str] = mapped_column(String(40))
    decision: Mapped[str] = mapped_column(String(36), index=True)  # "" for an affiliate's own PD certificate
    award_key: Mapped[str] = mapped_column(String(64), index=True)
    credential_id: Mapped[str] = mapped_column(String(2048), index=True)
    person: Mapped[str | None] = mapped_column(String(36), index=True)
    person_key: Mapped[str] = mapped_column(String(320))
    participant: Mapped[str] = mapped_column(
        String(300), default=""
    )  # whose hash is signed; never signed itself
    intended: Mapped[bytes] = mapped_column(LargeBinary)  # the unsigned document
    signed: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_public: Mapped[bool] = mapped_column(default=False)  # on the award's page, if the educator agrees
    made_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_why: Mapped[str] = mapped_column(Text, default="")
    revoked_at: Mapped[datetime | None]  # when that was carried into the status list
    flag: Mapped[str] = mapped_column(String(40), default="")  # what was found of the award of a certificate
    flagged_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]  # when that award was last looked up; None: it is due now

    __table_args__ = (
        Index(
            "uq_recognition_statements_alive",
            "kind",
            "organisation",
            "decision",
            "award_key",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )


class ConsentRow(Base):
    """An educator lets an affiliate see an award, until the educator takes that back."""

    __tablename__ = "recognition_consents"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(40))
    person: Mapped[str] = mapped_column(String(36), index=True)
    credential_id: Mapped[str] = mapped_column(String(2048))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("organisation", "credential_id"),)
