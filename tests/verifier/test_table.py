# SPDX-License-Identifier: Apache-2.0
"""A row says why it needs somebody, and whether its recipient was compared."""

from __future__ import annotations

from datetime import date

import pytest

from tests.world import OWNER, World
from verifier import triage
from verifier.asked import NOTHING, Asked
from verifier.batch import Item
from verifier.table import HEAD, Line


def line(world: World, asked: Asked = NOTHING) -> Line:
    found = triage.of_report(world.look(world.issuer("union").mint(), asked=asked))
    item = Item(position=1_000_000, place="", reference="", url=None, verdict=found.word, needs_you=True)
    return Line(item, found.members)


@pytest.mark.parametrize(
    ("recipient", "word"), [(None, "not-asked"), ("eve@school.example", "not-matched"), (OWNER, "matched")]
)
def test_a_row_tells_whether_its_recipient_was_compared(
    world: World, recipient: str | None, word: str
) -> None:
    row = line(world, Asked(recipient=recipient))
    assert row.recipient == word
    assert row.cells()[HEAD.index("recipient")] == word


def test_a_valid_row_says_what_the_thirteen_rows_say_no_to(world: World) -> None:
    quiet = line(world)
    assert quiet.reason == quiet.sentence
    late = line(world, Asked(cycle_from=date(2049, 1, 1)))
    assert late.reason.startswith(late.sentence)
    assert "cycle" in late.reason.removeprefix(late.sentence)
    assert late.cells()[HEAD.index("sentence")] == late.reason
