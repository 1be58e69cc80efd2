# SPDX-License-Identifier: Apache-2.0
"""``hallmark verify`` and ``hallmark canonicalize``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, cast

import click

from credentials.canonicalize import canonicalize as canonical_form
from credentials.document import parse
from credentials.errors import BrokenError, RefusedError
from service import clock, log, terminal
from service.settings import Settings, load
from service.terminal import ExitCode
from verifier import table
from verifier.asked import Asked
from verifier.batch import Item
from verifier.cli import files, printing
from verifier.desk import Desk, open_desk
from verifier.documents import OfflineMap
from verifier.errors import NoSuchIssuerListError, OfflineMapError
from verifier.many import Looked, look_at_all
from verifier.opened import without_proof


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
        "hallmark verify --csv --list example-district claims.csv resume.pdf > result.csv",
    )
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--json", "as_json", is_flag=True, help="The answer of the API, one line for each credential.")
@click.option("--csv", "as_csv", is_flag=True, help="A table with a row for each, as on the page.")
@click.option("--recipient", metavar="E-MAIL", help="Whose it should be: an e-mail address, id or name.")
@click.option(
    "--list", "issuers", metavar="NAME|FILE", help="Compare issuers with a list of this house, or in a file."
)
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
    as_csv: bool,
    recipient: str | None,
    issuers: str | None,
    offline_documents: Path | None,
    data: Path | None,
) -> int:
    """Check credentials: files, links, or - for standard input.

    A file is JSON, a JWT, a PNG, SVG or PDF, a ZIP archive, or a photo of a QR code; what holds several
    credentials is told credential by credential. A table (CSV) with a column "link" stands for all links.

    Ends with 0 when all are valid, 1 when one is a definite no, 2 when one could not be determined.
    """
    if as_json and as_csv:
        raise click.UsageError("Choose --json or --csv, not both.")
    things = files.read_sources(sources)
    asked = Asked(recipient=_recipient(recipient))
    settings = load(data)
    log.configure("warning" if settings.log_level == "info" else settings.log_level)
    offline, registry = _offline(offline_documents), files.list_in_file(issuers)
    with ExitStack() as stack:
        try:
            desk = stack.enter_context(_desk(context, settings))
        except (BrokenError, RefusedError) as trouble:
            # Nothing was examined, and that says nothing about what was brought.
            terminal.complain(trouble)
            return ExitCode.UNKNOWN
        if offline is not None:
            desk = replace(desk, offline=offline)
        desk = replace(desk, registry=registry) if registry is not None else _against(desk, issuers)
        found = look_at_all(desk, things, asked=asked, now=clock.now())
        if as_csv:
            return _tell_as_table(found)
        if as_json:
            return _tell_as_json(found)
        return _tell(found, sources)


def _tell(found: Iterator[Looked], sources: tuple[str, ...]) -> ExitCode:
    """Print answers for people, and a sum below several."""
    codes, rows = [], []
    first = next(found, None)
    second = next(found, None)
    is_one = second is None and len(sources) == 1
    for number, looked in enumerate(chain(filter(None, (first, second)), found), start=1):
        row = looked.row()
        rows.append(row)
        if not looked.is_beside:
            codes.append(printing.exit_code(looked.report.verdict))
        if number > printing.LONG_ROWS:
            printing.show_line(looked)
            continue
        if not is_one:
            terminal.show(looked.line.place)
        if looked.error is None:
            printing.show(looked.report)
        else:
            printing.show_that_there_is_none(looked.error)
    if len(rows) > 1:
        printing.show_sum(rows)
    return printing.worst(codes) if codes or not rows else ExitCode.NO


def _tell_as_json(found: Iterator[Looked]) -> ExitCode:
    codes = []
    for looked in found:
        if not looked.is_beside:
            codes.append(printing.exit_code(looked.report.verdict))
        click.echo(json.dumps(looked.report.to_json(), ensure_ascii=False))
    return printing.worst(codes) if codes else ExitCode.NO


def _tell_as_table(found: Iterator[Looked]) -> ExitCode:
    """Print the table of the page; how far it is stands on standard error while somebody waits."""
    codes: list[ExitCode] = []
    lines: list[table.Line] = []
    for number, looked in enumerate(found, start=1):
        row = looked.row()
        if not looked.is_beside:
            codes.append(printing.exit_code(looked.report.verdict))
        item = Item(
            position=number * table.STEPS[0],
            place=looked.line.place,
            reference=looked.line.reference,
            url=looked.line.url,
            verdict=row.word,
            needs_you=row.needs_you,
            done_at=looked.report.verified_at,
        )
        lines.append(table.Line(item, row.members))
        if sys.stderr.isatty():
            click.echo(f"\r{number} checked", nl=False, err=True)
    if sys.stderr.isatty():
        click.echo("\r", nl=False, err=True)
    click.echo(table.write(lines, mark=False), nl=False)
    return printing.worst(codes) if codes else ExitCode.NO


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


def _recipient(typed: str | None) -> str | None:
    """Return who was asked for; nobody was, where nothing was typed."""
    try:
        (typed or "").encode()
    except UnicodeEncodeError as error:
        raise click.BadParameter("it is not text.", param_hint="--recipient") from error
    return typed if typed is not None and typed.strip() else None


def _against(desk: Desk, slug: str | None) -> Desk:
    """Return the desk with a list of this house."""
    if slug is None:
        return desk
    try:
        return desk.against(slug)
    except NoSuchIssuerListError as error:
        raise click.BadParameter(
            f"there is neither a list nor a file {click.format_filename(slug)}.", param_hint="--list"
        ) from error


def _offline(folder: Path | None) -> OfflineMap | None:
    try:
        return OfflineMap.load(folder) if folder is not None else None
    except OfflineMapError as error:
        raise click.BadParameter(error.message, param_hint="--offline-documents") from error


commands: tuple[click.Command, ...] = (verify, canonicalize)
