# SPDX-License-Identifier: Apache-2.0
"""A house for each test: real database, keys and verifier; only the clock is ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from issuer import issuance, programme, publish
from issuer.award import AwardRequest
from issuer.mint import Mint
from issuer.store.credentials import StoredCredential
from keys.cabinet import Cabinet
from service.db import Database
from service.settings import Settings
from verifier import intake
from verifier.documents import Documents
from verifier.report import Report
from verifier.verify import examine

NOW = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)


def open_mint(folder: Path, *, reached: Callable[[str], None] = lambda _step: None) -> Mint:
    """Open the house in ``folder`` as ``app.py`` does."""
    settings = Settings(data=folder)
    database = Database(settings.database_url)
    database.upgrade()
    cabinet = Cabinet.open(database, settings, environ={})
    house: list[Mint] = []

    def published(name: str, *, now: datetime) -> tuple[str, bytes] | None:
        found = publish.published(house[0], name, now=now)
        return None if found is None else (found.media_type, found.body)

    def bound(credential: bytes, *, now: datetime, documents: Mapping[str, bytes] | None = None) -> Report:
        fetch = Documents(
            now=now,
            overlay=documents or {},
            published=published,
            own=(f"{settings.public_url}/", cabinet.root_did),
        )
        return examine(intake.read(credential), now=now, fetch=fetch)

    house.append(Mint(db=database, cabinet=cabinet, examine=bound, settings=settings, reached=reached))
    return house[0]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house with the sample programme, to be copied: making keys and pictures takes a second."""
    folder = tmp_path_factory.mktemp("house")
    mint = open_mint(folder)
    programme.seed(mint, now=NOW - timedelta(days=1))
    mint.db.close()
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A data folder with the sample programme."""
    import shutil

    return Path(shutil.copytree(template, tmp_path / "data"))


@pytest.fixture
def mint(folder: Path) -> Iterator[Mint]:
    opened = open_mint(folder)
    yield opened
    opened.db.close()


def request(**changes: object) -> AwardRequest:
    """A request for SEL1 by somebody, with ``changes``."""
    values: dict[str, object] = {
        "achievement": "SEL1-v1",
        "email": "Alex.Educator@school.example",
        "submission": "submission-1",
        "awarded_at": NOW,
        "name": "Alex Educator",
    }
    return AwardRequest(**{**values, **changes})  # type: ignore[arg-type]


def issued(mint: Mint, *, now: datetime = NOW, **changes: object) -> StoredCredential:
    """Award and issue."""
    written = issuance.award(mint, request(**changes), now=now)
    return issuance.issue(mint, written.award.key, now=now)
