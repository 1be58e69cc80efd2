# SPDX-License-Identifier: Apache-2.0
"""What the issuer's commands share: the house that they open, and the files that they write."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, Protocol

import click

from issuer.actors import TERMINAL
from issuer.mint import Mint

ACTOR: Final = TERMINAL


class House(Protocol):
    """What these commands need of the opened house."""

    @property
    def mint(self) -> Mint:
        """The opened room."""


def require_folder(out: Path) -> None:
    """Refuse before anything is made what could not be written afterwards."""
    if not out.parent.is_dir():
        raise click.BadParameter(f"there is no folder {out.parent}", param_hint="--out")


def write(path: Path, data: bytes) -> None:
    """Write a file that somebody named with --out."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise click.BadParameter(f"{path} cannot be written.", param_hint="--out") from error


def progress(words: str) -> None:
    """Show how far it is, on one line of standard error, where somebody looks at it; "" wipes the line."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{words}", nl=False, err=True)
