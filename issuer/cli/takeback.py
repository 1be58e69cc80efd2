# SPDX-License-Identifier: Apache-2.0
"""``hallmark takeback``: try, start, approve, hasten, undo, cancel, show, list.

Whoever has the terminal has the keys: the operator counts as one person, who agrees to what officers have
proposed on the pages, and never to what was proposed here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click

from issuer import profiles
from issuer.actors import TERMINAL
from issuer.cli.parts import House, progress
from issuer.errors import TakebackCountError, TakebackRequestError
from issuer.mint import Mint
from issuer.takeback import looking, ordering, reading, results, steps, trial, working
from issuer.takeback.looking import View
from issuer.takeback.takeback import AT_ONCE, OUTLOOKS, PAGES, REASONS, LineState, Takeback, TakebackState
from service import clock, terminal, text
from service.terminal import ExitCode

ACTOR: Final = TERMINAL
LISTED: Final = 50
SHOWN: Final = 200  # lines that are printed; --csv gives all
STATES: Final = {
    TakebackState.TRYING: "still being tried out",
    TakebackState.TRIAL: "tried, nothing has changed",
    TakebackState.PROPOSED: "waits for a second person",
    TakebackState.SUSPENDING: "being put under review",
    TakebackState.SUSPENDED: "under review, can be undone",
    TakebackState.REVOKING: "being withdrawn",
    TakebackState.DONE: "withdrawn",
    TakebackState.CANCELLED: "cancelled",
    TakebackState.UNDOING: "being undone",
    TakebackState.UNDONE: "undone",
}

_yes = click.option(
    "--yes", "number", type=int, metavar="COUNT", help="The number of credentials, instead of typing it."
)
_at_once = click.option("--at-once", is_flag=True, help="Without the day in which it can be undone.")
_json = click.option("--json", "as_json", is_flag=True, help="As JSON, the very object of the API.")


@click.group(name="takeback")
def takeback_group() -> None:
    """Take many credentials back: tried out first, under review for a day, then withdrawn."""


@takeback_group.command(name="try")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--issuer", metavar="SLUG", help="Whose credentials they are.  [default: the only issuer]")
@click.option("--bulk", default="", metavar="ID", help="All that this bulk has issued.")
@click.option("--achievement", default="", metavar="ID", help="All of this version, such as SEL1-v1.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="All issued from this UTC day on.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="All issued until this UTC day.")
@click.option("--reason", required=True, type=click.Choice([str(each) for each in REASONS]), help="Why.")
@click.option("--public", "public_reason", default="", help="A sentence that everybody may read.")
@click.option("--note", default="", help="What only you keep.")
@click.option("--label", default="", help="What you call it.")
@click.option("--tell/--no-tell", default=True, help="Whether earners are written to.")
@_json
@terminal.with_house
def try_out(
    house: House,
    *,
    file: Path | None,
    issuer: str | None,
    since: datetime | None,
    until: datetime | None,
    tell: bool,
    as_json: bool,
    **given: str,
) -> int:
    """Say what would happen, and change nothing.

    FILE holds one link, key or submission a line, or is a CSV file with a column of them. Ends with 1 when
    some lines cannot be taken back.

    Example: hallmark takeback try wrong.csv --reason issued-in-error
    """
    order = ordering.order(
        house.mint,
        organisation=_issuer(house.mint, issuer),
        names=reading.read(_bytes(file)) if file is not None else (),
        first=_day(since),
        last=_day(until),
        tells=tell,
        **given,
    )
    found, _ = trial.try_out(house.mint, order, now=clock.now(), actor=ACTOR, progress=_looked_up)
    progress("")
    view = _view(house.mint, found.id)
    _print(house.mint, view, as_json=as_json)
    if view.bad:
        terminal.say(f"The lines that are not taken back: hallmark takeback show {found.id} --csv bad")
    if found.number:
        terminal.say(f"To go on: hallmark takeback start {found.id} --yes {found.number}")
    return ExitCode.NO if view.bad else ExitCode.YES


@takeback_group.command(name="start")
@click.argument("id")
@_yes
@_at_once
@_json
@terminal.with_house
def start(house: House, id: str, *, number: int | None, at_once: bool, as_json: bool) -> int:
    """Put under review what was tried out, or propose it where a second person must agree.

    Ends with 2 while it waits for that person.

    Example: hallmark takeback start 1b4e28ba-2fa1-41d2-883f-0016d3cca427 --yes 12
    """
    typed = _typed(house.mint, id, number)
    hasten = AT_ONCE if at_once else ""
    steps.start(house.mint, id, number=typed, actor=ACTOR, now=clock.now(), hasten=hasten)
    return _go_on(house.mint, id, as_json=as_json)


@takeback_group.command(name="approve")
@click.argument("id")
@_yes
@_at_once
@_json
@terminal.with_house
def approve(house: House, id: str, *, number: int | None, at_once: bool, as_json: bool) -> int:
    """Agree, as the second person, to what an officer or a program has proposed.

    Example: hallmark takeback approve 1b4e28ba-2fa1-41d2-883f-0016d3cca427 --yes 300
    """
    typed = _typed(house.mint, id, number)
    hasten = AT_ONCE if at_once else ""
    steps.approve(house.mint, id, number=typed, actor=ACTOR, now=clock.now(), hasten=hasten)
    return _go_on(house.mint, id, as_json=as_json)


@takeback_group.command(name="hasten")
@click.argument("id")
@_json
@terminal.with_house
def hasten(house: House, id: str, *, as_json: bool) -> int:
    """Ask that the day in which it can be undone be left out, or agree when somebody else has asked.

    Example: hallmark takeback hasten 1b4e28ba-2fa1-41d2-883f-0016d3cca427
    """
    steps.hasten(house.mint, id, words=AT_ONCE, actor=ACTOR, now=clock.now())
    return _go_on(house.mint, id, as_json=as_json)


@takeback_group.command(name="undo")
@click.argument("id")
@click.option("--line", "numbers", multiple=True, type=int, help="Only this line; may stand several times.")
@_json
@terminal.with_house
def undo(house: House, id: str, *, numbers: tuple[int, ...], as_json: bool) -> None:
    """Let everything be as before, or single lines, while the window is open.

    Example: hallmark takeback undo 1b4e28ba-2fa1-41d2-883f-0016d3cca427 --line 7
    """
    for number in numbers:
        steps.undo_line(house.mint, id, number, actor=ACTOR, now=clock.now())
    if not numbers:
        steps.undo(house.mint, id, actor=ACTOR, now=clock.now())
    _go_on(house.mint, id, as_json=as_json)


@takeback_group.command(name="cancel")
@click.argument("id")
@_json
@terminal.with_house
def cancel(house: House, id: str, *, as_json: bool) -> None:
    """Let go of what nobody has agreed to yet.

    Example: hallmark takeback cancel 1b4e28ba-2fa1-41d2-883f-0016d3cca427
    """
    steps.cancel(house.mint, id, actor=ACTOR, now=clock.now())
    _print(house.mint, _view(house.mint, id), as_json=as_json)


@takeback_group.command(name="show")
@click.argument("id")
@click.option(
    "--csv",
    "lines",
    type=click.Choice([each.name for each in results.SHOWS]),
    help="Lines as CSV: all of them, or some.",
)
@_json
@terminal.with_house
def show(house: House, id: str, *, lines: str | None, as_json: bool) -> None:
    """Show how a takeback stands, and what becomes of its lines.

    Example: hallmark takeback show 1b4e28ba-2fa1-41d2-883f-0016d3cca427 --csv bad
    """
    view = _view(house.mint, id)
    if lines is not None:
        for part in results.table(house.mint, view.takeback, results.shown(lines)):
            sys.stdout.buffer.write(part)
        sys.stdout.flush()
        return
    _print(house.mint, view, as_json=as_json)


@takeback_group.command(name="list")
@click.option("--issuer", metavar="SLUG", help="Only of this one.")
@_json
@terminal.with_house
def list_takebacks(house: House, *, issuer: str | None, as_json: bool) -> None:
    """List the latest takebacks.

    Example: hallmark takeback list
    """
    found = looking.every(house.mint, None if issuer is None else (issuer,), limit=LISTED)
    if as_json:
        mint, now = house.mint, clock.now()
        terminal.show_json([results.members(mint, _view(mint, each.id), now=now) for each in found])
        return
    for each in found:
        terminal.show(f"{each.id}  {STATES[each.state]:28}  {each.number:>7,}  {each.label}")
    if not found:
        terminal.say('Nothing was taken back yet. "hallmark takeback try" says what would happen.')


def _looked_up(done: int, of: int) -> None:
    progress(f"{done:,} of {of:,} looked up")


def _go_on(mint: Mint, id: str, *, as_json: bool) -> ExitCode:
    """Do here what is due; whoever serves the house would do it too. UNKNOWN: somebody else must agree."""
    while working.work(mint, now=clock.now()) and _view(mint, id).takeback.state.is_working:
        seen = _view(mint, id)
        progress(f"{seen.done:,} of {seen.total:,} done")
    progress("")
    view = _view(mint, id)
    _print(mint, view, as_json=as_json)
    found = view.takeback
    waits = found.state is TakebackState.SUSPENDED and found.hasten_by and not found.is_hastened
    if found.state is TakebackState.PROPOSED or waits:
        terminal.say(f"A second person agrees at {mint.public_url}{PAGES}/{found.id}")
        return ExitCode.UNKNOWN
    if found.state is TakebackState.SUSPENDED:
        terminal.say(f"To undo it: hallmark takeback undo {found.id}. A worker withdraws them at the end.")
    return ExitCode.YES


def _print(mint: Mint, view: View, *, as_json: bool) -> None:
    found, now = view.takeback, clock.now()
    if as_json:
        terminal.show_json(results.members(mint, view, now=now))
        return
    terminal.show(found.id)
    terminal.show(f"{found.label}: {STATES[found.state]}")
    if results.is_trial(found):
        for outlook, number in view.outlooks.items():
            if number:
                terminal.show(f"{number:>8,}  {OUTLOOKS[outlook]}")
        told = "told by mail" if found.tells else "not told"
        terminal.show(
            f"{text.count(found.number, 'credential')} of {text.count(view.earners, 'earner')}, {told}"
        )
        return
    for state, number in view.states.items():
        if number:
            terminal.show(f"{number:>8,}  {results.WORDS[state]}")
    if found.can_undo(now) and found.ends_at is not None:
        terminal.show(f"It can be undone until {text.time(found.ends_at)} ({text.ago(found.ends_at, now)}).")
    if view.states[LineState.KEPT]:
        terminal.say(f"Somebody decided otherwise about some: hallmark takeback show {found.id} --csv kept")


def _typed(mint: Mint, id: str, number: int | None) -> int:
    """Return the number that was typed, or stands in the command.

    Raises:
        TakebackCountError: There is none, and nobody who could be asked.
    """
    if number is not None:
        return number
    found: Takeback = _view(mint, id).takeback
    if not sys.stdin.isatty():
        raise TakebackCountError(f"Confirm with --yes {found.number}.", expected=found.number)
    question: Callable[..., Any] = click.prompt
    return int(question(f"{found.label}: type the number of credentials", type=int, err=True))


def _issuer(mint: Mint, slug: str | None) -> str:
    every = [each.slug for each in profiles.every(mint) if not each.profile.recognizer]
    if slug is None and len(every) == 1:
        return every[0]
    if slug is None:
        raise TakebackRequestError(f"Say whose they are: --issuer {' or '.join(every)}.")
    return profiles.get(mint, slug).slug


def _bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(reading.FILE_BYTES + 1)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _view(mint: Mint, id: str) -> View:
    return looking.view(mint, id, organisations=None, now=clock.now())
