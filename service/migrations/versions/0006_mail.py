# SPDX-License-Identifier: Apache-2.0
"""The tables of mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=True),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("subject", sa.String(250), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("thread", sa.String(100), nullable=True),
        sa.Column("unsubscribe", sa.String(500), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("lease", sa.String(32), nullable=True),
        sa.Column("sent_at", _MOMENT, nullable=True),
        sa.Column("given_up_at", _MOMENT, nullable=True),
        sa.Column("reason", sa.String(100), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("key", name="uq_mails_key"),
        sqlite_autoincrement=True,  # an id names a mail to other servers; it is never used again
    )
    for column in ("person_id", "address", "thread", "due_at"):
        op.create_index(f"ix_mails_{column}", "mails", [column])
    op.create_table(
        "mail_attachments",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("media_type", sa.String(127), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("mail_id", "position", name="pk_mail_attachments"),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mails.id"], ondelete="CASCADE", name="fk_mail_attachments_mail_id_mails"
        ),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("mail_attachments")
    op.drop_table("mails")
