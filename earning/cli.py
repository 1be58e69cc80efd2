# SPDX-License-Identifier: Apache-2.0
"""The commands of the programme: load a folder of content, generate content for load, list what there is."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import click

from earning.catalogue import catalogue, loading
from earning.catalogue.version import Version
from earning.programme import Programme
from service import clock, terminal

ACTOR = "cli"  # in audit lines


class House(Protocol):
    """What these commands need of the opened house."""

    @property
    def programme(self) -> Programme:
        """The opened room."""


@click.group()
def programme() -> None:
    """Content of the programme: stacks, micro-credentials and portals.

    Example: hallmark programme load content/2027
    """


@programme.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@terminal.with_house
def load(house: House, *, folder: Path) -> None:
    """Load issuer.toml, stacks.toml, portals/*.toml and one TOML file for each version; open the versions.

    What is there already stays as it is, so a folder can be loaded again after something was added.

    Example: hallmark programme load content/2027
    """
    for sentence in loading.load(house.programme, folder, now=clock.now(), actor=ACTOR):
        terminal.say(sentence)


@programme.command()
@click.argument("count", type=click.IntRange(1, 20_000))
@click.option("--start", type=int, default=1, show_default=True, help="Another number gives other content.")
@click.option("--issuer", metavar="SLUG", help="Whose they are.  [default: the first sample issuer]")
@terminal.with_house
def generate(house: House, *, count: int, start: int, issuer: str | None) -> None:
    """Make COUNT micro-credentials for tests of load; their pages say that they were generated.

    Example: hallmark programme generate 250 --start 1
    """
    made = loading.generate(house.programme, count, start=start, issuer=issuer, now=clock.now(), actor=ACTOR)
    terminal.say(f"{terminal.symbol('yes')} {made} versions of {count} generated micro-credentials")


@programme.command(name="list")
@terminal.with_house
def list_versions(house: House) -> None:
    """List what the catalogue shows: key, state, hours and title.

    Example: hallmark programme list
    """
    for version in catalogue.all_listed(house.programme):
        terminal.show(_line(version))


def _line(version: Version) -> str:
    return f"{version.key:<16} {version.state:<9} {version.hours_words:<12} {version.title}"


commands = (programme,)
