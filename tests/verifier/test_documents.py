# SPDX-License-Identifier: Apache-2.0
"""Where documents come from, and in which order."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from credentials.errors import BrokenError, MalformedDIDError, RefusedError
from tests.world import START, World
from verifier.documents import Documents, OfflineMap
from verifier.errors import OfflineMapError, UnresolvableError
from verifier.intake import read
from verifier.ports import Fetched
from verifier.verify import examine

NAME = "https://union.example/x"


def folder(tmp_path: Path, files: dict[str, Any], **bodies: bytes) -> Path:
    (tmp_path / "map.json").write_text(json.dumps(files))
    for name, body in bodies.items():
        (tmp_path / f"{name}.json").write_bytes(body)
    return tmp_path


def ask(documents: Documents, name: str = NAME, *, max_bytes: int = 100) -> tuple[int, bytes]:
    found = documents(name, max_bytes=max_bytes)
    return found.status, found.body


def never(*_: Any, **__: Any) -> Any:
    raise AssertionError("nothing is looked up here")


def test_the_order_is_overlay_offline_own_network(tmp_path: Path) -> None:
    asked: list[str] = []

    def network(url: str, *, max_bytes: int, accept: str) -> Fetched:
        del max_bytes, accept
        asked.append(url)
        return Fetched(url, 200, "application/json", b"network")

    def published(name: str, *, now: datetime) -> tuple[str, bytes] | None:
        assert now == START
        return ("application/json", b"own") if name == NAME else None

    offline = OfflineMap.load(folder(tmp_path, {NAME: "a.json"}, a=b"offline"))
    everything: dict[str, Any] = {
        "overlay": {NAME: b"overlay"},
        "offline": offline,
        "published": published,
        "network": network,
    }
    for source in ("overlay", "offline", "own", "network"):
        assert ask(Documents(now=START, **everything)) == (200, source.encode())
        everything.pop("published" if source == "own" else source)
    assert asked == [NAME]


def test_with_an_offline_map_nothing_else_exists(tmp_path: Path) -> None:
    offline = OfflineMap.load(folder(tmp_path, {}))
    documents = Documents(now=START, offline=offline, published=never, network=never)
    assert ask(documents) == (404, b"")
    assert ask(documents, "did:web:union.example") == (404, b"")


def test_a_did_web_is_found_by_its_name_or_by_its_url(tmp_path: Path) -> None:
    url = "https://union.example/issuers/a/did.json"
    offline = OfflineMap.load(folder(tmp_path, {url: "a.json"}, a=b"{}"))
    assert ask(Documents(now=START, offline=offline), "did:web:union.example:issuers:a") == (200, b"{}")
    by_name = OfflineMap.load(folder(tmp_path, {"did:web:union.example:issuers:a": "a.json"}))
    assert ask(Documents(now=START, offline=by_name), "did:web:union.example:issuers:a#key") == (200, b"{}")


@pytest.mark.parametrize(
    "path",
    ["../x.json", "/etc/passwd", "a/../../x.json", 7, None, ["a.json"], "link.json", "a\0b", "\0"],
)
def test_a_map_never_leaves_its_folder(tmp_path: Path, path: Any) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "x.json").write_bytes(b"{}")
    (inner / "link.json").symlink_to(tmp_path / "x.json")
    folder(inner, {NAME: path})
    with pytest.raises(OfflineMapError):
        OfflineMap.load(inner)


def test_links_in_a_ring_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "ring").symlink_to("gnir")
    (tmp_path / "gnir").symlink_to("ring")
    with pytest.raises((OfflineMapError, UnresolvableError)):
        OfflineMap.load(folder(tmp_path, {NAME: "ring"})).read(NAME, max_bytes=10)


def test_a_link_turned_round_later_is_not_followed(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret").write_bytes(b"{}")
    offline = OfflineMap.load(folder(inner, {NAME: "a.json"}, a=b"{}"))
    (inner / "a.json").unlink()
    (inner / "a.json").symlink_to(tmp_path / "secret")
    with pytest.raises(UnresolvableError):
        offline.read(NAME, max_bytes=10)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a":"b","a":"c"}'])
def test_a_map_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.json").write_text(text)
    with pytest.raises(OfflineMapError):
        OfflineMap.load(tmp_path)
    with pytest.raises(OfflineMapError):
        OfflineMap.load(tmp_path / "nowhere")


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    offline = OfflineMap.load(folder(tmp_path, {NAME: "pipe", "b": "folder"}))
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in (NAME, "b"):
        with pytest.raises(UnresolvableError):
            offline.read(name, max_bytes=10)
    (tmp_path / "map.json").unlink()
    os.mkfifo(tmp_path / "map.json")
    with pytest.raises(OfflineMapError):
        OfflineMap.load(tmp_path)


def test_a_file_that_is_named_and_missing_or_too_large_is_no_answer(tmp_path: Path) -> None:
    offline = OfflineMap.load(folder(tmp_path, {NAME: "gone.json", "b": "b.json"}, b=b"x" * 101))
    for name in (NAME, "b"):
        with pytest.raises(UnresolvableError):
            ask(Documents(now=START, offline=offline), name)


def test_own_names_never_go_to_the_network() -> None:
    def published(name: str, *, now: datetime) -> tuple[str, bytes] | None:
        del name, now
        return None

    own = ("https://union.example/", "did:web:union.example:")
    documents = Documents(now=START, published=published, own=own, network=never)
    for name in (NAME, "https://union.example", "did:web:union.example", "did:web:union.example:a"):
        assert ask(documents, name) == (404, b"")
    for name in ("https://union.example.evil.example/x", "did:web:union.example.evil.example"):
        with pytest.raises(AssertionError):
            ask(documents, name)


@pytest.mark.parametrize("error", [BrokenError("The database is silent."), RefusedError("No key is active.")])
def test_trouble_of_our_own_is_no_answer_about_a_credential(error: Exception) -> None:
    asked: list[str] = []

    def published(name: str, *, now: datetime) -> tuple[str, bytes] | None:
        del now
        asked.append(name)
        raise error

    documents = Documents(now=START, published=published, own=("https://union.example/",), network=never)
    for _ in range(2):
        with pytest.raises(UnresolvableError) as found:
            ask(documents)
        assert found.value.__cause__ is error
    assert asked == [NAME]
    report = examine(read(World().issuer("union").mint()), now=START, fetch=documents)
    assert report.verdict == "undetermined"


def test_a_mistake_of_ours_is_not_swallowed() -> None:
    def published(name: str, *, now: datetime) -> tuple[str, bytes] | None:
        raise KeyError(name, now)

    with pytest.raises(KeyError):
        ask(Documents(now=START, published=published))


def test_each_name_is_asked_for_once_also_when_it_fails() -> None:
    asked: list[str] = []

    def network(url: str, *, max_bytes: int, accept: str) -> Fetched:
        del max_bytes, accept
        asked.append(url)
        raise UnresolvableError("silent")

    documents = Documents(now=START, network=network)
    for _ in range(3):
        with pytest.raises(UnresolvableError):
            ask(documents)
    assert asked == [NAME]


def test_a_did_web_is_checked_before_anything_is_asked() -> None:
    documents = Documents(now=START, overlay={"did:web:127.0.0.1": b"{}"})
    with pytest.raises(MalformedDIDError):
        ask(documents, "did:web:127.0.0.1")


def test_without_a_network_foreign_names_are_no_answer() -> None:
    with pytest.raises(UnresolvableError):
        ask(Documents(now=START))


def test_what_was_read_for_one_use_may_be_too_large_for_another() -> None:
    documents = Documents(now=START, overlay={NAME: b"x" * 50})
    assert ask(documents) == (200, b"x" * 50)
    with pytest.raises(UnresolvableError):
        ask(documents, max_bytes=49)


def test_a_whole_world_verifies_from_a_folder(tmp_path: Path) -> None:
    world = World()
    union = world.issuer("union")
    badge = union.mint()
    for name, file in ((union.id, "did"), (union.list_url(), "list")):
        (tmp_path / f"{file}.json").write_bytes(world(name, max_bytes=1_000_000).body)
    now = world.clock.now()
    for files, verdict in (
        ({union.id: "did.json", union.list_url(): "list.json"}, "valid"),
        ({union.id: "did.json"}, "undetermined"),
        ({}, "invalid"),
    ):
        offline = OfflineMap.load(folder(tmp_path, dict(files)))
        report = examine(read(badge), now=now, fetch=Documents(now=now, offline=offline))
        assert report.verdict == verdict
