# SPDX-License-Identifier: Apache-2.0
"""A seal for tests: an issuer of the world signs what we say. The whole cycle is in tests/conformance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from credentials.document import Json
from service.db import Database
from service.files import FileStore
from service.settings import Settings
from tests.world import Issuer
from verifier import receipt
from verifier.asked import NOTHING, Asked
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.intake import read
from verifier.receipt import Receipt


@dataclass(frozen=True)
class WorldSeal:
    """Signs in the name of an issuer of the world; ``is_able`` is false for a house without issuers."""

    by: Issuer
    is_able: bool = True

    def issuer(self) -> Mapping[str, Json] | None:
        return self.by.profile if self.is_able else None

    def __call__(self, members: Mapping[str, Json], *, now: datetime) -> bytes:
        del now
        return self.by.sign(members)

    def let_go(self, start: str, *, now: datetime) -> None:
        del start, now


def open_bureau(folder: Path, db: Database, desk: Desk, by: Issuer | None) -> Bureau:
    """Open the room where ``by`` signs, or nobody."""
    return Bureau(
        desk=desk,
        db=db,
        files=FileStore(folder / "brought"),
        settings=Settings(data=folder, public_url="https://desk.example", title="The Desk"),
        seal=None if by is None else WorldSeal(by),
    )


def kept(
    bureau: Bureau, raw: bytes | None, *, now: datetime, asked: Asked = NOTHING, url: str | None = None
) -> Receipt:
    """Examine and keep."""
    presented = None if raw is None else read(raw)
    looked = receipt.look(bureau, asked, presented=presented, url=url, now=now)
    return receipt.keep(bureau, looked, asked, now=now)
