# SPDX-License-Identifier: Apache-2.0
"""The tables of recognition: policies, plans, attestations, claims, decisions, ledger, statements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "recognition_adoptions",
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(80), nullable=False),
        sa.Column("adopted_at", _MOMENT, nullable=False),
        sa.Column("adopted_by", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "policy", name="pk_recognition_adoptions"),
    )
    op.create_table(
        "recognition_attestations",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("person_key", sa.String(320), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("item", sa.String(80), nullable=False),
        sa.Column("award", sa.String(512), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("hours", sa.String(20), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("entered_by", sa.String(100), nullable=False),
        sa.Column("entered_at", _MOMENT, nullable=False),
        sa.Column("how", sa.String(8), nullable=False),
        sa.Column("same", sa.String(64), nullable=False),
        sa.Column("voided_at", _MOMENT, nullable=True),
        sa.Column("voided_by", sa.String(100), nullable=True),
        sa.Column("voided_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recognition_attestations"),
    )
    op.create_index("ix_recognition_attestations_person_key", "recognition_attestations", ["person_key"])
    op.create_index(
        "uq_recognition_attestations_same",
        "recognition_attestations",
        ["organisation", "same"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "recognition_claims",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("policy", sa.String(80), nullable=False),
        sa.Column("purpose", sa.String(80), nullable=False),
        sa.Column("person", sa.String(36), nullable=True),
        sa.Column("person_key", sa.String(320), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("decision", sa.String(36), nullable=True),
        sa.Column("entered_by", sa.String(100), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("submitted_at", _MOMENT, nullable=True),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("show_publicly", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recognition_claims"),
    )
    op.create_index(
        "ix_recognition_claims_desk", "recognition_claims", ["organisation", "state", "submitted_at"]
    )
    op.create_index("ix_recognition_claims_person", "recognition_claims", ["person"])
    op.create_table(
        "recognition_consents",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("credential_id", sa.String(2048), nullable=False),
        sa.Column("given_at", _MOMENT, nullable=False),
        sa.Column("withdrawn_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recognition_consents"),
        sa.UniqueConstraint("organisation", "credential_id", name="uq_recognition_consents_organisation"),
    )
    op.create_index("ix_recognition_consents_person", "recognition_consents", ["person"])
    op.create_table(
        "recognition_decisions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("claim", sa.String(36), nullable=True),
        sa.Column("policy", sa.String(80), nullable=False),
        sa.Column("policy_version", sa.String(80), nullable=False),
        sa.Column("policy_sha256", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(80), nullable=False),
        sa.Column("outcome", sa.String(80), nullable=False),
        sa.Column("units", sa.String(40), nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("corrects", sa.String(36), nullable=True),
        sa.Column("decided_by", sa.String(100), nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recognition_decisions"),
    )
    op.create_index("ix_recognition_decisions_claim", "recognition_decisions", ["claim"])
    op.create_index("ix_recognition_decisions_year", "recognition_decisions", ["organisation", "decided_at"])
    op.create_table(
        "recognition_issuer_names",
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("did", sa.String(512), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "name", "did", name="pk_recognition_issuer_names"),
    )
    op.create_table(
        "recognition_plans",
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("policy", sa.String(80), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("saved_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person", "policy", name="pk_recognition_plans"),
    )
    op.create_table(
        "recognition_policies",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("added_by", sa.String(100), nullable=False),
        sa.Column("retired_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", "version", name="pk_recognition_policies"),
    )
    op.create_table(
        "recognition_statements",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("decision", sa.String(36), nullable=False),
        sa.Column("award_key", sa.String(64), nullable=False),
        sa.Column("credential_id", sa.String(2048), nullable=False),
        sa.Column("person", sa.String(36), nullable=True),
        sa.Column("person_key", sa.String(320), nullable=False),
        sa.Column("intended", sa.LargeBinary(), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("signed_at", _MOMENT, nullable=True),
        sa.Column("withdrawn_at", _MOMENT, nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=False),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.Column("flag", sa.String(40), nullable=False),
        sa.Column("flagged_at", _MOMENT, nullable=True),
        sa.Column("looked_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recognition_statements"),
    )
    op.create_index("ix_recognition_statements_award_key", "recognition_statements", ["award_key"])
    op.create_index("ix_recognition_statements_credential_id", "recognition_statements", ["credential_id"])
    op.create_index("ix_recognition_statements_decision", "recognition_statements", ["decision"])
    op.create_index("ix_recognition_statements_person", "recognition_statements", ["person"])
    op.create_index(
        "uq_recognition_statements_alive",
        "recognition_statements",
        ["kind", "organisation", "decision", "award_key"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "recognition_claim_awards",
        sa.Column("claim", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("award_key", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim"],
            ["recognition_claims.id"],
            name="fk_recognition_claim_awards_claim_recognition_claims",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("claim", "position", name="pk_recognition_claim_awards"),
    )
    op.create_index("ix_recognition_claim_awards_award_key", "recognition_claim_awards", ["award_key"])
    op.create_table(
        "recognition_ledger",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(80), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("award_key", sa.String(64), nullable=False),
        sa.Column("credential_id", sa.String(2048), nullable=False),
        sa.Column("issuer_id", sa.String(512), nullable=False),
        sa.Column("achievement_id", sa.String(2048), nullable=False),
        sa.Column("item", sa.String(80), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("awarded_on", sa.Date(), nullable=False),
        sa.Column("person", sa.String(36), nullable=True),
        sa.Column("person_key", sa.String(320), nullable=False),
        sa.Column("cycle_from", sa.Date(), nullable=True),
        sa.Column("cycle_until", sa.Date(), nullable=True),
        sa.Column("decision", sa.String(36), nullable=False),
        sa.Column("group", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(200), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("units", sa.String(40), nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("value", sa.String(80), nullable=False),
        sa.Column("used_at", _MOMENT, nullable=False),
        sa.Column("flagged_at", _MOMENT, nullable=True),
        sa.Column("flag", sa.String(40), nullable=False),
        sa.Column("kept_at", _MOMENT, nullable=True),
        sa.Column("reversed_at", _MOMENT, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("looked_at", _MOMENT, nullable=True),
        sa.Column("checked_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["decision"],
            ["recognition_decisions.id"],
            name="fk_recognition_ledger_decision_recognition_decisions",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recognition_ledger"),
    )
    op.create_index("ix_recognition_ledger_award_key", "recognition_ledger", ["award_key"])
    op.create_index("ix_recognition_ledger_decision", "recognition_ledger", ["decision"])
    op.create_index("ix_recognition_ledger_person", "recognition_ledger", ["organisation", "person_key"])
    op.create_index(
        "uq_recognition_ledger_used",
        "recognition_ledger",
        ["organisation", "purpose", "stage", "award_key"],
        unique=True,
        sqlite_where=sa.text("reversed_at IS NULL"),
        postgresql_where=sa.text("reversed_at IS NULL"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("recognition_ledger")
    op.drop_table("recognition_claim_awards")
    op.drop_table("recognition_statements")
    op.drop_table("recognition_policies")
    op.drop_table("recognition_plans")
    op.drop_table("recognition_issuer_names")
    op.drop_table("recognition_decisions")
    op.drop_table("recognition_consents")
    op.drop_table("recognition_claims")
    op.drop_table("recognition_attestations")
    op.drop_table("recognition_adoptions")
