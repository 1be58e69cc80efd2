# SPDX-License-Identifier: Apache-2.0
"""Tables: what a word means, the bounds of what is kept, and PyLD's private functions that make them."""

from __future__ import annotations

import gc
import inspect
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, permutations
from typing import Any

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from benchmarks.walk import credential
from credentials.canonicalize import canonicalize
from credentials.errors import ContextRefusedError, WorkLimitError
from credentials.jsonld import tables
from credentials.jsonld.contexts import (
    CREDENTIALS_V2,
    ISSUED_BADGE,
    OPEN_BADGES_EXTENSIONS,
    PACKAGED,
    PINS,
    Role,
)
from credentials.jsonld.tables import Kind, compile_contexts, is_iri
from credentials.jsonld.walk import walk
from credentials.rdf.canonical import canonical


@pytest.fixture
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_tables", {})


def test_the_private_functions_of_pyld_have_not_moved() -> None:
    process = inspect.signature(jsonld.JsonLdProcessor._process_context)
    assert list(process.parameters) == [
        "self",
        "active_ctx",
        "local_ctx",
        "options",
        "override_protected",
        "propagate",
        "validate_scoped",
        "cycles",
    ]
    assert process.parameters["override_protected"].default is False
    assert process.parameters["propagate"].default is True
    initial = inspect.signature(jsonld.JsonLdProcessor._get_initial_context)
    assert list(initial.parameters) == ["self", "options"]
    resolver = inspect.signature(jsonld.ContextResolver.__init__)
    assert list(resolver.parameters)[:3] == ["self", "shared_cache", "document_loader"]


def test_a_word_means_what_its_context_says() -> None:
    root = compile_contexts(ISSUED_BADGE, store=PACKAGED)
    assert (root.id_name, root.type_name) == ("id", "type")
    assert root.terms["url"].closing == '"^^<https://www.w3.org/2001/XMLSchema#anyURI>'
    assert root.terms["image"].kind is Kind.IRI
    assert "validFrom" not in root.terms
    inside = root.of_types(("VerifiableCredential",))
    assert inside.terms["validFrom"].datatype == "http://www.w3.org/2001/XMLSchema#dateTime"
    assert inside.terms["proof"].is_graph
    assert inside.outside is root
    assert root.of_types(("ResultDescription",)).terms["allowedValue"].is_list
    assert root.of_types(("JsonSchema",)).terms["jsonSchema"].kind is Kind.OTHER


def test_a_property_brings_its_own_context() -> None:
    proof = compile_contexts(ISSUED_BADGE, store=PACKAGED).of_types(("DataIntegrityProof",))
    purpose = proof.terms["proofPurpose"]
    assert purpose.kind is Kind.VOCAB
    assert "assertionMethod" in proof.at_value(purpose).terms
    assert "assertionMethod" not in proof.terms


def test_every_pair_that_we_accept_can_be_combined() -> None:
    for url, pin in PINS.items():
        for base in pin.bases - {url}:
            assert compile_contexts((base, url), store=PACKAGED).is_plain


def test_no_base_accepts_what_redefines_its_words() -> None:
    for url, pin in PINS.items():
        if pin.role is not Role.BASE and CREDENTIALS_V2 not in pin.bases:
            with pytest.raises(ContextRefusedError):
                compile_contexts((CREDENTIALS_V2, url), store=PACKAGED)


@pytest.mark.usefixtures("_fresh")
def test_only_so_many_tables_are_kept() -> None:
    extensions = [url for url, pin in PINS.items() if pin.role is Role.EXTENSION and len(pin.bases) == 2]
    arrays = [
        (CREDENTIALS_V2, *order)
        for size in range(4)
        for chosen in combinations(extensions, size)
        for order in permutations(chosen)
    ]
    assert len(arrays) > tables.TABLES
    for urls in arrays[: tables.TABLES + 5]:
        compile_contexts(urls, store=PACKAGED)
    assert len(tables._tables) == tables.TABLES


@pytest.mark.usefixtures("_fresh")
def test_only_so_many_combinations_of_types_are_kept() -> None:
    document = credential()
    for kind in permutations(SCOPED, 3):
        document["issuer"]["type"] = ["Profile", *kind]
        canonicalize(document)
    root = compile_contexts(ISSUED_BADGE, store=PACKAGED)
    assert 0 < len(root.types) <= tables.TYPES


@pytest.mark.usefixtures("_fresh")
def test_nothing_that_a_stranger_wrote_is_kept() -> None:
    """Bounded in bytes too: the types of a document may be as long as the document."""
    document = credential()
    canonicalize(document)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(2 * tables.TYPES):
            document["issuer"]["type"] = ["Profile", f"u:{number}", *(f"u:{number}-{i}" for i in range(500))]
            canonicalize(document)
            document["issuer"]["type"] = ["Profile", "urn:" + str(number) + "x" * 2_000]
            canonicalize(document)
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 250_000
    root = compile_contexts(ISSUED_BADGE, store=PACKAGED)
    assert all(name in root.terms for names in root.types for name in names)
    assert all(len(names) <= tables.TYPE_NAMES for names in root.types)


# Types with contexts of their own that can go together.
SCOPED = (
    "Achievement",
    "Alignment",
    "Image",
    "Evidence",
    "Address",
    "GeoCoordinates",
    "RubricCriterionLevel",
    "EndorsementSubject",
    "IdentityObject",
)


def many_kinds(count: int) -> dict[str, Any]:
    kinds = [list(kind) for size in (1, 2, 3, 4) for kind in combinations(SCOPED, size)]
    document = credential()
    document["credentialSubject"]["source"] = [
        {"id": f"https://example.org/{number}", "type": kind} for number, kind in enumerate(kinds[:count])
    ]
    return document


@pytest.mark.usefixtures("_fresh")
def test_one_document_cannot_make_us_compile_for_ever() -> None:
    canonicalize(many_kinds(tables.STATES))
    tables._tables.clear()
    with pytest.raises(WorkLimitError):
        canonicalize(many_kinds(2 * tables.STATES_IN_FLIGHT))
    # The next document finds a table of its own.
    assert canonicalize(credential())


@pytest.mark.usefixtures("_fresh")
def test_what_other_documents_need_is_not_held_against_one() -> None:
    """A table that others fill while a document is read: the document gets one of its own."""
    document = many_kinds(40)
    expected = canonicalize(document)
    tables._tables.clear()
    root = compile_contexts(ISSUED_BADGE, store=PACKAGED)
    root._table.states = tables.STATES_IN_FLIGHT - 5
    assert canonical(walk(document, root, store=PACKAGED)).text == expected
    assert root.is_crowded


@pytest.mark.usefixtures("_fresh")
def test_threads_share_tables_from_the_first_sight_on() -> None:
    documents = [credential(), many_kinds(40)]
    documents[1]["@context"] = [*ISSUED_BADGE, OPEN_BADGES_EXTENSIONS]
    expected = [canonicalize(document) for document in documents]
    tables._tables.clear()
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(canonicalize, documents * 40))
    assert results == expected * 40


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example",
        "https://a.example:8443/b%20c?d=e/?#f/?",
        "http://[2001:db8::1]:80/",
        "http://[::ffff:192.0.2.1]/",
        "https://né.example/é?é\ue000#é",
        "https://user@a.example/",
        "did:web:a.example%3A3000:b#c",
        "mailto:a@b.example",
        "data:image/png;base64,QUJD+/==",
        "file:///a",
        "urn:",
    ],
)
def test_a_well_formed_iri_is_taken(text: str) -> None:
    assert is_iri(text)
    assert by_pyoxigraph(text)


@pytest.mark.parametrize(
    "text",
    [
        *("http://[/", "https://e.example/%zz", "https://e.example/%", "http://a:b:c/", "http://a:b/"),
        *("https://?", "https://", "http:///a", "http://:80/", "http:a", "HTTPS://#", "https://u@/"),
        *("https://a.example/[1]", "https://a.example/#b#c", "http://[::1", "http://[1::2::3]/", "a b:c"),
        *(f"https://a.example/{chr(code)}" for code in (0x200E, 0x200F, *range(0x202A, 0x202F))),
        *(f"https://a{chr(code)}.example/" for code in (0x61C, *range(0x2066, 0x206A), 0xFEFF, 0xA0, 0x3000)),
        "https://a.example/\ue000",
        "https://a.example/\ufffe",
    ],
)
def test_an_ill_formed_iri_is_refused(text: str) -> None:
    assert not is_iri(text)


def by_pyoxigraph(text: str) -> bool:
    try:
        quads = list(
            pyoxigraph.parse(f"<{text}> <urn:p> <urn:o> .".encode(), format=pyoxigraph.RdfFormat.N_QUADS)
        )
    except (SyntaxError, ValueError):
        return False
    return len(quads) == 1


pieces = st.sampled_from(
    [*"ab1:/?#[]@%.~-+&=|", "%2F", "http://", "::", "v1.", "é", "\u4e00", "\ue000", "\u200b"]
)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(["http://", "https://", "urn:", "a:", ""]), st.lists(pieces, max_size=9))
def test_pyoxigraph_takes_every_iri_that_we_take(begin: str, rest: list[str]) -> None:
    text = begin + "".join(rest)
    if is_iri(text):
        assert by_pyoxigraph(text)


@pytest.mark.parametrize("part", ["%41", "%4", "a@", "1:", ":", "a.", "/", "é", "?"])
def test_no_text_takes_long_to_refuse(part: str) -> None:
    for begin in ("https://", "a://", "a:"):
        begun = time.process_time()
        is_iri(begin + part * 100_000 + "|")
        assert time.process_time() - begun < 1
