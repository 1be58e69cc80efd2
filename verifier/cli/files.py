# SPDX-License-Identifier: Apache-2.0
"""What stands on the command line: links, files, standard input, and lists of issuers in files."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import click

from verifier.errors import FileUnreadableError, IssuerListError
from verifier.intake import looks_like_url
from verifier.lines import Brought, Line
from verifier.list_format import LIST_BYTES
from verifier.many import Late
from verifier.registry import IssuerList, read_issuer_list
from verifier.unpack import ZIP_BYTES

STANDARD_INPUT: Final = "-"


def read_sources(sources: Sequence[str]) -> list[Line | Late]:
    """Return what is to be looked at; files are read when their turn comes.

    A file among several that cannot be read could not be checked: that is its answer, the others get theirs.

    Raises:
        click.UsageError: The only file is missing.
    """
    if len(sources) == 1 and sources[0] != STANDARD_INPUT and not looks_like_url(sources[0]):
        try:
            if stat.S_ISDIR(Path(sources[0]).stat().st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        except OSError as error:
            raise click.UsageError(_unreadable(sources[0], error)) from error
    return [
        Line(source, url=source) if looks_like_url(source) else Late(source, partial(_read, source))
        for source in sources
    ]


def list_in_file(name: str | None) -> IssuerList | None:
    """Return the list in a file; None if there is no such file, then it may be the name of one.

    Raises:
        click.UsageError: The file is no list.
    """
    if name is None or not Path(name).is_file():
        return None
    try:
        return read_issuer_list(_bytes(name, LIST_BYTES))
    except (IssuerListError, FileUnreadableError) as error:
        raise click.BadParameter(error.message, param_hint="--list") from error


def _read(source: str) -> Brought:
    return Brought(source, _bytes(source, ZIP_BYTES))


def _bytes(source: str, most: int) -> bytes:
    """Read a file or standard input, no more of it than is looked at."""
    try:
        if source == STANDARD_INPUT:
            return sys.stdin.buffer.read(most + 1)
        with Path(source).open("rb") as stream:
            return stream.read(most + 1)
    except OSError as error:
        raise FileUnreadableError(_unreadable(source, error)) from error


def _unreadable(source: str, error: OSError) -> str:
    shown = click.format_filename(source)
    if isinstance(error, FileNotFoundError):
        return f"There is no file {shown}."
    return f"{shown} cannot be read: {error.strerror}."
