# SPDX-License-Identifier: Apache-2.0
"""What every command shares: the open house, exit codes, and how to print.

Results go to standard output, everything else to standard error. Symbols stand beside words and become
plain ASCII where the locale cannot show them; foreign text never controls the terminal.

A room's ``cli.py``::

    @click.command()
    @click.argument("name")
    @terminal.with_house
    def greet(house: Any, name: str) -> None: ...

The roof calls ``run`` with itself as ``roof``: it knows how to open the house.
"""

from __future__ import annotations

import functools
import json
import locale
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from credentials.errors import BrokenError, HallmarkError, UnknownError
from service import log
from service.errors import DatabaseOutdatedError, DatabaseUnavailableError, NoHouseError, SettingsError
from service.settings import Settings, load

if TYPE_CHECKING:
    # These bring large libraries, and a command that opens no house waits for none of them.
    from flask import Flask

    from service.db import Database
    from service.jobs import Jobs

_SQLITE = "sqlite:///"


class ExitCode(IntEnum):
    """How a command ends. For several inputs the worst: NO before UNKNOWN before YES."""

    YES = 0  # yes, or done
    NO = 1  # a definite no, or refused
    UNKNOWN = 2  # could not be determined
    USAGE = 64  # sysexits EX_USAGE
    MISTAKE = 70  # our mistake; EX_SOFTWARE
    SETTINGS = 78  # EX_CONFIG


class House(Protocol):
    """What a command works in: the roof's house has these and the opened rooms."""

    @property
    def settings(self) -> Settings:
        """The settings it was opened with."""

    @property
    def db(self) -> Database:
        """The one database."""

    @property
    def jobs(self) -> Jobs:
        """The work that nobody waits for."""


class Roof(Protocol):
    """What the commands of service/ ask of the roof."""

    @property
    def scopes(self) -> Sequence[str]:
        """Everything that a route of any room asks a token for."""

    def house(self, settings: Settings) -> AbstractContextManager[House]:
        """Open database and rooms; close them at the end of the block."""

    def web(self, settings: Settings) -> Flask:
        """Build the web service; its jobs are ``extensions["jobs"]``."""

    def seed(self, house: House) -> Sequence[str]:
        """Write what a new house begins with; return sentences about it. Called twice, it does nothing."""


def with_house(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--data``, and hand the opened house to ``command`` as its first argument."""

    @data_option
    @functools.wraps(command)
    def opened(*args: Any, data: Path | None, **options: Any) -> Any:
        settings = load(data)
        log.configure("warning" if settings.log_level == "info" else settings.log_level)
        with roof_of(click.get_current_context()).house(settings) as house:
            require_house(house.db, house.settings)
            return command(house, *args, **options)

    return opened


def has_database(settings: Settings) -> bool:
    """Tell whether there may be a database; only a file is looked for, and it is not made by looking."""
    return not settings.database_url.startswith(_SQLITE) or (
        Path(settings.database_url.removeprefix(_SQLITE)).exists()
    )


def is_made(settings: Settings) -> bool:
    """Tell whether there is a house: a database with tables of ours."""
    if not has_database(settings):
        return False
    from service.db import Database

    db = Database(settings.database_url)
    try:
        db.require_current()
    except DatabaseOutdatedError as error:
        return error.got is not None
    finally:
        db.close()
    return True


def require_house(db: Database, settings: Settings) -> None:
    """Refuse to work where no house was made.

    Raises:
        NoHouseError: There is no database, or it holds no tables of ours.
        DatabaseOutdatedError: The tables are those of another version.
    """
    missing = NoHouseError(
        f"There is no Hallmark data in {settings.data}. Make it with `hallmark init`, "
        "or name another folder with --data."
    )
    if not has_database(settings):
        raise missing
    try:
        db.require_current()
    except DatabaseOutdatedError as error:
        if error.got is None:
            raise missing from error
        raise


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--data DIR``, the data folder of every command."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        help="Data folder.  [default: HALLMARK_DATA, else ./data]",
    )(command)


def examples(*lines: str) -> str:
    """Return the end of a command's help: examples, each on its own line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def roof_of(context: click.Context) -> Roof:
    """Return the roof that ``run`` was given."""
    roof: Roof = context.find_root().obj
    return roof


def run(cli: click.Group, *, roof: Roof, args: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; our own errors become a sentence on standard error.

    What is no error of ours goes on to the caller, who reports it with ``mistake``.
    """
    try:
        result = cli.main(args=args, prog_name="hallmark", standalone_mode=False, obj=roof)
    except click.exceptions.Abort:
        return ExitCode.NO
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except HallmarkError as error:
        complain(error)
        return code_of(error)
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more can be written there.
        sys.stdout = None
        return ExitCode.YES
    return int(result) if isinstance(result, int) else ExitCode.YES


def code_of(error: HallmarkError) -> ExitCode:
    """Return the exit code for an error, by whose move it is."""
    if isinstance(error, SettingsError):
        return ExitCode.SETTINGS
    if isinstance(error, UnknownError):
        return ExitCode.UNKNOWN
    if isinstance(error, BrokenError):
        return ExitCode.MISTAKE
    return ExitCode.NO


def complain(error: HallmarkError) -> None:
    """Say on standard error what went wrong, with the place if it is one in a document.

    Of a database that cannot be reached, the operator learns the kind of trouble; pages never tell it.
    """
    trouble = _trouble(error) if isinstance(error, DatabaseUnavailableError) else None
    place = f" (at {error.path})" if error.path and error.path.startswith("/") else ""
    say(f"{symbol('no')} {trouble or error.message}{place}  [{error.code}]")


def _trouble(error: DatabaseUnavailableError) -> str | None:
    from service import postgresql

    return postgresql.trouble(error.__cause__)


def mistake(error: BaseException, *, number: str) -> ExitCode:
    """Say on standard error that it was our mistake, with its number; the place goes to the log."""
    log.event("mistake", level=40, error=error, id=number)
    say(f"{symbol('no')} Our mistake, number {number}. Nothing was saved twice.")
    return ExitCode.MISTAKE


def show(text: str = "") -> None:
    """Print a result on standard output."""
    click.echo(plain(text))


def show_json(value: Any) -> None:
    """Print a result on standard output for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def say(text: str = "") -> None:
    """Print anything that is no result on standard error."""
    click.echo(plain(text), err=True)


_SYMBOLS = {"yes": ("✓", "[ok]"), "no": ("✗", "[no]"), "unknown": ("?", "[??]"), "arrow": ("→", "->")}


def symbol(name: str) -> str:
    """Return a small sign: ``yes``, ``no``, ``unknown``, ``arrow``; always to be followed by a word."""
    fine, ascii_only = _SYMBOLS[name]
    return fine if can_show(fine) else ascii_only


def can_show(text: str) -> bool:
    """Tell whether the terminal's encoding has these characters."""
    encoding = getattr(sys.stdout, "encoding", None) or locale.getpreferredencoding(do_setlocale=False)
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def plain(text: str) -> str:
    """Return ``text`` without characters that would steer the terminal or turn the reading direction."""
    shown = "".join(
        char if char.isprintable() or char in "\n\t" else " " if char.isspace() else "\ufffd" for char in text
    )
    return shown if can_show(shown) else shown.encode("ascii", "backslashreplace").decode("ascii")
