# SPDX-License-Identifier: Apache-2.0
"""``hallmark bulk``: try, issue, approve, show, list, cancel, result.

Whoever has the terminal has the keys, and is still one person: what is brought here with more than ``ALONE``
awards waits for an officer of the organisation, on the page of the bulk. The operator is the second person
for what officers and programs have proposed, and never for what was proposed here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click

from issuer.actors import TERMINAL
from issuer.bulk import desk, engine, looking, reading, results, told
from issuer.bulk.bulk import BulkState
from issuer.bulk.desk import Brought
from issuer.bulk.looking import View
from issuer.bulk.trial import FILE_BYTES
from issuer.cli.parts import House, progress
from issuer.errors import BulkCountError
from issuer.mint import Mint
from issuer.store.bulk_trials import Trial
from service import clock, terminal, text
from service.terminal import ExitCode

ACTOR: Final = TERMINAL
LISTED: Final = 50
SHOWN: Final = 50  # rows that are printed; "bulk result" gives all
WORDS: Final = {
    "trying": "being tried",
    "tried": "tried, nothing is issued",
    "proposed": "waits for a second person",
    "running": "being issued",
    "done": "issued",
    "cancelled": "cancelled",
}

_json = click.option("--json", "as_json", is_flag=True, help="As JSON, the very object of the API.")
_issuer = click.option(
    "--issuer", metavar="SLUG", help="Whose awards they are.  [default: the first award's]"
)
_yes = click.option(
    "--yes", "number", type=int, metavar="COUNT", help="The number of awards, instead of typing."
)
_processes = click.option(
    "--processes", type=click.IntRange(1, 64), help="How many work at it here.  [default: the setting]"
)


@click.group(name="bulk")
def bulk_group() -> None:
    """Issue many awards from a file: CSV, JSON lines, or an array of JSON."""


@bulk_group.command(name="try")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_issuer
@_json
@terminal.with_house
def try_out(house: House, file: Path, *, issuer: str | None, as_json: bool) -> int:
    """Look at every row of FILE, and show what stands against it. Nothing is signed.

    Example: hallmark bulk try spring.csv
    """
    id = _bring(house.mint, file, issuer=issuer, mails=True)
    found = _view(house.mint, id)
    _show(house.mint, found, as_json=as_json)
    if found.bulk.state is BulkState.TRIAL and found.bulk.rows:
        without = " --leave-out-bad-rows" if found.trial.bad else ""
        terminal.say(f"To go on: hallmark bulk issue {id} --yes {found.bulk.rows}{without}")
    return ExitCode.NO if found.trial.bad or found.trial.trouble else ExitCode.YES


@bulk_group.command()
@click.argument("source", metavar="FILE|ID")
@_issuer
@_yes
@click.option("--leave-out-bad-rows", "leaves_out", is_flag=True, help="Issue the good ones without them.")
@click.option("--no-mails", is_flag=True, help="Do not write to the earners.")
@_processes
@_json
@terminal.with_house
def issue(
    house: House,
    source: str,
    *,
    issuer: str | None,
    number: int | None,
    leaves_out: bool,
    no_mails: bool,
    processes: int | None,
    as_json: bool,
) -> int:
    """Try a file, or take one that was tried, and issue its awards; progress goes to standard error.

    More than 500 awards are proposed, and an officer of the organisation starts them. Stopped in the middle,
    the same command with the ID goes on.

    Example: hallmark bulk issue spring.csv --yes 312 --leave-out-bad-rows --processes 2
    """
    mint = house.mint
    before = _id(source) or _tried(mint, Path(source), issuer=issuer, mails=not no_mails)
    id = before or _bring(mint, Path(source), issuer=issuer, mails=not no_mails)
    found = _view(mint, id)
    if found.bulk.state is BulkState.TRIAL:
        if found.trial.bad and not leaves_out:
            if not before or as_json:
                _show(mint, found, as_json=as_json)
            terminal.say(
                f"{text.count(found.trial.bad, 'row')} cannot become awards: correct the file, or add "
                f"--leave-out-bad-rows. Every reason: hallmark bulk show {id}"
            )
            return ExitCode.NO
        count = _typed(found, number)
        desk.confirm(mint, id, count=count, leaves_out=leaves_out, actor=ACTOR, now=clock.now())
    return _drive(mint, id, processes=processes, as_json=as_json)


@bulk_group.command()
@click.argument("bulk", metavar="ID")
@_yes
@_processes
@_json
@terminal.with_house
def approve(house: House, bulk: str, *, number: int | None, processes: int | None, as_json: bool) -> int:
    """Start, as the second person, what an officer or a program has proposed.

    Example: hallmark bulk approve 1b4e28ba-2fa1-41d2-883f-0016d3cca427 --yes 1200
    """
    mint = house.mint
    count = _typed(_view(mint, bulk), number)
    desk.approve(mint, bulk, count=count, actor=ACTOR, now=clock.now())
    return _drive(mint, bulk, processes=processes, as_json=as_json)


@bulk_group.command()
@click.argument("bulk", metavar="ID")
@_json
@terminal.with_house
def show(house: House, bulk: str, *, as_json: bool) -> None:
    """Show how far a bulk is, and its bad rows.

    Example: hallmark bulk show 1b4e28ba-2fa1-41d2-883f-0016d3cca427
    """
    _show(house.mint, _view(house.mint, bulk), as_json=as_json)


@bulk_group.command(name="list")
@_json
@terminal.with_house
def list_bulks(house: House, *, as_json: bool) -> None:
    """List the newest bulks.

    Example: hallmark bulk list
    """
    mint = house.mint
    found = [_view(mint, bulk.id) for bulk, _ in looking.listed(mint, limit=LISTED)]
    if as_json:
        terminal.show_json([told.members_of(mint, each) for each in found])
        return
    for each in found:
        rows = text.count(each.bulk.rows if each.is_tried else each.total, "award")
        terminal.show(f"{each.bulk.id}  {WORDS[told.state_of(each)]:26}  {rows:>15}  {each.bulk.label}")
    if not found:
        terminal.say("Nothing was brought yet. Begin with: hallmark bulk try FILE")


@bulk_group.command()
@click.argument("bulk", metavar="ID")
@terminal.with_house
def cancel(house: House, bulk: str) -> None:
    """End a bulk. What is issued stays issued; what was begun is finished.

    Example: hallmark bulk cancel 1b4e28ba-2fa1-41d2-883f-0016d3cca427
    """
    ended = desk.cancel(house.mint, bulk, actor=ACTOR, now=clock.now())
    terminal.say(f"{ended.label}: {WORDS[str(ended.state)]}.")


@bulk_group.command()
@click.argument("bulk", metavar="ID")
@click.option("--state", "wanted", type=click.Choice(list(results.SHOWS)), help="Only some rows.")
@terminal.with_house
def result(house: House, bulk: str, *, wanted: str | None) -> None:
    """Print what became of each row as CSV, with the links of what was issued.

    Example: hallmark bulk result 1b4e28ba-2fa1-41d2-883f-0016d3cca427 > links.csv
    """
    for part in results.table(house.mint, _view(house.mint, bulk).bulk, show=wanted):
        click.echo(part, nl=False)


def _id(source: str) -> str | None:
    """Return the number of a bulk, if this is one and no file."""
    if Path(source).is_file():
        return None
    try:
        return str(UUID(source))
    except ValueError:
        raise click.BadParameter(
            f"there is no file {source}, and it is no number of a bulk.", param_hint="FILE|ID"
        ) from None


def _tried(mint: Mint, file: Path, *, issuer: str | None, mails: bool) -> str | None:
    """Return what these very bytes became when they were tried here, if nobody has decided about it."""
    id = desk.tried_before(mint, _bytes(file), issuer=issuer, sends_mail=mails, actor=ACTOR)
    if id is not None:
        terminal.say(f"This file was tried already: going on with {id}.")
    return id


def _bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(FILE_BYTES + 1)


def _bring(mint: Mint, file: Path, *, issuer: str | None, mails: bool) -> str:
    data = _bytes(file)

    def tried(trial: Trial) -> None:
        progress(f"{trial.tried:,} rows tried, {trial.bad:,} bad")

    brought = Brought(reading.kind_of(file.name, data), data, file.name)
    id, _ = desk.propose(
        mint, brought, issuer=issuer, sends_mail=mails, actor=ACTOR, now=clock.now(), progress=tried
    )
    progress("")
    return id


def _drive(mint: Mint, id: str, *, processes: int | None, as_json: bool) -> int:
    """Issue what runs, here, and show the end of it; the service may work at it as well."""
    found = _view(mint, id)
    if found.bulk.state is BulkState.RUNNING:

        def issued(done: engine.Progress) -> None:
            progress(f"{done.issued:,} of {found.bulk.rows:,} issued, {done.refused:,} not issued")

        engine.run(mint, id, now=clock.now(), processes=processes, progress=issued)
        progress("")
        found = _view(mint, id)
    _show(mint, found, as_json=as_json)
    if found.bulk.state is BulkState.DONE:
        if found.issued:
            terminal.say(f"The links: hallmark bulk result {id} > links.csv")
        return ExitCode.NO if found.refused else ExitCode.YES
    return ExitCode.NO if found.bulk.state is BulkState.CANCELLED else ExitCode.UNKNOWN


def _show(mint: Mint, found: View, *, as_json: bool) -> None:
    if as_json:
        terminal.show_json(told.members_of(mint, found))
        return
    bulk, trial = found.bulk, found.trial
    terminal.show(f"{bulk.id}  {bulk.label}: {WORDS[told.state_of(found)]}")
    if trial.trouble:
        terminal.show(trial.trouble)
        return
    for key, number in trial.summary.get("achievements", {}).items():
        terminal.show(f"{number:>8,}  {key}")
    terminal.show(f"{bulk.rows:>8,}  good, {trial.bad:,} bad, {trial.warned:,} worth a look")
    if found.was_started:
        terminal.show(f"{found.issued:>8,}  issued, {found.refused:,} not issued")
    for note in trial.summary.get("notes", ()):
        terminal.say(note)
    for each in found.same_file:
        terminal.say(f"The same file was brought before: {each.id} ({WORDS.get(each.state, WORDS['tried'])})")
    _reasons(mint, found)
    if bulk.state is BulkState.PROPOSED:
        terminal.say(f"A second person starts it: {told.page_of(mint, bulk)}")


def _reasons(mint: Mint, found: View) -> None:
    """Show what stands against rows, each kind once; of rows that were not issued after all, each."""
    if found.refused:
        for line in results.lines(mint, found.bulk, show="refused", limit=SHOWN):
            terminal.show(f"Row {line.number}: {' '.join(line.notes)}")
    if found.was_started:
        return
    for each in found.faults:
        more = " (some name another value)" if each.varies else ""
        which = f"Row {each.where}" if each.rows == 1 else text.count(each.rows, "row")
        terminal.show(f"{which}: {each.sentence}{more}")
        if each.rows > 1:
            terminal.show(f"    Rows {each.where}.")
        if each.mend:
            terminal.show(f"    To mend it: {each.mend}")
    if found.trial.bad:
        terminal.say(f"Each bad row: hallmark bulk result {found.bulk.id} --state bad")


def _typed(found: View, number: int | None) -> int:
    """Return the number that was typed, or stands in the command.

    Raises:
        BulkCountError: There is none, and nobody who could be asked.
    """
    if number is not None:
        return number
    rows = found.bulk.rows
    if not sys.stdin.isatty():
        raise BulkCountError(f"Confirm with --yes {rows}.", expected=rows)
    question: Callable[..., Any] = click.prompt
    return int(question(f"{text.count(rows, 'award')}: type the number", type=int, err=True))


def _view(mint: Mint, id: str) -> View:
    return looking.view(mint, id, now=clock.now())
