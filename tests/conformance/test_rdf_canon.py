# SPDX-License-Identifier: Apache-2.0
"""The W3C test suite for RDF Dataset Canonicalization, all of it (w3c/rdf-canon @15619df2, ``tests/``)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from credentials.errors import WorkLimitError
from credentials.rdf.canonical import canonical
from credentials.rdf.nquads import parse
from tests.vectors import available, shared

FOLDER = "rdf-canon/tests"
HASHES = {None: "sha256", "SHA256": "sha256", "SHA384": "sha384"}


def entries() -> list[Any]:
    if not available(FOLDER):
        return []
    manifest = json.loads((shared(FOLDER) / "manifest.jsonld").read_text(encoding="utf-8"))
    return [pytest.param(entry, id=entry["id"]) for entry in manifest["entries"]]


def read(name: str) -> str:
    return (shared(FOLDER) / name).read_bytes().decode("utf-8")


def test_the_suite_is_complete() -> None:
    shared(FOLDER)
    assert len(entries()) == 86


@pytest.mark.parametrize("entry", entries())
def test_gives_the_published_answer(entry: dict[str, str]) -> None:
    quads, numbers = parse(read(entry["action"]))
    hash_name = HASHES[entry.get("hashAlgorithm")]
    match entry["type"]:
        case "rdfc:RDFC10EvalTest":
            assert canonical(quads, hash_name=hash_name).text.decode() == read(entry["result"])
        case "rdfc:RDFC10MapTest":
            labels = canonical(quads, hash_name=hash_name).labels
            assert {name: labels[number] for name, number in numbers.items()} == json.loads(
                read(entry["result"])
            )
        case "rdfc:RDFC10NegativeEvalTest":
            with pytest.raises(WorkLimitError):
                canonical(quads, hash_name=hash_name)
        case kind:
            pytest.fail(f"unknown kind of test: {kind}")
