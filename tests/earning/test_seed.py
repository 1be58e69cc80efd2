# SPDX-License-Identifier: Apache-2.0
"""The sample in the catalogue, its people, folders, and generated content."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from earning.catalogue import catalogue, gateway, loading
from earning.catalogue.search import Filter
from earning.catalogue.seed import samples, seed
from earning.catalogue.seed_people import everybody, seed_people
from earning.catalogue.version import VersionState
from earning.programme import Programme
from earning.store import portals as portal_rows
from issuer import achievements
from issuer.errors import NoSuchIssuerError, ProgrammeError
from service.accounts import organisations, people
from service.accounts.people import Role
from tests.earning.house import NOW


def test_the_sample_has_what_the_promises_need(programme: Programme) -> None:
    found = catalogue.all_listed(programme)
    codes = [version.code for version in found]
    assert len(codes) == len(set(codes)) >= 25
    assert catalogue.current(programme, "DECC1").version == "2"
    assert catalogue.current(programme, "DECC1", "1").state is VersionState.CLOSED
    revised = catalogue.current(programme, "TPS1")
    assert revised.state is VersionState.REVISION
    assert revised.note
    assert set(gateway.every(programme)) == {"wa", "vt", "ma", "nh"}


def test_e2_one_micro_credential_stands_in_several_stacks(programme: Programme) -> None:
    for stack in ("NIEA", "DECC"):
        found = catalogue.find(programme, Filter(stack=stack), {})
        assert "NIEA1" in [version.code for version in found.versions]


def test_seeding_again_changes_nothing_and_keeps_what_managers_changed(programme: Programme) -> None:
    catalogue.set_state(programme, "SEL1-v1", VersionState.CLOSED, now=NOW, actor="test")
    catalogue.set_state(programme, "TPS1-v1", VersionState.OPEN, now=NOW, actor="test")
    before = catalogue.all_listed(programme)
    with programme.db.reading() as session:
        portals = portal_rows.every(session)
    seed(programme, now=NOW + timedelta(days=1))
    assert catalogue.all_listed(programme) == before
    with programme.db.reading() as session:
        assert portal_rows.every(session) == portals


def test_people_of_every_role_can_sign_in_to_the_demonstration(programme: Programme) -> None:
    seed_people(programme, now=NOW)
    again = seed_people(programme, now=NOW)
    assert again[0] == f"People to sign in as: {len(list(everybody()))}"
    with programme.db.reading() as session:
        for role in Role:
            assert people.every_with(session, role, None), role
        known = {each.slug for each in organisations.every(session)}
    assert {"example-education", "example-state", "example-wa"} <= known


def test_a_folder_is_loaded_again_without_harm(programme: Programme, tmp_path: Path) -> None:
    folder = tmp_path / "content"
    (folder / "portals").mkdir(parents=True)
    sample = samples()
    (folder / "stacks.toml").write_bytes((sample / "stacks.toml").read_bytes())
    portal = (
        (sample / "portals" / "vt.toml").read_text(encoding="utf-8").replace('slug = "vt"', 'slug = "me"')
    )
    (folder / "portals" / "me.toml").write_text(portal, encoding="utf-8")
    (folder / "issuer.toml").write_text(
        'slug = "third"\nname = "Third"\ndescription = "Another one."\nmonogram = "TH"\n', encoding="utf-8"
    )
    text = achievements.source(programme.mint, "SEL1-v1").decode().replace('code = "SEL1"', 'code = "TRD1"')
    (folder / "trd1-v1.toml").write_text(text, encoding="utf-8")
    first = list(loading.load(programme, folder, now=NOW, actor="test"))
    assert first == list(loading.load(programme, folder, now=NOW, actor="test"))
    assert catalogue.current(programme, "TRD1").issuer == "third"
    assert gateway.get(programme, "me").title


def test_a_folder_without_an_issuer_is_refused(programme: Programme, tmp_path: Path) -> None:
    with pytest.raises(ProgrammeError):
        list(loading.load(programme, tmp_path, now=NOW, actor="test"))


def test_generated_content_is_marked_and_stays_with_the_sample(programme: Programme) -> None:
    made = loading.generate(programme, 4, start=1, now=NOW, actor="test")
    again = loading.generate(programme, 4, start=1, now=NOW, actor="test")
    assert made == again >= 4
    assert catalogue.current(programme, "GEN001").is_generated
    with pytest.raises(NoSuchIssuerError):
        loading.generate(programme, 1, start=1, now=NOW, actor="test", issuer="nobody")
