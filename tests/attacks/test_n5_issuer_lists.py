# SPDX-License-Identifier: Apache-2.0
"""N5: an imported trust list altered, or changed underneath.

Digest shown and pinned, the difference shown before it counts; names never match, only DIDs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service import audit
from service.db import Database
from service.files import FileStore
from service.settings import Settings
from tests.running import tables
from tests.world import Issuer, World, explanation_of, outcome_of, timed_out
from verifier import issuer_lists, list_sources
from verifier.asked import Asked
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.errors import IssuerFieldError, IssuerListError, ListChangedError, NoSuchIssuerListError
from verifier.intake import read
from verifier.list_format import FORMAT, LIST_BYTES, ListedIssuer
from verifier.ports import KnownIssuer
from verifier.registry import OwnIssuers, read_issuer_list
from verifier.report import Report
from verifier.store import issuer_lists as rows

ADDRESS = "https://lists.example/registry.json"
DISTRICT = "example-district"
RULES: dict[str, Any] = {"actor": "person:1"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def bureau(world: World, tmp_path: Path) -> Iterator[Bureau]:
    db = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    tables(db)
    house = world.issuer("house", title="The House")
    own = OwnIssuers(lambda: (KnownIssuer(house.id, house.title),))
    desk = Desk(network=lambda: world.network, registry=own, lists=issuer_lists.Lists(db, own.issuers))
    made = Bureau(desk, db, FileStore(tmp_path / "files"), Settings(data=tmp_path))
    issuer_lists.ensure(made, DISTRICT, "Exampleton", now=world.clock.now(), **RULES)
    yield made
    db.close()


def registry(*issuers: Issuer, **names: str) -> bytes:
    """A list as the Digital Credentials Consortium publishes it."""
    entries = {each.id: {"name": names.get(each.name, each.title), "url": each.site} for each in issuers}
    return json.dumps({"meta": {"updated": "2026-02-01T00:00:00+00:00"}, "registry": entries}).encode()


def shown(bureau: Bureau, world: World, raw: bytes) -> tuple[str, list_sources.Followed]:
    """Let ``raw`` be read from its address; return the id of its source and what is shown."""
    world.served[ADDRESS] = raw
    id = list_sources.bring_address(bureau, DISTRICT, ADDRESS, now=world.clock.now(), **RULES)
    return id, list_sources.waiting(bureau, DISTRICT, id)


def take_over(bureau: Bureau, world: World, raw: bytes, *, remove_gone: bool = False) -> str:
    """Read a list from its address and take it over as shown."""
    id, found = shown(bureau, world, raw)
    assert found.published is not None
    list_sources.accept(
        bureau,
        DISTRICT,
        id,
        sha256=found.published.sha256,
        remove_gone=remove_gone,
        now=world.clock.now(),
        **RULES,
    )
    return id


def look(bureau: Bureau, world: World, badge: bytes) -> Report:
    return bureau.desk.look(read(badge), now=world.clock.now(), asked=Asked(issuers=DISTRICT))


def listed(bureau: Bureau) -> set[str]:
    return {each.did for each in issuer_lists.published(bureau, DISTRICT).entries}


def test_what_was_read_counts_only_when_it_is_taken_over(bureau: Bureau, world: World) -> None:
    union = world.issuer("union")
    badge, raw = union.mint(), registry(union)
    id, found = shown(bureau, world, raw)
    assert found.published is not None
    assert found.difference is not None
    assert found.published.sha256 == hashlib.sha256(raw).hexdigest()
    assert [each.issuer.did for each in found.difference.added] == [union.id]
    assert look(bureau, world, badge).recognised_issuer is False
    take_over(bureau, world, raw)
    report = look(bureau, world, badge)
    assert report.recognised_issuer is True
    assert explanation_of(report, "trust") == "The Union is on the list “Exampleton”."
    with bureau.db.reading() as session:
        lines = {line.action: line for line in audit.lines(session, subject=f"issuer-list:{DISTRICT}")}
        source = rows.source(session, DISTRICT, id)
    assert lines["issuer-list.accepted"].detail["sha256"] == found.published.sha256
    assert source is not None
    assert (source.sha256, source.waiting) == (found.published.sha256, None)


def test_a_list_swapped_between_looking_and_accepting_is_not_taken_over(bureau: Bureau, world: World) -> None:
    union, evil = world.issuer("union"), world.issuer("evil")
    id, first = shown(bureau, world, registry(union))
    _, second = shown(bureau, world, registry(union, evil))
    assert first.published is not None
    assert second.published is not None
    for wrong in (first.published.sha256, "", "0" * 64):
        with pytest.raises(ListChangedError):
            list_sources.accept(
                bureau, DISTRICT, id, sha256=wrong, remove_gone=False, now=world.clock.now(), **RULES
            )
    assert listed(bureau) == set()


def test_a_list_that_changes_underneath_is_only_a_difference(bureau: Bureau, world: World) -> None:
    union, evil = world.issuer("union"), world.issuer("evil", title="The Union")
    id = take_over(bureau, world, registry(union))
    world.served[ADDRESS] = registry(evil)
    assert list_sources.look_at_all(bureau, world.clock.now()) == 0  # It was read a moment ago.
    world.clock.advance(days=1)
    assert list_sources.look_at_all(bureau, world.clock.now()) == 1
    assert list_sources.look_at_all(bureau, world.clock.now()) == 0
    assert listed(bureau) == {union.id}
    assert look(bureau, world, evil.mint()).recognised_issuer is False
    found = list_sources.waiting(bureau, DISTRICT, id)
    assert found.difference is not None
    (added,) = found.difference.added
    assert added.issuer.did == evil.id
    assert added.careful is not None
    assert "same name" in added.careful
    assert [each.did for each in found.difference.gone] == [union.id]


def test_who_is_not_named_any_more_is_not_dropped_without_a_word(bureau: Bureau, world: World) -> None:
    union, academy = world.issuer("union"), world.issuer("academy")
    take_over(bureau, world, registry(union, academy))
    take_over(bureau, world, registry(academy))
    (entry,) = [e for e in issuer_lists.published(bureau, DISTRICT).entries if e.did == union.id]
    assert entry.left_at == world.clock.now()
    take_over(bureau, world, registry(union, academy))
    assert all(e.left_at is None for e in issuer_lists.published(bureau, DISTRICT).entries)
    take_over(bureau, world, registry(academy), remove_gone=True)
    assert listed(bureau) == {academy.id}


def test_who_went_with_a_source_is_new_when_it_is_named_again(bureau: Bureau, world: World) -> None:
    union, academy = world.issuer("union"), world.issuer("academy")
    take_over(bureau, world, registry(union, academy))
    take_over(bureau, world, registry(academy), remove_gone=True)
    assert listed(bureau) == {academy.id}
    _, found = shown(bureau, world, registry(union, academy))
    assert found.difference is not None
    assert [each.issuer.did for each in found.difference.added] == [union.id]
    assert not found.difference.declined
    take_over(bureau, world, registry(union, academy))
    assert listed(bureau) == {academy.id, union.id}


def test_what_is_put_back_finds_room_or_stays_off(
    bureau: Bureau, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    union, academy = world.issuer("union"), world.issuer("academy")
    take_over(bureau, world, registry(union))
    assert issuer_lists.remove(bureau, DISTRICT, union.id, now=world.clock.now(), **RULES)
    take_over(bureau, world, registry(union, academy))
    monkeypatch.setattr(issuer_lists, "ENTRIES", 1)
    with pytest.raises(IssuerFieldError, match="The list is full"):
        issuer_lists.put_back(bureau, DISTRICT, union.id, now=world.clock.now(), **RULES)
    assert listed(bureau) == {academy.id}


def test_who_was_taken_off_by_a_person_does_not_come_back_by_an_import(bureau: Bureau, world: World) -> None:
    union, academy = world.issuer("union"), world.issuer("academy")
    take_over(bureau, world, registry(union))
    assert issuer_lists.remove(bureau, DISTRICT, union.id, now=world.clock.now(), **RULES)
    _, found = shown(bureau, world, registry(union, academy))
    assert found.difference is not None
    assert [each.did for each in found.difference.declined] == [union.id]
    take_over(bureau, world, registry(union, academy))
    assert listed(bureau) == {academy.id}
    assert issuer_lists.put_back(bureau, DISTRICT, union.id, now=world.clock.now(), **RULES)
    assert listed(bureau) == {academy.id, union.id}


def test_another_name_is_shown_before_it_counts(bureau: Bureau, world: World) -> None:
    union = world.issuer("union")
    take_over(bureau, world, registry(union))
    _, found = shown(bureau, world, registry(union, union="The Onion"))
    assert found.difference is not None
    (change,) = found.difference.changed
    assert (change.entry.name, change.issuer.name) == ("The Union", "The Onion")
    assert issuer_lists.published(bureau, DISTRICT).entries[0].name == "The Union"


def test_names_never_match(bureau: Bureau, world: World) -> None:
    take_over(bureau, world, registry(world.issuer("union")))
    report = look(bureau, world, world.issuer("evil", title="The Union").mint())
    assert (str(report.verdict), report.recognised_issuer) == ("valid", False)
    assert report.sentence.startswith("Genuine and in force, but The Union is not on the list “Exampleton”.")
    assert outcome_of(report, "lookalike") == "fail"


def test_the_issuers_of_this_house_are_recognised_by_no_list_of_others(bureau: Bureau, world: World) -> None:
    take_over(bureau, world, registry(world.issuer("union")))
    badge = world.issuer("house").mint()
    assert bureau.desk.look(read(badge), now=world.clock.now()).recognised_issuer is True
    assert look(bureau, world, badge).recognised_issuer is False
    impostor = world.issuer("evil", title="The House")
    assert outcome_of(look(bureau, world, impostor.mint()), "lookalike") == "fail"


def test_a_list_that_was_left_is_not_brought_up_every_day(bureau: Bureau, world: World) -> None:
    union, evil = world.issuer("union"), world.issuer("evil")
    id = take_over(bureau, world, registry(union))
    _, found = shown(bureau, world, registry(evil))
    assert found.published is not None
    list_sources.refuse(bureau, DISTRICT, id, sha256=found.published.sha256, now=world.clock.now(), **RULES)
    world.clock.advance(days=2)
    assert list_sources.look_at_all(bureau, world.clock.now()) == 0
    assert list_sources.look_again(bureau, DISTRICT, id, now=world.clock.now())
    world.served[ADDRESS] = registry(union)
    assert not list_sources.look_again(bureau, DISTRICT, id, now=world.clock.now())
    assert list_sources.waiting(bureau, DISTRICT, id).difference is None


def test_a_source_that_fails_changes_nothing(bureau: Bureau, world: World) -> None:
    union = world.issuer("union")
    id = take_over(bureau, world, registry(union))
    for broken in (timed_out("lists.example"), b"<html>", b'{"registry": {"did:web:x": 1}}', b"{}"):
        world.served[ADDRESS] = broken
        world.clock.advance(days=1)
        assert list_sources.look_at_all(bureau, world.clock.now()) == 0
        found = list_sources.waiting(bureau, DISTRICT, id)
        assert found.source.trouble
        assert listed(bureau) == {union.id}


@pytest.mark.parametrize(
    "address",
    [
        "http://lists.example/registry.json",
        "ftp://lists.example/x",
        "file:///etc/passwd",
        "lists.example",
        "https://user@lists.example/x",
        "https://lists.example/" + "x" * 600,
    ],
)
def test_only_https_addresses_are_read(bureau: Bureau, world: World, address: str) -> None:
    with pytest.raises(IssuerFieldError):
        list_sources.bring_address(bureau, DISTRICT, address, now=world.clock.now(), **RULES)
    assert world.requests == []


def _own(**members: object) -> bytes:
    return json.dumps({"format": FORMAT, "title": "A list", "issuers": [], **members}).encode()


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"{", None),
        (b"[]", None),
        (b"{}", None),
        (b'{"registry": {"a": 1, "a": 2}}', None),
        (b" " * (LIST_BYTES + 1), None),
        (_own(format="trusted-issuers/2"), "/format"),
        (_own(issuer=[]), "/issuer"),
        (_own(title=None), "/title"),
        (_own(title="A\u202elist"), "/title"),
        (_own(version="1"), "/version"),
        (_own(issuers={}), "/issuers"),
        (_own(issuers=["did:web:a.example"]), "/issuers/0"),
        (_own(issuers=[{"id": 1, "name": "A"}]), "/issuers/0/id"),
        (_own(issuers=[{"id": "The Union", "name": "A"}]), "/issuers/0/id"),
        (_own(issuers=[{"id": "http://a.example", "name": "A"}]), "/issuers/0/id"),
        (_own(issuers=[{"id": "did:web:A.example", "name": "A"}]), "/issuers/0/id"),
        (_own(issuers=[{"id": "did:web:a.example"}]), "/issuers/0/name"),
        (_own(issuers=[{"id": "did:web:a.example", "name": "A\u200b"}]), "/issuers/0/name"),
        (_own(issuers=[{"id": "did:web:a.example", "name": "A" * 301}]), "/issuers/0/name"),
        (_own(issuers=[{"id": "did:web:a.example", "name": "A", "url": "javascript:1"}]), "/issuers/0/url"),
        (_own(issuers=[{"id": "did:web:a.example", "name": "A", "since": "May"}]), "/issuers/0/since"),
        (_own(issuers=[{"id": "did:web:a.example", "name": "A", "x": 1}]), "/issuers/0/x"),
        (_own(issuers=[{"id": "did:web:a.example", "name": "A"}] * 2), "/issuers/1/id"),
        (_own(issuers=[{"id": f"did:web:a{n}.example"} for n in range(9_901)]), None),
        (b'{"registry": []}', "/registry"),
        (b'{"registry": {"did:web:a.example": "A"}}', "/registry/did:web:a.example"),
        (b'{"registry": {"did:web:a.example": {"name": 7}}}', "/registry/did:web:a.example/name"),
        (b'{"registry": {"a~/b": {"name": "A"}}}', "/registry/a~0~1b"),
    ],
)
def test_a_faulty_list_is_refused_whole_with_the_place(raw: bytes, place: str | None) -> None:
    with pytest.raises(IssuerListError) as caught:
        read_issuer_list(raw)
    if place is not None:
        assert caught.value.path == place
        assert place in str(caught.value)


def test_of_a_faulty_list_nothing_is_kept(bureau: Bureau, world: World) -> None:
    with pytest.raises(IssuerListError):
        list_sources.bring_file(bureau, DISTRICT, "a.json", _own(title=""), now=world.clock.now(), **RULES)
    assert list_sources.followed(bureau, DISTRICT) == ()


def test_faults_are_counted_and_not_without_end() -> None:
    raw = _own(issuers=[{"id": "x"} for _ in range(500)])
    with pytest.raises(IssuerListError) as caught:
        read_issuer_list(raw)
    assert len(caught.value.faults) == 20


def test_what_we_publish_is_what_we_read(bureau: Bureau, world: World) -> None:
    union = world.issuer("union")
    given = ListedIssuer(union.id, union.title, union.site)
    issuer_lists.add(bureau, DISTRICT, given, note="Not for others.", now=world.clock.now(), **RULES)
    found = issuer_lists.published(bureau, DISTRICT)
    assert found.sha256 == hashlib.sha256(found.body).hexdigest()
    assert b"Not for others" not in found.body
    read_back = read_issuer_list(found.body)
    assert (read_back.title, read_back.recognises(union.id)) == ("Exampleton", True)
    assert issuer_lists.published(bureau, DISTRICT).body == found.body


def test_each_change_is_a_version_and_an_audit_line(bureau: Bureau, world: World) -> None:
    now, union = world.clock.now(), world.issuer("union")
    given = ListedIssuer(union.id, union.title)
    versions = [issuer_lists.published(bureau, DISTRICT).listing.version]
    for change in (
        lambda: issuer_lists.add(bureau, DISTRICT, given, note="", now=now, **RULES),
        lambda: issuer_lists.remove(bureau, DISTRICT, union.id, now=now, **RULES),
        lambda: issuer_lists.put_back(bureau, DISTRICT, union.id, now=now, **RULES),
        lambda: issuer_lists.describe(bureau, DISTRICT, title="T", about="", now=now, **RULES),
    ):
        change()
        versions.append(issuer_lists.published(bureau, DISTRICT).listing.version)
    issuer_lists.annotate(bureau, DISTRICT, union.id, "Seen.", now=now, **RULES)
    assert versions == [1, 2, 3, 4, 5]
    with bureau.db.reading() as session:
        actions = [line.action for line in audit.lines(session, subject=f"issuer-list:{DISTRICT}")]
    names = ("begun", "added", "removed", "put-back", "described", "noted")
    assert actions == [f"issuer-list.{name}" for name in names]


def test_a_list_in_use_is_read_anew_when_it_changes(bureau: Bureau, world: World) -> None:
    union = world.issuer("union")
    badge, now = union.mint(), world.clock.now()
    assert look(bureau, world, badge).recognised_issuer is False
    issuer_lists.add(bureau, DISTRICT, ListedIssuer(union.id, "U"), note="", now=now, **RULES)
    assert look(bureau, world, badge).recognised_issuer is True
    issuer_lists.remove(bureau, DISTRICT, union.id, now=now, **RULES)
    assert look(bureau, world, badge).recognised_issuer is False


def test_an_unknown_list_is_no_list_at_all(bureau: Bureau, world: World) -> None:
    with pytest.raises(NoSuchIssuerListError):
        bureau.desk.look(
            read(world.issuer("union").mint()), now=world.clock.now(), asked=Asked(issuers="nobodys")
        )


def test_a_list_that_cannot_be_loaded_is_neither_yes_nor_no(bureau: Bureau, world: World) -> None:
    badge = world.issuer("union").mint()
    bureau.db.close()
    lists = issuer_lists.Lists(Database("sqlite+pysqlite:////nowhere/at/all.sqlite3"))
    desk = Desk(network=lambda: world.network, lists=lists)
    report = desk.look(read(badge), now=world.clock.now(), asked=Asked(issuers=DISTRICT))
    assert (str(report.verdict), report.recognised_issuer) == ("valid", None)
    assert explanation_of(report, "trust") == "The list could not be loaded."
