# SPDX-License-Identifier: Apache-2.0
"""The mark of the catalogue, and an index by which the newest version of a code is found without its text."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table with its one row, and the indexes."""
    table = op.create_table(
        "earning_catalogue",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_earning_catalogue"),
    )
    op.bulk_insert(table, [{"id": 1, "mark": uuid.uuid4().hex}])
    op.create_index("ix_issuer_achievements_position", "issuer_achievements", ["position"])
    op.drop_index("ix_issuer_achievements_code", "issuer_achievements")
    op.create_index("ix_issuer_achievements_code", "issuer_achievements", ["code", "position"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_issuer_achievements_code", "issuer_achievements")
    op.create_index("ix_issuer_achievements_code", "issuer_achievements", ["code"])
    op.drop_index("ix_issuer_achievements_position", "issuer_achievements")
    op.drop_table("earning_catalogue")
