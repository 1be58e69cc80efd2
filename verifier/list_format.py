# SPDX-License-Identifier: Apache-2.0
"""Published lists of issuers as JSON: two formats are read, one is written.

- ``trusted-issuers/1``, our own; described in ``docs/issuer-lists.md``. Unknown members are faults.
- The registry of known issuers of the Digital Credentials Consortium: ``{"meta": …, "registry": {"<DID>":
  {"name": …, "location": …, "url": …}}}``, as its ``community-registry`` and ``dcc-registry`` publish it. It
  has no schema, so members that we do not know are passed over.

Reading is strict: every fault is told with its place, and a list with a fault is not taken at all (threats
N5). Only identifiers ever count; names are for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, TypeVar

from credentials.dates import format_datetime
from credentials.did import did_web_url
from credentials.did import parse as parse_did
from credentials.digests import sha256_hex
from credentials.document import Json, parse, pointer, write
from credentials.errors import DocumentError, MalformedError
from verifier import explain
from verifier.errors import IssuerListError, SourceError
from verifier.intake import check_url

FORMAT: Final = "trusted-issuers/1"
LIST_BYTES: Final = 1_048_576  # bytes; some seven thousand entries
ENTRIES: Final = 9_900  # entries; a JSON document of ours holds at most 10,000 objects
ID_CHARS: Final = 512  # characters; the longest did:web seen has 90
NAME_CHARS: Final = 300  # characters of an issuer's name
TITLE_CHARS: Final = 200  # characters of a list's title
ABOUT_CHARS: Final = 2_000  # characters of what a list says about itself
URL_CHARS: Final = 2_048  # characters, as for any IRI
FAULTS: Final = 20  # faults that are told at once; the rest of such a list is not worth reading

_OWN_MEMBERS: Final = frozenset(("format", "title", "about", "publisher", "url", "version", "updated"))
_ENTRY_MEMBERS: Final = frozenset(("id", "name", "url", "since"))


@dataclass(frozen=True, slots=True)
class ListedIssuer:
    """An issuer as a published list names it; ``since`` is when it came on that list, if it says so."""

    did: str
    name: str
    url: str = ""
    since: date | None = None


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A published list as it was read; ``sha256`` is that of its exact bytes."""

    title: str
    about: str
    issuers: tuple[ListedIssuer, ...]
    sha256: str
    format: str


def read_list(raw: bytes) -> PublishedList:
    """Read a published list of either format.

    Raises:
        IssuerListError: It breaks JSON, a limit, or the format; the faults name the places.
    """
    try:
        members = parse(raw, max_bytes=LIST_BYTES).members
    except DocumentError as error:
        raise IssuerListError(f"This is no list of issuers. {error.message}") from error
    reader = _Reader()
    if "format" in members:
        found = reader.own(members)
    elif "registry" in members:
        found = reader.known_registry(members)
    else:
        raise IssuerListError(
            f"This is JSON, but no list of issuers: it has neither a “format” ({FORMAT}) nor a “registry”."
        )
    if reader.faults:
        number = len(reader.faults)
        raise IssuerListError(
            f"The list was not taken: {'one place' if number == 1 else f'{number} places'} in it "
            f"{'does' if number == 1 else 'do'} not fit. "
            + " ".join(f"{words} (at {place or 'the top'})" for place, words in reader.faults[:3]),
            faults=tuple(reader.faults),
        )
    title, about, issuers = found
    form = FORMAT if "format" in members else "registry of known issuers"
    return PublishedList(title=title, about=about, issuers=issuers, sha256=sha256_hex(raw), format=form)


def write_list(
    issuers: Iterator[ListedIssuer] | tuple[ListedIssuer, ...],
    *,
    title: str,
    about: str,
    url: str,
    version: int,
    updated: datetime,
) -> bytes:
    """Write a list in our format; the same list gives the same bytes."""
    return write(
        {
            "format": FORMAT,
            "title": title,
            "about": about,
            "url": url,
            "version": version,
            "updated": format_datetime(updated),
            "issuers": [_written(each) for each in issuers],
        }
    )


def id_fault(text: str) -> str | None:
    """Return what is wrong with the identifier of an issuer, or None: a DID, or an https address."""
    if len(text) > ID_CHARS:
        return f"An identifier has at most {ID_CHARS} characters."
    try:
        if text.startswith("did:web:"):
            did_web_url(text)
            return None
        if text.startswith("did:"):
            parse_did(text)
            return None
        if text.startswith("https://") and check_url(text) == text:
            return None
    except (MalformedError, SourceError) as error:
        return error.message
    return "An issuer is named by a DID (did:web:…, did:key:…) or by an https address."


def text_fault(text: str, *, max_chars: int, is_optional: bool = False) -> str | None:
    """Return what is wrong with a text for people, or None."""
    if not text.strip():
        return None if is_optional and not text else "This must not be empty."
    if len(text) > max_chars:
        return f"This must have at most {max_chars:,} characters."
    if any(explain.is_hidden(char) and char != "\n" for char in text):
        return "This holds hidden characters."
    return None


def url_fault(text: str) -> str | None:
    """Return what is wrong with the address of a web site, or None; "" is none."""
    if not text:
        return None
    try:
        return None if check_url(text) == text else "This is no plain web address."
    except SourceError as error:
        return error.message


def _written(issuer: ListedIssuer) -> dict[str, Json]:
    members: dict[str, Json] = {"id": issuer.did, "name": issuer.name}
    if issuer.url:
        members["url"] = issuer.url
    if issuer.since is not None:
        members["since"] = issuer.since.isoformat()
    return members


_Found = tuple[str, str, tuple[ListedIssuer, ...]]
_T = TypeVar("_T")


@dataclass(slots=True)
class _Reader:
    """Reads a list and notes every fault with its place."""

    faults: list[tuple[str, str]] = field(default_factory=list)

    def own(self, members: Mapping[str, Json]) -> _Found:
        if members["format"] != FORMAT:
            self._fault(pointer("format"), f"Only “{FORMAT}” is read here.")
            return "", "", ()
        for name in members.keys() - _OWN_MEMBERS - {"issuers"}:
            self._fault(pointer(name), "There is no such member.")
        for name in ("publisher", "url", "updated"):
            self._optional(members.get(name), pointer(name), max_chars=URL_CHARS)
        version = members.get("version", 1)
        if not isinstance(version, int) or isinstance(version, bool):
            self._fault(pointer("version"), "This must be a whole number.")
        title = self._text(members.get("title"), pointer("title"), max_chars=TITLE_CHARS)
        about = self._optional(members.get("about"), pointer("about"), max_chars=ABOUT_CHARS)
        items = members.get("issuers")
        if not isinstance(items, list):
            self._fault(pointer("issuers"), "This must be a list.")
            return title, about, ()
        return title, about, tuple(self._own_entries(items))

    def known_registry(self, members: Mapping[str, Json]) -> _Found:
        meta, registry = members.get("meta"), members["registry"]
        if meta is not None and not isinstance(meta, dict):
            self._fault(pointer("meta"), "This must be an object.")
        if not isinstance(registry, dict):
            self._fault(pointer("registry"), "This must be an object with a member for each issuer.")
            return "", "", ()
        title = meta.get("title") if isinstance(meta, dict) else None
        named = isinstance(title, str) and text_fault(title, max_chars=TITLE_CHARS) is None
        return str(title) if named else "", "", tuple(self._registered(registry))

    def _own_entries(self, items: list[Json]) -> Iterator[ListedIssuer]:
        seen: set[str] = set()
        for number, item in enumerate(self._bounded(items, "issuers")):
            place = ("issuers", number)
            if not isinstance(item, dict):
                self._fault(pointer(*place), "This must be an object.")
                continue
            for name in item.keys() - _ENTRY_MEMBERS:
                self._fault(pointer(*place, name), "There is no such member.")
            did = item.get("id")
            if not isinstance(did, str):
                self._fault(pointer(*place, "id"), "This must be a text.")
                continue
            if did in seen:
                self._fault(pointer(*place, "id"), "This issuer stands in the list twice.")
            seen.add(did)
            yield self._entry(did, item, place, id_place=pointer(*place, "id"))

    def _registered(self, registry: dict[str, Json]) -> Iterator[ListedIssuer]:
        for did, item in self._bounded(list(registry.items()), "registry"):
            place = ("registry", did)
            if not isinstance(item, dict):
                self._fault(pointer(*place), "This must be an object.")
                continue
            entry = {name: item[name] for name in ("name", "url") if item.get(name) is not None}
            yield self._entry(did, entry, place, id_place=pointer(*place))

    def _entry(
        self, did: str, item: Mapping[str, Json], place: tuple[str | int, ...], *, id_place: str
    ) -> ListedIssuer:
        fault = id_fault(did)
        if fault is not None:
            self._fault(id_place, fault)
        url = self._optional(item.get("url"), pointer(*place, "url"), max_chars=URL_CHARS)
        fault = url_fault(url)
        if fault is not None:
            self._fault(pointer(*place, "url"), fault)
        return ListedIssuer(
            did=did,
            name=self._text(item.get("name"), pointer(*place, "name"), max_chars=NAME_CHARS),
            url=url,
            since=self._day(item.get("since"), pointer(*place, "since")),
        )

    def _bounded(self, items: list[_T], name: str) -> list[_T]:
        if len(items) > ENTRIES:
            self._fault(
                pointer(name), f"A list has at most {ENTRIES:,} issuers; this one has {len(items):,}."
            )
            return []
        return items

    def _text(self, value: Json, place: str, *, max_chars: int) -> str:
        if not isinstance(value, str):
            self._fault(place, "This is missing." if value is None else "This must be a text.")
            return ""
        fault = text_fault(value, max_chars=max_chars)
        if fault is not None:
            self._fault(place, fault)
        return value.strip()

    def _optional(self, value: Json, place: str, *, max_chars: int) -> str:
        if value is None or value == "":
            return ""
        return self._text(value, place, max_chars=max_chars)

    def _day(self, value: Json, place: str) -> date | None:
        if value is None:
            return None
        try:
            return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
        except ValueError:
            self._fault(place, "This must be a day like 2026-11-22.")
            return None

    def _fault(self, place: str, words: str) -> None:
        if len(self.faults) < FAULTS:
            self.faults.append((place, words))
