# SPDX-License-Identifier: Apache-2.0
"""The command for documents to print."""

from __future__ import annotations

from pathlib import Path

import click

from issuer import documents
from issuer.cli.parts import House, require_folder, write
from issuer.locate import locate
from service import clock, terminal


@click.command()
@click.argument("credentials", nargs=-1, required=True, metavar="CREDENTIAL…")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to write the PDF."
)
@click.option("--name", help="The educator's name, as it was signed.  [default: none is shown]")
@click.option("--resume", "as_resume", is_flag=True, help="A résumé, also of a single credential.")
@terminal.with_house
def certificate(
    house: House, credentials: tuple[str, ...], *, out: Path, name: str | None, as_resume: bool
) -> None:
    """Write the certificate of a credential as PDF, or the résumé of several; each is attached to it.

    CREDENTIAL is its link, its key, or a file that carries it. The PDF says which state holds at this moment.

    Example: hallmark certificate badge.png --name "Alex Educator" --out certificate.pdf
    """
    require_folder(out)
    keys = [locate(house.mint, each) for each in credentials]
    if as_resume or len(keys) > 1:
        pdf = documents.resume(house.mint, keys, name=name, now=clock.now())
    else:
        pdf = documents.certificate(house.mint, keys[0], name=name, now=clock.now())
    write(out, pdf)
    terminal.say(f"{terminal.symbol('yes')} Written to {out}")
