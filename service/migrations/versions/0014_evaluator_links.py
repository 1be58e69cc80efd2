# SPDX-License-Identifier: Apache-2.0
"""The tables of showing and checking: links for evaluators, and their use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "earning_evaluator_links",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("application", sa.String(36), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        sa.Column("shows_answers", sa.Boolean(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("withdrawn_at", _MOMENT, nullable=True),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["application"],
            ["earning_applications.id"],
            name="fk_earning_evaluator_links_application_earning_applications",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_evaluator_links"),
        sa.UniqueConstraint("digest", name="uq_earning_evaluator_links_digest"),
    )
    op.create_index("ix_earning_evaluator_links_application", "earning_evaluator_links", ["application"])
    op.create_table(
        "earning_evaluator_visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link", sa.String(36), nullable=False),
        sa.Column("piece", sa.String(36), nullable=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["link"],
            ["earning_evaluator_links.id"],
            name="fk_earning_evaluator_visits_link_earning_evaluator_links",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_evaluator_visits"),
    )
    op.create_index("ix_earning_evaluator_visits_link", "earning_evaluator_visits", ["link"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("earning_evaluator_visits")
    op.drop_table("earning_evaluator_links")
