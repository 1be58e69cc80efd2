# SPDX-License-Identifier: Apache-2.0
"""Which credential somebody means: by its link, its key, or a file that carries it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from credentials.baking import png, svg
from credentials.document import Json, parse
from credentials.proofs.vc_jwt import parse_jwt
from issuer.errors import NoSuchCredentialError
from issuer.issuance import credential_url
from issuer.mint import Mint
from issuer.store import credentials as rows

FILE_BYTES: Final = 10_485_760  # bytes of a file that may carry a credential: a large badge image


def locate(mint: Mint, name: str) -> str:
    """Return the key of the credential that ``name`` means: link, key, or path of a file that carries it.

    Nothing is verified: the id alone says which of our rows is meant.

    Raises:
        NoSuchCredentialError: It is none of ours.
        MalformedError: The file is no credential.
    """
    path = Path(name)
    identifier: str | None = name
    if "://" not in name and path.is_file():
        with path.open("rb") as stream:
            identifier = _id(stream.read(FILE_BYTES))
    with mint.db.reading() as session:
        for candidate in (identifier, credential_url(mint, name)):
            found = rows.find(session, candidate) if candidate else None
            if found is not None:
                return found.key
    raise NoSuchCredentialError("We have signed no such credential.", got=name[:120])


def _id(raw: bytes) -> str | None:
    text = raw.lstrip()
    if png.is_png(raw):
        text = png.unbake(raw).encode("utf-8")
    elif text.startswith(b"<"):
        text = svg.unbake(raw).encode("utf-8")
    text = text.strip()
    if text.startswith(b"{"):
        value: Json = parse(text).members.get("id")
    else:
        payload = parse_jwt(text.decode("ascii", "replace")).payload.members
        value = payload.get("id", payload.get("jti"))
    return value if isinstance(value, str) else None
