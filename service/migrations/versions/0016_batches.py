# SPDX-License-Identifier: Apache-2.0
"""The tables of showing and checking: many at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "verifier_batches",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("issuers", sa.String(40), nullable=True),
        sa.Column("cycle_from", sa.Date(), nullable=True),
        sa.Column("cycle_until", sa.Date(), nullable=True),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=True),
        sa.Column("done_at", _MOMENT, nullable=True),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("receipt", sa.String(36), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_verifier_batches"),
    )
    op.create_index("ix_verifier_batches_ends_at", "verifier_batches", ["ends_at"])
    op.create_index("ix_verifier_batches_state", "verifier_batches", ["state"])
    op.create_table(
        "verifier_batch_items",
        sa.Column("batch", sa.String(36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("file", sa.String(36), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(1024), nullable=True),
        sa.Column("asks_recipient", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=True),
        sa.Column("needs_you", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("taken_until", _MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["batch"],
            ["verifier_batches.id"],
            name="fk_verifier_batch_items_batch_verifier_batches",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("batch", "position", name="pk_verifier_batch_items"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("verifier_batch_items")
    op.drop_table("verifier_batches")
