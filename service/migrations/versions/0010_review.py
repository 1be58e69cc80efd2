# SPDX-License-Identifier: Apache-2.0
"""The tables of earning: the review: readings, decisions, cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "earning_reviewer_skills",
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("stack", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"],
            ["organisations.slug"],
            name="fk_earning_reviewer_skills_organisation_organisations",
        ),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_earning_reviewer_skills_person_people"),
        sa.PrimaryKeyConstraint("person", "organisation", "stack", name="pk_earning_reviewer_skills"),
    )
    op.create_table(
        "earning_reviewers",
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.slug"], name="fk_earning_reviewers_organisation_organisations"
        ),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_earning_reviewers_person_people"),
        sa.PrimaryKeyConstraint("person", "organisation", name="pk_earning_reviewers"),
    )
    op.create_table(
        "earning_cases",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("submission", sa.String(36), nullable=False),
        sa.Column("artefact", sa.String(36), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.String(36), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("noticed_at", _MOMENT, nullable=True),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("votes_abstained", sa.Integer(), nullable=True),
        sa.Column("closed_by", sa.String(36), nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artefact"], ["earning_artefacts.id"], name="fk_earning_cases_artefact_earning_artefacts"
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["people.id"], name="fk_earning_cases_closed_by_people"),
        sa.ForeignKeyConstraint(["opened_by"], ["people.id"], name="fk_earning_cases_opened_by_people"),
        sa.ForeignKeyConstraint(
            ["submission"], ["earning_submissions.id"], name="fk_earning_cases_submission_earning_submissions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_cases"),
    )
    op.create_index("ix_earning_cases_submission", "earning_cases", ["submission"])
    op.create_table(
        "earning_decisions",
        sa.Column("submission", sa.String(36), nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["earning_submissions.id"],
            name="fk_earning_decisions_submission_earning_submissions",
        ),
        sa.PrimaryKeyConstraint("submission", name="pk_earning_decisions"),
    )
    op.create_table(
        "earning_reviews",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("submission", sa.String(36), nullable=False),
        sa.Column("reviewer", sa.String(36), nullable=False),
        sa.Column("reading", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(12), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("prolonged", sa.Integer(), nullable=False),
        sa.Column("leased_at", _MOMENT, nullable=False),
        sa.Column("leased_until", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["reviewer"], ["people.id"], name="fk_earning_reviews_reviewer_people"),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["earning_submissions.id"],
            name="fk_earning_reviews_submission_earning_submissions",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_earning_reviews"),
    )
    op.create_index("ix_earning_reviews_reviewer", "earning_reviews", ["reviewer"])
    op.create_index("ix_earning_reviews_submission", "earning_reviews", ["submission"])
    op.create_index(
        "uq_earning_reviews_reading",
        "earning_reviews",
        ["submission", "reading"],
        unique=True,
        sqlite_where=sa.text("state IN ('leased', 'finished')"),
        postgresql_where=sa.text("state IN ('leased', 'finished')"),
    )
    op.create_index(
        "uq_earning_reviews_reviewer",
        "earning_reviews",
        ["submission", "reviewer"],
        unique=True,
        sqlite_where=sa.text("state IN ('leased', 'finished')"),
        postgresql_where=sa.text("state IN ('leased', 'finished')"),
    )
    op.create_table(
        "earning_ratings",
        sa.Column("review", sa.String(36), nullable=False),
        sa.Column("criterion", sa.String(80), nullable=False),
        sa.Column("level", sa.String(80), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review"], ["earning_reviews.id"], name="fk_earning_ratings_review_earning_reviews"
        ),
        sa.PrimaryKeyConstraint("review", "criterion", name="pk_earning_ratings"),
    )
    # Nobody judges their own work, whatever a program asks for (threats E1).
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER earning_reviews_not_own BEFORE INSERT ON earning_reviews "
            "WHEN EXISTS (SELECT 1 FROM earning_submissions s JOIN earning_applications a "
            "ON a.id = s.application WHERE s.id = NEW.submission AND a.person = NEW.reviewer) "
            "BEGIN SELECT RAISE(ABORT, 'nobody reviews their own work'); END"
        )
    else:
        op.execute(
            "CREATE FUNCTION earning_reviews_not_own() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF EXISTS (SELECT 1 FROM earning_submissions s JOIN earning_applications a "
            "ON a.id = s.application WHERE s.id = NEW.submission AND a.person = NEW.reviewer) THEN "
            "RAISE integrity_constraint_violation USING MESSAGE = 'nobody reviews their own work'; "
            "END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER earning_reviews_not_own BEFORE INSERT ON earning_reviews "
            "FOR EACH ROW EXECUTE FUNCTION earning_reviews_not_own()"
        )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("earning_ratings")
    op.drop_table("earning_reviews")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION earning_reviews_not_own()")
    op.drop_table("earning_decisions")
    op.drop_table("earning_cases")
    op.drop_table("earning_reviewers")
    op.drop_table("earning_reviewer_skills")
