# SPDX-License-Identifier: Apache-2.0
"""What an earner takes along to show an award elsewhere: LinkedIn, posts, a résumé, a page of one's own.

Everything is made of what was signed, never of a row beside it, so that it says the same as the page that it
leads to. Nothing is sent to anybody: these are addresses and texts, and the earner decides.

*Add to profile* is LinkedIn's form as its own pages have it (``CERTIFICATION_NAME``; design: interface, §5).
Filling it in ahead is best effort on their side, so every field is also there by itself, to be copied. Each
mistake that other issuers have made there has a test: months counted from 0, somebody else's organisation,
unencoded names and links, the visitor's month, the id for the link, an end that there is none of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Final
from urllib.parse import quote, urlencode

from issuer import profiles, publish
from issuer.errors import NoSuchCredentialError
from issuer.issuance import credential_url
from issuer.mint import Mint
from issuer.store import sharing as rows
from service import audit, text

ADD_TO_PROFILE: Final = "https://www.linkedin.com/profile/add"
SHARE_OFFSITE: Final = "https://www.linkedin.com/sharing/share-offsite/"
SNIPPET_SIDE: Final = 160  # pixels of the picture in the snippet
EMBED_SIZE: Final = (320, 120)  # pixels of the frame with the live state


@dataclass(frozen=True, slots=True)
class Field:
    """One field of LinkedIn's form: its label there, and what belongs into it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class AddToProfile:
    """LinkedIn's form for a certificate: the address that fills it in, and each field to copy."""

    url: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    title: str
    issuer: str
    linkedin: str | None
    awarded: datetime | None
    until: datetime | None
    link: str


def is_indexed(mint: Mint, key: str) -> bool:
    """Tell whether search engines may show the page; not before its earner says so."""
    with mint.db.reading() as session:
        return rows.is_indexed(session, key)


def set_indexed(mint: Mint, key: str, *, on: bool, now: datetime, actor: str) -> None:
    """Let search engines show the page of an award, or ask them to forget it. Twice changes nothing.

    Raises:
        NoSuchCredentialError: There is no such award.
    """
    with mint.db.transaction() as session:
        changed = rows.set_indexed(session, key, on=on)
        if changed is None:
            raise NoSuchCredentialError("There is no such credential here.", got=key[:64])
        if changed:
            action = "credential.indexed" if on else "credential.not-indexed"
            audit.record(session, actor=actor, action=action, subject=key, now=now)


def add_to_profile(mint: Mint, key: str) -> AddToProfile:
    """Return LinkedIn's form for this credential, filled in.

    The organisation is named by the number of its page on LinkedIn (``linkedin`` in the issuer's TOML), else
    by its name, never by both. The date is that of the award, which a re-issue keeps, by its UTC day.

    Raises:
        NoSuchCredentialError: None was signed under this key.
    """
    facts = _facts(mint, key)
    values = [("startTask", "CERTIFICATION_NAME"), ("name", facts.title)]
    fields = [Field("Name", facts.title), Field("Issuing organization", facts.issuer)]
    if facts.linkedin is not None:
        values.append(("organizationId", facts.linkedin))
    else:
        values.append(("organizationName", facts.issuer))
    for name, label, moment in (
        ("issue", "Issue date", facts.awarded),
        ("expiration", "Expiration date", facts.until),
    ):
        if moment is not None:
            day = moment.astimezone(UTC)
            values += [(f"{name}Year", str(day.year)), (f"{name}Month", str(day.month))]
            fields.append(Field(label, text.month(day)))
    values += [("certUrl", facts.link), ("certId", key)]
    fields += [Field("Credential ID", key), Field("Credential URL", facts.link)]
    # Every value percent-encoded as UTF-8; a space is %20, since "+" stands for itself in some readers.
    return AddToProfile(url=f"{ADD_TO_PROFILE}?{_query(values)}", fields=tuple(fields))


def post_url(mint: Mint, key: str) -> str:
    """Return the address where LinkedIn begins a post with the link of this credential.

    Raises:
        NoSuchCredentialError: None was signed under this key.
    """
    return f"{SHARE_OFFSITE}?{_query([('url', publish.find(mint, key).credential_id)])}"


def snippet_html(mint: Mint, key: str) -> str:
    """Return HTML for a page of one's own: the badge image, with words for those who do not see it, linked.

    The picture carries the signed credential inside. It tells no state: ``embed_html`` does.

    Raises:
        NoSuchCredentialError: None was signed under this key.
    """
    facts = _facts(mint, key)
    label = escape(f"{facts.title}, {facts.issuer}. Open and check this credential.")
    image = escape(f"{credential_url(mint, key)}.png")
    return (
        f'<a href="{escape(facts.link)}" rel="noopener"><img src="{image}" width="{SNIPPET_SIDE}"'
        f' height="{SNIPPET_SIDE}" alt="{label}"></a>'
    )


def embed_html(mint: Mint, key: str) -> str:
    """Return HTML for a page of one's own: a small frame that tells the state of this moment.

    Raises:
        NoSuchCredentialError: None was signed under this key.
    """
    facts = _facts(mint, key)
    width, height = EMBED_SIZE
    return (
        f'<iframe src="{escape(embed_url(mint, key))}" width="{width}" height="{height}"'
        f' title="{escape(f"{facts.title}, {facts.issuer}: what is true of it now")}" loading="lazy"'
        ' frameborder="0"></iframe>'
    )


def embed_url(mint: Mint, key: str) -> str:
    """Return the address of the frame with the live state."""
    return f"{mint.public_url}/embed/{key}"


def text_line(mint: Mint, key: str) -> str:
    """Return one line for a résumé: title, issuer, month of the award, link.

    Raises:
        NoSuchCredentialError: None was signed under this key.
    """
    facts = _facts(mint, key)
    when = "" if facts.awarded is None else text.month(facts.awarded)
    return ", ".join(part for part in (facts.title, facts.issuer, when, facts.link) if part)


def _facts(mint: Mint, key: str) -> _Facts:
    found = publish.find(mint, key)
    said = publish.said(found)
    profile = profiles.get(mint, found.issuer).profile
    return _Facts(
        title=said.title or "A credential",
        issuer=said.issuer_name or profile.name,
        linkedin=profile.linkedin,
        awarded=said.awarded_on or said.valid_from,
        until=said.valid_until,
        link=found.credential_id,
    )


def _query(values: list[tuple[str, str]]) -> str:
    return urlencode(values, quote_via=quote, safe="")
