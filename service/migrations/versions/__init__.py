# SPDX-License-Identifier: Apache-2.0
"""Alembic migrations of every room's tables, one linear chain, run by ``hallmark db upgrade``."""
