# SPDX-License-Identifier: Apache-2.0
"""``hallmark verify`` and ``hallmark canonicalize``."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from collections import Counter
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

import click

from credentials.canonicalize import canonicalize as canonical_form
from credentials.document import parse
from credentials.errors import BrokenError, HallmarkError, RefusedError, UnknownError
from service import clock, log, terminal, text
from service.settings import Settings, load
from service.terminal import ExitCode
from verifier import intake
from verifier.asked import Asked
from verifier.desk import Desk, open_desk
from verifier.documents import OfflineMap
from verifier.errors import NotACredentialError, OfflineMapError
from verifier.explain import WORDS
from verifier.opened import without_proof
from verifier.outcome import Outcome
from verifier.report import Report
from verifier.verdict import Verdict
from verifier.verify import unexamined

STANDARD_INPUT = "-"

_COUNTED = {
    Outcome.FAIL: "failed",
    Outcome.INDETERMINATE: "could not be finished",
    Outcome.PASS: "passed",
    Outcome.NOT_APPLICABLE: "not needed",
}
_TO_JUDGE = "for you to judge"
STATEMENTS = ("trust", "lookalike", "endorsement")  # stand beside the verdict and never change it


class House(Protocol):
    """What these commands need of the opened house."""

    @property
    def desk(self) -> Desk:
        """The opened room."""


@click.command(
    epilog=terminal.examples(
        "hallmark verify badge.png",
        "hallmark verify --json https://badges.example.edu/credentials/7f3c",
        "hallmark verify --offline-documents public/ *.json",
    )
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--json", "as_json", is_flag=True, help="The answer of the API, one line for each source.")
@click.option("--recipient", metavar="E-MAIL", help="Whose it should be: an e-mail address, id or name.")
@click.option(
    "--offline-documents",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with a map.json; documents are looked up there and nowhere else.",
)
@terminal.data_option
@click.pass_context
def verify(
    context: click.Context,
    sources: tuple[str, ...],
    *,
    as_json: bool,
    recipient: str | None,
    offline_documents: Path | None,
    data: Path | None,
) -> int:
    """Check credentials: files (JSON, JWT, PNG, SVG), links, or - for standard input.

    Ends with 0 when all are valid, 1 when one is a definite no, 2 when one could not be determined.
    """
    _require(sources)
    recipient = _recipient(recipient)
    settings = load(data)
    log.configure("warning" if settings.log_level == "info" else settings.log_level)
    offline = _offline(offline_documents)
    codes: list[ExitCode] = []
    with ExitStack() as stack:
        try:
            desk = stack.enter_context(_desk(context, settings))
        except (BrokenError, RefusedError) as trouble:
            # Nothing was examined, and that says nothing about what was brought.
            terminal.complain(trouble)
            return ExitCode.UNKNOWN
        if offline is not None:
            desk = replace(desk, offline=offline)
        for source in sources:
            report, error = _look(source, desk, now=clock.now(), recipient=recipient)
            codes.append(_exit_code(report.verdict))
            if as_json:
                click.echo(json.dumps(report.to_json(), ensure_ascii=False))
                continue
            if len(sources) > 1:
                terminal.show(source)
            if error is None:
                _show(report)
            else:
                _show_that_there_is_none(error)
    return _worst(codes)


@click.command(epilog=terminal.examples("hallmark canonicalize credential.json"))
@click.argument("file", type=click.File("rb"))
@terminal.data_option
def canonicalize(file: Any, *, data: Path | None) -> None:
    """Print the canonical form of a document: the N-Quads that a signature covers.

    A proof in it is left out, as when signing and verifying.
    """
    del data  # Every command takes it; this one needs nothing from there.
    raw = canonical_form(without_proof(parse(file.read()).members), general=True)
    if sys.stdout.isatty():
        terminal.show(raw.decode("utf-8").rstrip("\n"))
    else:
        click.echo(raw, nl=False)


def _desk(context: click.Context, settings: Settings) -> AbstractContextManager[Desk]:
    """Open the house's desk; where there is no house yet, one without issuers of its own."""
    if not terminal.is_made(settings):
        return nullcontext(open_desk(settings))
    return _HouseDesk(terminal.roof_of(context).house(settings))


class _HouseDesk:
    """The desk of a house, which is closed behind it."""

    def __init__(self, house: AbstractContextManager[Any]) -> None:
        self._house = house

    def __enter__(self) -> Desk:
        return cast(House, self._house.__enter__()).desk

    def __exit__(self, *why: Any) -> bool | None:
        return self._house.__exit__(*why)


def _look(
    source: str, desk: Desk, *, now: datetime, recipient: str | None
) -> tuple[Report, HallmarkError | None]:
    """Examine one source. What was not examined is a report for programs too, with the error for people."""
    try:
        if intake.looks_like_url(source):
            return desk.look_at_url(source, now=now, asked=Asked(recipient=recipient)), None
        return desk.look(intake.read(_read(source)), now=now, asked=Asked(recipient=recipient)), None
    except HallmarkError as error:
        return unexamined(error, now=now), error


def _require(sources: tuple[str, ...]) -> None:
    """Refuse to begin where a file is missing: half an answer is easily taken for a whole one."""
    for source in sources:
        if source != STANDARD_INPUT and not intake.looks_like_url(source):
            try:
                if stat.S_ISDIR(Path(source).stat().st_mode):
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            except OSError as error:
                raise _unreadable(source, error) from error


def _recipient(typed: str | None) -> str | None:
    """Return who was asked for; nobody was, where nothing was typed."""
    try:
        (typed or "").encode()
    except UnicodeEncodeError as error:
        raise click.BadParameter("it is not text.", param_hint="--recipient") from error
    return typed if typed is not None and typed.strip() else None


def _offline(folder: Path | None) -> OfflineMap | None:
    try:
        return OfflineMap.load(folder) if folder is not None else None
    except OfflineMapError as error:
        raise click.BadParameter(error.message, param_hint="--offline-documents") from error


def _read(source: str) -> bytes:
    """Read a file or standard input, no more of it than any container may have."""
    try:
        if source == STANDARD_INPUT:
            return sys.stdin.buffer.read(intake.PNG_BYTES + 1)
        with Path(source).open("rb") as stream:
            return stream.read(intake.PNG_BYTES + 1)
    except OSError as error:
        raise _unreadable(source, error) from error


def _unreadable(source: str, error: OSError) -> click.UsageError:
    shown = click.format_filename(source)
    if isinstance(error, FileNotFoundError):
        return click.UsageError(f"There is no file {shown}")
    return click.UsageError(f"{shown} cannot be read: {error.strerror}")


def _exit_code(verdict: Verdict) -> ExitCode:
    if verdict is Verdict.VALID:
        return ExitCode.YES
    return ExitCode.UNKNOWN if verdict is Verdict.UNDETERMINED else ExitCode.NO


def _worst(codes: list[ExitCode]) -> ExitCode:
    return next((code for code in (ExitCode.NO, ExitCode.UNKNOWN) if code in codes), ExitCode.YES)


def _show_that_there_is_none(error: HallmarkError) -> None:
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


def _show(report: Report) -> None:
    """Print one answer: word and title, issuer and date, what was checked."""
    genuine = report.verdict not in (Verdict.INVALID, Verdict.UNSIGNED_CONTENT, Verdict.UNDETERMINED)
    sign = {ExitCode.YES: "yes", ExitCode.UNKNOWN: "unknown"}.get(_exit_code(report.verdict), "no")
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


commands: tuple[click.Command, ...] = (verify, canonicalize)
