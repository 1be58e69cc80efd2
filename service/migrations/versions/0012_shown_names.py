# SPDX-License-Identifier: Apache-2.0
"""Names that are shown beside a credential, and awards whose person is forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("issuer_awards", sa.Column("shown_name", sa.String(200)))
    op.add_column("issuer_awards", sa.Column("erased_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Drop them again."""
    with op.batch_alter_table("issuer_awards") as table:
        table.drop_column("erased_at")
        table.drop_column("shown_name")
