# SPDX-License-Identifier: Apache-2.0
"""The tables of showing and checking: receipts of checks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "verifier_receipts",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=True),
        sa.Column("examined", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verifier_receipts"),
    )
    op.create_index("ix_verifier_receipts_ends_at", "verifier_receipts", ["ends_at"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("verifier_receipts")
