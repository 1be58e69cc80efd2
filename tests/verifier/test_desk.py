# SPDX-License-Identifier: Apache-2.0
"""The desk: the port of the private wing, and addresses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from credentials.errors import MalformedError, RefusedError
from service.db import Database
from service.errors import SettingsError, URLRefusedError
from service.settings import Settings
from tests.world import World
from verifier.desk import Desk, open_desk
from verifier.errors import OfflineMapError
from verifier.store.memory import ListMemory


def test_documents_are_laid_over_names_and_nothing_of_it_is_remembered(
    desk: Desk, world: World, db: Database
) -> None:
    union = world.issuer("union")
    badge, now = union.mint(), world.clock.now()
    overlay = {name: world(name, max_bytes=1_000_000).body for name in (union.id, union.list_url())}
    world.go_offline("union")
    assert desk.examine(badge, now=now).verdict == "undetermined"
    assert desk.examine(badge, now=now, documents=overlay).verdict == "valid"
    assert ListMemory(db).newest(union.id, union.list_url()) is None


def test_what_the_world_sees_is_remembered(desk: Desk, world: World, db: Database) -> None:
    union = world.issuer("union")
    assert desk.examine(union.mint(), now=world.clock.now()).verdict == "valid"
    assert ListMemory(db).newest(union.id, union.list_url()) == world.clock.now()


def test_what_is_no_credential_raises(desk: Desk, world: World) -> None:
    with pytest.raises(MalformedError):
        desk.examine(b"{}", now=world.clock.now())


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "https://127.0.0.1/x", "https://localhost/x", "https://x.example:8443/"]
)
def test_an_address_that_we_never_open_is_a_problem(world: World, tmp_path: Path, url: str) -> None:
    with pytest.raises(URLRefusedError):
        open_desk(Settings(data=tmp_path)).look_at_url(url, now=world.clock.now())


def test_a_house_answers_for_its_own_addresses(world: World, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    url = f"{settings.public_url}/credentials/1"
    badge = world.issuer("union").mint()

    def published(name: str, *, now: datetime) -> tuple[str, bytes] | None:
        del now
        return ("application/json", badge) if name == url else None

    desk = replace(open_desk(settings, published=published), network=lambda: world.network)
    assert desk.look_at_url(url, now=world.clock.now()).verdict == "valid"
    with pytest.raises(MalformedError):
        desk.look_at_url(f"{settings.public_url}/credentials/2", now=world.clock.now())


def test_trouble_with_our_own_document_leaves_it_undetermined(world: World, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)

    def published(name: str, *, now: datetime) -> tuple[str, bytes] | None:
        raise RefusedError("There is no active key.", got=name, expected=now)

    desk = replace(open_desk(settings, published=published), network=lambda: world.network)
    now = world.clock.now()
    assert desk.look_at_url(f"{settings.public_url}/credentials/1", now=now).verdict == "undetermined"
    assert desk.examine(world.issuer("union").mint(), now=now).verdict == "undetermined"


def test_a_bad_map_is_the_fault_of_whoever_named_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        open_desk(Settings(data=tmp_path, offline_documents=tmp_path))
    with pytest.raises(OfflineMapError):
        open_desk(Settings(data=tmp_path), offline_documents=tmp_path)
