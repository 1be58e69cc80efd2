# SPDX-License-Identifier: Apache-2.0
"""Stored files have no rows of their own: a room's rows name them by id (``service.files``)."""

from __future__ import annotations

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing: the number stands so that the chain of revisions has no gap."""


def downgrade() -> None:
    """Nothing."""
