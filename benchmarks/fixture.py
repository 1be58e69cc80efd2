# SPDX-License-Identifier: Apache-2.0
"""The one document that every peer signs and checks, written into a folder that workers read.

About 6.3 KB of JSON, 120 quads, 5 blank nodes:

- ``unsigned.json``; ``issued.json``, signed as we do it; ``signed.json``, the same with its one proof as an
  object, which every peer reads;
- ``many.json``, documents of the same frame with other ids, recipients, evidence and places in the list;
- ``key.json``; ``contexts.json``, the bytes that we carry; ``status.json``, the status list that the document
  names; ``picture.png``.

``write`` also makes a second folder, whose document was changed after it was signed: whoever accepts that one
is not timed.
"""

from __future__ import annotations

import copy
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.walk import credential
from credentials import status_list
from credentials.did import did_key_for
from credentials.document import write as write_json
from credentials.jsonld.contexts import ISSUED_BADGE, PACKAGED
from credentials.multibase import encode_base58btc
from credentials.proofs import data_integrity
from issuer import artwork
from keys.custody import unsafe_signer_from_seed

SEED = bytes(range(32))
CREATED = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)
SITE = "https://badges.example.org"
LIST = f"{SITE}/status/revocation/1"
PIXELS = 1_000
MANY = 500  # documents in many.json
CONTEXTS = (
    *ISSUED_BADGE,
    "https://w3id.org/security/data-integrity/v2",
    "https://w3id.org/security/multikey/v1",
)

_NARRATIVE = "Submit two recorded lessons, a reflection and a plan. "
_ED25519_SECRET = b"\x80\x26"  # multicodec ed25519-priv (0x1300), as Multikey writes it


@dataclass(frozen=True)
class Fixture:
    """A folder that ``write`` made, read where it is needed."""

    folder: Path

    @cached_property
    def unsigned(self) -> dict[str, Any]:
        """The members of the document, without a proof."""
        found: dict[str, Any] = self._json("unsigned.json")
        return found

    @cached_property
    def raw(self) -> bytes:
        """The signed document."""
        return (self.folder / "signed.json").read_bytes()

    @cached_property
    def many(self) -> list[dict[str, Any]]:
        """Documents of one frame."""
        found: list[dict[str, Any]] = self._json("many.json")
        return found

    @cached_property
    def key(self) -> dict[str, str]:
        """``seed`` (hexadecimal), ``did``, ``method``, ``public`` and ``secret`` (multibase), ``created``."""
        found: dict[str, str] = self._json("key.json")
        return found

    @cached_property
    def contexts(self) -> dict[str, Any]:
        """The contexts by address."""
        found: dict[str, Any] = self._json("contexts.json")
        return found

    @property
    def seed(self) -> bytes:
        """The key."""
        return bytes.fromhex(self.key["seed"])

    def _json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_bytes())


def did() -> str:
    """Return the did:key of ``SEED``."""
    return did_key_for(unsafe_signer_from_seed(SEED, "urn:unknown").public_key)


def document() -> dict[str, Any]:
    """Return the unsigned document: that of ``benchmarks.walk``, cut to the size of the published figures."""
    members = credential()
    members["issuer"] = {"id": did(), "type": ["Profile"], "name": "Union Teachers’ Academy", "url": SITE}
    subject = members["credentialSubject"]
    subject["result"] = subject["result"][:2]
    subject["activityStartDate"], subject["activityEndDate"] = "2025-09-01T00:00:00Z", "2026-02-13T00:00:00Z"
    achievement = subject["achievement"]
    achievement["tag"] = achievement["tag"][:2]
    achievement["criteria"]["narrative"] = _NARRATIVE * 13
    del achievement["inLanguage"], achievement["humanCode"]
    return members


def variants(count: int) -> Iterator[dict[str, Any]]:
    """Yield ``count`` documents as a school year has them: one achievement, and each its own recipient."""
    first = document()
    for number in range(count):
        made = copy.deepcopy(first)
        mark = hashlib.sha256(str(number).encode()).hexdigest()
        made["id"] = f"{SITE}/credentials/{mark[:8]}-{mark[8:12]}-4{mark[13:16]}-8{mark[17:20]}-{mark[20:32]}"
        identity = made["credentialSubject"]["identifier"][0]
        identity["identityHash"], identity["salt"] = f"sha256${mark}", mark[:32]
        for piece in made["evidence"]:
            piece["id"] = f"{piece['id']}-{number}"
        place = str(int(mark[:6], 16) % status_list.STATUS_ENTRIES_MIN)
        made["credentialStatus"]["statusListIndex"] = place
        made["credentialStatus"]["id"] = f"{LIST}#{place}"
        yield made


def signed_list(*, now: datetime, set_indices: tuple[int, ...] = (7, 4_711)) -> bytes:
    """Return the status list that the document names, signed by its issuer."""
    key = did()
    composed = status_list.compose_list(
        id=LIST,
        issuer_members=document()["issuer"],
        status_purpose="revocation",
        encoded_list=status_list.encode(set_indices),
        valid_from=now - timedelta(minutes=1),
        valid_until=now + timedelta(days=1),
    )
    signer = unsafe_signer_from_seed(SEED, _method(key))
    return write_json(data_integrity.add_proof(composed, signer=signer, created=now))


def picture() -> bytes:
    """Return a badge image of 1,000 × 1,000 pixels in full colour, as many issuers have them."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(artwork.png("TQ104", stack="assessment")), formats=["PNG"]) as drawn:
        drawn.convert("RGBA").resize((PIXELS, PIXELS), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def write(folder: Path, *, now: datetime, picture: bytes, many: int = MANY) -> tuple[Fixture, Fixture]:
    """Write the fixture and its changed twin below ``folder``; return both."""
    key = did()
    signer = unsafe_signer_from_seed(SEED, _method(key))
    signed = data_integrity.add_proof(document(), signer=signer, created=CREATED)
    other = {"name": "Asking Questions That Nobody Signed"}
    secret = encode_base58btc(_ED25519_SECRET + SEED)
    files: dict[str, Any] = {
        "unsigned.json": document(),
        "many.json": list(variants(many)),
        "contexts.json": {url: PACKAGED.load(url) for url in CONTEXTS},
        "key.json": {
            "seed": SEED.hex(),
            "did": key,
            "method": _method(key),
            "public": key.removeprefix("did:key:"),
            "secret": secret,
            "created": CREATED.isoformat().replace("+00:00", "Z"),
        },
    }
    made = []
    for name, members in (("good", signed), ("changed", {**signed, **other})):
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (place / file).write_bytes(json.dumps(content, ensure_ascii=False).encode())
        (place / "issued.json").write_bytes(write_json(members))
        one = members["proof"][0]  # type: ignore[index]
        (place / "signed.json").write_bytes(write_json({**members, "proof": one}))
        (place / "status.json").write_bytes(signed_list(now=now))
        (place / "picture.png").write_bytes(picture)
        made.append(Fixture(place))
    return made[0], made[1]


def _method(key: str) -> str:
    return f"{key}#{key.removeprefix('did:key:')}"
