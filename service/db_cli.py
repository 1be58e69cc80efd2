# SPDX-License-Identifier: Apache-2.0
"""The commands about the database: ``db upgrade`` and ``db copy``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click
from sqlalchemy import exc, make_url

from service import moving, postgresql, terminal, text
from service.db import Database
from service.errors import DatabaseUnavailableError, SettingsError
from service.settings import Settings, load

_STDIN: Final = "-"
_LONGEST: Final = 4_096  # characters of an address


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@terminal.data_option
def upgrade(data: Path | None) -> None:
    """Bring the tables to the form of this version. Safe to run at any time, also twice at once.

    Example: hallmark db upgrade
    """
    settings: Settings = load(data)
    database = Database(settings.database_url)
    database.upgrade()
    database.close()
    terminal.say("Database ready")


@db.command()
@terminal.data_option
@click.option(
    "--to",
    "given",
    required=True,
    metavar="ADDRESS",
    help="postgresql://USER@HOST/NAME or sqlite:///PATH; with - it is read from standard input.",
)
@click.pass_context
def copy(context: click.Context, data: Path | None, given: str) -> None:
    """Copy everything into another, empty database: from SQLite to PostgreSQL, or back.

    Stop `hallmark serve` and `hallmark work` before. All rows arrive, each table compared, or none; the
    database that is left is not changed. Then set `database_url` to the new address.

    Example: hallmark db copy --to postgresql://hallmark@db.example.edu/hallmark
    """
    settings = load(data)
    target = _target(_address(given))
    with terminal.roof_of(context).house(settings) as house:
        # The rooms are read with it, so all of their tables are known. Nobody may be connected later, nor we.
        terminal.require_house(house.db, settings)
    try:
        moved = moving.copy(Database(settings.database_url), target, told=_tell)
    except DatabaseUnavailableError as error:
        trouble = postgresql.trouble(error.__cause__)
        if trouble is None:
            raise
        raise DatabaseUnavailableError(trouble.replace("database_url", "--to")) from None
    rows, lines = text.count(moved.rows, "row"), text.count(moved.head.number, "line")
    terminal.say(f"{terminal.symbol('yes')} {rows} in {len(moved.tables)} tables, the same here and there.")
    terminal.say(f"The audit log holds there, with {lines}. Its head is:")
    terminal.show(f"{moved.head.number}:{moved.head.digest}")
    terminal.say(
        "Now set database_url to the new address, and start with it on every machine. Whatever still starts "
        "with the old one would write where nobody looks any more."
    )


def _tell(copied: moving.Copied) -> None:
    if copied.rows:
        terminal.say(f"{copied.table}: {text.count(copied.rows, 'row')}")


def _address(given: str) -> str:
    """Return the address that was given; one with a password is read from standard input only."""
    if given == _STDIN:
        if sys.stdin.isatty():
            given = click.prompt("Address of the other database (not shown)", hide_input=True, err=True)
        else:
            given = sys.stdin.readline(_LONGEST)
        return given.strip()
    try:
        has_password = bool(make_url(given).password) or "password" in make_url(given).query
    except (exc.ArgumentError, ValueError):
        has_password = False
    if has_password:
        raise click.UsageError(
            "Others on this machine can read command lines, so no password may stand there. Give the address "
            "on standard input (--to -), or leave its password to ~/.pgpass."
        )
    return given


def _target(address: str) -> Database:
    try:
        return Database(address)
    except SettingsError as error:
        raise click.BadParameter(
            "expected postgresql://USER@HOST/NAME or sqlite:///PATH", param_hint="--to"
        ) from error


commands: tuple[click.Command, ...] = (db,)
