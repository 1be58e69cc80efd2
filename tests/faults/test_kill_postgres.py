# SPDX-License-Identifier: Apache-2.0
"""Kill -9 of PostgreSQL under load: what was acknowledged stays, and things get well alone (goal R2, F2).

Two kills here; ``python -m tests.faults.postgres_kills --cycles 30`` is the goal, with its times.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import postgres
from tests.faults import postgres_kills

pytestmark = [pytest.mark.fault, pytest.mark.postgresql]


@pytest.mark.usefixtures("databases")
def test_nothing_acknowledged_is_lost_and_nobody_sees_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_kills, "LOAD_SECONDS", 0.5)
    found = postgres_kills.run(tmp_path, cycles=2)
    assert found.faults == []
    assert found.lost == []
    assert found.awarded
    assert found.revoked
    assert found.refused
    assert len(found.healed) == 2


def test_the_server_of_the_tests_ends_with_them() -> None:
    with postgres.own_server() as server:
        assert server.answers()
        server.kill()
        assert not server.answers()
        server.start()
        assert server.answers()
        folder = server.folder
    assert not folder.exists()
