# SPDX-License-Identifier: Apache-2.0
"""The tables of keys/."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "controllers",
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("did", sa.String(2_048), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_controllers"),
        sa.UniqueConstraint("did", name="uq_controllers_did"),
    )
    op.create_table(
        "keys",
        sa.Column("thumbprint", sa.String(64), nullable=False),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("algorithm", sa.String(64), nullable=False),
        sa.Column("public_jwk", sa.Text(), nullable=False),
        sa.Column("custody", sa.String(255), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("retired_at", _MOMENT, nullable=True),
        sa.Column("compromised_since", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("thumbprint", name="pk_keys"),
        sa.ForeignKeyConstraint(["slug"], ["controllers.slug"], name="fk_keys_slug_controllers"),
        sa.UniqueConstraint("slug", "key_id", name="uq_keys_slug"),
    )
    op.create_index(
        "ix_keys_one_active",
        "keys",
        ["slug", "algorithm"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("keys")
    op.drop_table("controllers")
