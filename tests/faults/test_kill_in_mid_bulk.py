# SPDX-License-Identifier: Apache-2.0
"""Kill -9 while many are awarded: nothing lost, nothing twice, everything verifies (goals R1, F1, F8)."""

from __future__ import annotations

import uuid

import pytest

from tests import postgres, warm

pytestmark = pytest.mark.fault


def _survives(database: str) -> None:
    """Run a short form of ``python -m tests.faults.bulk_kills``; it tells the seed of its moments."""
    done = warm.run(
        "tests.faults.bulk_kills",
        *("--cycles", "5", "--rows", "80", "--chunk", "10", "--database", database),
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing is wrong" in done.stdout


@pytest.mark.sqlite("the other test is about PostgreSQL")
def test_killed_again_and_again_every_row_is_one_award_that_verifies() -> None:
    _survives("sqlite")


@pytest.mark.postgresql
def test_killed_again_and_again_on_postgresql_too(databases: postgres.Databases) -> None:
    name = f"kills_{uuid.uuid4().hex[:12]}"
    _survives(databases.create(name, template=postgres.TEMPLATE))
    databases.drop(name)
