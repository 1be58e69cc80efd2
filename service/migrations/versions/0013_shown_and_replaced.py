# SPDX-License-Identifier: Apache-2.0
"""Whether search engines may show a credential, and which one took its place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column(
        "issuer_awards", sa.Column("is_indexed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    with op.batch_alter_table("issuer_credentials") as table:
        table.add_column(sa.Column("superseded_by", sa.String(36)))
        table.create_foreign_key(
            "fk_issuer_credentials_superseded_by_issuer_credentials",
            "issuer_credentials",
            ["superseded_by"],
            ["key"],
        )


def downgrade() -> None:
    """Drop them again."""
    with op.batch_alter_table("issuer_credentials") as table:
        table.drop_column("superseded_by")
    with op.batch_alter_table("issuer_awards") as table:
        table.drop_column("is_indexed")
