# SPDX-License-Identifier: Apache-2.0
"""Status lists: what is served apart from what is counted, when a change began to wait, places of nobody."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_FORMS = (
    ("body", sa.LargeBinary()),
    ("jwt", sa.LargeBinary()),
    ("methods", sa.Text()),
    ("valid_from", _MOMENT),
    ("valid_until", _MOMENT),
)
_PARTIAL = (  # name, table, columns, and which rows are in it (SQLite, PostgreSQL)
    ("ix_issuer_status_entries_set", "issuer_status_entries", ["list", "position"], "is_set = 1", "is_set"),
    ("ix_issuer_status_changes_untold", "issuer_status_changes", ["id"], "told_at IS NULL", None),
    (
        "ix_issuer_credentials_superseded_by",
        "issuer_credentials",
        ["superseded_by"],
        "superseded_by IS NOT NULL",
        None,
    ),
    ("ix_issuer_awards_replaced_by", "issuer_awards", ["replaced_by"], "replaced_by IS NOT NULL", None),
)


def upgrade() -> None:
    """Part the tables; lists that were never published with all they need are built anew."""
    op.create_table(
        "issuer_status_published",
        sa.Column("list", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("change", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("jwt", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("jwt_digest", sa.String(64), nullable=False),
        sa.Column("methods", sa.Text, nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_until", _MOMENT, nullable=False),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("list", name="pk_issuer_status_published"),
        sa.ForeignKeyConstraint(
            ["list"], ["issuer_status_lists.id"], name="fk_issuer_status_published_list_issuer_status_lists"
        ),
    )
    op.create_index("ix_issuer_status_published_valid_from", "issuer_status_published", ["valid_from"])
    _copy()
    with op.batch_alter_table("issuer_status_lists") as table:
        table.add_column(sa.Column("decoys", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("waiting_since", _MOMENT))
        table.add_column(sa.Column("stirs_at", _MOMENT))
        for name in ("served", *(name for name, _ in _FORMS)):
            table.drop_column(name)
    with op.batch_alter_table("issuer_status_entries") as table:
        table.alter_column("credential", existing_type=sa.String(36), nullable=True)
    op.add_column("issuer_status_changes", sa.Column("told_at", _MOMENT))
    op.execute("UPDATE issuer_status_changes SET told_at = at")
    # What was changed and not published when the service stopped is seen to have waited from the beginning.
    op.execute(
        "UPDATE issuer_status_lists SET waiting_since = created_at WHERE EXISTS (SELECT 1 FROM"
        " issuer_status_published AS known WHERE known.list = id AND known.change < changed)"
    )
    for name, table_name, columns, where, on_postgresql in _PARTIAL:
        op.create_index(
            name,
            table_name,
            columns,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(on_postgresql or where),
        )


def _copy() -> None:
    lists = sa.table(
        "issuer_status_lists",
        sa.column("id"),
        sa.column("served"),
        *(sa.column(name, kind) for name, kind in _FORMS),
    )
    published = sa.table(
        "issuer_status_published",
        *(sa.column(name) for name in ("list", "version", "change", "digest", "jwt_digest")),
        *(sa.column(name, kind) for name, kind in _FORMS),
        sa.column("published_at", _MOMENT),
    )
    whole = sa.and_(*(lists.c[name].is_not(None) for name, _ in _FORMS))
    for row in op.get_bind().execute(sa.select(lists).where(whole)).mappings().all():
        op.execute(
            published.insert().values(
                list=row["id"],
                version=1,
                change=row["served"],
                digest=hashlib.sha256(row["body"]).hexdigest(),
                jwt_digest=hashlib.sha256(row["jwt"]).hexdigest(),
                published_at=row["valid_from"],
                **{name: row[name] for name, _ in _FORMS},
            )
        )


def downgrade() -> None:
    """Put them together again. The places of nobody go; lists are built anew, without them."""
    for name, table_name, *_ in reversed(_PARTIAL):
        op.drop_index(name, table_name)
    op.drop_column("issuer_status_changes", "told_at")
    op.execute("DELETE FROM issuer_status_entries WHERE credential IS NULL")
    with op.batch_alter_table("issuer_status_entries") as table:
        table.alter_column("credential", existing_type=sa.String(36), nullable=False)
    with op.batch_alter_table("issuer_status_lists") as table:
        for name in ("stirs_at", "waiting_since", "decoys"):
            table.drop_column(name)
        table.add_column(sa.Column("served", sa.Integer(), nullable=False, server_default="-1"))
        for name, kind in _FORMS:
            table.add_column(sa.Column(name, kind))
    op.drop_table("issuer_status_published")
