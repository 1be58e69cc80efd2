# SPDX-License-Identifier: Apache-2.0
"""The tables of earning: the catalogue, its portals and seasons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "earning_stacks",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("colour", sa.Integer(), nullable=False),
        sa.Column("only_for", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_earning_stacks"),
    )
    op.create_table(
        "earning_drafts",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("issuer", sa.String(40), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("edited_by", sa.String(36), nullable=False),
        sa.Column("edited_at", _MOMENT, nullable=False),
        sa.Column("published", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(["edited_by"], ["people.id"], name="fk_earning_drafts_edited_by_people"),
        sa.ForeignKeyConstraint(
            ["issuer"], ["issuer_profiles.slug"], name="fk_earning_drafts_issuer_issuer_profiles"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_drafts"),
    )
    op.create_index("ix_earning_drafts_issuer", "earning_drafts", ["issuer"])
    op.create_table(
        "earning_portals",
        sa.Column("slug", sa.String(20), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.slug"], name="fk_earning_portals_organisation_organisations"
        ),
        sa.PrimaryKeyConstraint("slug", name="pk_earning_portals"),
    )
    op.create_table(
        "earning_questions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("portal", sa.String(20), nullable=True),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("person", sa.String(36), nullable=True),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_to", sa.String(255), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_earning_questions_person_people"),
        sa.ForeignKeyConstraint(
            ["portal"], ["earning_portals.slug"], name="fk_earning_questions_portal_earning_portals"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_questions"),
    )
    op.create_index("ix_earning_questions_person", "earning_questions", ["person"])
    op.create_table(
        "earning_seasons",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("portal", sa.String(20), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("last_submission", sa.Date(), nullable=False),
        sa.Column("last_revision", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["portal"], ["earning_portals.slug"], name="fk_earning_seasons_portal_earning_portals"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_seasons"),
    )
    op.create_index("ix_earning_seasons_portal", "earning_seasons", ["portal"])
    op.create_table(
        "earning_versions",
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("issuer", sa.String(40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("competency", sa.Text(), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("hours_min", sa.Integer(), nullable=False),
        sa.Column("hours_max", sa.Integer(), nullable=False),
        sa.Column("needs_students", sa.Boolean(), nullable=False),
        sa.Column("is_generated", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["issuer"], ["issuer_profiles.slug"], name="fk_earning_versions_issuer_issuer_profiles"
        ),
        sa.ForeignKeyConstraint(
            ["key"], ["issuer_achievements.key"], name="fk_earning_versions_key_issuer_achievements"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_earning_versions"),
    )
    op.create_index("ix_earning_versions_code", "earning_versions", ["code"])
    op.create_index("ix_earning_versions_issuer", "earning_versions", ["issuer"])
    op.create_index("ix_earning_versions_position", "earning_versions", ["position"])
    op.create_table(
        "earning_version_audiences",
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("audience", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["earning_versions.key"],
            name="fk_earning_version_audiences_version_earning_versions",
        ),
        sa.PrimaryKeyConstraint("version", "audience", name="pk_earning_version_audiences"),
    )
    op.create_index("ix_earning_version_audiences_audience", "earning_version_audiences", ["audience"])
    op.create_table(
        "earning_version_stacks",
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("stack", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["earning_versions.key"], name="fk_earning_version_stacks_version_earning_versions"
        ),
        sa.PrimaryKeyConstraint("version", "stack", name="pk_earning_version_stacks"),
    )
    op.create_index("ix_earning_version_stacks_stack", "earning_version_stacks", ["stack"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("earning_version_stacks")
    op.drop_table("earning_version_audiences")
    op.drop_table("earning_versions")
    op.drop_table("earning_seasons")
    op.drop_table("earning_questions")
    op.drop_table("earning_portals")
    op.drop_table("earning_drafts")
    op.drop_table("earning_stacks")
