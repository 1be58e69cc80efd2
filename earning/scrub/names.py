# SPDX-License-Identifier: Apache-2.0
"""Look through a text for what may tell who somebody is, above all students.

What is found is a hint for the educator to look again, with the place. It is no refusal, and its absence is
no promise: a first name alone is a word like any other. Looked for are e-mail addresses, telephone numbers,
social security numbers, student numbers, and names after words that announce one ("Student: Jane Doe",
"my name is"). Rule: ``docs/adr/0022-uploads-are-cleaned-in-a-process-of-their-own.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from earning.scrub.scrubbed import Finding, Trace

FINDINGS_MAX: Final = 50  # more in one file say the same: look through the whole
LINE_FINDINGS: Final = 200  # findings of one line that are compared with each other
WORDS_CHARS: Final = 80  # characters of a finding that are shown

_NAME: Final = (
    r"(?-i:[^\W\d_a-z][\w’'-]{1,30}(?:[ \t]+(?:[A-Z]\.?|(?:de|del|la|van|von|bin|al)\b)){0,2}"
    r"[ \t]+[^\W\d_a-z][\w’'-]{1,30})"
)
_ONE_NAME: Final = r"(?-i:[^\W\d_a-z][\w’'-]{1,30}(?:[ \t]+[^\W\d_a-z][\w’'-]{1,30})?)"

_PATTERNS: Final[tuple[tuple[Trace, re.Pattern[str]], ...]] = (
    (
        Trace.EMAIL,
        re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}\b", re.IGNORECASE),
    ),
    (Trace.SOCIAL_SECURITY, re.compile(r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\d-])")),
    (
        Trace.SOCIAL_SECURITY,
        re.compile(r"\b(?:ssn|social security)\b[^\n\d]{0,20}(\d{3}[ -]?\d\d[ -]?\d{4})\b", re.IGNORECASE),
    ),
    (
        Trace.TELEPHONE,
        re.compile(
            r"(?<![\w.+-])(?:\+?1[ .-]?)?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]\d{4}(?![\w-])"
        ),
    ),
    (Trace.TELEPHONE, re.compile(r"(?<![\w+])\+[1-9]\d{0,2}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}(?!\w)")),
    (
        Trace.STUDENT_NUMBER,
        re.compile(
            r"\b(?:student|pupil|learner|state)[ \t]{0,3}(?:id|number|no|nr)\b"
            r"[.:#\s]{0,4}([a-z]{0,3}\d{4,12})\b"
            r"|\b(?:sasid|ssid|lasid)\b[.:#\s]{0,4}(\d{4,12})\b",
            re.IGNORECASE,
        ),
    ),
    (
        Trace.NAME,
        re.compile(
            r"\b(?:my name is|student(?:[’']s)? name[ \t]*(?:is|:)|name of (?:the )?student[ \t]*(?:is|:)"
            r"|(?:student|pupil|teacher|parent|guardian|name)[ \t]*:|written by|submitted by|signed,?)[ \t]*"
            rf"({_ONE_NAME})",
            re.IGNORECASE,
        ),
    ),
    (Trace.NAME, re.compile(rf"\b(?:student|pupil|students|pupils)[ \t]+({_NAME})", re.IGNORECASE)),
    (Trace.NAME, re.compile(rf"\b((?:Mr|Mrs|Ms|Miss|Mx|Dr)\.?[ \t]+{_ONE_NAME})")),
)
_LINES: Final = re.compile(r"\r\n|\r|\n")


def look_for_people(text: str, *, place: str = "") -> tuple[Finding, ...]:
    """Return what in ``text`` may tell who somebody is, in its order, at most ``FINDINGS_MAX``.

    Args:
        text: What a person would read.
        place: Where the text stands ("page 2"); if it is "", the line is named.
    """
    return tuple(_first(_look(_LINES.split(text), place)))


def look_through(texts: Iterable[tuple[str, str]]) -> tuple[Finding, ...]:
    """Return the findings of several texts, each with its place, at most ``FINDINGS_MAX`` altogether."""
    return tuple(_first(finding for place, text in texts for finding in _look(_LINES.split(text), place)))


def _look(lines: Iterable[str], place: str) -> Iterator[Finding]:
    for number, line in enumerate(lines, start=1):
        taken: list[tuple[int, int]] = []
        for trace, pattern in _PATTERNS:
            for found in pattern.finditer(line[:_LINE_CHARS]):
                group = next((index for index in (1, 2) if index <= pattern.groups and found[index]), 0)
                begin, end = found.span(group)
                if any(begin < other_end and other_begin < end for other_begin, other_end in taken):
                    continue
                taken.append((begin, end))
                if len(taken) > LINE_FINDINGS:
                    break
                yield Finding(trace, found[group][:WORDS_CHARS], place or f"line {number}")


_LINE_CHARS: Final = 100_000  # characters of one line that are looked through


def _first(findings: Iterable[Finding]) -> Iterator[Finding]:
    seen: set[Finding] = set()
    for finding in findings:
        if finding not in seen:
            seen.add(finding)
            yield finding
            if len(seen) == FINDINGS_MAX:
                return
