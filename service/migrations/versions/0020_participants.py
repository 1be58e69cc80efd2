# SPDX-License-Identifier: Apache-2.0
"""The name beside a PD certificate, of which only a salted hash is signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "recognition_statements",
        sa.Column("participant", sa.String(300), nullable=False, server_default=""),
    )


def downgrade() -> None:
    """Drop it again."""
    with op.batch_alter_table("recognition_statements") as table:
        table.drop_column("participant")
