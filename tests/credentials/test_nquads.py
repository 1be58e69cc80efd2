# SPDX-License-Identifier: Apache-2.0
"""N-Quads: what is escaped, what is read."""

from __future__ import annotations

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import NQuadsError
from credentials.rdf.nquads import escape, literal, parse, write

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def test_escapes_what_the_standard_names_and_nothing_else() -> None:
    assert escape('\b\t\n\f\r"\\') == r"\b\t\n\f\r\"\\"
    assert escape("\x00\x01\x0b\x1b\x1f\x7f") == r"\u0000\u0001\u000B\u001B\u001F\u007F"
    assert escape("\ufffe\uffff") == r"\uFFFE\uFFFF"
    untouched = "'/ \x80\x85\xa0\u2028\u2029\ufeff\ufffd\ufdd0😀\U0001fffee\u0301"
    assert escape(untouched) == untouched


@given(TEXT)
def test_a_literal_is_read_as_it_was_written(text: str) -> None:
    line = f"<urn:s> <urn:p> {literal(text)} .\n"
    assert parse(line) == ([("<urn:s>", "<urn:p>", literal(text), "")], {})


@given(TEXT)
def test_an_independent_reader_finds_the_same_text(text: str) -> None:
    line = f"<urn:s> <urn:p> {literal(text)} .\n"
    (quad,) = pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_QUADS)
    assert isinstance(quad.object, pyoxigraph.Literal)
    assert quad.object.value == text


def test_a_literal_says_its_datatype_or_language() -> None:
    assert literal("x", datatype="urn:t") == '"x"^^<urn:t>'
    assert literal("x", language="en") == '"x"@en'
    assert literal("x") == '"x"'


def test_reads_escapes_comments_blank_nodes_and_graphs() -> None:
    quads, numbers = parse(
        "# a comment\n\n"
        "_:a <urn:p> _:b _:g .\r\n"
        '<urn:\\u00e9>\t<urn:p>\t"\\U0001F600\\u0041"@en-GB . # another\n'
        '<urn:s> <urn:p> "x"^^<http://www.w3.org/2001/XMLSchema#string> .\n'
        '<urn:s> <urn:p> "x" .\n'
    )
    assert numbers == {"a": 0, "b": 1, "g": 2}
    assert quads == [
        (0, "<urn:p>", 1, 2),
        ("<urn:é>", "<urn:p>", '"😀A"@en-GB', ""),
        ("<urn:s>", "<urn:p>", '"x"', ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<urn:s> <urn:p> <urn:o>",
        "<urn:s> _:p <urn:o> .",
        '"x" <urn:p> <urn:o> .',
        "<urn:a b> <urn:p> <urn:o> .",
        '<urn:s> <urn:p> "\\x" .',
        '<urn:s> <urn:p> "\\uD800" .',
        '<urn:s> <urn:p> "\\U00110000" .',
        '<urn:s> <urn:p> "x"@ .',
        "<urn:s> <urn:p> <urn:o> . <urn:s>",
    ],
)
def test_refuses_what_is_not_n_quads(text: str) -> None:
    with pytest.raises(NQuadsError):
        parse(text)


def test_writes_blank_nodes_by_their_labels() -> None:
    assert write((0, "<urn:p>", 1, 2), {0: "_:x", 1: "_:y", 2: "_:z"}) == "_:x <urn:p> _:y _:z .\n"
    assert write(("<urn:s>", "<urn:p>", '"o"', ""), {}) == '<urn:s> <urn:p> "o" .\n'
