# SPDX-License-Identifier: Apache-2.0
"""Who issues: one Profile (Open Badges 3.0, #profile), from a TOML file.

The issuer's identity is its DID; name, address and picture are what a credential says about it. Changing a
profile changes what the next credentials say, never what was signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from credentials.document import Json
from issuer.micro_credential import NAME
from issuer.toml_reader import Table, read_table

SLUG_CHARS: Final = 40  # characters; a slug is a path part of a did:web and of every link
_EMAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}")
_ADDRESS = {
    "street": "streetAddress",
    "locality": "addressLocality",
    "region": "addressRegion",
    "postal_code": "postalCode",
    "country": "addressCountry",
    "country_code": "addressCountryCode",
}


@dataclass(frozen=True, slots=True)
class IssuerProfile:
    """What an issuer says of itself.

    Attributes:
        url: Its home page; None means its page here.
        monogram: Up to six letters on its picture.
        suspension: Whether its credentials carry a second status entry, so that they can be suspended.
        sample: A fictional issuer; its pages say so.
        linkedin: The number of its page on LinkedIn, which shows its logo beside what was earned; or None.
        recognizer: Whether it recognises what others award, and awards nothing itself.
    """

    slug: str
    name: str
    description: str
    url: str | None
    email: str | None
    address: tuple[tuple[str, str], ...]
    monogram: str
    suspension: bool
    sample: bool
    linkedin: str | None = None
    recognizer: bool = False

    def path(self) -> str:
        """Return the path of its page."""
        return f"/issuers/{self.slug}"

    def image_path(self) -> str:
        """Return the path of its picture."""
        return f"/issuers/{self.slug}/image.png"


def read(source: bytes, *, name: str) -> IssuerProfile:
    """Read an issuer's TOML file.

    Raises:
        ProgrammeError: Something is missing, unknown or of the wrong form.
    """
    table = read_table(source, name=name)
    slug = table.text("slug")
    if not NAME.fullmatch(slug) or len(slug) > SLUG_CHARS:
        raise table.wrong("slug", "must be small letters, digits and hyphens")
    monogram = table.text("monogram")
    if not re.fullmatch(r"[A-Z0-9]{1,6}", monogram):
        raise table.wrong("monogram", "must be one to six capitals or digits")
    email = table.optional_text("email")
    if email is not None and not _EMAIL.fullmatch(email):
        raise table.wrong("email", "must be an e-mail address")
    linkedin = table.optional_text("linkedin")
    if linkedin is not None and not re.fullmatch(r"[1-9][0-9]{0,18}", linkedin):
        raise table.wrong("linkedin", "must be the number of a page on LinkedIn, in quotation marks")
    url = table.optional_text("url")
    if url is not None and not re.fullmatch(r'https?://[^\s<>"{}|\\^`]+', url):
        raise table.wrong("url", "must be a link that begins with https:// or http://")
    profile = IssuerProfile(
        slug=slug,
        name=table.text("name"),
        description=table.text("description"),
        url=url,
        email=email,
        address=_address(table.table("address")),
        monogram=monogram,
        suspension=table.boolean("suspension", default=False),
        sample=table.boolean("sample", default=False),
        linkedin=linkedin,
        recognizer=table.boolean("recognizer", default=False),
    )
    table.done()
    return profile


def members(profile: IssuerProfile, *, did: str, public_url: str) -> dict[str, Json]:
    """Return the Profile object that a credential carries as its ``issuer``."""
    made: dict[str, Json] = {
        "id": did,
        "type": ["Profile"],
        "name": profile.name,
        "url": profile.url or public_url + profile.path(),
        "description": profile.description,
        "image": {"id": public_url + profile.image_path(), "type": "Image"},
    }
    if profile.email:
        made["email"] = profile.email
    if profile.address:
        address: dict[str, Json] = {"type": ["Address"]}
        address.update({_ADDRESS[name]: text for name, text in profile.address})
        made["address"] = address
    return made


def _address(table: Table | None) -> tuple[tuple[str, str], ...]:
    if table is None:
        return ()
    found = tuple((name, text) for name in _ADDRESS if (text := table.optional_text(name)) is not None)
    table.done()
    return found
