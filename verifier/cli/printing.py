# SPDX-License-Identifier: Apache-2.0
"""How answers are printed for people: one at length, many in a line each; and how a command ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from credentials.errors import BrokenError, HallmarkError, RefusedError, UnknownError
from service import terminal, text
from service.terminal import ExitCode
from verifier import triage
from verifier.errors import NotACredentialError
from verifier.explain import WORDS
from verifier.many import Looked
from verifier.outcome import Outcome
from verifier.report import Report
from verifier.verdict import Verdict

_COUNTED = {
    Outcome.FAIL: "failed",
    Outcome.INDETERMINATE: "could not be finished",
    Outcome.PASS: "passed",
    Outcome.NOT_APPLICABLE: "not needed",
}
_TO_JUDGE = "for you to judge"
STATEMENTS = ("trust", "lookalike", "endorsement")  # stand beside the verdict and never change it
LONG_ROWS = 20  # so many are told at length; of more, each has one line


def exit_code(verdict: Verdict) -> ExitCode:
    """Return how a command ends that has come to this verdict."""
    if verdict is Verdict.VALID:
        return ExitCode.YES
    return ExitCode.UNKNOWN if verdict is Verdict.UNDETERMINED else ExitCode.NO


def worst(codes: Collection[ExitCode]) -> ExitCode:
    """Return how a command ends that has come to all of these."""
    return next((code for code in (ExitCode.NO, ExitCode.UNKNOWN) if code in codes), ExitCode.YES)


def show_that_there_is_none(error: HallmarkError) -> None:
    """Print why there is no verdict, in the words of the web: nothing was found that could be false."""
    if isinstance(error, BrokenError | RefusedError):
        terminal.show(f"{terminal.symbol('unknown')} {WORDS[Verdict.UNDETERMINED]}")
    elif isinstance(error, UnknownError):
        terminal.show(f"{terminal.symbol('unknown')} Not opened")
    elif isinstance(error, NotACredentialError):
        terminal.show(f"{terminal.symbol('no')} No credential in it")
    else:
        terminal.show(f"{terminal.symbol('no')} No credential that we can read")
    terminal.show(f"    {error.message}")


def show(report: Report) -> None:
    """Print one answer: word and title, issuer and date, what was checked."""
    genuine = report.verdict not in (Verdict.INVALID, Verdict.UNSIGNED_CONTENT, Verdict.UNDETERMINED)
    sign = {ExitCode.YES: "yes", ExitCode.UNKNOWN: "unknown"}.get(exit_code(report.verdict), "no")
    head = f"{terminal.symbol(sign)} {WORDS[report.verdict]}"
    indent = " " * max(10, len(head) + 3) if genuine else " " * 4
    summary = report.summary
    if genuine and summary is not None:
        terminal.show(f"{head.ljust(len(indent))}{summary.title or 'without a title'}")
        issuer = f"{report.issuer.name} ({report.issuer.id})" if report.issuer.name else report.issuer.id
        date = summary.awarded_on or summary.valid_from
        terminal.show(f"{indent}{issuer}" + (f", awarded {text.day(date)}" if date else ""))
    else:
        terminal.show(head)
    if report.superseded_by is not None:
        terminal.show(f"{indent}Replaced by a newer issue of the same award: {report.superseded_by}")
    if report.decision is not None:
        terminal.show(f"{indent}{report.decision.sentence}")
    for check in report.checks:
        # Whether the issuer is on a list is told by ``--json``; here it would look like a fault.
        if check.outcome in (Outcome.FAIL, Outcome.INDETERMINATE) and check.check != "trust":
            terminal.show(f"{indent}{check.title}: {check.explanation}")
    _show_count(report, indent)


def _show_count(report: Report, indent: str) -> None:
    said = Counter(
        _TO_JUDGE if check.outcome is Outcome.FAIL and check.check in STATEMENTS else _COUNTED[check.outcome]
        for check in report.checks
    )
    parts = [f"{said[word]} {word}" for word in (*_COUNTED.values(), _TO_JUDGE) if said[word]]
    # "1 check failed" needs no sum.
    line = f"{indent}{len(report.checks)} checks: {', '.join(parts)}"
    if len(report.checks) == 1:
        line = f"{indent}1 check {parts[0].removeprefix('1 ')}"
    if report.status_as_of is not None:
        line += f"          the status list is {text.age(report.verified_at - report.status_as_of)} old"
    terminal.show(line)


def show_line(looked: Looked) -> None:
    """Print one of many on one line: word, where it was, and what it is or why it is nothing."""
    row = looked.row()
    sign = "yes" if row.word == Verdict.VALID else "unknown" if row.word == Verdict.UNDETERMINED else "no"
    title = looked.report.summary.title if looked.report.is_authentic and looked.report.summary else None
    if title and looked.report.superseded_by is not None:
        title += ", replaced by a newer issue of the same award"
    said = title or (looked.error.message if looked.error is not None else looked.report.sentence)
    terminal.show(f"{terminal.symbol(sign)} {triage.WORDS[row.word].ljust(18)}  {looked.line.place}  {said}")


def show_sum(rows: Collection[triage.RowAnswer]) -> None:
    """Print how many there are of each, and how many need somebody."""
    words = Counter(triage.WORDS[row.word].lower() for row in rows)
    needed = sum(row.needs_you for row in rows)
    parts = ", ".join(f"{number} {word}" for word, number in words.most_common())
    need = (
        "nobody has to look at them" if not needed else "1 needs you" if needed == 1 else f"{needed} need you"
    )
    terminal.show()
    terminal.show(f"{text.count(len(rows), 'thing')} checked: {parts}; {need}")
