# SPDX-License-Identifier: Apache-2.0
"""The tables of issuer/."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "issuer_profiles",
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("did", sa.String(255), nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
        sa.Column("image", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_issuer_profiles"),
        sa.UniqueConstraint("did", name="uq_issuer_profiles_did"),
    )
    op.create_table(
        "issuer_achievements",
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("issuer", sa.String(40), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
        sa.Column("members", sa.LargeBinary, nullable=False),
        sa.Column("related", sa.LargeBinary, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("registered_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_issuer_achievements"),
        sa.ForeignKeyConstraint(
            ["issuer"], ["issuer_profiles.slug"], name="fk_issuer_achievements_issuer_issuer_profiles"
        ),
    )
    op.create_index("ix_issuer_achievements_code", "issuer_achievements", ["code"])
    op.create_table(
        "issuer_documents",
        sa.Column("path", sa.String(120), nullable=False),
        sa.Column("achievement", sa.String(40), nullable=False),
        sa.Column("media_type", sa.String(80), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_issuer_documents"),
        sa.ForeignKeyConstraint(
            ["achievement"],
            ["issuer_achievements.key"],
            name="fk_issuer_documents_achievement_issuer_achievements",
        ),
    )
    op.create_index("ix_issuer_documents_achievement", "issuer_documents", ["achievement"])
    op.create_table(
        "issuer_credentials",
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("issuer", sa.String(40), nullable=False),
        sa.Column("credential_id", sa.String(2048), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("intended", sa.LargeBinary),
        sa.Column("proof_created", _MOMENT),
        sa.Column("proof_method", sa.String(512)),
        sa.Column("signed_json", sa.LargeBinary),
        sa.Column("signed_jwt", sa.LargeBinary),
        sa.Column("halted", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("issued_at", _MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_issuer_credentials"),
        sa.UniqueConstraint("credential_id", name="uq_issuer_credentials_credential_id"),
        sa.ForeignKeyConstraint(
            ["issuer"], ["issuer_profiles.slug"], name="fk_issuer_credentials_issuer_issuer_profiles"
        ),
    )
    op.create_index("ix_issuer_credentials_state", "issuer_credentials", ["state"])
    op.create_table(
        "issuer_awards",
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("replaced_by", sa.String(36)),
        sa.Column("issuer", sa.String(40), nullable=False),
        sa.Column("achievement", sa.String(40), nullable=False),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("submission", sa.String(255), nullable=False),
        sa.Column("idempotency_key", sa.String(255)),
        sa.Column("request_digest", sa.String(64)),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("awarded_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_issuer_awards"),
        sa.ForeignKeyConstraint(
            ["key"], ["issuer_credentials.key"], name="fk_issuer_awards_key_issuer_credentials"
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by"],
            ["issuer_credentials.key"],
            name="fk_issuer_awards_replaced_by_issuer_credentials",
        ),
        sa.ForeignKeyConstraint(
            ["issuer"], ["issuer_profiles.slug"], name="fk_issuer_awards_issuer_issuer_profiles"
        ),
        sa.ForeignKeyConstraint(
            ["achievement"],
            ["issuer_achievements.key"],
            name="fk_issuer_awards_achievement_issuer_achievements",
        ),
    )
    for name, columns in (
        ("uq_issuer_awards_submission", ["issuer", "achievement", "recipient", "submission"]),
        ("uq_issuer_awards_idempotency_key", ["idempotency_key"]),
    ):
        op.create_index(
            name,
            "issuer_awards",
            columns,
            unique=True,
            sqlite_where=sa.text("replaced_by IS NULL"),
            postgresql_where=sa.text("replaced_by IS NULL"),
        )
    op.create_table(
        "issuer_status_lists",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("issuer", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("served", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("jwt", sa.LargeBinary),
        sa.Column("methods", sa.Text),
        sa.Column("valid_from", _MOMENT),
        sa.Column("valid_until", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issuer_status_lists"),
        sa.ForeignKeyConstraint(
            ["issuer"], ["issuer_profiles.slug"], name="fk_issuer_status_lists_issuer_issuer_profiles"
        ),
    )
    op.create_index("ix_issuer_status_lists_issuer", "issuer_status_lists", ["issuer", "purpose"])
    op.create_table(
        "issuer_status_entries",
        sa.Column("list", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("credential", sa.String(36), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("is_set", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("list", "position", name="pk_issuer_status_entries"),
        sa.ForeignKeyConstraint(
            ["list"], ["issuer_status_lists.id"], name="fk_issuer_status_entries_list_issuer_status_lists"
        ),
        sa.ForeignKeyConstraint(
            ["credential"],
            ["issuer_credentials.key"],
            name="fk_issuer_status_entries_credential_issuer_credentials",
        ),
        sa.UniqueConstraint("credential", "purpose", name="uq_issuer_status_entries_credential"),
    )
    op.create_table(
        "issuer_status_changes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("credential", sa.String(36), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("public_reason", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issuer_status_changes"),
        sa.ForeignKeyConstraint(
            ["credential"],
            ["issuer_credentials.key"],
            name="fk_issuer_status_changes_credential_issuer_credentials",
        ),
    )
    op.create_index("ix_issuer_status_changes_credential", "issuer_status_changes", ["credential"])


def downgrade() -> None:
    """Drop them again."""
    for table in (
        "issuer_status_changes",
        "issuer_status_entries",
        "issuer_status_lists",
        "issuer_awards",
        "issuer_credentials",
        "issuer_documents",
        "issuer_achievements",
        "issuer_profiles",
    ):
        op.drop_table(table)
