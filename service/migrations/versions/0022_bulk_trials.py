# SPDX-License-Identifier: Apache-2.0
"""The dry run of a file of awards, and who started it: never alone whoever proposes many."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table, and add the column with its rule."""
    with op.batch_alter_table("issuer_bulks") as table:
        table.add_column(sa.Column("approved_by", sa.String(255), nullable=True))
        table.create_check_constraint(
            "second_person", "rows <= 500 OR approved_by IS NULL OR approved_by <> made_by"
        )
        table.create_index("ix_issuer_bulks_made_at", ["made_at"])
    op.create_table(
        "issuer_bulk_trials",
        sa.Column("bulk", sa.String(36), nullable=False),
        sa.Column("issuer", sa.String(40), nullable=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(400), nullable=True),
        sa.Column("request_digest", sa.String(64), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("warned", sa.Integer(), nullable=False),
        sa.Column("leaves_out", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("taken_until", _MOMENT, nullable=True),
        sa.Column("tried_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["bulk"], ["issuer_bulks.id"], name="fk_issuer_bulk_trials_bulk_issuer_bulks", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["issuer"], ["issuer_profiles.slug"], name="fk_issuer_bulk_trials_issuer_issuer_profiles"
        ),
        sa.PrimaryKeyConstraint("bulk", name="pk_issuer_bulk_trials"),
        sa.UniqueConstraint("idempotency_key", name="uq_issuer_bulk_trials_idempotency_key"),
    )
    op.create_index("ix_issuer_bulk_trials_issuer", "issuer_bulk_trials", ["issuer"])
    op.create_index("ix_issuer_bulk_trials_sha256", "issuer_bulk_trials", ["sha256"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("issuer_bulk_trials")
    with op.batch_alter_table("issuer_bulks") as table:
        table.drop_index("ix_issuer_bulks_made_at")
        table.drop_constraint("second_person", type_="check")
        table.drop_column("approved_by")
