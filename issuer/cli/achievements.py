# SPDX-License-Identifier: Apache-2.0
"""``hallmark achievements``: what can be awarded, listed, shown and registered."""

from __future__ import annotations

from pathlib import Path

import click

from issuer import achievements, profiles, programme
from issuer.cli.parts import ACTOR, House
from service import clock, terminal


@click.group(name="achievements")
def achievements_group() -> None:
    """List, show and register what can be awarded."""


@achievements_group.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.with_house
def list_achievements(house: House, *, as_json: bool) -> None:
    """List every version of every micro-credential.

    Example: hallmark achievements list --json
    """
    issuers = {issuer.slug: issuer for issuer in profiles.every(house.mint)}
    found = achievements.every(house.mint)
    if as_json:
        terminal.show_json(
            [
                {
                    "id": each.id,
                    "name": each.micro_credential.title,
                    "version": each.micro_credential.version,
                    "issuer": issuers[each.issuer].did,
                    "issuer_name": issuers[each.issuer].profile.name,
                    "code": each.micro_credential.code,
                    "criteria": {
                        criterion.id: [name for name, _ in criterion.levels]
                        for criterion in each.micro_credential.criteria
                    },
                }
                for each in found
            ]
        )
        return
    for each in found:
        title, name = each.micro_credential.title, issuers[each.issuer].profile.name
        terminal.show(f"{each.key:10}  {title}  ({name})")
    if not found:
        terminal.say('There is nothing to award yet. Add some with "hallmark achievements add FOLDER".')


@achievements_group.command(name="show")
@click.argument("achievement", metavar="ID")
@terminal.with_house
def show_achievement(house: House, achievement: str) -> None:
    """Show one micro-credential with its criteria and their levels, as --result takes them.

    Example: hallmark achievements show SEL1
    """
    found = achievements.find(house.mint, achievement)
    terminal.show(f"{found.key}  {found.micro_credential.title}")
    terminal.show(found.id)
    terminal.show(profiles.get(house.mint, found.issuer).profile.name)
    for criterion in found.micro_credential.criteria:
        wanted = f"takes {criterion.required}" if criterion.required else "optional"
        terminal.show()
        terminal.show(f"{criterion.id}: {criterion.title} ({wanted})")
        for name, descriptor in criterion.levels:
            terminal.show(f"  {criterion.id}={name}".ljust(34) + descriptor)


@achievements_group.command(name="add")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@terminal.with_house
def add_achievements(house: House, folder: Path) -> None:
    """Register an issuer and its micro-credentials from a folder: issuer.toml, and one TOML file per version.

    Example: hallmark achievements add programme/
    """
    for sentence in programme.load(house.mint, folder, now=clock.now(), actor=ACTOR):
        terminal.say(sentence)
