# SPDX-License-Identifier: Apache-2.0
"""The lists of recognised issuers that this house keeps: one for each organisation that recognises.

Every change is a transaction with its audit line and a new version of the list. Entries count by identifier
alone; names, addresses and notes are for people. A list is public but for its notes: whoever checks a
credential may do so against it. Lists of others are brought in by ``verifier.list_sources``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from credentials.digests import sha256_hex
from service import audit
from service.db import Database
from service.errors import DatabaseUnavailableError
from verifier.bureau import Bureau
from verifier.errors import IssuerFieldError, NoSuchIssuerListError
from verifier.list_format import (
    ABOUT_CHARS,
    ENTRIES,
    NAME_CHARS,
    TITLE_CHARS,
    ListedIssuer,
    id_fault,
    text_fault,
    url_fault,
    write_list,
)
from verifier.ports import KnownIssuer, Registry
from verifier.registry import IssuerList, NotLoaded
from verifier.store import issuer_lists as rows
from verifier.store.issuer_lists import Entry, Listing

NOTE_CHARS: Final = 1_000  # characters of a note to oneself
MEDIA_TYPE: Final = "application/json"
KEPT_LISTS: Final = 16  # loaded lists that one process keeps; a list of the largest size has some 2 MB

Own = Callable[[], Sequence[KnownIssuer]]


@dataclass(frozen=True, slots=True)
class Published:
    """A list as anybody may read it: its entries, its exact JSON and the digest of that."""

    listing: Listing
    entries: tuple[Entry, ...]
    path: str
    body: bytes
    sha256: str


# -- reading ----------------------------------------------------------------------------------------------


def choices(bureau: Bureau) -> tuple[tuple[str, str], ...]:
    """Return short name and title of every list that one can check against, by title."""
    with bureau.db.reading() as session:
        return tuple((each.slug, each.title) for each in rows.every(session))


def registry(db: Database, slug: str, own: Own = tuple) -> Registry | None:
    """Return the list with this short name for comparing, or None.

    A list that is used says who is recognised: issuers of this house are not, unless they stand on it. They
    are known for comparing names.
    """
    return Lists(db, own)(slug)


@dataclass(frozen=True, slots=True)
class Lists:
    """Finds lists for the desk; keeps what it has loaded until the list changes.

    Attributes:
        own: The issuers of this house.
    """

    db: Database
    own: Own = tuple
    _kept: dict[str, tuple[int, IssuerList]] = field(default_factory=dict)

    def __call__(self, slug: str) -> Registry | None:
        """Return the list with this short name, or None; one that cannot be read now says so itself."""
        try:
            return self._load(slug)
        except DatabaseUnavailableError:
            return NotLoaded(slug)

    def _load(self, slug: str) -> IssuerList | None:
        with self.db.reading() as session:
            listing = rows.get(session, slug)
            if listing is None:
                return None
            known = self._kept.get(slug)
            if known is None or known[0] != listing.version:
                entries = rows.entries(session, slug)
                issuers = tuple(KnownIssuer(did=each.did, name=each.name) for each in entries)
                known = listing.version, IssuerList(issuers, title=listing.title)
                if len(self._kept) >= KEPT_LISTS:
                    self._kept.clear()
                self._kept[slug] = known
        return replace(known[1], others=tuple(self.own()))


def listing(bureau: Bureau, slug: str) -> Listing | None:
    """Return a list without its entries, or None."""
    with bureau.db.reading() as session:
        return rows.get(session, slug)


def overview(bureau: Bureau) -> tuple[tuple[Listing, int], ...]:
    """Return every list and how many issuers stand on it, by title; the entries are not read."""
    with bureau.db.reading() as session:
        return tuple((each, rows.count(session, each.slug)) for each in rows.every(session))


def published(bureau: Bureau, slug: str) -> Published:
    """Return a list as anybody may read it.

    Raises:
        NoSuchIssuerListError: There is none.
    """
    found = document(bureau.db, bureau.public_url, slug)
    if found is None:
        raise NoSuchIssuerListError("There is no such list of recognised issuers here.", got=slug[:40])
    return found


def document(db: Database, public_url: str, slug: str) -> Published | None:
    """Return a list with its exact JSON, or None."""
    with db.reading() as session:
        listing = rows.get(session, slug)
        if listing is None:
            return None
        entries = rows.entries(session, slug)
    path = f"/lists/{slug}"
    body = write_list(
        tuple(ListedIssuer(each.did, each.name, each.url, each.added_at.date()) for each in entries),
        title=listing.title,
        about=listing.about,
        url=f"{public_url}{path}.json",
        version=listing.version,
        updated=listing.changed_at,
    )
    return Published(listing, entries, path, body, sha256_hex(body))


def search(entries: tuple[Entry, ...], words: str) -> tuple[Entry, ...]:
    """Return the entries whose name, identifier or web site holds all ``words``; all for ""."""
    wanted = words.casefold().split()[:8]
    return tuple(
        each
        for each in entries
        if all(word in f"{each.name} {each.did} {each.url}".casefold() for word in wanted)
    )


def taken_off(bureau: Bureau, slug: str) -> tuple[Entry, ...]:
    """Return who was taken off a list by a person, newest first."""
    with bureau.db.reading() as session:
        return rows.entries(session, slug, removed=True)


def own_document(db: Database, public_url: str, name: str) -> tuple[str, bytes] | None:
    """Return a list of ours by the address of its JSON, for whoever reads documents by name; or None."""
    start = f"{public_url}/lists/"
    if not name.startswith(start) or not name.endswith(".json"):
        return None
    found = document(db, public_url, name.removeprefix(start).removesuffix(".json"))
    return None if found is None else (MEDIA_TYPE, found.body)


def on_lists(db: Database, did: str) -> tuple[tuple[str, str], ...]:
    """Return title and path of every list on which an issuer stands."""
    with db.reading() as session:
        return tuple((each.title, f"/lists/{each.slug}") for each in rows.lists_with(session, did))


# -- changing ---------------------------------------------------------------------------------------------


def ensure(bureau: Bureau, slug: str, title: str, *, actor: str, now: datetime) -> Listing:
    """Return the list of an organisation; it begins empty, under the organisation's name."""
    with bureau.db.transaction() as session:
        found = rows.get(session, slug)
        if found is None:
            rows.put(session, slug, title=title[:TITLE_CHARS], about="", now=now)
            _note(bureau, slug, "issuer-list.begun", actor=actor, now=now)
            found = rows.get(session, slug)
    if found is None:
        raise NoSuchIssuerListError("There is no such list of recognised issuers here.", got=slug[:40])
    return found


def describe(bureau: Bureau, slug: str, *, title: str, about: str, actor: str, now: datetime) -> None:
    """Give a list this title and description.

    Raises:
        IssuerFieldError: One of them does not fit.
        NoSuchIssuerListError: There is no such list.
    """
    _check("title", text_fault(title, max_chars=TITLE_CHARS))
    _check("about", text_fault(about, max_chars=ABOUT_CHARS, is_optional=True))
    with bureau.db.transaction() as session:
        if rows.get(session, slug) is None:
            raise NoSuchIssuerListError("There is no such list.", got=slug[:40])
        rows.put(session, slug, title=title, about=about, now=now)
        _note(bureau, slug, "issuer-list.described", actor=actor, now=now)


def add(bureau: Bureau, slug: str, given: ListedIssuer, *, note: str, actor: str, now: datetime) -> None:
    """Put an issuer on a list; one that stands there already gets this name, address and note.

    Raises:
        IssuerFieldError: Identifier, name, address or note does not fit, or the list is full.
        NoSuchIssuerListError: There is no such list.
    """
    _check("did", id_fault(given.did))
    _check("name", text_fault(given.name, max_chars=NAME_CHARS))
    _check("url", url_fault(given.url))
    _check("note", text_fault(note, max_chars=NOTE_CHARS, is_optional=True))
    with bureau.db.transaction() as session:
        if rows.get(session, slug) is None:
            raise NoSuchIssuerListError("There is no such list.", got=slug[:40])
        known = rows.entry(session, slug, given.did)
        if known is None and rows.count(session, slug) >= ENTRIES:
            raise IssuerFieldError(f"The list is full: it has {ENTRIES:,} issuers.", path="did")
        made = Entry(given.did, given.name, given.url, note, "", now, actor)
        if known is not None and known.removed_at is None:
            made = replace(known, name=given.name, url=given.url, note=note)
        rows.put_entry(session, slug, made)
        version = rows.touch(session, slug, now=now)
        action = "issuer-list.added" if known is None or known.removed_at else "issuer-list.changed"
        _note(bureau, slug, action, actor=actor, now=now, did=given.did, version=version)


def remove(bureau: Bureau, slug: str, did: str, *, actor: str, now: datetime) -> bool:
    """Take an issuer off a list; it can be put back as it was. Return whether it stood there."""
    with bureau.db.transaction() as session:
        if not rows.take_off(session, slug, did, by=actor, now=now):
            return False
        version = rows.touch(session, slug, now=now)
        _note(bureau, slug, "issuer-list.removed", actor=actor, now=now, did=did, version=version)
    return True


def put_back(bureau: Bureau, slug: str, did: str, *, actor: str, now: datetime) -> bool:
    """Put an issuer back that was taken off, as it was; return whether it had been.

    Raises:
        IssuerFieldError: The list is full.
    """
    with bureau.db.transaction() as session:
        if rows.count(session, slug) >= ENTRIES:
            raise IssuerFieldError(f"The list is full: it has {ENTRIES:,} issuers.", path="did")
        if not rows.put_back(session, slug, did):
            return False
        version = rows.touch(session, slug, now=now)
        _note(bureau, slug, "issuer-list.put-back", actor=actor, now=now, did=did, version=version)
    return True


def annotate(bureau: Bureau, slug: str, did: str, note: str, *, actor: str, now: datetime) -> bool:
    """Write the note of an entry, which is not published; return whether the entry exists.

    Raises:
        IssuerFieldError: The note does not fit.
    """
    _check("note", text_fault(note, max_chars=NOTE_CHARS, is_optional=True))
    with bureau.db.transaction() as session:
        known = rows.entry(session, slug, did)
        if known is None or known.removed_at is not None:
            return False
        rows.put_entry(session, slug, replace(known, note=note))
        _note(bureau, slug, "issuer-list.noted", actor=actor, now=now, did=did)
    return True


def _note(
    bureau: Bureau, slug: str, action: str, *, actor: str, now: datetime, **detail: str | int | None
) -> None:
    """Write the audit line of a change, in its transaction."""
    with bureau.db.transaction() as session:
        audit.record(
            session, actor=actor, action=action, subject=f"issuer-list:{slug}", detail=detail, now=now
        )


def _check(field: str, fault: str | None) -> None:
    if fault is not None:
        raise IssuerFieldError(fault, path=field)
