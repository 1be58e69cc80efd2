# SPDX-License-Identifier: Apache-2.0
"""``hallmark export`` and ``hallmark resume``: all public documents as files, and what a crash has left."""

from __future__ import annotations

from pathlib import Path

import click

from issuer import issuance, publish
from issuer.cli.parts import ACTOR, House
from service import clock, terminal


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--credentials", is_flag=True, help="Also all credentials; their links are not guessable.")
@terminal.with_house
def export(house: House, folder: Path, *, credentials: bool) -> None:
    """Write all public documents of our issuers as static files, with a map.json from names to files.

    With them anybody can verify without us: hallmark verify badge.png --offline-documents FOLDER

    Example: hallmark export public/
    """
    done = publish.export(house.mint, folder, now=clock.now(), with_credentials=credentials)
    terminal.say(f"{terminal.symbol('yes')} {done.files} documents under {done.names} names in {folder}")


@click.command()
@terminal.with_house
def resume(house: House) -> None:
    """Finish what was begun and not finished, after a crash. Serving does so by itself.

    Example: hallmark resume
    """
    finished = issuance.resume(house.mint, now=clock.now(), actor=ACTOR)
    terminal.say(f"{terminal.symbol('yes')} Finished: {len(finished)}")
