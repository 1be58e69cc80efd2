# SPDX-License-Identifier: Apache-2.0
"""A house with the examples on its shelf, and texts of a district's own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import app
from recognition.adopting import publishing
from recognition.rule import policy_reader
from service.settings import Settings
from tests.earning.house import NOW, make_house
from verifier import issuer_lists
from verifier.list_format import ListedIssuer

DISTRICT: Final = "example-district"
EXAMPLE: Final = policy_reader.sample("us-co-aurora-lane").source.decode()
UNION: Final = ListedIssuer("did:web:badges.union.example", "Union of Examples")


def own_text(
    *,
    id: str = "district-lane",
    version: str = "1",
    status: str = "in-force",
    amount: str = "10",
    **more: str,
) -> bytes:
    """Return a text of the district's own, without values that no source states."""
    text = EXAMPLE.replace('id = "us-co-aurora-lane"', f'id = "{id}"')
    text = text.replace('version = "1"', f'version = "{version}"').replace('"example"', f'"{status}"')
    text = text.replace("amount = 10", f"amount = {amount}")
    text = text.replace(
        'unverified = ["in_force.from", "convert.rounding", "convert.remainder"]', "unverified = []"
    )
    for old, new in more.items():
        text = text.replace(old, new)
    return text.encode()


def make(folder: Path) -> app.House:
    """Open a new house with the examples; the district lists one issuer."""
    house: app.House = app.create_app(Settings(data=make_house(folder / "house"))).extensions["hallmark"]
    publishing.seed(house.office, now=NOW)
    issuer_lists.ensure(house.bureau, DISTRICT, "Exampleton", actor="test", now=NOW)
    issuer_lists.add(house.bureau, DISTRICT, UNION, note="", actor="test", now=NOW)
    return house
