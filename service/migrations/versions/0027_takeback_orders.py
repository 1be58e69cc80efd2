# SPDX-License-Identifier: Apache-2.0
"""What is still to be tried out of takebacks, and whose run it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table; a dry run that was begun before is forgotten after a day."""
    op.create_table(
        "issuer_takeback_orders",
        sa.Column("takeback", sa.String(36), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("taken_until", _MOMENT, nullable=True),
        sa.Column("taken_by", sa.String(36), nullable=True),
        sa.ForeignKeyConstraint(
            ["takeback"],
            ["issuer_takebacks.id"],
            name="fk_issuer_takeback_orders_takeback_issuer_takebacks",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("takeback", name="pk_issuer_takeback_orders"),
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("issuer_takeback_orders")
