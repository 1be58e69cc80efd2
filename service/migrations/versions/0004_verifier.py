# SPDX-License-Identifier: Apache-2.0
"""The tables of verifier/."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "seen_status_lists",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_seen_status_lists"),
    )
    op.create_index("ix_seen_status_lists_seen_at", "seen_status_lists", ["seen_at"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("seen_status_lists")
