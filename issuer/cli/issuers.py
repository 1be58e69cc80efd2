# SPDX-License-Identifier: Apache-2.0
"""Who signs here: issuers, and recognizers, who award nothing and sign what they recognise."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from issuer import profiles, programme
from issuer.cli.parts import ACTOR, House
from service import clock, terminal

PROFILE_BYTES: Final = 65_536  # bytes of an organisation's profile; samples have one thousand


@click.group(name="issuers")
def issuers_group() -> None:
    """List and register who signs here: issuers, and recognizers, who sign what they grant."""


@issuers_group.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.with_house
def list_issuers(house: House, *, as_json: bool) -> None:
    """List everybody who signs here, with DID.

    Example: hallmark issuers list
    """
    found = profiles.every(house.mint)
    if as_json:
        terminal.show_json(
            [
                {
                    "slug": each.slug,
                    "id": each.did,
                    "name": each.profile.name,
                    "recognizer": each.profile.recognizer,
                }
                for each in found
            ]
        )
        return
    for each in found:
        kind = "recognizer" if each.profile.recognizer else "issuer"
        terminal.show(f"{each.slug:24}  {kind:10}  {each.profile.name}  ({each.did})")
    if not found:
        terminal.say('Nobody signs here yet. Add somebody with "hallmark issuers add FILE".')


@issuers_group.command(name="add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@terminal.with_house
def add_issuer(house: House, file: Path) -> None:
    """Give an organisation a name, a DID and keys of its own, from a profile in TOML.

    The slug in the file is that of the organisation. With "recognizer = true" it awards nothing and signs
    what it recognises: its decisions, its PD certificates, its policies. Again, it changes the profile and
    never the DID.

    Example: hallmark issuers add our-district.toml
    """
    with file.open("rb") as stream:
        source = stream.read(PROFILE_BYTES + 1)
    if len(source) > PROFILE_BYTES:
        raise click.UsageError(f"{file} is larger than {PROFILE_BYTES:,} bytes, so it is no profile.")
    terminal.say(
        programme.register_organisation(house.mint, source, name=file.name, now=clock.now(), actor=ACTOR)
    )
