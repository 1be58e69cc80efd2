# SPDX-License-Identifier: Apache-2.0
"""Contexts: the pinned bytes, and the arrays that a document may name."""

from __future__ import annotations

import hashlib
import json
import re
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import credentials
from credentials.errors import ContextDamagedError, ContextRefusedError, UnknownContextError
from credentials.jsonld import contexts
from credentials.jsonld.contexts import PACKAGED, PINS, ContextStore, Role, read
from tests.vectors import shared

FOLDER = Path(credentials.__file__).parent / "contexts"
V2, V1 = contexts.CREDENTIALS_V2, contexts.CREDENTIALS_V1
OB = contexts.OPEN_BADGES
OB_1_1 = "https://purl.imsglobal.org/spec/ob/v3p0/context.json"
EXTENSIONS = contexts.OPEN_BADGES_EXTENSIONS
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"
DATA_INTEGRITY_V1 = "https://w3id.org/security/data-integrity/v1"


@pytest.mark.parametrize("url", PINS)
def test_every_context_has_the_bytes_that_are_pinned(url: str) -> None:
    raw = (FOLDER / PINS[url].file).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == PINS[url].sha256
    assert PACKAGED.load(url) == json.loads(raw)


def test_sources_name_every_file_with_its_digest() -> None:
    rows = re.findall(
        r"^\| (\S+\.json) \| (\S+) \| .*?`([0-9a-f]{64})`", (FOLDER / "SOURCES.md").read_text(), re.MULTILINE
    )
    assert {(pin.file, url, pin.sha256) for url, pin in PINS.items()} == set(rows)
    assert {path.name for path in FOLDER.glob("*.json")} == {pin.file for pin in PINS.values()}


@pytest.mark.parametrize("url", sorted(PINS.keys() - {contexts.STATUS_LIST_2021}))
def test_every_context_says_what_the_published_one_says(url: str) -> None:
    assert json.loads(shared(f"contexts/{PINS[url].file}").read_bytes()) == PACKAGED.load(url)


def test_a_changed_file_is_never_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / PINS[V2].file).write_bytes((FOLDER / PINS[V2].file).read_bytes() + b" ")
    monkeypatch.setattr(contexts, "_FOLDER", tmp_path)
    with pytest.raises(ContextDamagedError):
        ContextStore().load(V2)


@pytest.mark.parametrize(
    "urls",
    [
        [V2],
        [V2, OB],
        [V2, OB, EXTENSIONS],
        [V2, DATA_INTEGRITY_V2],
        [V1],
        [V1, OB_1_1, EXTENSIONS, DATA_INTEGRITY_V2],
        [V1, contexts.STATUS_LIST_2021, DATA_INTEGRITY_V1],
    ],
)
def test_takes_the_arrays_of_the_specifications(urls: list[Any]) -> None:
    assert read(urls) == tuple(urls)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, "/@context"),
        (V2, "/@context"),
        ([], "/@context"),
        ({"@vocab": "https://example.org/"}, "/@context"),
        ([V2, {"@vocab": "https://example.org/"}], "/@context/1"),
        ([V2, OB, {"evil": "https://example.org/evil"}], "/@context/2"),
        ([V2, None], "/@context/1"),
        ([V2, [OB]], "/@context/1"),
        ([V2, V2], "/@context/1"),
        ([V2, OB, OB], "/@context/2"),
        ([V2, V1], "/@context/1"),
        ([V2, OB, V1], "/@context/2"),
        ([OB, V2], "/@context/0"),
        ([EXTENSIONS, V2, OB], "/@context/0"),
        ([V2, EXTENSIONS, OB], "/@context/2"),
        ([V2, OB_1_1], "/@context/1"),
        ([V2, OB, DATA_INTEGRITY_V1], "/@context/2"),
        ([V2] * 9, "/@context"),
    ],
)
def test_refuses_any_other_form_or_order(value: Any, path: str) -> None:
    with pytest.raises(ContextRefusedError) as refused:
        read(value)
    assert refused.value.path == path


@pytest.mark.parametrize(
    "urls",
    [
        ["https://www.w3.org/ns/credentials/v3"],
        [V2, "https://example.org/context.json"],
        [V2, OB.replace("https", "http")],
        [V2, OB + "#"],
        [V2, "context-3.0.3.json"],
        [V2, ""],
    ],
)
def test_an_unknown_context_is_never_fetched(urls: list[Any]) -> None:
    with pytest.raises(UnknownContextError):
        read(urls)


def test_of_all_orders_of_a_badge_only_two_are_taken() -> None:
    urls = (V2, OB, EXTENSIONS, DATA_INTEGRITY_V2)
    taken = []
    for order in permutations(urls):
        try:
            taken.append(read(list(order)))
        except ContextRefusedError:
            continue
    assert taken == [urls, (V2, OB, DATA_INTEGRITY_V2, EXTENSIONS)]


def test_what_we_issue_is_among_what_we_accept() -> None:
    for urls in (
        contexts.ISSUED_BADGE,
        contexts.ISSUED_BADGE_WITH_EXTENSIONS,
        contexts.ISSUED_STATUS_LIST,
    ):
        assert read(list(urls)) == urls


def test_a_context_with_a_vocabulary_is_only_for_tests() -> None:
    url = "https://www.w3.org/ns/credentials/examples/v2"
    assert url not in PINS
    store = ContextStore({url: b'{"@context": {"@vocab": "https://example.org/#"}}'})
    assert read([V2, url], store=store) == (V2, url)
    pin = store.pin(url)
    assert pin is not None
    assert pin.role is Role.EXTENSION
