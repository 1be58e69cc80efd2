# SPDX-License-Identifier: Apache-2.0
"""A house for each test: real database, keys and verifier; only the clock is ours."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import app
from issuer.mint import Mint
from service import tokens
from tests.issuer.house import NOW, make_house, open_mint


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house with the sample programme, to be copied: making keys and pictures takes a second."""
    return make_house(tmp_path_factory.mktemp("house"))


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A data folder with the sample programme."""
    return Path(shutil.copytree(template, tmp_path / "data"))


@pytest.fixture
def mint(folder: Path) -> Iterator[Mint]:
    opened = open_mint(folder)
    yield opened
    opened.db.close()


@pytest.fixture
def client(mint: Mint) -> Iterator[FlaskClient]:
    """The whole web service over the same data."""
    service = app.create_app(mint.settings)
    yield service.test_client()
    service.extensions["hallmark"].db.close()


@pytest.fixture
def token(mint: Mint) -> str:
    """An access token for everything that the issuer's API does."""
    with mint.db.transaction() as session:
        _, presented = tokens.new(
            session,
            label="test",
            scopes=("credentials:write", "status:write"),
            actor="test",
            now=NOW,
            lifetime=timedelta(days=366),
        )
    return presented
