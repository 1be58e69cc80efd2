# SPDX-License-Identifier: Apache-2.0
"""Documents that are going to be signed and that were signed, with what many have in common kept once.

The columns ``intended`` and ``signed_json`` hold exact bytes; or the name of an outline
(``credentials.outline``), the values of its slots and, of what was signed, the proof, which are the same
bytes again: the outline is named by its digest, and is never changed (ADR 0040).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
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
_VALUES: Final = len(_SHORT) + 32  # where the values begin: the name is a SHA-256
_write: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_read: Final = json.JSONDecoder().raw_decode

_outlines = Base.metadata.tables[OutlineRow.__tablename__]


def keep(session: Session, wanted: Collection[bytes]) -> dict[bytes, bytes]:
    """Keep outlines, those that are there already too; return how documents name each."""
    digests = {each: sha256_hex(each) for each in set(wanted)}
    query = select(_outlines.c.digest).where(among(session, _outlines.c.digest, tuple(digests.values())))
    known = set(session.scalars(query)) if digests else set()
    missing = [{"digest": digest, "body": body} for body, digest in digests.items() if digest not in known]
    if missing:
        session.connection().execute(insert(_outlines), missing)
    return {body: name(body) for body in digests}


def name(body: bytes) -> bytes:
    """Return what names an outline in what is kept."""
    return _SHORT + bytes.fromhex(sha256_hex(body))


def short(name: bytes, values: Collection[str], proof: bytes = b"") -> bytes:
    """Return what is kept of a document in place of its bytes.

    Args:
        name: Of its outline.
        values: Of the outline's slots.
        proof: What stands in place of the document's last brace, once it is signed.
    """
    return name + _write(values).encode() + proof


def document(session: Session, kept: bytes) -> bytes:
    """Return the exact bytes of a document, however they are kept.

    Raises:
        BrokenError: Its outline is not here, or is not what it was.
    """
    (found,) = documents(session, (kept,))
    return found


def documents(session: Session, kept: Sequence[bytes]) -> list[bytes]:
    """Return the exact bytes of many documents, in their order.

    Raises:
        BrokenError: The outline of one is not here, or is not what it was.
    """
    names = {each[len(_SHORT) : _VALUES].hex() for each in kept if each[:1] == _SHORT}
    bodies: dict[str, bytes] = {}
    if names:
        query = select(_outlines.c.digest, _outlines.c.body).where(among(session, _outlines.c.digest, names))
        bodies = {digest: body for digest, body in session.execute(query)}  # noqa: C416  rows are no pairs to mypy
    if any(name not in bodies or sha256_hex(bodies[name]) != name for name in names):
        raise BrokenError("The outline of a document that was signed or is going to be is not here any more.")
    return [
        fill(bodies[each[len(_SHORT) : _VALUES].hex()], each) if each[:1] == _SHORT else each for each in kept
    ]


def fill(body: bytes, kept: bytes) -> bytes:
    """Return the exact bytes of which ``short`` has kept the values, with the outline that it names."""
    text = kept[_VALUES:].decode()
    values, end = _read(text)
    found, proof = outline.fill(body, values), text[end:].encode()
    return found[:-1] + proof if proof else found
