# SPDX-License-Identifier: Apache-2.0
"""Run by Alembic, from ``service.db.Database.upgrade`` only: the connection comes from there."""

from __future__ import annotations

from alembic import context

from service.db import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
