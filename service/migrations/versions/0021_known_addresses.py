# SPDX-License-Identifier: Apache-2.0
"""Addresses that a person had before, and which versions of a policy an organisation has accepted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; what was adopted is accepted as far as it was published."""
    op.create_table(
        "people_earlier_addresses",
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name="fk_people_earlier_addresses_person_people", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person", "email_key", name="pk_people_earlier_addresses"),
    )
    op.create_index("ix_people_earlier_addresses_email_key", "people_earlier_addresses", ["email_key"])
    op.add_column(
        "recognition_adoptions", sa.Column("accepted", sa.JSON(), nullable=False, server_default="{}")
    )
    _accept_what_is_there()


def _accept_what_is_there() -> None:
    database = op.get_bind()
    published: dict[str, dict[str, str]] = {}
    for id, version, sha256 in database.execute(
        sa.text("SELECT id, version, sha256 FROM recognition_policies")
    ):
        published.setdefault(id, {})[version] = sha256
    adoptions = sa.table(
        "recognition_adoptions", sa.column("policy", sa.String), sa.column("accepted", sa.JSON)
    )
    for id, versions in published.items():
        op.execute(adoptions.update().where(adoptions.c.policy == id).values(accepted=versions))


def downgrade() -> None:
    """Take both away again."""
    op.drop_column("recognition_adoptions", "accepted")
    op.drop_table("people_earlier_addresses")
