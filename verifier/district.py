# SPDX-License-Identifier: Apache-2.0
"""The 13 rows: what a district checks before it counts an award, each ✓, ✗ or "you decide".

The rows are the union of what districts and states ask for on public pages; always all of them, always in
this order, and never a total: which of them matter is the reader's rule. Rules kept:

- Only proven content is told as true. Of a credential that is not genuine, or of which that could not be
  found out, no row repeats a word.
- Row 1 is ✓ only for an issuer that the reader's list (or this house) recognises: that a signature is that of
  an address says nothing about who stands behind the address.
- ✓ needs a fact from here. What needs a rule, a ledger or a file of the reader's is "you decide" and says
  what it would need.
- Days are UTC days, as everywhere with credentials; first and last day of a cycle belong to it.

Rows 1 to 3, 5, 6, 11 and 13 are answered by the credential itself, 2 and 4 by what was asked (``Asked``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from credentials.summary import ResultSummary, Summary
from service import text
from verifier import cycle
from verifier.asked import Asked
from verifier.explain import shown
from verifier.outcome import Check, Finding, Mark, Outcome, Row
from verifier.report import Report
from verifier.verdict import Verdict

STALE_AFTER: Final = timedelta(days=31)  # a status list that is older may be unchanged, or forgotten
TITLES: Final = (
    "Genuine, and the issuer is who it says",
    "It is this employee",
    "Title and content",
    "Award and activity dates in your cycle",
    "Hours or units, and who says so",
    "Evidence of competence",
    "On your accepted list or stack",
    "Approval earlier than enrolment",
    "Claimed in time",
    "Not used before",
    "Not withdrawn, not under review",
    "Role eligible, cap not reached",
    "Sponsor’s name, address and signature for the file",
)

_CLOCK_HOURS: Final = "clock hours"
_HOURS: Final = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,2})?")
_FORGED = "It is not genuine, so nothing in it counts."
_OPEN = "It is not known yet whether it is genuine."
_ALREADY_NO = "Nothing is left to decide here while row 1 says no."
_AGAIN = "Check again later, or ask the person for the original link."
_FROM_THE_READER = frozenset({7, 8, 9, 10, 12})  # rows that need a rule or a ledger of the reader's

Answer = tuple[Mark, str, str]


def rows(report: Report, asked: Asked) -> tuple[Row, ...]:
    """Return all 13 rows about ``report``, for a reader who asked ``asked``."""
    answers: list[Answer] = [_genuine(report)]
    summary = report.summary if report.is_authentic else None
    for number in range(2, 14):
        if summary is not None and report.is_statement:
            answers.append(_decide("It is a signed statement about something, and no award.", "Read it."))
        elif summary is not None:
            answers.append(_ROWS[number](report, summary, asked))
        else:
            answers.append(_unproven(number, report))
    return tuple(
        Row(number, title, *answer)
        for number, (title, answer) in enumerate(zip(TITLES, answers, strict=True), start=1)
    )


def _yes(sentence: str, look_at: str = "") -> Answer:
    return Mark.YES, sentence, look_at


def _no(sentence: str, look_at: str = "") -> Answer:
    return Mark.NO, sentence, look_at


def _decide(sentence: str, look_at: str) -> Answer:
    return Mark.YOU_DECIDE, sentence, look_at


def _unproven(number: int, report: Report) -> Answer:
    """Say nothing of what stands in it: nobody is shown to have said that."""
    if report.verdict not in (Verdict.INVALID, Verdict.UNSIGNED_CONTENT):
        return _decide(_OPEN, _AGAIN)
    if number in _FROM_THE_READER:
        return _decide(_FORGED, _ALREADY_NO)
    return _no(_FORGED)


def _genuine(report: Report) -> Answer:
    if report.verdict in (Verdict.INVALID, Verdict.UNSIGNED_CONTENT):
        return _no(report.sentence)
    if not report.is_authentic:
        return _decide(report.sentence, _AGAIN)
    issuer = shown(report.issuer.address)
    holds = f"The signature holds, and {issuer} lists the key as its own."
    careful = _check(report, "lookalike")
    if careful is not None and careful.outcome is Outcome.FAIL:
        return _decide(f"{holds} {careful.explanation}", f"Is {issuer} the issuer that you mean?")
    if report.recognised_issuer is False:
        trust = _check(report, "trust")
        said = trust.explanation.removeprefix("Genuine, but ") if trust is not None else "it is not on it."
        return _decide(f"{holds} But {said}", f"Do you rely on {issuer}? Then it counts as genuine.")
    if report.recognised_issuer is not True:
        trust = _check(report, "trust")
        is_unread = trust is not None and trust.outcome is Outcome.INDETERMINATE
        said = "But the list of issuers could not be loaded" if is_unread else "No list says who that is"
        return _decide(f"{holds} {said}.", f"Do you know {issuer}, and do you rely on it?")
    return _yes(holds)


def _person(report: Report, _summary: Summary, asked: Asked) -> Answer:
    found = _check(report, "recipient")
    if asked.recipient is None or found is None or found.outcome is Outcome.NOT_APPLICABLE:
        return _decide(
            "Nobody asked whose it is.",
            "Type the e-mail address, ID or name that you have on file, and check again.",
        )
    if found.outcome is Outcome.FAIL:
        return _no(found.explanation, "Compare the spelling, or ask the person for the address they used.")
    if found.outcome is Outcome.INDETERMINATE:
        return _decide(found.explanation, "Ask for an e-mail address, or compare with your own files.")
    if found.finding is Finding.NAME_ONLY:
        return _decide(found.explanation, "Name only: does it fit this employee, and no other?")
    return _yes(found.explanation)


def _content(_report: Report, summary: Summary, _asked: Asked) -> Answer:
    parts = {
        "the title": summary.title,
        "the competency": summary.description,
        "the criteria": summary.criteria_narrative or summary.criteria_url or summary.results,
    }
    missing = [name for name, value in parts.items() if not value]
    fits = "Whether it fits the job is for you to say: read what it took."
    if missing:
        return _decide(f"The credential does not state {_listed(missing)}.", fits)
    return _yes(f"{_named(summary)}: title, competency and criteria are stated and signed.", fits)


def _cycle(report: Report, summary: Summary, asked: Asked) -> Answer:
    moment = summary.awarded_on or summary.valid_from
    if moment is None:
        return _decide("It does not state when it was awarded.", "Ask the issuer for the date.")
    award, worked = cycle.day(moment), cycle.worked(summary)
    word = "Dated" if award > cycle.day(report.verified_at) else "Awarded"
    known = f"{word} {text.day(award)}{worked}."
    if asked.cycle_from is None and asked.cycle_until is None:
        return _decide(known, "Is that inside your cycle? Type its first and last day, and check again.")
    if not cycle.inside(award, asked):
        return _no(f"{known} The award lies outside {cycle.span(asked)}.")
    days = [cycle.day(each) for each in (summary.activity_start, summary.activity_end) if each is not None]
    if days and cycle.apart(days, asked):
        return _no(f"{known} The work lies outside {cycle.span(asked)}.")
    if not all(cycle.inside(day, asked) for day in days):
        return _decide(
            f"{known} The award lies inside {cycle.span(asked)}, a part of the work does not.",
            "Does your rule count the day of the award, or the days of the work?",
        )
    said = f"{known} That is inside {cycle.span(asked)}."
    today = cycle.day(report.verified_at)
    if award > today or any(day > today for day in days):
        return _decide(
            f"{said} But it names a day that has not come yet.", "Ask the issuer for the right date."
        )
    missing = [
        word
        for word, moment in (("began", summary.activity_start), ("ended", summary.activity_end))
        if moment is None
    ]
    if missing:
        said += f" It does not say when the work {_listed(missing)}."
        return _decide(said, "Does your rule ask when the work was done? Then ask the person or the issuer.")
    return _yes(said)


def _units(_report: Report, summary: Summary, _asked: Asked) -> Answer:
    issuer = shown(summary.issuer_name or "the issuer")
    hours = next((each.value for each in summary.results if _is_hours(each)), None)
    if hours is not None:
        return _yes(f"{issuer} certifies {hours} clock hours.", "Do you count hours that it grants?")
    if summary.credits_earned is not None:
        return _yes(f"{issuer} states {summary.credits_earned} credits earned.", "Do you count its credits?")
    if summary.credits_available is not None:
        said = f"{issuer} states {summary.credits_available} credits on offer, but not how many were earned."
        return _decide(said, "How many hours or units does your own rule give?")
    return _decide(
        "The signed credential states no hours and no units. Those on the issuer’s page are not signed.",
        "How many does your own rule give, or a certificate that came with it?",
    )


def _is_hours(result: ResultSummary) -> bool:
    """Tell whether a result is a plain number of clock hours, as PD certificates state them."""
    is_named = (result.criterion or "").strip().casefold() == _CLOCK_HOURS
    return is_named and _HOURS.fullmatch(result.value or "") is not None


def _competence(_report: Report, summary: Summary, _asked: Asked) -> Answer:
    if summary.results and all(_is_hours(each) for each in summary.results):
        return _decide(
            "It certifies hours, and says nothing of competence.",
            "Look at the award behind it, which it names as evidence.",
        )
    if not summary.results:
        return _decide(
            "The credential holds no results.", "Ask the person for the scored rubric or for the evidence."
        )
    met = [result.met for result in summary.results]
    count = text.count(len(met), "criterion", "criteria")
    if False in met:
        below = met.count(False)
        return _no(f"Of {count}, {below} {'is' if below == 1 else 'are'} below the required level.")
    if summary.unanswered or summary.results_left_out:
        open_ = text.count(summary.unanswered, "required criterion", "required criteria")
        said = (
            f"It names {count} with a result, and none for {open_} more."
            if summary.unanswered
            else f"It holds more results than the {len(met)} that are looked at here."
        )
        return _decide(said, "Ask the person for the whole scored rubric.")
    if None in met:
        said = f"It names {count} with a result, but not for each the level that is required."
        return _decide(said, "Are the levels that it names enough for you?")
    return _yes(
        f"The required level is reached in {'its one criterion' if len(met) == 1 else f'all {count}'}."
    )


def _listed_by_you(_report: Report, summary: Summary, _asked: Asked) -> Answer:
    stacks = [shown(tag.partition(":")[2], max_chars=40) for tag in summary.tags if tag.startswith("stack:")]
    tags = [shown(tag, max_chars=40) for tag in summary.tags if not tag.startswith("stack:")]
    said = f"It belongs to the stack {_listed(stacks[:5])}." if stacks else ""
    said += f" Its tags are {_listed(tags[:5])}." if tags else ""
    return _decide(
        said.strip() or "It names no stack and no tags.",
        f"Is {_named(summary)} on your list of accepted awards on the day of the award?",
    )


def _approved(_report: Report, summary: Summary, _asked: Asked) -> Answer:
    if summary.activity_start is None:
        said = "It does not say when the work began."
        return _decide(said, "Does a rule ask for approval first? Then compare your approval with the start.")
    begun = text.day(cycle.day(summary.activity_start))
    return _decide(
        f"The work began on {begun}.",
        f"Does a rule ask for approval first? Then your approval must be dated before {begun}.",
    )


def _in_time(report: Report, summary: Summary, _asked: Asked) -> Answer:
    moment = summary.awarded_on or summary.valid_from
    said = "It states no date."
    if moment is not None:
        word = "is dated" if cycle.day(moment) > cycle.day(report.verified_at) else "was awarded on"
        said = f"It {word} {text.day(cycle.day(moment))}."
    return _decide(said, "Within how many days must it be claimed? That needs your rule.")


def _unused(report: Report, _summary: Summary, _asked: Asked) -> Answer:
    if report.superseded_by is not None:
        return _decide(
            "It was replaced: there are two copies of this award, and it counts once.",
            f"Look in your ledger for both. The newer one: {shown(report.superseded_by, max_chars=300)}",
        )
    return _decide(
        "Nothing here knows what was counted before.",
        "Is this award already in your ledger, for this purpose? The link to it is its number.",
    )


def _standing(report: Report, _summary: Summary, _asked: Asked) -> Answer:
    status, validity = _check(report, "status"), _check(report, "validity")
    if status is None or validity is None or status.outcome is Outcome.INDETERMINATE:
        return _decide(status.explanation if status is not None else _OPEN, "Check again later.")
    if status.outcome is Outcome.FAIL:
        return _no(status.explanation)
    if validity.outcome is not Outcome.PASS:
        said = f"{status.explanation} {validity.explanation}"
        return _decide(said, "Do you count an award that is not in force today?")
    if status.outcome is Outcome.NOT_APPLICABLE:
        return _decide(status.explanation, "Ask the issuer whether it still stands.")
    if report.superseded_by is not None:
        said = f"{status.explanation} But a newer issue of the same award took its place."
        return _decide(said, "Ask for the newer one, and check that.")
    if status.finding is Finding.REVIEW_ONLY:
        return _decide(status.explanation, "Ask the issuer whether it still stands.")
    as_of = report.status_as_of
    if as_of is None:
        return _decide(status.explanation, "How new is the list? Ask the issuer whether it still stands.")
    if report.verified_at - as_of > STALE_AFTER:
        age = text.age(report.verified_at - as_of)
        return _decide(f"{status.explanation} That list is {age} old.", "Is that new enough for you?")
    return _yes(status.explanation)


def _eligible(_report: Report, _summary: Summary, _asked: Asked) -> Answer:
    return _decide(
        "Nothing here knows the person’s role or what was granted before.",
        "Is the role eligible, and is there room below the cap? That needs your rule and your ledger.",
    )


def _for_the_file(report: Report, summary: Summary, _asked: Asked) -> Answer:
    name, address = summary.issuer_name, report.details.sponsor.address
    signed = "Its signature was checked, and a receipt for the file can be kept and printed."
    if name and address:
        return _yes(f"{shown(name)}, {shown(', '.join(address))}. {signed}")
    missing = _listed(
        [word for word, value in (("a name", name), ("a postal address", address)) if not value]
    )
    return _decide(
        f"The issuer states no {missing.removeprefix('a ').replace(' and a ', ' and no ')}. {signed}",
        "Does your file need it? Ask the issuer, or write it in yourself.",
    )


_ROWS: Mapping[int, Callable[[Report, Summary, Asked], Answer]] = {
    2: _person,
    3: _content,
    4: _cycle,
    5: _units,
    6: _competence,
    7: _listed_by_you,
    8: _approved,
    9: _in_time,
    10: _unused,
    11: _standing,
    12: _eligible,
    13: _for_the_file,
}


def _check(report: Report, name: str) -> Check | None:
    return next((check for check in report.checks if check.check == name), None)


def _named(summary: Summary) -> str:
    return f"“{shown(summary.title)}”" if summary.title else "this award"


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1] if words else "")))
