# SPDX-License-Identifier: Apache-2.0
"""The ``hallmark`` command: the commands of every room by name, and what they ask of the roof.

A room is read when one of its commands is called, and the house when a command opens it. So the help needs no
room at all, and ``hallmark verify`` none but the verifier's where there is no house. For that reason the
imports stand in functions; their names are written out, so that the house test sees them.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from service import terminal

if TYPE_CHECKING:
    from flask import Flask

    from roof.house import House
    from service.settings import Settings

_Commands = Sequence[click.Command]


def _of_service() -> _Commands:
    from service.cli import commands

    return commands


def _of_accounts() -> _Commands:
    from service.accounts.cli import commands

    return commands


def _of_keys() -> _Commands:
    from keys.cli import commands

    return commands


def _of_issuer() -> _Commands:
    from issuer.cli import commands

    return commands


def _of_earning() -> _Commands:
    from earning.cli import commands

    return commands


def _of_verifier() -> _Commands:
    from verifier.cli import commands

    return commands


def _of_recognition() -> _Commands:
    from recognition.cli import commands

    return commands


def _of_demo() -> _Commands:
    from demo import demo

    return (demo,)


# Whose each command is, and the first sentence of its help.
COMMANDS: Final[Mapping[str, tuple[Callable[[], _Commands], str]]] = {
    "achievements": (_of_issuer, "List, show and register what can be awarded."),
    "audit": (_of_service, "Look at the audit log."),
    "bulk": (_of_issuer, "Issue many awards from a file: CSV, JSON lines, or an array of JSON."),
    "canonicalize": (
        _of_verifier,
        "Print the canonical form of a document: the N-Quads that a signature covers.",
    ),
    "certificate": (
        _of_issuer,
        "Write the certificate of a credential as PDF, or the résumé of several; each is attached to it.",
    ),
    "db": (_of_service, "Look after the database."),
    "demo": (_of_demo, "Show the main job: mint, publish, verify, revoke; then serve the pages."),
    "export": (
        _of_issuer,
        "Write all public documents of our issuers as static files, with a map.json from names to files.",
    ),
    "init": (
        _of_service,
        "Make a data folder: settings, database, and what a new house begins with.",
    ),
    "issue": (_of_issuer, "Award a micro-credential, and write the signed credential to a file."),
    "issuers": (
        _of_issuer,
        "List and register who signs here: issuers, and recognizers, who sign what they grant.",
    ),
    "jobs": (_of_service, "Do jobs by hand."),
    "keys": (_of_keys, "Make, list, rotate and retire the keys that issuers sign with."),
    "mail": (_of_service, "Look at the outbox."),
    "organisations": (_of_accounts, "Add organisations and list them."),
    "people": (_of_accounts, "Add people, list them, and give and take their roles."),
    "policy": (
        _of_recognition,
        "Check and read policies: the rules by which recognizers decide, as TOML.",
    ),
    "programme": (
        _of_earning,
        "Content of the programme: stacks, micro-credentials and portals.",
    ),
    "recognise": (
        _of_recognition,
        "Say what credentials are worth under one rule: files or links, judged for one person.",
    ),
    "reinstate": (_of_issuer, "End the review of a suspended credential."),
    "reissue": (
        _of_issuer,
        "Issue an award again, corrected or with the present key; "
        "the new credential takes the old one's place.",
    ),
    "resume": (_of_issuer, "Finish what was begun and not finished, after a crash."),
    "revoke": (_of_issuer, "Withdraw a credential for ever."),
    "serve": (_of_service, "Serve the pages and the API."),
    "sign": (
        _of_issuer,
        "Check an unsigned Open Badges 3.0 document and sign it with the key of the issuer that it names.",
    ),
    "suspend": (_of_issuer, 'Put a credential under review; "reinstate" ends that.'),
    "takeback": (
        _of_issuer,
        "Take many credentials back: tried out first, under review for a day, then withdrawn.",
    ),
    "tokens": (_of_service, "Make, list and revoke access tokens of the API."),
    "verify": (_of_verifier, "Check credentials: files, links, or - for standard input."),
    "work": (
        _of_service,
        "Do mails and other jobs in a process of their own, until it is told to stop.",
    ),
}


class _LateGroup(click.Group):
    """A group that reads a command when it is called, and lists all of them without reading one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Read the room that has this command."""
        if cmd_name not in COMMANDS:
            return None
        room, _ = COMMANDS[cmd_name]
        return next(command for command in room() if command.name == cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, as click would have if it had read them."""
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, click.Command(name, help=says).get_short_help_str(limit))
                    for name, (_, says) in COMMANDS.items()
                ]
            )


@click.group(
    cls=_LateGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="hallmark", prog_name="hallmark")
def cli() -> None:
    """Educator micro-credentials as signed Open Badges 3.0 credentials: issue, publish, check, take back."""


class HallmarkRoof:
    """What the commands ask of the roof (``service.terminal.Roof``)."""

    @property
    def scopes(self) -> Sequence[str]:
        """Everything that a route of any room asks a token for."""
        from issuer.api import ISSUE, STATUS

        return (ISSUE, STATUS)

    @contextmanager
    def house(self, settings: Settings) -> Iterator[House]:
        """Open the house for one command."""
        from app import open_house

        house = open_house(settings)
        try:
            yield house
        finally:
            house.jobs.close()
            house.db.close()

    def web(self, settings: Settings) -> Flask:
        """Build the web service, and finish what a crash has left unfinished."""
        from app import create_app
        from issuer import issuance
        from service import clock

        app = create_app(settings)
        issuance.resume(app.extensions["hallmark"].mint, now=clock.now(), actor="serve")
        return app

    def seed(self, house: terminal.House) -> Sequence[str]:
        """Give a new house its keys and the sample programme; twice, it changes nothing."""
        from roof import seeding
        from roof.house import House
        from service import clock

        if not isinstance(house, House):
            raise TypeError("only the whole house can be seeded")
        return seeding.seed(house, now=clock.now())


def main() -> None:
    """Run the ``hallmark`` command."""
    try:
        code = terminal.run(cli, roof=HallmarkRoof())
    except Exception as error:
        code = terminal.mistake(error, number=str(uuid.uuid4()))
    sys.exit(code)


if __name__ == "__main__":
    main()
