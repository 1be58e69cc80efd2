# SPDX-License-Identifier: Apache-2.0
"""Which run looks at a file of awards: one that comes back after its lease writes nothing any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is being looked at now begins again when its lease ends."""
    op.add_column("issuer_bulk_trials", sa.Column("taken_by", sa.String(36), nullable=True))


def downgrade() -> None:
    """Drop it again."""
    with op.batch_alter_table("issuer_bulk_trials") as table:
        table.drop_column("taken_by")
