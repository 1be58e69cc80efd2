# SPDX-License-Identifier: Apache-2.0
"""Documents that are going to be signed, with what many have in common kept once.

The column ``intended`` holds a document's exact bytes; or the name of an outline (``credentials.outline``)
and the values of its slots, which are the same bytes again: the outline is named by its digest, and is never
changed.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from credentials import outline
from credentials.digests import sha256_hex
from credentials.errors import BrokenError
from issuer.store.many import among
from issuer.store.tables import OutlineRow
from service.db import Base

_SHORT: Final = b"\x01"  # begins what is no document: name of the outline, and values; JSON begins with "{"
_NAME_BYTES: Final = 32  # SHA-256
_write: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_outlines = Base.metadata.tables[OutlineRow.__tablename__]


def keep(session: Session, wanted: Collection[bytes]) -> dict[bytes, bytes]:
    """Keep outlines, those that are there already too; return how documents name each."""
    names = {each: sha256_hex(each) for each in set(wanted)}
    query = select(_outlines.c.digest).where(among(session, _outlines.c.digest, tuple(names.values())))
    known = set(session.scalars(query)) if names else set()
    missing = [{"digest": name, "body": body} for body, name in names.items() if name not in known]
    if missing:
        session.connection().execute(insert(_outlines), missing)
    return {body: _SHORT + bytes.fromhex(name) for body, name in names.items()}


def short(name: bytes, values: Collection[str]) -> bytes:
    """Return what is kept of a document in place of its bytes."""
    return name + _write(values).encode()


def document(session: Session, kept: bytes) -> bytes:
    """Return the exact bytes of a document, however they are kept.

    Raises:
        BrokenError: Its outline is not here, or is not what it was.
    """
    if kept[:1] != _SHORT:
        return kept
    at = len(_SHORT) + _NAME_BYTES
    name = kept[len(_SHORT) : at].hex()
    body = session.scalar(select(_outlines.c.body).where(_outlines.c.digest == name))
    if body is None or sha256_hex(body) != name:
        raise BrokenError("The outline of a document that is going to be signed is not here any more.")
    return outline.fill(body, json.loads(kept[at:]))
