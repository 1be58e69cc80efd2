# SPDX-License-Identifier: Apache-2.0
"""Read by every Python that the tests start on PostgreSQL: the commands under test use the same databases."""

from __future__ import annotations

import os

if "TESTS_POSTGRESQL" in os.environ:
    try:
        from tests import postgres
    except ModuleNotFoundError:
        pass  # It is no process of ours, or one that needs no database.
    else:
        postgres.use(postgres.Databases(os.environ[postgres.ADDRESS]))
