# SPDX-License-Identifier: Apache-2.0
"""Portals: an affiliate's entry to the catalogue, with its steps, featured stacks, contacts and dates.

A portal only puts things first: every micro-credential stays reachable from each of them. What it gives is
told with its source and with how sure we are of it. The seasons stand beside the text, in their own rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from earning.store.catalogue import Picked
from earning.work.seasons import Season
from issuer.micro_credential import CODE
from issuer.toml_reader import Table, read_table

SLUG = re.compile(r"[a-z][a-z0-9-]{1,19}")
EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}")
TOPIC = re.compile(r"[a-z][a-z0-9-]{0,39}")
SEASON = re.compile(r"[0-9a-z][0-9a-z-]{0,38}")
STATE = re.compile(r"[A-Z]{2}")
_LINK = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
STATUSES: Final = ("confirmed", "unverified", "invented")
KINDS: Final = ("audience", "requirement")
# First parts of addresses that other pages have or will have.
RESERVED: Final = frozenset(
    (
        *("account", "accessibility", "achievements", "admin", "api", "awards", "catalogue", "communities"),
        *("credentials", "docs", "embed", "export", "feedback", "goals", "healthz", "help", "ims", "issuers"),
        *("manage", "oauth", "oembed", "outbox", "plan", "policies", "privacy", "recognition", "reviews"),
        *(
            "lists",
            "recognizer",
            "robots",
            "sign-in",
            "sign-out",
            "sign-up",
            "static",
            "status",
            "verify",
            "work",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Gift:
    """What an award is good for here; ``status`` says how sure that is."""

    text: str
    source: str
    url: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, in order."""

    title: str
    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Featured:
    """What the portal shows first, for an audience or towards a requirement."""

    id: str
    title: str
    kind: str
    text: str
    picked: Picked


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask about what: an office, and somebody there."""

    topic: str
    title: str
    role: str
    name: str
    text: str
    email: str
    telephone: str | None


@dataclass(frozen=True, slots=True)
class Portal:
    """One affiliate's entry."""

    slug: str
    organisation: str
    title: str
    state: str
    language: str
    summary: str
    gifts: tuple[Gift, ...]
    steps: tuple[Step, ...]
    featured: tuple[Featured, ...]
    contacts: tuple[Contact, ...]

    @property
    def path(self) -> str:
        """Its page."""
        return f"/{self.slug}"

    def contact(self, topic: str) -> Contact | None:
        """Return whom to ask about ``topic``, or None if nobody is named for it."""
        return next((each for each in self.contacts if each.topic == topic), None)


@lru_cache(maxsize=64)
def read(source: bytes, *, name: str) -> Portal:
    """Read a portal as it is stored and edited: without seasons, which have a place of their own.

    The same bytes are the same value, so that pages do not read them again.

    Raises:
        ProgrammeError: Something is missing, unknown, of the wrong type, or named twice.
    """
    table = read_table(source, name=name)
    portal = _portal(table)
    table.done()
    return portal


def read_file(source: bytes, *, name: str) -> tuple[Portal, tuple[Season, ...], bytes]:
    """Read a portal's file with its seasons; return them, and the text without the seasons.

    Raises:
        ProgrammeError: Something is missing, unknown, of the wrong type, or named twice.
    """
    table = read_table(source, name=name)
    portal = _portal(table)
    seasons = tuple(_season(item, portal.slug) for item in table.tables("season"))
    _different(table, "season", [each.id for each in seasons])
    table.done()
    # Seasons stand at the end of a file, below a line of comment at most.
    text = re.split(rb"(?m)^(?:#[^\n]*\n)?\[\[season\]\]", source, maxsplit=1)[0].rstrip() + b"\n"
    return read(text, name=name), seasons, text


def _portal(table: Table) -> Portal:
    portal = Portal(
        slug=_fitting(table, "slug", SLUG, "2 to 20 small letters, digits and hyphens"),
        organisation=table.text("organisation"),
        title=table.text("title"),
        state=_fitting(table, "state", STATE, "two letters, like WA"),
        language=table.optional_text("language") or "en",
        summary=table.text("summary"),
        gifts=tuple(_gift(item) for item in table.tables("gift")),
        steps=tuple(_step(item) for item in table.tables("step")),
        featured=tuple(_featured(item) for item in table.tables("featured")),
        contacts=tuple(_contact(item) for item in table.tables("contact")),
    )
    if portal.slug in RESERVED:
        raise table.wrong("slug", f"cannot be {portal.slug!r}, which is another page's address")
    _different(table, "featured", [each.id for each in portal.featured])
    _different(table, "contact", [each.topic for each in portal.contacts])
    return portal


def _season(table: Table, portal: str) -> Season:
    season = Season(
        id=f"{portal}/{_fitting(table, 'id', SEASON, 'digits, small letters and hyphens, like 2026-27')}",
        portal=portal,
        name=table.text("name"),
        opens_on=table.day("opens_on"),
        last_submission=table.day("last_submission"),
        last_revision=table.day("last_revision"),
    )
    if not season.opens_on <= season.last_submission <= season.last_revision:
        raise table.wrong("last_submission", "must lie between the other two days")
    table.done()
    return season


def _gift(table: Table) -> Gift:
    gift = Gift(
        text=table.text("text"),
        source=table.text("source"),
        url=_link(table),
        status=_one_of(table, "status", STATUSES),
    )
    table.done()
    return gift


def _step(table: Table) -> Step:
    step = Step(title=table.text("title"), text=table.text("text"), url=_link(table, own=True))
    table.done()
    return step


def _featured(table: Table) -> Featured:
    featured = Featured(
        id=_fitting(table, "id", TOPIC, "small letters, digits and hyphens"),
        title=table.text("title"),
        kind=_one_of(table, "kind", KINDS),
        text=table.text("text"),
        picked=Picked(stacks=_codes(table, "stacks"), codes=_codes(table, "codes")),
    )
    if featured.picked == Picked():
        raise table.wrong("stacks", "or codes must name something to feature")
    table.done()
    return featured


def _contact(table: Table) -> Contact:
    contact = Contact(
        topic=_fitting(table, "topic", TOPIC, "small letters, digits and hyphens"),
        title=table.text("title"),
        role=table.text("role"),
        name=table.text("name"),
        text=table.text("text"),
        email=_fitting(table, "email", EMAIL, "an e-mail address"),
        telephone=table.optional_text("telephone"),
    )
    table.done()
    return contact


def _fitting(table: Table, name: str, pattern: re.Pattern[str], expected: str) -> str:
    value = table.text(name)
    if not pattern.fullmatch(value):
        raise table.wrong(name, f"must be {expected}")
    return value


def _one_of(table: Table, name: str, known: tuple[str, ...]) -> str:
    value = table.text(name)
    if value not in known:
        raise table.wrong(name, f"must be one of {', '.join(known)}")
    return value


def _codes(table: Table, name: str) -> tuple[str, ...]:
    values = table.texts(name)
    if any(not CODE.fullmatch(value) for value in values):
        raise table.wrong(name, "must hold codes like SEL or SEL1")
    return values


def _link(table: Table, *, own: bool = False) -> str | None:
    value = table.optional_text("url")
    if value is None or _LINK.fullmatch(value) or (own and _PATH.fullmatch(value)):
        return value
    also = ", or a path of this site" if own else ""
    raise table.wrong("url", f"must be a link that begins with https:// or http://{also}")


def _different(table: Table, name: str, ids: list[str]) -> None:
    if len(set(ids)) != len(ids):
        raise table.wrong(name, "has two entries with one name")


def lists(portals: Mapping[str, Portal]) -> dict[str, tuple[str, Picked]]:
    """Return the lists that portals keep towards a requirement, for the filter "who recognises it"."""
    return {
        f"{portal.slug}-{each.id}": (f"{portal.title}: {each.title}", each.picked)
        for portal in portals.values()
        for each in portal.featured
        if each.kind == "requirement"
    }


def on(picked: Picked, *, code: str, stacks: tuple[str, ...]) -> bool:
    """Tell whether a micro-credential is on a list."""
    return code in picked.codes or any(stack in picked.stacks for stack in stacks)


def season_order(seasons: tuple[Season, ...], today: date) -> tuple[tuple[Season, ...], tuple[Season, ...]]:
    """Return the seasons that are running or to come, the nearest first, and those that are over."""
    alive = sorted((each for each in seasons if each.last_revision >= today), key=lambda each: each.opens_on)
    over = sorted((each for each in seasons if each.last_revision < today), key=lambda each: each.opens_on)
    return tuple(alive), tuple(reversed(over))
