# SPDX-License-Identifier: Apache-2.0
"""A house for each test: real database, files and issuer; only the clock is ours."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import app
from earning.programme import Programme
from tests.earning.house import make_house, open_programme
from tests.earning.sharing_scene import awarded


@pytest.fixture(scope="session")
def earning_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house with the sample in its catalogue, to be copied: keys and pictures take a while."""
    return make_house(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="session")
def shared_template(earning_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house in which somebody has an award to share, to be copied."""
    folder = Path(shutil.copytree(earning_template, tmp_path_factory.mktemp("shared") / "data"))
    opened = open_programme(folder)
    awarded(opened)
    opened.db.close()
    return folder


@pytest.fixture
def folder(earning_template: Path, tmp_path: Path) -> Path:
    """A data folder with the sample programme."""
    return Path(shutil.copytree(earning_template, tmp_path / "data"))


@pytest.fixture
def programme(folder: Path) -> Iterator[Programme]:
    """The opened room."""
    opened = open_programme(folder)
    yield opened
    opened.db.close()


@pytest.fixture
def client(programme: Programme) -> Iterator[FlaskClient]:
    """The whole web service over the same data."""
    service = app.create_app(programme.settings)
    yield service.test_client()
    service.extensions["hallmark"].db.close()
