# SPDX-License-Identifier: Apache-2.0
"""The tables of earning: learning communities, and people brought in from a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "earning_communities",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("portal", sa.String(20), nullable=True),
        sa.Column("local", sa.String(120), nullable=False),
        sa.Column("contact", sa.String(255), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("invite", sa.String(64), nullable=False),
        sa.Column("started_by", sa.String(36), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["portal"], ["earning_portals.slug"], name="fk_earning_communities_portal_earning_portals"
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["people.id"], name="fk_earning_communities_started_by_people"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_communities"),
        sa.UniqueConstraint("invite", name="uq_earning_communities_invite"),
    )
    op.create_index("ix_earning_communities_local", "earning_communities", ["local"])
    op.create_table(
        "earning_community_dates",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("community", sa.String(36), nullable=False),
        sa.Column("code", sa.String(16), nullable=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"],
            ["earning_communities.id"],
            name="fk_earning_community_dates_community_earning_communities",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_community_dates"),
    )
    op.create_index("ix_earning_community_dates_community", "earning_community_dates", ["community"])
    op.create_table(
        "earning_community_invites",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("community", sa.String(36), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["community"],
            ["earning_communities.id"],
            name="fk_earning_community_invites_community_earning_communities",
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_earning_community_invites"),
    )
    op.create_index("ix_earning_community_invites_community", "earning_community_invites", ["community"])
    op.create_table(
        "earning_community_members",
        sa.Column("community", sa.String(36), nullable=False),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        sa.Column("wants_mail", sa.Boolean(), nullable=False),
        sa.Column("joined_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["community"],
            ["earning_communities.id"],
            name="fk_earning_community_members_community_earning_communities",
        ),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_earning_community_members_person_people"),
        sa.PrimaryKeyConstraint("community", "person", name="pk_earning_community_members"),
    )
    op.create_index("ix_earning_community_members_person", "earning_community_members", ["person"])
    op.create_table(
        "earning_imports",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("done_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_earning_imports_person_people"),
        sa.PrimaryKeyConstraint("id", name="pk_earning_imports"),
    )
    op.create_index("ix_earning_imports_person", "earning_imports", ["person"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("earning_imports")
    op.drop_table("earning_community_members")
    op.drop_table("earning_community_invites")
    op.drop_table("earning_community_dates")
    op.drop_table("earning_communities")
