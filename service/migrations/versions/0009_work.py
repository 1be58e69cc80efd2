# SPDX-License-Identifier: Apache-2.0
"""The tables of earning: applications and the work on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "earning_goals",
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_earning_goals_person_people"),
        sa.PrimaryKeyConstraint("person", name="pk_earning_goals"),
    )
    op.create_table(
        "earning_applications",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("portal", sa.String(20), nullable=True),
        sa.Column("season", sa.String(60), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("applied_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("revise_by", _MOMENT, nullable=True),
        sa.Column("submitted_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        sa.Column("wants_reminders", sa.Boolean(), nullable=False),
        sa.Column("award", sa.String(36), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_earning_applications_person_people"),
        sa.ForeignKeyConstraint(
            ["portal"], ["earning_portals.slug"], name="fk_earning_applications_portal_earning_portals"
        ),
        sa.ForeignKeyConstraint(
            ["season"], ["earning_seasons.id"], name="fk_earning_applications_season_earning_seasons"
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["earning_versions.key"], name="fk_earning_applications_version_earning_versions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_applications"),
        sa.UniqueConstraint("award", name="uq_earning_applications_award"),
    )
    op.create_index("ix_earning_applications_person", "earning_applications", ["person"])
    op.create_index("ix_earning_applications_state", "earning_applications", ["state"])
    op.create_index("ix_earning_applications_version", "earning_applications", ["version"])
    op.create_index(
        "uq_earning_applications_alive",
        "earning_applications",
        ["person", "version"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('withdrawn', 'expired', 'denied')"),
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'expired', 'denied')"),
    )
    op.create_table(
        "earning_answers",
        sa.Column("application", sa.String(36), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application"],
            ["earning_applications.id"],
            name="fk_earning_answers_application_earning_applications",
        ),
        sa.PrimaryKeyConstraint("application", "place", name="pk_earning_answers"),
    )
    op.create_table(
        "earning_artefacts",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("application", sa.String(36), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("file", sa.String(36), nullable=True),
        sa.Column("media_type", sa.String(100), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=True),
        sa.Column("is_existing", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("disclosure", sa.String(8), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("removed_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["application"],
            ["earning_applications.id"],
            name="fk_earning_artefacts_application_earning_applications",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_artefacts"),
        sa.UniqueConstraint("file", name="uq_earning_artefacts_file"),
    )
    op.create_index("ix_earning_artefacts_application", "earning_artefacts", ["application"])
    op.create_table(
        "earning_extensions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("application", sa.String(36), nullable=False),
        sa.Column("was", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.String(36), nullable=False),
        sa.Column("granted_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application"],
            ["earning_applications.id"],
            name="fk_earning_extensions_application_earning_applications",
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["people.id"], name="fk_earning_extensions_granted_by_people"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_extensions"),
    )
    op.create_index("ix_earning_extensions_application", "earning_extensions", ["application"])
    op.create_table(
        "earning_submissions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("application", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("statements", sa.Text(), nullable=False),
        sa.Column("school", sa.String(200), nullable=False),
        sa.Column("local", sa.String(200), nullable=False),
        sa.Column("submitted_at", _MOMENT, nullable=False),
        sa.Column("expected_by", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["application"],
            ["earning_applications.id"],
            name="fk_earning_submissions_application_earning_applications",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_submissions"),
        sa.UniqueConstraint("application", "number", name="uq_earning_submissions_number"),
    )
    op.create_index("ix_earning_submissions_application", "earning_submissions", ["application"])
    op.create_index("ix_earning_submissions_state", "earning_submissions", ["state"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("earning_submissions")
    op.drop_table("earning_extensions")
    op.drop_table("earning_artefacts")
    op.drop_table("earning_answers")
    op.drop_table("earning_applications")
    op.drop_table("earning_goals")
