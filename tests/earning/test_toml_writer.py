# SPDX-License-Identifier: Apache-2.0
"""What is written as TOML is read as the same."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from earning.catalogue import drafts, toml_writer

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
KEY = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PLAIN = st.one_of(TEXT, st.booleans(), st.integers(-(2**60), 2**60), st.lists(TEXT, max_size=3))
TREE = st.recursive(
    st.dictionaries(KEY, PLAIN, max_size=4),
    lambda inner: st.dictionaries(KEY, st.one_of(PLAIN, inner, st.lists(inner, max_size=3)), max_size=4),
    max_leaves=12,
)


@given(TREE)
def test_reading_gives_back_what_was_written(values: dict[str, Any]) -> None:
    assert tomllib.loads(toml_writer.write(values)) == values


@given(st.dictionaries(st.sampled_from(["hours", "words", "descriptors", "part"]), TREE))
def test_tables_on_one_line_too(values: dict[str, Any]) -> None:
    assert tomllib.loads(toml_writer.write(values)) == values


def test_a_draft_of_the_sample_is_written_as_people_write_it() -> None:
    text = drafts.write(drafts.blank("NEW1")).decode()
    assert "hours = { min = 10, max = 15 }" in text
    assert "[[part.prompt]]" in text
    assert "words = { guide = [250, 300] }" in text


@given(st.binary(max_size=200))
def test_any_bytes_are_a_draft_with_faults(source: bytes) -> None:
    assert drafts.faults(source, stacks=("SEL",))
