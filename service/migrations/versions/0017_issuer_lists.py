# SPDX-License-Identifier: Apache-2.0
"""The tables of showing and checking: lists of recognised issuers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "verifier_issuer_lists",
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_verifier_issuer_lists"),
    )
    op.create_table(
        "verifier_list_sources",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("list", sa.String(40), nullable=False),
        sa.Column("url", sa.String(512), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("accepted_at", _MOMENT, nullable=True),
        sa.Column("refused", sa.String(64), nullable=True),
        sa.Column("waiting", sa.LargeBinary(), nullable=True),
        sa.Column("read_at", _MOMENT, nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list"],
            ["verifier_issuer_lists.slug"],
            name="fk_verifier_list_sources_list_verifier_issuer_lists",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_verifier_list_sources"),
        sa.UniqueConstraint("list", "url", name="uq_verifier_list_sources_list"),
    )
    op.create_table(
        "verifier_listed_issuers",
        sa.Column("list", sa.String(40), nullable=False),
        sa.Column("did", sa.String(512), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(512), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("added_by", sa.String(100), nullable=False),
        sa.Column("left_at", _MOMENT, nullable=True),
        sa.Column("removed_at", _MOMENT, nullable=True),
        sa.Column("removed_by", sa.String(100), nullable=True),
        sa.ForeignKeyConstraint(
            ["list"],
            ["verifier_issuer_lists.slug"],
            name="fk_verifier_listed_issuers_list_verifier_issuer_lists",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("list", "did", name="pk_verifier_listed_issuers"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("verifier_listed_issuers")
    op.drop_table("verifier_list_sources")
    op.drop_table("verifier_issuer_lists")
