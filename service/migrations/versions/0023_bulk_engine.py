# SPDX-License-Identifier: Apache-2.0
"""Which worker holds a row of a bulk, and what follows its last row: the other form, and the mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns."""
    op.add_column("issuer_bulk_items", sa.Column("taken_by", sa.String(36), nullable=True))
    op.add_column("issuer_bulk_items", sa.Column("mailed_at", _MOMENT, nullable=True))
    op.add_column("issuer_bulks", sa.Column("formed_at", _MOMENT, nullable=True))
    op.add_column("issuer_bulks", sa.Column("mailed_at", _MOMENT, nullable=True))


def downgrade() -> None:
    """Drop them again."""
    with op.batch_alter_table("issuer_bulk_items") as table:
        table.drop_column("mailed_at")
        table.drop_column("taken_by")
    with op.batch_alter_table("issuer_bulks") as table:
        table.drop_column("mailed_at")
        table.drop_column("formed_at")
