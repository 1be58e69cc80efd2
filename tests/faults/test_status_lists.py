# SPDX-License-Identifier: Apache-2.0
"""F3 and F4 in short: many revokers at once on both databases, and killed publishers. Commands do more."""

from __future__ import annotations

import json

import pytest

from tests import warm

pytestmark = pytest.mark.fault


def run(command: str, *arguments: str) -> dict[str, object]:
    """Run a command of ``tests.faults`` and return its figures."""
    ended = warm.run(f"tests.faults.{command}", *arguments, timeout=300)
    if "NoServerError" in ended.stderr:
        pytest.skip(ended.stderr.strip().splitlines()[-1])
    assert ended.stdout, ended.stderr
    figures: dict[str, object] = json.loads(ended.stdout)
    return figures


@pytest.mark.parametrize(
    "database",
    [
        pytest.param("sqlite", marks=pytest.mark.sqlite("the other one is about PostgreSQL")),
        pytest.param("postgresql", marks=pytest.mark.postgresql),
    ],
)
def test_many_revokers_at_once_lose_nothing_and_add_nothing(database: str) -> None:
    figures = run("revokers", "--database", database, "--changes", "300", "--processes", "2", "--chunk", "10")
    # How soon it was public is for the command to judge, on a machine of its own.
    assert [each for each in figures["wrong"] if "public after" not in each] == []  # type: ignore[attr-defined]
    assert int(str(figures["changed"])) > 100


@pytest.mark.sqlite("python -m tests.faults.publisher_kills --database postgresql kills there")
def test_killed_publishers_leave_lists_that_verify_and_are_never_older() -> None:
    figures = run("publisher_kills", "--cycles", "3", "--gets", "10")
    assert (figures["wrong"], figures["killed"]) == ([], 3)
