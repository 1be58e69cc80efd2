# SPDX-License-Identifier: Apache-2.0
"""How an answer is printed for people, and how the command ends."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from recognition.errors import Fault
from recognition.judging.answer import (
    ASK_LOCAL,
    GRANTED,
    LEARNING_ONLY,
    NEEDS_FACT,
    PENDING,
    PROPOSAL,
    REFUSED,
    SUPPORTING_DOCUMENT,
    UNKNOWN,
    UNUSED,
    Answer,
    Filled,
    Judged,
)
from recognition.judging.placing import bucket_name
from recognition.plan.questions import asked, fact_words
from recognition.rule.policy_phrases import source
from recognition.rule.units import nouns, plain
from service import terminal
from service.terminal import ExitCode

WIDTH: Final = 100  # columns where the output is no terminal
WORDS: Final = {
    GRANTED: "Granted",
    PROPOSAL: "Proposal",
    UNUSED: "Left over",
    f"{REFUSED}never": "Never counted",
    UNKNOWN: "Not known",
    LEARNING_ONLY: "For learning",
    ASK_LOCAL: "Ask locally",
    SUPPORTING_DOCUMENT: "Supporting document",
}


def exit_code(outcome: str) -> ExitCode:
    """Return how a command ends that has come to this outcome."""
    if outcome in (GRANTED, PROPOSAL, SUPPORTING_DOCUMENT):
        return ExitCode.YES
    if outcome == UNKNOWN or outcome.startswith((PENDING, NEEDS_FACT)):
        return ExitCode.UNKNOWN
    return ExitCode.NO


def word(outcome: str) -> str:
    """Return an outcome in one or two words, with what its code says of the reason in brackets."""
    if outcome in WORDS:
        return WORDS[outcome]
    start, _, rest = outcome.partition(":")
    names = {"pending": "Waiting", "needs-fact": "Fact missing", "refused": "Not counted"}
    return f"{names.get(start, start)} ({rest.replace(':', ': ').replace('_', ' ').replace('-', ' ')})"


def faults(found: Iterable[Fault]) -> str:
    """Return faults of a file, each on its own line."""
    return "\n" + "\n".join(f"  {each}" for each in found)


def show(answer: Answer) -> None:
    """Print an answer: the sentence first, then each credential, needs, and what would change it."""
    sign = {ExitCode.YES: "yes", ExitCode.UNKNOWN: "unknown"}.get(exit_code(answer.outcome), "no")
    terminal.show(f"{terminal.symbol(sign)} {word(answer.outcome)}: {answer.sentence}")
    policy = answer.policy
    terminal.show(f"  {policy.title}, version {policy.version} ({policy.status})")
    if answer.label:
        terminal.show(f"  {answer.label}")
    if answer.judged:
        _print(_credentials(answer.judged))
    needs = [*answer.needs, *((answer.total,) if answer.total is not None else ())]
    if needs:
        _print(_needs(needs, nouns(policy.unit)))
    _list("What would change it", [each.sentence for each in answer.changes])
    _list(
        "It depends on facts that were not given",
        [_fact(each) for each in asked(answer.asks, answer.changes)],
    )
    _list("Please note", answer.notes)
    rules = dict.fromkeys(each.rule for each in answer.judged if each.rule)
    _list("Rule", list(rules))
    stated = {one: None for each in answer.judged for one in each.sources}
    _list("Source", [f"{source(each.ref)}: {each.says}" for each in stated or policy.sources])


def _credentials(judged: Sequence[Judged]) -> Table:
    table = _table("Outcome", "Micro-credential", "Why")
    for each in judged:
        name = each.title or each.item or each.place
        stage = "" if each.stage == "awarded" else f" ({each.stage.replace('-', ' ')})"
        table.add_row(_cell(word(each.outcome)), _cell(f"{name}{stage}"), _cell(each.sentence))
    return table


def _fact(name: str) -> str:
    """Return the question about a fact, with its name in a file of facts."""
    words = fact_words(name)
    return f"{words} ({name})" if words.endswith("?") else words


def _needs(needs: Sequence[Filled], unit: str) -> Table:
    table = _table("Need", "Asked", "Was there", "This adds", "Missing")
    table.title, table.title_justify, table.title_style = f"In {unit}", "left", ""
    for each in needs:
        name = bucket_name(each.bucket, each.of) if each.bucket else "In all"
        missing = "waived" if each.waived else plain(each.missing)
        if each.needs_fact:
            missing += f" (depends on {each.needs_fact.replace('_', ' ')})"
        amounts = (plain(each.need), plain(each.earned), plain(each.granted), missing)
        table.add_row(_cell(name), *(_cell(amount) for amount in amounts))
    return table


def _table(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _cell(text: str) -> Text:
    """Return foreign text as it is: no markup of it is read, and it never steers the terminal."""
    return Text(terminal.plain(text))


def _print(table: Table) -> None:
    is_terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, width=None if is_terminal else WIDTH, highlight=False, emoji=False)
    terminal.show()
    console.print(table)


def _list(title: str, lines: Sequence[str]) -> None:
    if lines:
        terminal.show()
        terminal.show(f"{title}:")
        for line in lines:
            terminal.show(f"  - {line}")
