# SPDX-License-Identifier: Apache-2.0
"""The card that stands for a credential where its link is posted: 1200×627 pixels, a PNG far below 1 MB.

What is on it is the answer of this moment: badge image, title, issuer, the four marks and the state in word
and shape; the name only where the page shows it. Its address carries a hash of everything that is drawn, so a
changed state is a new picture, and whoever keeps one for weeks keeps one that was true when it was fetched.
Of a credential that is not proven genuine nothing is drawn but that.

Drawing takes about a tenth of a second, so a card is kept in the data folder under its hash, and in memory;
``tidy`` removes what nobody has asked for in a while. ``face`` says what is drawn, ``drawing`` draws it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from credentials.errors import HallmarkError
from issuer import achievements, names, publish
from issuer.cards.drawing import HEIGHT, WIDTH, draw
from issuer.cards.face import Face, face, face_of, is_authentic
from issuer.mint import Mint
from service import log

MEDIA_TYPE: Final = "image/png"
KEPT: Final = timedelta(days=60)  # since somebody asked; later it is drawn again
MEMORY: Final = 64  # cards of about 60 KB
SIZE: Final = (WIDTH, HEIGHT)


def path(key: str, shown: Face) -> str:
    """Return the address of the card that shows ``shown``; another face has another one."""
    return f"/credentials/{key}/card.png?v={shown.hash}"


def card(mint: Mint, shown: Face) -> bytes:
    """Return the picture of ``shown``: kept, or drawn and kept."""
    return _card(mint, shown, folder=mint.settings.data / "cards")


def prepare(mint: Mint, key: str, *, name: str | None, now: datetime) -> bool:
    """Draw the card before its link travels; ``name`` is going to be shown, if it is the one that was signed.

    A card is no reason to keep an award from its earner: what goes wrong is logged, and the card is drawn
    when somebody asks for it. Return whether it is there.
    """
    try:
        found = publish.find(mint, key)
        fitting = name if name is not None and names.fits(found, name) else None
        card(mint, face(mint, found, now=now, name=fitting))
    except (HallmarkError, OSError, ValueError) as error:
        log.event("card", level=logging.WARNING, error=error, id=key)
        return False
    return True


def tidy(mint: Mint, *, now: datetime) -> int:
    """Remove the cards that nobody has asked for in ``KEPT``; return how many. The job "cards-tidy"."""
    return _tidy(mint.settings.data / "cards", before=(now - KEPT).timestamp())


def _tidy(folder: Path, *, before: float) -> int:
    removed = 0
    for file in folder.glob("*"):
        try:
            if file.stat().st_mtime < before:
                file.unlink()
                removed += 1
        except FileNotFoundError:
            continue  # Somebody else was tidying up.
    return removed


def _card(mint: Mint, shown: Face, *, folder: Path) -> bytes:
    file = folder / f"{shown.hash}.png"
    try:
        body = _read(file)
        os.utime(file)
    except FileNotFoundError:
        image = _image(mint, shown)
        body = draw(shown, image)
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{shown.hash}.{secrets.token_hex(4)}.part"
        part.write_bytes(body)
        part.replace(file)
        _tidy_once_a_day(folder, moment=file.stat().st_mtime)
    return body


def _tidy_once_a_day(folder: Path, *, moment: float) -> None:
    """Tidy up when a card is added: the job runs on one machine, and each machine has cards of its own."""
    mark = folder / ".tidied"
    with contextlib.suppress(FileNotFoundError):
        if moment - mark.stat().st_mtime < timedelta(days=1).total_seconds():
            return
    mark.touch()
    _tidy(folder, before=moment - KEPT.total_seconds())


@lru_cache(maxsize=MEMORY)
def _read(file: Path) -> bytes:
    return file.read_bytes()


def _image(mint: Mint, shown: Face) -> bytes | None:
    """Return the badge image as it is served, or None where there is none."""
    if shown.achievement is None:
        return None
    found = achievements.document(mint, f"/achievements/{shown.achievement}/image.png")
    return None if found is None else found.body


__all__ = (
    "KEPT",
    "MEDIA_TYPE",
    "SIZE",
    "Face",
    "card",
    "face",
    "face_of",
    "is_authentic",
    "path",
    "prepare",
    "tidy",
)
