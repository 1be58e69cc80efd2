# SPDX-License-Identifier: Apache-2.0
"""The catalogue: versions open and close, searches find, counts are those of the pages."""

from __future__ import annotations

import pytest

from earning.catalogue import catalogue
from earning.catalogue.search import Filter
from earning.catalogue.version import VersionState
from earning.errors import NoSuchVersionError, VersionStateError
from earning.programme import Programme
from issuer import achievements
from issuer.errors import NoSuchAchievementError
from service import audit
from tests.earning.house import NOW


def source(programme: Programme, key: str = "SEL1-v1", **changes: str) -> bytes:
    """The text of a version with other values at the top."""
    found = achievements.source(programme.mint, key)
    lines = found.decode().splitlines()
    for name, value in changes.items():
        lines = [f"{name} = {value}" if line.startswith(f"{name} = ") else line for line in lines]
    return "\n".join(lines).encode()


def newer(programme: Programme, version: str = '"2"', **changes: str) -> str:
    """Register a newer version of SEL1 and return its key."""
    text = source(programme, version=version, **changes)
    return achievements.register(programme.mint, text, issuer="example-education", name="x.toml", now=NOW).key


def test_the_sample_is_open(programme: Programme) -> None:
    with programme.db.reading() as session:
        version = catalogue.get(session, "SEL1-v1")
    assert version.state is VersionState.OPEN
    assert version.is_open
    assert version.hours_words == "10–15 hours"
    assert version.issuer == "example-education"
    assert catalogue.current(programme, "SEL1") == version


def test_what_is_not_registered_cannot_be_opened(programme: Programme) -> None:
    with pytest.raises(NoSuchAchievementError):
        catalogue.open_version(programme, "NO1-v1", now=NOW)
    with programme.db.reading() as session, pytest.raises(NoSuchVersionError):
        catalogue.get(session, "NO1-v1")


def test_e30_a_newer_version_closes_the_older_one_and_takes_its_place(programme: Programme) -> None:
    before = catalogue.current(programme, "SEL1")
    opened = catalogue.open_version(programme, newer(programme), now=NOW, actor="person:1")
    with programme.db.reading() as session:
        older = catalogue.get(session, "SEL1-v1")
        listed = catalogue.by_codes(session, ["SEL1"])
        lines = [line.action for line in audit.lines(session, subject="SEL1-v1")]
    assert (older.state, older.closed_at) == (VersionState.CLOSED, NOW)
    assert listed == (opened,)
    assert opened.position == before.position
    assert catalogue.current(programme, "SEL1") == opened
    assert catalogue.current(programme, "SEL1", "1").key == "SEL1-v1"
    assert lines[-1] == "catalogue.closed"


def test_opening_twice_changes_nothing(programme: Programme) -> None:
    before = catalogue.current(programme, "SEL1")
    assert catalogue.open_version(programme, "SEL1-v1", now=NOW) == before


def test_a_text_registered_anew_shows_in_the_catalogue(programme: Programme) -> None:
    text = source(programme, title='"Zebra"', stacks='["TRA"]')
    achievements.register(programme.mint, text, issuer="example-education", name="x.toml", now=NOW)
    opened = catalogue.open_version(programme, "SEL1-v1", now=NOW)
    assert (opened.title, opened.stacks) == ("Zebra", ("TRA",))
    assert [each.key for each in catalogue.find(programme, Filter(text="zebra"), {}).versions] == ["SEL1-v1"]


def test_revision_closes_to_new_applicants_and_ends(programme: Programme) -> None:
    changed = catalogue.set_state(programme, "SEL1-v1", VersionState.REVISION, now=NOW, actor="person:1")
    assert (changed.is_open, changed.closed_at) == (False, NOW)
    assert catalogue.current(programme, "SEL1").state is VersionState.REVISION
    with pytest.raises(VersionStateError):
        catalogue.set_state(programme, "SEL1-v1", VersionState.REVISION, now=NOW, actor="person:1")
    again = catalogue.set_state(programme, "SEL1-v1", VersionState.OPEN, now=NOW, actor="person:1")
    assert (again.is_open, again.closed_at) == (True, None)


def test_an_older_version_stays_closed(programme: Programme) -> None:
    catalogue.open_version(programme, newer(programme), now=NOW)
    with pytest.raises(VersionStateError):
        catalogue.set_state(programme, "SEL1-v1", VersionState.OPEN, now=NOW, actor="person:1")


def test_the_page_of_a_closed_code_shows_its_newest(programme: Programme) -> None:
    catalogue.set_state(programme, "SEL1-v1", VersionState.CLOSED, now=NOW, actor="person:1")
    assert catalogue.current(programme, "SEL1").state is VersionState.CLOSED
    assert "SEL1" not in [each.code for each in catalogue.find(programme, Filter(), {}).versions]
    with pytest.raises(NoSuchVersionError):
        catalogue.current(programme, "SEL1", "9")
    with pytest.raises(NoSuchVersionError):
        catalogue.current(programme, "' OR 1=1")
