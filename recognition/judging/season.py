# SPDX-License-Identifier: Apache-2.0
"""The season of the recognizer's units (``[[window]]``): it binds the units, and never the award.

Which season it is follows from the day of the last submission, or from the award's day where the award does
not say more. That the last submission lies on or before ``submit_by`` settles it; one up to ``revise_by``
needs a ``first-submitted`` attestation of a day up to ``submit_by``; one after ``revise_by`` is outside, and
a person may adjust that. A season that the policy does not list is not known yet: that is no "no".
"""

from __future__ import annotations

from datetime import date
from typing import Final

from recognition.judging.answer import PENDING, REFUSED
from recognition.judging.case import Case, Entry
from recognition.judging.finding import Finding, no, not_asked, open_, yes
from recognition.judging.requirements import own
from recognition.rule.days import school_year
from recognition.rule.policy import Window
from service import text

FIRST_SUBMITTED: Final = "first-submitted"
SEASON_DATES: Final = "season-dates"
OUTSIDE: Final = f"{REFUSED}outside-window"


def season(case: Case, entry: Entry) -> Finding:
    """Step 9: it was submitted, and revised, within the season of its school year."""
    windows = case.policy.windows
    last = entry.ended or entry.day
    if not windows or last is None:
        return not_asked("The rule has no season.")
    year = school_year(last)
    for number, window in enumerate(windows):
        if window.school_year == year:
            return _within(case, entry, window, last, f"window[{number}]")
    sentence = f"The rule does not state the dates of the season {year} yet."
    return open_(sentence, f"{PENDING}{SEASON_DATES}", "window[0]")


def _within(case: Case, entry: Entry, window: Window, last: date, rule: str) -> Finding:
    """``last`` is the day of the last submission, or a day that lies after it."""
    submit, revise = text.day(window.submit_by), text.day(window.revise_by)
    if last <= window.submit_by:
        return yes(f"Submitted by {submit}, the last day of the season {window.school_year}.", rule)
    if entry.ended is not None and entry.ended > window.revise_by:
        sentence = f"Its last submission is dated {text.day(entry.ended)}, after {revise}, the last day for"
        return no(f"{sentence} revisions of the season {window.school_year}.", OUTSIDE, rule)
    first = _first_submitted(case, entry)
    if first is None:
        sentence = f"Nobody has recorded that it was first submitted by {submit}."
        return open_(sentence, f"{PENDING}{FIRST_SUBMITTED}", rule)
    if first > window.submit_by:
        sentence = f"It was first submitted on {text.day(first)}, after {submit}, the last day of the season"
        return no(f"{sentence} {window.school_year}.", OUTSIDE, rule)
    if last > window.revise_by:
        sentence = f"It does not say whether its last revision was sent by {revise}."
        return open_(sentence, f"{PENDING}{SEASON_DATES}", rule)
    return yes(f"First submitted on {text.day(first)}, and revised by {revise}.", rule)


def _first_submitted(case: Case, entry: Entry) -> date | None:
    return min((each.on for each in own(case, entry, FIRST_SUBMITTED)), default=None)
