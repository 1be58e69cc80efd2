# SPDX-License-Identifier: Apache-2.0
"""What documents that are going to be signed have in common: kept once, and named by those rows."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_AT = 33  # where the values begin, behind a byte and the SHA-256 of the outline


def upgrade() -> None:
    """Create the table; what is intended now stays as it is."""
    op.create_table(
        "issuer_outlines",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_issuer_outlines"),
    )


def downgrade() -> None:
    """Write out what is intended, and drop the table."""
    connection = op.get_bind()
    credentials = sa.table(
        "issuer_credentials", sa.column("key", sa.String), sa.column("intended", sa.LargeBinary)
    )
    outlines = sa.table("issuer_outlines", sa.column("digest", sa.String), sa.column("body", sa.LargeBinary))
    known = {name: json.loads(body) for name, body in connection.execute(sa.select(outlines))}
    query = sa.select(credentials).where(credentials.c.intended.is_not(None))
    for key, kept in connection.execute(query).all():
        if kept[:1] == b"\x01":
            outline, values = known[kept[1:_AT].hex()], json.loads(kept[_AT:])
            texts = [json.dumps(values[place], ensure_ascii=False).encode() for place in outline["order"]]
            connection.execute(
                sa.update(credentials)
                .where(credentials.c.key == key)
                .values(intended=outline["text"].encode() % tuple(texts))
            )
    op.drop_table("issuer_outlines")
