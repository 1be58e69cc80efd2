# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from earning.review.changes import DIFF_WORDS, Change, Piece, compare

texts = st.lists(st.sampled_from(["one", "two", "three", "\n", "four."]), max_size=12).map(" ".join)


def test_equal_texts_are_one_piece() -> None:
    assert compare("the same", "the same") == (Piece(Change.SAME, "the same"),)
    assert compare("", "") == ()


def test_a_changed_word_stands_between_what_stayed() -> None:
    assert compare("I wait three breaths", "I wait five breaths") == (
        Piece(Change.SAME, "I wait "),
        Piece(Change.REMOVED, "three"),
        Piece(Change.ADDED, "five"),
        Piece(Change.SAME, " breaths"),
    )


def test_what_is_quite_different_is_told_one_after_the_other() -> None:
    assert [each.change for each in compare("one two three", "alpha beta gamma delta")] == [
        Change.REMOVED,
        Change.ADDED,
    ]


def test_long_texts_are_not_compared_word_by_word() -> None:
    old, new = "a " * DIFF_WORDS, "a " * DIFF_WORDS + "b"
    assert len(compare(old, new)) == 2


@given(texts, texts)
def test_the_new_text_is_whole_and_no_word_of_the_old_one_is_lost(old: str, new: str) -> None:
    pieces = compare(old, new)
    assert "".join(each.text for each in pieces if each.change is not Change.REMOVED).split() == new.split()
    assert " ".join(each.text for each in pieces if each.change is not Change.ADDED).split() == old.split()
