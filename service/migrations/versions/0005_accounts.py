# SPDX-License-Identifier: Apache-2.0
"""The tables of accounts: people, organisations, sessions, links."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""


def downgrade() -> None:
    """Drop them again."""
