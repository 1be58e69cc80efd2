# SPDX-License-Identifier: Apache-2.0
"""The tables of takebacks: what is being taken back, and its lines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "issuer_takebacks",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("chosen", sa.String(300), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("public_reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("tells", sa.Boolean(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(255), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("proposed_by", sa.String(255), nullable=True),
        sa.Column("proposed_at", _MOMENT, nullable=True),
        sa.Column("approved_by", sa.String(255), nullable=True),
        sa.Column("approved_at", _MOMENT, nullable=True),
        sa.Column("hasten_by", sa.String(255), nullable=True),
        sa.Column("hastened_by", sa.String(255), nullable=True),
        sa.Column("ends_at", _MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(255), nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("idempotency_key", sa.String(400), nullable=True),
        sa.Column("request_digest", sa.String(64), nullable=True),
        sa.CheckConstraint(
            "(number <= 25 AND NOT needs_second) OR approved_by IS NOT NULL"
            " OR state IN ('trial', 'proposed', 'cancelled')",
            name="ck_issuer_takebacks_second_agreed",
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR (proposed_by IS NOT NULL AND approved_by <> proposed_by)",
            name="ck_issuer_takebacks_second_is_another",
        ),
        sa.CheckConstraint(
            "hastened_by IS NULL OR (hasten_by IS NOT NULL AND hastened_by <> hasten_by)",
            name="ck_issuer_takebacks_hastened_by_two",
        ),
        sa.ForeignKeyConstraint(
            ["organisation"],
            ["issuer_profiles.slug"],
            name="fk_issuer_takebacks_organisation_issuer_profiles",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_issuer_takebacks"),
        sa.UniqueConstraint("idempotency_key", name="uq_issuer_takebacks_idempotency_key"),
    )
    op.create_index("ix_issuer_takebacks_organisation", "issuer_takebacks", ["organisation", "made_at"])
    op.create_index("ix_issuer_takebacks_state", "issuer_takebacks", ["state"])
    op.create_table(
        "issuer_takeback_lines",
        sa.Column("takeback", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("brought", sa.String(300), nullable=False),
        sa.Column("credential", sa.String(36), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("outlook", sa.String(20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("issues", sa.Integer(), nullable=False),
        sa.Column("last_change", sa.Integer(), nullable=True),
        sa.Column("told", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(
            ["takeback"],
            ["issuer_takebacks.id"],
            name="fk_issuer_takeback_lines_takeback_issuer_takebacks",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("takeback", "number", name="pk_issuer_takeback_lines"),
        sa.UniqueConstraint("takeback", "credential", name="uq_issuer_takeback_lines_takeback"),
    )
    op.create_index("ix_issuer_takeback_lines_credential", "issuer_takeback_lines", ["credential"])
    op.create_index("ix_issuer_takeback_lines_open", "issuer_takeback_lines", ["takeback", "state", "number"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("issuer_takeback_lines")
    op.drop_table("issuer_takebacks")
