# SPDX-License-Identifier: Apache-2.0
"""The tables of accounts: people, organisations, sessions, links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "people",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("email_key", sa.String(254), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("job", sa.String(40), nullable=False),
        sa.Column("school", sa.String(200), nullable=False),
        sa.Column("local", sa.String(200), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("is_member", sa.Boolean, nullable=False),
        sa.Column("password", sa.Text, nullable=True),
        sa.Column("password_at", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("confirmed_at", _MOMENT, nullable=True),
        sa.Column("erased_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("email_key", name="uq_people_email_key"),
    )
    op.create_table(
        "organisations",
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("parent", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("slug", name="pk_organisations"),
        sa.ForeignKeyConstraint(
            ["parent"], ["organisations.slug"], name="fk_organisations_parent_organisations"
        ),
    )
    op.create_table(
        "memberships",
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("role", sa.String(30), nullable=False),
        sa.Column("granted_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person", "organisation", "role", name="pk_memberships"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_memberships_person_people"),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.slug"], name="fk_memberships_organisation_organisations"
        ),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("previous_digest", sa.String(64), nullable=True),
        sa.Column("previous_until", _MOMENT, nullable=True),
        sa.Column("csrf", sa.String(43), nullable=False),
        sa.Column("device", sa.String(100), nullable=False),
        sa.Column("signed_in_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("must_renew", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_sessions_person_people"),
        sa.UniqueConstraint("digest", name="uq_sessions_digest"),
        sa.UniqueConstraint("previous_digest", name="uq_sessions_previous_digest"),
    )
    op.create_index("ix_sessions_person", "sessions", ["person"])
    op.create_table(
        "account_links",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("person", sa.String(36), nullable=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_account_links"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_account_links_person_people"),
    )
    op.create_index("ix_account_links_person", "account_links", ["person"])
    op.create_index("ix_account_links_email", "account_links", ["email"])
    op.create_table(
        "account_attempts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account_attempts"),
    )
    op.create_index("ix_account_attempts_kind", "account_attempts", ["kind", "subject"])


def downgrade() -> None:
    """Drop them again."""
    for table in (
        "account_attempts",
        "account_links",
        "sessions",
        "memberships",
        "organisations",
        "people",
    ):
        op.drop_table(table)
