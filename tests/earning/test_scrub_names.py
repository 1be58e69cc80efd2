# SPDX-License-Identifier: Apache-2.0
"""What may tell who somebody is gets a hint with its place; ordinary words of teaching get none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earning.scrub.names import FINDINGS_MAX, WORDS_CHARS, look_for_people, look_through
from earning.scrub.scrubbed import Trace


@pytest.mark.parametrize(
    ("text", "trace", "words"),
    [
        ("Write to jane.doe+x@school.k12.wa.us today", Trace.EMAIL, "jane.doe+x@school.k12.wa.us"),
        ("Call (206) 555-0142.", Trace.TELEPHONE, "(206) 555-0142"),
        ("Call 1-206-555-0142", Trace.TELEPHONE, "1-206-555-0142"),
        ("Call +44 20 7946 0958", Trace.TELEPHONE, "+44 20 7946 0958"),
        ("SSN 123-45-6789", Trace.SOCIAL_SECURITY, "123-45-6789"),
        ("social security no: 123456789", Trace.SOCIAL_SECURITY, "123456789"),
        ("Student ID: 4471203", Trace.STUDENT_NUMBER, "4471203"),
        ("student number A001234", Trace.STUDENT_NUMBER, "A001234"),
        ("SASID 1012345678", Trace.STUDENT_NUMBER, "1012345678"),
        ("My name is Jane and I like maths", Trace.NAME, "Jane"),
        ("Student: Jane Doe", Trace.NAME, "Jane Doe"),
        ("Student’s name: Zoë Ångström", Trace.NAME, "Zoë Ångström"),
        ("Name: Maria Lopez", Trace.NAME, "Maria Lopez"),
        ("One student, my student Jane van Dyke, said", Trace.NAME, "Jane van Dyke"),
        ("Taught by Ms. Alvarez", Trace.NAME, "Ms. Alvarez"),
    ],
)
def test_finds(text: str, trace: Trace, words: str) -> None:
    assert [(each.trace, each.words) for each in look_for_people(text)] == [(trace, words)]


@pytest.mark.parametrize(
    "text",
    [
        "Students worked in groups of 3-4 for 45 minutes.",
        "The student named the parts of a plant.",
        "Student A improved from 62 to 78 percent in 2025-26.",
        "WAC 181-85-033 and RCW 28A.415 apply.",
        "Standards CCSS.MATH.CONTENT.3.OA.A.1",
        "ISBN 978-0-545-01022-1",
        "Version 123-45-678, 12:30-13:45, 1,000,000 words",
        "My name is on the door.",
        "student outcomes; Student Outcomes",
        "@mentions and a@b",
    ],
)
def test_ordinary_words_of_teaching_are_left_alone(text: str) -> None:
    assert look_for_people(text) == ()


def test_names_the_line_or_the_given_place() -> None:
    text = "one\r\ntwo\nmail a@example.org"
    assert [each.place for each in look_for_people(text)] == ["line 3"]
    assert [each.place for each in look_for_people(text, place="page 7")] == ["page 7"]
    assert [each.place for each in look_through([("slide 1", text), ("", text)])] == ["slide 1", "line 3"]


def test_says_a_thing_once_and_stops_in_time() -> None:
    assert len(look_for_people("a@example.org " * 9)) == 1
    many = "\n".join(f"user{number}@example.org" for number in range(500))
    assert len(look_for_people(many)) == FINDINGS_MAX


@given(st.text(max_size=400))
def test_any_text_can_be_looked_through(text: str) -> None:
    assert all(0 < len(each.words) <= WORDS_CHARS for each in look_for_people(text))


@pytest.mark.parametrize(
    "word", ["Student Aa ", "a.", "+1 ", "student id ", "Mr. ", "\u2019", "1-", "my name is "]
)
def test_long_texts_cost_no_more_than_their_length(word: str) -> None:
    assert len(look_for_people(word * 30_000)) <= FINDINGS_MAX
