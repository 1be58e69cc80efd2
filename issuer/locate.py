# SPDX-License-Identifier: Apache-2.0
"""Which credential somebody means: by its link, its key, or a file that carries it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from credentials.baking import png, svg
from credentials.document import Json, parse
from credentials.identity import EMAIL_ADDRESS, normalised
from credentials.proofs.vc_jwt import parse_jwt
from issuer.errors import NoSuchCredentialError
from issuer.issuance import credential_url
from issuer.mint import Mint
from issuer.store import credentials as rows

FILE_BYTES: Final = 10_485_760  # bytes of a file that may carry a credential: a large badge image

NAME_CHARS: Final = 120  # characters of a name in a sentence


def locate(mint: Mint, name: str) -> str:
    """Return the key of the credential that ``name`` means: link, key, or path of a file that carries it.

    Nothing is verified: the id alone says which of our rows is meant.

    Raises:
        NoSuchCredentialError: It is none of ours.
        MalformedError: The file is no credential.
    """
    identifier: str | None = name
    is_file = "://" not in name and _is_file(name)
    if is_file:
        with Path(name).open("rb") as stream:
            identifier = _id(stream.read(FILE_BYTES))
    with mint.db.reading() as session:
        for candidate in (identifier, credential_url(mint, name)):
            found = rows.find(session, candidate) if candidate else None
            if found is not None:
                return found.key
    shown = name if len(name) <= NAME_CHARS else f"{name[:NAME_CHARS]}…"
    if is_file:
        message = f"We have not signed the credential in {shown}."
    elif "://" in name:
        message = f"We have signed no credential with the link {shown}"
    else:
        message = f"There is no file {shown}, and no credential with that link or key."
    raise NoSuchCredentialError(message, got=name[:NAME_CHARS])


def held(mint: Mint, *, achievement: str, email: str) -> str | None:
    """Return the link of the newest credential in force of this version at this address, or None.

    One person may well earn a version twice; but who types the same award again should be told.
    """
    recipient = normalised(email, EMAIL_ADDRESS)
    with mint.db.reading() as session:
        return rows.newest_of(session, achievement=achievement, recipient=recipient)


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:
        return False  # too long for a name, as a pasted credential is


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
