# SPDX-License-Identifier: Apache-2.0
"""The tables of bulk issuing: files of awards, and their rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "issuer_bulks",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sends_mail", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(255), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_issuer_bulks"),
    )
    op.create_table(
        "issuer_bulk_items",
        sa.Column("bulk", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("award", sa.String(36), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_until", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["bulk"], ["issuer_bulks.id"], name="fk_issuer_bulk_items_bulk_issuer_bulks", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bulk", "number", name="pk_issuer_bulk_items"),
    )
    op.create_index("ix_issuer_bulk_items_award", "issuer_bulk_items", ["award"])
    op.create_index("ix_issuer_bulk_items_open", "issuer_bulk_items", ["bulk", "state", "number"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("issuer_bulk_items")
    op.drop_table("issuer_bulks")
