# SPDX-License-Identifier: Apache-2.0
"""How an issuer is shown: by the address that was proven, not by the name that it gives itself.

Security rules, row V5: domain or DID in punycode, cut to a length. Punycode stays punycode: it cannot look
like another name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from credentials.did import HOST_CHARS
from credentials.document import Json

SHOWN_CHARS = 80  # characters of an address in a sentence; a did:key has 56
PORT_CHARS = 6  # characters of ":65535"
NAME_CHARS = 300  # characters of a name that are looked at; the longest seen has 90


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a credential names as its issuer; name and url are its own word.

    Attributes:
        id: DID or https address; "" when there is none.
        name: Its name, signed but not vouched for.
        url: Its web site, the same.
        address: Domain, or DID for those without one.
    """

    id: str
    name: str | None
    url: str | None
    address: str


def party_of(members: Mapping[str, Json]) -> Party:
    """Read the issuer of a credential, whatever stands there."""
    issuer = members.get("issuer")
    profile: Mapping[str, Json] = issuer if isinstance(issuer, dict) else {"id": issuer}
    own_id = profile.get("id")
    identifier = own_id if isinstance(own_id, str) else ""
    name, url = (_text(profile.get(key)) for key in ("name", "url"))
    return Party(id=identifier, name=name, url=url, address=address_of(identifier))


def host_of(identifier: str) -> str | None:
    """Return the host of a did:web or an https address, port included; None for what no host can be."""
    host = ""
    if identifier.startswith("did:web:"):
        host = unquote(identifier.split(":", 3)[2].partition("#")[0])
    elif identifier.startswith("https://"):
        try:
            host = urlsplit(identifier).netloc
        except ValueError:
            return None
    return host if 0 < len(host) <= HOST_CHARS + PORT_CHARS else None


def address_of(identifier: str) -> str:
    """Return host, in punycode where it is in another alphabet, or shortened DID, for sentences."""
    host = host_of(identifier)
    text = identifier if host is None else ".".join(map(_plain, host.split(".")))
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 12]}…{text[-11:]}"


def _plain(label: str) -> str:
    """Return a label of a host in letters that cannot pass for others; a port may follow it."""
    name, colon, port = label.partition(":")
    return label if label.isascii() else f"xn--{name.encode('punycode').decode('ascii')}{colon}{port}"


def _text(value: Json | None) -> str | None:
    return value[:NAME_CHARS] if isinstance(value, str) and value.strip() else None
